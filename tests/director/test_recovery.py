"""A store that comes back with less than it had: what was recorded is given back, and what cannot be is said."""

import asyncio
import json
import shutil
import time
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from overlaykit.director import recovery
from overlaykit.director import run as director_run
from overlaykit.errors import NotFound, StoreBehind
from overlaykit.model.notes import RuleFired, TaskOpened
from overlaykit.recording import verify
from overlaykit.stock import Keeper, SessionDirectory, StockEngine
from overlaykit.stock.keys import buyer_key, head_key
from overlaykit.store import connect, connect_async
from tests.conftest import StoreServer, until
from tests.epochs import begin_epoch

pytestmark = [pytest.mark.store, pytest.mark.usefixtures("no_pace")]


@pytest.fixture
def durable(new_store: Any) -> StoreServer:
    """A store that loses nothing by itself."""
    server: StoreServer = new_store("valkey9", "appendfsync always")
    return server


@pytest.fixture
def copy(durable: StoreServer, tmp_path: Path) -> Callable[[], Callable[[], None]]:
    """Copies the store as it is now; what it gives brings the store back to that."""

    def take() -> Callable[[], None]:
        kept = tmp_path / "earlier"
        durable.kill()
        shutil.copytree(durable.folder, kept)
        durable.start()

        def restore() -> None:
            durable.kill()
            shutil.rmtree(durable.folder)
            shutil.copytree(kept, durable.folder)
            durable.start()

        return restore

    return take


def resumed(room: Any) -> list[dict[str, Any]]:
    entries = [json.loads(line) for line in room.ledger()]
    return [entry["data"] for entry in entries if entry["type"] == "session.resumed"]


def in_step(seat: Any, room: Any, name: str = "recording.jsonl") -> None:
    until(lambda: seat.recorded(room.session, name) == room.ledger(), f"{name} holds what the store has", 20)


def order_again(room: Any) -> dict[str, Any]:
    """An order, sent as often as it takes: while the store is mended it is refused, and nothing runs."""

    def answered() -> dict[str, Any] | None:
        try:
            return dict(room.order())
        except (StoreBehind, NotFound):
            time.sleep(0.05)
            return None

    return until(answered, "orders are decided again")


def test_the_missing_entries_are_given_back_and_the_recording_goes_on(
    durable: StoreServer, copy: Any, ledger: str, director: Any, evening: Any, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(recovery, "CHUNK", 3)
    room = evening(durable.url, ledger)
    restore = copy()
    seat = director(durable.url)
    for _ in range(4):
        room.order()
        room.order(hold_seconds=0.05)
    for number in range(2):
        sold = [{"sku": "A", "quantity": 600}]
        room.send("order.record", order=f"fact-{number}", channel="default", lines=sold, paid=True)
    room.send("stock.adjust", sku="A", delta=5000, reason="补货")
    fired = RuleFired(rule="last", sku="A", key="A 1")
    room.note(fired, *(TaskOpened(task=str(number), text="发券") for number in range(202)), cause=4)
    until(lambda: sum(b"hold.expired" in line for line in room.ledger()) == 4, "holds have ended as well")
    before = room.ledger()
    assert all(any(type in line for line in before) for type in (b"oversold.covered", b"task.dropped"))
    in_step(seat, room)
    stock, shown = room.engine.state().items["A"], room.engine.state().shown

    restore()
    until(lambda: resumed(room), "the store is whole again")

    assert room.ledger()[: len(before)] == before
    state = room.engine.state()
    alert = state.shown.pop("alert store")
    assert (alert["level"], alert["params"]) == ("warning", {}), "somebody has to see that it happened; nothing is lost"
    there, _, left = state.shown.pop("alerts")
    assert (there, left) == (1, 0)
    shown.pop("alerts", None)
    assert (state.items["A"], state.shown) == (stock, shown)
    data = resumed(room)[0]
    assert data["given_back"] == {"from": 3, "to": len(before)}
    assert (data["intact"], data["lost"]) == (len(before), None)
    assert order_again(room)["status"] == "accepted"
    in_step(seat, room)
    seat.stop()
    assert verify(seat.recording(ledger)).ok
    assert not seat.recording(ledger, "recording-2.jsonl").exists()
    assert any("came back with 2 entries" in alarm for alarm in seat.alarms)


def test_processes_learn_the_new_epoch_without_an_error_when_they_lost_nothing(
    durable: StoreServer, copy: Any, ledger: str, director: Any, evening: Any
) -> None:
    room = evening(durable.url, ledger)
    restore = copy()
    seat = director(durable.url)
    room.order()
    in_step(seat, room)
    epoch = room.engine.seen.epoch

    restore()
    until(lambda: StockEngine(room.client, ledger).state().epoch != epoch, "a new epoch begins")

    assert room.order()["seq"] == 5
    assert room.engine.seen.epoch != epoch


def test_what_was_answered_and_not_recorded_is_lost_and_everybody_says_so(
    durable: StoreServer, copy: Any, ledger: str, director: Any, evening: Any
) -> None:
    room = evening(durable.url, ledger)
    restore = copy()
    seat = director(durable.url)
    room.order()
    in_step(seat, room)
    seat.stop()
    for _ in range(3):
        room.order()  # entries 4 to 6: answered, on no disk but the store's

    restore()
    with pytest.raises(StoreBehind, match="stands at entry 2"):
        room.order()
    seat = director(durable.url)
    until(lambda: resumed(room), "the store is whole again")

    assert resumed(room)[0]["lost"] == {"from": 4, "to": 6}
    assert any("entries 4 to 6 had been answered" in alarm for alarm in seat.alarms)
    with pytest.raises(StoreBehind, match="4 to 6, which this process was told of"):
        room.order()
    assert room.order()["status"] == "accepted"
    in_step(seat, room)


def test_a_loss_of_what_no_disk_had_yet_is_noticed_when_whoever_was_told_comes_back(
    durable: StoreServer, copy: Any, ledger: str, director: Any, evening: Any
) -> None:
    room = evening(durable.url, ledger)
    seat = director(durable.url)
    in_step(seat, room)
    seat.stop()
    restore = copy()
    for _ in range(3):
        room.order()  # entries 3 to 5

    restore()
    seat = director(durable.url)
    until(lambda: f"{ledger}: this director leads now" in seat.messages, "the director finds nothing wrong")
    in_step(seat, room)
    assert not resumed(room)
    with pytest.raises(StoreBehind):
        room.order()

    until(lambda: resumed(room), "the loss is noticed")
    assert resumed(room)[0]["lost"] == {"from": 3, "to": 5}
    with pytest.raises(StoreBehind, match="3 to 5, which this process was told of"):
        room.order()
    assert room.order()["status"] == "accepted"
    in_step(seat, room)


def test_what_was_written_where_the_lost_entries_stood_is_not_taken_for_them(
    durable: StoreServer, copy: Any, ledger: str, director: Any, evening: Any
) -> None:
    room = evening(durable.url, ledger)
    seat = director(durable.url)
    in_step(seat, room)
    seat.stop()
    restore = copy()
    for _ in range(5):
        room.order()  # entries 3 to 7

    restore()
    with pytest.raises(StoreBehind):
        room.order()
    other = evening(durable.url, ledger)
    for _ in range(2):
        other.order(channel="default")  # entries 3 and 4 once more
    seat = director(durable.url)
    until(lambda: resumed(other), "the loss is noticed")

    assert (resumed(other)[0]["intact"], resumed(other)[0]["lost"]) == (2, {"from": 3, "to": 7})
    with pytest.raises(StoreBehind, match="3 to 7, which this process was told of"):
        room.order()
    assert room.order()["status"] == "accepted"
    in_step(seat, room)


def test_two_histories_are_not_mixed(durable: StoreServer, copy: Any, ledger: str, director: Any, evening: Any) -> None:
    room = evening(durable.url, ledger)
    restore = copy()
    seat = director(durable.url)
    for _ in range(3):
        room.order()
    before = room.ledger()
    in_step(seat, room)
    seat.stop()

    restore()
    room = evening(durable.url, ledger)
    for _ in range(9):
        room.order(channel="default")
    seat = director(durable.url)
    until(lambda: resumed(room), "the store goes on in a new epoch")
    in_step(seat, room, "recording-2.jsonl")

    assert seat.recorded(ledger) == before
    assert resumed(room)[0]["conflict"] == {"from": 3, "to": 5}
    assert any("Entries 3 to 5, as recorded, are not in it" in alarm for alarm in seat.alarms)
    with pytest.raises(StoreBehind, match="3 to 11"):
        room.order()  # nobody can tell it which of the two histories it was told of
    assert room.order()["status"] == "accepted"
    seat.stop()
    assert verify(seat.recording(ledger)).ok
    assert verify(seat.recording(ledger, "recording-2.jsonl")).ok


def test_a_director_that_stands_by_gives_back_what_only_it_has(
    durable: StoreServer, copy: Any, ledger: str, director: Any, evening: Any
) -> None:
    room = evening(durable.url, ledger)
    first, second = director(durable.url, "first"), director(durable.url, "second")
    in_step(first, room)
    in_step(second, room)
    until(lambda: len(room.client.hgetall(f"overlaykit:{{{ledger}}}:recorders")) == 2, "both have registered")
    restore = copy()
    room.order()
    in_step(first, room)
    first.stop()
    room.order()
    in_step(second, room)
    before = room.ledger()
    second.stop()

    restore()
    first = director(durable.url, "first")
    until(lambda: f"{ledger}: this director leads now" in first.messages, "the first one leads")
    second = director(durable.url, "second")
    until(lambda: resumed(room), "the store is whole again")

    assert room.ledger()[: len(before)] == before
    assert resumed(room)[0]["lost"] is None
    in_step(first, room)
    in_step(second, room)


def test_a_gate_that_a_dead_director_left_shut_is_opened(
    durable: StoreServer, ledger: str, director: Any, evening: Any
) -> None:
    room = evening(durable.url, ledger)

    async def shut() -> None:
        async with connect_async(durable.url) as client:
            await Keeper(client, ledger).shut_gate()

    asyncio.run(shut())
    with pytest.raises(StoreBehind):
        room.order()
    with pytest.raises(StoreBehind), connect(durable.url) as client:
        StockEngine(client, ledger).sweep()
    seat = director(durable.url)
    assert order_again(room)["status"] == "accepted"
    in_step(seat, room)


def test_a_store_that_lost_everything_gets_each_session_back_whether_it_rests_or_not(
    durable: StoreServer, ledger: str, director: Any, evening: Any, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(director_run, "REST_AFTER", 0.2)
    monkeypatch.setattr(director_run, "RESTED_EVERY", 0.2)
    over, room = evening(durable.url, f"{ledger}-over"), evening(durable.url, ledger)
    over.order()
    over.send("session.close")
    seat = director(durable.url)
    room.order(buyer="li")
    in_step(seat, room)
    until(lambda: rests(seat, over), "one of them rests")
    lines, keys = {each.session: each.ledger() for each in (over, room)}, [buyer_key(ledger)]
    secret = room.client.mget(keys)
    room.client.flushall()

    assert order_again(room)["status"] == "accepted"
    in_step(seat, room)
    until(lambda: resumed(over), "the one that rested is back, and may be written to", 20)
    assert SessionDirectory(room.client).get(over.session).status == "closed"
    seat.stop()

    for each in (over, room):
        assert each.ledger()[: len(lines[each.session])] == lines[each.session]
    assert room.client.mget(keys) == secret, "who had bought what still counts"


def rests(seat: Any, room: Any) -> bool:
    """Whether the recording of a session is signed to its end, as it is when its director lets go of it."""
    path = seat.recording(room.session)
    return seat.recorded(room.session) == room.ledger() and verify(path).unsigned == 0


def test_a_new_epoch_that_a_director_reads_of_is_no_loss(
    durable: StoreServer, ledger: str, director: Any, evening: Any
) -> None:
    room = evening(durable.url, ledger)
    seat = director(durable.url)
    room.order(hold_seconds=3)
    in_step(seat, room)
    begin_epoch(durable.url, ledger, len(room.ledger()))
    until(lambda: b"hold.expired" in seat.recorded(ledger)[-1], "the director goes on in it", 15)
    assert room.client.hget(head_key(ledger), "missed") is None
    assert seat.alarms == []
