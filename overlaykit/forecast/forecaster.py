"""Forecasts of all items of a session, kept beside its fold."""

from __future__ import annotations

from typing import NamedTuple

from overlaykit.board import Fold
from overlaykit.board.items import FoldedItem
from overlaykit.board.reach import (
    COMMITTED,
    HELD,
    PRESOLD_COMMITTED,
    PRESOLD_HELD,
    SHIPPED,
    available_now,
)
from overlaykit.forecast.pace import ItemPace

HORIZON_SECONDS = 6 * 3600.0
"""A sell-out further away than an evening lasts is none that anybody can tell from the last minutes."""
_SELLING = ("live", "frozen")
"""Statuses of a session in which orders are taken."""


class Forecast(NamedTuple):
    """What is known of an item's sales.

    pace_per_minute   units that orders take a minute; None while that is not known
    sells_out_at      ms since 1970 at which nothing will be left at this pace; None while that is not known, when it is
                      not in sight, and when nothing is left already
    """

    pace_per_minute: float | None = None
    sells_out_at: int | None = None


class Forecaster:
    """What is known of the items of `fold` since `at_ms`; it has to see each entry after that.

    It remembers only items that sold, or that could not be sold for a time while others could.
    """

    def __init__(self, fold: Fold, at_ms: int) -> None:
        self._fold = fold
        self._since = at_ms / 1000
        self._selling = fold.status in _SELLING
        self._paces: dict[str, ItemPace] = {}
        self._promised = {sku: units for sku, item in fold.items.items() if (units := _promised(item))}
        self._begin()

    @property
    def skus(self) -> list[str]:
        """Items of which anything may be known."""
        return [*self._paces]

    def entry(self, at_ms: int) -> None:
        """Takes the entry that the fold has just applied; it was decided at `at_ms`, ms since 1970."""
        fold, at = self._fold, at_ms / 1000
        if self._selling != (fold.status in _SELLING):
            self._selling, self._since = not self._selling, at
            self._paces.clear()
            self._begin()
        for sku in reversed(fold.order_of_change):
            item = fold.items[sku]
            if item.seq < fold.seq:
                return
            self._look_at(sku, item, at)

    def forecast(self, sku: str, now_ms: int) -> Forecast:
        """What is known of an item at `now_ms`, ms since 1970 on the clock of the entries."""
        pace = self._paces.get(sku)
        per_second = None if pace is None else pace.per_second(now_ms / 1000)
        if per_second is None:
            return Forecast()
        return Forecast(round(per_second * 60, 1), self._sells_out_at(sku, now_ms))

    def _look_at(self, sku: str, item: FoldedItem, at: float) -> None:
        before, promised = self._promised.get(sku, 0), _promised(item)
        taken = promised - before
        if taken:
            self._promised[sku] = promised
        if not self._selling:
            return
        left = self._sellable(item)
        pace = self._paces.get(sku)
        if pace is None:
            if left and taken <= 0:
                return
            # Nothing was sold of it before, and it could be: that, too, is known of the time since.
            pace = self._paces[sku] = ItemPace(self._since, left or taken) if taken > 0 else ItemPace(at, 0)
        pace.take(at, taken, left)

    def _begin(self) -> None:
        """Takes note of the items that cannot be sold though others can."""
        if self._selling:
            for sku, item in self._fold.items.items():
                if not self._sellable(item):
                    self._paces[sku] = ItemPace(self._since, 0)

    def _sells_out_at(self, sku: str, now_ms: int) -> int | None:
        """Of a bundle: when the first of its items will be."""
        item = self._fold.items[sku]
        if item.planned.bundle:
            ends = [
                end for part in item.planned.bundle if (end := self.forecast(part, now_ms).sells_out_at) is not None
            ]
            return min(ends, default=None)
        drain = self._paces[sku].drain_per_second(now_ms / 1000)
        available = available_now(item, self._fold.items)
        if not drain or available <= 0 or available / drain > HORIZON_SECONDS:
            return None
        return round(now_ms / 1000 + available / drain) * 1000

    def _sellable(self, item: FoldedItem) -> int:
        return available_now(item, self._fold.items) if item.sale == "open" else 0


def _promised(item: FoldedItem) -> int:
    """Units that orders have and have had, less what they gave back; of a bundle, bundles."""
    if item.planned.bundle:
        return sum(item.bundles)
    units = item.owed
    for row in item.rows.values():
        units += row[HELD] + row[COMMITTED] + row[SHIPPED] + row[PRESOLD_HELD] + row[PRESOLD_COMMITTED]
    return units
