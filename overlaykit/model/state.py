"""The full state of a ledger at one seq, as the store gives it: what a board is made of."""

from __future__ import annotations

from typing import Any, Literal, NamedTuple

from overlaykit.model.sessions import SessionPlan


class ItemState(NamedTuple):
    """An item's sale state (`upcoming`, `open`, `closed`), its oversold units, its stock rows by location (columns as in
    model.entries.STOCK_COLUMNS), and the rows and oversold units as shown since the freeze `frozen_at`, when it changed since."""

    sale: str
    owed: int
    rows: dict[str, list[int]]
    frozen_at: int = 0
    frozen_rows: dict[str, list[int]] | None = None
    frozen_owed: int = 0


class State(NamedTuple):
    """Everything a board is made of, after entry `seq`. `shown` maps "on_air", "on_air CHANNEL", "countdown NAME" and
    "announce ID" to decoded JSON; `frozen` is the seq of the freeze, 0 without."""

    seq: int
    epoch: str
    status: Literal["planned", "live", "frozen", "closed"]
    frozen: int
    plan: SessionPlan
    items: dict[str, ItemState]
    shown: dict[str, Any]
