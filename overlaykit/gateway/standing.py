"""How each target does: kept by whoever works for it, written where the desk reads it."""

from __future__ import annotations

import asyncio
import logging
import time
from collections.abc import Sequence

from overlaykit.errors import StoreAway
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


class Standing:
    """One target."""

    def __init__(self, name: str, plugin: str | None, can: Sequence[str], log: logging.Logger) -> None:
        self.name, self._plugin, self._can, self._log = name, plugin, tuple(can), log
        self._state: TargetState = "ready"
        self._reason = self._remedy = ""
        self.waiting = self.dropped = self.heard_ms = 0

    def ready(self) -> None:
        """It worked."""
        if self._state != "ready":
            self._log.info("%s works again", self.name)
        self._state, self._reason, self._remedy = "ready", "", ""

    def trouble(self, state: TargetState, reason: str, remedy: str | None = None) -> None:
        """It did not. Who was set aside stays so, whatever else is said."""
        if self._state == "set_aside" and state != "set_aside":
            return
        if (state, reason) != (self._state, self._reason):
            self._log.warning("%s: %s%s", self.name, reason, f" {remedy}" if remedy else "")
        self._state, self._reason, self._remedy = state, reason, remedy or ""

    @property
    def state(self) -> TargetState:
        return self._state

    def status(self, now_ms: int) -> TargetStatus:
        return TargetStatus(
            name=self.name,
            plugin=self._plugin,
            can=self._can,
            state=self._state,
            reason=self._reason,
            remedy=self._remedy,
            waiting=self.waiting,
            dropped=self.dropped,
            heard_ms=self.heard_ms,
            at_ms=now_ms,
        )


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
    return status and (status.state, status.reason, status.waiting > 0, status.dropped)
