"""What platforms told, out of the inbox and into the ledger: once, in order, whatever is away, paused, unknown or told again."""

from __future__ import annotations

import datetime as dt
import itertools
import threading
import time
from collections.abc import Callable, Mapping, Sequence
from typing import TYPE_CHECKING, Any, ClassVar

import msgspec
import pytest

from overlaykit.errors import BadMessage, InvalidCommand, PlatformAway, PlatformRefused
from overlaykit.gateway import counting, enriching
from overlaykit.inbox.translating import translate
from overlaykit.model.connectors import Capability, Connector, Context
from overlaykit.model.events import (
    Arrival,
    ChatMessage,
    Line,
    OrderCancelled,
    OrderFact,
    OrderPaid,
    OrderPlaced,
    OrderRef,
    Refunded,
)
from overlaykit.model.sessions import Channel, Item, Mapped, Threshold
from overlaykit.stock import inbox_key
from overlaykit.store import InboxNow, LeaseLost, Received, put_received, read_inbox, replay_letters
from overlaykit.store.marks import Marks
from overlaykit.words import Words, words_in
from tests.conftest import until

if TYPE_CHECKING:
    from tests.gateway.conftest import Evening, Post

pytestmark = pytest.mark.store

Open = Callable[..., "Evening"]
Start = Callable[..., "Post"]

START = dt.datetime.now(dt.UTC).replace(microsecond=0) - dt.timedelta(hours=1)


def at(minute: int) -> dt.datetime:
    return START + dt.timedelta(minutes=minute)


def lines(*texts: str) -> tuple[Line, ...]:
    """`A 2`: two units of what the platform calls A."""
    return tuple(Line(platform_sku=sku, quantity=int(units)) for sku, units in map(str.split, texts))


class Shop(Connector):  # type: ignore[type-arg]
    """A platform whose thin messages are looked up in what the test wrote down. Away while `away`."""

    name = "shop"
    capabilities = frozenset({Capability.ORDERS})
    orders: ClassVar[dict[str, list[OrderFact] | str]] = {}
    away: ClassVar[bool] = False
    asked: ClassVar[list[str]] = []
    hints: ClassVar[dict[tuple[str, str], list[dict[str, str]]]] = {}
    unblocked: ClassVar[threading.Event] = threading.Event()
    rate = 10_000

    def verify(self, request: object) -> bool:
        return True

    def parse(self, request: object) -> Sequence[Arrival]:
        return []

    async def enrich(self, ref: OrderRef, ctx: Context) -> Sequence[OrderFact]:
        Shop.asked.append(ref.order)
        Shop.hints.setdefault((ref.order, ref.transition), []).append(ref.hint)
        if Shop.away:
            raise PlatformAway("the shop is closed")
        found = Shop.orders.get(ref.order, [])
        if found == "refused":
            raise PlatformRefused("no such order", status=404)
        if found == "garbled":
            raise BadMessage("the answer of shop is no JSON")
        if found == "away":
            raise PlatformAway("not now")
        if found == "block":
            Shop.unblocked.wait(30)  # not awaited: its loop stands still
            return []
        assert not isinstance(found, str)
        return found


@pytest.fixture(autouse=True)
def shop() -> None:
    Shop.orders, Shop.away, Shop.asked, Shop.hints = {}, False, [], {}
    Shop.unblocked.clear()


@pytest.fixture(autouse=True)
def hurried(monkeypatch: pytest.MonkeyPatch) -> None:
    """Pauses between attempts are those of a platform in a hurry."""
    for name in ("AWAY_FIRST", "AWAY_MOST", "AGAIN_FIRST", "AGAIN_MOST"):
        monkeypatch.setattr(enriching, name, 0.05)


def channel(name: str = "shop", **more: object) -> Channel:
    return Channel(name=name, title=name, connector="shop", sells="by_itself", **more)  # type: ignore[arg-type]


class Platform:
    """Delivers to the inbox of an evening, as web does."""

    def __init__(self, evening: Evening, app: str = "shop") -> None:
        self.evening, self.app = evening, app
        self._count = itertools.count()

    def deliver(self, *events: Arrival, channel: str = "shop", id: str = "") -> bool:
        """One message. Whether it was new."""
        received = Received(
            id=f"{channel}:{id or next(self._count)}",
            app=self.app,
            channel=channel,
            at_ms=int(time.time() * 1000),
            arrivals=events,
        )
        put = put_received(self.evening.client, inbox_key(self.evening.session), self.app, [received])
        assert not put.full
        return put.fresh[0]

    def now(self) -> InboxNow:
        return read_inbox(self.evening.client, inbox_key(self.evening.session), [self.app])

    def drained(self, seconds: float = 20.0) -> InboxNow:
        def empty() -> InboxNow | None:
            now = self.now()
            return None if now.queues[self.app].waiting else now

        return until(empty, "the inbox is worked off", seconds)


def left(evening: Evening, sku: str = "A") -> int:
    return evening.engine.state().items[sku].units.rows["default"][1]


def test_redelivery_and_one_business_event_under_two_ids_count_once(evening: Open, gateway: Start) -> None:
    tonight = evening(channels=(channel(shop="7"),))
    platform = Platform(tonight)
    gateway(Shop)
    placed, paid = (kind(order="1", lines=lines("A 3"), at=at(1), shop="7") for kind in (OrderPlaced, OrderPaid))
    platform.deliver(paid)
    platform.deliver(placed)
    platform.deliver(OrderPaid(order="1", lines=lines("A 3"), at=at(1)))
    assert platform.deliver(OrderCancelled(order="2", lines=lines("A 1")), id="same")
    assert not platform.deliver(OrderCancelled(order="2", lines=lines("A 1")), id="same")
    platform.drained()
    assert left(tonight) == 97
    entries = tonight.entries("order.record")
    assert [entry["source"] for entry in entries] == ["connector:shop"]
    assert entries[0]["data"]["order"] == "shop:7:1"
    assert len(tonight.entries("order.release")) == 1


def test_packs_count_as_units_and_lines_of_other_items_are_counted_as_ignored(evening: Open, gateway: Start) -> None:
    tonight = evening(channels=(channel(skus={"six": Mapped("A", 6)}),))
    platform = Platform(tonight)
    gateway(Shop)
    platform.deliver(OrderPaid(order="1", lines=lines("six 2", "A 1", "other 4")))
    platform.deliver(OrderPaid(order="2", lines=lines("other 4", "another 1")))
    now = platform.drained()
    assert left(tonight) == 100 - 13
    assert until(lambda: platform.now().channels["shop"].ignored or None, "ignored lines are counted") == 3
    assert now.aside.in_all == 0


def test_unmapped_orders_wait_and_count_once_they_are_mapped(evening: Open, gateway: Start) -> None:
    tonight = evening(channels=(channel(unmapped="quarantine"),))
    platform = Platform(tonight)
    gateway(Shop)
    platform.deliver(OrderPaid(order="1", lines=lines("A 1", "X 2", "Y 1")))
    platform.deliver(Refunded(order="1", lines=lines("X 1"), restock=True, transition="r"))
    platform.drained()
    assert left(tonight) == 99, "what is known counts at once"
    [first, second] = tonight.entries("order.unmapped")
    assert first["data"] == {"channel": "shop", "order": "shop:1", "platform_skus": {"X": 2, "Y": 1}}
    assert second["data"]["platform_skus"] == {"X": 1}
    assert platform.now().aside.in_all == 2

    tonight.send("quarantine.map", channel="shop", platform_sku="X", sku="B", quantity=10)
    until(lambda: left(tonight, "B") == 90 or None, "the mapped lines count, less what was refunded")
    until(lambda: platform.now().aside.in_all == 1 or None, "what still wants Y waits on")
    tonight.send("quarantine.drop", channel="shop", platform_sku="Y")
    until(lambda: platform.now().aside.in_all == 0 or None, "the rest is let go")
    platform.drained()
    assert (left(tonight, "A"), left(tonight, "B")) == (99, 90)


def test_an_order_that_a_message_and_a_poll_tell_lies_aside_once(evening: Open, gateway: Start) -> None:
    tonight = evening(channels=(channel(unmapped="quarantine"),))
    platform = Platform(tonight)
    post = gateway(Shop)
    wanted = [OrderPaid(order=f"{number}", lines=lines("A 1", "X 1"), at=at(1)) for number in range(5)]
    refund = Refunded(order="0", lines=lines("X 1"), restock=True, transition="r", at=at(2))
    for number, paid in enumerate(wanted):
        platform.deliver(paid, id=f"message {number}")
    platform.deliver(refund, id="refund")
    platform.drained()
    post.stop()
    gateway(Shop)
    for number, paid in enumerate(wanted):
        later = msgspec.structs.replace(paid, at=at(3))
        platform.deliver(OrderPlaced(order=paid.order, lines=paid.lines, at=at(3)), later, id=f"poll {number}")
    platform.deliver(refund, id="polled refund")
    aside = platform.drained().aside
    assert {each.received.id for each in aside.letters} == {"shop:refund", *(f"shop:message {n}" for n in range(5))}
    assert len(tonight.entries("order.unmapped")) == 6

    platform.deliver(OrderPaid(order="1", lines=lines("A 1", "X 2"), at=at(4)), id="more")
    platform.deliver(OrderPaid(order="1", lines=lines("A 1", "X 1"), at=at(5)), id="as before")
    assert platform.drained().aside.in_all == 8, "what it holds is another thing, and then another again"
    tonight.send("quarantine.map", channel="shop", platform_sku="X", sku="B")
    until(lambda: platform.drained().aside.in_all == 0 or None, "they count")
    platform.drained()
    assert (left(tonight, "A"), left(tonight, "B")) == (95, 96), "what was told again later made none of them stale"


def test_what_is_dropped_while_no_gateway_leads_is_let_go_by_the_next(evening: Open, gateway: Start) -> None:
    tonight = evening(channels=(channel(unmapped="quarantine"),))
    platform = Platform(tonight)
    post = gateway(Shop)
    platform.deliver(OrderPaid(order="1", lines=lines("X 1")), id="one")
    platform.deliver(OrderPaid(order="2", lines=lines("X 1", "Y 1")), id="two")
    many = [lines(*(f"{letter}{number} 1" for number in range(150))) for letter in "MN"]
    for number, wanted in enumerate(many):
        platform.deliver(OrderPaid(order=f"many {number}", lines=wanted), id=f"many {number}")
    assert platform.drained().aside.in_all == 4
    post.stop()
    tonight.send("quarantine.drop", channel="shop", platform_sku="X")
    platform.deliver(OrderPaid(order="3", lines=lines("X 2")), id="three")
    gateway(Shop)
    platform.drained()
    until(lambda: "shop:one" not in {each.received.id for each in platform.now().aside.letters}, "it is let go")
    waiting = {each.received.id for each in platform.now().aside.letters}
    assert waiting == {"shop:two", "shop:three", "shop:many 0", "shop:many 1"}, "what waits for others, or came later"
    tonight.send("quarantine.drop", channel="shop", platform_sku="Y")
    until(lambda: platform.now().aside.in_all == 3, "then nothing is wanting that was not let go")
    assert "shop:three" in {each.received.id for each in platform.now().aside.letters}


def test_a_thin_message_is_looked_up(evening: Open, gateway: Start) -> None:
    tonight = evening(channels=(channel(),))
    platform = Platform(tonight)
    Shop.orders["1"] = [OrderPaid(order="1", lines=lines("A 2")), Refunded(order="1", lines=lines("A 1"), restock=True)]
    gateway(Shop)
    platform.deliver(OrderRef(order="1", transition="paid"))
    platform.deliver(OrderRef(order="nothing"))
    platform.drained()
    assert left(tonight) == 99


def test_messages_of_one_order_that_wait_together_are_one_question(evening: Open, gateway: Start) -> None:
    """Created, paid: the answer says how the order is now. What was between, and a refund, have answers of their own."""
    tonight = evening(channels=(channel(),))
    platform = Platform(tonight)
    paid = OrderPaid(order="1", lines=lines("A 2"), at=at(1))
    Shop.orders["1"], Shop.orders["2"] = [paid], [msgspec.structs.replace(paid, order="2")]
    tonight.send("connector.pause", name="channel.shop")
    gateway(Shop)
    platform.deliver(OrderRef(order="1"))
    platform.deliver(OrderRef(order="1", hint={"paid": "yes"}))
    platform.deliver(OrderRef(order="1", hint={"shipped": "yes"}))
    platform.deliver(OrderRef(order="2"))
    platform.deliver(OrderCancelled(order="2", at=at(2)))
    platform.deliver(OrderRef(order="2", hint={"paid": "yes"}), OrderRef(order="2", transition="refund-1"))
    platform.deliver(OrderRef(order="2", transition="refund-1"))
    until(lambda: (found := tonight.target("channel.shop")) and found.unread == 7, "all are taken")
    tonight.send("connector.resume", name="channel.shop")
    platform.drained()
    assert sorted(Shop.asked) == ["1", "2", "2", "2"]
    assert Shop.hints[("1", "")] == [{"paid": "yes", "shipped": "yes"}]
    assert Shop.hints[("2", "")] == [{}, {"paid": "yes"}]
    assert Shop.hints[("2", "refund-1")] == [{}]
    assert left(tonight) == 98, "what was cancelled is free again, whatever is told of the time before"


def test_a_refund_that_a_message_and_a_poll_tell_is_asked_about_once_until_it_changes(
    evening: Open, gateway: Start
) -> None:
    tonight = evening(channels=(channel(),))
    platform = Platform(tonight)
    refund = Refunded(order="1", lines=lines("A 1"), restock=True, transition="refund-1")
    gateway(Shop)
    platform.deliver(OrderPaid(order="1", lines=lines("A 2")))
    platform.deliver(OrderRef(order="1", transition="refund-1", at=at(1)))
    platform.drained()
    assert Shop.asked == ["1"]
    Shop.orders["1"] = [refund]
    platform.deliver(OrderRef(order="1", transition="refund-1", at=at(1), hint={"by": "poll"}))
    platform.drained()
    assert Shop.asked == ["1", "1"], "the platform had told nothing of it before"
    platform.deliver(OrderRef(order="1", transition="refund-1", at=at(1), hint={"by": "poll"}))
    platform.deliver(OrderRef(order="1", transition="refund-2", at=at(1)))
    platform.drained()
    assert Shop.asked == ["1", "1", "1"], "another refund is another question"
    platform.deliver(OrderRef(order="1", transition="refund-1", at=at(2)))
    platform.drained()
    assert Shop.asked == ["1", "1", "1", "1"]
    assert left(tonight) == 99


def test_messages_that_one_question_served_are_kept_until_its_answer_is_counted(
    evening: Open, gateway: Start, monkeypatch: pytest.MonkeyPatch
) -> None:
    tonight = evening(channels=(channel(),))
    platform = Platform(tonight)
    Shop.orders["1"] = [OrderPaid(order="1", lines=lines("A 2"))]
    monkeypatch.setattr(Shop, "away", True)
    gateway(Shop)
    platform.deliver(OrderRef(order="1"))
    until(lambda: Shop.asked or None, "it is asked")
    platform.deliver(OrderRef(order="1", hint={"paid": "yes"}))
    until(lambda: (found := tonight.target("channel.shop")) and found.unread == 2, "both are taken")

    def refused(*_: object) -> object:
        raise InvalidCommand([("order", Words("no", "不行"))])

    monkeypatch.setattr(counting, "translate", refused)
    Shop.away = False
    now = platform.drained()
    assert [each.received.arrivals for each in now.dead.letters] == [(Shop.orders["1"][0],)], (
        "one letter, with the fact"
    )
    monkeypatch.setattr(counting, "translate", translate)
    replay_letters(tonight.client, inbox_key(tonight.session), "dead", now.dead.letters)
    until(lambda: left(tonight) == 98 or None, "it counts once")


def test_while_the_platform_is_away_nothing_is_lost_and_other_orders_go_on(evening: Open, gateway: Start) -> None:
    tonight = evening(channels=(channel(),))
    platform = Platform(tonight)
    Shop.away = True
    gateway(Shop)
    for number in range(30):
        Shop.orders[f"r{number}"] = [OrderPaid(order=f"r{number}", lines=lines("A 1"))]
        platform.deliver(OrderRef(order=f"r{number}"))
    platform.deliver(OrderPaid(order="whole", lines=lines("B 1")))
    platform.deliver(OrderCancelled(order="r0"))
    until(lambda: left(tonight, "B") == 99 or None, "another order is counted")
    status = tonight.wait_target("channel.shop", "failing")
    assert "the shop is closed" in status.reason
    until(lambda: (found := tonight.target("channel.shop")) and found.unread == 31, "31 wait")
    assert tonight.entries("order.release") == [], "what came later of the same order waits behind it"
    asked = len(Shop.asked)
    Shop.away = False
    platform.drained()
    assert left(tonight) == 100 - 29
    tonight.wait_target("channel.shop", "ready")
    assert len(Shop.asked) - asked < 60


def test_a_platform_that_is_away_is_asked_by_one_message_at_a_time(
    evening: Open, gateway: Start, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(enriching, "AWAY_FIRST", 0.3)
    monkeypatch.setattr(enriching, "AWAY_MOST", 0.3)
    tonight = evening(channels=(channel(),))
    platform = Platform(tonight)
    Shop.away = True
    gateway(Shop)
    for number in range(200):
        platform.deliver(OrderRef(order=f"r{number}"))
    tonight.wait_target("channel.shop", "failing")
    until(lambda: len(Shop.asked) >= enriching.AT_ONCE, "those that were under way have failed")
    before, began = len(Shop.asked), time.monotonic()
    assert before < 2 * enriching.AT_ONCE, "the others have not been asked"
    until(lambda: len(Shop.asked) >= before + 4 or None, "it is asked again")
    assert time.monotonic() - began > 0.5, "and not by all of them"
    Shop.away = False
    platform.drained()


def test_after_the_store_lost_the_inbox_what_comes_then_is_counted(evening: Open, gateway: Start) -> None:
    tonight = evening(channels=(channel(),))
    platform = Platform(tonight)
    post = gateway(Shop)
    for number in range(5):
        platform.deliver(OrderPaid(order=f"r{number}", lines=lines("A 1")))
    platform.drained()
    Shop.orders["r5"] = "away"
    platform.deliver(OrderRef(order="r5"), id="r5")
    until(lambda: "r5" in Shop.asked, "one is being looked up meanwhile")
    tonight.client.delete(*tonight.client.keys(f"{inbox_key(tonight.session)}:*"))
    platform.deliver(OrderRef(order="r5"), id="r5")
    platform.deliver(OrderPaid(order="r6", lines=lines("A 1")))
    until(lambda: left(tonight) == 94, "what came after it is counted")
    Shop.orders["r5"] = [OrderPaid(order="r5", lines=lines("A 1"))]
    platform.drained()
    assert left(tonight) == 93
    assert not [each for each in post.messages if "failed" in each], "and nothing broke over the one that came twice"


def test_what_the_platform_refuses_is_a_dead_letter_that_can_be_replayed(evening: Open, gateway: Start) -> None:
    tonight = evening(channels=(channel(),))
    platform = Platform(tonight)
    Shop.orders["1"] = "refused"
    post = gateway(Shop)
    platform.deliver(OrderRef(order="1"), OrderPaid(order="2", lines=lines("B 1")))
    dead = platform.drained().dead
    assert dead.in_all == 1
    assert dead.letters[0].why == "no such order"
    assert [type(each) for each in dead.letters[0].received.arrivals] == [OrderRef], "the rest of the message counted"
    assert left(tonight, "B") == 99
    assert any("ALARM" in message and "order 1: not counted" in message for message in post.messages)
    Shop.orders["1"] = [OrderPaid(order="1", lines=lines("A 1"))]
    replay_letters(tonight.client, inbox_key(tonight.session), "dead", dead.letters)
    until(lambda: left(tonight) == 99 or None, "the replayed letter counts")


def test_for_a_page_in_the_platforms_place_nothing_is_given_up(
    evening: Open, gateway: Start, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Such as a proxy's or a maintenance page, 200 and no JSON, for some seconds."""
    tonight = evening(channels=(channel(),))
    platform = Platform(tonight)
    orders = [f"r{number}" for number in range(3)]
    Shop.orders = dict.fromkeys(orders, "garbled")
    gateway(Shop)
    for each in orders:
        platform.deliver(OrderRef(order=each))
    assert "no JSON" in tonight.wait_target("channel.shop", "failing").reason
    until(
        lambda: len(Shop.asked) > 3 * enriching.REFUSALS_AT_MOST * len(orders), "they are asked about again and again"
    )
    assert platform.now().dead.in_all == 0
    for each in orders[1:]:
        Shop.orders[each] = [OrderPaid(order=each, lines=lines("A 1"))]
    until(lambda: left(tonight) == 98 or None, "once the platform answers, they are counted")
    monkeypatch.setattr(enriching, "UNREADABLE_FOR", 0.0)
    [letter] = platform.drained().dead.letters
    assert letter.why == "the answer of shop is no JSON", "what can never be read is given up after some minutes"


def test_one_order_that_the_platform_cannot_tell_of_keeps_no_other_back(
    evening: Open, gateway: Start, monkeypatch: pytest.MonkeyPatch
) -> None:
    tonight = evening(channels=(channel(),))
    platform = Platform(tonight)
    Shop.orders["bad"] = "away"
    gateway(Shop)
    platform.deliver(OrderRef(order="bad"))
    for number in range(20):
        Shop.orders[f"r{number}"] = [OrderPaid(order=f"r{number}", lines=lines("A 1"))]
        platform.deliver(OrderRef(order=f"r{number}"))
    until(lambda: left(tonight) == 80 or None, "the others are counted")
    monkeypatch.setattr(enriching, "GIVEN_UP_AFTER", 0.0)
    assert "not now" in platform.drained().dead.letters[0].why


def test_a_connector_that_blocks_keeps_its_messages_waiting(evening: Open, gateway: Start) -> None:
    tonight = evening(channels=(channel(),))
    platform = Platform(tonight)
    Shop.orders["1"] = "block"
    gateway(Shop)
    platform.deliver(OrderRef(order="1"))
    tonight.wait_target("channel.shop", "no_answer")
    platform.deliver(OrderPaid(order="2", lines=lines("A 1")))
    until(lambda: left(tonight) == 99 or None, "what needs no looking up is counted")
    until(lambda: platform.now().queues["shop"].waiting == 1, "and waits no more; the other does")
    Shop.unblocked.set()
    platform.drained()


def test_a_paused_channel_waits_and_the_others_do_not(evening: Open, gateway: Start) -> None:
    tonight = evening(channels=(channel("one", app="shop", shop="1"), channel("two", app="shop", shop="2")))
    platform = Platform(tonight)
    Shop.orders["thin"] = [OrderPaid(order="thin", lines=lines("A 1"))]
    gateway(Shop)
    tonight.send("connector.pause", name="channel.one", reason="测试")
    platform.deliver(OrderPaid(order="1", lines=lines("A 1")), channel="one")
    platform.deliver(OrderRef(order="thin"), channel="one")
    platform.deliver(OrderPaid(order="1", lines=lines("B 1")), channel="two")
    until(lambda: left(tonight, "B") == 99 or None, "the other channel goes on")
    until(lambda: (found := tonight.target("channel.one")) and found.unread == 2, "two wait")
    assert (left(tonight), Shop.asked) == (100, [])
    tonight.send("connector.resume", name="channel.one")
    platform.drained()
    assert left(tonight) == 98


def test_what_an_operator_said_outlives_the_gateway(evening: Open, gateway: Start) -> None:
    tonight = evening(channels=(channel("我的 店", app="shop", unmapped="quarantine"),))
    platform = Platform(tonight)
    tonight.send("quarantine.map", channel="我的 店", platform_sku="P 1", sku="A", quantity=2)
    tonight.send("item.add", sku="N", title="新品", opening={"default": 10})
    tonight.send("connector.pause", name="channel.我的 店")
    platform.deliver(OrderPaid(order="1", lines=lines("N 1")), channel="我的 店")
    platform.deliver(OrderPaid(order="2", lines=(Line(platform_sku="P 1", quantity=3),)), channel="我的 店")
    gateway(Shop)
    until(lambda: (found := tonight.target("channel.我的 店")) and found.unread == 2, "two wait")
    tonight.send("connector.resume", name="channel.我的 店")
    platform.drained()
    assert (left(tonight, "A"), left(tonight, "N")) == (94, 9)


def test_a_refund_without_a_word_about_its_units_asks_a_person(evening: Open, gateway: Start) -> None:
    tonight = evening(channels=(channel(),))
    platform = Platform(tonight)
    gateway(Shop)
    platform.deliver(OrderPaid(order="1", lines=lines("A 2")))
    platform.deliver(Refunded(order="1", lines=lines("A 2"), transition="r1"))
    platform.deliver(Refunded(order="1", lines=lines("A 2"), transition="r1", delivery="again"))
    platform.drained()
    [task] = tonight.entries("task.opened")
    assert task["data"]["kind"] == "returned"
    assert task["data"]["params"] == {"channel": "shop", "order": "shop:1", "lines": "A × 2"}
    assert left(tonight) == 98


def test_a_rush_of_such_refunds_leaves_room_for_other_tasks(evening: Open, gateway: Start) -> None:
    tonight = evening(channels=(channel(),))
    platform = Platform(tonight)
    gateway(Shop)
    for number in range(40):
        platform.deliver(
            OrderPaid(order=f"{number}", lines=lines("A 1")), Refunded(order=f"{number}", lines=lines("A 1"))
        )
    platform.drained()
    tasks = [entry["data"] for entry in tonight.entries("task.opened")]
    assert len(tasks) == 40
    assert len({task["task"] for task in tasks}) == 21
    assert (tasks[-1]["kind"], tasks[-1]["params"]["others"]) == ("returns", 20)


def test_what_does_not_fit_is_seen(evening: Open, gateway: Start) -> None:
    tonight = evening(channels=(channel(),))
    platform = Platform(tonight)
    post = gateway(Shop)
    platform.deliver(OrderPaid(order="1", lines=lines("A 101"), at=at(1)))
    platform.deliver(OrderCancelled(order="1", lines=lines("A 1"), transition="c"))
    platform.deliver(Refunded(order="1", lines=lines("A 101"), restock=True, transition="r"))
    platform.deliver(OrderCancelled(order="1", at=at(2)))
    platform.deliver(OrderPaid(order="1", lines=lines("A 102"), at=at(3)))
    platform.deliver(Refunded(order="1", lines=lines("A 7"), restock=True, transition="r"))
    dead = platform.drained().dead
    alarms = [message for message in post.messages if message.startswith("ALARM")]
    assert "ALARM: shop has sold 1 units of A more than there were" in alarms
    assert any("contradicts what is known: cancelled (2 such in all)" in alarm for alarm in alarms)
    assert [letter.why for letter in dead.letters] == [
        "与之前说的矛盾 / the platform told it before with other numbers: A × 101, now × 7"
    ]
    task = tonight.entries("task.opened")[-1]["data"]
    assert (task["task"], task["level"]) == ("odd facts shop", "warning")
    assert (task["kind"], task["params"]["reason"], task["params"]["count"]) == ("contradicts", "cancelled", 2)


def test_a_rush_of_what_does_not_fit_is_one_word(evening: Open, gateway: Start) -> None:
    tonight = evening(channels=(channel(),))
    platform = Platform(tonight)
    for number in range(150):
        platform.deliver(OrderPaid(order=f"{number}", lines=lines("A 1")))
        platform.deliver(OrderCancelled(order=f"{number}", lines=lines("A 2"), transition="c"))
    for number in range(150):
        platform.deliver(OrderPaid(order=f"big-{number}", lines=lines("B 1")))
    post = gateway(Shop)
    platform.drained()
    alarms = [message for message in post.messages if message.startswith("ALARM")]
    assert 2 <= len(alarms) < 12, alarms
    assert len(tonight.entries("task.opened")) < 6
    assert tonight.entries("task.opened")[-1]["data"]["params"]["count"] == 150


def test_bundles_are_expanded_in_one_place_by_the_engine_alone(evening: Open, gateway: Start) -> None:
    low = Threshold(share=0.2)
    parts = [Item(sku=sku, title=sku, opening={"default": 100}, low=low, critical=low) for sku in "AB"]
    gift = Item(sku="gift", title="礼盒", opening={}, low=low, critical=low, bundle={"A": 2, "B": 1})
    tonight = evening(items=(*parts, gift), channels=(channel(skus={"P-gift": Mapped("gift", 2)}),))
    platform = Platform(tonight)
    gateway(Shop)
    platform.deliver(OrderPaid(order="1", lines=lines("P-gift 3", "A 1")))
    platform.deliver(Refunded(order="1", lines=lines("P-gift 1"), restock=True, transition="r"))
    platform.drained()
    assert (left(tonight, "A"), left(tonight, "B")) == (100 - 2 * 4 - 1, 100 - 4)


def test_one_fact_at_which_the_counting_breaks_keeps_no_other_back(
    evening: Open, gateway: Start, monkeypatch: pytest.MonkeyPatch
) -> None:
    real = translate

    def breaking(event: OrderFact, *more: Any) -> Any:
        if event.order == "bad":
            raise ZeroDivisionError("nobody thought of that")
        return real(event, *more)

    monkeypatch.setattr(counting, "translate", breaking)
    tonight = evening(channels=(channel(),))
    platform = Platform(tonight)
    for order in ("1", "bad", "2"):
        platform.deliver(OrderPaid(order=order, lines=lines("A 1")))
    gateway(Shop)
    [letter] = platform.drained().dead.letters
    assert "ZeroDivisionError: nobody thought of that" in letter.why
    assert left(tonight) == 98


def test_what_the_engine_refuses_counts_once_somebody_has_mended_it(evening: Open, gateway: Start) -> None:
    """A refusal uses up the command's id; replayed, it must not be taken for told."""
    tonight = evening(channels=(channel(skus={"new": Mapped("C")}),))
    platform = Platform(tonight)
    gateway(Shop)
    platform.deliver(OrderPaid(order="1", lines=lines("new 2")))
    key = inbox_key(tonight.session)
    for _ in range(2):
        dead = platform.drained().dead
        assert words_in(dead.letters[0].why) == ("refused: there is no such item", "引擎不收：没有这个商品")
        replay_letters(tonight.client, key, "dead", dead.letters)
    dead = platform.drained().dead
    tonight.send("item.add", sku="C", title="C", opening={"default": 10})
    for _ in range(2):
        replay_letters(tonight.client, key, "dead", dead.letters)
        platform.drained()
    assert left(tonight, "C") == 8


def test_an_item_that_was_added_a_moment_ago_is_known_to_the_next_order(evening: Open, gateway: Start) -> None:
    tonight = evening(channels=(channel(),))
    platform = Platform(tonight)
    gateway(Shop)
    for number in range(20):
        tonight.send("item.add", sku=f"N{number}", title="新品", opening={"default": 10})
        platform.deliver(OrderPaid(order=f"{number}", lines=lines(f"N{number} 1")))
    platform.drained()
    assert {left(tonight, f"N{number}") for number in range(20)} == {9}


def test_orders_count_after_the_session_is_closed(evening: Open, gateway: Start) -> None:
    tonight = evening(channels=(channel(),))
    platform = Platform(tonight)
    tonight.send("session.close")
    platform.deliver(OrderPaid(order="1", lines=lines("A 1")))
    gateway(Shop)
    platform.drained()
    assert left(tonight) == 99


def test_of_two_gateways_one_counts(evening: Open, gateway: Start) -> None:
    tonight = evening(channels=(channel(),))
    platform = Platform(tonight)
    gateway(Shop)
    gateway(Shop)
    for number in range(50):
        platform.deliver(OrderPaid(order=f"{number}", lines=lines("A 1")))
    platform.drained()
    assert left(tonight) == 50
    assert len(tonight.entries("order.record")) == 50


def test_what_was_counted_while_another_led_is_looked_at_anew(
    evening: Open, gateway: Start, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Such as by a gateway that was stopped between the ledger and what it remembers of the order."""
    tonight = evening(channels=(channel(),))
    platform = Platform(tonight)
    refused: list[LeaseLost] = []
    write = Marks.write

    async def write_late(self: Marks, orders: Mapping[str, bytes], settled: Mapping[bytes, int], token: int) -> None:
        if not refused:
            tonight.client.delete(self._fence.removesuffix(":fence"))
            tonight.client.incr(self._fence)
        try:
            await write(self, orders, settled, token)
        except LeaseLost as error:
            refused.append(error)
            raise

    monkeypatch.setattr(Marks, "write", write_late)
    gateway(Shop)
    platform.deliver(OrderPaid(order="1", lines=lines("A 1")))
    platform.drained()
    assert refused, "what it knew of the order was older than what the other may have written"
    assert (left(tonight), len(tonight.entries("order.record"))) == (99, 1)


def test_chat_that_comes_in_messages_is_heard(evening: Open, gateway: Start) -> None:
    rule = {"name": "r", "when": 'chat "链接"', "do": []}
    tonight = evening(channels=(channel(),), later={"rule": [rule]})
    platform = Platform(tonight)
    gateway(Shop)
    for id in ("1", "1", "2"):
        platform.deliver(ChatMessage(id=id, author="小红", text="上链接" if id == "1" else "好看"))
    platform.drained()
    heard = until(lambda: tonight.entries("chat.heard"), "it is heard")
    assert [entry["data"]["text"] for entry in heard] == ["上链接"]


def test_a_storm_is_worked_off_fast(evening: Open, gateway: Start, capsys: pytest.CaptureFixture[str]) -> None:
    count, least = 6_000, 150
    tonight = evening(channels=(channel(),))
    key = inbox_key(tonight.session)
    for begin in range(0, count, 500):
        received = [
            Received(
                id=f"shop:{number}",
                app="shop",
                channel="shop",
                at_ms=0,
                arrivals=(OrderPaid(order=f"{number}", lines=lines("B 1"), at=at(1)),),
            )
            for number in range(begin, begin + 500)
        ]
        assert not put_received(tonight.client, key, "shop", received).full
    began = time.monotonic()
    gateway(Shop)
    Platform(tonight).drained(count / least)
    rate = count / (time.monotonic() - began)
    with capsys.disabled():
        print(f"\n{rate:,.0f} facts a second, from the gateway's start on")
    assert len(tonight.entries("order.record")) == count
    assert rate > least, "an evening's rush, on a machine that has other things to do"
