"""When what people watch is made anew: at its pace, and more rarely where that is dear while others want the processor."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from time import monotonic, process_time

from overlaykit.web.turns import Turns

RESTS = 9
"""In a busy process, a picture rests this many times what it took: orders keep nine tenths of the processor."""


class Pacing:
    """One picture that is made again and again.

    least   seconds from the beginning of one to the beginning of the next, at the least
    clock   monotonic seconds
    used    seconds of processor that this process has used

    How busy the process is with other things shows between two pictures: where nobody else wants the processor, the next one
    rests hardly longer than the last one took, however dear it was.
    """

    def __init__(
        self, least: float, *, clock: Callable[[], float] = monotonic, used: Callable[[], float] = process_time
    ) -> None:
        self._least = least
        self._clock, self._used = clock, used
        self._ended, self._used_at_end = clock(), used()
        self._not_before = 0.0

    @property
    def wait(self) -> float:
        """Seconds from now until the next one may be made."""
        return max(0.0, self._not_before - self._clock())

    @contextmanager
    def making(self) -> Iterator[Turns]:
        """Around the making of one, which may give others their turn: what they do then is not what it took."""
        turns, began = Turns(), self._clock()
        busy = (self._used() - self._used_at_end) / max(began - self._ended, 1e-3)
        try:
            yield turns
        finally:
            self._ended, self._used_at_end = self._clock(), self._used()
            took = self._ended - began - turns.others
            self._not_before = began + max(self._least, took * (2 + RESTS * min(1.0, busy)))
