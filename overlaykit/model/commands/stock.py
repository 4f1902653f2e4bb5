"""Commands about units: counts, corrections, moves, allotments and drops."""

from __future__ import annotations

from enum import StrEnum

from msgspec import field

from overlaykit.model.commands.base import Command
from overlaykit.model.fields import Day, Delta, Fraction, Moment, Name, Place, Quantity, Reading, Reason, Seq


class Basis(StrEnum):
    """What was counted: everything in the warehouse, or what may still be sold."""

    ON_HAND = "on_hand"
    AVAILABLE = "available"


class StockCount(Command, frozen=True, kw_only=True, tag="stock.count"):
    """An absolute reading, true at `as_of` (now without). With `expected`, refused `changed` unless the counted number stands
    there now. With `jump`, one that differs from what was expected by more than this share of the larger number waits for
    stock.confirm, as a sudden zero does.

    `includes_open_orders` (basis on_hand): whether units held and committed by open orders were counted too.
    """

    sku: Name
    location: Name | None = None
    quantity: Reading
    basis: Basis
    includes_open_orders: bool = True
    as_of: Moment | None = None
    source: Name | None = None
    expected: Reading | None = None
    jump: Fraction | None = None
    reason: Reason | None = None


class Bucket(StrEnum):
    """Where a unit stands, as far as a person may move it there."""

    AVAILABLE = "available"
    INCOMING = "incoming"
    DAMAGED = "damaged"
    BUFFER = "buffer"


class StockAdjust(Command, frozen=True, kw_only=True, tag="stock.adjust"):
    """A signed change of one bucket with a reason; refused `insufficient` below zero. `due`: the day incoming units come."""

    sku: Name
    location: Name | None = None
    bucket: Bucket = Bucket.AVAILABLE
    due: Day | None = None
    delta: Delta
    reason: Reason


class StockConfirm(Command, frozen=True, kw_only=True, tag="stock.confirm"):
    """Says whether the waiting reading of entry `reading` is right: it is applied then, else forgotten."""

    reading: Seq
    accept: bool


class StockTransfer(Command, frozen=True, kw_only=True, tag="stock.transfer"):
    """A move between buckets of one location, or between locations (`location:NAME` on both sides, available to available)."""

    sku: Name
    quantity: Quantity
    from_: Place = field(name="from")
    to: Place
    location: Name | None = None
    reason: Reason | None = None


class AllotmentSet(Command, frozen=True, kw_only=True, tag="allotment.set"):
    """How many units of an item a channel may sell in all; null: it sells from the pool."""

    sku: Name
    channel: Name
    quantity: Reading | None


class DropRelease(Command, frozen=True, kw_only=True, tag="drop.release"):
    """Opens a planned batch now."""

    drop: Name


class DropClose(Command, frozen=True, kw_only=True, tag="drop.close"):
    """Ends a batch: what is left of it goes back to the pool."""

    drop: Name
