"""Stories of requests: all lines or none, from the right place, and never a unit twice."""

from __future__ import annotations

from collections.abc import Callable

import pytest

from overlaykit.model import commands as c
from tests.engine.evening import DROPS
from tests.engine.scene import Scene, line, reason

pytestmark = pytest.mark.store
MakeScene = Callable[..., Scene]


def test_a_cart_that_names_an_item_twice_needs_the_sum(scene: MakeScene) -> None:
    room = scene()
    assert reason(room.reserve("o1", "B 3", "B 2")) == "sold_out"
    assert room.row("B", "hz") == {"on_hand": 6, "available": 4, "buffer": 2, "opening": 4}
    assert reason(room.reserve("o2", "B 2", "B 2")) == "accepted"
    assert room.row("B", "hz") == {"on_hand": 6, "held": 4, "buffer": 2, "opening": 4}


def test_all_lines_or_none(scene: MakeScene) -> None:
    room = scene()
    assert reason(room.reserve("o1", "A 1", "B 5")) == "sold_out"
    assert room.available("A") == 30


def test_the_first_place_with_enough_serves_a_line(scene: MakeScene) -> None:
    room = scene()
    room.reserve("o1", "A 12", buyer=None)
    assert room.column("A", "held") == {"hz": 12}
    room.reserve("o2", "A 9")
    assert room.column("A", "held") == {"hz": 12, "gz": 9}
    room.reserve("o3", "A 8")
    assert room.column("A", "held") == {"hz": 20, "gz": 9}


def test_without_split_no_line_comes_from_two_places(scene: MakeScene) -> None:
    room = scene()
    assert reason(room.reserve("o1", "A 21")) == "sold_out"


def test_with_split_several_places_serve_in_the_plans_order(scene: MakeScene) -> None:
    room = scene(split=True)
    assert reason(room.reserve("o1", "A 25")) == "accepted"
    assert room.column("A", "held") == {"hz": 20, "gz": 5}


def test_a_region_is_served_by_its_own_locations(scene: MakeScene) -> None:
    room = scene()
    assert reason(room.reserve("o1", "A 4/south")) == "accepted"
    assert room.column("A", "held") == {"gz": 4}
    assert reason(room.reserve("o2", "A 7/south")) == "no_stock_in_region"
    assert reason(room.reserve("o3", "A 1/north")) == "no_stock_in_region"
    assert reason(room.reserve("o4", "A 1/west")) == "no_stock_in_region"
    assert reason(room.reserve("o5", "A 7/east")) == "accepted"
    assert room.column("A", "held") == {"hz": 7, "gz": 4}


def test_a_named_location_serves_alone(scene: MakeScene) -> None:
    room = scene(split=True)
    assert reason(room.reserve("o1", "A 11@gz")) == "sold_out"
    assert reason(room.reserve("o2", "A 10@gz")) == "accepted"
    assert room.column("A", "held") == {"gz": 10}


def test_what_is_wrong_with_lines_is_said_in_order(scene: MakeScene) -> None:
    room = scene(drops=DROPS)
    room.one(c.ItemClose(sku="C"))
    assert reason(room.reserve("o1", "A 1@mars", "nowhere 1")) == "unknown_location"
    assert reason(room.reserve("o1", "nowhere 1", "A 1@mars")) == "unknown_sku"
    assert reason(room.reserve("o1", "C 1", "A 1@mars")) == "unknown_location"
    assert reason(room.reserve("o1", "A 1!hand", "C 1")) == "not_on_sale"
    assert reason(room.reserve("o1", "A 1!hand")) == "drop_closed"
    assert reason(room.reserve("o1", "A 1", channel="radio")) == "unknown_channel"
    assert reason(room.reserve("o1", "A 1")) == "accepted"
    assert reason(room.reserve("o1", "nowhere 1", channel="radio")) == "unknown_channel"
    assert reason(room.reserve("o1", "nowhere 1")) == "duplicate_order"


def test_outside_the_session_requests_are_refused(scene: MakeScene) -> None:
    room = scene(opened=False)
    assert reason(room.reserve("o1", "A 1")) == "session_closed"
    room.open()
    assert reason(room.one(c.SessionFreeze())) == "accepted"
    assert reason(room.reserve("o1", "A 1")) == "accepted"
    assert reason(room.one(c.SessionClose())) == "accepted"
    assert reason(room.reserve("o2", "A 1")) == "session_closed"
    assert reason(room.commit("o1")) == "accepted"
    assert reason(room.record("o3", "A 1")) == "accepted"


def test_a_short_reserve_expires_due_holds_first(scene: MakeScene) -> None:
    room = scene()
    assert reason(room.reserve("o1", "B 4", hold_seconds=5.0)) == "accepted"
    room.wait(4.999)
    assert reason(room.reserve("o2", "B 4")) == "sold_out"
    room.wait(0.001)
    found = room.reserve("o3", "B 4")
    assert reason(found) == "accepted"
    assert room.last("hold.expired").seq == (found.seq or 0) - 1
    assert room.row("B", "hz") == {"on_hand": 6, "held": 4, "buffer": 2, "opening": 4}


def test_a_reserve_that_is_not_short_expires_nothing(scene: MakeScene) -> None:
    room = scene()
    room.reserve("o1", "B 1", hold_seconds=1.0)
    room.wait(2)
    room.reserve("o2", "B 1")
    assert room.count_of("hold.expired") == 0


def test_one_call_expires_two_hundred_holds_and_no_more(scene: MakeScene) -> None:
    room = scene(opening=203, buyer_limit=None)
    room.say(*(room.reserving(f"o{number}", "A 1@hz", hold_seconds=1.0) for number in range(203)))
    room.wait(2)
    assert reason(room.reserve("late", "A 201@hz")) == "sold_out"
    assert room.count_of("hold.expired") == 200
    assert reason(room.reserve("later", "A 203@hz")) == "accepted"
    assert room.count_of("hold.expired") == 203


def test_a_hold_of_its_own_wins_over_the_plans(scene: MakeScene) -> None:
    room = scene(hold_seconds=10.0)
    room.reserve("o1", "A 1", hold_seconds=30.0)
    room.reserve("o2", "A 1")
    assert room.sweep_after(10) == ["hold.expired"]
    assert room.column("A", "held") == {"hz": 1}
    assert "hold.expired" in room.sweep_after(20)
    assert room.column("A", "held") == {}


def test_a_due_hold_can_still_be_paid(scene: MakeScene) -> None:
    room = scene()
    room.reserve("o1", "A 2", hold_seconds=1.0)
    room.wait(100)
    assert reason(room.commit("o1")) == "accepted"
    assert room.column("A", "committed") == {"hz": 2}
    assert "hold.expired" not in room.sweep_after(100)
    assert room.column("A", "committed") == {"hz": 2}


def test_an_expired_order_is_paid_when_there_is_stock_again(scene: MakeScene) -> None:
    room = scene()
    room.reserve("o1", "B 3", hold_seconds=1.0)
    room.sweep_after(2)
    room.reserve("o2", "B 2", hold_seconds=5.0)
    assert reason(room.commit("o1")) == "expired"
    room.wait(6)
    assert reason(room.commit("o1")) == "accepted"
    assert room.row("B", "hz") == {"on_hand": 6, "available": 1, "committed": 3, "buffer": 2, "opening": 4}
    assert room.count_of("hold.expired") == 2
    assert reason(room.commit("o1")) == "wrong_state"


def test_an_expired_order_is_not_paid_after_the_session(scene: MakeScene) -> None:
    room = scene()
    room.reserve("o1", "B 3", hold_seconds=1.0)
    room.sweep_after(2)
    room.one(c.SessionClose())
    assert reason(room.commit("o1")) == "session_closed"


def test_orders_that_are_not_there_cannot_be_changed(scene: MakeScene) -> None:
    room = scene()
    assert reason(room.commit("o1")) == "unknown_order"
    assert reason(room.release("o1")) == "unknown_order"
    assert reason(room.ship("o1")) == "unknown_order"
    assert reason(room.refund("o1")) == "unknown_order"
    room.commit("o1", fact=True)
    assert reason(room.commit("o1")) == "unknown_order"
    assert reason(room.release("o1")) == "unknown_order"
    assert reason(room.ship("o1")) == "unknown_order"
    assert reason(room.refund("o1")) == "unknown_order"
    assert reason(room.reserve("o1", "A 1")) == "duplicate_order"


def test_a_personal_hold_says_when_it_ends(scene: MakeScene) -> None:
    room = scene(hold_seconds=45.0)
    found = room.reserve("o1", "A 1", personal=True)
    assert found.hold_token
    assert found.expires_at == "2026-09-21T14:14:05.000Z"
    assert room.reserve("o2", "A 1").hold_token is None


def test_commands_of_one_call_are_decided_in_their_order(scene: MakeScene) -> None:
    room = scene()
    found = room.say(
        c.OrderReserve(order="o1", lines=(line("B 4"),)),
        c.OrderReserve(order="o2", lines=(line("B 1"),)),
        c.OrderRelease(order="o1"),
        c.OrderReserve(order="o3", lines=(line("B 4"),)),
    )
    assert [reason(each) for each in found] == ["accepted", "sold_out", "accepted", "accepted"]
    assert [each.seq for each in found] == [3, 4, 5, 6]
    room.check()
