"""What is no longer needed leaves the store, and never before every recorder has it."""

import asyncio
import json
import logging
from typing import Any, cast

import pytest

from overlaykit.director import retention
from overlaykit.director.retention import Retention
from overlaykit.stock import Keeper
from overlaykit.stock.keys import heard_key, recorders_key
from overlaykit.store import Lease, connect_async

pytestmark = pytest.mark.store
MINUTE = 60_000
HOUR = 60 * MINUTE


class Leads:
    """A lease that is held."""

    held, token = True, 1


class Keeping:
    """Looks at one session, at times of the test's own: minutes after the first look."""

    def __init__(self, url: str, room: Any) -> None:
        self.url, self.room, self.messages, self.began = url, room, list[str](), 0
        self._log = logging.Logger("test", logging.INFO)
        handler = logging.Handler()
        handler.emit = lambda record: self.messages.append(record.getMessage())  # type: ignore[method-assign]
        self._log.addHandler(handler)

    def look(self, *minutes: float) -> None:
        """A director that begins now and looks at these times."""

        async def run() -> None:
            async with connect_async(self.url) as client:
                keeper = Keeper(client, self.room.session)
                facts = await keeper.facts()
                assert facts is not None
                self.began = self.began or facts.now_ms
                looks = Retention(keeper, cast(Lease, Leads()), self.room.session, self._log)
                for minute in minutes:
                    await looks.look(now_ms=round(self.began + minute * MINUTE))

        asyncio.run(run())

    def recorder(self, name: str, seq: int, minutes: float = 0) -> None:
        """A recorder has everything up to `seq` on disk, as it said so many minutes after the first look."""
        self.room.client.hset(recorders_key(self.room.session), name, seq)
        self.room.client.hset(heard_key(self.room.session), name, round(self.began + minutes * MINUTE))

    @property
    def first_seq(self) -> int:
        lines = self.room.engine.read(0, count=1)
        return int(lines[0][0])

    @property
    def types(self) -> list[str]:
        return [json.loads(line)["type"] for line in self.room.ledger()]


@pytest.fixture
def keeping(store: Any, ledger: str, evening: Any, monkeypatch: pytest.MonkeyPatch) -> Keeping:
    monkeypatch.setattr(retention, "ENTRIES_KEPT", 50)
    found = Keeping(store.url, evening(store.url, ledger))
    found.look(0)
    return found


def fill(room: Any, entries: int) -> None:
    for _ in range(entries - len(room.ledger())):
        room.order()


def test_the_ledger_is_trimmed_below_what_every_recorder_has_and_some_minutes(keeping: Keeping) -> None:
    fill(keeping.room, 600)
    keeping.recorder("s/one", 600, 12)
    keeping.recorder("s/two", 300, 12)

    keeping.look(1, 5, 9)
    assert keeping.first_seq == 1  # readers may have been away for so long
    keeping.look(1, 12)
    assert 200 <= keeping.first_seq <= 301
    keeping.recorder("s/two", 600, 12)
    keeping.look(12, 13, 22)
    assert 301 < keeping.first_seq <= 551  # and the last ones stay
    assert keeping.messages == []


def test_nothing_is_trimmed_while_nobody_records(keeping: Keeping) -> None:
    fill(keeping.room, 400)
    keeping.look(1, 12, 60)
    assert keeping.first_seq == 1


def test_very_many_entries_are_not_kept_for_ten_minutes(keeping: Keeping, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(retention, "MOST_KEPT", 200)
    fill(keeping.room, 600)
    keeping.recorder("s/one", 600)
    keeping.look(1)
    assert 250 <= keeping.first_seq <= 401


def test_a_silent_recorder_is_waited_for_and_spoken_of_and_given_up_after_a_day(keeping: Keeping) -> None:
    fill(keeping.room, 400)
    keeping.recorder("s/here", 400, 24.5 * 60)
    keeping.recorder("s/gone", 20)

    keeping.look(4, 16)
    assert keeping.first_seq == 1
    keeping.look(20, 21, 22)
    (said,) = [text for text in keeping.messages if "s/gone has not been heard of for 20 minutes" in text]
    assert said.startswith("ALARM: ")
    assert "up to entry 20: all entries since are kept" in said
    keeping.look(24 * 60 + 5, 24 * 60 + 20)
    assert keeping.first_seq > 20
    assert any("nothing waits for it any more" in text for text in keeping.messages)


def test_ids_rotate_after_a_day(keeping: Keeping) -> None:
    keeping.look(60, 23 * 60)
    assert "ids.rotated" not in keeping.types
    keeping.look(25 * 60, 25 * 60 + 1)
    assert keeping.types.count("ids.rotated") == 1


def test_finished_orders_leave_after_a_day_once_every_recorder_has_them(keeping: Keeping) -> None:
    room = keeping.room
    for number in range(300):
        lines = [{"sku": "A", "quantity": 1}]
        room.send("order.record", order=f"f-{number}", channel="default", paid=True, lines=lines)
        room.send("order.release", order=f"f-{number}")
    room.send("order.record", order="open", channel="default", paid=True, lines=lines)
    orders = f"overlaykit:{{{room.session}}}:orders"
    entries = len(room.ledger())
    day = 24.1 * 60

    keeping.recorder("s/one", 2, day)
    keeping.look(day, day + 1)
    assert room.client.hlen(orders) == 301  # on no disk yet
    keeping.recorder("s/one", entries, day)
    keeping.look(23 * 60)
    assert room.client.hlen(orders) == 301
    keeping.look(*(day + minute / 60 for minute in range(10)))
    assert room.client.hkeys(orders) == [b"open"]
    assert keeping.types.count("orders.retired") >= 2  # 200 at a time


def test_an_order_that_no_disk_has_stays(keeping: Keeping) -> None:
    room = keeping.room
    lines = [{"sku": "A", "quantity": 1}]
    room.send("order.record", order="done", channel="default", paid=True, lines=lines)
    room.send("order.release", order="done")
    keeping.recorder("s/one", len(room.ledger()) - 1, 48 * 60)
    keeping.look(48 * 60, 48 * 60 + 1)
    assert "orders.retired" not in keeping.types
