"""Stories of orders that go back or go out: release, refund, ship, whole and in part."""

from __future__ import annotations

from collections.abc import Callable

import pytest

from overlaykit.model import commands as c
from tests.engine.scene import Scene, line, reason

pytestmark = pytest.mark.store
MakeScene = Callable[..., Scene]


def test_what_is_released_is_for_sale_again_once(scene: MakeScene) -> None:
    room = scene()
    room.reserve("o1", "B 3")
    assert reason(room.release("o1")) == "accepted"
    assert reason(room.release("o1")) == "nothing_left"
    assert room.row("B", "hz") == {"on_hand": 6, "available": 4, "buffer": 2, "opening": 4}
    assert reason(room.commit("o1")) == "wrong_state"


def test_a_paid_order_can_be_released(scene: MakeScene) -> None:
    room = scene()
    room.buy("o1", "B 3")
    assert reason(room.release("o1")) == "accepted"
    assert room.row("B", "hz") == {"on_hand": 6, "available": 4, "buffer": 2, "opening": 4}


def test_part_of_an_order_is_released_and_never_more_than_is_left(scene: MakeScene) -> None:
    room = scene()
    room.reserve("o1", "A 3", "B 2")
    assert reason(room.release("o1", "A 2")) == "accepted"
    assert reason(room.release("o1", "A 2")) == "exceeds_order"
    assert reason(room.release("o1", "A 1", "A 1")) == "exceeds_order"
    assert reason(room.release("o1", "C 1")) == "exceeds_order"
    assert room.column("A", "held") == {"hz": 1}
    assert reason(room.release("o1", "A 1")) == "accepted"
    assert room.column("B", "held") == {"hz": 2}
    assert reason(room.release("o1")) == "accepted"
    assert reason(room.release("o1")) == "nothing_left"


def test_an_expired_order_has_nothing_to_release(scene: MakeScene) -> None:
    room = scene()
    room.reserve("o1", "B 3", hold_seconds=1.0)
    room.sweep_after(2)
    assert room.available("B") == 4
    assert reason(room.release("o1")) == "nothing_left"
    assert room.available("B") == 4


def test_the_last_line_goes_back_first(scene: MakeScene) -> None:
    room = scene()
    room.buy("o1", "A 3@hz", "A 2@gz")
    room.release("o1", "A 3")
    assert room.column("A", "committed") == {"hz": 2}


def test_shipping_takes_paid_units_off_the_shelf(scene: MakeScene) -> None:
    room = scene()
    room.reserve("o1", "B 3")
    assert reason(room.ship("o1")) == "wrong_state"
    room.commit("o1")
    assert reason(room.ship("o1", "B 4")) == "exceeds_order"
    assert reason(room.ship("o1", "B 1")) == "accepted"
    assert room.row("B", "hz") == {
        "on_hand": 5, "available": 1, "committed": 2, "buffer": 2, "shipped": 1, "opening": 4
    }  # fmt: skip
    assert reason(room.ship("o1")) == "accepted"
    assert room.row("B", "hz") == {"on_hand": 3, "available": 1, "buffer": 2, "shipped": 3, "opening": 4}
    assert reason(room.ship("o1")) == "nothing_left"
    assert reason(room.release("o1")) == "nothing_left"


def test_a_refund_puts_units_back_on_the_shelf(scene: MakeScene) -> None:
    room = scene()
    room.reserve("o1", "B 3")
    assert reason(room.refund("o1")) == "wrong_state"
    room.commit("o1")
    room.ship("o1", "B 2")
    assert reason(room.refund("o1", "B 4")) == "exceeds_order"
    assert reason(room.refund("o1", "B 2")) == "accepted"
    assert room.row("B", "hz") == {"on_hand": 5, "available": 3, "buffer": 2, "shipped": 1, "opening": 4}
    assert reason(room.refund("o1")) == "accepted"
    assert room.row("B", "hz") == {"on_hand": 6, "available": 4, "buffer": 2, "opening": 4}
    assert reason(room.refund("o1")) == "wrong_state"


def test_a_refund_without_restock_loses_the_units(scene: MakeScene) -> None:
    room = scene()
    room.buy("o1", "B 3")
    room.ship("o1", "B 1")
    assert reason(room.refund("o1", restock=False)) == "accepted"
    assert room.row("B", "hz") == {"on_hand": 3, "available": 1, "buffer": 2, "opening": 4}


def test_debt_is_cancelled_before_units_go_back(scene: MakeScene) -> None:
    room = scene()
    assert room.record("o1", "B 6").oversold == {"B": 2}
    room.release("o1", "B 3")
    assert room.owed("B") == 0
    assert room.row("B", "hz") == {"on_hand": 6, "available": 1, "committed": 3, "buffer": 2, "opening": 4}


def test_what_comes_back_pays_debts_oldest_first_and_once(scene: MakeScene) -> None:
    room = scene()
    room.buy("o1", "B 4")
    assert room.record("o2", "B 2", paid=False).oversold == {"B": 2}
    assert room.record("o3", "B 1").oversold == {"B": 1}
    assert room.owed("B") == 3
    assert reason(room.release("o1", "B 2")) == "accepted"
    assert room.owed("B") == 1
    assert room.row("B", "hz") == {"on_hand": 6, "held": 2, "committed": 2, "buffer": 2, "opening": 4}
    paid = room.last("oversold.covered")
    assert paid.cause == room.last("order.release").seq
    assert reason(room.release("o1", "B 2")) == "accepted"
    assert room.owed("B") == 0
    assert room.row("B", "hz") == {
        "on_hand": 6, "available": 1, "held": 2, "committed": 1, "buffer": 2, "opening": 4
    }  # fmt: skip
    assert room.count_of("oversold.covered") == 2


def test_all_units_leave_before_the_first_enters(scene: MakeScene) -> None:
    """An order that owes itself nothing any more does not get its own units back."""
    room = scene()
    room.record("o1", "B 6")
    room.record("o2", "B 1")
    assert reason(room.release("o1")) == "accepted"
    assert room.owed("B") == 0
    assert room.row("B", "hz") == {"on_hand": 6, "available": 3, "committed": 1, "buffer": 2, "opening": 4}


def test_a_quick_chain_in_one_call(scene: MakeScene) -> None:
    room = scene()
    found = room.say(
        c.OrderReserve(order="o1", lines=(line("B 4"),)),
        c.OrderCommit(order="o1"),
        c.OrderShip(order="o1"),
        c.OrderRefund(order="o1", restock=True),
        c.OrderShip(order="o1"),
    )
    assert [reason(each) for each in found] == ["accepted"] * 4 + ["wrong_state"]
    room.check()
    assert room.row("B", "hz") == {"on_hand": 6, "available": 4, "buffer": 2, "opening": 4}
