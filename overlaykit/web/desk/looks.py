"""GET /desk/themes.json: how the overlays look, and what may be chosen for them."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Any

from flask import Blueprint, Response
from msgspec import Struct

from overlaykit.board import Fold
from overlaykit.board.look import OptionValue
from overlaykit.errors import OverlaykitError
from overlaykit.theming import KeptThemes, LoadedTheme
from overlaykit.theming.options import MOST, Number, Option, Select
from overlaykit.theming.words import text_in
from overlaykit.web.edge import allow, edge
from overlaykit.web.http.auth import DESK
from overlaykit.web.http.bodies import answer_json
from overlaykit.web.http.problems import ProblemError, problem
from overlaykit.web.http.query import session_name, text
from overlaykit.web.names.looks import expected, no_such_theme, read_value, type_of
from overlaykit.web.words import language, words


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
    except OverlaykitError:
        if asked is not None and asked not in themes.names:
            raise ProblemError(problem(404, no_such_theme(asked, themes.names))) from None
        chosen = None  # the list says why
    answer = LooksAnswer(
        themes=[_titled(themes, name) for name in themes.names],
        planned=SaidLook(fold.plan.theme, dict(fold.plan.options)),
        changed=SaidLook(fold.theme, dict(fold.options)),
        now=SaidLook(*fold.look),
        chosen=chosen,
    )
    return answer_json(answer, kept=False)


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
            type=type_of(option),
            label=text_in(option.label, lang) or name,
            help=text_in(option.help, lang),
            group=text_in(option.group, lang),
            expects=expected(option, say),
            default=default,
            planned=read_value(option, fold.plan.options.get(name, default)),
            now=read_value(option, fold.look.options.get(name, default)),
            **limits,
        )


def _titled(themes: KeptThemes, name: str) -> ThemeTitle:
    try:
        return ThemeTitle(name, themes.get(name).manifest.name, None)
    except OverlaykitError as error:
        return ThemeTitle(name, name, error.message)
