"""What a buyer can get: units of an item in reach of one audience, by the rules of places, quotas, presale and bundles."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from functools import reduce
from operator import add
from typing import NamedTuple

from overlaykit.board.items import FoldedItem
from overlaykit.model.entries import STOCK_COLUMNS
from overlaykit.model.state import ShownUnits

AVAILABLE, HELD, COMMITTED, INCOMING, SHIPPED, OPENING, PRESOLD_HELD, PRESOLD_COMMITTED = (
    STOCK_COLUMNS.index(name)
    for name in (
        "available",
        "held",
        "committed",
        "incoming",
        "shipped",
        "opening",
        "presold_held",
        "presold_committed",
    )
)

Places = Sequence[str] | None
"""Locations that count; None: all."""


_NOTHING = (0,) * len(STOCK_COLUMNS)


class Units(NamedTuple):
    """Units in reach: those that can be bought now, and those that could be from the beginning."""

    available: int
    opening: int


class Offer:
    """One item's units as they are shown, for any number of questions about them."""

    __slots__ = ("_limit", "_presale", "units", "whole")

    def __init__(self, item: FoldedItem, freeze: int) -> None:
        self.units = item.shown(freeze)
        self.whole = row_at(self.units, None)
        self._presale = item.mode == "presale"
        self._limit = item.planned.presale_limit

    def in_reach(self, channel: str | None, places: Places, *, in_bundles: bool = False) -> Units:
        """What a buyer on `channel` can get at `places`; without a channel, what buyers on all of them can get together, through
        open drops too, but these are never sold `in_bundles`."""
        here = self.whole if places is None else row_at(self.units, places)
        if self._presale:
            return self._presale_units(here)
        available, opening = here[AVAILABLE], here[OPENING]
        if channel is None:
            available, opening = self._of_all_channels(available, opening, in_bundles=in_bundles)
        else:
            allotted, used = self.units.quotas.channels.get(channel, (None, 0))
            if allotted is None:
                available = min(available, pool_of(self.units, self.whole))
                opening = min(opening, self._opening_of_pool())
            else:
                available, opening = min(available, allotted - used), min(opening, allotted)
        available = max(available, 0)
        return Units(available, max(available, opening))

    def through_drop(self, drop: str, channel: str | None, places: Places) -> Units:
        """The same through one of the item's drops; a channel's own allotment binds there too."""
        allotted, used, _, _ = self.units.quotas.drops[drop]
        left = min(row_at(self.units, places)[AVAILABLE], allotted - used)
        own, taken = self.units.quotas.channels.get(channel or "", (None, 0))
        if own is not None:
            left = min(left, own - taken)
        return Units(max(0, left), allotted)

    def _presale_units(self, here: Sequence[int]) -> Units:
        """Incoming units, as far as the presale limit goes, which is one for all places."""
        available = here[INCOMING]
        if self._limit is not None:
            available = max(0, min(available, self._limit - presold(self.whole)))
        return Units(available, available + presold(here))

    def _of_all_channels(self, available: int, opening: int, *, in_bundles: bool) -> tuple[int, int]:
        """Less the units that a drop keeps from everybody, because it is not open or sells no bundles."""
        drops = self.units.quotas.drops
        if not drops:
            return available, opening
        kept = {
            name: max(0, allotted - used)
            for name, (allotted, used, _, status) in drops.items()
            if status == "pending" or (in_bundles and status == "open")
        }
        if not kept:
            return available, opening
        in_quotas = self.whole[AVAILABLE] - pool_of(self.units, self.whole)
        free = max(0, self.whole[AVAILABLE] - in_quotas) + in_quotas - sum(kept.values())
        return min(available, free), min(opening, self.whole[OPENING] - sum(kept.values()))

    def _opening_of_pool(self) -> int:
        """The pool's share of the opening units: those that no quota has kept or taken for itself."""
        opening, quotas = self.whole[OPENING], self.units.quotas
        for allotted, used in quotas.channels.values():
            opening -= max(allotted or 0, used)
        for allotted, used, _, status in quotas.drops.values():
            opening -= used if status == "closed" else max(allotted, used)
        return opening


class BundleOffer:
    """A bundle has as many units as its components make, by each component's own rules."""

    def __init__(self, bundle: FoldedItem, items: Mapping[str, FoldedItem], freeze: int) -> None:
        self._parts = [(Offer(items[sku], freeze), per) for sku, per in bundle.planned.bundle.items()]

    def in_reach(self, channel: str | None, places: Places) -> Units:
        """As Offer.in_reach."""
        found = [(part.in_reach(channel, places, in_bundles=True), per) for part, per in self._parts]
        return Units(
            min(units.available // per for units, per in found), min(units.opening // per for units, per in found)
        )


def available_now(item: FoldedItem, items: Mapping[str, FoldedItem]) -> int:
    """Units that buyers on all channels can get together, whatever a freeze shows: as `in_reach` for nobody in particular.

    For who asks at every order: where no drop and no presale make more of it, it is what stands in the rows.
    """
    bundle = item.planned.bundle
    if not bundle:
        return _in_rows(item) if _is_plain(item) else Offer(item, 0).in_reach(None, None).available
    if all(_is_plain(items[part]) for part in bundle):
        return min(_in_rows(items[part]) // per for part, per in bundle.items())
    return BundleOffer(item, items, 0).in_reach(None, None).available


def _is_plain(item: FoldedItem) -> bool:
    return item.mode == "spot" and not item.quotas.drops


def _in_rows(item: FoldedItem) -> int:
    units = 0
    for row in item.rows.values():
        units += row[AVAILABLE]
    return units


def row_at(units: ShownUnits, places: Places) -> Sequence[int]:
    """The sum of the rows at these places, column by column."""
    rows = units.rows
    here = [*rows.values()] if places is None else [rows[place] for place in places if place in rows]
    return reduce(_added, here) if here else _NOTHING


def _added(row: Sequence[int], other: Sequence[int]) -> Sequence[int]:
    return [*map(add, row, other)]


def presold(row: Sequence[int]) -> int:
    """Incoming units that orders have taken."""
    return row[PRESOLD_HELD] + row[PRESOLD_COMMITTED]


def pool_of(units: ShownUnits, whole: Sequence[int]) -> int:
    """Available units that no allotment and no drop keeps for itself; below zero the item is over-allotted."""
    left = 0
    for allotted, used in units.quotas.channels.values():
        left += max(0, allotted - used) if allotted is not None else 0
    for allotted, used, _, status in units.quotas.drops.values():
        left += max(0, allotted - used) if status != "closed" else 0
    return whole[AVAILABLE] - left
