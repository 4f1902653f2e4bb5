"""Long work in short stints, so that others have their turn in between."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from time import monotonic
from typing import TypeVar

import gevent

T = TypeVar("T")

STINT = 0.002
"""Seconds of work after which other greenlets run."""


class Turns:
    """Work that gives others their turn. `others`: seconds that they have had in between, which are not the work's own."""

    def __init__(self) -> None:
        self.others = 0.0
        self._began = monotonic()

    def take(self, each: Iterable[T]) -> Iterator[T]:
        """The same, a few at a time: in between, other greenlets run. What is true may have changed by the next one."""
        self._began = monotonic()
        for one in each:
            yield one
            self.give_way()

    def give_way(self) -> None:
        """Lets other greenlets run when a stint is over. For work that is done in one call, which calls this now and then."""
        now = monotonic()
        if now - self._began > STINT:
            gevent.sleep(0)
            self._began = monotonic()
            self.others += self._began - now


def in_turns(each: Iterable[T]) -> Iterator[T]:
    """`Turns.take`, where nobody asks how long the work took."""
    return Turns().take(each)
