"""What the evening changes: items that come, move, are called something else; a clock that stops; a plan read again."""

from __future__ import annotations

import pytest
from msgspec import UNSET

from overlaykit.board import BoardView
from tests.board.conftest import Story

HAT = {"sku": "hat", "title": "贝雷帽", "product": "winter", "opening": {"gz": 9}, "buffer": {"gz": 1}}


def test_an_item_is_added_at_the_end(story: Story) -> None:
    seq = story.fold.seq
    story.write("item.add", HAT)

    found = story.item("hat")
    assert (found.state, found.available, found.opening, found.title) == ("on_sale", 8, 8, "贝雷帽")
    change = story.changes(seq)
    assert change.order == ["coat", "scarf", "set", "hat"] == story.view.board().order
    assert change.products is not UNSET
    winter = change.products["winter"]
    assert winter is not None
    assert winter.variants == ["coat", "scarf", "hat"]
    assert story.fold.plan.items[-1].sku == "hat"


def test_a_new_item_waits_and_has_the_levels_it_names(story: Story) -> None:
    story.write("item.add", {**HAT, "on_sale": False, "critical": {"units": 7}})
    assert story.item("hat").state == "upcoming"
    story.write("item.open", {"sku": "hat"})
    assert (story.item("hat").state, story.item("hat").available) == ("on_sale", 8)
    story.write("item.update", {"sku": "hat", "critical": {"units": 8}})
    assert story.item("hat").state == "critical"


def test_a_new_bundle_follows_its_components(story: Story) -> None:
    story.write("item.add", {"sku": "pair", "title": "两条围巾", "bundle": {"scarf": 2}})
    seq = story.fold.seq
    assert story.item("pair").available == 25
    story.write("order.record", stock={"scarf": {"hz": [50, 40, 10, 0, 0, 0, 0, 0, 50, 0, 0]}})
    assert set(story.changes(seq).items) == {"scarf", "set", "pair"}
    assert story.item("pair").available == 20


def test_an_item_is_called_something_else(story: Story) -> None:
    seq = story.fold.seq
    story.write("item.update", {"sku": "coat", "title": "双面呢大衣", "price": "859.00", "image": None})
    found = story.changes(seq).items["coat"]
    assert (found.title, found.price, found.image) == ("双面呢大衣", "859.00", None)
    assert story.changes(seq).order is UNSET
    assert story.fold.plan.items[0].title == "双面呢大衣"


def test_a_variant_moves_to_another_product(story: Story) -> None:
    story.write("item.update", {"sku": "coat", "product": "coats"})
    seq = story.fold.seq
    story.write("item.update", {"sku": "scarf", "product": "coats"})
    products = story.changes(seq).products
    assert products is not UNSET
    assert products["winter"] is None
    assert products["coats"] is not None
    assert products["coats"].variants == ["coat", "scarf"]
    assert list(story.view.board().products) == ["coats"]


@pytest.mark.parametrize(
    ("position", "order"),
    [(1, ["scarf", "coat", "set"]), (2, ["coat", "scarf", "set"]), (3, ["coat", "set", "scarf"])],
)
def test_an_item_moves(story: Story, position: int, order: list[str]) -> None:
    seq = story.fold.seq
    story.write("item.move", {"sku": "scarf", "position": position})
    change = story.changes(seq)
    assert change.order == order == list(story.view.board().items)
    assert [item.sku for item in story.fold.plan.items] == order
    assert story.view.board().products["winter"].variants == [sku for sku in order if sku != "set"]


def test_the_clock_stops_and_goes_on(story: Story) -> None:
    story.write("clock.suspended", {"ahead_ms": 3_600_000})
    assert story.fold.suspended
    story.write("clock.resumed")
    assert not story.fold.suspended
    story.write("clock.suspended")
    story.write("clock.accept")
    assert not story.fold.suspended


@pytest.mark.parametrize(
    "kind", ["session.resumed", "ids.rotated", "orders.retired", "countdown.due", "stock.confirm", "stock.drifted"]
)
def test_some_entries_show_nothing(story: Story, kind: str) -> None:
    before = story.view.board()
    seq = story.fold.seq
    story.write(kind, {"reading": 1, "accept": True} if kind == "stock.confirm" else {"name": "first-close"})
    change = story.changes(seq)
    assert (change.items, change.session, change.order, change.countdowns) == ({}, UNSET, UNSET, UNSET)
    assert story.view.board().items == before.items


def test_what_was_refused_changes_nothing(story: Story) -> None:
    before = story.view.board()
    story.write("item.add", {**HAT, "sku": "coat"}, status="refused", reason="duplicate_sku")
    story.write("item.move", {"sku": "coat", "position": 9}, status="refused", reason="no_such_position")
    story.write("item.mode", {"sku": "set", "mode": "presale"}, status="refused", reason="is_bundle")
    after = story.view.board()
    assert (after.items, after.order) == (before.items, before.order)


def test_an_item_added_during_a_freeze_is_shown_as_it_came(story: Story) -> None:
    story.write("session.freeze")
    story.write("item.add", HAT)
    story.write("order.record", stock={"hat": {"gz": [9, 5, 3, 0, 1, 0, 0, 0, 8, 0, 0]}})
    assert story.item("hat").available == 8
    story.write("session.thaw")
    assert story.item("hat").available == 5


def test_on_air_by_product_prefers_what_can_be_bought(story: Story) -> None:
    story.write("item.feature", {"product": "winter"}, on_air=["coat", "scarf"])
    assert story.view.board().on_air == "coat"
    story.write("item.close", {"sku": "coat"})
    assert story.view.board().on_air == "scarf"
    story.write("item.close", {"sku": "scarf"})
    assert story.view.board().on_air == "coat"


def test_a_channel_that_gets_its_own_leaves_what_the_room_shows(story: Story) -> None:
    story.write("item.feature", {"sku": "coat"}, on_air=["coat"])
    douyin = BoardView(story.fold, channel="douyin")
    assert douyin.board().items["coat"].on_air
    seq = story.fold.seq
    story.write("item.feature", {"sku": "scarf", "channel": "douyin"}, on_air=["scarf"])
    assert {sku for sku, item in douyin.board().items.items() if item.on_air} == {"scarf"}
    change = douyin.changes_after(seq)
    assert change is not None
    assert not change.items["coat"].on_air
