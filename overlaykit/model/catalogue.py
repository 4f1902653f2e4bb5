"""The catalogue: a plan as it is now, with the items that were added, changed and moved since entry 1.

Who follows the ledger and who reads the full state both put the plan of now together here, so they cannot differ.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from typing import Any

import msgspec
from msgspec import UNSET

from overlaykit.model.commands import ItemAdd, ItemUpdate
from overlaykit.model.sessions import Item, SessionPlan

THRESHOLDS = ("low", "critical")

_PLAN_TYPES = {each.name: each.type for each in msgspec.structs.fields(SessionPlan) if each.name not in ("id", "items")}
_UPDATED = [name for name in ItemUpdate.__struct_fields__ if name not in ("id", "sku")]
_ADDED = [name for name in ItemAdd.__struct_fields__ if name != "id" and name not in THRESHOLDS]


class Catalogue:
    """A plan that changes.

    items       sku → Item, in running order
    followers   sku of an added item → which of its thresholds are the plan's and change with it
    """

    def __init__(self, plan: SessionPlan, followers: Mapping[str, frozenset[str]] | None = None) -> None:
        self._plan = plan
        self._outdated = False
        self.items: dict[str, Item] = {item.sku: item for item in plan.items}
        self.followers: dict[str, frozenset[str]] = dict(followers or {})

    @property
    def plan(self) -> SessionPlan:
        """The plan as it is now."""
        if self._outdated:
            self._plan = msgspec.structs.replace(self._plan, items=tuple(self.items.values()))
            self._outdated = False
        return self._plan

    def add(self, command: ItemAdd) -> Item:
        """A new item at the end of the running order."""
        own = {name: level for name in THRESHOLDS if (level := getattr(command, name)) is not None}
        following = frozenset(THRESHOLDS).difference(own)
        if following:
            self.followers[command.sku] = following
        levels = {name: own.get(name, getattr(self._plan, name)) for name in THRESHOLDS}
        return self._put(Item(**{name: getattr(command, name) for name in _ADDED}, **levels))

    def update(self, command: ItemUpdate) -> Item:
        """Changes an item field by field. Raises KeyError for one that there is not."""
        changes = {name: value for name in _UPDATED if (value := getattr(command, name)) is not UNSET}
        if command.sku in self.followers:
            self.followers[command.sku] = self.followers[command.sku].difference(changes)
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

    def change_plan(self, fields: Mapping[str, Any]) -> list[Item]:
        """Changes fields of the plan itself, given as plain data. Returns the items that changed with them.

        Raises msgspec.ValidationError for what does not fit.
        """
        changes = {}
        for name, value in fields.items():
            if name not in _PLAN_TYPES:
                raise msgspec.ValidationError(f"the plan has no field {name!r} that may change")
            changes[name] = msgspec.convert(value, _PLAN_TYPES[name])
        self._plan = msgspec.structs.replace(self._plan, **changes)
        following = {
            sku: {name: changes[name] for name in names if name in changes} for sku, names in self.followers.items()
        }
        return [
            self._put(msgspec.structs.replace(self.items[sku], **levels)) for sku, levels in following.items() if levels
        ]

    def _put(self, item: Item) -> Item:
        self.items[item.sku] = item
        self._outdated = True
        return item
