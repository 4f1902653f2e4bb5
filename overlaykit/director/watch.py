"""Keeps an eye on the server that holds a session's ledger: is it the same one as before, and does its clock run as ours does?"""

from __future__ import annotations

import asyncio
import contextlib
import logging
import time
from collections.abc import Callable

from overlaykit.errors import StoreAway
from overlaykit.stock.keys import head_key
from overlaykit.store import AsyncStoreClient, answers
from overlaykit.store.waiting import pause

EVERY = 1.0
"""Seconds between two looks."""
STEP = 2.0
"""Seconds that the store's clock may differ from what the monotonic clock makes us expect."""


class StoreWatch:
    """One look a second, for one session, at the server that holds its `ledger`. Its TIME is compared with our monotonic
    clock: after a step of more than two seconds it is suspect, until it is right again or somebody accepts the new time.
    """

    def __init__(
        self,
        client: AsyncStoreClient,
        ledger: str,
        session: str,
        log: logging.Logger,
        *,
        clock: Callable[[], float] = time.monotonic,
    ) -> None:
        self._client, self._key, self._session = client, head_key(ledger), session
        self._log = log
        self._clock = clock
        self._offset: float | None = None
        self._server: str | None = None
        self.suspended = False
        """Whether the store's clock has stepped: nothing may end by time."""
        self.step = 0.0
        """Seconds by which it stepped."""
        self.episode = 0
        """How often it has stepped so far."""
        self.generation = 0
        """Grows when another server answers, so that readers look whether it holds the same ledger."""

    @property
    def now_ms(self) -> int | None:
        """The store's time, ms since 1970, as its last answers let us know it; None while it is not known, or not to be
        trusted."""
        return None if self._offset is None or self.suspended else round((self._offset + self._clock()) * 1000)

    async def run(self, stop: asyncio.Event) -> None:
        """Looks once a second until `stop`."""
        while not stop.is_set():
            with contextlib.suppress(StoreAway):  # whoever needs the store says so
                await self.look()
            await pause(stop, EVERY)

    def accept(self) -> None:
        """An operator says that the store's new time is the right one."""
        if self.suspended:
            self._log.warning("%s: the store's new time is accepted: holds and countdowns end by it", self._session)
            self.suspended, self._offset = False, None

    async def look(self) -> None:
        """One look. Raises StoreAway."""
        await self.look_at_clock()
        with answers():
            server = await (await self._client.node_for(self._key)).info("server")
        self._see_server(str(server.get("run_id")))

    async def look_at_clock(self) -> None:
        """Compares the clocks alone. Raises StoreAway."""
        with answers():
            if self._offset is None:
                await self._client.exists(self._key)  # by its answer the client learns of a cluster
            server = await self._client.node_for(self._key)
            asked = self._clock()
            seconds, microseconds = await server.time()
        self._see_time(seconds + microseconds / 1e6, asked, self._clock())

    def _see_server(self, run_id: str) -> None:
        if self._server is not None and run_id != self._server:
            self.generation += 1
            self._log.info("%s: the store was started again, or another one answers now", self._session)
        self._server = run_id

    def _see_time(self, now: float, asked: float, answered: float) -> None:
        # The store read its clock somewhere between asking and answering.
        lowest, highest = now - answered, now - asked
        if self._offset is None:
            self._offset = (lowest + highest) / 2 if highest - lowest < STEP / 2 else None
            return
        step = 0.0
        if highest < self._offset - STEP:
            step = highest - self._offset
        elif lowest > self._offset + STEP:
            step = lowest - self._offset
        if step and not self.suspended:
            self._log.error(
                "ALARM: %s: the store's clock jumped by %+.1f s; nothing ends by time until it is right again",
                *(self._session, step),
            )
            self.step, self.episode = step, self.episode + 1
        elif not step:
            if self.suspended:
                self._log.warning(
                    "%s: the store's clock is right again: holds and countdowns end as before", self._session
                )
            self._offset = min(max(self._offset, lowest), highest)  # follows a slow drift
        self.suspended = bool(step)
