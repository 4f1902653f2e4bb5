"""Ledger entries: one JSON line each, in the stream, in the API's ledger and in `recording.jsonl`.

    {"seq":17,"at":"2026-11-11T12:00:00.123Z","type":"order.reserve","id":"c-1","source":"api:shop",
     "data":{…the command's fields, buyer as a keyed hash…},"outcome":{…}}

Inputs are commands and what the clock did (`hold.expired`, `countdown.due`, `announce.expired`); replay applies them as
given. Outputs (`oversold.covered`) follow from an input, whose seq stands in `cause`; replay compares them.
"""

from __future__ import annotations

from msgspec import Raw, Struct

OUTPUTS = frozenset({"oversold.covered"})
"""Entry types that follow from another entry."""

STOCK_COLUMNS = ("on_hand", "available", "held", "committed", "buffer", "damaged", "incoming", "shipped", "opening")
"""What the numbers of a stock row mean, in order: units of one sku at one location.

on_hand = available + held + committed + buffer + damaged; incoming and shipped stand outside it; opening counts the units
made available so far.
"""


class CountdownState(Struct, frozen=True):
    """A running countdown: an absolute deadline, RFC 3339 UTC with milliseconds."""

    name: str
    sku: str | None
    ends_at: str


class EntryOutcome(Struct, frozen=True, omit_defaults=True):
    """`outcome` of an entry: the command's outcome and, for the fold, the absolute numbers behind it.

    stock      sku → location → row in the order of STOCK_COLUMNS, for each row that changed
    owed       sku → units oversold in all, after this entry, where that changed
    countdowns countdowns that this entry set; a countdown taken away is in `data`
    on_air     skus now on air, first one first; [] for nothing
    """

    status: str
    reason: str | None = None
    stock: dict[str, dict[str, list[int]]] = {}
    owed: dict[str, int] = {}
    countdowns: list[CountdownState] = []
    on_air: list[str] | None = None
    ends_at: str | None = None


class Entry(Struct, frozen=True):
    """One entry, decoded as far as a fold needs it; `data` stays raw until somebody asks for its fields."""

    seq: int
    at: str
    type: str
    id: str
    source: str
    data: Raw
    outcome: EntryOutcome
    cause: int | None = None
