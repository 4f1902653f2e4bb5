"""How each target does: kept by whoever works for it, written where the desk reads it."""

from __future__ import annotations

import asyncio
import logging
import time
from collections.abc import Sequence
from typing import NamedTuple

from overlaykit.errors import StoreAway
from overlaykit.pluginhost.status import sayable
from overlaykit.store import Outbox, TargetState, TargetStatus
from overlaykit.store.waiting import pause

LOOK_EVERY = 0.5
SAID_EVERY = 5.0
"""Seconds between two words about a target that has not changed."""


class StoreClock:
    """The store's time, as answers of it tell, carried on by this process's monotonic clock."""

    def __init__(self) -> None:
        self._base: float | None = None

    def note(self, now_ms: int) -> None:
        """An answer just said so."""
        self._base = now_ms - time.monotonic() * 1000

    @property
    def now_ms(self) -> int:
        """This machine's own time before the first answer."""
        return int(time.time() * 1000 if self._base is None else self._base + time.monotonic() * 1000)


class Trouble(NamedTuple):
    """What is wrong with one job of a target."""

    state: TargetState
    reason: str
    remedy: str


class Standing:
    """One target. Several work for it, each at a job of its own: the queue of what goes out (""), `orders`, `poll` … What one of
    them can do says nothing of the others; the target is as well as its worst job.

    paused   whether an operator has stopped it: nothing is begun
    unread, behind_ms   messages of the platform that are not counted yet, and how long the oldest has waited
    """

    def __init__(self, name: str, plugin: str | None, can: Sequence[str], log: logging.Logger) -> None:
        self.name, self._plugin, self._can, self._log = name, plugin, tuple(can), log
        self._troubles: dict[str, Trouble] = {}
        self.paused = False
        self.waiting = self.dropped = self.heard_ms = self.unread = self.behind_ms = 0

    def ready(self, job: str = "") -> None:
        """The job went well. A target that was set aside stays so until it is made anew."""
        trouble = self._troubles.get(job)
        if trouble is not None:
            self._log.info("%s works again%s", self.name, f" ({job})" if job else "")
            del self._troubles[job]

    def trouble(self, state: TargetState, reason: str, remedy: str | None = None, *, job: str = "") -> None:
        """It did not. Who was set aside stays so, whatever else is said."""
        if self.state == "set_aside" and state != "set_aside":
            return
        reason, remedy = sayable(reason), sayable(remedy or "")
        known = self._troubles.get(job)
        if known is None or (state, reason) != (known.state, known.reason):
            self._log.warning("%s: %s%s", self.name, reason, f" {remedy}" if remedy else "")
        self._troubles[job] = Trouble(state, reason, remedy)

    @property
    def state(self) -> TargetState:
        return self._worst.state

    @property
    def _worst(self) -> Trouble:
        return max(self._troubles.values(), key=lambda each: _WORSE.index(each.state), default=_WELL)

    def status(self, now_ms: int) -> TargetStatus:
        worst = self._worst
        return TargetStatus(
            name=self.name,
            plugin=self._plugin,
            can=self._can,
            state=worst.state,
            reason=worst.reason,
            remedy=worst.remedy,
            waiting=self.waiting,
            dropped=self.dropped,
            heard_ms=self.heard_ms,
            unread=self.unread,
            behind_ms=self.behind_ms,
            at_ms=now_ms,
        )


_WORSE: tuple[TargetState, ...] = ("ready", "failing", "no_answer", "set_aside")
_WELL = Trouble("ready", "", "")


async def say_standings(outbox: Outbox, standings: Sequence[Standing], clock: StoreClock, stop: asyncio.Event) -> None:
    """Writes what has changed, and everything now and then, until `stop`; forgets at first what the plan does not have."""
    said: dict[str, TargetStatus] = {}
    said_at = gone_at = 0.0
    while not await pause(stop, LOOK_EVERY):
        now = {each.name: each.status(0) for each in standings}
        due = time.monotonic() >= said_at
        # When a source was heard is no news by itself.
        changed = [name for name, status in now.items() if due or _news(said.get(name)) != _news(status)]
        if not changed:
            continue
        try:
            gone: tuple[str, ...] = ()
            if not gone_at:
                gone, gone_at = tuple(set(await outbox.targets()) - set(now)), time.monotonic()
            at_ms = clock.now_ms
            by_name = {each.name: each for each in standings}
            await outbox.say_targets({name: by_name[name].status(at_ms) for name in changed}, gone)
        except StoreAway:
            continue
        said = now
        if due:
            said_at = time.monotonic() + SAID_EVERY


def _news(status: TargetStatus | None) -> object:
    return status and (status.state, status.reason, status.waiting > 0, status.dropped, status.unread > 0)
