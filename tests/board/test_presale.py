"""Presale: the board sells what is on its way, and says when it ships."""

from __future__ import annotations

from collections.abc import Callable

import msgspec

from tests.board.conftest import PLAN, Story, row


def test_presale_shows_incoming_units_and_the_day(story: Story) -> None:
    story.write("item.mode", {"sku": "scarf", "mode": "presale", "ship_by": "2026-12-05"})
    found = story.item("scarf")
    assert (found.state, found.heat, found.available, found.opening) == ("presale", "green", 30, 30)
    assert found.ship_by == "2026-12-05"
    assert found.regions == {"east": 0, "south": 30}

    story.stock("scarf", gz=row(incoming=18, presold_held=5, presold_committed=7))
    found = story.item("scarf")
    assert (found.available, found.opening, found.remaining, found.held, found.sold) == (18, 30, 0.6, 5, 7)
    assert story.item("scarf", region="east").state == "sold_out"
    assert story.desk("scarf").presold == 12


def test_presale_ends_at_its_limit(tell: Callable[..., Story]) -> None:
    scarf = msgspec.structs.replace(PLAN.items[1], presale_limit=10)
    story = tell(msgspec.structs.replace(PLAN, items=(PLAN.items[0], scarf, PLAN.items[2])))
    story.write("item.mode", {"sku": "scarf", "mode": "presale"})
    assert (story.item("scarf").available, story.item("scarf").ship_by) == (10, None)
    story.stock("scarf", gz=row(incoming=22, presold_committed=8))
    assert (story.item("scarf").available, story.item("scarf").opening) == (2, 10)
    story.write("item.update", {"sku": "scarf", "presale_limit": 8})
    assert (story.item("scarf").available, story.item("scarf").state) == (0, "sold_out")
    story.write("item.update", {"sku": "scarf", "presale_limit": None})
    assert story.item("scarf").available == 22


def test_what_was_presold_still_counts_once_it_sells_stock_again(story: Story) -> None:
    story.write("item.mode", {"sku": "scarf", "mode": "presale", "ship_by": "2026-12-05"})
    story.stock("scarf", gz=row(incoming=20, presold_held=4, presold_committed=6))
    story.write("item.mode", {"sku": "scarf", "mode": "spot"})
    found = story.item("scarf")
    assert (found.state, found.available, found.held, found.sold, found.ship_by) == ("on_sale", 50, 4, 6, None)


def test_an_open_drop_rests_during_presale(story: Story) -> None:
    story.write("drop.release", quotas={"coat": {"drops": {"first": (20, 0, 0, "open")}}})
    story.write("item.mode", {"sku": "coat", "mode": "presale"})
    assert story.item("coat").drop is None


def test_the_desk_sees_when_units_come(story: Story) -> None:
    assert story.desk("scarf").due == {"gz": "2026-12-01"}
    said = {"sku": "scarf", "location": "hz", "bucket": "incoming", "due": "2026-12-09", "delta": 5, "reason": "补货"}
    story.write("stock.adjust", said, stock={"scarf": {"hz": row(50, incoming=5)}})
    assert story.desk("scarf").due == {"hz": "2026-12-09", "gz": "2026-12-01"}
    story.write("stock.transfer", stock={"scarf": {"gz": row(30)}})
    assert story.desk("scarf").due == {"hz": "2026-12-09"}
    assert story.desk("scarf").locations["gz"].presold_held == 0
