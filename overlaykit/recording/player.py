"""Sends a play at its pace, and goes on where it was when it is started again.

It keeps no position. A player that starts late, or again, sends everything that is due by now in one go: what had been
sent before is answered as a duplicate and changes nothing.
"""

from __future__ import annotations

import time
from collections.abc import Callable, Iterable, Sequence
from typing import Protocol

import msgspec
from msgspec import Struct

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


class Stop(Protocol):
    """Says when to end, as threading.Event does."""

    def is_set(self) -> bool: ...

    def wait(self, timeout: float, /) -> bool: ...


def play(
    engine: Submits,
    plays: Iterable[Play],
    *,
    elapsed: float,
    stop: Stop,
    beat: Callable[[], None] = lambda: None,
    clock: Callable[[], float] = time.monotonic,
) -> int:
    """Sends `plays` until they are through or `stop` is set. Returns how many commands were answered.

    `elapsed` is how many seconds ago the session opened, on the store's clock. `beat` is called at least every half
    second, unless the store takes longer to answer. A store that is away, or behind and being mended, is waited for.
    """
    start = clock() - elapsed
    sent = 0
    batch: list[Play] = []
    seqs: dict[int, int] = {}  # recorded → new, of what waits for a decision
    for one in plays:
        late = clock() - start - one.offset
        if batch and (len(batch) == BATCH or late < -GATHER or one.refers is not None):
            sent += _send(engine, batch, seqs, stop, beat)
            batch = []
        while (wait := one.offset - (clock() - start) - GATHER) > 0 and not stop.is_set():
            beat()
            stop.wait(min(wait, LONGEST_WAIT))
        if stop.is_set():
            return sent
        batch.append(one)
    return sent + _send(engine, batch, seqs, stop, beat)


class _Answer(Struct):
    """What an outcome says of an entry that waits for a decision; a repeat has it in `first`."""

    seq: int | None = None
    first: _Answer | None = None


def _send(engine: Submits, batch: Sequence[Play], seqs: dict[int, int], stop: Stop, beat: Callable[[], None]) -> int:
    submissions = [one.pointed(seqs) for one in batch]
    while batch and not stop.is_set():
        beat()
        try:
            answers = engine.submit(submissions)
        except (StoreAway, StoreBehind):
            stop.wait(AGAIN_AFTER)
            continue
        for one, answer in zip(batch, answers, strict=True):
            if b'"unconfirmed"' in answer or b'"quarantined"' in answer:
                outcome = msgspec.json.decode(answer, type=_Answer)
                if (seq := (outcome.first or outcome).seq) is not None:
                    seqs[one.seq] = seq
        return len(answers)
    return 0
