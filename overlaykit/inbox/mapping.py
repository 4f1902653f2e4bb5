"""What a platform's skus are here: the operator's word counts before the plan's, and that before a name that is the same. Pure."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Set
from typing import NamedTuple

from overlaykit.inbox.money import each_of, price_of
from overlaykit.model.events import Line
from overlaykit.model.sessions import Mapped


class OwnLine(NamedTuple):
    """Units of one item of the plan, at one price: a decimal text and its currency, or None for both."""

    sku: str
    quantity: int
    price: str | None
    currency: str | None


class SkuMap:
    """Of one channel.

    plan      platform's sku → what the plan says that it is
    operator  the same, said in the evening
    items     the plan's own skus
    """

    def __init__(self, plan: Mapping[str, Mapped], operator: Mapping[str, Mapped], items: Set[str]) -> None:
        self._plan, self._operator, self._items = plan, operator, items

    def find(self, platform_sku: str) -> Mapped | None:
        """What one unit of it is here; None when it is no item of the plan. A pack is some units of an item, and a bundle an item
        of its own: its components are the engine's business."""
        found = self._operator.get(platform_sku) or self._plan.get(platform_sku)
        if found is not None:
            return found
        return Mapped(platform_sku) if platform_sku in self._items else None


def units_by_sku(lines: Iterable[Line]) -> dict[str, int]:
    """Platform's sku → units of all lines."""
    units: dict[str, int] = {}
    for line in lines:
        units[line.platform_sku] = units.get(line.platform_sku, 0) + line.quantity
    return units


def own_lines(lines: Iterable[Line], skus: SkuMap) -> tuple[list[OwnLine], dict[str, int]]:
    """The lines of an order as they are here, those of one item and price in one, in an order of their own that is the same
    however the platform sorts them; and the units of what is no item of the plan, by the platform's sku."""
    own: dict[tuple[str, str | None, str | None], int] = {}
    unknown: dict[str, int] = {}
    for line in lines:
        found = skus.find(line.platform_sku)
        if found is None:
            unknown[line.platform_sku] = unknown.get(line.platform_sku, 0) + line.quantity
            continue
        whole, currency = price_of(line.unit_price, line.currency)
        key = (found.sku, each_of(whole, found.quantity), currency)
        own[key] = own.get(key, 0) + line.quantity * found.quantity
    ordered = sorted(own.items(), key=lambda entry: (entry[0][0], entry[0][1] or "", entry[0][2] or ""))
    return [OwnLine(sku, units, price, currency) for (sku, price, currency), units in ordered], unknown
