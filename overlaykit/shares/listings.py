"""What of the room a platform offers under its own skus, and how the units of a channel are divided among these."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from collections.abc import Set as AbstractSet
from typing import NamedTuple

from overlaykit.model.sessions import Channel, Item, Mapped


class Listing(NamedTuple):
    """A platform's sku.

    sku    the plan's item, perhaps a bundle
    units  units of that item in one of the platform's: 2 for a pack of two
    parts  what one of the platform's takes from the stock: item → units; a bundle's components
    """

    platform_sku: str
    sku: str
    units: int
    parts: Mapping[str, int]


def listings_of(channel: Channel, items: Iterable[Item], mapped: Mapping[str, Mapped] | None = None) -> list[Listing]:
    """All that a channel offers: what its plan's `skus` and `mapped` name, and every other item that it sells under its own sku."""
    planned = {item.sku: item for item in items}
    said = {**channel.skus, **(mapped or {})}
    named = {each.sku for each in said.values()}
    every = {
        **{platform_sku: each for platform_sku, each in said.items() if each.sku in planned},
        **{sku: Mapped(sku) for sku in planned if sku not in named and sku not in said and channel.offers(sku)},
    }
    return [
        Listing(platform_sku, each.sku, each.quantity, _parts(planned[each.sku], each.quantity))
        for platform_sku, each in every.items()
    ]


def grouped(listings: Sequence[Listing]) -> list[list[Listing]]:
    """Listings that draw on the same items stand together: their numbers are decided, and pushed, as one. All in their order."""
    above: dict[str, str] = {}

    def head(sku: str) -> str:
        while (higher := above.setdefault(sku, sku)) != sku:
            above[sku] = sku = above[higher]
        return sku

    for listing in listings:
        first, *others = map(head, listing.parts)
        for other in others:
            above[head(other)] = head(first)
    groups: dict[str, list[Listing]] = {}
    for listing in listings:
        groups.setdefault(head(next(iter(listing.parts))), []).append(listing)
    return [*groups.values()]


def divide(
    units: Mapping[str, int], listings: Sequence[Listing], closed: AbstractSet[str] = frozenset()
) -> dict[str, int]:
    """Numbers for listings that together take no more than `units` of each item: equal parts first, then what is over, in
    order. `closed` get none."""
    numbers = dict.fromkeys((each.platform_sku for each in listings), 0)
    listings = [each for each in listings if each.platform_sku not in closed]
    sharing: dict[str, int] = {}
    for listing in listings:
        for sku in listing.parts:
            sharing[sku] = sharing.get(sku, 0) + 1
    numbers |= {
        each.platform_sku: min(
            (max(0, units[sku]) // sharing[sku] // per for sku, per in each.parts.items()), default=0
        )
        for each in listings
    }
    over = {sku: max(0, units[sku]) for sku in sharing}
    for each in listings:
        for sku, per in each.parts.items():
            over[sku] -= per * numbers[each.platform_sku]
    for each in listings:
        more = min((over[sku] // per for sku, per in each.parts.items()), default=0)
        numbers[each.platform_sku] += more
        for sku, per in each.parts.items():
            over[sku] -= per * more
    return numbers


def needed(numbers: Mapping[str, int], listings: Sequence[Listing]) -> dict[str, int]:
    """Units of each item that these numbers may take."""
    found: dict[str, int] = {}
    for each in listings:
        for sku, per in each.parts.items():
            found[sku] = found.get(sku, 0) + per * numbers.get(each.platform_sku, 0)
    return found


def _parts(item: Item, quantity: int) -> dict[str, int]:
    return {sku: per * quantity for sku, per in (item.bundle or {item.sku: 1}).items()}
