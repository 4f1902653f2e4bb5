"""The session's ledger as it grows, folded, for everybody in the gateway who looks at it."""

from __future__ import annotations

import asyncio
import time
from collections.abc import Callable

from overlaykit.board import Fold
from overlaykit.board.fold import OutOfOrder
from overlaykit.errors import NotFound, StoreAway, StoreError
from overlaykit.gateway.delivery import Bell
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
        self._look_at = 0.0

    @property
    def trusted(self) -> bool:
        """Whether the fold says what the ledger says, and this gateway still leads."""
        return self._whole and self._lease.held

    def listen(self, hear: Hear) -> None:
        """Has `hear` called after each entry."""
        self._heard.append(hear)

    async def run(self, stop: asyncio.Event) -> None:
        """Until `stop`."""
        backoff = Backoff()
        while not stop.is_set():
            try:
                if time.monotonic() >= self._look_at:
                    await self._look()
                found = await tail_read_async(self._client, self._stream, self.fold.seq, block_ms=BLOCK_MS, count=COUNT)
                if not self._take([line for _, line in found]):
                    await self._begin_anew()
                backoff.reset()
                if found:
                    self.bell.ring()
                    await pause(stop, REST)
            except StoreAway:
                self._whole = False
                await pause(stop, backoff.next())
            except (StoreError, NotFound):
                self._whole = False
                await pause(stop, LOOK_EVERY)

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
        return True

    async def _look(self) -> None:
        facts = await self._keeper.facts()
        if facts is None:
            self._whole = False
            return
        self._clock.note(facts.now_ms)
        self._look_at = time.monotonic() + LOOK_EVERY
        self._whole = not facts.gate and facts.seq >= self.fold.seq
        if self._whole and facts.epoch != self.fold.epoch:
            await self._begin_anew()

    async def _begin_anew(self) -> None:
        self.fold = Fold.from_state(await self._keeper.state())
        self._whole = True
        for hear in self._heard:
            hear(None, False)
        self.bell.ring()
