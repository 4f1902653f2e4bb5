"""Stories of bundles: one line becomes several, and all of them or none are taken."""

from __future__ import annotations

from collections.abc import Callable

import pytest

from overlaykit.model import commands as c
from tests.engine.scene import Scene, reason

pytestmark = pytest.mark.store
MakeScene = Callable[..., Scene]


def test_a_bundle_takes_its_parts(scene: MakeScene) -> None:
    room = scene()
    assert reason(room.reserve("o1", "X 2")) == "accepted"
    assert room.column("A", "held") == {"hz": 4}
    assert room.column("B", "held") == {"hz": 2}
    assert room.bundles("X") == (2, 0)
    room.commit("o1")
    assert room.bundles("X") == (0, 2)


def test_half_a_bundle_is_never_sold(scene: MakeScene) -> None:
    room = scene()
    room.buy("o1", "B 3")
    assert reason(room.reserve("o2", "X 2")) == "sold_out"
    assert room.column("A", "held") == {}
    assert room.bundles("X") == (0, 0)


def test_parts_and_items_of_a_cart_are_summed(scene: MakeScene) -> None:
    room = scene()
    assert reason(room.reserve("o1", "B 3", "X 2")) == "sold_out"
    assert reason(room.reserve("o2", "B 2", "X 2")) == "accepted"
    assert room.available("B") == 0


def test_a_bundle_is_closed_by_itself(scene: MakeScene) -> None:
    room = scene()
    room.one(c.ItemClose(sku="B"))
    assert reason(room.reserve("o1", "X 1")) == "accepted"
    room.one(c.ItemClose(sku="X"))
    assert reason(room.reserve("o2", "X 1")) == "not_on_sale"


def test_bundles_come_back_whole_or_by_their_parts(scene: MakeScene) -> None:
    room = scene()
    room.buy("o1", "X 3")
    assert reason(room.release("o1", "X 4")) == "exceeds_order"
    assert reason(room.release("o1", "X 1")) == "accepted"
    assert room.bundles("X") == (0, 2)
    assert room.column("A", "committed") == {"hz": 4}
    assert room.column("B", "committed") == {"hz": 2}
    assert reason(room.refund("o1", "A 1")) == "accepted"
    assert room.bundles("X") == (0, 2)
    assert room.column("A", "committed") == {"hz": 3}
    assert reason(room.refund("o1", "X 2")) == "exceeds_order"
    assert reason(room.refund("o1", "X 1", restock=False)) == "accepted"
    assert room.bundles("X") == (0, 1)
    assert room.column("A", "committed") == {"hz": 1}
    assert room.column("B", "committed") == {"hz": 1}
    assert reason(room.release("o1")) == "accepted"
    assert room.bundles("X") == (0, 0)


def test_a_bundle_and_its_part_together_must_not_exceed_the_order(scene: MakeScene) -> None:
    room = scene()
    room.buy("o1", "X 1")
    assert reason(room.release("o1", "X 1", "A 1")) == "exceeds_order"
    assert reason(room.ship("o1", "A 1", "X 1")) == "exceeds_order"
    assert room.column("A", "committed") == {"hz": 2}
    assert reason(room.release("o1", "A 2", "B 1")) == "accepted"


def test_an_order_whose_parts_all_came_back_has_no_bundles(scene: MakeScene) -> None:
    room = scene()
    room.reserve("o1", "X 2", buyer="li")
    room.release("o1", "A 4")
    assert room.bundles("X") == (2, 0)
    room.release("o1", "B 2")
    assert room.bundles("X") == (0, 0)
    assert reason(room.reserve("o2", "X 2", buyer="li")) == "accepted"


def test_a_bundle_is_shipped_by_parts_and_stays_sold(scene: MakeScene) -> None:
    room = scene()
    room.buy("o1", "X 2")
    assert reason(room.ship("o1", "X 1")) == "accepted"
    assert room.column("A", "shipped") == {"hz": 2}
    assert room.column("B", "shipped") == {"hz": 1}
    assert room.bundles("X") == (0, 2)


def test_a_held_bundle_that_expires_leaves_the_holds(scene: MakeScene) -> None:
    room = scene()
    room.reserve("o1", "X 2", hold_seconds=1.0)
    room.sweep_after(2)
    assert room.bundles("X") == (0, 0)
    assert room.available("A") == 30
    assert reason(room.commit("o1")) == "accepted"
    assert room.bundles("X") == (0, 2)


def test_a_recorded_bundle_owes_the_part_that_is_missing(scene: MakeScene) -> None:
    room = scene()
    assert room.record("o1", "X 5").oversold == {"B": 1}
    assert room.column("A", "committed") == {"hz": 10}
    assert room.bundles("X") == (0, 5)


def test_a_record_of_fewer_bundles_returns_their_parts(scene: MakeScene) -> None:
    room = scene()
    room.record("o1", "X 3")
    room.record("o1", "X 1")
    assert room.bundles("X") == (0, 1)
    assert room.column("A", "committed") == {"hz": 2}
    room.record("o1", "X 2", "A 1")
    assert room.bundles("X") == (0, 2)
    assert room.column("A", "committed") == {"hz": 5}


def test_a_bundle_uses_the_quotas_of_its_parts(scene: MakeScene) -> None:
    room = scene()
    room.allot("A", "mini", 3)
    assert reason(room.reserve("o1", "X 2", channel="mini")) == "allotment_exhausted"
    assert reason(room.reserve("o2", "X 1", channel="mini")) == "accepted"
    assert room.allotment("A", "mini") == (3, 2)


def test_what_has_no_units_of_its_own_cannot_be_counted(scene: MakeScene) -> None:
    room = scene()
    assert reason(room.adjust("X", "hz", 1)) == "is_bundle"
    assert reason(room.transfer("X", 1, "available", "buffer", "hz")) == "is_bundle"
    assert reason(room.count("X", "hz", 1)) == "is_bundle"
    assert reason(room.one(c.ItemMode(sku="X", mode=c.Mode.PRESALE))) == "is_bundle"


def test_a_bundle_that_is_added_sells_at_once(scene: MakeScene) -> None:
    room = scene()
    assert reason(room.one(c.ItemAdd(sku="N", title="新套装", bundle={"A": 1, "B": 2}))) == "accepted"
    assert reason(room.reserve("o1", "N 2")) == "accepted"
    assert room.column("B", "held") == {"hz": 4}
    assert room.bundles("N") == (2, 0)


def test_shipped_bundles_stay_sold_whatever_is_released(scene: MakeScene) -> None:
    room = scene()
    room.record("o1", "X 2")
    room.ship("o1")
    assert room.release("o1", "X 2", fact=True).excess == 6
    assert room.bundles("X") == (0, 2)
    assert room.record("o1", "X 1").excess == 3
    assert room.bundles("X") == (0, 2)


def test_what_is_too_much_of_a_bundle_is_said_in_units(scene: MakeScene) -> None:
    room = scene()
    room.record("o1", "X 2", "C 1")
    assert room.release("o1", "X 3", fact=True).excess == 3
    assert room.release("o1", "X 1", fact=True).excess == 3
    room.release("o1", fact=True)
    assert room.release("o1", "X 1", fact=True).excess == 3
    assert room.refund("o1", "X 1", fact=True).excess == 3


def test_numbers_stay_within_what_is_exact(scene: MakeScene) -> None:
    room = scene()
    room.one(c.ItemAdd(sku="N", title="整箱", bundle={"C": 1000}))
    most = f"N {10**9}"
    assert reason(room.record("o1", most)) == "accepted"
    assert room.owed("C") == 10**12
    assert reason(room.record("o2", "C 1")) == "too_many_units"
    assert reason(room.record("o2", "A 1", most)) == "too_many_units"
    assert reason(room.adjust("C", "hz", 1)) == "too_many_units"
    assert reason(room.record("o1", most)) == "accepted", "nothing more is asked for"
    assert reason(room.record("o1", most, "C 1")) == "too_many_units"
    room.release("o1", fact=True)
    assert reason(room.record("o2", "C 1")) == "accepted"


def test_an_expired_order_is_not_taken_again_beyond_what_is_exact(scene: MakeScene) -> None:
    room = scene()
    room.one(c.ItemAdd(sku="N", title="整箱", bundle={"C": 1000}))
    room.adjust("C", "hz", 5)
    for order in ("o1", "o2"):
        room.reserve(order, "C 5", hold_seconds=1.0)
        assert room.sweep_after(2) == ["hold.expired"]
    assert reason(room.record("o3", f"N {10**9 - 1}", "C 995")) == "accepted"
    assert reason(room.commit("o1", fact=True)) == "accepted"
    assert reason(room.commit("o2", fact=True)) == "too_many_units"
    assert reason(room.ship("o2", fact=True)) == "too_many_units"
    room.release("o3", "C 5", fact=True)
    assert reason(room.commit("o2", fact=True)) == "accepted"
