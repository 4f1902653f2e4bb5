"""The store's clock against ours: a step suspends what ends by time."""

import asyncio
import logging
import time
from typing import Any, cast

import pytest

from overlaykit.director.watch import StoreWatch
from overlaykit.stock.keys import head_key
from overlaykit.store import AsyncStoreClient, connect_async

pytestmark = pytest.mark.store


def looks(store: Any, offsets: list[float], answers_take: list[float] | None = None) -> list[bool]:
    """Looks once for each offset (s) by which the store's clock seems to stand; gives `suspended` after each look.

    With `answers_take` the store seems to have read its clock at the very end of so many seconds.
    """

    async def look() -> list[bool]:
        found: list[bool] = []
        readings: list[float] = []

        async with connect_async(store.url) as client:
            watch = StoreWatch(
                client, "night", "night", logging.getLogger("test"), clock=lambda: time.monotonic() - readings.pop(0)
            )
            for offset, takes in zip(offsets, answers_take or [0.0] * len(offsets), strict=True):
                readings[:] = [offset + takes, offset]
                await watch.look()
                found.append(watch.suspended)
        return found

    return asyncio.run(look())


def test_a_clock_that_runs_as_ours_does_is_trusted(store: Any) -> None:
    assert looks(store, [0, 0, 0]) == [False] * 3


@pytest.mark.parametrize("step", [3.0, -3.0, 86_400.0])
def test_a_step_suspends_until_the_clock_is_right_again(
    store: Any, step: float, caplog: pytest.LogCaptureFixture
) -> None:
    found = looks(store, [0, step, step, 0])

    assert found == [False, True, True, False]
    assert [record.getMessage()[:7] for record in caplog.records if record.levelname == "ERROR"] == ["ALARM: "]


def test_slow_drift_is_no_step(store: Any) -> None:
    assert looks(store, [0, 1.5, 3.0, 4.5]) == [False] * 4


def test_a_slow_answer_is_no_step(store: Any) -> None:
    assert looks(store, [0, 0, 0, 1], answers_take=[0, 4.5, 0, 4.5]) == [False] * 4
    assert looks(store, [0, 0, 1], answers_take=[4.5, 0, 0]) == [False] * 3


def test_another_server_is_noticed(new_store: Any) -> None:
    async def look() -> list[int]:
        store = new_store()
        async with connect_async(store.url) as client:
            watch = StoreWatch(client, "night", "night", logging.getLogger("test"))
            found = []
            for again in (False, False, True):
                if again:
                    await asyncio.to_thread(store.kill)
                    await asyncio.to_thread(store.start)
                    await client.connection_pool.disconnect()
                await watch.look()
                found.append(watch.generation)
        return found

    assert asyncio.run(look()) == [0, 0, 1]


class Server:
    """A server of a cluster, whose clock the test sets."""

    def __init__(self, name: str) -> None:
        self.name, self.off = name, 0

    async def time(self) -> tuple[int, int]:
        return int(time.time()) + self.off, 0

    async def info(self, section: str) -> dict[str, str]:
        return {"run_id": self.name}


class Servers:
    """Ledgers by the server that holds them."""

    def __init__(self, **ledgers: Server) -> None:
        self._servers = {head_key(ledger): server for ledger, server in ledgers.items()}

    async def exists(self, key: str) -> int:
        return 1

    async def node_for(self, key: str) -> Server:
        return self._servers[key]


def test_each_session_goes_by_the_clock_of_the_server_that_holds_it() -> None:
    async def look() -> None:
        east, west = Server("east"), Server("west")
        client = cast(AsyncStoreClient, Servers(night=east, noon=east, day=west))
        night, noon, day = (
            StoreWatch(client, name, name, logging.getLogger("test")) for name in ("night", "noon", "day")
        )
        for _ in range(2):
            for each in (night, noon, day):
                await each.look()
            assert not any(each.suspended for each in (night, noon, day))
            west.name = "west again"
        assert (night.generation, day.generation) == (0, 1)

        east.off = 3600
        for each in (night, noon, day):
            await each.look()
        assert [each.suspended for each in (night, noon, day)] == [True, True, False]

        noon.accept()
        for each in (night, noon, day):
            await each.look()
        assert [each.suspended for each in (night, noon, day)] == [True, False, False], (
            "one room speaks for itself alone"
        )

    asyncio.run(look())
