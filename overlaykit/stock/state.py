"""Answers of the store about a whole ledger: its full state, and where it stands."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from typing import Any, Literal, NamedTuple

import msgspec

from overlaykit.model.catalogue import Catalogue
from overlaykit.model.commands import ItemAdd, ItemUpdate
from overlaykit.model.entries import STOCK_COLUMNS, ItemQuotas
from overlaykit.model.sessions import SessionPlan
from overlaykit.model.state import ShownUnits, State, StoredItem

_DUE = 13
"""Where a packed row says the day on which its incoming units are due."""
_COLUMNS = len(STOCK_COLUMNS)
_NO_QUOTAS = ItemQuotas()

_unpack = msgspec.msgpack.Decoder().decode


class Head(NamedTuple):
    """Where a ledger stands. Times in ms since 1970; `first_seq` is the oldest entry still held."""

    seq: int
    epoch: str
    status: str
    planned_at: int
    opened_at: int | None
    first_seq: int


def decode_state(reply: Sequence[Any]) -> State | None:
    """The answer of state.lua; None when there is no such ledger."""
    if not reply:
        return None
    seq, epoch, status, frozen, suspended, plan, items, fields = reply
    shown = {field.decode(): msgspec.json.decode(text) for field, text in _pairs(fields)}
    catalogue = Catalogue(msgspec.json.decode(plan, type=SessionPlan))
    _change(catalogue, shown)
    stored = {sku.decode(): packed for sku, packed in _pairs(items)}
    return State(
        seq=int(seq),
        epoch=epoch.decode(),
        status=msgspec.convert(status.decode(), Literal["planned", "live", "frozen", "closed"]),
        frozen=int(frozen),
        suspended=bool(suspended),
        plan=catalogue.plan,
        items={sku: _item(stored[sku]) for sku in catalogue.items},
        shown=shown,
    )


def _pairs(found: Any) -> Iterator[tuple[bytes, bytes]]:
    """A hash, as a script gives it: flat."""
    return zip(found[::2], found[1::2], strict=True)


def _change(catalogue: Catalogue, shown: dict[str, Any]) -> None:
    """Applies what the store says of the plan's changes, and takes it out of `shown`."""
    order = shown.pop("order", None)
    updates: dict[str, dict[str, Any]] = {}
    for field in list(shown):
        kind, _, rest = field.partition(" ")
        if kind == "added":
            catalogue.add(msgspec.convert(shown.pop(field), ItemAdd))
        elif kind == "item":
            name, _, sku = rest.partition(" ")
            updates.setdefault(sku, {})[name] = shown.pop(field)
    for sku, fields in updates.items():
        catalogue.update(msgspec.convert({**fields, "sku": sku}, ItemUpdate))
    if order is not None:
        catalogue.arrange(order)


def _item(packed: bytes) -> StoredItem:
    """An item of the items hash; items.lua says what stands where. Lua packs an empty table as an empty list."""
    sale, owed, rows, frozen, mode, ship_by, _, _, channels, drops, _, bundles, *_ = _unpack(packed)
    due = {location: row[_DUE] for location, row in rows.items() if len(row) > _DUE and row[_DUE]} if rows else {}
    return StoredItem(
        sale=sale,
        mode=mode,
        ship_by=ship_by or None,
        units=_units(rows, owed, channels, drops, bundles),
        due=due,
        frozen_at=frozen[0] if frozen else 0,
        frozen=_units(*frozen[1:6]) if frozen else None,
    )


def _units(rows: Any, owed: int, channels: Any, drops: Any, bundles: Any) -> ShownUnits:
    quotas = _NO_QUOTAS
    if channels or drops:
        quotas = ItemQuotas(
            channels={name: (None if row[0] < 0 else row[0], row[1]) for name, row in dict(channels).items()},
            drops={name: (row[0], row[1], row[2], row[3]) for name, row in dict(drops).items()},
        )
    cut = {location: row[:_COLUMNS] for location, row in rows.items()} if rows else {}
    return ShownUnits(cut, owed, quotas, (bundles[0], bundles[1]))
