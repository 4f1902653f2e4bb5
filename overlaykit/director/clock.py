"""The session's clock: whatever is due, ends. While a session goes on, the leading director does this.

When the store's clock steps, the session says so in its ledger (clock.suspended), and the script ends nothing by time: not
when it is asked to, and not for an order that finds too little. It goes on when the clock is right again (clock.resumed), or
when an operator accepts the new time (the command clock.accept).
"""

from __future__ import annotations

import asyncio
import contextlib
import logging

from overlaykit.director.watch import StoreWatch
from overlaykit.errors import NotFound, StoreAway, StoreBehind, StoreError
from overlaykit.stock import Keeper
from overlaykit.store import Lease, LeaseLost
from overlaykit.store.waiting import Backoff, pause

EVERY = 0.1
"""Seconds between two sweeps: by so much at most a hold, countdown or announcement outlives its time."""
RENEW_EVERY = 1.0
"""Seconds between two renewals of the lease, which lasts three."""
REFUSED_PAUSE = 1.0
ACCEPT = 'POST /api/v1/sessions/%s/commands with {"type": "clock.accept"}'


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

    def __init__(self, keeper: Keeper, lease: Lease, watch: StoreWatch, session: str, log: logging.Logger) -> None:
        self._keeper, self._lease, self._watch = keeper, lease, watch
        self._session, self._log = session, log
        self._behind = False
        self._told = 0  # the last step of the clock of which the ledger was told
        self._witnessed = False  # whether this process saw the step, and so can tell when the clock is right again
        self._asked = False  # whether the ledger was asked if an earlier director left it suspended

    async def run(self, stop: asyncio.Event, known: asyncio.Event) -> None:
        """Until `stop`, once `known` says that this process knows what the ledger should hold. A store that is away is
        waited for; one that holds less than before is an alarm, once."""
        backoff = Backoff()
        while not stop.is_set():
            wait = EVERY
            self._witnessed = self._witnessed or self._watch.suspended
            if self._lease.held and known.is_set():
                try:
                    if await self._stroke():
                        wait = 0.0  # there may be more than one call works off
                    backoff.reset()
                    self._behind = False
                except (StoreAway, NotFound):
                    wait = backoff.next()
                except LeaseLost:
                    pass
                except StoreBehind as error:
                    if not self._behind:
                        self._log.warning("%s: nothing ends by time for now: %s", self._session, error.message)
                    self._behind, wait = True, REFUSED_PAUSE
                except StoreError as error:
                    if not self._behind:
                        self._alarm_of(f"nothing ends by time: {error}")
                    self._behind, wait = True, REFUSED_PAUSE
            await pause(stop, wait) if wait else await asyncio.sleep(0)

    async def _stroke(self) -> int:
        """Whether time counts, then a sweep. Gives how much was due."""
        watch = self._watch
        await watch.look_at_clock()  # a clock that has just jumped must not end anything
        if watch.suspended:
            if self._told != watch.episode:
                await self._keeper.suspend(self._lease.token, round(watch.step * 1000))
                self._told = watch.episode
                self._alarm(f"the store's clock jumped by {watch.step:+.1f} s")
            return 0
        if self._witnessed:
            if await self._keeper.resume_time(self._lease.token):
                self._log.warning("%s: the store's clock is right again: time counts as before", self._session)
            self._witnessed = False
        elif not self._asked:
            facts = await self._keeper.facts()
            if facts is not None and facts.suspended:
                self._alarm("time stands still in this session since before this director began")
            self._asked = True
        return await self._keeper.sweep()

    def _alarm(self, what: str) -> None:
        accept = ACCEPT % self._session
        self._alarm_of(f"{what}. Holds, drops and countdowns do not end. If the store's time is right: {accept}")

    def _alarm_of(self, text: str) -> None:
        self._log.error("ALARM: %s: %s", self._session, text)
