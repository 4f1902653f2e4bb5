"""What of the room a platform offers, and what of it is decided together."""

from __future__ import annotations

import time

from overlaykit.model.sessions import Channel, Item, Mapped, Threshold
from overlaykit.shares import Listing, grouped, listings_of


def listing(name: str, *parts: str) -> Listing:
    return Listing(name, name, 1, dict.fromkeys(parts or (name,), 1))


def names(*listings: Listing) -> list[list[str]]:
    return [[each.platform_sku for each in group] for group in grouped(listings)]


def test_listings_that_draw_on_the_same_items_are_one_group_in_their_order() -> None:
    assert names(listing("a"), listing("b"), listing("pack", "a"), listing("c")) == [["a", "pack"], ["b"], ["c"]]


def test_a_bundle_joins_what_was_apart_whichever_comes_first() -> None:
    a, b, c, d = listing("a"), listing("b"), listing("c"), listing("d")
    both, more = listing("both", "a", "c"), listing("more", "c", "d")
    assert names(a, b, c, both) == [["a", "c", "both"], ["b"]]
    assert names(both, a, b, c, d, more) == [["both", "a", "c", "d", "more"], ["b"]]


def test_each_listing_is_in_one_group_however_they_are_chained() -> None:
    chain = [listing(f"pair-{number}", f"s-{number}", f"s-{number + 1}") for number in range(2_000)]
    assert names(*chain[::2], *chain[1::2]) == [[each.platform_sku for each in (*chain[::2], *chain[1::2])]]


def test_a_shop_with_very_many_items_is_grouped_while_nobody_waits() -> None:
    """The gateway's loop stands still meanwhile, and may do so for three seconds."""
    many = [listing(f"sku-{number}") for number in range(40_000)]
    began = time.process_time()
    assert len(grouped(many)) == 40_000
    assert time.process_time() - began < 3.0


def test_a_channel_lists_what_it_sells_and_what_its_plan_names() -> None:
    low, critical = Threshold(share=0.2), Threshold(share=0.05)
    items = [Item(sku=sku, title=sku, opening={}, low=low, critical=critical) for sku in ("coat-m", "coat-l", "scarf")]
    shop = Channel(name="shop", title="shop", skus={"900": Mapped("coat-m")}, sells_only=("coat-*",))
    assert [each.platform_sku for each in listings_of(shop, items)] == ["900", "coat-l"]
    said = {"901": Mapped("scarf", 2)}
    assert [each.platform_sku for each in listings_of(shop, items, said)] == ["900", "901", "coat-l"], (
        "an operator who says what a platform's sku is has seen it there"
    )
