"""A storm of refusals: buyers who go on trying after the last unit is gone must not fill the store."""

from __future__ import annotations

import time
from collections import Counter

from overlaykit.cli.bench.figures import Figure, share
from overlaykit.cli.bench.orders import AHEAD, BenchRoom, command
from overlaykit.cli.bench.stores import BenchStore
from overlaykit.errors import StateError
from overlaykit.model.commands import Submission
from overlaykit.model.sessions import Rate
from overlaykit.stock import CALL_AT_MOST

TRIES = 1_000_000
BUYERS = 1_000
ATTEMPTS = Rate(count=3, per=60.0)
MEGABYTE = 1_000_000


def measure(store: BenchStore, scale: float) -> list[Figure]:
    """A round: one unit, which the first order takes, then a thousand buyers try in turn, each try an order of its own."""
    tries, buyers = share(TRIES, scale), min(BUYERS, share(TRIES, scale))
    room = BenchRoom(store.client, opening=1, attempts=ATTEMPTS)
    room.engine.submit([_try(room, "first", "first")])
    before, first = store.memory(), _head(room)
    started = time.perf_counter()
    said = _storm(room, tries, buyers)
    took = time.perf_counter() - started
    after, entries = store.memory(), _head(room) - first
    store.forget(room.keys)
    if said["accepted"] or said["sold_out"] != entries:
        raise StateError(f"a storm of {tries} tries on nothing was answered {dict(said)}, with {entries} entries")
    return [
        Figure("tries", tries, "reserves"),
        Figure("refused", tries / took, "reserves/s"),
        Figure("memory before", before / MEGABYTE, "MB", False),
        Figure("memory after", after / MEGABYTE, "MB", False),
        Figure("memory per try", (after - before) / tries, "bytes", False),
        Figure("entries written", entries, "entries", False),
        Figure("refused sold_out", said["sold_out"], "reserves"),
        Figure("refused too_many_attempts", said["too_many_attempts"], "reserves"),
    ]


def _storm(room: BenchRoom, tries: int, buyers: int) -> Counter[str]:
    said: Counter[str] = Counter()
    pipeline = room.engine.pipeline()
    try:
        for start in range(0, tries, CALL_AT_MOST):
            numbers = range(start, min(tries, start + CALL_AT_MOST))
            pipeline.send(
                [room.engine.encode(_try(room, f"{number:09}", f"buyer-{number % buyers}")) for number in numbers]
            )
            if pipeline.waiting >= AHEAD:
                said.update(map(_reason, pipeline.receive()))
        while pipeline.waiting:
            said.update(map(_reason, pipeline.receive()))
    finally:
        pipeline.close()
    return said


def _reason(outcome: bytes) -> str:
    return next((reason for reason in ("too_many_attempts", "sold_out") if reason.encode() in outcome), "accepted")


def _try(room: BenchRoom, name: str, buyer: str) -> Submission:
    lines = [{"sku": room.skus[0], "quantity": 1}]
    return command({"type": "order.reserve", "id": f"c-{name}", "order": f"o-{name}", "buyer": buyer, "lines": lines})


def _head(room: BenchRoom) -> int:
    head = room.engine.resolve_head()
    return head.seq if head else 0
