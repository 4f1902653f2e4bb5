"""The store's clock against ours: a step suspends what ends by time."""

import asyncio
import logging
import time
from typing import Any

import pytest

from overlaykit.director.watch import StoreWatch
from overlaykit.store import connect_async

pytestmark = pytest.mark.store


def looks(store: Any, offsets: list[float], answers_take: list[float] | None = None) -> list[bool]:
    """Looks once for each offset (s) by which the store's clock seems to stand; gives `suspended` after each look.

    With `answers_take` the store seems to have read its clock at the very end of so many seconds.
    """

    async def look() -> list[bool]:
        found: list[bool] = []
        readings: list[float] = []

        async with connect_async(store.url) as client:
            watch = StoreWatch(client, logging.getLogger("test"), clock=lambda: time.monotonic() - readings.pop(0))
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
            watch = StoreWatch(client, logging.getLogger("test"))
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
