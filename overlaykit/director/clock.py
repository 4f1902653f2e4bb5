"""The session's clock: whatever is due, ends. While a session goes on, the leading director does this."""

from __future__ import annotations

import asyncio
import contextlib
import logging

from overlaykit.director.waiting import Backoff, pause
from overlaykit.director.watch import StoreWatch
from overlaykit.errors import NotFound, StoreAway, StoreBehind
from overlaykit.stock import AsyncStockEngine
from overlaykit.store import Lease

EVERY = 0.1
"""Seconds between two sweeps: by so much at most a hold, countdown or announcement outlives its time."""
RENEW_EVERY = 1.0
"""Seconds between two renewals of the lease, which lasts three."""
REFUSED_PAUSE = 1.0


async def keep_lease(lease: Lease, session: str, log: logging.Logger, stop: asyncio.Event) -> None:
    """Takes the lease when it is free and renews it while it is ours; gives it back at the end."""
    led = False
    while not stop.is_set():
        try:
            leads = await lease.take()
        except StoreAway:
            leads = lease.held
        if leads != led:
            log.info("%s: this director %s", session, "leads now" if leads else "stands by")
            led = leads
        await pause(stop, RENEW_EVERY)
    if lease.held:
        with contextlib.suppress(StoreAway):  # it runs out by itself
            await lease.leave()


class Clock:
    """Sweeps one session while the lease is held and the store's time is to be trusted."""

    def __init__(
        self, engine: AsyncStockEngine, lease: Lease, watch: StoreWatch, session: str, log: logging.Logger
    ) -> None:
        self._engine, self._lease, self._watch = engine, lease, watch
        self._session, self._log = session, log
        self._behind = False

    async def run(self, stop: asyncio.Event) -> None:
        """Until `stop`. A store that is away is waited for; one that holds less than before is an alarm, once."""
        backoff = Backoff()
        while not stop.is_set():
            wait = EVERY
            if self._lease.held and not self._watch.suspended:
                try:
                    if await self._engine.sweep():
                        wait = 0.0  # there may be more than one call works off
                    backoff.reset()
                    self._behind = False
                except (StoreAway, NotFound):
                    wait = backoff.next()
                except StoreBehind as error:
                    if not self._behind:
                        self._log.error("ALARM: %s: nothing ends by time here: %s", self._session, error)
                    self._behind, wait = True, REFUSED_PAUSE
            await pause(stop, wait) if wait else await asyncio.sleep(0)
