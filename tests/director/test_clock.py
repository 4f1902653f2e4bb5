"""The clock ends what is due, while it leads and the store's time can be trusted."""

import asyncio
import json
import logging
from typing import Any, cast

import pytest

from overlaykit.director.clock import Clock
from overlaykit.director.watch import StoreWatch
from overlaykit.stock import AsyncStockEngine
from overlaykit.store import Lease, connect_async

pytestmark = pytest.mark.store


class Held:
    """A lease that is held, or not."""

    def __init__(self, held: bool) -> None:
        self.held = held


@pytest.mark.parametrize(("leads", "suspended"), [(False, False), (True, True)], ids=["stands by", "suspended"])
def test_only_a_leader_with_a_sound_clock_ends_holds(
    store: Any, ledger: str, evening: Any, leads: bool, suspended: bool
) -> None:
    idle, busy = evening(store.url, f"{ledger}-idle"), evening(store.url, f"{ledger}-busy")
    idle.order(hold_seconds=0.1)
    busy.order(hold_seconds=0.6)

    async def run() -> None:
        log = logging.getLogger("test")
        stop = asyncio.Event()
        async with connect_async(store.url) as client, asyncio.timeout(15), asyncio.TaskGroup() as tasks:
            for room, held, wrong in ((idle, leads, suspended), (busy, True, False)):
                watch = StoreWatch(client, log)
                watch.suspended = wrong
                engine = AsyncStockEngine(client, room.session)
                clock = Clock(engine, cast(Lease, Held(held)), watch, room.session, log)
                tasks.create_task(clock.run(stop))
            while json.loads(busy.ledger()[-1])["type"] != "hold.expired":
                await asyncio.sleep(0.02)
            stop.set()

    asyncio.run(run())

    assert json.loads(idle.ledger()[-1])["type"] == "order.reserve"
