"""Stories of presale: units that are on their way are sold, and belong to the oldest order when they come."""

from __future__ import annotations

from collections.abc import Callable

import pytest

from overlaykit.model import commands as c
from tests.engine.evening import DROPS
from tests.engine.scene import Scene, reason

pytestmark = pytest.mark.store
MakeScene = Callable[..., Scene]


def presale(room: Scene) -> Scene:
    found = room.one(c.ItemMode(sku="P", mode=c.Mode.PRESALE, ship_by="2026-10-08"))
    assert reason(found) == "accepted"
    return room


def test_in_presale_an_item_sells_what_is_on_its_way(scene: MakeScene) -> None:
    room = presale(scene())
    assert room.state.items["P"].ship_by == "2026-10-08"
    assert reason(room.reserve("o1", "P 5")) == "accepted"
    assert room.row("P", "hz") == {"incoming": 3, "presold_held": 5}
    room.commit("o1")
    assert room.row("P", "hz") == {"incoming": 3, "presold_committed": 5}
    assert room.row("P", "gz") == {"on_hand": 2, "available": 2, "incoming": 3, "opening": 2}


def test_an_item_that_is_not_in_presale_sells_what_is_there(scene: MakeScene) -> None:
    room = scene()
    assert reason(room.reserve("o1", "P 3")) == "sold_out"
    assert reason(room.reserve("o2", "P 2")) == "accepted"
    presale(room)
    room.one(c.ItemMode(sku="P", mode=c.Mode.SPOT))
    assert reason(room.reserve("o3", "P 1")) == "sold_out"


def test_presale_has_a_limit(scene: MakeScene) -> None:
    room = presale(scene(split=True))
    assert reason(room.reserve("o1", "P 10")) == "sold_out"
    assert reason(room.reserve("o2", "P 9")) == "accepted"
    assert room.column("P", "presold_held") == {"hz": 8, "gz": 1}
    assert reason(room.reserve("o3", "P 1")) == "sold_out"
    room.release("o2", "P 2")
    assert reason(room.reserve("o4", "P 2")) == "accepted"


def test_presold_units_go_back_to_where_they_are_coming(scene: MakeScene) -> None:
    room = presale(scene())
    room.reserve("o1", "P 5", hold_seconds=1.0)
    room.sweep_after(2)
    assert room.row("P", "hz") == {"incoming": 8}
    room.buy("o2", "P 3")
    assert reason(room.ship("o2")) == "nothing_left"
    assert reason(room.refund("o2", restock=False)) == "accepted"
    assert room.row("P", "hz") == {"incoming": 8}


def test_what_arrives_belongs_to_the_oldest_orders(scene: MakeScene) -> None:
    room = presale(scene())
    room.reserve("o1", "P 3")
    room.buy("o2", "P 3")
    assert reason(room.transfer("P", 4, "incoming", "available", "hz")) == "accepted"
    assert room.row("P", "hz") == {
        "on_hand": 4, "held": 3, "committed": 1, "incoming": 2, "presold_committed": 2
    }  # fmt: skip
    assert reason(room.ship("o2", "P 2")) == "exceeds_order"
    assert reason(room.ship("o2", "P 1")) == "accepted"
    assert reason(room.transfer("P", 5, "incoming", "available", "hz")) == "insufficient"
    assert reason(room.transfer("P", 4, "incoming", "available", "hz")) == "accepted"
    assert room.row("P", "hz") == {
        "on_hand": 7, "available": 2, "held": 3, "committed": 2, "shipped": 1, "opening": 2
    }  # fmt: skip


def test_presold_units_go_back_before_open_ones(scene: MakeScene) -> None:
    room = presale(scene())
    room.buy("o1", "P 5")
    room.transfer("P", 2, "incoming", "available", "hz")
    room.release("o1", "P 4")
    assert room.row("P", "hz") == {"on_hand": 2, "available": 1, "committed": 1, "incoming": 6}


def test_a_fact_sells_what_is_on_its_way_then_what_is_there_then_owes(scene: MakeScene) -> None:
    room = presale(scene())
    found = room.record("o1", "P 15")
    assert found.oversold == {"P": 2}
    assert room.column("P", "presold_committed") == {"hz": 8, "gz": 3}
    assert room.column("P", "committed") == {"gz": 2}
    room.adjust("P", "hz", 3)
    assert room.owed("P") == 0
    assert room.column("P", "available") == {"hz": 1}


def test_presale_asks_for_no_drop(scene: MakeScene) -> None:
    room = scene(drops=DROPS)
    room.one(c.DropRelease(drop="small"))
    room.one(c.ItemMode(sku="B", mode=c.Mode.PRESALE))
    room.adjust("B", "hz", 5, "incoming", due="2026-11-01")
    assert reason(room.reserve("o1", "B 1!small")) == "drop_closed"
    assert reason(room.reserve("o2", "B 5")) == "accepted"
    assert room.drop("B", "small") == (2, 0, 0, "open")


def test_an_item_must_be_known_to_change_its_mode(scene: MakeScene) -> None:
    room = scene()
    assert reason(room.one(c.ItemMode(sku="nowhere", mode=c.Mode.PRESALE))) == "unknown_sku"


def test_a_bundle_may_have_a_part_in_presale(scene: MakeScene) -> None:
    room = presale(scene())
    assert reason(room.reserve("o1", "Y 2")) == "accepted"
    assert room.row("P", "hz") == {"incoming": 4, "presold_held": 4}
    assert room.column("A", "held") == {"hz": 2}
