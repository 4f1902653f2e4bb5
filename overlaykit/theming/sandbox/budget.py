"""What one rendering may cost: steps, characters, and time of the processor."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from time import thread_time
from typing import Any, NoReturn

from jinja2 import Undefined
from markupsafe import Markup, escape

from overlaykit.errors import ThemeError

MAX_STEPS = 200_000
"""Blocks entered (each turn of a loop, each call of a macro, each include), calls, filters."""
MAX_CHARACTERS = 8_000_000
"""Characters and list elements that are written, made or searched. What a macro wrote counts again where it is put."""
MAX_SECONDS = 0.5
"""Time of the processor. Not time on the wall: a busy machine must not end an honest picture."""

LOOK_EVERY = 64
"""Steps between two looks at the clock."""
GREAT = 10_000
"""Characters after which it is looked at in any case."""

_NESTING: frozenset[type] = frozenset([list, tuple, dict])
_PLAIN: frozenset[type] = frozenset([str, int, float, bool])


class Budget:
    """Counts what the rendering that goes on has cost. One for each environment: renderings do not overlap.

    Templates are compiled to call `spend` in each block and `write` for each value. Both raise ThemeError when too much
    was spent, and RuntimeError outside of `rendering`, so that no way in can forget it.

    write   a value as it stands in what is rendered, nothing for None. In `markup` it is escaped unless it is markup itself
    """

    __slots__ = ("_characters", "_deadline", "_give_way", "_pace", "_steps", "write")

    def __init__(self, *, markup: bool = True) -> None:
        self.write: Callable[[object], str] = self._write_markup if markup else self._write_text
        self._deadline: float | None = None
        self._give_way: Callable[[], None] | None = None
        self._characters = self._steps = 0
        self._pace = -1

    @contextmanager
    def rendering(self, give_way: Callable[[], None] | None = None) -> Iterator[None]:
        """A rendering, from nothing spent. Inside another one, it is a part of that. `give_way` is called now and then, so that
        others may have their turn; what they spend is theirs."""
        if self._deadline is not None:
            yield
            return
        self._characters, self._steps, self._pace = MAX_CHARACTERS, MAX_STEPS, LOOK_EVERY
        self._deadline = thread_time() + MAX_SECONDS
        self._give_way = give_way
        try:
            yield
        except RecursionError as error:
            raise ThemeError(
                "the template calls itself without end",
                remedy="Look for a macro, an include or a recursive loop that leads back to itself.",
            ).with_traceback(error.__traceback__) from None
        finally:
            self._deadline = self._give_way = None
            self._characters, self._pace = 0, -1

    def spend(self, characters: int = 0) -> None:
        """One step, in which so many characters or elements are made or looked at."""
        self._characters -= characters
        self._pace -= 1
        if self._pace < 0 or self._characters < 0 or characters > GREAT:
            self._look()

    def breathe(self) -> None:
        """Others may have their turn."""
        if self._give_way is not None and self._deadline is not None:
            before = thread_time()
            self._give_way()
            self._deadline += thread_time() - before

    def _write_markup(self, value: object) -> str:
        kind = value.__class__
        if kind is Markup:
            text: str = value  # type: ignore[assignment]
        elif kind in _PLAIN:
            text = escape(value)
        elif value is None:
            return ""
        else:
            text = escape(self.text(value))
        self._characters -= len(text)
        if self._characters < 0:
            self._look()
        return text

    def _write_text(self, value: object) -> str:
        text = self.text(value)
        self._characters -= len(text)
        if self._characters < 0:
            self._look()
        return text

    def text(self, value: object) -> str:
        """Text for a text, a number or None; ThemeError for anything else, whose inside is nobody's business."""
        if isinstance(value, str):
            return value
        if value is None:
            return ""
        if isinstance(value, int | float | Undefined):
            return str(value)
        raise ThemeError(
            f"a {type(value).__name__} is not text",
            remedy="Write one of its fields or elements; a list with |join(', ').",
        )

    def weigh(self, value: object) -> None:
        """Pays for looking through a value. A list within lists pays each time it is met, as code in C would meet it."""
        if isinstance(value, str):
            if len(value) > LOOK_EVERY:
                self.spend(len(value))
        elif isinstance(value, list | tuple | dict | range):
            self._weigh_elements(value)

    def made(self, value: Any) -> Any:
        """Pays for a value that came into being, and gives it back."""
        if isinstance(value, str | list | tuple | dict):
            self.spend(len(value))
        return value

    def _weigh_elements(self, value: Any) -> None:
        pending = [value]
        while pending:
            each = pending.pop()
            self.spend(len(each) + 1)
            if type(each) is range:
                continue
            elements = [*each, *each.values()] if isinstance(each, dict) else each
            if not _NESTING.isdisjoint(map(type, elements)):
                pending += [element for element in elements if isinstance(element, list | tuple | dict)]

    def _look(self) -> None:
        if self._deadline is None:
            raise RuntimeError("a template ran outside of Budget.rendering")
        if self._characters < 0:
            self._stop(f"{MAX_CHARACTERS:,} characters", "Make less text: shorter lists, fewer copies.")
        if self._pace < 0:
            self._steps -= LOOK_EVERY
            self._pace = LOOK_EVERY
            if self._steps < 0:
                self._stop(f"{MAX_STEPS:,} steps", "Look for loops in loops, or a macro that calls itself.")
            self.breathe()
        if thread_time() > self._deadline:
            self._stop(f"{MAX_SECONDS:g} s of the processor", "Do less in loops; show fewer items.")

    def _stop(self, limit: str, remedy: str) -> NoReturn:
        raise ThemeError(f"the template was stopped: one picture may take {limit}", remedy=remedy)
