"""What must hold between the numbers of a ledger, whatever was sold. Pure: it is given numbers, and says what is wrong.

Rows are summed up from units, and orders hold the same units once more: where the two disagree, something changed the
store that was not overlaykit, or overlaykit has a fault. Nothing is mended here.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator, Mapping, Set
from typing import NamedTuple

from overlaykit.model.entries import STOCK_COLUMNS
from overlaykit.model.state import ShownUnits
from overlaykit.stock import orders as o

_INSIDE = ("available", "held", "committed", "buffer", "damaged")
"""Columns that on_hand is the sum of."""
_ORDERED = ("held", "committed", "presold_held", "presold_committed")
"""Columns that orders have in all."""


class Violation(NamedTuple):
    """One number that is not what it must be.

    what       which: a column of STOCK_COLUMNS, owed, or a quota such as `channel mini used`
    place      the location, or "" for the item as a whole
    must       what it must be, in words
    """

    sku: str
    place: str
    what: str
    found: int
    must: str

    def __str__(self) -> str:
        return (
            f"{self.sku}{f' at {self.place}' if self.place else ''}: {self.what} is {self.found}, must be {self.must}"
        )


def check_items(items: Mapping[str, ShownUnits]) -> list[Violation]:
    """What can be said of items alone: conservation, and nothing below zero."""
    return [violation for sku, units in items.items() for violation in _check_item(sku, units)]


def _check_item(sku: str, units: ShownUnits) -> Iterator[Violation]:
    for place, row in units.rows.items():
        numbers = dict(zip(STOCK_COLUMNS, row, strict=True))
        for column, number in numbers.items():
            if number < 0:
                yield Violation(sku, place, column, number, "0 or more")
        inside = sum(numbers[column] for column in _INSIDE)
        if numbers["on_hand"] != inside:
            yield Violation(sku, place, "on_hand", numbers["on_hand"], f"{inside}, the sum of {', '.join(_INSIDE)}")
    if units.owed < 0:
        yield Violation(sku, "", "owed", units.owed, "0 or more")
    for name, (allotted, used) in units.quotas.channels.items():
        if used < 0 or (allotted or 0) < 0:
            yield Violation(sku, "", f"channel {name}", min(used, allotted or 0), "0 or more")
    for name, (quantity, used, sold, _) in units.quotas.drops.items():
        if min(quantity, used, sold) < 0:
            yield Violation(sku, "", f"drop {name}", min(quantity, used, sold), "0 or more")
        if sold > used:
            yield Violation(sku, "", f"drop {name} sold", sold, f"at most the {used} used")
    if min(units.bundles) < 0:
        yield Violation(sku, "", "bundles", min(units.bundles), "0 or more")


class OrderSums:
    """Units that orders have, summed up: by (sku, place, column of a row), and by (sku, what) for the rest."""

    def __init__(self) -> None:
        self.rows: Counter[tuple[str, str, str]] = Counter()
        self.items: Counter[tuple[str, str]] = Counter()

    def add(self, order: o.Order, sign: int = 1) -> None:
        """An order; sign −1 takes it off again."""
        state = order.state
        paid = state == "committed"
        for line in order.lines:
            sku = line[o.SKU]
            self._count(sku, "owed", sign * line[o.DEBT])
            self._count(sku, f"channel {order.channel} used", sign * line[o.COUNTED])
            self._count(sku, f"drop {line[o.DROP]} used", sign * line[o.COUNTED_BY_DROP])
            if paid:
                self._count(sku, f"drop {line[o.DROP]} sold", sign * line[o.COUNTED_BY_DROP])
            for place, *units in o.pieces(line):
                columns = ("committed" if paid else "held", "presold_committed" if paid else "presold_held", "shipped")
                for column, number in zip(columns, units, strict=True):
                    if number:
                        self.rows[sku, place, column] += sign * number
        if state in ("held", "committed"):
            for sku, asked, returned, *_ in order.bundles:
                self._count(sku, "bundles sold" if paid else "bundles held", sign * (asked - returned))

    def _count(self, sku: str, what: str, number: int) -> None:
        if number:
            self.items[sku, what] += number


def check_orders(
    items: Mapping[str, ShownUnits], sums: OrderSums, *, retired: bool, moving: Set[str] = frozenset()
) -> list[Violation]:
    """What must hold between items and the orders summed up.

    retired   orders have left the store: what they bought for good is no longer among the orders
    moving    skus that changed while the orders were read: nothing can be said of them
    """
    wrong: list[Violation] = []
    for sku, units in items.items():
        if sku in moving:
            continue
        for place, row in units.rows.items():
            numbers = dict(zip(STOCK_COLUMNS, row, strict=True))
            for column in _ORDERED:
                _exactly(wrong, sku, place, column, numbers[column], sums.rows[sku, place, column])
            _at_least(wrong, sku, place, "shipped", numbers["shipped"], sums.rows[sku, place, "shipped"])
        _exactly(wrong, sku, "", "owed", units.owed, sums.items[sku, "owed"])
        used = {f"channel {name} used": used for name, (_, used) in units.quotas.channels.items()}
        for name, (_, units_used, sold, _) in units.quotas.drops.items():
            used |= {f"drop {name} used": units_used, f"drop {name} sold": sold}
        for what, found in used.items():  # what was refunded and is gone for good stays used, and no order has it
            _at_least(wrong, sku, "", what, found, sums.items[sku, what])
        _exactly(wrong, sku, "", "bundles held", units.bundles[0], sums.items[sku, "bundles held"])
        bundles_sold = _at_least if retired else _exactly
        bundles_sold(wrong, sku, "", "bundles sold", units.bundles[1], sums.items[sku, "bundles sold"])
    known = {(sku, place) for sku, units in items.items() for place in units.rows}
    wrong += [
        Violation(sku, place, column, 0, f"{number}, what orders have of it")
        for (sku, place, column), number in sums.rows.items()
        if number and (sku, place) not in known and sku not in moving
    ]
    return wrong


def _exactly(wrong: list[Violation], sku: str, place: str, what: str, found: int, ordered: int) -> None:
    if found != ordered:
        wrong.append(Violation(sku, place, what, found, f"{ordered}, what orders have of it"))


def _at_least(wrong: list[Violation], sku: str, place: str, what: str, found: int, ordered: int) -> None:
    if found < ordered:
        wrong.append(Violation(sku, place, what, found, f"at least {ordered}, what orders have of it"))
