"""Asking a process of the room to end, by signals."""

from __future__ import annotations

import signal
import time
from collections.abc import Iterator
from contextlib import contextmanager
from types import FrameType

SLICE_SECONDS = 0.05


class StopSign:
    """Set by a signal handler. It takes no lock, as an Event does: a handler runs in the midst of what the main thread does, and
    would wait for ever for a lock which that holds."""

    def __init__(self) -> None:
        self._set = False

    def is_set(self) -> bool:
        return self._set

    def set(self) -> None:
        self._set = True

    def wait(self, seconds: float) -> bool:
        """Returns after `seconds`, or SLICE_SECONDS after it was set at the latest; whether it is set."""
        end = time.monotonic() + seconds
        while not self._set and (left := end - time.monotonic()) > 0:
            time.sleep(min(left, SLICE_SECONDS))
        return self._set


class Stopping:
    """Whether somebody wants the room to end: once (Ctrl-C, SIGTERM), or twice, which is the impatient way."""

    def __init__(self) -> None:
        self._sign = StopSign()
        self.impatient = False

    @property
    def asked(self) -> bool:
        return self._sign.is_set()

    def ask(self, *_: object) -> None:
        """A signal handler, too."""
        self.impatient = self.asked
        self._sign.set()

    def wait(self, seconds: float) -> None:
        """Returns after `seconds`, or when asked."""
        self._sign.wait(seconds)


@contextmanager
def signals_to(stopping: Stopping) -> Iterator[None]:
    """Inside the block, Ctrl-C, SIGTERM and a closed terminal ask for the end instead of ending this process."""
    numbers = [signal.SIGINT, signal.SIGTERM, *([signal.SIGHUP] if hasattr(signal, "SIGHUP") else [])]

    def ask(number: int, frame: FrameType | None) -> None:
        stopping.ask()

    before = {number: signal.signal(number, ask) for number in numbers}
    try:
        yield
    finally:
        for number, handler in before.items():
            signal.signal(number, handler)
