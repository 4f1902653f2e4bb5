"""Answers of the store about a whole ledger: its full state, and where it stands."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any, Literal, NamedTuple

import msgspec

from overlaykit.model.sessions import SessionPlan
from overlaykit.model.state import ItemState, State


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
    seq, epoch, status, frozen, plan, items, shown = reply
    return State(
        seq=int(seq),
        epoch=epoch.decode(),
        status=msgspec.convert(status.decode(), Literal["planned", "live", "frozen", "closed"]),
        frozen=int(frozen),
        plan=msgspec.json.decode(plan, type=SessionPlan),
        items={sku.decode(): _item(packed) for sku, packed in _pairs(items)},
        shown={field.decode(): msgspec.json.decode(text) for field, text in _pairs(shown)},
    )


def _pairs(found: Any) -> Any:
    """A hash, as a script gives it: flat."""
    return zip(found[::2], found[1::2], strict=True)


def _item(packed: bytes) -> ItemState:
    sale, owed, rows, frozen = msgspec.msgpack.decode(packed)
    if not frozen:
        return ItemState(sale, owed, rows or {})
    return ItemState(sale, owed, rows or {}, frozen[0], frozen[1] or {}, frozen[2])
