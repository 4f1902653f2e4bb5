"""What platforms deliver: kept once, taken in order, there until its end was said, and on a pile where a person decides."""

from __future__ import annotations

import asyncio
import datetime as dt
import itertools
from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import asynccontextmanager
from typing import TYPE_CHECKING

import msgspec
import pytest

from overlaykit.errors import StoreAway
from overlaykit.model.events import Line, OrderCancelled, OrderPaid, OrderRef, Unknown
from overlaykit.stock import inbox_key
from overlaykit.store import (
    Inbox,
    Letter,
    OddMessage,
    Received,
    connect,
    connect_async,
    count_message,
    delivery_id,
    drop_letters,
    put_received,
    read_inbox,
    read_letters,
    replay_letters,
)
from overlaykit.store import inbox as module

if TYPE_CHECKING:
    from tests.conftest import StoreServer

pytestmark = pytest.mark.store

APP, CHANNEL = "doudian", "douyin"


def paid(order: str, *, delivery: str = "", quantity: int = 1) -> OrderPaid:
    at = dt.datetime(2026, 11, 11, 12, tzinfo=dt.UTC)
    line = Line(platform_sku="3541", quantity=quantity, unit_price=89_900, currency="CNY")
    return OrderPaid(order=order, delivery=delivery or order, at=at, lines=(line,), buyer="小红")


def delivered(name: str, *arrivals: OrderPaid | OrderRef | OrderCancelled | Unknown, app: str = APP) -> Received:
    told = arrivals or (paid(name),)
    return Received(id=delivery_id(CHANNEL, name), app=app, channel=CHANNEL, at_ms=1_762_862_400_000, arrivals=told)


class Room:
    """One ledger's inbox, from both sides."""

    def __init__(self, url: str, ledger: str) -> None:
        self.key = inbox_key(ledger)
        self.web, self.client = connect(url), connect_async(url)
        self.inbox = Inbox(self.client, self.key)

    def put(self, *deliveries: Received, app: str = APP) -> tuple[bool, ...] | str:
        found = put_received(self.web, self.key, app, deliveries)
        return "full" if found.full else found.fresh

    async def names(self, app: str = APP, after: int = 0) -> list[str]:
        return [each.id.removeprefix(f"{CHANNEL}:") for _, each in (await self.inbox.take(app, after=after)).taken]


@asynccontextmanager
async def opened(room: Room) -> AsyncIterator[Room]:
    with room.web:
        async with room.client:
            yield room


def tell(url: str, ledger: str, story: Callable[[Room], Awaitable[None]]) -> None:
    async def told() -> None:
        async with opened(Room(url, ledger)) as room:
            await story(room)

    asyncio.run(told())


def test_what_was_put_is_taken_as_it_was_and_in_its_order(any_store: StoreServer, ledger: str) -> None:
    async def story(room: Room) -> None:
        first = delivered("one", paid("9007199254740993"), OrderRef(order="7", hint={"status": "105"}))
        assert room.put(first) == (True,)
        assert room.put(delivered("two"), delivered("three")) == (True, True)
        batch = await room.inbox.take(APP)
        assert [each for _, each in batch.taken] == [first, delivered("two"), delivered("three")]
        assert (batch.waiting, batch.now_ms > 1_700_000_000_000) == (3, True)
        second = batch.taken[1][0]
        assert [each for _, each in (await room.inbox.take(APP, after=second)).taken] == [delivered("three")]
        assert len((await room.inbox.take(APP, limit=2)).taken) == 2

    tell(any_store.url, ledger, story)


def test_redelivery_is_kept_once_also_after_its_end(any_store: StoreServer, ledger: str) -> None:
    async def story(room: Room) -> None:
        assert room.put(delivered("one"), delivered("one")) == (True, False)
        assert room.put(delivered("one")) == (False,)
        assert await room.inbox.done(APP, [delivered("one").id]) == 1
        assert await room.inbox.done(APP, [delivered("one").id]) == 0
        assert room.put(delivered("one"), delivered("two")) == (False, True)
        assert await room.names() == ["two"]
        counts = read_inbox(room.web, room.key, [APP]).channels[CHANNEL]
        assert (counts.received, counts.duplicates, counts.heard_ms > 1_700_000_000_000) == (5, 3, True)

    tell(any_store.url, ledger, story)


def test_a_delivery_stays_until_its_end_whoever_takes_it(any_store: StoreServer, ledger: str) -> None:
    async def story(room: Room) -> None:
        room.put(*(delivered(str(number)) for number in range(6)))
        assert await room.names() == list("012345")
        async with opened(Room(any_store.url, ledger)) as another:
            assert await another.names() == list("012345"), "the first gateway was killed: nothing is gone"
            await another.inbox.done(APP, [delivered(name).id for name in "024"])
        assert await room.names() == list("135")

    tell(any_store.url, ledger, story)


def test_what_comes_after_the_store_lost_everything_is_found_by_a_gateway_that_went_on(
    any_store: StoreServer, ledger: str
) -> None:
    async def story(room: Room) -> None:
        room.put(*(delivered(str(number)) for number in range(6)))
        reached = (await room.inbox.take(APP)).taken[-1][0]
        room.web.delete(*room.web.keys(f"{room.key}:*"))
        room.put(delivered("6"), delivered("7"))
        assert await room.names(after=reached) == ["6", "7"]
        letter = Letter(received=delivered("6"), why="refused")
        assert await room.inbox.lay("dead", letter)
        reached = (await room.inbox.take(APP)).taken[-1][0]
        room.web.delete(f"{room.key}:positions")
        assert replay_letters(room.web, room.key, "dead", [letter]) == 1
        assert await room.names(after=reached) == ["6"], "a replayed one comes at the end also then"

    tell(any_store.url, ledger, story)


def test_apps_do_not_wait_for_each_other(any_store: StoreServer, ledger: str, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(module, "QUEUE_AT_MOST", 3)

    async def story(room: Room) -> None:
        assert room.put(*(delivered(str(number)) for number in range(3))) == (True, True, True)
        assert room.put(delivered("4"), delivered("0")) == "full", "and of what comes together nothing is kept"
        assert await room.names() == ["0", "1", "2"]
        assert room.put(delivered("0")) == (False,), "one that is there already needs no room"
        assert room.put(delivered("elsewhere", app="kuaishou"), app="kuaishou") == (True,)
        await room.inbox.done(APP, [delivered("0").id])
        assert room.put(delivered("4")) == (True,), "what was turned away may come again"
        now = read_inbox(room.web, room.key, [APP, "kuaishou", "none"])
        assert {app: queue.waiting for app, queue in now.queues.items()} == {APP: 3, "kuaishou": 1, "none": 0}
        assert (now.queues["none"].oldest_ms, now.queues[APP].oldest_ms) == (None, 1_762_862_400_000)
        assert now.apps[APP].full == 1

    tell(any_store.url, ledger, story)


def test_a_queue_holds_so_many_bytes_and_takes_more_once_some_have_ended(
    any_store: StoreServer, ledger: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    size = len(msgspec.json.encode(delivered("1")))
    monkeypatch.setattr(module, "QUEUE_BYTES_AT_MOST", 3 * size)

    async def story(room: Room) -> None:
        first, second, third, fourth = map(delivered, "1234")
        for _ in range(2):  # what came before takes no room again
            room.put(first, second)
        assert room.put(third, fourth) == "full", "and of what comes together nothing is kept"
        assert room.put(delivered("other", app="kuaishou"), app="kuaishou") == (True,)
        assert room.put(third) == (True,)
        await room.inbox.done(APP, [first.id, first.id, "strange"])
        assert room.put(fourth) == (True,)
        letter = Letter(received=second, why="refused")
        assert await room.inbox.lay("dead", letter)
        fifth, sixth = map(delivered, "56")
        assert room.put(fifth) == (True,), "what lies on a pile waits no more"
        assert replay_letters(room.web, room.key, "dead", [letter]) == 1, "what was acknowledged is never turned away"
        assert room.put(sixth) == "full"
        await room.inbox.done(APP, [each.id for each in (second, third, fourth)])
        assert room.put(sixth) == (True,)
        await room.inbox.lay("aside", Letter(received=sixth, why="unmapped"))
        assert await room.inbox.drop("aside", [sixth.id]) == 1
        assert room.put(*map(delivered, "78")) == (True, True)
        assert room.put(delivered("9")) == "full"

    tell(any_store.url, ledger, story)


def test_dedupe_outlasts_the_retry_window_in_number_and_time(
    any_store: StoreServer, ledger: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(module, "REMEMBERED_AT_MOST", 3)

    async def story(room: Room) -> None:
        for name in "abcde":
            room.put(delivered(name))
            await room.inbox.done(APP, [delivered(name).id])
        assert room.put(delivered("e")) == (False,)
        assert room.put(delivered("a")) == (True,), "the oldest are forgotten first"
        for key in room.web.keys(f"{room.key}:*"):
            assert f"{{{ledger}}}".encode() in key
            assert room.web.pttl(key) > 71 * 3_600_000, (
                f"{key!r} ends by itself, later than any platform delivers again"
            )

    tell(any_store.url, ledger, story)


def test_a_long_name_of_a_delivery_is_a_short_id() -> None:
    names = ["x", "x" * 80, "x" * 81, "x" * 100_000, "单号" * 99, ""]
    ids = [delivery_id(CHANNEL, name) for name in names]
    assert len({*ids, delivery_id("another", "x")}) == len(names) + 1
    assert max(map(len, ids)) <= 100


def test_an_unknown_kind_is_kept_apart_and_what_is_known_beside_it_waits(any_store: StoreServer, ledger: str) -> None:
    async def story(room: Room) -> None:
        both = delivered("both", paid("7"), Unknown(what="tag 999"))
        alone = delivered("alone", Unknown(what="tag 1000"))
        assert put_received(room.web, room.key, APP, [both, alone], excerpt='[{"tag"…').fresh == (True, True)
        assert put_received(room.web, room.key, APP, [both, alone], excerpt='[{"tag"…').fresh == (False, False)
        assert [each.arrivals for _, each in (await room.inbox.take(APP)).taken] == [(paid("7"),)]
        odd = OddMessage(app=APP, at_ms=5, why="the body is not JSON", body="{")
        count_message(room.web, room.key, APP, {"unreadable": 1, "refused": 2}, odd=odd)
        count_message(room.web, room.key, APP, {"refused": 1, "strangers": 4})
        now = await room.inbox.look([APP])
        assert now == read_inbox(room.web, room.key, [APP])._replace(now_ms=now.now_ms)
        assert [each.what for each in now.odd] == ["", "tag 1000", "tag 999"]
        assert (now.odd[0], now.odd[1].body) == (odd, '[{"tag"…')
        counts = now.apps[APP]
        assert (counts.refused, counts.unreadable, counts.strangers, counts.unknown) == (3, 1, 4, 2)

    tell(any_store.url, ledger, story)


def test_odd_messages_are_kept_up_to_a_number(
    any_store: StoreServer, ledger: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(module, "ODD_AT_MOST", 3)

    async def story(room: Room) -> None:
        for number in range(5):
            room.put(delivered(f"u-{number}", Unknown(what=f"tag {number}")))
        assert [each.what for each in (await room.inbox.look([])).odd] == ["tag 4", "tag 3", "tag 2"]

    tell(any_store.url, ledger, story)


def test_what_belongs_to_no_item_lies_aside_until_it_is_replayed(any_store: StoreServer, ledger: str) -> None:
    async def story(room: Room) -> None:
        whole = delivered("one", paid("7"), OrderCancelled(order="8"))
        room.put(whole, delivered("two"), delivered("three"))
        rest = delivered("one", paid("7"))
        letter = Letter(received=rest, why="3541 is not in the plan", platform_skus=("3541",))
        assert await room.inbox.lay("aside", letter)
        assert await room.names() == ["two", "three"]
        assert room.put(whole) == (False,), "delivered again it is still the same"
        [found] = await room.inbox.letters("aside")
        assert (found.received, found.why, found.platform_skus) == (rest, letter.why, ("3541",))
        assert found.at_ms > 1_700_000_000_000
        assert await room.inbox.letters("dead") == []
        assert await room.inbox.replay("aside", [found]) == 1
        assert await room.inbox.replay("aside", [found]) == 0
        assert await room.names() == ["two", "three", "one"]
        taken = (await room.inbox.take(APP)).taken
        assert taken[-1][1] == rest, "what was counted of it is not there again"
        assert taken[-1][0] > taken[-2][0]
        assert await room.inbox.letters("aside") == []

    tell(any_store.url, ledger, story)


def test_dead_letters_are_replayed_or_dropped_at_the_desk(any_store: StoreServer, ledger: str) -> None:
    async def story(room: Room) -> None:
        for app, name in itertools.product((APP, "kuaishou"), "abc"):
            one = delivered(f"{app}-{name}", app=app)
            room.put(one, app=app)
            assert await room.inbox.lay("dead", Letter(received=one, why="平台不再回答 / no answer for an hour"))
        dead = read_letters(room.web, room.key, "dead")
        assert [len(dead), read_inbox(room.web, room.key, []).dead.in_all] == [6, 6]
        assert drop_letters(room.web, room.key, "dead", [dead[0].received.id]) == 1
        assert replay_letters(room.web, room.key, "dead", dead) == 5
        assert read_letters(room.web, room.key, "dead") == []
        assert sorted(await room.names(APP) + await room.names("kuaishou")) == sorted(
            each.received.id.removeprefix(f"{CHANNEL}:") for each in dead[1:]
        )
        assert drop_letters(room.web, room.key, "dead", []) == 0

    tell(any_store.url, ledger, story)


def test_a_full_pile_lets_a_delivery_wait_on(
    any_store: StoreServer, ledger: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(module, "PILE_AT_MOST", 1)

    async def story(room: Room) -> None:
        room.put(delivered("one"), delivered("two"))
        assert await room.inbox.lay("dead", Letter(received=delivered("one"), why="?"))
        assert not await room.inbox.lay("dead", Letter(received=delivered("two"), why="?"))
        assert await room.names() == ["two"]
        assert await room.inbox.lay("aside", Letter(received=delivered("two"), why="?"))
        assert await room.inbox.lay("aside", Letter(received=delivered("gone"), why="?")), "it ended meanwhile"
        assert [each.received.id for each in await room.inbox.letters("aside")] == [delivered("two").id]
        assert await room.inbox.drop("aside", [delivered("two").id]) == 1
        assert await room.names() == []

    tell(any_store.url, ledger, story)


def test_whoever_waits_for_an_app_is_woken_by_what_comes_for_it(any_store: StoreServer, ledger: str) -> None:
    async def story(room: Room) -> None:
        assert not await room.inbox.wait(APP, 0.05)
        waiting = asyncio.create_task(room.inbox.wait(APP, 30))
        room.put(delivered("elsewhere", app="kuaishou"), app="kuaishou")
        room.put(delivered("one"))
        async with asyncio.timeout(10):
            assert await waiting
        assert await room.inbox.lay("dead", Letter(received=delivered("one"), why="?"))
        assert not await room.inbox.wait(APP, 0.05)
        assert await room.inbox.replay("dead", await room.inbox.letters("dead")) == 1
        assert await room.inbox.wait(APP, 2)

    tell(any_store.url, ledger, story)


def test_what_a_poll_brings_is_put_the_same_way(any_store: StoreServer, ledger: str) -> None:
    async def story(room: Room) -> None:
        assert (await room.inbox.put(APP, [])).fresh == ()
        assert (await room.inbox.put(APP, [delivered("one"), delivered("two")])).fresh == (True, True)
        assert room.put(delivered("two")) == (False,)
        await room.inbox.count(CHANNEL, ignored=3)
        await room.inbox.count(CHANNEL, ignored=2)
        assert (await room.inbox.look([APP])).channels[CHANNEL].ignored == 5

    tell(any_store.url, ledger, story)


def test_a_store_that_is_away_says_so(ledger: str, free_port: int) -> None:
    async def story(room: Room) -> None:
        with pytest.raises(StoreAway):
            room.put(delivered("one"))
        with pytest.raises(StoreAway):
            await room.inbox.take(APP)

    tell(f"redis://127.0.0.1:{free_port}/0", ledger, story)
