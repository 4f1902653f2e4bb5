"""Notes on their way to the ledger: written at once, in order; kept while the store is away, and let go when another director
leads."""

from __future__ import annotations

import asyncio
import logging
from collections import deque
from collections.abc import Callable, Sequence
from itertools import islice

from overlaykit.errors import NotFound, StoreAway, StoreError
from overlaykit.model.notes import NoteAnswer, Noted
from overlaykit.stock import Keeper
from overlaykit.stock.notes import encode_note
from overlaykit.store import Lease, LeaseLost
from overlaykit.store.waiting import Backoff, pause

LOOK_EVERY = 0.05
"""Seconds between two looks whether we lead again."""
AT_ONCE = 100
"""Notes in one call."""
KEPT = 5_000
"""Notes that wait for a store that is away or slow: of more the oldest are lost, and that is said."""


class Notebook:
    """The notes of one session's director. `told` is given what came of each."""

    def __init__(
        self,
        keeper: Keeper,
        lease: Lease,
        session: str,
        log: logging.Logger,
        *,
        told: Callable[[Noted, NoteAnswer], None] = lambda noted, answer: None,
    ) -> None:
        self._keeper, self._lease, self._session, self._log, self._told = keeper, lease, session, log, told
        self._waiting: deque[Noted] = deque()
        self._some = asyncio.Event()
        self._lost = 0
        self._token = 0

    def put(self, notes: Sequence[Noted]) -> None:
        """Has them written."""
        self._waiting.extend(notes)
        while len(self._waiting) > KEPT:
            self._waiting.popleft()
            self._lost += 1
        if notes:  # rules offer what they have ten times a second, mostly nothing
            self._some.set()

    async def run(self, stop: asyncio.Event) -> None:
        """Writes until `stop`, then what still waits, if the store takes it at once."""
        backoff = Backoff()
        while not stop.is_set():
            if not self._waiting:
                self._some.clear()
                await _either(self._some, stop)
                continue
            try:
                await self._write()
                backoff.reset()
            except LeaseLost:
                await pause(stop, LOOK_EVERY)
            except (StoreAway, NotFound):
                await pause(stop, backoff.next())
            except ValueError:
                self._leave_out()
            except StoreError as error:
                self._log.error("ALARM: %s: what rules did cannot be written: %s", self._session, error)
                await pause(stop, backoff.next())
        try:
            while self._waiting:
                await self._write()
        except (StoreError, NotFound, LeaseLost, ValueError):
            pass  # a director that takes over finds out by itself what is missing

    def lead(self) -> None:
        """To be called before what is new under a lease is put. What waits since an earlier one is let go if another director
        led meanwhile: what it needed of that it found out by itself. Raises LeaseLost."""
        token = self._lease.token
        if self._token and token > self._token + 1:
            self._waiting.clear()
        self._token = token

    def _leave_out(self) -> None:
        """Lets go of what can never be written, and says so: nothing else waits for it."""
        waiting = list(self._waiting)
        self._waiting.clear()
        for noted in waiting:
            try:
                encode_note(noted, None)
            except ValueError as error:
                self._log.error("ALARM: %s: %s of %s is left out: %s", self._session, noted.id, noted.source, error)
            else:
                self._waiting.append(noted)

    async def _write(self) -> None:
        if self._lost:
            self._log.error(
                "ALARM: %s: %d notes were lost: the store was away, or more came than it takes",
                self._session,
                self._lost,
            )
            self._lost = 0
        self.lead()
        notes = list(islice(self._waiting, AT_ONCE))
        answers = await self._keeper.note(notes, self._token)
        for noted, answer in zip(notes, answers, strict=True):
            if self._waiting and self._waiting[0] is noted:  # else they were let go meanwhile
                self._waiting.popleft()
            self._told(noted, answer)


async def _either(first: asyncio.Event, second: asyncio.Event) -> None:
    """Waits until one of them is set."""
    waiting = [asyncio.ensure_future(each.wait()) for each in (first, second)]
    try:
        await asyncio.wait(waiting, return_when=asyncio.FIRST_COMPLETED)
    finally:
        for each in waiting:
            each.cancel()
