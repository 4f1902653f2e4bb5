"""Every layout over every state of a board, in both languages: what fails, and keys that stand twice in a picture."""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Iterator, Mapping
from html.parser import HTMLParser

from msgspec.structs import replace

from overlaykit.board.types import Board, BoardItem
from overlaykit.errors import OverlaykitError
from overlaykit.theming.checking.findings import Finding, finding_of
from overlaykit.theming.checking.templates import line_of
from overlaykit.theming.options import OptionValue
from overlaykit.theming.picture import Picture, open_picture
from overlaykit.theming.states import STATE_LOCALES, state_formats, states
from overlaykit.theming.subject import Selector, subject_of
from overlaykit.theming.theme import LoadedTheme


def check(theme: LoadedTheme) -> Iterator[Finding]:
    """Renders everything once; an error is told once, with the first state that leads to it."""
    for layout in theme.layouts:
        told: set[str] = set()
        for locale in STATE_LOCALES:
            try:
                picture = _open(theme, layout, locale, {})
            except OverlaykitError as error:
                yield finding_of(error, theme.folder, "syntax", file=theme.manifest.layouts[layout].template)
                break
            yield from _over_states(theme, picture, locale, told)
        else:
            yield from _over_options(theme, layout, told)


def boards_to_check(locale: str) -> dict[str, tuple[Board, BoardItem | None]]:
    """State → board and subject: those of `states`, and those in which something more is missing."""
    found = {name: (board, subject_of(board, Selector())) for name, board in states(locale).items()}
    board, item = found["drop"]
    assert item is not None
    assert item.drop is not None
    bare = replace(item, drop=replace(item.drop, price=None, countdown=None))
    found["a drop without a price or an end"] = (_with(board, bare), bare)
    board, item = found["presale"]
    assert item is not None
    undated = replace(item, ship_by=None)
    found["presale without a day"] = (_with(board, undated), undated)
    board, item = found["plenty"]
    assert item is not None
    unpriced = replace(item, price=None, list_price=None, pace_per_minute=None, sells_out_at=None)
    found["no price"] = (_with(board, unpriced), unpriced)
    alone = replace(board, items={item.sku: item}, order=[item.sku])
    found["one item, so that next is None"] = (alone, item)
    found["no item at all"] = (
        replace(board, items={}, order=[], products={}, on_air=None, on_air_product=None),
        None,
    )
    return found


def repeated_keys(markup: str) -> dict[str, int]:
    """data-key → how often, for those that stand more than once in a picture."""
    reader = _Keys()
    reader.feed(markup)
    return {key: times for key, times in reader.found.items() if times > 1}


def _over_states(theme: LoadedTheme, picture: Picture, locale: str, told: set[str]) -> Iterator[Finding]:
    """`told`: what was said of this layout already; what is said here is added."""
    template = theme.manifest.layouts[picture.layout.name].template
    for state, (board, item) in boards_to_check(locale).items():
        try:
            markup = picture.render(board, item)
        except OverlaykitError as error:
            if error.message not in told:
                told.add(error.message)
                yield _failed(theme, error, template, f"layout {picture.layout.name}, state {state}")
            continue
        for key, times in repeated_keys(markup).items():
            if key not in told:
                told.add(key)
                yield Finding(
                    level="error",
                    rule="keys",
                    file=template,
                    line=line_of(theme.folder, template, _where(key)),
                    reason=f"{times} elements have data-key {key!r} (layout {picture.layout.name}, state {state}): "
                    "the page cannot tell them apart",
                    remedy="Show the value once, or give each of them key='…' of its own.",
                )


def _over_options(theme: LoadedTheme, layout: str, told: set[str]) -> Iterator[Finding]:
    """Each choice of each option by itself: what fails there and did not fail before."""
    template = theme.manifest.layouts[layout].template
    for option, value in _settings(theme):
        try:
            picture = _open(theme, layout, STATE_LOCALES[0], {option: value})
            for state in ("plenty", "nothing_on_air", "drop"):
                board = states(STATE_LOCALES[0])[state]
                picture.render(board, subject_of(board, Selector()))
        except OverlaykitError as error:
            if error.message not in told:
                told.add(error.message)
                yield _failed(theme, error, template, f"layout {layout}, option.{option}={value}")


def _settings(theme: LoadedTheme) -> Iterator[tuple[str, OptionValue]]:
    for name, option in theme.manifest.options.items():
        choices = getattr(option, "choices", None)
        if choices is not None:
            yield from ((name, choice) for choice in choices)
        elif isinstance(option.default, bool):
            yield name, not option.default


def _open(theme: LoadedTheme, layout: str, locale: str, options: Mapping[str, OptionValue]) -> Picture:
    formats = state_formats(locale)
    return open_picture(theme, layout, formats=formats, options=theme.options(strict=options), asset_url="/theme")


def _failed(theme: LoadedTheme, error: OverlaykitError, template: str, where: str) -> Finding:
    found = finding_of(error, theme.folder, "rendering", file=template)
    remedy = found.remedy
    if "was asked of None" in found.reason:
        remedy = "Write {% if … %} around it, or name what the layout cannot do without in `needs` of theme.toml."
    return replace(found, reason=f"{found.reason} ({where})", remedy=remedy)


def _with(board: Board, item: BoardItem) -> Board:
    return replace(board, items={**board.items, item.sku: item})


def _where(key: str) -> str:
    """What a template's line has in it that wrote this key."""
    return rf"\.{re.escape(key.rpartition('.')[2])}\b|data-key=\"{re.escape(key.partition('.')[0])}"


class _Keys(HTMLParser):
    def __init__(self) -> None:
        super().__init__()
        self.found: Counter[str] = Counter()

    def handle_starttag(self, tag: str, attributes: list[tuple[str, str | None]]) -> None:
        self.found.update(value for name, value in attributes if name == "data-key" and value)
