"""What is wrong with an overlay.set: a theme, an option or a value that there is not."""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence

from msgspec import UNSET

from overlaykit.board import Fold
from overlaykit.board.look import OptionValue
from overlaykit.errors import OverlaykitError
from overlaykit.model.commands import OverlaySet
from overlaykit.plan import Words
from overlaykit.theming import KeptThemes
from overlaykit.theming.options import MOST, Number, Option, Select
from overlaykit.web.names.naming import UnknownName, listed
from overlaykit.web.words import LANGUAGES, words

THEME = Words("theme", "主题")
OPTION = Words("option", "选项")
LONGEST_SHOWN = 40
"""Characters of a value that an answer repeats."""


def wrong_look(
    themes: KeptThemes, fold: Fold, command: OverlaySet, before: OverlaySet | None = None
) -> UnknownName | None:
    """The first thing that the themes do not know, as the look would be with the command: a theme, an option, a value. None when it
    is all right. `before`: what is on its way already, and the fold may not know yet."""
    if command.theme is UNSET and not any(value is not None for value in command.options.values()):
        return None  # options go back to the plan
    if isinstance(command.theme, str) and command.theme not in themes.names:
        return UnknownName("theme", no_such_theme(command.theme, themes.names))
    theme, now = fold.theme, dict[str, OptionValue | None](fold.options)
    for each in (before, command):
        if each is not None:
            theme = theme if each.theme is UNSET else each.theme
            now.update(each.options)
    name = theme or fold.plan.theme
    try:
        options = themes.get(name).manifest.options
    except OverlaykitError as error:
        why = error.message
        return UnknownName("theme", Words(f"the theme {name} cannot be used: {why}", f"主题 {name} 用不了：{why}"))
    for option, value in command.options.items():
        if value is not None and option not in options:
            return UnknownName(f"options.{option}", _no_such(OPTION, option, list(options)))
        if value is not None and read_value(options[option], value) is None:
            expects = _expects(option, options[option])
            en, zh = f"{expects.en}, not {_shown(value)}", f"{expects.zh}，不能是 {_shown(value)}"
            return UnknownName(f"options.{option}", Words(en, zh))
    if command.theme is not UNSET:
        changed = {option: value for option, value in now.items() if value is not None}
        return _left_over(options, {**fold.plan.options, **changed}, name)
    return None


def no_such_theme(name: str, known: Sequence[str]) -> Words:
    return _no_such(THEME, name, known)


def read_value(option: Option, value: object) -> OptionValue | None:
    """The value as the theme gets it; None of one that does not fit."""
    try:
        return option.read(value)
    except ValueError:
        return None


def type_of(option: Option) -> str:
    """As theme.toml names it."""
    return str(type(option).__struct_config__.tag)


def expected(option: Option, say: Mapping[str, str]) -> str:
    """What a value of it has to be."""
    if isinstance(option, Select):
        return say["theme_expects_select"].format(choices=say["theme_comma"].join(option.choices))
    if isinstance(option, Number):
        low, high = option.limits()
        limits = "" if (low, high) == (-MOST, MOST) else say["theme_limits"].format(low=f"{low:g}", high=f"{high:g}")
        return say[f"theme_expects_{type_of(option)}"].format(limits=limits)
    return say[f"theme_expects_{type_of(option)}"]


def _left_over(options: Mapping[str, Option], values: Mapping[str, OptionValue], theme: str) -> UnknownName | None:
    """A value that was said for another theme, and that this one, which has an option of that name, cannot read."""
    for name, option in options.items():
        if name in values and read_value(option, values[name]) is None:
            expects, now = _expects(name, option), _shown(values[name])
            en = f"{expects.en}; it is {now} now, which {theme} does not take: say another value in options"
            zh = f"{expects.zh}；现在是 {now}，{theme} 不能用：请在 options 里另给一个值"
            return UnknownName(f"options.{name}", Words(en, zh))
    return None


def _shown(value: OptionValue) -> str:
    text = json.dumps(value, ensure_ascii=False)
    return text if len(text) <= LONGEST_SHOWN else f"{text[:LONGEST_SHOWN]}…"


def _expects(name: str, option: Option) -> Words:
    zh, en = (expected(option, words(lang)) for lang in LANGUAGES)
    return Words(f"{name}: {en}", f"{name}：{zh}")


def _no_such(kind: Words, name: str, known: Sequence[str]) -> Words:
    there = listed(name, known)
    return Words(
        f"there is no {kind.en} {name!r}; there are: {there.en}", f"没有名为 {name} 的{kind.zh}；有：{there.zh}"
    )
