"""connector.pause and connector.resume, heard by everybody who works for the target: what waits goes on waiting meanwhile."""

from __future__ import annotations

import asyncio
from collections.abc import Sequence

from overlaykit.gateway.bearings import Bearings
from overlaykit.gateway.bell import Bell
from overlaykit.gateway.standing import Standing
from overlaykit.store.waiting import pause

LOOK_EVERY = 0.25


async def watch_pauses(bearings: Bearings, standings: Sequence[Standing], bell: Bell, stop: asyncio.Event) -> None:
    """Keeps `paused` of the standings true to the ledger, until `stop`. `bell` rings when one of them goes on."""
    while not stop.is_set():
        resumed = False
        for standing in standings:
            before, standing.paused = standing.paused, standing.name in bearings.paused
            resumed |= before and not standing.paused
        if resumed:
            bell.ring()
        await pause(stop, LOOK_EVERY)
