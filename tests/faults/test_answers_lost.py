"""Answers that never come: the store sleeps, connections break, scripts are forgotten. Nothing happens twice."""

from __future__ import annotations

import asyncio
import signal
import threading
import time
from collections.abc import Callable
from contextlib import suppress

import pytest

from overlaykit.errors import StoreAway
from overlaykit.stock import AsyncStockEngine, StockEngine
from overlaykit.store import connect, connect_async
from tests.conftest import StoreServer, until
from tests.engine.history.proxy import Proxy
from tests.faults.orders import check_ledger, order, started, statuses

pytestmark = [pytest.mark.faults, pytest.mark.store]

PATIENCE_SECONDS = 30.0


class Buyers:
    """Threads that order one unit after the other until `stop`, each sending an order until it is answered.

    told   id of a client's order → how it was answered in the end
    lost   calls that had no answer
    """

    def __init__(self, url: str, ledger: str, count: int, *, timeout: float = 5.0) -> None:
        self.told: dict[str, str] = {}
        self.lost = 0
        self.failures: list[BaseException] = []
        self._ending = threading.Event()
        self._threads = [
            threading.Thread(target=self._run, args=(url, ledger, number, timeout), daemon=True)
            for number in range(count)
        ]
        for thread in self._threads:
            thread.start()

    def stop(self) -> None:
        self._ending.set()
        for thread in self._threads:
            thread.join()
        assert not self.failures, self.failures[0]

    def wait_for(self, more: int) -> None:
        """Until so many more orders are answered."""
        enough = len(self.told) + more
        until(lambda: len(self.told) >= enough or bool(self.failures), "orders are answered", PATIENCE_SECONDS)

    def _run(self, url: str, ledger: str, number: int, timeout: float) -> None:
        try:
            with connect(url, timeout=timeout) as client:
                engine, at = StockEngine(client, ledger), 0
                while not self._ending.is_set():
                    at += 1
                    self._order(engine, f"{number}-{at}")
        except BaseException as error:
            self.failures.append(error)

    def _order(self, engine: StockEngine, name: str) -> None:
        deadline = time.monotonic() + PATIENCE_SECONDS
        while True:
            try:
                (status,) = statuses(engine.submit([order(name)]))
            except StoreAway:
                self.lost += 1
                assert time.monotonic() < deadline
                time.sleep(0.01)
                continue
            self.told[f"c{name}"] = status
            return


def test_a_store_that_sleeps_for_seven_seconds_in_the_middle_of_calls_does_nothing_twice(
    new_store: Callable[..., StoreServer], ledger: str
) -> None:
    server = new_store("valkey9", "appendfsync always")
    with connect(server.url) as client:
        engine = started(client, ledger)
        buyers = Buyers(server.url, ledger, 8)
        buyers.wait_for(200)
        assert server.process is not None
        server.process.send_signal(signal.SIGSTOP)
        began = time.monotonic()
        try:
            with pytest.raises(StoreAway, match="may have run"):
                engine.submit([order("asleep")])
            assert 4 < time.monotonic() - began < 7, "it ends with its timeout, and is not sent again"
            time.sleep(max(0.0, began + 7 - time.monotonic()))
        finally:
            server.process.send_signal(signal.SIGCONT)
        buyers.wait_for(200)
        buyers.stop()

        assert statuses(engine.submit([order("asleep")])) == ["duplicate"], "it had run when the store woke up"
        assert buyers.lost >= 8
        assert "duplicate" in buyers.told.values()
        assert set(check_ledger(engine)) == {*buyers.told, "casleep"}


def test_connections_cut_in_the_middle_of_answers_do_nothing_twice(
    new_store: Callable[..., StoreServer], ledger: str
) -> None:
    server = new_store("valkey9", "appendfsync always")
    proxy = Proxy(server.port)
    proxy.start()
    try:
        with connect(server.url) as client:
            engine = started(client, ledger)
            buyers = Buyers(proxy.url(server.url), ledger, 8, timeout=1.0)
            for _ in range(60):
                buyers.wait_for(5)
                proxy.cut(in_answer=True)
            buyers.stop()
            assert proxy.cuts > 20
            assert buyers.lost >= proxy.cuts // 2
            assert set(check_ledger(engine)) == set(buyers.told)
            assert "duplicate" in buyers.told.values(), "some had run, and were told so"
    finally:
        proxy.stop()


def test_calls_sent_ahead_over_a_connection_that_breaks_are_repeated_whole(
    new_store: Callable[..., StoreServer], ledger: str
) -> None:
    server = new_store("valkey9", "appendfsync always")
    proxy = Proxy(server.port)
    proxy.start()
    try:
        with connect(server.url) as client, connect(proxy.url(server.url), timeout=1.0) as shaky:
            started(client, ledger)
            engine = StockEngine(shaky, ledger)
            calls = [[order(f"{call}-{number}") for number in range(50)] for call in range(6)]
            pipeline = engine.pipeline()
            for call in calls[:3]:
                pipeline.send([engine.encode(each) for each in call])
                assert len(pipeline.receive()) == 50
            proxy.cut_all()
            for call in calls[3:]:
                pipeline.send([engine.encode(each) for each in call])
            with pytest.raises(StoreAway, match="may have run"):
                list(iter(pipeline.receive, None))  # of several answers that came as one, the first is whole
            pipeline.close()
            told = [status for call in calls for status in statuses(engine.submit(call))]
            assert len(told) == 300
            assert told[:200] == ["duplicate"] * 200, "half an answer was on its way when the connection broke"
            assert len(check_ledger(engine)) == 300
    finally:
        proxy.stop()


def test_asynchronous_calls_over_connections_that_break(new_store: Callable[..., StoreServer], ledger: str) -> None:
    server = new_store("valkey9", "appendfsync always")
    proxy = Proxy(server.port)
    proxy.start()

    async def buy(engine: AsyncStockEngine, name: str) -> None:
        async with asyncio.timeout(PATIENCE_SECONDS):
            while True:
                try:
                    await engine.submit([order(name)])
                except StoreAway:
                    await asyncio.sleep(0.01)
                    continue
                return

    async def story() -> None:
        async with connect_async(proxy.url(server.url), timeout=1.0) as client:
            engine = AsyncStockEngine(client, ledger)
            for turn in range(20):
                async with asyncio.TaskGroup() as tasks:
                    for number in range(10):
                        tasks.create_task(buy(engine, f"{turn}-{number}"))
                    proxy.cut(in_answer=turn % 2 == 0)

    try:
        with connect(server.url) as client:
            engine = started(client, ledger)
            asyncio.run(story())
            assert proxy.cuts > 5
            assert len(check_ledger(engine)) == 200
    finally:
        proxy.stop()


def test_scripts_forgotten_in_the_middle_of_a_rush(new_store: Callable[..., StoreServer], ledger: str) -> None:
    server = new_store("valkey9", "appendfsync always")
    with connect(server.url) as client, server.client() as saboteur:
        engine = started(client, ledger)
        buyers = Buyers(server.url, ledger, 8)
        sent = 0
        for flush in range(50):
            buyers.wait_for(3)
            pipeline = engine.pipeline()
            saboteur.script_flush()
            for number in range(2):
                pipeline.send([engine.encode(order(f"ahead-{flush}-{number}"))])
            sent += 2
            for _ in range(2):
                with suppress(StoreAway):
                    pipeline.receive()
            pipeline.close()
            told = statuses(engine.submit([order(f"ahead-{flush}-{number}") for number in range(2)]))
            assert set(told) <= {"accepted", "duplicate"}
        buyers.stop()
        assert buyers.lost == 0, "a forgotten script is nothing that a caller notices"
        assert len(check_ledger(engine)) == len(buyers.told) + sent
