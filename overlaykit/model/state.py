"""The full state of a ledger at one seq, as the store gives it: what a board is made of."""

from __future__ import annotations

from typing import Any, Literal, NamedTuple

from overlaykit.model.entries import ItemQuotas
from overlaykit.model.sessions import SessionPlan


class ShownUnits(NamedTuple):
    """The units an item shows.

    rows      location → stock row, columns as in model.entries.STOCK_COLUMNS
    owed      units oversold
    quotas    its allotments and drops
    bundles   of a bundle: bundles held and bundles sold
    """

    rows: dict[str, list[int]]
    owed: int
    quotas: ItemQuotas
    bundles: tuple[int, int]


class StoredItem(NamedTuple):
    """An item: its sale state, mode and day of shipping, its units, the day its incoming units are due by location, and the
    units as shown since the freeze `frozen_at`, when they changed since."""

    sale: Literal["upcoming", "open", "closed"]
    mode: Literal["spot", "presale"]
    ship_by: str | None
    units: ShownUnits
    due: dict[str, str]
    frozen_at: int = 0
    frozen: ShownUnits | None = None


class State(NamedTuple):
    """Everything a board is made of, after entry `seq`.

    plan     the plan as it is now: as entry 1 says, with the items that were added, changed and moved since
    frozen   seq of the running freeze, 0 without
    suspended   whether nothing ends by time now
    shown    "on_air", "on_air CHANNEL", "countdown NAME", "announce ID", "theme" and "option NAME" → decoded JSON
    """

    seq: int
    epoch: str
    status: Literal["planned", "live", "frozen", "closed"]
    frozen: int
    suspended: bool
    plan: SessionPlan
    items: dict[str, StoredItem]
    shown: dict[str, Any]
