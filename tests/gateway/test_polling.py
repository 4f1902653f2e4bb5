"""Orders of platforms that are asked: kept like those that are delivered, with a cursor that never runs ahead of what is kept."""

from __future__ import annotations

import asyncio
import datetime as dt
import time
from collections.abc import AsyncIterator, Callable
from typing import TYPE_CHECKING, Any, ClassVar

import pytest

from overlaykit.errors import PlatformAway
from overlaykit.gateway import webhook_watch
from overlaykit.model.connectors import Capability, Connector, Context
from overlaykit.model.events import Line, OrderCancelled, OrderFact, OrderPaid, OrderRef
from overlaykit.model.sessions import Channel
from overlaykit.stock import inbox_key
from overlaykit.store import Received, inbox, put_received, read_inbox
from tests.conftest import until

if TYPE_CHECKING:
    from tests.gateway.conftest import Evening, Post

pytestmark = pytest.mark.store

Open = Callable[..., "Evening"]
Start = Callable[..., "Post"]

LONG_AGO = dt.datetime.now(dt.UTC) - dt.timedelta(minutes=30)


def paid(order: str, units: int = 1, **more: Any) -> OrderPaid:
    return OrderPaid(order=order, lines=(Line(platform_sku="A", quantity=units),), at=LONG_AGO, **more)


class Feed(Connector):  # type: ignore[type-arg]
    """A platform with a list of changes, two a page. `fails_at`: the change before which it breaks off. Each poll tells the last
    change that it told before once more."""

    name = "feed"
    capabilities = frozenset({Capability.ORDERS_POLL})
    changes: ClassVar[list[Any]] = []
    fails_at: ClassVar[int | None] = None
    cursors: ClassVar[list[str | None]] = []
    shops: ClassVar[list[str]] = []
    rate = 10_000

    async def poll_orders(self, ctx: Context) -> AsyncIterator[OrderFact | OrderRef]:
        Feed.shops = list(ctx.shops)
        cursor = await ctx.remembered()
        Feed.cursors.append(cursor)
        begin = max(0, int(cursor or 0) - 1)
        for at in range(begin, len(Feed.changes)):
            if Feed.fails_at == at:
                raise PlatformAway("the page does not come")
            await asyncio.sleep(0)
            yield Feed.changes[at]
            if at % 2:
                await ctx.remember(str(at + 1))

    async def enrich(self, ref: OrderRef, ctx: Context) -> OrderFact:
        return paid(ref.order)


@pytest.fixture(autouse=True)
def feed() -> None:
    Feed.changes, Feed.fails_at, Feed.cursors = [], None, []


def channel(name: str = "feed", **more: Any) -> Channel:
    return Channel(name=name, title=name, connector="feed", sells="by_itself", **{"every": 0.05, **more})


def left(evening: Evening) -> int:
    return evening.engine.state().items["A"].units.rows["default"][1]


def cursor(evening: Evening) -> str | None:
    found: Any = evening.client.hget(f"{inbox_key(evening.session)}:cursors", "channel.feed cursor")
    return None if found is None else str(found.decode())


def test_polling_alone_is_enough(evening: Open, gateway: Start) -> None:
    tonight = evening(channels=(channel(),))
    Feed.changes = [paid("1"), paid("2", 2), OrderRef(order="3"), OrderCancelled(order="1")]
    gateway(Feed)
    until(lambda: tonight.entries("order.release") and len(tonight.entries("order.record")) == 3, "three orders")
    assert left(tonight) == 97, "one of them is cancelled"
    Feed.changes = [*Feed.changes, paid("4")]
    until(lambda: left(tonight) == 96 or None, "a new one")
    assert len(tonight.entries("order.record")) == 4
    polls = len(Feed.cursors)
    until(lambda: len(Feed.cursors) > polls + 3 or None, "it is polled on")
    assert len(tonight.entries("order.record")) == 4, "overlapping polls tell nothing new"


def test_the_cursor_outlives_the_gateway_and_never_runs_ahead(evening: Open, gateway: Start) -> None:
    tonight = evening(channels=(channel(),))
    Feed.changes = [paid(str(number)) for number in range(10)]
    Feed.fails_at = 5
    first = gateway(Feed)
    until(lambda: left(tonight) <= 96 or None, "what came before it broke off counts")
    status = tonight.wait_target("channel.feed", "failing")
    assert "the page does not come" in status.reason
    first.stop()
    assert cursor(tonight) == "4"
    Feed.fails_at, Feed.cursors = None, []
    gateway(Feed)
    until(lambda: left(tonight) == 90 or None, "the rest follows")
    assert Feed.cursors[0] == "4"
    tonight.wait_target("channel.feed", "ready")


def test_a_full_inbox_stops_the_poll_and_loses_nothing(
    evening: Open, gateway: Start, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(inbox, "QUEUE_AT_MOST", 3)
    tonight = evening(channels=(channel(),))
    tonight.send("connector.pause", name="channel.feed")
    key = inbox_key(tonight.session)
    for number in range(3):
        received = Received(id=f"feed:{number}", app="feed", channel="feed", at_ms=1, arrivals=(paid(f"w{number}"),))
        assert not put_received(tonight.client, key, "feed", [received]).full
    Feed.changes = [paid(str(number)) for number in range(4)]
    tonight.send("connector.resume", name="channel.feed")
    gateway(Feed)
    until(lambda: left(tonight) == 93 or None, "all of them, by and by")
    until(lambda: read_inbox(tonight.client, key, ["feed"]).queues["feed"].waiting == 0 or None, "nothing waits")


def test_a_paused_channel_is_not_polled(evening: Open, gateway: Start) -> None:
    tonight = evening(channels=(channel(),))
    tonight.send("connector.pause", name="channel.feed")
    Feed.changes = [paid("1")]
    gateway(Feed)
    tonight.wait_target("channel.feed", "ready")
    assert Feed.cursors == []
    tonight.send("connector.resume", name="channel.feed")
    until(lambda: left(tonight) == 99 or None, "it is polled again")


def test_an_app_with_several_shops_is_asked_once_for_all(evening: Open, gateway: Start) -> None:
    tonight = evening(channels=(channel("east", app="feed", shop="e"), channel("west", app="feed", shop="w")))
    Feed.changes = [paid("1", shop="e"), paid("1", shop="w"), paid("1", shop="north")]
    post = gateway(Feed)
    until(lambda: left(tonight) == 98 or None, "both shops count")
    assert {entry["data"]["order"] for entry in tonight.entries("order.record")} == {"east:e:1", "west:w:1"}
    assert Feed.shops == ["e", "w"]
    until(
        lambda: any("north" in message for message in post.messages) or None, "a shop that no channel is, is said once"
    )
    assert sum("north" in message for message in post.messages) == 1


def test_what_a_poll_yields_has_to_be_an_event(evening: Open, gateway: Start) -> None:
    tonight = evening(channels=(channel(),))
    Feed.changes = ["an order"]
    gateway(Feed)
    assert "yielded str" in tonight.wait_target("channel.feed", "failing").reason
    Feed.changes = [OrderPaid(order="1", lines=(Line(platform_sku="A", quantity=0),))]
    until(lambda: "does not fit" in tonight.wait_target("channel.feed", "failing").reason or None, "and a sound one")


def test_subscription_silently_disabled_is_an_alarm_and_the_poll_brings_its_orders(
    evening: Open, gateway: Start, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(webhook_watch, "LATE_MS", 200)
    tonight = evening(channels=(channel(),))
    Feed.changes = [paid(f"before-{number}") for number in range(4)]
    post = gateway(Feed)
    until(lambda: left(tonight) == 96 or None, "a room that has no messages lives on its polls")

    def deliver(number: int) -> None:
        message = Received(
            id=f"feed:{number}",
            app="feed",
            channel="feed",
            at_ms=int(time.time() * 1000),
            arrivals=(paid(f"m{number}"),),
        )
        put_received(tonight.client, inbox_key(tonight.session), "feed", [message])

    deliver(1)
    until(lambda: left(tonight) == 95 or None, "a message came")
    status = until(
        lambda: found if (found := tonight.target("channel.feed")) and found.heard_ms else None, "it was heard"
    )
    heard_ms = status.heard_ms
    until(lambda: time.time() * 1000 - heard_ms > 400 or None, "nothing more comes")
    Feed.changes = [*Feed.changes, *(paid(f"after-{number}") for number in range(3))]
    status = tonight.wait_target("channel.feed", "failing")
    assert "webhooks are silent" in status.reason
    assert any("webhooks are silent" in message for message in post.messages if message.startswith("ALARM"))
    deliver(2)
    tonight.wait_target("channel.feed", "ready")
