"""Numbers to platforms: shares given out and pushed, lowered when others take units, written again when nobody knows."""

from __future__ import annotations

import asyncio
import datetime as dt
import threading
import time
from collections.abc import AsyncIterator, Callable, Sequence
from typing import TYPE_CHECKING, Any, ClassVar

import pytest

from overlaykit.errors import PlatformAway
from overlaykit.gateway import backlog
from overlaykit.model.connectors import Capability, Connector, Context
from overlaykit.model.events import (
    Arrival,
    Line,
    ListingObserved,
    OrderFact,
    OrderPaid,
    OrderRef,
    StockLevel,
    StockPushResult,
)
from overlaykit.model.sessions import Channel, Item, Mapped, Threshold
from overlaykit.model.settings import Settings
from overlaykit.model.wire import Request
from overlaykit.shares import lateness
from overlaykit.stock import inbox_key
from overlaykit.store import Received, put_received, read_inbox
from tests.conftest import until

if TYPE_CHECKING:
    from tests.gateway.conftest import Evening, Post

pytestmark = pytest.mark.store

Open = Callable[..., "Evening"]
Start = Callable[..., "Post"]


class MarketSettings(Settings):
    name: str


class Market(Connector[MarketSettings]):
    """A platform that keeps the numbers it is given. `stock` by name and sku; `calls` in the order in which they came."""

    name = "market"
    capabilities = frozenset({Capability.PUSH_STOCK, Capability.ORDERS})
    rate = 1000.0
    stock: ClassVar[dict[str, dict[str, int]]] = {}
    calls: ClassVar[list[tuple[str, str, int, str]]] = []
    refuses: ClassVar[dict[str, str]] = {}
    down: ClassVar[set[str]] = set()
    forgets: ClassVar[set[str]] = set()
    holds: ClassVar[threading.Event] = threading.Event()
    tells: ClassVar[threading.Event] = threading.Event()

    def verify(self, request: Request) -> bool:
        return True

    def parse(self, request: Request) -> list[Arrival]:
        return []

    async def enrich(self, ref: OrderRef, ctx: Context) -> list[OrderFact]:
        while not self.tells.is_set():
            await asyncio.sleep(0.01)
        return [OrderPaid(order=ref.order, lines=(Line(platform_sku="A", quantity=int(ref.hint["units"])),))]

    async def push_stock(self, levels: Sequence[StockLevel], ctx: Context) -> AsyncIterator[StockPushResult]:
        me = self.settings.name
        if me in self.down:
            raise PlatformAway("no answer from the market")
        while not self.holds.is_set():
            await asyncio.sleep(0.01)
        for level in levels:
            self.calls.append((me, level.platform_sku, level.quantity, level.key))
            if (why := self.refuses.get(level.platform_sku)) is not None:
                yield StockPushResult(level, ok=False, reason=why)
                continue
            self.stock.setdefault(me, {})[level.platform_sku] = level.quantity
            if me in self.forgets:
                raise TimeoutError
            yield StockPushResult(level, ok=True, also=f"item of {level.platform_sku}")


@pytest.fixture(autouse=True)
def _fresh() -> None:
    for each in (Market.stock, Market.calls, Market.refuses, Market.down, Market.forgets):
        each.clear()
    Market.holds.set()
    Market.tells.set()


def plan_of(*channels: Channel, **more: Any) -> dict[str, Any]:
    settings = {each.name: {"settings": {"name": each.name}} for each in channels if each.connector}
    return {"channels": channels, "later": {"channel": settings}, **more}


def seller(name: str, share: float, **more: Any) -> Channel:
    return Channel(name=name, title=name, connector="market", sells="by_itself", share=share, lag=0.2, **more)


SHOP = Channel(name="shop", title="自有商城")
BOTH = (seller("red", 0.6), seller("blue", 0.3), SHOP)


def sells(room: Evening, channel: str, units: int, order: str, sku: str = "A") -> None:
    """The platform sold it, and tells."""
    if sku in Market.stock.get(channel, {}):
        Market.stock[channel][sku] -= units
    answer = room.send("order.record", order=order, channel=channel, paid=True, lines=[{"sku": sku, "quantity": units}])
    assert answer["status"] == "accepted"


def numbers(channel: str, **expected: int) -> bool:
    return Market.stock.get(channel, {}) == expected


def pushed(room: Evening) -> dict[tuple[str, str], int]:
    found: dict[tuple[str, str], int] = {}
    for each in room.entries("stock.pushed"):
        found |= {(each["data"]["channel"], sku): units for sku, units in each["data"].get("levels", {}).items()}
    return found


def test_each_platform_gets_its_share_of_everything_and_the_ledger_says_so(evening: Open, gateway: Start) -> None:
    room = evening(**plan_of(*BOTH))
    gateway(Market)
    until(lambda: numbers("red", A=60, B=60) and numbers("blue", A=30, B=30), "both have their numbers")
    until(lambda: len(pushed(room)) == 4, "the ledger says so")
    assert pushed(room)["red", "A"] == 60
    given = {(each["data"]["channel"], each["data"]["sku"]) for each in room.entries("allotment.set")}
    assert given == {("red", "A"), ("red", "B"), ("blue", "A"), ("blue", "B")}
    assert (
        room.send("order.reserve", order="1", channel="shop", lines=[{"sku": "A", "quantity": 11}])["status"]
        != "accepted"
    )


def test_what_a_platform_sells_itself_is_not_pushed_back_to_it(evening: Open, gateway: Start) -> None:
    room = evening(**plan_of(*BOTH))
    gateway(Market)
    until(lambda: numbers("red", A=60, B=60) and numbers("blue", A=30, B=30), "both have their numbers")
    rounds = 0

    def a_round_without_a_push() -> bool:
        """Ten are sold of A; then another share of B is pushed, by when A would have been, too."""
        nonlocal rounds
        rounds, before = rounds + 1, len(Market.calls)
        for order in range(10):
            sells(room, "red", 1, f"red:{rounds}:{order}")
        room.send("allotment.set", sku="B", channel="red", quantity=60 - rounds)
        until(lambda: Market.stock["red"]["B"] == 60 - rounds, "another share is pushed")
        return "A" not in [sku for _, sku, *_ in Market.calls[before:]]

    # In the first, what was pushed at the beginning may not have settled: it is then taken to be too much.
    assert any(a_round_without_a_push() for _ in range(5))


def test_units_that_another_channel_took_are_taken_off_at_once(evening: Open, gateway: Start) -> None:
    room = evening(**plan_of(*BOTH))
    gateway(Market)
    until(lambda: numbers("red", A=60, B=60) and numbers("blue", A=30, B=30), "both have their numbers")
    room.send("order.record", order="x", channel="shop", paid=True, lines=[{"sku": "A", "quantity": 50}])
    until(
        lambda: Market.stock["red"]["A"] + Market.stock["blue"]["A"] <= 50, "the platforms have no more than there is"
    )


def test_a_count_that_finds_less_lowers_all_shares(evening: Open, gateway: Start) -> None:
    room = evening(**plan_of(*BOTH))
    gateway(Market)
    until(lambda: numbers("red", A=60, B=60) and numbers("blue", A=30, B=30), "both have their numbers")
    room.send("stock.adjust", sku="A", delta=-50, reason="broken")
    until(
        lambda: Market.stock["red"]["A"] + Market.stock["blue"]["A"] <= 50, "the platforms have no more than there is"
    )
    until(
        lambda: (
            sum(room.engine.state().items["A"].units.quotas.channels[each][0] or 0 for each in ("red", "blue")) <= 50
        ),
        "so do the shares",
    )


def test_partial_failure_a_sku_that_the_platform_refuses_is_said_and_the_others_go_on(
    evening: Open, gateway: Start
) -> None:
    Market.refuses["B"] = "no such sku"
    room = evening(**plan_of(*BOTH))
    gateway(Market)
    until(lambda: numbers("red", A=60) and numbers("blue", A=30), "A is pushed")
    assert "no such sku" in room.wait_target("channel.red", "failing").reason
    failed = until(
        lambda: [each["data"]["failed"] for each in room.entries("stock.pushed") if "failed" in each["data"]],
        "it is said",
    )
    assert failed[0] == {"B": "no such sku"}
    Market.refuses.clear()
    until(lambda: numbers("red", A=60, B=60), "it is tried again")
    room.wait_target("channel.red", "ready")


def test_push_time_out_after_success_is_written_again_under_the_same_key(evening: Open, gateway: Start) -> None:
    Market.forgets.add("red")
    evening(**plan_of(seller("red", 1.0)))
    gateway(Market)
    until(lambda: len([call for call in Market.calls if call[1] == "A"]) >= 2, "it is written again")
    keys = {key for _, sku, units, key in Market.calls if sku == "A" and units == 100}
    assert len(keys) == 1
    Market.forgets.clear()


def test_a_platform_that_is_down_gets_the_newest_number_when_it_is_back(evening: Open, gateway: Start) -> None:
    room = evening(**plan_of(*BOTH))
    gateway(Market)
    until(lambda: numbers("red", A=60, B=60) and numbers("blue", A=30, B=30), "both have their numbers")
    Market.down.add("red")
    room.send("allotment.set", sku="A", channel="red", quantity=40)
    assert "no answer" in room.wait_target("channel.red", "failing").reason
    room.send("allotment.set", sku="A", channel="red", quantity=20)
    room.send("allotment.set", sku="A", channel="blue", quantity=25)
    until(lambda: numbers("blue", A=25, B=30), "the gateway has read of both")
    Market.down.clear()
    until(lambda: numbers("red", A=20, B=60), "it has the newest")
    assert ("red", "A", 40) not in [call[:3] for call in Market.calls]
    room.wait_target("channel.red", "ready")


def test_while_the_session_is_frozen_platforms_keep_their_numbers(evening: Open, gateway: Start) -> None:
    room = evening(**plan_of(*BOTH))
    gateway(Market)
    until(lambda: numbers("red", A=60, B=60) and numbers("blue", A=30, B=30), "both have their numbers")
    room.send("session.freeze")
    room.send("allotment.set", sku="A", channel="red", quantity=40)
    assert "frozen" in room.wait_target("channel.red", "failing").reason
    assert numbers("red", A=60, B=60)
    room.send("session.thaw")
    until(lambda: numbers("red", A=40, B=60), "then it is pushed")
    room.wait_target("channel.red", "ready")


def test_a_paused_connector_pushes_nothing_and_the_newest_when_it_goes_on(evening: Open, gateway: Start) -> None:
    room = evening(**plan_of(*BOTH))
    gateway(Market)
    until(lambda: numbers("red", A=60, B=60) and numbers("blue", A=30, B=30), "both have their numbers")
    room.send("connector.pause", name="channel.red")
    room.wait_target("channel.red", "failing")
    room.send("allotment.set", sku="A", channel="red", quantity=40)
    room.send("allotment.set", sku="A", channel="blue", quantity=20)
    until(lambda: numbers("blue", A=20, B=30), "the other goes on")
    assert numbers("red", A=60, B=60)
    room.send("connector.resume", name="channel.red")
    until(lambda: numbers("red", A=40, B=60), "it goes on")


def test_packs_bundles_and_other_names(evening: Open, gateway: Start) -> None:
    low, critical = Threshold(share=0.2), Threshold(share=0.05)
    items = (
        Item(sku="A", title="A", opening={"default": 100}, low=low, critical=critical),
        Item(sku="B", title="B", opening={"default": 30}, low=low, critical=critical),
        Item(sku="SET", title="set", opening={}, low=low, critical=critical, bundle={"B": 2}),
    )
    skus = {"six-a": Mapped("A", 6), "set-1": Mapped("SET")}
    room = evening(**plan_of(seller("red", 1.0, skus=skus), items=items))
    gateway(Market)
    until(lambda: len(Market.stock.get("red", {})) == 3, "all are listed")
    stock = Market.stock["red"]
    assert stock["six-a"] == 16
    assert stock["B"] + 2 * stock["set-1"] == 30
    until(lambda: len(pushed(room)) == 3, "the ledger says so")
    assert pushed(room)["red", "A"] == 96, "in our units"
    room.send("item.close", sku="SET")
    until(lambda: Market.stock["red"]["set-1"] == 0, "what is closed is not sold")


def test_what_a_channel_does_not_sell_is_not_pushed_to_it_and_stays_with_the_others(
    evening: Open, gateway: Start
) -> None:
    low, critical = Threshold(share=0.2), Threshold(share=0.05)
    items = (
        *(Item(sku=sku, title=sku, opening={"default": 100}, low=low, critical=critical) for sku in "ABC"),
        Item(sku="SET", title="set", opening={}, low=low, critical=critical, bundle={"B": 2}),
    )
    red, blue = seller("red", 0.6, sells_only=("A*", "SET")), seller("blue", 0.3)
    asks = Channel(name="asks", title="asks", connector="market", lag=0.2, sells_only=("C",))
    room = evening(**plan_of(red, blue, asks, items=items))
    gateway(Market)
    until(lambda: numbers("red", A=60, SET=30) and numbers("asks", C=70), "each has what it sells, and no more")
    until(lambda: {*Market.stock.get("blue", {})} == {"A", "B", "C", "SET"}, "another sells everything")
    given = {(each["data"]["channel"], each["data"]["sku"]) for each in room.entries("allotment.set")}
    assert given == {("red", "A"), ("red", "B"), ("blue", "A"), ("blue", "B"), ("blue", "C")}, "of parts, too"
    sells(room, "red", 1, "red:1", sku="C")
    until(lambda: numbers("asks", C=69), "what it sold all the same counts")
    assert "C" not in Market.stock["red"]


@pytest.mark.parametrize(("per_call", "most"), [(1, 4), (10, 30)])
def test_a_platform_that_takes_many_numbers_at_once_is_given_many(
    evening: Open, gateway: Start, per_call: int, most: int
) -> None:
    sizes: list[int] = []

    class Slow(Market):
        rate = 2.0
        levels_per_call = per_call

        async def push_stock(self, levels: Sequence[StockLevel], ctx: Context) -> AsyncIterator[StockPushResult]:
            sizes.append(len(levels))
            async for result in super().push_stock(levels, ctx):
                yield result

    low, critical = Threshold(share=0.2), Threshold(share=0.05)
    skus = [f"S{number}" for number in range(30)]
    items = tuple(Item(sku=sku, title=sku, opening={"default": 10}, low=low, critical=critical) for sku in skus)
    evening(**plan_of(Channel(name="shop", title="shop", connector="market", lag=0.2), items=items))
    gateway(Slow)
    until(lambda: numbers("shop", **dict.fromkeys(skus, 10)), "it has all numbers")
    assert max(sizes) == most


def test_a_channel_that_asks_first_shows_what_a_buyer_there_can_get(evening: Open, gateway: Start) -> None:
    shop = Channel(name="shop", title="shop", connector="market", lag=0.2)
    room = evening(**plan_of(shop, seller("red", 0.4)))
    gateway(Market)
    until(lambda: numbers("shop", A=60, B=60) and numbers("red", A=40, B=40), "both have their numbers")
    room.send("order.reserve", order="1", channel="shop", lines=[{"sku": "A", "quantity": 5}])
    until(lambda: numbers("shop", A=55, B=60), "every order changes it")


def test_a_channel_whose_plan_says_so_is_never_pushed(evening: Open, gateway: Start) -> None:
    room = evening(**plan_of(seller("red", 0.4, push=False), seller("blue", 0.4)))
    gateway(Market)
    until(lambda: numbers("blue", A=40, B=40), "the other has its numbers")
    until(lambda: len(room.entries("allotment.set")) == 4, "it has its share all the same")
    assert "red" not in Market.stock


def test_who_takes_over_hears_the_news_first_and_then_writes_everything_again(evening: Open, gateway: Start) -> None:
    room = evening(**plan_of(*BOTH))
    first = gateway(Market)
    until(lambda: numbers("red", A=60, B=60) and numbers("blue", A=30, B=30), "both have their numbers")
    until(lambda: len(pushed(room)) == 4, "the ledger says so")
    first.stop()
    Market.stock["red"]["A"] = 500
    gateway(Market)
    until(lambda: numbers("red", A=60, B=60), "it has our number again")


def test_who_takes_over_lowers_what_nobody_lowered_while_there_was_no_gateway(evening: Open, gateway: Start) -> None:
    room = evening(**plan_of(*BOTH))
    first = gateway(Market)
    until(lambda: numbers("red", A=60, B=60) and numbers("blue", A=30, B=30), "both have their numbers")
    first.stop()
    assert room.send("stock.adjust", sku="A", delta=-80, reason="broken")["status"] == "accepted"
    gateway(Market)
    until(lambda: sum(Market.stock[each]["A"] for each in ("red", "blue")) <= 20, "no more is promised than there is")
    assert Market.stock["red"]["A"] > 0 < Market.stock["blue"]["A"]


def says(room: Evening, channel: str, sku: str, number: int | None, at: dt.datetime | None = None) -> None:
    """A message of the platform about its own listing."""
    event = ListingObserved(platform_sku=sku, quantity=number, at=at)
    now = time.time()
    received = Received(id=f"{channel}:{now}", app=channel, channel=channel, at_ms=int(now * 1000), arrivals=(event,))
    assert put_received(room.client, inbox_key(room.session), channel, [received]).fresh == (True,)


@pytest.mark.parametrize("name", ["B", "item of B"])
def test_echo_our_number_that_comes_back_is_no_news_and_anothers_is_replaced(
    evening: Open, gateway: Start, name: str
) -> None:
    room = evening(**plan_of(*BOTH))
    post = gateway(Market)
    until(lambda: numbers("red", A=60, B=60) and numbers("blue", A=30, B=30), "both have their numbers")
    before = len(Market.calls)
    says(room, "red", "A", 60)

    def replaced() -> bool:
        says(room, "blue", name, 500)
        return len(Market.calls) > before

    until(replaced, "a number that is not ours is replaced")
    assert {call[:3] for call in Market.calls[before:]} == {("blue", "B", 30)}
    assert any(f"has 500 of {name}" in each for each in post.messages)


def test_a_number_of_something_that_is_no_listing_here_is_counted_and_said(evening: Open, gateway: Start) -> None:
    room = evening(**plan_of(*BOTH))
    post = gateway(Market)
    until(lambda: numbers("red", A=60, B=60), "it has its numbers")
    for number in (3, 4):
        says(room, "red", "inventory_item:7", number)

    def counted() -> bool:
        found = read_inbox(room.client, inbox_key(room.session), ["red"]).channels.get("red")
        return found is not None and found.unlisted == 2

    until(counted, "both are counted")
    assert len([each for each in post.messages if "inventory_item:7, which is no listing" in each]) == 1


def test_stale_stock_of_a_platform_after_our_fresh_number_is_no_news(evening: Open, gateway: Start) -> None:
    room = evening(**plan_of(*BOTH))
    gateway(Market)
    until(lambda: numbers("red", A=60, B=60) and numbers("blue", A=30, B=30), "both have their numbers")
    before = len(Market.calls)
    says(room, "red", "A", 500, dt.datetime(2020, 1, 1, tzinfo=dt.UTC))

    def replaced() -> bool:
        says(room, "red", "B", 500)
        return len(Market.calls) > before

    until(replaced, "a number without a time is news")
    assert {call[:3] for call in Market.calls[before:]} == {("red", "B", 60)}


def test_null_available_says_nothing_and_negative_available_is_replaced(evening: Open, gateway: Start) -> None:
    room = evening(**plan_of(*BOTH))
    post = gateway(Market)
    until(lambda: numbers("red", A=60, B=60) and numbers("blue", A=30, B=30), "both have their numbers")
    before = len(Market.calls)
    says(room, "red", "A", None)

    def replaced() -> bool:
        says(room, "blue", "B", -3)
        return len(Market.calls) > before

    until(replaced, "it has sold what it was not given")
    assert {call[:3] for call in Market.calls[before:]} == {("blue", "B", 30)}
    assert any("has -3 of B" in each for each in post.messages)


def test_of_two_gateways_one_pushes(evening: Open, gateway: Start) -> None:
    room = evening(**plan_of(*BOTH))
    gateway(Market)
    gateway(Market)
    until(lambda: numbers("red", A=60, B=60) and numbers("blue", A=30, B=30), "both have their numbers")
    assert len(Market.calls) == 4
    assert len(room.entries("allotment.set")) == 4
    until(lambda: len(pushed(room)) == 4, "the ledger says so")
    assert len(room.entries("stock.pushed")) == 2, "once for each channel"


def test_units_go_where_they_are_sold(evening: Open, gateway: Start) -> None:
    """Nobody buys from blue; red sells out, and gets what blue had."""
    room = evening(**plan_of(seller("red", 0.5), seller("blue", 0.5)))
    gateway(Market)
    until(lambda: numbers("red", A=50, B=50) and numbers("blue", A=50, B=50), "both have their numbers")
    sold = 0

    def all_sold() -> bool:
        nonlocal sold
        if sold < 90 and Market.stock["red"]["A"] > 0:
            sold += 1
            sells(room, "red", 1, f"red:{sold}")
        return sold >= 90

    until(all_sold, "red sells far more than its own half", 30)
    assert room.engine.state().items["A"].units.owed == 0
    assert sorted(call[:3] for call in Market.calls if call[1] == "B") == [("blue", "B", 50), ("red", "B", 50)]


def test_nothing_is_taken_from_a_channel_whose_news_wait_until_they_are_counted(
    evening: Open, gateway: Start, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Nobody has told what red sold; blue sells out. What red sold is counted first, and only then what it has left moves."""
    for module, name in ((lateness, "BEHIND_SECONDS"), (backlog, "WORD_FROM")):
        monkeypatch.setattr(module, name, 1.0)
    room = evening(**plan_of(seller("red", 0.5), seller("blue", 0.5)))
    gateway(Market)
    until(lambda: numbers("red", A=50, B=50) and numbers("blue", A=50, B=50), "both have their numbers")
    Market.tells.clear()
    Market.stock["red"]["A"] -= 30
    told = OrderRef(order="thin", hint={"units": "30"})
    received = Received(id="red:1", app="red", channel="red", at_ms=int(time.time() * 1000), arrivals=(told,))
    assert put_received(room.client, inbox_key(room.session), "red", [received]).fresh == (True,)
    status = room.wait_target("channel.red", "failing")
    assert "its news are more than 1 s behind" in status.reason
    for sold in range(50):
        sells(room, "blue", 1, f"blue:{sold}")
    room.send("allotment.set", sku="B", channel="blue", quantity=49)
    until(lambda: Market.stock["blue"]["B"] == 49, "numbers are pushed all the while")
    assert room.engine.state().items["A"].units.quotas.channels["red"][0] == 50
    assert Market.stock["red"]["A"] == 20
    Market.tells.set()
    room.wait_target("channel.red", "ready")
    until(lambda: Market.stock["blue"]["A"] > 0, "what red has left moves to where it is sold", 30)
    assert Market.stock["red"]["A"] + Market.stock["blue"]["A"] <= 20
    assert room.engine.state().items["A"].units.owed == 0
