"""The live parts of an open view: what each said last, and what it says of a new board."""

from __future__ import annotations

import re
import secrets
from collections import Counter
from collections.abc import Callable, Iterable, Mapping
from typing import Any

from jinja2 import Undefined
from markupsafe import Markup
from msgspec import Struct

from overlaykit.board.types import Board, BoardItem
from overlaykit.errors import ThemeError
from overlaykit.theming.keyed import OwnedDeadline, OwnedDrop, read_field

_MARK = secrets.token_hex(8)
"""Unknown to templates and titles, so that nobody can write a placeholder by hand."""
_PLACEHOLDER = re.compile(f"\x00{_MARK}:(\\d+)\x00")
_PLAIN = (Struct, str, int, float, type(None))

Values = dict[str, object]
Draw = Callable[[Values], tuple[str, bool]]
"""Renders a part from the values that it names; its markup, and whether that follows from these values alone."""


class Rendered(Struct, frozen=True):
    """A picture as it was rendered.

    skeleton  the markup with a placeholder for each part: the same as long as nothing but parts changed
    parts     the markup of each part by its key, in order
    """

    skeleton: str
    parts: dict[str, str]

    @property
    def html(self) -> str:
        """The whole markup."""
        if not self.parts:
            return self.skeleton
        markups = list(self.parts.values())
        return _PLACEHOLDER.sub(lambda found: markups[int(found[1])], self.skeleton)


class Shown(Struct, frozen=True):
    """What a rendering shows.

    item, following  the subject and what comes next
    names            the names of the template, with their values
    implicit         what macros take into account without being given it
    """

    board: Board
    item: BoardItem | None
    following: BoardItem | None
    names: Mapping[str, object]
    implicit: object


class Outer(Struct, frozen=True):
    """What a template looks at outside of its parts.

    fields    of items
    products  whether anything looks at products
    lasting   names of imported templates, which are the same in every rendering
    """

    fields: frozenset[str]
    products: bool
    lasting: frozenset[str]


class _Part:
    """A part: the values it was rendered from, by name, and what came of them.

    touches  the items it looks at; None: anything may change it
    """

    __slots__ = ("draw", "follows", "markup", "touches", "values")

    def __init__(self, values: Values, draw: Draw, lasting: frozenset[str]) -> None:
        self.values = values
        self.draw = draw
        self.markup, self.follows = draw(values)
        self.touches = (
            _skus_of(value for name, value in values.items() if name not in lasting) if self.follows else None
        )

    def moved(self, before: Shown, now: Shown, lasting: frozenset[str]) -> Values | None:
        """Its values as they are now; None when that cannot be told from here."""
        found = {name: value if name in lasting else _moved(value, before, now) for name, value in self.values.items()}
        return None if any(value is _LOST for value in found.values()) else found


class LiveParts:
    """What the parts of one open view said last. Give the same object to each `Picture.paint` of the view.

    outer  what its template looks at outside of parts; None: nobody can tell, so the whole is rendered each time
    """

    def __init__(self, outer: Outer | None) -> None:
        self._outer = outer
        self._lasting = outer.lasting if outer is not None else frozenset[str]()
        self._kept: dict[str, _Part] = {}
        self._gathered: dict[str, _Part] = {}
        self._implicit: object = None
        self._last: tuple[Shown, Rendered] | None = None

    def begin(self, shown: Shown) -> None:
        """A rendering of the whole begins. When what is implicit has changed, every part is rendered again."""
        if shown.implicit != self._implicit:
            self._kept = {}
        self._implicit = shown.implicit
        self._gathered = {}
        self._last = None

    def has(self, key: str) -> bool:
        """Whether the rendering that goes on has a part `key` already."""
        return key in self._gathered

    def part(self, key: str, values: Values, draw: Draw) -> Markup:
        """A placeholder for the part `key`, which is rendered only when one of `values` is not what it was."""
        if key in self._gathered:
            raise ThemeError(
                f"two live parts have the key {key!r}", remedy="Give each its own, such as the sku of what it shows."
            )
        part = self._kept.get(key)
        if part is None or not part.follows or not self._same(part.values, values):
            part = _Part(values, draw, self._lasting)
        else:
            part.draw = draw  # the one before holds on to the board before
        place = len(self._gathered)
        self._gathered[key] = part
        return Markup(f"\x00{_MARK}:{place}\x00")

    def _same(self, before: Values, now: Values) -> bool:
        return all(name in self._lasting or _equal(value, now[name]) for name, value in before.items())

    def end(self, shown: Shown, markup: str, finish: Callable[[Rendered], Rendered], *, told: bool) -> Rendered:
        """The rendering is done: `markup` with placeholders, which `finish` completes. Parts that it does not have any
        more are forgotten. `told`: what stands outside of parts follows from what `Outer` lists."""
        placed = _PLACEHOLDER.findall(markup)
        if len(placed) != len(set(placed)):
            again = int(next(place for place, count in Counter(placed).items() if count > 1))
            raise ThemeError(
                f"the live part {list(self._gathered)[again]!r} is put into the picture more than once",
                remedy="Write it where it stands, not in a {% set %} that is used again.",
            )
        self._kept = self._gathered
        rendered = finish(Rendered(markup, {key: part.markup for key, part in self._kept.items()}))
        self._last = (shown, rendered) if told else None
        return rendered

    def patch(self, now: Shown) -> Rendered | None:
        """The rendering of `now`, when nothing but parts can have changed since the last one; else None."""
        if self._last is None or self._outer is None:
            return None
        before, rendered = self._last
        changed = _changed(before, now, self._outer)
        if changed is None:
            return None
        fresh: dict[str, _Part] = {}
        for key, part in self._kept.items():
            if part.touches is None or not part.touches.isdisjoint(changed):
                values = part.moved(before, now, self._lasting) if part.follows else None
                if values is None:
                    return None
                fresh[key] = _Part(values, part.draw, self._lasting)
        if fresh:
            self._kept.update(fresh)
            rendered = Rendered(rendered.skeleton, rendered.parts | {key: part.markup for key, part in fresh.items()})
        self._last = (now, rendered)
        return rendered


def _changed(before: Shown, now: Shown, outer: Outer) -> set[str] | None:
    """The items that changed; None when something changed that shows outside of parts."""
    old, new = before.board, now.board
    if (
        before.implicit != now.implicit
        or _sku(before.following) != _sku(now.following)
        or old.order != new.order
        or old.session != new.session
        or old.countdowns != new.countdowns
        or old.announcements != new.announcements
        or (outer.products and old.products != new.products)
    ):
        return None
    changed = set()
    for sku, item in new.items.items():
        was = old.items.get(sku)
        if was is item:
            continue
        if was is None or any(getattr(was, field) != getattr(item, field) for field in outer.fields):
            return None
        changed.add(sku)
    return changed


_LOST = object()


def _moved(value: object, before: Shown, now: Shown) -> object:
    """The same value of the new board."""
    if isinstance(value, BoardItem):
        return now.board.items.get(value.sku, _LOST)
    if isinstance(value, OwnedDrop):
        item = now.board.items.get(value.owner)
        drop = read_field(item, "drop") if item is not None else None
        return drop if isinstance(drop, OwnedDrop) and drop.name == value.name else _LOST
    if isinstance(value, OwnedDeadline):
        return _LOST
    if isinstance(value, _PLAIN):  # other structs are of what has not changed
        return value
    for name, known in before.names.items():
        if known is value:
            return now.names[name]
    return _LOST


def _skus_of(values: Iterable[object]) -> frozenset[str] | None:
    """The items that values stand for; None when one may stand for anything."""
    found = set()
    for value in values:
        if isinstance(value, BoardItem):
            found.add(value.sku)
        elif isinstance(value, OwnedDrop | OwnedDeadline):
            found.add(value.owner)
        elif not isinstance(value, _PLAIN):
            return None
    return frozenset(found)


def _sku(item: BoardItem | None) -> str | None:
    return None if item is None else item.sku


def _equal(before: Any, after: Any) -> bool:
    if before is after:
        return True
    if type(before) is not type(after):
        return False
    return isinstance(before, Undefined) or bool(before == after)
