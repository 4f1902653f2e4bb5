"""A whole room on a cluster, and what a failover does to it."""

from __future__ import annotations

import json
import signal
import urllib.request
from collections.abc import Callable
from functools import partial
from pathlib import Path
from typing import Any

import pytest

from overlaykit.errors import StoreAway, StoreBehind
from overlaykit.stock import StockEngine
from overlaykit.store import connect, whole_url
from tests.cluster.conftest import Cluster, ask
from tests.conftest import Room, StoreServer, until
from tests.faults.orders import order, started, statuses

PLAN = """
id = "night"
ledger = "{ledger}"
title = "大促之夜"
item = [{{ link = 1, sku = "A", title = "羊绒大衣", price = "899.00", opening = 1000 }}]
"""


def plan_on(folder: Path, ledger: str) -> Path:
    path = folder / ledger / "session.toml"
    path.parent.mkdir()
    path.write_text(PLAN.format(ledger=ledger), encoding="utf-8")
    return path


def command(number: int) -> dict[str, Any]:
    return {
        "type": "order.reserve",
        "id": f"c{number}",
        "order": f"o{number}",
        "lines": [{"sku": "A", "quantity": 1}],
    }


def take_order(room: Room, number: int) -> str | None:
    """The status of an order's outcome; None when it has to be sent again."""
    status, body = room.post("/api/v1/sessions/night/commands", command(number))
    if status in (0, 503):
        return None
    found = json.loads(body)
    return str(found.get("outcome", found).get("status"))


def take_in_bulk(room: Room, numbers: range) -> list[str]:
    """The statuses of many orders sent at once."""
    body = b"".join(json.dumps(command(number)).encode() + b"\n" for number in numbers)
    headers = {"Content-Type": "application/x-ndjson", "Authorization": f"Bearer {room.tokens['operator']}"}
    request = urllib.request.Request(f"{room.url}/api/v1/sessions/night/commands", data=body, headers=headers)
    with urllib.request.urlopen(request, timeout=10) as answer:
        return [json.loads(line)["status"] for line in answer]


def taken(room: Room) -> int | None:
    """Units held, as the board says; None while it has to be asked again."""
    status, body = room.get("/api/v1/sessions/night/board")
    return int(json.loads(body)["items"]["A"]["held"]) if status == 200 else None


@pytest.mark.store
def test_a_room_on_a_cluster_takes_orders(cluster: Cluster, room: Callable[..., Room], tmp_path: Path) -> None:
    ledger = cluster.ledger_on(cluster.masters[2])
    running = room(plan_on(tmp_path, ledger), "--redis", cluster.url)
    assert "cluster" in running.wait_printed()
    assert [take_order(running, number) for number in range(5)] == ["accepted"] * 5
    assert take_in_bulk(running, range(4, 30)) == ["duplicate"] + ["accepted"] * 25
    until(lambda: taken(running) == 30 or None, "the board shows all of them")
    recorded = until(
        lambda: (
            [
                path
                for path in running.state.rglob("recording*.jsonl")
                if path.read_bytes().count(b"order.reserve") == 30
            ]
            or None
        ),
        "every order is recorded",
    )
    assert len(recorded) == 1
    assert running.stop() == 0


@pytest.mark.faults
@pytest.mark.store
def test_a_master_killed_is_replaced_and_the_room_goes_on(
    new_cluster: Callable[[], Cluster], room: Callable[..., Room], tmp_path: Path
) -> None:
    cluster = new_cluster()
    # The URL names the very node that dies.
    running = room(plan_on(tmp_path, cluster.ledger_on(cluster.masters[0])), "--redis", cluster.url)
    assert [take_order(running, number) for number in range(20)] == ["accepted"] * 20
    wait_in_step(cluster.masters[0], cluster.replicas[0])
    cluster.masters[0].kill()

    answered = until(lambda: take_order(running, 20), "the replica took over and the room takes orders", 30)

    assert answered in ("accepted", "duplicate")
    assert until(lambda: take_order(running, 3), "answered") == "duplicate"
    until(lambda: taken(running) == 21 or None, "the board shows all of them")
    running.kill("web")
    until(lambda: take_order(running, 21), "a web process started now finds the cluster without its first node")
    assert running.stop() == 0


def wait_in_step(master: StoreServer, replica: StoreServer) -> None:
    """Until the replica has what the master has acknowledged."""
    behind = ask(master, "INFO")["master_repl_offset"]
    until(lambda: ask(replica, "INFO")["slave_repl_offset"] >= behind or None, "the replica is in step")


@pytest.mark.faults
@pytest.mark.store
def test_what_a_failover_loses_is_noticed_and_never_written_over(new_cluster: Callable[[], Cluster]) -> None:
    cluster = new_cluster()
    master, replica = cluster.masters[0], cluster.replicas[0]
    with connect(whole_url(cluster.url), timeout=1.0) as client, connect(whole_url(cluster.url)) as others:
        engine = started(client, cluster.ledger_on(master))
        assert statuses(engine.submit([order(number) for number in range(10)])) == ["accepted"] * 10
        wait_in_step(master, replica)
        cut_off(replica)
        assert statuses(engine.submit([order(number) for number in range(10, 15)])) == ["accepted"] * 5
        master.kill()

        def again() -> bool:
            try:
                engine.submit([order(15)])
            except StoreAway:
                return False
            except StoreBehind:
                return True
            raise AssertionError("five orders are missing, and nobody noticed")

        until(again, "the promoted replica is refused", 30)
        # Somebody who had seen none of it may write. Whoever has seen more is told also when the ledger is as long again.
        assert (
            statuses(StockEngine(others, engine.ledger).submit([order(n) for n in range(20, 22)])) == ["accepted"] * 2
        )
        with pytest.raises(StoreBehind):
            engine.submit([order(16)])
        assert [seq for seq, _ in engine.read(0)] == list(range(1, 15))


@pytest.mark.faults
@pytest.mark.store
def test_a_room_gives_the_promoted_replica_what_its_recording_holds(
    new_cluster: Callable[[], Cluster], room: Callable[..., Room], tmp_path: Path
) -> None:
    cluster = new_cluster()
    master, replica = cluster.masters[0], cluster.replicas[0]
    running = room(plan_on(tmp_path, cluster.ledger_on(master)), "--redis", cluster.url)
    assert [take_order(running, number) for number in range(10)] == ["accepted"] * 10
    wait_in_step(master, replica)
    cut_off(replica)
    assert [take_order(running, number) for number in range(10, 20)] == ["accepted"] * 10
    until(lambda: any(b'"o19"' in each.read_bytes() for each in running.state.rglob("*.jsonl")) or None, "all recorded")
    web = running.pids["web"]
    master.kill()

    answered = until(lambda: take_order(running, 20), "the store is whole again and the room takes orders", 30)

    assert answered in ("accepted", "duplicate")
    assert [until(partial(take_order, running, number), "answered") for number in (9, 10, 19)] == ["duplicate"] * 3
    until(lambda: taken(running) == 21 or None, "the board shows all of them")
    log = (running.state / "logs" / "director.log").read_text()
    assert "ALARM" in log
    assert "whole again" in log
    assert running.pids["web"] == web
    assert running.stop() == 0


def cut_off(replica: StoreServer) -> None:
    """The replica follows its master no longer, and nobody knows."""
    ask(replica, "CONFIG", "SET", "masterauth", "wrong")
    ask(replica, "CLIENT", "KILL", "TYPE", "master")
    until(lambda: ask(replica, "INFO")["master_link_status"] == "down" or None, "the replica is cut off")


@pytest.mark.faults
@pytest.mark.store
def test_a_master_that_sleeps_through_its_own_failover_does_not_keep_its_orders_secretly(
    new_cluster: Callable[[], Cluster],
) -> None:
    cluster = new_cluster()
    master, replica = cluster.masters[0], cluster.replicas[0]
    with connect(whole_url(cluster.url), timeout=1.0) as client:
        engine = started(client, cluster.ledger_on(master))
        assert statuses(engine.submit([order(number) for number in range(5)])) == ["accepted"] * 5
        wait_in_step(master, replica)
        assert master.process is not None
        master.process.send_signal(signal.SIGSTOP)
        answered: list[str] = []

        def again() -> bool:
            try:
                answered.extend(statuses(engine.submit([order(5)])))
            except StoreAway:
                return False
            return True

        until(again, "the promoted replica takes the order", 30)
        master.process.send_signal(signal.SIGCONT)
        until(lambda: ask(master, "INFO")["role"] == "slave" or None, "the old master follows the new one")
        assert answered == ["accepted"]
        assert statuses(engine.submit([order(5), order(6)])) == ["duplicate", "accepted"]
        assert [seq for seq, _ in engine.read(0)] == list(range(1, 10))
