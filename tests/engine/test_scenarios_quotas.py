"""Stories of allotments and drops: what is kept for one is not sold to another, and a fact goes over them."""

from __future__ import annotations

from collections.abc import Callable

import pytest

from overlaykit.model import commands as c
from tests.engine.evening import DROPS
from tests.engine.scene import Scene, reason

pytestmark = pytest.mark.store
MakeScene = Callable[..., Scene]


def test_what_is_allotted_is_kept_for_its_channel(scene: MakeScene) -> None:
    room = scene()
    assert reason(room.allot("B", "mini", 3)) == "accepted"
    assert reason(room.reserve("o1", "B 2")) == "sold_out"
    assert reason(room.reserve("o2", "B 1", channel="shop")) == "accepted"
    assert reason(room.reserve("o3", "B 1", channel="shop")) == "sold_out"
    assert reason(room.reserve("o4", "B 4", channel="mini")) == "sold_out"
    assert reason(room.reserve("o5", "B 3", channel="mini")) == "accepted"
    assert room.allotment("B", "mini") == (3, 3)


def test_a_channel_sells_no_more_than_its_allotment(scene: MakeScene) -> None:
    room = scene()
    room.allot("B", "mini", 2)
    assert reason(room.reserve("o1", "B 2", "B 1", channel="mini")) == "allotment_exhausted"
    assert reason(room.reserve("o2", "B 2", channel="mini")) == "accepted"
    assert reason(room.reserve("o3", "B 1", channel="mini")) == "allotment_exhausted"
    room.release("o2", "B 1")
    assert room.allotment("B", "mini") == (2, 1)
    assert reason(room.reserve("o4", "B 1", channel="mini")) == "accepted"


def test_units_in_use_count_until_they_come_back(scene: MakeScene) -> None:
    room = scene()
    room.allot("B", "mini", 3)
    room.buy("o1", "B 3", channel="mini")
    room.ship("o1", "B 2")
    assert room.allotment("B", "mini") == (3, 3)
    room.refund("o1", "B 1", restock=True)
    assert room.allotment("B", "mini") == (3, 2)
    room.refund("o1", "B 1", restock=False)
    assert room.allotment("B", "mini") == (3, 2)


def test_an_allotment_that_ends_and_returns_knows_what_was_used(scene: MakeScene) -> None:
    room = scene()
    room.reserve("o0", "B 1", channel="mini")
    room.allot("B", "mini", 2)
    assert room.allotment("B", "mini") == (2, 0)
    room.reserve("o1", "B 1", channel="mini")
    room.allot("B", "mini", None)
    assert reason(room.reserve("o2", "B 1", channel="mini")) == "accepted"
    assert reason(room.reserve("o3", "B 1", channel="shop")) == "accepted"
    room.allot("B", "mini", 2)
    assert room.allotment("B", "mini") == (2, 1)


def test_allotments_need_known_names(scene: MakeScene) -> None:
    room = scene()
    assert reason(room.allot("nowhere", "radio", 1)) == "unknown_sku"
    assert reason(room.allot("X", "radio", 1)) == "unknown_channel"
    assert reason(room.allot("X", "mini", 1)) == "is_bundle"


def test_a_room_may_be_over_allotted_and_then_its_pool_sells_nothing(scene: MakeScene) -> None:
    room = scene()
    room.allot("B", "mini", 3)
    room.allot("B", "douyin", 3)
    assert reason(room.reserve("o1", "B 1", channel="shop")) == "sold_out"
    assert reason(room.reserve("o2", "B 3", channel="mini")) == "accepted"
    assert reason(room.reserve("o3", "B 2", channel="douyin")) == "sold_out"
    assert reason(room.reserve("o4", "B 1", channel="douyin")) == "accepted"


def test_a_drop_sells_its_number_and_no_more(scene: MakeScene) -> None:
    room = scene(drops=DROPS, buyer_limit=None)
    assert reason(room.reserve("o1", "A 1!hand")) == "drop_closed"
    assert reason(room.one(c.DropRelease(drop="hand"))) == "accepted"
    assert reason(room.reserve("o2", "A 3!hand", "A 2!hand")) == "sold_out"
    assert reason(room.reserve("o3", "A 4!hand")) == "accepted"
    assert reason(room.reserve("o4", "A 1!hand")) == "sold_out"
    room.commit("o3")
    assert room.drop("A", "hand") == (4, 4, 4, "open")
    room.release("o3", "A 1")
    assert room.drop("A", "hand") == (4, 3, 3, "open")
    assert reason(room.reserve("o5", "A 1!hand")) == "accepted"
    assert room.drop("A", "hand") == (4, 4, 3, "open")


def test_a_drop_of_another_item_is_closed_to_a_line(scene: MakeScene) -> None:
    room = scene(drops=DROPS)
    room.one(c.DropRelease(drop="hand"))
    assert reason(room.reserve("o1", "B 1!hand")) == "drop_closed"
    assert reason(room.reserve("o1", "A 1!nothing")) == "drop_closed"


def test_units_of_a_drop_are_not_sold_outside_it_until_it_closes(scene: MakeScene) -> None:
    room = scene(drops=DROPS)
    assert reason(room.reserve("o1", "B 3")) == "sold_out"
    assert reason(room.reserve("o2", "B 2")) == "accepted"
    room.one(c.DropRelease(drop="small"))
    assert reason(room.reserve("o3", "B 1")) == "sold_out"
    assert reason(room.reserve("o4", "B 1!small")) == "accepted"
    assert reason(room.one(c.DropClose(drop="small"))) == "accepted"
    assert reason(room.reserve("o5", "B 1!small")) == "drop_closed"
    assert reason(room.reserve("o6", "B 1")) == "accepted"


def test_what_comes_back_to_a_closed_drop_is_for_all(scene: MakeScene) -> None:
    room = scene(drops=DROPS)
    room.one(c.DropRelease(drop="small"))
    room.reserve("o1", "B 2!small")
    room.one(c.DropClose(drop="small"))
    room.release("o1")
    assert room.drop("B", "small") == (2, 0, 0, "closed")
    assert reason(room.reserve("o2", "B 4")) == "accepted"


def test_drops_turn_once(scene: MakeScene) -> None:
    room = scene(drops=DROPS, opened=False)
    assert reason(room.one(c.DropRelease(drop="hand"))) == "session_closed"
    room.open()
    assert reason(room.one(c.DropRelease(drop="nothing"))) == "unknown_drop"
    assert reason(room.one(c.DropClose(drop="nothing"))) == "unknown_drop"
    assert reason(room.one(c.DropRelease(drop="hand"))) == "accepted"
    assert reason(room.one(c.DropRelease(drop="hand"))) == "wrong_state"
    assert reason(room.one(c.DropClose(drop="hand"))) == "accepted"
    assert reason(room.one(c.DropClose(drop="hand"))) == "wrong_state"
    assert reason(room.one(c.DropRelease(drop="hand"))) == "wrong_state"


def test_a_drop_opens_and_closes_by_the_clock(scene: MakeScene) -> None:
    room = scene(drops=DROPS)
    assert "countdown flash-open" in room.state.shown
    assert "drop.opened" not in room.sweep_after(29.9)
    assert "drop.opened" in room.sweep_after(0.2)
    assert "countdown flash-open" not in room.state.shown
    assert "countdown flash-close" in room.state.shown
    assert reason(room.reserve("o1", "A 1!flash")) == "accepted"
    assert "drop.closed" not in room.sweep_after(39.8)
    assert "drop.closed" in room.sweep_after(0.3)
    assert "countdown flash-close" not in room.state.shown
    assert reason(room.reserve("o2", "A 1!flash")) == "drop_closed"
    assert room.drop("A", "flash") == (6, 1, 0, "closed")


def test_a_fact_within_its_quota_moves_nothing(scene: MakeScene) -> None:
    room = scene()
    room.allot("B", "douyin", 3)
    room.record("o1", "B 3", channel="douyin")
    assert room.allotment("B", "douyin") == (3, 3)
    assert room.count_of("allotment.moved") == 0
    assert reason(room.reserve("o2", "B 1")) == "accepted"


def test_a_fact_over_its_quota_takes_the_pool_and_then_other_quotas(scene: MakeScene) -> None:
    room = scene(drops=DROPS)
    room.allot("B", "mini", 1)
    found = room.record("o1", "B 4", channel="douyin")
    assert found.oversold == {}
    assert room.allotment("B", "mini") == (0, 0)
    assert room.drop("B", "small") == (0, 0, 0, "pending")
    assert room.count_of("allotment.moved") == 2
    assert room.last("allotment.moved").cause == found.seq


def test_quotas_give_in_the_plans_order_and_no_more_than_is_missing(scene: MakeScene) -> None:
    room = scene()
    room.allot("B", "shop", 2)
    room.allot("B", "mini", 2)
    room.record("o1", "B 1", channel="douyin")
    assert room.allotment("B", "mini") == (1, 0)
    assert room.allotment("B", "shop") == (2, 0)


def test_a_pool_that_was_below_zero_is_not_mended_by_a_fact(scene: MakeScene) -> None:
    room = scene()
    room.allot("B", "mini", 5)
    room.record("o1", "B 1", channel="douyin")
    assert room.allotment("B", "mini") == (4, 0)


def test_units_that_pay_a_debt_are_not_counted(scene: MakeScene) -> None:
    room = scene()
    room.allot("B", "douyin", 5)
    room.record("o1", "B 6", channel="douyin")
    assert room.allotment("B", "douyin") == (5, 4)
    room.adjust("B", "hz", 2)
    assert room.owed("B") == 0
    assert room.allotment("B", "douyin") == (5, 4)


def test_units_that_were_never_counted_give_nothing_back(scene: MakeScene) -> None:
    """Four are counted and sent; the two that paid the debt come back."""
    room = scene()
    room.allot("B", "douyin", 5)
    room.record("o1", "B 6", channel="douyin")
    room.ship("o1", "B 4")
    room.adjust("B", "hz", 2)
    room.release("o1", "B 2")
    assert room.allotment("B", "douyin") == (5, 4)


def test_a_record_names_a_drop_that_is_pending_and_none_that_is_closed(scene: MakeScene) -> None:
    room = scene(drops=DROPS)
    room.record("o1", "B 1!small")
    assert room.drop("B", "small") == (2, 1, 1, "pending")
    room.one(c.DropClose(drop="small"))
    room.record("o2", "B 1!small")
    assert room.drop("B", "small") == (2, 1, 1, "closed")


def test_an_expired_order_is_taken_again_without_its_drop(scene: MakeScene) -> None:
    room = scene(drops=DROPS)
    room.one(c.DropRelease(drop="small"))
    room.reserve("o1", "B 2!small", hold_seconds=1.0)
    room.sweep_after(2)
    assert room.drop("B", "small") == (2, 0, 0, "open")
    assert reason(room.commit("o1")) == "accepted"
    assert room.drop("B", "small") == (2, 0, 0, "open")


def test_one_check_for_buckets_and_quotas_over_a_cart(scene: MakeScene) -> None:
    """Lines of one item share its allotment, whatever places serve them."""
    room = scene(buyer_limit=None)
    room.allot("A", "mini", 5)
    assert reason(room.reserve("o1", "A 3@hz", "A 3@gz", channel="mini")) == "allotment_exhausted"
    assert reason(room.reserve("o2", "A 3@hz", "A 2@gz", channel="mini")) == "accepted"
    assert room.allotment("A", "mini") == (5, 5)


def test_a_drop_does_not_open_after_the_session(scene: MakeScene) -> None:
    room = scene(drops=DROPS)
    room.one(c.SessionClose())
    assert "drop.opened" not in room.sweep_after(40)
    assert room.drop("A", "flash") == (6, 0, 0, "pending")
