"""Sixteen clients at once, over connections that break and a store that is killed: is every answer the model's?

The ledger's seq is the total order. The plain model decides everything again in that order; each answer that a client got
has to be the model's, each acknowledged command has to be in the ledger once, and time has to run the same way.
"""

from __future__ import annotations

import os
import random
import signal
import threading
import time
from collections import Counter
from collections.abc import Callable
from dataclasses import asdict

import pytest

from overlaykit.model import commands as c
from overlaykit.model.commands import Submission
from overlaykit.stock import StockEngine
from overlaykit.store import connect
from tests.conftest import StoreServer
from tests.engine.history.checker import check_history
from tests.engine.history.clients import TIMEOUT_SECONDS, Client, Sweeper
from tests.engine.history.dealer import Dealer, history_plan
from tests.engine.history.proxy import Proxy

CLIENTS = 16
ONE_LEDGER = 2_000
"""Operations on one ledger: the plain model adds up all orders for every answer, so its time grows with their square."""


class Trouble(threading.Thread):
    """Cuts connections all the time, stalls now and then, and kills the store or puts it to sleep every second or two."""

    def __init__(self, server: StoreServer, proxy: Proxy, seed: int) -> None:
        super().__init__(daemon=True)
        self._server, self._proxy, self._dice = server, proxy, random.Random(seed)
        self.stop = threading.Event()
        self.kills = self.pauses = 0
        self.failure: BaseException | None = None

    def run(self) -> None:
        try:
            kill_at = time.monotonic() + 0.2
            while not self.stop.wait(self._dice.uniform(0.005, 0.05)):
                if time.monotonic() > kill_at:
                    if self._dice.random() < 0.2:
                        self._pause()
                    else:
                        self._server.kill()
                        self.kills += 1
                        self._server.start()
                    kill_at = time.monotonic() + self._dice.uniform(0.5, 2.0)
                elif self._dice.random() < 0.02:
                    self._proxy.stall(self._dice.choice((0.2, 0.2, 0.2, 1.5)))
                else:
                    self._proxy.cut(in_answer=self._dice.random() < 0.5)
        except BaseException as error:
            self.failure = error

    def _pause(self) -> None:
        """The store sleeps for longer than anybody waits for it."""
        os.kill(self._server.pid, signal.SIGSTOP)
        try:
            time.sleep(TIMEOUT_SECONDS * 1.2)
        finally:
            os.kill(self._server.pid, signal.SIGCONT)
        self.pauses += 1


def one_history(server: StoreServer, proxy: Proxy, number: int, operations: int) -> tuple[Counter[str], Counter[str]]:
    """One ledger from its plan to the check. Gives what happened and what was answered."""
    ledger, quotas = f"history-{number}", number % 2 == 1
    plan = history_plan(ledger, quotas=quotas)
    with connect(server.url) as direct:
        engine = StockEngine(direct, ledger)
        engine.plan(plan)
        engine.submit([Submission("open", c.SessionOpen(), "api:before")])
        dealer = Dealer(number, quotas=quotas)
        url = proxy.url(server.url)
        clients = [Client(f"h{number}c{each}", url, ledger, dealer, operations // CLIENTS) for each in range(CLIENTS)]
        sweeper, trouble = Sweeper(url, ledger), Trouble(server, proxy, number)
        everybody: list[Client | Sweeper | Trouble] = [*clients, sweeper, trouble]
        for thread in everybody:
            thread.start()
        for client in clients:
            client.join()
        for stop, helper in ((sweeper.stop, sweeper), (trouble.stop, trouble)):
            stop.set()
            helper.join()
        for thread in everybody:
            if thread.failure is not None:
                raise thread.failure
        done = [operation for client in clients for operation in client.operations]
        lines = [line for _, line in engine.read(0, count=1_000_000)]
        answered = check_history(plan, done, lines, engine.state())
    happened = Counter(
        {"operations": len(done), "entries": len(lines), "kills": trouble.kills, "pauses": trouble.pauses}
    )
    for client in clients:
        happened.update(asdict(client.tally))
    return happened, answered


def many_histories(server: StoreServer, operations: int) -> None:
    happened, answered = Counter[str](), Counter[str]()
    proxy = Proxy(server.port)
    proxy.start()
    began = time.monotonic()
    try:
        for number in range(operations // ONE_LEDGER):
            one, said = one_history(server, proxy, number, ONE_LEDGER)
            happened.update(one)
            answered.update(said)
    finally:
        proxy.stop()
    happened.update(cut=proxy.cuts, stalled=proxy.stalls, seconds=round(time.monotonic() - began))
    print("\nwhat happened:", ", ".join(f"{name} {count}" for name, count in happened.items()))
    print("what was answered and written:", ", ".join(f"{name} {count}" for name, count in answered.most_common()))
    assert happened["operations"] >= operations
    assert happened["kills"] > 0
    assert happened["cut"] > 100
    assert happened["unknown"] > 100, "hardly an answer was lost: hardly anything was tested"


@pytest.mark.store
@pytest.mark.faults
def test_every_answer_agrees_with_the_model(new_store: Callable[..., StoreServer]) -> None:
    many_histories(new_store("valkey9", "appendfsync always"), 20_000)


@pytest.mark.soak
@pytest.mark.timeout(10_800)
def test_three_hundred_thousand_operations(new_store: Callable[..., StoreServer]) -> None:
    many_histories(new_store("valkey9", "appendfsync always"), 300_000)
