"""Ledger lines of a recording → commands for a replay."""

from __future__ import annotations

import datetime as dt
import secrets
from typing import NamedTuple

import msgspec

from overlaykit.model.commands import COMMANDS
from overlaykit.model.entries import OUTPUTS
from overlaykit.model.sessions import SessionPlan
from overlaykit.stock import encoding
from overlaykit.stock.encoding import Encoded


class Recorded(NamedTuple):
    """An input of a recording, ready for the script, and when it was decided (ms since 1970)."""

    encoded: Encoded
    at_ms: int


class _Line(msgspec.Struct):
    at: dt.datetime
    type: str
    id: str
    source: str
    data: msgspec.Raw


class _DueData(msgspec.Struct):
    order: str = ""
    name: str = ""
    announcement: str = ""


def decode_line(line: bytes) -> Recorded | None:
    """A recorded input line; None for an output, which the script writes by itself."""
    entry = msgspec.json.decode(line, type=_Line)
    if entry.type in OUTPUTS:
        return None
    return Recorded(_encode(entry), round(entry.at.timestamp() * 1000))


def _encode(entry: _Line) -> Encoded:
    if entry.type == "session.planned":
        plan = msgspec.json.decode(entry.data, type=SessionPlan)
        epoch = secrets.token_hex(encoding.FIRST_EPOCH_BYTES)
        return encoding.encode_plan(plan, entry.id, entry.source, epoch, recorded=bytes(entry.data))
    if entry.type in COMMANDS:
        return encoding.encode_recorded(COMMANDS[entry.type], entry.id, entry.source, bytes(entry.data))
    due = msgspec.json.decode(entry.data, type=_DueData)
    return encoding.encode_due(entry.type, due.order or due.name or due.announcement)
