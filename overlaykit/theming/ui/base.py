"""What all macros stand on: the collaborators, keys, and the marks of numbers that may not be current."""

from __future__ import annotations

import math
import re
from collections.abc import Callable

from markupsafe import Markup, escape

from overlaykit.board.types import BoardItem
from overlaykit.errors import ThemeError
from overlaykit.theming.formats import UNKNOWN, Formats
from overlaykit.theming.parts import Values
from overlaykit.theming.scene import Scene
from overlaykit.theming.words import Words

COLOUR = re.compile(r"#[0-9a-fA-F]{3,8}|[a-zA-Z]+|var\(--[\w-]+\)|(rgb|hsl)a?\([\d.,%/ deg-]+\)")


Part = Callable[[str, Values, Callable[[Values], Markup]], Markup]


class Base:
    """The macros of one picture, held as long as it is open. `scene` is what it shows now."""

    def __init__(
        self, formats: Formats, words: Words, scene: Scene, asset: Callable[[str], str], part: Part | None = None
    ) -> None:
        """`part`: what makes a live part of a macro's element; without it all is rendered in its place."""
        self._formats = formats
        self._words = words
        self._scene = scene
        self._asset = asset
        self._make_part = part
        self._codes: dict[str, Markup] = {}

    def _part(self, key: str, draw: Callable[..., Markup], **shown: object) -> Markup:
        """A live part: one element that `draw(**shown)` makes of these values alone."""
        if self._make_part is None:
            return draw(**shown)
        return self._make_part(key, shown, lambda values: draw(**values))

    def _marks(self, value: object) -> str:
        """The attributes of an element that shows `value`: whether it may be wrong, is on hold, or is not known."""
        found = getattr(value, "stale", None)
        stale = found if found is not None else self._scene.subject is not None and self._scene.subject.stale
        marks = (("unknown", value is None), ("stale", stale), ("frozen", self._scene.status == "frozen"))
        return "".join(f" {mark}" for mark, is_so in marks if is_so)

    def _link(self, item: BoardItem) -> str:
        return self._words("ui_link", n=item.link) if item.link is not None else ""

    @staticmethod
    def _key(value: object, given: str | None) -> str:
        key = given if given is not None else getattr(value, "key", None)
        return f' data-key="{escape(key)}"' if key else ""

    def _share(self, macro: str, share: float | None) -> str:
        """A share as an attribute: 0 … 1, or nothing when it is not known. More than all is all."""
        if share is None:
            return ""
        is_number(macro, share, "a share from 0 to 1", "item.remaining")
        return f"{min(max(share, 0.0), 1.0):.4f}".rstrip("0").rstrip(".")

    def _heat(self, value: object) -> str:
        subject = self._scene.subject
        return getattr(value, "heat", None) or (subject.heat if subject else "green")


def is_number(macro: str, value: object, wanted: str = "a number", field: str = "item.available") -> None:
    """ThemeError unless `value` is a finite number."""
    if isinstance(value, bool) or not isinstance(value, int | float) or not math.isfinite(value):
        raise ThemeError(f"ui.{macro} needs {wanted}, not {value!r}", remedy=f"Give it a field such as {field}.")


def is_item(macro: str, item: object) -> None:
    """ThemeError unless `item` is an item."""
    if not isinstance(item, BoardItem):
        raise ThemeError(
            f"ui.{macro} needs an item, not {item!r}", remedy="Guard it with {% if item %}, or give it one of `items`."
        )


def plain(value: float | None) -> str:
    """A number as an attribute says it; nothing when it is not known."""
    return "" if value is None else f"{value:d}" if isinstance(value, int) else f"{value:g}"


def colours(element: str, **given: str | None) -> str:
    """A style attribute with the colours that were given, as custom properties of `element`. ThemeError for none."""
    found = [f"--{element}-{name}:{_colour(value)}" for name, value in given.items() if value]
    return f' style="{escape(";".join(found))}"' if found else ""


def _colour(value: str) -> str:
    if not isinstance(value, str) or not COLOUR.fullmatch(value):
        raise ThemeError(f"{value!r} is not a colour", remedy="Write one such as #e4002b, red, or options.accent.")
    return value


__all__ = ["UNKNOWN", "Base", "colours", "is_item", "is_number", "plain"]
