"""Waiting that a stop cuts short, and growing pauses between attempts."""

from __future__ import annotations

import asyncio
import random
from collections.abc import Callable


async def pause(stop: asyncio.Event, seconds: float) -> bool:
    """Waits so long, or until `stop` is set. True when it is."""
    try:
        async with asyncio.timeout(seconds):
            await stop.wait()
    except TimeoutError:
        pass
    return stop.is_set()


async def keep_calling(beat: Callable[[], None], every: float, stop: asyncio.Event) -> None:
    """Calls `beat` every so many seconds until `stop`, as long as the loop is not blocked."""
    while not stop.is_set():
        beat()
        await pause(stop, every)


class Backoff:
    """Pauses that double from `first` to `most` seconds, each spread by ±50 % so that many do not come back at once."""

    def __init__(
        self, first: float = 0.1, most: float = 2.0, spread: Callable[[float, float], float] = random.uniform
    ) -> None:
        self._first, self._most, self._spread = first, most, spread
        self._next = first

    def next(self) -> float:
        """Seconds to wait before the next attempt."""
        seconds, self._next = self._next, min(self._most, self._next * 2)
        return seconds * self._spread(0.5, 1.5)

    def reset(self) -> None:
        """An attempt went well."""
        self._next = self._first
