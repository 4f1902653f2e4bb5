"""What lies aside for want of a mapping: once per order and happening, whoever tells it, and as new as it was told last."""

from __future__ import annotations

import datetime as dt
from typing import Any

import msgspec

from overlaykit.inbox.asides import ASIDE_AT_MOST, as_told_last, kept_once
from overlaykit.inbox.translating import OrderMark, Translation
from overlaykit.model.events import Line, OrderFact, OrderPaid, OrderPlaced, Refunded


def at(second: int) -> dt.datetime:
    return dt.datetime(2026, 1, 1, tzinfo=dt.UTC) + dt.timedelta(seconds=second)


def told(kind: Any, units: int = 1, **more: Any) -> OrderFact:
    event: OrderFact = kind(order="1", lines=(Line(platform_sku="X", quantity=units),), **more)
    return event


def keep(event: OrderFact, delivery: str, mark: OrderMark) -> tuple[bool, OrderMark]:
    """Whether it lies aside, and the mark then."""
    said = kept_once(Translation(None, mark, {}, {"X": 1}), event, delivery)
    return bool(said.unknown), said.mark


def test_the_first_delivery_holds_it_and_may_come_again() -> None:
    paid = told(OrderPaid, at=at(1))
    kept, mark = keep(paid, "message", OrderMark())
    assert kept
    again = msgspec.structs.replace(paid, at=at(9))
    for event in (paid, again, told(OrderPlaced, at=at(1))):
        kept, mark = keep(event, "poll", mark)
        assert not kept
    assert keep(paid, "message", mark)[0], "such as one that was cut off before it was laid aside"
    assert as_told_last(paid, "message", mark).at == at(9)
    assert as_told_last(paid, "poll", mark).at == at(1)
    assert as_told_last(told(OrderPaid, 2, at=at(1)), "message", mark).at == at(1), "it said something else then"


def test_a_payment_other_lines_and_other_refunds_are_happenings_of_their_own() -> None:
    mark = OrderMark()
    happened: list[OrderFact] = [
        told(OrderPlaced),
        told(OrderPaid),
        told(OrderPaid, 2),
        told(OrderPaid),
        told(Refunded, transition="a"),
        told(Refunded, transition="b"),
    ]
    for number, event in enumerate(happened):
        kept, mark = keep(event, f"message {number}", mark)
        assert kept, number
    assert not keep(told(Refunded, transition="a"), "poll", mark)[0]


def test_what_is_remembered_of_an_order_has_a_bound() -> None:
    mark = OrderMark()
    for number in range(ASIDE_AT_MOST * 2):
        _, mark = keep(told(Refunded, transition=f"{number}"), "message", mark)
    assert len(mark.aside) == ASIDE_AT_MOST
    assert not keep(told(Refunded, transition=f"{number}"), "poll", mark)[0], "the last are known"
