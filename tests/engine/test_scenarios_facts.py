"""Stories of facts: they have happened, so they are never refused for want of stock, and never lost."""

from __future__ import annotations

from collections.abc import Callable

import pytest

from overlaykit.model import commands as c
from tests.engine.scene import Scene, reason

pytestmark = pytest.mark.store
MakeScene = Callable[..., Scene]


def test_a_fact_takes_what_there_is_and_owes_the_rest(scene: MakeScene) -> None:
    room = scene()
    found = room.record("o1", "A 33")
    assert reason(found) == "accepted"
    assert found.oversold == {"A": 3}
    assert room.column("A", "committed") == {"hz": 20, "gz": 10}
    assert room.owed("A") == 3


def test_a_fact_prefers_its_region_and_then_goes_anywhere(scene: MakeScene) -> None:
    room = scene()
    room.record("o1", "A 10/south")
    assert room.column("A", "committed") == {"gz": 10}
    room.record("o2", "A 1/south")
    assert room.column("A", "committed") == {"hz": 1, "gz": 10}


def test_a_fact_about_a_location_takes_nothing_elsewhere(scene: MakeScene) -> None:
    room = scene()
    assert room.record("o1", "A 12@gz").oversold == {"A": 2}
    assert room.available("A") == 20


def test_facts_need_known_names(scene: MakeScene) -> None:
    room = scene()
    assert reason(room.record("o1", "A 1", channel="radio")) == "unknown_channel"
    assert reason(room.record("o1", "A 1", "nowhere 1")) == "unknown_sku"
    assert reason(room.record("o1", "A 1@mars")) == "unknown_location"
    assert room.available("A") == 30


def test_facts_count_on_closed_items_and_closed_sessions(scene: MakeScene) -> None:
    room = scene()
    room.one(c.ItemClose(sku="B"))
    assert reason(room.record("o1", "B 1")) == "accepted"
    room.one(c.SessionClose())
    assert reason(room.record("o2", "B 1")) == "accepted"
    assert room.column("B", "committed") == {"hz": 2}


def test_a_recorded_order_moves_forward(scene: MakeScene) -> None:
    room = scene()
    room.record("o1", "B 2", paid=False)
    assert room.column("B", "held") == {"hz": 2}
    room.record("o1", "B 2", paid=True)
    assert room.column("B", "committed") == {"hz": 2}
    room.record("o1", "B 2", paid=False)
    assert room.column("B", "committed") == {"hz": 2}


def test_a_recorded_hold_does_not_expire(scene: MakeScene) -> None:
    room = scene()
    room.record("o1", "B 2", paid=False)
    assert "hold.expired" not in room.sweep_after(5_000)
    assert room.column("B", "held") == {"hz": 2}


def test_a_differing_record_is_applied_as_the_difference(scene: MakeScene) -> None:
    room = scene()
    room.record("o1", "A 3@gz", "B 2")
    room.record("o1", "A 5@hz", "B 2")
    assert room.column("A", "committed") == {"hz": 2, "gz": 3}
    room.record("o1", "A 4")
    assert room.column("A", "committed") == {"hz": 1, "gz": 3}
    assert room.column("B", "committed") == {}


def test_a_record_that_falls_short_of_what_was_shipped_says_so(scene: MakeScene) -> None:
    room = scene()
    room.record("o1", "B 4")
    room.ship("o1", "B 3")
    found = room.record("o1", "B 2")
    assert found.excess == 1
    assert room.column("B", "committed") == {}
    assert room.column("B", "shipped") == {"hz": 3}


def test_units_that_came_back_are_forgotten_before_others_do(scene: MakeScene) -> None:
    room = scene()
    room.record("o1", "B 4")
    room.release("o1", "B 2")
    room.record("o1", "B 3")
    assert room.column("B", "committed") == {"hz": 2}
    room.record("o1", "B 1")
    assert room.column("B", "committed") == {"hz": 1}


def test_an_expired_order_that_was_sold_is_taken_again(scene: MakeScene) -> None:
    room = scene()
    room.reserve("o1", "B 3", hold_seconds=1.0)
    room.sweep_after(2)
    room.reserve("o2", "B 2")
    found = room.record("o1", "B 3")
    assert found.oversold == {"B": 1}
    assert room.row("B", "hz") == {"on_hand": 6, "held": 2, "committed": 2, "buffer": 2, "opening": 4}


def test_a_payment_of_an_expired_order_is_taken_as_a_fact(scene: MakeScene) -> None:
    room = scene()
    room.reserve("o1", "B 3", hold_seconds=1.0)
    room.sweep_after(2)
    room.reserve("o2", "B 4")
    assert reason(room.commit("o1")) == "expired"
    found = room.commit("o1", fact=True)
    assert reason(found) == "accepted"
    assert found.oversold == {"B": 3}
    assert room.owed("B") == 3


@pytest.mark.parametrize("first", ["commit", "ship", "refund"])
def test_an_early_fact_waits_for_its_order(scene: MakeScene, first: str) -> None:
    room = scene()
    found = getattr(room, first)("o1", "B 1", fact=True) if first != "commit" else room.commit("o1", fact=True)
    assert found.early
    assert room.available("B") == 4
    found = room.record("o1", "B 3", paid=first != "commit")
    assert not found.early
    after = {
        "commit": {"on_hand": 6, "available": 1, "committed": 3, "buffer": 2, "opening": 4},
        "ship": {"on_hand": 5, "available": 1, "committed": 2, "buffer": 2, "shipped": 1, "opening": 4},
        "refund": {"on_hand": 6, "available": 2, "committed": 2, "buffer": 2, "opening": 4},
    }
    assert room.row("B", "hz") == after[first]


def test_an_early_cancellation_is_remembered(scene: MakeScene) -> None:
    room = scene()
    assert room.release("o1", fact=True).early
    assert reason(room.record("o1", "B 3")) == "accepted"
    assert room.available("B") == 4
    found = room.record("o1", "B 3")
    assert found.quarantined == "cancelled"
    assert room.available("B") == 4


def test_early_facts_are_applied_in_the_order_in_which_they_came(scene: MakeScene) -> None:
    room = scene()
    room.commit("o1", fact=True)
    room.ship("o1", "B 2", fact=True)
    room.release("o1", "B 2", fact=True)
    found = room.record("o1", "B 3", paid=False)
    assert found.excess == 1
    assert room.row("B", "hz") == {"on_hand": 4, "available": 2, "buffer": 2, "shipped": 2, "opening": 4}


def test_a_fact_that_contradicts_is_kept_until_somebody_drops_it(scene: MakeScene) -> None:
    room = scene()
    room.buy("o1", "B 2")
    room.release("o1")
    found = room.commit("o1", fact=True)
    assert (reason(found), found.quarantined) == ("accepted", "cancelled")
    assert room.ship("o1", fact=True).quarantined == "cancelled"
    assert room.record("o1", "B 2", paid=False).quarantined is None
    assert room.available("B") == 4
    assert reason(room.one(c.QuarantineDrop(entry=found.seq or 0))) == "accepted"
    assert reason(room.one(c.QuarantineDrop(entry=found.seq or 0))) == "unknown_entry"
    assert reason(room.one(c.QuarantineDrop(entry=1))) == "unknown_entry"


def test_an_order_of_another_channel_is_quarantined(scene: MakeScene) -> None:
    room = scene()
    room.record("o1", "B 2", channel="mini", paid=False)
    found = room.record("o1", "B 3", channel="douyin")
    assert found.quarantined == "other_channel"
    assert room.column("B", "held") == {"hz": 2}


def test_facts_that_are_too_much_say_how_much(scene: MakeScene) -> None:
    room = scene()
    room.buy("o1", "B 3")
    assert room.ship("o1", "B 5", fact=True).excess == 2
    assert room.column("B", "shipped") == {"hz": 3}
    assert room.release("o1", "B 1", fact=True).excess == 1
    assert room.release("o1", fact=True).excess == 0
    assert room.refund("o1", "B 4", fact=True).excess == 1
    assert room.row("B", "hz") == {"on_hand": 6, "available": 4, "buffer": 2, "opening": 4}
    assert room.refund("o1", "B 2", fact=True).excess == 2


def test_a_fact_of_shipping_pays_first(scene: MakeScene) -> None:
    room = scene()
    room.reserve("o1", "B 3")
    assert reason(room.ship("o1", "B 1", fact=True)) == "accepted"
    assert room.row("B", "hz") == {
        "on_hand": 5, "available": 1, "committed": 2, "buffer": 2, "shipped": 1, "opening": 4
    }  # fmt: skip
    assert "hold.expired" not in room.sweep_after(1_000)


def test_a_fact_of_refund_on_an_unpaid_order_returns_its_units(scene: MakeScene) -> None:
    room = scene()
    room.reserve("o1", "B 3")
    assert reason(room.refund("o1", "B 2", restock=False, fact=True)) == "accepted"
    assert room.row("B", "hz") == {"on_hand": 6, "available": 3, "held": 1, "buffer": 2, "opening": 4}


def test_oversold_says_what_this_entry_owes_at_its_end(scene: MakeScene) -> None:
    room = scene()
    room.reserve("o1", "B 4", hold_seconds=1.0)
    room.sweep_after(2)
    room.buy("o2", "B 4")
    found = room.record("o1", "B 1")
    assert found.oversold == {"B": 1}
    assert room.owed("B") == 1


def test_a_debt_that_goes_and_comes_back_in_one_entry_is_still_paid(scene: MakeScene) -> None:
    """Taken again for three and owed one of them, then lowered, then raised by a bundle: all in one record."""
    room = scene()
    room.reserve("o1", "A 3", hold_seconds=1.0)
    room.sweep_after(2)
    room.record("o2", "A 28")
    room.record("o1", "A 1", "X 1", paid=False)
    assert room.owed("A") == 1
    room.adjust("A", "hz", 1)
    assert room.owed("A") == 0


def test_an_early_fact_finds_what_the_one_before_it_did(scene: MakeScene) -> None:
    """The release frees units that pay the order's own debt; the shipping that came after it sends them."""
    room = scene()
    room.release("o1", "X 1", fact=True)
    room.ship("o1", fact=True)
    room.record("o1", "X 1@hz", "A 11@gz", paid=False)
    assert room.owed("A") == 0
    assert room.column("A", "shipped") == {"hz": 1, "gz": 10}
