"""What platforms tell of orders → commands. Whatever is told twice, late, in another order or under another id: the units are those
of what happened. The commands are decided by the engine's model."""

from __future__ import annotations

import datetime as dt
import itertools
import random
from typing import Any

import msgspec
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from overlaykit.errors import InvalidCommand
from overlaykit.inbox.mapping import SkuMap
from overlaykit.inbox.translating import OrderMark, Teller, Translation, name_of, order_name, settled_keys, translate
from overlaykit.model.events import (
    Line,
    OrderCancelled,
    OrderFact,
    OrderPaid,
    OrderPlaced,
    OrderShipped,
    Refunded,
)
from overlaykit.model.sessions import Channel, Item, Location, Mapped, SessionPlan, Threshold
from tests.engine.model.room import Model

START = dt.datetime(2026, 11, 11, 12, tzinfo=dt.UTC)
UNITS = 1000
ITEMS = ("A", "B")


def at(minute: float) -> dt.datetime:
    return START + dt.timedelta(minutes=minute)


def lines(*texts: str) -> tuple[Line, ...]:
    """`A 2`: two units of what the platform calls A."""
    split = [text.split() for text in texts]
    return tuple(Line(platform_sku=sku, quantity=int(units)) for sku, units in split)


class Book:
    """A channel's facts, counted by the model as the gateway has them counted by the engine."""

    def __init__(self, *, ignores: bool = True) -> None:
        low = Threshold(share=0.2)
        items = tuple(Item(sku=sku, title=sku, opening={"hz": UNITS}, low=low, critical=low) for sku in ITEMS)
        plan = SessionPlan(
            id="s",
            ledger="s",
            title="s",
            items=items,
            locations=(Location(name="hz", title="hz"),),
            channels=(Channel(name="shop", title="shop"),),
        )
        self.model = Model(plan)
        self.mapped: dict[str, Mapped] = {}
        self.ignores = ignores
        self.marks: dict[str, OrderMark] = {}
        self.settled: dict[bytes, int] = {}
        self.excess = 0
        self.quarantined: list[str] = []

    @property
    def teller(self) -> Teller:
        now = round(at(600).timestamp() * 1000)
        return Teller("shop", "", SkuMap({}, self.mapped, set(ITEMS)), now, self.ignores)

    def tell(self, event: OrderFact) -> Translation:
        order = name_of(event, self.teller)
        known = {key: self.settled[key] for key in settled_keys(event, self.teller) if key in self.settled}
        found = translate(event, self.teller, self.marks.get(order, OrderMark()), known)
        if found.submission is not None:
            answer = self.model.decide(found.submission)
            assert answer.status in ("accepted", "duplicate"), answer
            self.excess += answer.verdict.excess
            if answer.verdict.quarantined:
                self.quarantined.append(answer.verdict.quarantined)
        self.marks[order] = found.mark
        self.settled.update(found.settled)
        return found

    def forget_ids(self) -> None:
        """A day goes by: the engine forgets the ids of commands."""
        self.model.ids.clear()

    def left(self, sku: str = "A") -> int:
        return self.model.totals(sku)["available"]

    def committed(self, sku: str = "A") -> int:
        return self.model.totals(sku)["committed"]


PLACED = OrderPlaced(order="1", lines=lines("A 3"), at=at(0))
PAID = OrderPaid(order="1", lines=lines("A 3"), at=at(1))
CANCELLED = OrderCancelled(order="1", at=at(2))
REFUNDED = Refunded(order="1", lines=lines("A 1"), restock=True, transition="r1", at=at(3))


def test_redelivery_counts_once() -> None:
    book = Book()
    for event in (PLACED, PLACED, PAID, PAID, PLACED):
        book.tell(event)
    assert (book.left(), book.committed()) == (UNITS - 3, 3)
    assert book.tell(PAID).skipped == book.tell(PLACED).skipped == "told"


def test_one_business_event_under_two_ids_counts_once() -> None:
    book = Book()
    for delivery in ("webhook-1", "webhook-2", "poll"):
        book.tell(msgspec.structs.replace(PAID, delivery=delivery))
        book.tell(msgspec.structs.replace(REFUNDED, delivery=delivery))
    assert book.left() == UNITS - 2


def test_paid_before_created() -> None:
    book = Book()
    book.tell(PAID)
    assert book.tell(PLACED).skipped == "told"
    assert book.tell(msgspec.structs.replace(PLACED, lines=lines("A 9"))).skipped == "stale"
    assert (book.left(), book.committed()) == (UNITS - 3, 3)


def test_paid_that_comes_after_newer_lines_pays_and_leaves_the_lines() -> None:
    book = Book()
    book.tell(PLACED)
    book.tell(OrderPlaced(order="1", lines=lines("A 2", "B 1"), at=at(5)))
    found = book.tell(PAID)
    assert found.submission is not None
    assert found.submission.command.__struct_config__.tag == "order.commit"
    assert (book.left("A"), book.left("B"), book.committed("A")) == (UNITS - 2, UNITS - 1, 2)


def test_cancel_before_paid() -> None:
    told: list[OrderFact] = [PLACED, PAID, CANCELLED]
    for events in itertools.permutations(told):
        book = Book()
        for event in events:
            book.tell(event)
        assert book.left() == UNITS
        assert book.quarantined == [], "what is older than the cancellation is no conflict"


def test_all_that_ever_happened_may_be_told_with_each_change() -> None:
    book = Book()
    for minute in range(1, 5):
        for event in (PAID, msgspec.structs.replace(REFUNDED, at=None), CANCELLED):
            book.tell(msgspec.structs.replace(event, at=at(minute)))
    assert (book.left(), book.quarantined, book.excess) == (UNITS, [], 0)
    assert len(book.model.written) == 3


def test_paid_after_a_cancellation_is_a_conflict_that_is_seen() -> None:
    book = Book()
    for event in (PLACED, CANCELLED, msgspec.structs.replace(PAID, at=at(9))):
        book.tell(event)
    assert book.quarantined == ["cancelled"]


def test_stale_lines_after_fresh_ones_change_nothing() -> None:
    book = Book()
    book.tell(PAID)
    book.tell(OrderPaid(order="1", lines=lines("A 5"), at=at(4)))
    assert book.tell(OrderPaid(order="1", lines=lines("A 9"), at=at(2))).skipped == "stale"
    assert book.left() == UNITS - 5


def test_lines_that_go_back_to_what_they_were_count_again() -> None:
    book = Book()
    for minute, units in ((0, 3), (1, 5), (2, 3)):
        book.tell(OrderPaid(order="1", lines=lines(f"A {units}"), at=at(minute)))
    assert book.left() == UNITS - 3


def test_a_refund_or_cancellation_told_again_after_days_moves_nothing() -> None:
    book = Book()
    partly = OrderCancelled(order="1", lines=lines("A 1"), transition="c1")
    shipped = OrderShipped(order="1", lines=lines("A 1"), transition="s1")
    for event in (PAID, REFUNDED, partly, shipped):
        book.tell(event)
    row = book.model.rows("A")
    book.forget_ids()
    for event in (REFUNDED, partly, shipped, PAID):
        assert book.tell(event).skipped in ("told", "stale")
    assert book.model.rows("A") == row


def test_partial_cancel_then_full_refund_restocks_nothing_twice() -> None:
    book = Book()
    book.tell(PAID)
    book.tell(OrderCancelled(order="1", lines=lines("A 2"), transition="c1"))
    book.tell(Refunded(order="1", lines=lines("A 3"), restock=True, transition="r1"))
    assert book.left() == UNITS
    assert book.excess == 2, "and it is said"


def test_a_refund_of_units_that_are_not_known_yet_is_said_to_be_too_much() -> None:
    book = Book()
    book.tell(PAID)
    book.tell(Refunded(order="1", lines=lines("A 4"), restock=True, transition="r1"))
    assert (book.left(), book.excess) == (UNITS, 1)


def test_two_partial_cancellations_of_other_lines_both_count() -> None:
    book = Book()
    book.tell(OrderPaid(order="1", lines=lines("A 1", "B 1")))
    for each in "AB":
        book.tell(OrderCancelled(order="1", lines=lines(f"{each} 1")))
    assert (book.left("A"), book.left("B")) == (UNITS, UNITS)


def test_a_refund_that_is_told_with_other_numbers_is_a_clash() -> None:
    book = Book()
    book.tell(PAID)
    book.tell(REFUNDED)
    found = book.tell(msgspec.structs.replace(REFUNDED, lines=lines("A 2")))
    assert found.submission is None
    assert found.clash == "the platform told it before with other numbers: A × 1, now × 2"
    assert book.left() == UNITS - 2


def test_a_happening_told_as_a_whole_and_then_by_its_lines_is_one() -> None:
    book = Book()
    book.tell(PAID)
    book.tell(Refunded(order="1", restock=True, transition="r1"))
    assert book.tell(Refunded(order="1", lines=lines("A 3"), restock=True, transition="r1")).skipped == "told"
    assert (book.left(), book.excess) == (UNITS, 0)


def test_lines_of_other_items_take_no_part() -> None:
    book = Book()
    found = book.tell(OrderPaid(order="1", lines=lines("A 1", "X 2", "X 1", "Y 4")))
    assert (found.unknown, book.left()) == ({"X": 3, "Y": 4}, UNITS - 1)


def test_an_order_without_any_line_of_the_plan_makes_no_entry_whatever_becomes_of_it() -> None:
    book = Book()
    for event in (
        OrderPlaced(order="1", lines=lines("X 1"), at=at(0)),
        OrderPaid(order="1", lines=lines("X 1"), at=at(1)),
        OrderShipped(order="1"),
        Refunded(order="1", lines=lines("X 1")),
        OrderCancelled(order="1"),
    ):
        assert book.tell(event).skipped == "ignored"
    assert book.model.written == []


def test_a_refund_of_lines_that_are_nobodys_is_no_refund_of_the_order() -> None:
    book = Book()
    book.tell(OrderPaid(order="1", lines=lines("A 3", "X 1")))
    assert book.tell(Refunded(order="1", lines=lines("X 1"), restock=True)).submission is None
    assert book.left() == UNITS - 3


def test_lines_that_are_mapped_later_count_then_and_the_others_not_again() -> None:
    book = Book()
    paid = OrderPaid(order="1", lines=lines("A 2", "X 2"), at=at(0))
    back = Refunded(order="1", lines=lines("A 1", "X 1"), restock=True, transition="r1")
    book.tell(paid)
    assert book.tell(back).unknown == {"X": 1}
    assert (book.left("A"), book.left("B")) == (UNITS - 1, UNITS)
    book.mapped["X"] = Mapped("B", 10)
    for event in (paid, back, paid, back):
        book.tell(event)
    assert (book.left("A"), book.left("B")) == (UNITS - 1, UNITS - 10)


def test_a_payment_that_is_heard_of_after_all_was_refunded_is_no_conflict() -> None:
    told: list[OrderFact] = [PLACED, PAID, msgspec.structs.replace(REFUNDED, lines=lines("A 3"))]
    for events in itertools.permutations(told):
        book = Book()
        for event in events:
            book.tell(event)
        assert (book.left(), book.quarantined) == (UNITS, [])


def test_an_order_that_grows_after_all_of_it_was_refunded_is_put_before_a_person() -> None:
    book = Book()
    for event in (PAID, msgspec.structs.replace(REFUNDED, lines=lines("A 3"))):
        book.tell(event)
    book.tell(OrderPaid(order="1", lines=lines("A 4"), at=at(9)))
    assert book.quarantined == ["cancelled"]


def test_an_order_that_was_cancelled_before_its_lines_were_mapped_takes_nothing() -> None:
    for when in (None, at(2)):
        book = Book(ignores=False)
        paid = OrderPaid(order="1", lines=lines("X 2"), at=when and at(1))
        for event in (paid, OrderCancelled(order="1", at=when)):
            book.tell(event)
        book.mapped["X"] = Mapped("A")
        book.tell(paid)
        assert book.left() == UNITS


def test_an_order_that_was_paid_before_its_lines_were_mapped_is_paid() -> None:
    book = Book(ignores=False)
    newer = OrderPlaced(order="1", lines=lines("X 2"), at=at(5))
    for event in (newer, OrderPaid(order="1", lines=lines("X 1"), at=at(1))):
        book.tell(event)
    book.mapped["X"] = Mapped("A")
    book.tell(newer)
    assert (book.left(), book.committed()) == (UNITS - 2, 2)


def test_an_order_from_which_all_our_lines_were_taken_returns_them() -> None:
    book = Book()
    book.tell(PAID)
    book.tell(OrderPaid(order="1", lines=lines("X 1"), at=at(5)))
    assert book.left() == UNITS


def test_clock_skew_a_time_that_cannot_be_says_nothing() -> None:
    """Seconds taken for milliseconds, or China's time for UTC: it must not make all that follows look old."""
    book = Book()
    book.tell(OrderPlaced(order="1", lines=lines("A 3"), at=at(600 + 8 * 60)))
    book.tell(OrderPaid(order="1", lines=lines("A 2"), at=at(1)))
    assert (book.left(), book.committed()) == (UNITS - 2, 2)
    book.tell(OrderPaid(order="1", lines=lines("A 4"), at=dt.datetime(1970, 1, 1, tzinfo=dt.UTC)))
    assert book.left() == UNITS - 4


def test_units_that_nobody_counts_back_are_gone_until_a_person_says() -> None:
    book = Book()
    book.tell(PAID)
    found = book.tell(Refunded(order="1"))
    assert found.submission is not None
    assert msgspec.to_builtins(found.submission.command)["restock"] is False
    assert book.left() == UNITS - 3


@pytest.mark.parametrize(
    ("channel", "shop", "order", "name"),
    [("douyin", "77", "o-1", "douyin:77:o-1"), ("douyin", "", "o-1", "douyin:o-1")],
)
def test_names_of_orders(channel: str, shop: str, order: str, name: str) -> None:
    assert order_name(channel, shop, order) == name


def test_a_name_that_is_too_long_or_cannot_be_shown_is_hashed() -> None:
    names = [order_name("c" * 64, "7", order) for order in ("o" * 128, "o" * 127, "a\nb", "a\u2028b")]
    assert len(set(names)) == 4
    assert all(len(name) <= 128 and name.isprintable() for name in names)


def test_the_shop_of_the_plan_is_the_shop_whoever_leaves_it_out() -> None:
    teller = Teller("douyin", "77", SkuMap({}, {}, set()), 0)
    assert name_of(PAID, teller) == name_of(msgspec.structs.replace(PAID, shop="77"), teller) == "douyin:77:1"


@pytest.mark.parametrize(
    "wrong",
    [
        {"lines": tuple(Line(platform_sku=f"P{n}", quantity=1) for n in range(201))},
        {"lines": (Line(platform_sku="A", quantity=10**9), Line(platform_sku="A", quantity=1))},
    ],
)
def test_what_no_command_can_say_is_an_error_that_says_why(wrong: dict[str, Any]) -> None:
    mapped = {f"P{n}": Mapped("A" if n == 0 else f"item-{n}") for n in range(201)}
    teller = Teller("shop", "", SkuMap(mapped, {}, set(ITEMS)), 0)
    with pytest.raises(InvalidCommand):
        translate(OrderPaid(order="1", **wrong), teller, OrderMark(), {})


# ------------------------------------------------------------------------------------ any order, any number of times


@st.composite
def evenings(draw: st.DrawFn) -> tuple[dict[str, int], list[OrderFact]]:
    """Some orders, all that was told of each, and the units that they take of each item in the end."""
    taken = dict.fromkeys(ITEMS, 0)
    told: list[OrderFact] = []
    for number in range(draw(st.integers(1, 4))):
        order, minute = f"o{number}", 0.0
        units = {sku: draw(st.integers(1, 4)) for sku in draw(st.sets(st.sampled_from(ITEMS), min_size=1))}

        def now(units: dict[str, int]) -> tuple[Line, ...]:
            return lines(*(f"{sku} {count}" for sku, count in units.items()), "X 7")

        told.append(OrderPlaced(order=order, lines=now(units), at=at(minute)))
        grows = draw(st.integers(0, 2))
        # Nothing that was added later comes back, and an order is not over before it grew: those are stories of their own.
        before, may_return = dict(units), sum(units.values()) - 1 if grows else UNITS
        for _ in range(grows):
            minute += 1
            sku = draw(st.sampled_from(ITEMS))
            units[sku] = units.get(sku, 0) + draw(st.integers(1, 3))
            told.append(OrderPlaced(order=order, lines=now(units), at=at(minute)))
        if draw(st.booleans()):
            minute += 1
            told.append(OrderPaid(order=order, lines=now(units), at=at(minute)))
        left = dict(units)
        for refund in range(draw(st.integers(0, 2))):
            sku = draw(st.sampled_from(sorted(before)))
            if most := min(before[sku], may_return):
                some = draw(st.integers(1, most))
                left[sku] -= some
                before[sku] -= some
                may_return -= some
                back = Refunded(order=order, lines=lines(f"{sku} {some}", "X 1"), restock=True, transition=f"r{refund}")
                told.append(back)
        if draw(st.booleans()):
            minute += 1
            told.append(OrderCancelled(order=order, at=at(minute)))
            left = {}
        for sku, count in left.items():
            taken[sku] += count
    return taken, told


@settings(max_examples=300, deadline=None)
@given(evenings(), st.randoms(use_true_random=False), st.booleans())
def test_any_order_any_number_of_times_gives_the_same_units(
    evening: tuple[dict[str, int], list[OrderFact]], dice: random.Random, forgetful: bool
) -> None:
    taken, told = evening
    deliveries = [event for event in told for _ in range(dice.randint(1, 5))]
    dice.shuffle(deliveries)
    book = Book()
    for number, event in enumerate(deliveries):
        book.tell(msgspec.structs.replace(event, delivery=f"d{number}"))
        if forgetful and dice.random() < 0.2:
            book.forget_ids()
    assert {sku: UNITS - book.left(sku) for sku in ITEMS} == taken
    assert book.quarantined == []
