"""A room whose store comes back with less than it had: the recording gives it back, and what nobody has is said."""

from __future__ import annotations

import json
import os
import signal
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from overlaykit.errors import StoreAway
from overlaykit.stock import StockEngine
from overlaykit.store import connect
from tests.conftest import Room, StoreServer, free_tcp_port, until
from tests.faults.orders import order

pytestmark = [pytest.mark.faults, pytest.mark.store]

PLAN = """
id = "night"
title = "大促之夜"
item = [{ link = 1, sku = "A", title = "羊绒大衣", price = "899.00", opening = 1000 }]
"""
ORDERS = 60


@pytest.fixture
def night(tmp_path: Path) -> Path:
    path = tmp_path / "night" / "session.toml"
    path.parent.mkdir()
    path.write_text(PLAN, encoding="utf-8")
    return path


@pytest.fixture
def running(night: Path, room: Callable[..., Room], new_store: Callable[..., StoreServer]) -> tuple[Room, StoreServer]:
    """A room on a store of its own."""
    server = new_store("valkey9", "appendfsync always")
    return room(night, "--redis", server.url), server


def take(room: Room, number: int) -> str | None:
    """What the room says of an order; None when it has to be sent again."""
    body = {"type": "order.reserve", "id": f"c{number}", "order": f"o{number}"}
    status, answer = room.post("/api/v1/sessions/night/commands", {**body, "lines": [{"sku": "A", "quantity": 1}]})
    if status in (0, 503):
        return None
    found = json.loads(answer)
    assert status in (200, 409), found
    return str(found.get("outcome", found)["status"])


def took(room: Room, number: int) -> str:
    """The same, sent until it is answered."""
    return until(lambda: take(room, number), f"order {number} is answered", 30)


def recorded(room: Room) -> list[bytes]:
    """Every line that is on disk, of the newest recording. Signed heads are no lines of the ledger."""
    files = sorted(room.state.rglob("recording*.jsonl"), key=lambda path: path.stat().st_mtime)
    return files[-1].read_bytes().splitlines() if files else []


def wait_recorded(room: Room, number: int) -> None:
    """Until the order is on the recorder's disk."""
    needle = f'"order":"o{number}"'.encode()
    until(lambda: any(needle in line for line in recorded(room)) or None, "the last order is recorded")


def ledger(server: StoreServer) -> list[bytes]:
    with connect(server.url) as client:
        return [line for _, line in StockEngine(client, "night").read(0, count=100_000)]


def size_of_log(server: StoreServer) -> int:
    (log,) = server.folder.glob("appendonlydir/*.incr.aof")
    return log.stat().st_size


def bring_back(server: StoreServer, size: int, meanwhile: Callable[[StoreServer], None] | None = None) -> None:
    """Starts the killed store again with the first `size` bytes of its log. `meanwhile` gets it on another port before."""
    (log,) = server.folder.glob("appendonlydir/*.incr.aof")
    with log.open("r+b") as file:
        file.truncate(size)
    if meanwhile is not None:
        port, server.port = server.port, free_tcp_port()
        server.start()
        meanwhile(server)
        server.stop()
        server.port = port
    server.start()


def director_log(room: Room) -> str:
    return (room.state / "logs" / "director.log").read_text(encoding="utf-8")


def held(room: Room) -> int | None:
    status, body = room.get("/api/v1/sessions/night/board")
    return int(json.loads(body)["items"]["A"]["held"]) if status == 200 else None


def test_what_was_recorded_is_given_back_and_the_web_goes_on(running: tuple[Room, StoreServer]) -> None:
    room, server = running
    web = room.pids["web"]
    size = 0
    for number in range(ORDERS):
        assert take(room, number) == "accepted"
        if number == ORDERS // 2:
            size = size_of_log(server)
    wait_recorded(room, ORDERS - 1)
    before = ledger(server)
    server.kill()
    bring_back(server, size)

    assert took(room, ORDERS) == "accepted"
    assert [took(room, number) for number in (0, ORDERS // 2 + 5, ORDERS - 1)] == ["duplicate"] * 3
    assert ledger(server)[: len(before)] == before, "byte for byte what it was"
    until(lambda: held(room) == ORDERS + 1 or None, "the board shows them all")
    assert room.pids["web"] == web
    assert "ALARM" in director_log(room)
    assert "whole again" in director_log(room)


def test_what_nobody_recorded_is_said_to_be_lost_and_can_be_sent_again(running: tuple[Room, StoreServer]) -> None:
    room, server = running
    for number in range(ORDERS):
        assert take(room, number) == "accepted"
    wait_recorded(room, ORDERS - 1)
    size = size_of_log(server)
    director = room.kill("director", signal.SIGSTOP)
    try:
        for number in range(ORDERS, ORDERS + 5):
            assert take(room, number) == "accepted"
        server.kill()
        bring_back(server, size)
    finally:
        os.kill(director, signal.SIGCONT)

    # The web process was told of more than there is now: it notices with the next order.
    assert took(room, ORDERS + 5) == "accepted"
    until(lambda: "are lost" in director_log(room) or None, "the loss is reported")
    assert [took(room, number) for number in range(ORDERS - 1, ORDERS + 5)] == ["duplicate"] + ["accepted"] * 5
    until(lambda: held(room) == ORDERS + 6 or None, "the board shows them all")


def test_a_store_written_to_by_others_meanwhile_is_two_histories(running: tuple[Room, StoreServer]) -> None:
    room, server = running
    size = 0
    for number in range(ORDERS):
        assert take(room, number) == "accepted"
        if number == ORDERS // 2:
            size = size_of_log(server)
    wait_recorded(room, ORDERS - 1)
    before, kept = ledger(server), recorded(room)
    server.kill()

    def write_on(other: StoreServer) -> None:
        with connect(other.url) as client:
            engine = StockEngine(client, "night")
            for number in range(ORDERS):
                write(engine, number)

    bring_back(server, size, write_on)

    until(lambda: "history is another one" in director_log(room) or None, "the director tells the two apart")
    assert took(room, ORDERS) == "accepted"
    now: list[Any] = ledger(server)
    assert len(now) > len(before)
    assert now[: len(before)] != before
    oldest = min(room.state.rglob("recording*.jsonl"), key=lambda path: path.stat().st_mtime)
    assert oldest.read_bytes().splitlines()[: len(kept)] == kept, "what was recorded is never written over"
    until(lambda: held(room) == ORDERS // 2 + 1 + ORDERS + 1 or None, "the board shows the store's history")


def write(engine: StockEngine, number: int) -> None:
    """An order of somebody who knows nothing of what was."""
    try:
        engine.submit([order(f"stranger-{number}")])
    except StoreAway as error:
        raise AssertionError(error) from error


def test_a_store_that_lost_everything_gets_the_session_and_the_tokens_back(running: tuple[Room, StoreServer]) -> None:
    room, server = running
    web, before = room.pids["web"], [took(room, number) for number in range(ORDERS)]
    wait_recorded(room, ORDERS - 1)
    lines = ledger(server)
    with server.client() as client:
        client.flushall()

    answered = until(lambda: again(room, ORDERS - 1), "the room knows its orders again", 30)

    assert before == ["accepted"] * ORDERS
    assert answered == "duplicate"
    assert took(room, ORDERS) == "accepted"
    until(lambda: held(room) == ORDERS + 1 or None, "the board shows all of them")
    found = ledger(server)
    assert found[: len(lines)] == lines
    assert [json.loads(line)["type"] for line in found[len(lines) :]] == ["session.resumed", "order.reserve"]
    assert json.loads(found[len(lines)])["data"]["given_back"] == {"from": 2, "to": len(lines)}
    assert "knows nothing of this session" in director_log(room)
    assert "are lost" not in director_log(room)
    assert "whole again" in director_log(room)
    assert room.pids["web"] == web
    wait_recorded(room, ORDERS)
    assert room.stop() == 0


def again(room: Room, number: int) -> str | None:
    """What the room says of an order, once it knows its token and its session again."""
    body = {"type": "order.reserve", "id": f"c{number}", "order": f"o{number}"}
    status, answer = room.post("/api/v1/sessions/night/commands", {**body, "lines": [{"sku": "A", "quantity": 1}]})
    return str(json.loads(answer)["status"]) if status == 200 else None
