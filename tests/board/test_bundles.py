"""Bundles: as many as their components make, and a board that moves with each of them."""

from __future__ import annotations

from tests.board.conftest import Story, row


def test_a_bundle_has_what_its_scarcest_component_makes(story: Story) -> None:
    assert (story.item("set").available, story.item("set").opening) == (25, 25)
    story.stock("scarf", hz=row(50, available=9, committed=41))

    found = story.item("set")
    assert (found.available, found.opening, found.remaining, found.state) == (4, 25, 0.16, "low")
    assert found.regions == {"east": 4, "south": 0}
    assert story.item("set", region="south").state == "sold_out"
    assert story.desk("set").pool is None
    assert story.desk("set").locations == {}


def test_a_change_of_a_component_is_a_change_of_its_bundles(story: Story) -> None:
    seq = story.fold.seq
    story.stock("coat", hz=row(60, available=50, held=10))

    assert set(story.changes(seq).items) == {"coat", "set"}


def test_a_bundle_counts_itself(story: Story) -> None:
    story.write(
        "order.reserve",
        stock={"coat": {"hz": row(60, available=57, held=3)}, "scarf": {"hz": row(50, available=44, held=6)}},
        bundles={"set": (3, 0)},
    )
    assert (story.item("set").held, story.item("set").sold, story.item("set").available) == (3, 0, 22)
    assert (story.item("coat").held, story.item("scarf").held) == (3, 6)
    story.write("order.commit", bundles={"set": (0, 3)})
    assert (story.item("set").held, story.item("set").sold) == (0, 3)


def test_a_channels_allotment_of_a_component_binds_its_bundles(story: Story) -> None:
    story.write("allotment.set", quotas={"scarf": {"channels": {"douyin": (7, 0)}}})
    assert (story.item("set", "douyin").available, story.item("set", "mini").available) == (3, 21)


def test_a_freeze_keeps_what_a_bundle_shows(story: Story) -> None:
    story.write("session.freeze")
    story.write("order.record", stock={"scarf": {"hz": row(50, available=0, committed=50)}}, bundles={"set": (0, 25)})
    assert (story.item("set").available, story.item("set").sold) == (25, 0)
    seq = story.fold.seq
    story.write("session.thaw")
    assert {"set", "scarf"} <= set(story.changes(seq).items)
    assert (story.item("set").available, story.item("set").sold, story.item("set").state) == (0, 25, "sold_out")


def test_a_bundle_with_a_presale_component_is_presale(story: Story) -> None:
    story.write("item.mode", {"sku": "scarf", "mode": "presale", "ship_by": "2026-12-05"})
    found = story.item("set")
    assert (found.state, found.ship_by, found.available) == ("presale", "2026-12-05", 15)
