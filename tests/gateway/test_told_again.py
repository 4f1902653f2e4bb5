"""Platforms that sign no time may tell everything again whenever they like, and others may replay what they once heard."""

from __future__ import annotations

from collections.abc import Callable
from typing import TYPE_CHECKING, Any

import msgspec
import pytest

from overlaykit.model.events import OrderCancelled, OrderFact, OrderPaid, OrderPlaced, OrderShipped, Refunded
from overlaykit.stock import inbox_key
from tests.gateway.test_arrivals import Platform, Shop, at, channel, left, lines

if TYPE_CHECKING:
    from tests.gateway.conftest import Evening, Post

pytestmark = pytest.mark.store

Open = Callable[..., "Evening"]
Start = Callable[..., "Post"]

HAPPENED: tuple[OrderFact, ...] = (
    OrderPlaced(order="1", lines=lines("A 5", "B 2"), at=at(0)),
    OrderPaid(order="1", lines=lines("A 5", "B 2"), at=at(1)),
    OrderCancelled(order="1", lines=lines("A 1"), transition="c1", at=at(2)),
    OrderShipped(order="1", lines=lines("A 1"), transition="s1", at=at(3)),
    Refunded(order="1", lines=lines("A 1", "B 1"), restock=True, transition="r1", at=at(4)),
    OrderPaid(order="2", lines=lines("B 3"), at=at(5)),
    OrderCancelled(order="2", at=at(6)),
)
"""Two orders: of the first 2 + 1 units are kept by the buyer or on their way, of the second nothing."""


def units_of(evening: Evening) -> list[Any]:
    return [msgspec.to_builtins(item.units) for item in evening.engine.state().items.values()]


def forget(evening: Evening, *more: str) -> None:
    """Days go by: the ids of deliveries and of commands are not known any more."""
    inbox = inbox_key(evening.session)
    commands = evening.client.keys(f"*{{{evening.session}}}:ids:*")
    assert evening.client.delete(f"{inbox}:seen", *(f"{inbox}:{name}" for name in more)) == 1 + len(more)
    if commands:
        evening.client.delete(*commands)


@pytest.mark.parametrize("more", [(), ("orders", "orders:told")], ids=["", "orders-too"])
def test_replay_after_the_retry_window_moves_nothing_since_refunds_and_cancels_have_permanent_keys(
    evening: Open, gateway: Start, more: tuple[str, ...]
) -> None:
    tonight = evening(channels=(channel(),))
    platform = Platform(tonight)
    gateway(Shop)
    for number, event in enumerate(HAPPENED):
        assert platform.deliver(event, id=f"d-{number}")
    platform.drained()
    assert (left(tonight, "A"), left(tonight, "B")) == (100 - 3, 100 - 1)
    before = units_of(tonight)
    for ids in ("d-{}", "other-{}"):
        forget(tonight, *more)
        for number, event in reversed(list(enumerate(HAPPENED))):
            assert platform.deliver(event, id=ids.format(number)), "the inbox does not know it any more"
        platform.drained()
        assert units_of(tonight) == before
    assert platform.now().dead.in_all == 0


def test_partial_cancel_then_full_refund_is_clamped_line_by_line_and_said(evening: Open, gateway: Start) -> None:
    tonight = evening(channels=(channel(),))
    platform = Platform(tonight)
    post = gateway(Shop)
    platform.deliver(OrderPaid(order="1", lines=lines("A 3", "B 2"), at=at(1)))
    platform.deliver(OrderCancelled(order="1", lines=lines("A 2"), transition="c1"))
    platform.deliver(Refunded(order="1", lines=lines("A 3", "B 2"), restock=True, transition="r1"))
    platform.deliver(Refunded(order="1", restock=True, transition="r2"))
    platform.drained()
    assert (left(tonight, "A"), left(tonight, "B")) == (100, 100), "B's two do not make up for A's"
    [alarm] = [message for message in post.messages if message.startswith("ALARM")]
    assert "order shop:1: 2 units more than it has" in alarm
    [task] = tonight.entries("task.opened")
    assert (task["data"]["kind"], task["data"]["params"]["units"]) == ("excess", 2)
