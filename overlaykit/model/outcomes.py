"""Outcomes: what the engine answered to a command."""

from __future__ import annotations

from enum import StrEnum
from typing import Literal

from msgspec import Struct

Status = Literal["accepted", "refused", "duplicate", "conflict", "invalid"]


class Refusal(StrEnum):
    """Why a command was refused. Each has an entry in the ledger and uses up the command's id, except STORE_BEHIND."""

    SOLD_OUT = "sold_out"
    NOT_ON_SALE = "not_on_sale"
    NO_STOCK_IN_REGION = "no_stock_in_region"
    UNKNOWN_SKU = "unknown_sku"
    UNKNOWN_LOCATION = "unknown_location"
    UNKNOWN_CHANNEL = "unknown_channel"
    UNKNOWN_ORDER = "unknown_order"
    UNKNOWN_ITEM = "unknown_item"
    DUPLICATE_ORDER = "duplicate_order"
    WRONG_STATE = "wrong_state"
    EXPIRED = "expired"
    NOTHING_LEFT = "nothing_left"
    INSUFFICIENT = "insufficient"
    CHANGED = "changed"
    SESSION_CLOSED = "session_closed"
    STORE_BEHIND = "store_behind"


class Numbers(Struct, frozen=True):
    """An item's units after the command, over all locations."""

    available: int
    held: int
    committed: int


class FieldProblem(Struct, frozen=True):
    """One thing wrong with a command: where (`lines[0].quantity`), and what."""

    path: str
    message: str


class Outcome(Struct, frozen=True, omit_defaults=True):
    """The answer to one command.

    seq        its ledger entry; None when it took none (duplicate, conflict, invalid)
    reason     why it was refused
    items      each item whose units it changed, by sku
    oversold   units per sku that a fact sold beyond what there was, by this command
    excess     units of a reading that could not be taken into account
    ends_at    the deadline a countdown or announcement got, RFC 3339 UTC
    first      duplicate: the first outcome, as it was given
    errors     invalid: what was wrong
    """

    id: str
    status: Status
    seq: int | None = None
    reason: str | None = None
    items: dict[str, Numbers] = {}
    oversold: dict[str, int] = {}
    excess: int = 0
    ends_at: str | None = None
    first: Outcome | None = None
    errors: list[FieldProblem] = []
