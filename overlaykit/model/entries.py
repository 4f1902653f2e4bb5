"""Ledger entries: one JSON line each, in the stream, in the API's ledger and in `recording.jsonl`.

    {"seq":17,"at":"2026-11-11T12:00:00.123Z","type":"order.reserve","id":"c-1","source":"api:shop",
     "data":{…the command's fields, buyer as a keyed hash…},"outcome":{…}}

Inputs are commands, what the clock did (CLOCK_INPUTS), and notes (model.notes), some of which name in `cause` the entry they
follow from; replay applies them as given. Outputs (OUTPUTS) are what the engine writes because of an input, which is their
`cause`; replay compares them.
"""

from __future__ import annotations

import datetime as dt
from typing import Literal

import msgspec
from msgspec import Raw, Struct

OUTPUTS = frozenset({"oversold.covered", "allotment.moved", "stock.drifted", "task.dropped"})
"""Entry types that the engine writes because of the entry before them, their `cause`."""

CLOCK_INPUTS = frozenset(
    {
        "hold.expired",
        "countdown.due",
        "announce.expired",
        "drop.opened",
        "drop.closed",
        "clock.suspended",
        "clock.resumed",
        "ids.rotated",
        "orders.retired",
        "session.resumed",
    }
)
"""Entry types that the clock or the director wrote, with the source `clock`."""

STOCK_COLUMNS = (
    "on_hand",
    "available",
    "held",
    "committed",
    "buffer",
    "damaged",
    "incoming",
    "shipped",
    "opening",
    "presold_held",
    "presold_committed",
)
"""What the numbers of a stock row mean, in order: units of one sku at one location.

on_hand = available + held + committed + buffer + damaged; the others stand outside it. opening counts the units made
available so far; presold units are incoming ones that orders have taken.
"""

DropStatus = Literal["pending", "open", "closed"]


_TYPE_WITHIN = 100
"""Bytes of a ledger line that its seq, time and type take at the most."""


def has_type(line: bytes, type: str) -> bool:
    """Whether a ledger line is an entry of this type; it is not decoded for that."""
    return line.find(b'"type":"%b"' % type.encode(), 0, _TYPE_WITHIN) > 0


def has_family(line: bytes, family: str) -> bool:
    """Whether a ledger line is an entry of a type that begins so: `order` for order.reserve and its like."""
    return line.find(b'"type":"%b.' % family.encode(), 0, _TYPE_WITHIN) > 0


def type_of(line: bytes) -> str:
    """The type of a ledger line; it is not decoded for that."""
    return line[:_TYPE_WITHIN].partition(b'"type":"')[2].partition(b'"')[0].decode()


def forms_of(text: str) -> tuple[bytes, ...]:
    """A text as ledger lines may have it: by Python, or by the store, which writes the slash and the delete character otherwise.
    A line without any of them does not have the text."""
    ours = msgspec.json.encode(text)
    return tuple({ours, ours.replace(b"/", b"\\/").replace(b"\x7f", b"\\u007f")})


class _When(Struct):
    at: dt.datetime


def time_of(line: bytes) -> int:
    """When a ledger line was decided, ms since 1970."""
    return round(msgspec.json.decode(line, type=_When).at.timestamp() * 1000)


def ms_of(at: str) -> int:
    """RFC 3339 → ms since 1970."""
    return round(dt.datetime.fromisoformat(at).timestamp() * 1000)


def text_of(ms: int) -> str:
    """ms since 1970 → RFC 3339 UTC with milliseconds, ending in Z."""
    at = dt.datetime.fromtimestamp(ms // 1000, dt.UTC)
    return f"{at:%Y-%m-%dT%H:%M:%S}.{ms % 1000:03d}Z"


class CountdownState(Struct, frozen=True):
    """A running countdown: an absolute deadline, RFC 3339 UTC with milliseconds."""

    name: str
    sku: str | None
    ends_at: str


class ItemQuotas(Struct, frozen=True, omit_defaults=True):
    """The quotas of one item after an entry, all of them.

    channels   channel → units allotted (None: no allotment any more), units used
    drops      drop → units allotted, units used, units of them sold, status
    """

    channels: dict[str, tuple[int | None, int]] = {}
    drops: dict[str, tuple[int, int, int, DropStatus]] = {}


class EntryOutcome(Struct, frozen=True, omit_defaults=True):
    """`outcome` of an entry: the command's outcome and, for the fold, the absolute numbers behind it.

    stock      sku → location → row in the order of STOCK_COLUMNS, for each row that changed
    owed       sku → units oversold in all, after this entry, where that changed
    quotas     sku → its quotas, where one of them changed
    bundles    sku of a bundle → bundles held, bundles sold, where that changed
    countdowns countdowns that this entry set
    ended      countdowns that it took away
    on_air     skus now on air, first one first; [] for nothing
    excess     units of a fact or reading that could not be taken into account
    quarantined   why a fact was put aside
    early      whether a fact waits for its order
    unconfirmed   whether a reading waits for stock.confirm
    """

    status: str
    reason: str | None = None
    stock: dict[str, dict[str, list[int]]] = {}
    owed: dict[str, int] = {}
    quotas: dict[str, ItemQuotas] = {}
    bundles: dict[str, tuple[int, int]] = {}
    countdowns: list[CountdownState] = []
    ended: list[str] = []
    on_air: list[str] | None = None
    ends_at: str | None = None
    excess: int = 0
    quarantined: str | None = None
    early: bool = False
    unconfirmed: bool = False


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
