"""GET /desk/themes.json: how the overlays look, and what may be chosen for them; and what is wrong with an overlay.set."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Any

import msgspec
from flask import Blueprint, Response
from msgspec import UNSET, Struct

from overlaykit.board import Fold
from overlaykit.board.look import OptionValue
from overlaykit.errors import NotFound, OverlaykitError
from overlaykit.model.commands import OverlaySet
from overlaykit.plan import Words, nearest_name
from overlaykit.theming import KeptThemes, LoadedTheme
from overlaykit.theming.options import MOST, Number, Option, Select
from overlaykit.theming.words import text_in
from overlaykit.web.auth import DESK
from overlaykit.web.edge import allow, edge
from overlaykit.web.naming import UnknownName
from overlaykit.web.query import session_name, text
from overlaykit.web.words import LANGUAGES, language, words

SEVERAL = 24
"""Names that an answer lists."""


class SaidLook(Struct, frozen=True):
    """What somebody says of the look: the theme, None for nothing, and options by name."""

    theme: str | None
    options: dict[str, OptionValue]


class ThemeTitle(Struct, frozen=True):
    """A theme to choose. `error`: why it cannot be shown, None when it can."""

    name: str
    title: str
    error: str | None


class LayoutChoice(Struct, frozen=True):
    """A layout. `sizes`: of its pictures, such as 1080x1920; `needs`: what it shows nothing without."""

    name: str
    title: str
    sizes: tuple[str, ...]
    needs: tuple[str, ...]


class OptionChoice(Struct, frozen=True, kw_only=True):
    """An option of the chosen theme, in the page's language.

    expects        what its value has to be, in words
    default        the theme's value
    planned, now   the plan's value, and the one of this moment; None where that is no value of this option
    choices        (word, name for people) of a select
    min, max       of a number, None for any
    """

    name: str
    type: str
    label: str
    help: str
    group: str
    expects: str
    default: OptionValue
    planned: OptionValue | None
    now: OptionValue | None
    choices: tuple[tuple[str, str], ...] = ()
    min: float | None = None
    max: float | None = None


class ChosenTheme(Struct, frozen=True):
    """The theme that was asked for, else the session's."""

    name: str
    layouts: list[LayoutChoice]
    options: list[OptionChoice]


class LooksAnswer(Struct, frozen=True, kw_only=True):
    """planned: what the plan says; changed: what was changed in the evening; chosen: None where that theme cannot be loaded."""

    themes: list[ThemeTitle]
    planned: SaidLook
    changed: SaidLook
    now: SaidLook
    chosen: ChosenTheme | None


def blueprint() -> Blueprint:
    routes = Blueprint("looks", __name__)
    routes.add_url_rule("/desk/themes.json", view_func=looks)
    return routes


def looks() -> Response:
    """`theme`: whose options and layouts are wanted. Raises NotFound for one that there is not."""
    allow(DESK)
    fold, themes, lang = edge().rooms.get(session_name()).fold, edge().themes, language()
    asked = text("theme")
    chosen: ChosenTheme | None
    try:
        chosen = _chosen(themes.get(asked or fold.look.theme), fold, lang)
    except OverlaykitError as error:
        if asked is not None and isinstance(error, NotFound):
            raise
        chosen = None  # the list says why
    answer = LooksAnswer(
        themes=[_titled(themes, name) for name in themes.names],
        planned=SaidLook(fold.plan.theme, dict(fold.plan.options)),
        changed=SaidLook(fold.theme, dict(fold.options)),
        now=SaidLook(*fold.look),
        chosen=chosen,
    )
    return Response(msgspec.json.encode(answer), content_type="application/json", headers={"Cache-Control": "no-store"})


def wrong_look(themes: KeptThemes, fold: Fold, command: OverlaySet) -> UnknownName | None:
    """The first thing in the command that the themes do not know: a theme, an option, a value. None when it is all right."""
    if isinstance(command.theme, str) and command.theme not in themes.names:
        return UnknownName("theme", _no_such(Words("theme", "主题"), command.theme, themes.names))
    name = fold.look.theme if command.theme is UNSET else command.theme or fold.plan.theme
    try:
        options = themes.get(name).manifest.options
    except OverlaykitError as error:
        said = error.message
        return UnknownName("theme", Words(f"the theme {name} cannot be used: {said}", f"主题 {name} 用不了：{said}"))
    for option, value in command.options.items():
        if value is None:
            continue
        if option not in options:
            return UnknownName(f"options.{option}", _no_such(Words("option", "选项"), option, list(options)))
        if _read(options[option], value) is None:
            en, zh = (_expected(options[option], words(lang)) for lang in reversed(LANGUAGES))
            return UnknownName(f"options.{option}", Words(f"{option}: {en}", f"{option}：{zh}"))
    return None


def _chosen(theme: LoadedTheme, fold: Fold, lang: str) -> ChosenTheme:
    layouts = theme.titled(lang).values()
    return ChosenTheme(
        theme.id,
        [LayoutChoice(each.name, each.title, each.size, each.needs) for each in layouts],
        list(_options(theme.manifest.options, fold, lang)),
    )


def _options(options: Mapping[str, Option], fold: Fold, lang: str) -> Iterator[OptionChoice]:
    say = words(lang)
    for name, option in options.items():
        limits: dict[str, Any] = {}
        if isinstance(option, Number):
            low, high = option.limits()
            limits = {"min": low if low > -MOST else None, "max": high if high < MOST else None}
        if isinstance(option, Select):
            limits["choices"] = tuple(
                (word, text_in(option.labels.get(word, ""), lang) or word) for word in option.choices
            )
        default = option.read(option.default)
        yield OptionChoice(
            name=name,
            type=_type(option),
            label=text_in(option.label, lang) or name,
            help=text_in(option.help, lang),
            group=text_in(option.group, lang),
            expects=_expected(option, say),
            default=default,
            planned=_read(option, fold.plan.options.get(name, default)),
            now=_read(option, fold.look.options.get(name, default)),
            **limits,
        )


def _read(option: Option, value: object) -> OptionValue | None:
    try:
        return option.read(value)
    except ValueError:
        return None


def _type(option: Option) -> str:
    return str(type(option).__struct_config__.tag)


def _expected(option: Option, say: Mapping[str, str]) -> str:
    """What a value of it has to be."""
    if isinstance(option, Select):
        return say["theme_expects_select"].format(choices=say["theme_comma"].join(option.choices))
    if isinstance(option, Number):
        low, high = option.limits()
        limits = "" if (low, high) == (-MOST, MOST) else say["theme_limits"].format(low=f"{low:g}", high=f"{high:g}")
        return say[f"theme_expects_{_type(option)}"].format(limits=limits)
    return say[f"theme_expects_{_type(option)}"]


def _titled(themes: KeptThemes, name: str) -> ThemeTitle:
    try:
        return ThemeTitle(name, themes.get(name).manifest.name, None)
    except OverlaykitError as error:
        return ThemeTitle(name, name, error.message)


def _no_such(kind: Words, name: str, known: list[str]) -> Words:
    near = nearest_name(name, known)
    more = " …" if len(known) > SEVERAL else ""
    en = f"there is no {kind.en} {name!r}; there are: {', '.join(known[:SEVERAL])}{more}"
    zh = f"没有名为 {name} 的{kind.zh}；有：{'、'.join(known[:SEVERAL])}{more}"
    return Words(en, zh) if near is None else Words(f"{en}; did you mean {near}?", f"{zh}；是不是想写 {near}？")
