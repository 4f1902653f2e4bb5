"""The running audit: silent while everything agrees; else the numbers shown stand still, and an alarm names the entry."""

import asyncio
import json
import logging
from collections.abc import Awaitable, Callable
from typing import Any, cast

import msgspec
import pytest

from overlaykit.director import audit
from overlaykit.director.audit import RunningAudit
from overlaykit.stock import Keeper
from overlaykit.store import Lease, connect, connect_async
from tests.conftest import until

pytestmark = [pytest.mark.store, pytest.mark.usefixtures("no_pace")]


class Leads:
    """A lease that is held."""

    held, token = True, 1


def change(room: Any, column: int, delta: int) -> None:
    """Somebody changes a number of item A behind overlaykit's back."""
    key = f"overlaykit:{{{room.session}}}:items"
    packed = msgspec.msgpack.decode(room.client.hget(key, "A"))
    packed[2]["default"][column] += delta
    room.client.hset(key, "A", msgspec.msgpack.encode(packed))


def watched(store: Any, room: Any, story: Callable[[RunningAudit, Callable[[], None]], Awaitable[None]]) -> list[str]:
    """Tells a story with an audit, and a way to give it what the ledger has got since; gives what was logged."""
    messages: list[str] = []
    log = logging.Logger("test", logging.INFO)
    handler = logging.Handler()
    handler.emit = lambda record: messages.append(record.getMessage())  # type: ignore[method-assign]
    log.addHandler(handler)
    read = 0

    async def run() -> None:
        async with connect_async(store.url) as client:
            with connect(store.url) as blocking:
                keeper = Keeper(client, room.session)
                running = RunningAudit(keeper, blocking, cast(Lease, Leads()), room.session, log)

                def catch_up() -> None:
                    nonlocal read
                    lines = room.ledger()[read:]
                    read += len(lines)
                    if lines:
                        running.take(lines)

                await story(running, catch_up)

    asyncio.run(run())
    return messages


def types(room: Any) -> list[str]:
    return [json.loads(line)["type"] for line in room.ledger()]


def test_an_evening_like_any_other_is_quiet(store: Any, ledger: str, evening: Any) -> None:
    room = evening(store.url, ledger)

    async def story(running: RunningAudit, catch_up: Callable[[], None]) -> None:
        for _ in range(4):
            for _ in range(20):
                room.order()
            room.send("order.record", order=f"f{room._count}", lines=[{"sku": "A", "quantity": 600}], paid=True)
            room.send("stock.adjust", sku="A", delta=5, reason="补货")
            catch_up()
            assert await running.look() == []

    assert watched(store, room, story) == []
    assert "session.freeze" not in types(room)


def test_a_number_that_the_entries_do_not_give_freezes_what_is_shown(store: Any, ledger: str, evening: Any) -> None:
    room = evening(store.url, ledger)
    last = room.order()

    async def story(running: RunningAudit, catch_up: Callable[[], None]) -> None:
        catch_up()
        await running.look()
        change(room, 1, 50)  # available
        change(room, 0, 50)  # on_hand: conserved, and wrong all the same
        room.send("item.feature", sku="A")
        catch_up()
        (finding,) = await running.look()
        assert "the row at default is [1050, 1049, 1," in finding.text
        catch_up()
        assert await running.look() == []  # said once

    messages = watched(store, room, story)

    (alarm,) = [message for message in messages if message.startswith("ALARM: ")]
    assert f"Changed last by entry {last['seq']} (order.reserve, id {last['id']})" in alarm
    assert f"overlaykit session audit {ledger}" in alarm
    freeze = json.loads(room.ledger()[-1])
    assert (freeze["type"], freeze["source"]) == ("session.freeze", "rule:audit")
    assert room.engine.state().status == "frozen"


def test_rows_that_contradict_themselves_are_found_by_a_director_that_has_just_begun(
    store: Any, ledger: str, evening: Any
) -> None:
    room = evening(store.url, ledger)
    change(room, 2, -3)  # held

    async def story(running: RunningAudit, catch_up: Callable[[], None]) -> None:
        assert {finding.text.partition(",")[0] for finding in await running.look()} == {
            "A at default: held is -3",
            "A at default: on_hand is 1000",
        }
        room.send("session.thaw")
        await running.look()

    messages = watched(store, room, story)

    assert len(messages) == 1
    assert types(room)[-2:] == ["session.freeze", "session.thaw"]  # what was said once does not freeze again


def test_another_history_is_no_disagreement(store: Any, ledger: str, evening: Any) -> None:
    room = evening(store.url, ledger)
    for _ in range(5):
        room.order()

    async def story(running: RunningAudit, catch_up: Callable[[], None]) -> None:
        catch_up()
        await running.look()
        running.take([line.replace(b'"seq":7', b'"seq":9') for line in room.ledger()[-1:]])  # some are missing
        running.take(room.ledger())  # as after a loss: from the beginning
        assert await running.look() == []

    assert watched(store, room, story) == []


def test_a_director_audits_by_itself(
    store: Any, ledger: str, evening: Any, director: Any, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(audit, "EVERY", 0.1)
    monkeypatch.setattr(audit, "QUIET_SHARE", 1.0)
    room = evening(store.url, ledger)
    seat = director(store.url)
    room.order()
    until(lambda: len(seat.recorded(ledger)) == 3, "the director reads")
    change(room, 1, 1)
    until(lambda: "session.freeze" in types(room), "the session is frozen")
    assert any("numbers disagree" in alarm for alarm in seat.alarms)


def test_a_quiet_ledger_is_looked_at_once_and_again_when_an_entry_comes(
    store: Any, ledger: str, evening: Any, monkeypatch: pytest.MonkeyPatch
) -> None:
    """What agreed does not cease to agree by itself: a room of ten thousand items would be read again and again."""
    monkeypatch.setattr(audit, "SHARE", 1e9)
    monkeypatch.setattr(audit, "QUIET_SHARE", 1e-9)
    room = evening(store.url, ledger)
    looks: list[int] = []

    async def story(running: RunningAudit, catch_up: Callable[[], None]) -> None:
        look, turns, stop = running.look, 0, asyncio.Event()

        async def counted() -> list[Any]:
            looks.append(room.engine.state().seq)
            return await look()

        async def turn(stop: asyncio.Event, seconds: float) -> bool:
            """Another turn of the audit; at the fourth and at the eighth an order comes."""
            nonlocal turns
            turns += 1
            if turns in (4, 8):
                room.order()
                catch_up()
            return turns > 12

        monkeypatch.setattr(running, "look", counted)
        monkeypatch.setattr(audit, "pause", turn)
        catch_up()
        await running.run(stop)

    assert watched(store, room, story) == []
    first = looks[0]
    assert looks == [first, first + 1, first + 2]
