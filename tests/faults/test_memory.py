"""A store without memory left: refused clearly, nothing half done, and fine again when there is some."""

from __future__ import annotations

from collections.abc import Callable
from contextlib import suppress
from typing import Any

import pytest

from overlaykit.errors import StoreAway
from overlaykit.model import commands as c
from overlaykit.model.commands import Submission
from overlaykit.store import connect
from tests.conftest import StoreServer
from tests.faults.orders import check_ledger, order, started, statuses

pytestmark = [pytest.mark.faults, pytest.mark.store]

BATCH = 100


def everything(server: StoreServer) -> dict[bytes, Any]:
    """Every key and what it holds, to the last byte."""
    with server.client() as client:
        return {key: client.dump(key) for key in client.scan_iter(count=1000)}


@pytest.mark.parametrize("make", ["redis62", "redis7", "valkey9"])
def test_a_full_store_says_so_tears_nothing_and_goes_on_when_it_has_room(
    new_store: Callable[..., StoreServer], ledger: str, make: str
) -> None:
    server = new_store(make, "maxmemory-policy noeviction")
    with connect(server.url) as client:
        engine = started(client, ledger)
        taken = 0
        engine.submit([order(f"early-{number}", hold_seconds=0.001) for number in range(20)])
        engine.submit([order(f"kept-{number}") for number in range(20)])
        client.config_set("maxmemory", client.info("memory")["used_memory"] + 500_000)
        with suppress(StoreAway):
            while taken < 100_000:
                engine.submit([order(taken + number) for number in range(BATCH)])
                taken += BATCH
        assert taken > 0
        # What buffers give back between two calls must not be room for one more.
        client.config_set("maxmemory", client.info("memory")["used_memory"] - 300_000)

        before = everything(server)
        for attempt in (
            lambda: engine.submit([order(taken)]),
            lambda: engine.submit([Submission("commit", c.OrderCommit(order="okept-1"), "api:test")]),
            lambda: engine.submit([Submission("release", c.OrderRelease(order="okept-2"), "api:test")]),
            lambda: engine.submit([Submission("close", c.SessionClose(), "api:test")]),
            engine.sweep,
        ):
            with pytest.raises(StoreAway, match=r"no memory left[\s\S]*maxmemory"):
                attempt()
            assert everything(server) == before, "what is refused has changed nothing"

        assert engine.state().status == "live", "reading goes on"
        client.config_set("maxmemory", 0)
        told = statuses(engine.submit([order(taken + number) for number in range(BATCH)]))
        assert told == ["accepted"] * BATCH
        assert engine.sweep() == 20
        assert len(check_ledger(engine)) == 40 + taken + BATCH
