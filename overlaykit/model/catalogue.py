"""The catalogue: a plan as it is now, with the items that were added, changed and moved since entry 1.

Who follows the ledger and who reads the full state both put the plan of now together here, so they cannot differ.
"""

from __future__ import annotations

from collections.abc import Iterable

import msgspec
from msgspec import UNSET

from overlaykit.model.commands import ItemAdd, ItemUpdate
from overlaykit.model.sessions import Item, SessionPlan

THRESHOLDS = ("low", "critical")

_UPDATED = [name for name in ItemUpdate.__struct_fields__ if name not in ("id", "sku")]
_ADDED = [name for name in ItemAdd.__struct_fields__ if name != "id" and name not in THRESHOLDS]


class Catalogue:
    """A plan that changes. `items` is sku → Item, in running order."""

    def __init__(self, plan: SessionPlan) -> None:
        self._plan = plan
        self._outdated = False
        self.items: dict[str, Item] = {item.sku: item for item in plan.items}

    @property
    def plan(self) -> SessionPlan:
        """The plan as it is now."""
        if self._outdated:
            self._plan = msgspec.structs.replace(self._plan, items=tuple(self.items.values()))
            self._outdated = False
        return self._plan

    def add(self, command: ItemAdd) -> Item:
        """A new item at the end of the running order. A threshold that it does not have is the plan's."""
        levels = {name: getattr(command, name) or getattr(self._plan, name) for name in THRESHOLDS}
        return self._put(Item(**{name: getattr(command, name) for name in _ADDED}, **levels))

    def update(self, command: ItemUpdate) -> Item:
        """Changes an item field by field. Raises KeyError for one that there is not."""
        changes = {name: value for name in _UPDATED if (value := getattr(command, name)) is not UNSET}
        return self._put(msgspec.structs.replace(self.items[command.sku], **changes))

    def move(self, sku: str, position: int) -> None:
        """Puts an item at a position, 1 being the first."""
        order = [each for each in self.items if each != sku]
        order.insert(position - 1, sku)
        self.arrange(order)

    def arrange(self, order: Iterable[str]) -> None:
        """The running order: all skus."""
        self.items = {sku: self.items[sku] for sku in order}
        self._outdated = True

    def _put(self, item: Item) -> Item:
        self.items[item.sku] = item
        self._outdated = True
        return item
