"""Work that an end cuts short."""

from __future__ import annotations

import asyncio
from collections.abc import Coroutine
from typing import Any, TypeVar

from overlaykit.errors import OverlaykitError

T = TypeVar("T")


class Ended(OverlaykitError):
    """The end came before the work was done; how far it came is not known."""


async def unless_ended(work: Coroutine[Any, Any, T], stop: asyncio.Event, grace: float = 0.0) -> T:
    """What `work` gives. After `stop` it has `grace` seconds more, then it is cancelled. Raises Ended then."""
    working, stopped = asyncio.ensure_future(work), asyncio.ensure_future(stop.wait())
    try:
        await asyncio.wait({working, stopped}, return_when=asyncio.FIRST_COMPLETED)
        if not working.done() and grace > 0:
            await asyncio.wait({working}, timeout=grace)
        if not working.done():
            raise Ended("the gateway ends")
        return working.result()
    finally:
        stopped.cancel()
        working.cancel()


async def either(event: asyncio.Event, stop: asyncio.Event, seconds: float) -> None:
    """Until one of them is set, or so many seconds have passed."""
    waiting = [asyncio.ensure_future(event.wait()), asyncio.ensure_future(stop.wait())]
    try:
        await asyncio.wait(waiting, timeout=seconds, return_when=asyncio.FIRST_COMPLETED)
    finally:
        for each in waiting:
            each.cancel()
