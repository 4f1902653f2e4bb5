"""When to try again to reach an OBS: soon, or only when something has changed, by the way it turned us away."""

from __future__ import annotations

import asyncio
import time
from collections.abc import Callable

from overlaykit.director.obs.link import KICKED, OTHER_RPC_VERSION, WRONG_PASSWORD, Reach
from overlaykit.errors import ObsAway, UserError
from overlaykit.store.waiting import Backoff

FIRST, LONGEST = 0.1, 1.0
"""Pauses between two attempts, in seconds, before jitter: an OBS that is back is under control again within three seconds."""
STEADY = 1.0
"""Seconds that a connection must have lasted for the next attempt to come soon."""
LOOK_EVERY = 1.0
"""Seconds between two looks whether there is another password."""


class Attempts:
    """`reach` says how OBS is reached now."""

    def __init__(self, reach: Callable[[], Reach]) -> None:
        self._reach = reach
        self._backoff = Backoff(FIRST, LONGEST)
        self._asked = asyncio.Event()

    def again(self) -> None:
        """A person wants the next one now."""
        self._asked.set()

    def went_well(self, since: float) -> None:
        """There was a connection since this moment (monotonic)."""
        if time.monotonic() - since > STEADY:
            self._backoff.reset()

    async def wait(self, why: UserError, reach: Reach | None, stop: asyncio.Event) -> None:
        """Waits until it makes sense to try again, or `stop`; `why` the last attempt, with `reach`, came to its end.

        A password that was not taken, and another version of the protocol, are not tried again until they are others. Who was
        thrown out comes back when a person says so.
        """
        self._asked.clear()
        code = why.code if isinstance(why, ObsAway) else None
        if code not in (WRONG_PASSWORD, OTHER_RPC_VERSION, KICKED):
            await self._pause(stop, self._backoff.next())
            return
        while not await self._pause(stop, LOOK_EVERY):
            if code != KICKED and self._reach_now() != reach:
                return

    async def _pause(self, stop: asyncio.Event, seconds: float) -> bool:
        """Whether there is a reason to wait no longer than this."""
        reasons = [asyncio.ensure_future(stop.wait()), asyncio.ensure_future(self._asked.wait())]
        try:
            await asyncio.wait(reasons, timeout=seconds, return_when=asyncio.FIRST_COMPLETED)
        finally:
            for reason in reasons:
                reason.cancel()
        return stop.is_set() or self._asked.is_set()

    def _reach_now(self) -> Reach | None:
        try:
            return self._reach()
        except UserError:
            return None
