"""The session's ledger as it grows, folded, for everybody in the gateway who looks at it."""

from __future__ import annotations

import asyncio
import time
from collections.abc import Callable

from overlaykit.board import Fold
from overlaykit.board.fold import OutOfOrder
from overlaykit.errors import NotFound, StoreAway, StoreError
from overlaykit.gateway.bell import Bell
from overlaykit.gateway.standing import StoreClock
from overlaykit.model.entries import has_family, has_type
from overlaykit.model.state import State
from overlaykit.stock import Keeper, ledger_stream_key
from overlaykit.store import AsyncStoreClient, Lease
from overlaykit.store.tail import tail_read_async
from overlaykit.store.waiting import Backoff, pause

BLOCK_MS = 500
COUNT = 500
LOOK_EVERY = 1.0
"""Seconds between two looks whether the store still holds what was read."""
REST = 0.005
"""Seconds between two reads: entries that come one by one are read some at a time."""

Hear = Callable[[list[str] | None, bool], None]
"""Skus that the last entry changed, and whether an order did it. None: the fold is another one, and everything may have changed."""
HearLine = Callable[[bytes | None], None]
"""The last entry's line. None: the fold is another one, and some entries may not have been read."""


class Follower:
    """Begins with `state`. `bell` rings when something was read.

    fold     how things stand; another one after the store was made whole again
    """

    def __init__(self, keeper: Keeper, client: AsyncStoreClient, state: State, lease: Lease, clock: StoreClock) -> None:
        self.fold = Fold.from_state(state)
        self._whole = True
        self.bell = Bell()
        self._keeper, self._client, self._lease, self._clock = keeper, client, lease, clock
        self._stream = ledger_stream_key(keeper.ledger)
        self._heard: list[Hear] = []
        self._lines_heard: list[HearLine] = []
        self._look_at = 0.0

    @property
    def trusted(self) -> bool:
        """Whether the fold says what the ledger says, and this gateway still leads."""
        return self._whole and self._lease.held

    def listen(self, hear: Hear) -> None:
        """Has `hear` called after each entry."""
        self._heard.append(hear)

    def listen_to_lines(self, hear: HearLine) -> None:
        """Has `hear` called with each entry."""
        self._lines_heard.append(hear)

    async def catch_up(self) -> None:
        """Until the fold knows all that is in the ledger now. Raises what the store raises."""
        if self.fold.epoch != self._keeper.seen.epoch:
            await self._begin_anew()
        while await self._read() == COUNT:
            pass

    async def run(self, stop: asyncio.Event) -> None:
        """Until `stop`."""
        backoff = Backoff()
        while not stop.is_set():
            try:
                if time.monotonic() >= self._look_at:
                    await self._look()
                if await self._read(BLOCK_MS):
                    await pause(stop, REST)
                backoff.reset()
            except StoreAway:
                self._whole = False
                await pause(stop, backoff.next())
            except (StoreError, NotFound):
                self._whole = False
                await pause(stop, LOOK_EVERY)

    async def _read(self, block_ms: int = 0) -> int:
        """How many entries came; those that somebody else read meanwhile are known already."""
        fold = self.fold
        found = await tail_read_async(self._client, self._stream, fold.seq, block_ms=block_ms, count=COUNT)
        if found and fold is self.fold:
            if not self._take([line for seq, line in found if seq > fold.seq]):
                await self._begin_anew()
            self.bell.ring()
        return len(found)

    def _take(self, lines: list[bytes]) -> bool:
        """False when the ledger goes on otherwise than it was read."""
        fold = self.fold
        for line in lines:
            if has_type(line, "session.resumed"):
                return False
            try:
                fold.apply(line)
            except OutOfOrder:
                return False
            changed = []
            for sku in reversed(fold.order_of_change):
                if fold.items[sku].seq < fold.seq:
                    break
                changed.append(sku)
            for hear in self._heard:
                hear(changed, has_family(line, "order"))
            for hear_line in self._lines_heard:
                hear_line(line)
        return True

    async def _look(self) -> None:
        known = self.fold.seq  # others catch up while the store is asked
        facts = await self._keeper.facts()
        if facts is None:
            self._whole = False
            return
        self._clock.note(facts.now_ms)
        self._look_at = time.monotonic() + LOOK_EVERY
        self._whole = not facts.gate and facts.seq >= known
        if self._whole and facts.epoch != self.fold.epoch:
            await self._begin_anew()

    async def _begin_anew(self) -> None:
        self.fold = Fold.from_state(await self._keeper.state())
        self._look_at = 0.0  # whether it is trusted is for a look to say
        for hear in self._heard:
            hear(None, False)
        for hear_line in self._lines_heard:
            hear_line(None)
        self.bell.ring()
