"""What a ledger no longer needs leaves the store: ids after a day, finished orders after a day, entries that every recorder
has on disk. The leading director looks once a second, and does a little each time.
"""

from __future__ import annotations

import asyncio
import logging
from collections import deque
from collections.abc import Callable

from overlaykit.errors import NotFound, StoreError
from overlaykit.model.entries import time_of
from overlaykit.stock import Facts, Keeper, Recorded
from overlaykit.stock.strokes import (
    HOUR,
    IDS_AT_MOST,
    IDS_KEPT_AT_LEAST,
    IDS_KEPT_AT_MOST,
    ORDERS_KEPT,
    RETIRED_AT_MOST,
)
from overlaykit.store import Lease, LeaseLost
from overlaykit.store.waiting import pause

EVERY = 1.0
"""Seconds between two looks."""
PAUSE_AFTER_FAILURE = 60.0
SECOND = 1000
SLICE = 500
"""Orders looked at in one look."""
ENTRIES_KEPT = 10_000
KEPT_FOR = 600 * SECOND
"""Readers and pages that were away for so long go on where they were."""
MOST_KEPT = 500_000
"""Entries above which time keeps none."""
TRIM_FROM = 100
"""Entries that a trimming takes off at least."""
SILENT_AFTER = 300 * SECOND
"""Milliseconds after which a recorder that says nothing is spoken of."""
GIVEN_UP_AFTER = 24 * HOUR
"""Milliseconds after which nothing waits for it any more."""


class Retention:
    """For one session, while the lease is held. `doubt` is called when the store turns out to hold less than it did."""

    def __init__(
        self,
        keeper: Keeper,
        lease: Lease,
        session: str,
        log: logging.Logger,
        *,
        doubt: Callable[[], None] = lambda: None,
    ) -> None:
        self._keeper, self._lease, self._session, self._log, self._doubt = keeper, lease, session, log, doubt
        self._stood: deque[tuple[int, int]] = deque()  # when (ms) the ledger stood at which seq
        self._cursor = 0
        self._spoken_of: dict[str, str] = {}
        self._missed: tuple[int, int] | None = None

    async def run(self, stop: asyncio.Event) -> None:
        """A look a second until `stop`. What the store refuses is tried again."""
        while not stop.is_set():
            if self._lease.held:
                try:
                    await self.look()
                except (StoreError, NotFound, LeaseLost):
                    pass  # the clock says so
                except Exception:  # selling goes on, and takes memory
                    self._log.exception("ALARM: %s: nothing leaves the store", self._session)
                    await pause(stop, PAUSE_AFTER_FAILURE)
            await pause(stop, EVERY)

    async def look(self, now_ms: int | None = None) -> None:
        """One look. `now_ms` replaces the store's clock, for tests. Raises StoreError, NotFound, LeaseLost."""
        facts = await self._keeper.facts()
        if facts is not None and facts.claimed:
            self._doubt()
        if facts is not None and facts.missed != self._missed:
            self._missed = facts.missed
            self._say_missed(facts)
        if facts is None or facts.gate or facts.claimed or facts.suspended:
            return
        now = now_ms or facts.now_ms
        if _rotation_due(facts, now):
            await self._keeper.rotate_ids(self._lease.token, now_ms=now_ms)
        recorders = self._awaited(await self._keeper.recorders(), facts.seq, now)
        if recorders:
            on_disk = min(each.seq for each in recorders)
            await self._trim(facts, on_disk, now)
            await self._retire(facts, on_disk, now, now_ms)

    def _say_missed(self, facts: Facts) -> None:
        if facts.missed is not None:
            self._log.error(
                "ALARM: %s: entries %d to %d had been told of before the store lost them, and are in no recording here: they "
                "are lost. Whoever sent them has to send them again, with the same ids; ask the platforms again",
                *(self._session, *facts.missed),
            )

    def _awaited(self, recorders: list[Recorded], seq: int, now: int) -> list[Recorded]:
        """The recorders that count: what they lack stays. A silent one is spoken of, once for each thing that is to be said."""
        counted = []
        for each in recorders:
            silent = now - each.heard_ms
            given_up = silent > GIVEN_UP_AFTER
            if not given_up:
                counted.append(each)
            if silent <= SILENT_AFTER or each.seq >= seq:
                self._spoken_of.pop(each.name, None)
                continue
            said = (
                "nothing waits for it any more; when it comes back, its recording has a gap"
                if given_up
                else "all entries since are kept in the store for it, which takes memory"
            )
            if self._spoken_of.get(each.name) != said:
                self._spoken_of[each.name] = said
                self._log.error(
                    "ALARM: %s: the recorder %s has not been heard of for %d minutes, and has the ledger up to entry %d: %s",
                    *(self._session, each.name, silent // (60 * SECOND), each.seq, said),
                )
        return counted

    async def _trim(self, facts: Facts, on_disk: int, now: int) -> None:
        self._stood.append((now, facts.seq))
        old = 0
        while self._stood and now - self._stood[0][0] >= KEPT_FOR:
            old = self._stood.popleft()[1]
        if old:
            self._stood.appendleft((now - KEPT_FOR, old))
        keep_from = min(on_disk + 1, facts.seq - ENTRIES_KEPT + 1, max(old + 1, facts.seq - MOST_KEPT))
        if keep_from - facts.first_seq >= TRIM_FROM:
            await self._keeper.trim(keep_from)

    async def _retire(self, facts: Facts, on_disk: int, now: int, now_ms: int | None) -> None:
        before = now - ORDERS_KEPT
        if facts.planned_at > before:
            return
        if on_disk < facts.seq:
            line = await self._keeper.line(on_disk + 1)
            if line is None:
                return
            before = min(before, time_of(line))
        self._cursor, names = await self._keeper.finished_orders(self._cursor, SLICE, before)
        for start in range(0, len(names), RETIRED_AT_MOST):
            await self._keeper.retire(self._lease.token, names[start : start + RETIRED_AT_MOST], before, now_ms=now_ms)


def _rotation_due(facts: Facts, now: int) -> bool:
    """The script decides; it is asked only when it would agree."""
    age = now - facts.rotated_at
    return age >= IDS_KEPT_AT_MOST or (age >= IDS_KEPT_AT_LEAST and facts.newest_ids >= IDS_AT_MOST)
