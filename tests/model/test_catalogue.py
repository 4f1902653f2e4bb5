"""The plan as it is now: what may be changed of it, and what not."""

from __future__ import annotations

import msgspec
import pytest

from overlaykit.model.catalogue import Catalogue
from overlaykit.model.commands import ItemAdd, ItemUpdate
from overlaykit.model.sessions import Channel, Item, Location, SessionPlan, Threshold

LOW, CRITICAL = Threshold(share=0.2), Threshold(share=0.05)


@pytest.fixture
def catalogue() -> Catalogue:
    return Catalogue(
        SessionPlan(
            id="room",
            ledger="room",
            title="测试场",
            items=tuple(Item(sku=sku, title=sku, opening={}, low=LOW, critical=CRITICAL) for sku in "ABC"),
            locations=(Location(name="default", title="default"),),
            channels=(Channel(name="default", title="default"),),
        )
    )


def test_without_changes_it_is_the_plan_itself(catalogue: Catalogue) -> None:
    assert catalogue.plan is catalogue.plan
    assert [item.sku for item in catalogue.plan.items] == ["A", "B", "C"]


def test_an_update_touches_its_fields_alone(catalogue: Catalogue) -> None:
    before = catalogue.items["B"]
    after = catalogue.update(ItemUpdate(sku="B", price="9.90", aliases=("乙",)))
    assert after == msgspec.structs.replace(before, price="9.90", aliases=("乙",))
    assert catalogue.plan.items[1] is after
    assert catalogue.update(ItemUpdate(sku="B", price=None)).price is None
    with pytest.raises(KeyError):
        catalogue.update(ItemUpdate(sku="nowhere", title="x"))


def test_levels_of_an_added_item_are_the_plans_where_it_has_none_of_its_own(catalogue: Catalogue) -> None:
    added = catalogue.add(ItemAdd(sku="D", title="丁", low=Threshold(units=7)))
    assert (added.low, added.critical) == (Threshold(units=7), CRITICAL)
    catalogue.update(ItemUpdate(sku="D", critical=Threshold(units=5)))
    assert catalogue.plan.items[-1].critical == Threshold(units=5)


def test_positions_begin_with_one(catalogue: Catalogue) -> None:
    catalogue.move("C", 1)
    assert [item.sku for item in catalogue.plan.items] == ["C", "A", "B"]
    catalogue.move("C", 3)
    assert [item.sku for item in catalogue.plan.items] == ["A", "B", "C"]
