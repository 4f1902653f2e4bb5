"""Sends a play at its pace, and goes on where it was when it is started again.

It keeps no position. A player that starts late, or again, sends everything that is due by now in one go: what had been
sent before is answered as a duplicate and changes nothing.
"""

from __future__ import annotations

import threading
import time
from collections.abc import Callable, Iterable, Sequence
from typing import Protocol

from overlaykit.errors import StoreAway, StoreBehind
from overlaykit.model.commands import Submission
from overlaykit.recording.playing import Play

BATCH = 200
"""Commands in one call at the most."""
GATHER = 0.01
"""Seconds of commands that go in one call, so that a fast play does not make a call for each."""
AGAIN_AFTER = 0.25
"""Seconds until a call that the store did not answer, or refused, is made again."""
LONGEST_WAIT = 0.5
"""Seconds between two beats."""


class Submits(Protocol):
    """What a player needs of the engine."""

    def submit(self, submissions: Sequence[Submission], /) -> list[bytes]: ...


def play(
    engine: Submits,
    plays: Iterable[Play],
    *,
    elapsed: float,
    stop: threading.Event,
    beat: Callable[[], None] = lambda: None,
    clock: Callable[[], float] = time.monotonic,
) -> int:
    """Sends `plays` until they are through or `stop` is set. Returns how many commands were answered.

    `elapsed` is how many seconds ago the session opened, on the store's clock. `beat` is called at least every half
    second, unless the store takes longer to answer. A store that is away, or behind and being mended, is waited for.
    """
    start = clock() - elapsed
    sent = 0
    batch: list[Submission] = []
    for one in plays:
        late = clock() - start - one.offset
        if batch and (len(batch) == BATCH or late < -GATHER):
            sent += _send(engine, batch, stop, beat)
            batch = []
        while (wait := one.offset - (clock() - start) - GATHER) > 0 and not stop.is_set():
            beat()
            stop.wait(min(wait, LONGEST_WAIT))
        if stop.is_set():
            return sent
        batch.append(one.submission)
    return sent + _send(engine, batch, stop, beat)


def _send(engine: Submits, batch: Sequence[Submission], stop: threading.Event, beat: Callable[[], None]) -> int:
    while batch and not stop.is_set():
        beat()
        try:
            return len(engine.submit(batch))
        except (StoreAway, StoreBehind):
            stop.wait(AGAIN_AFTER)
    return 0
