"""Ledger lines of a recording → calls that make an engine decide them again."""

from __future__ import annotations

import datetime as dt
import secrets
from collections.abc import Callable, Iterable, Iterator
from typing import NamedTuple

import msgspec

from overlaykit.model.commands import COMMANDS
from overlaykit.model.entries import OUTPUTS
from overlaykit.model.notes import NOTES
from overlaykit.model.sessions import SessionPlan
from overlaykit.stock import encoding
from overlaykit.stock.encoding import Encoded
from overlaykit.stock.notes import encode_recorded_note
from overlaykit.stock.strokes import encode_recorded_stroke

TOGETHER = 200
"""Inputs in one call at the most."""
_ALONE = frozenset({"session.planned", "ids.rotated", "orders.retired", "session.resumed"})
"""What a call does besides its entries depends on these, so they are decided by themselves."""


class RecordedCall(NamedTuple):
    """Inputs of one second, when each was decided (ms since 1970), and the seq at which the ledger stood before them."""

    before: int
    times: list[int]
    encoded: list[Encoded]


def recorded_beginning(line: bytes, epoch: str) -> tuple[int, Encoded]:
    """Entry 1 as a recording has it, for an empty ledger that goes on in the epoch it had: when it was decided (ms since 1970),
    and the input."""
    entry = _decode(line)
    return round(entry.at.timestamp() * 1000), _encode_plan(entry, epoch)


class _Line(msgspec.Struct):
    seq: int
    at: dt.datetime
    type: str
    id: str
    source: str
    data: msgspec.Raw
    cause: int | None = None


class _DueData(msgspec.Struct):
    order: str = ""
    name: str = ""
    announcement: str = ""
    drop: str = ""


def recorded_calls(lines: Iterable[bytes], token_of: Callable[[str], str] | None = None) -> Iterator[RecordedCall]:
    """The inputs among recorded lines, those of one second together. Outputs are left out: the script writes them itself.
    `token_of` as encoding.encode_recorded has it."""
    call: RecordedCall | None = None
    alone = False
    for line in lines:
        entry = _decode(line)
        if entry.type in OUTPUTS:
            continue
        at_ms = round(entry.at.timestamp() * 1000)
        alone_before, alone = alone, entry.type in _ALONE
        if call and (alone or alone_before or at_ms // 1000 != call.times[0] // 1000 or len(call.encoded) == TOGETHER):
            yield call
            call = None
        call = call or RecordedCall(entry.seq - 1, [], [])
        call.times.append(at_ms)
        call.encoded.append(_encode(entry, token_of))
    if call:
        yield call


_decode = msgspec.json.Decoder(_Line).decode


def _encode(entry: _Line, token_of: Callable[[str], str] | None) -> Encoded:
    if entry.type == "session.planned":
        return _encode_plan(entry, secrets.token_hex(encoding.FIRST_EPOCH_BYTES))
    if entry.type in COMMANDS:
        return encoding.encode_recorded(COMMANDS[entry.type], entry.id, entry.source, bytes(entry.data), token_of)
    if entry.type in NOTES:
        return encode_recorded_note(entry.type, entry.id, entry.source, bytes(entry.data), entry.cause)
    stroke = encode_recorded_stroke(entry.type, bytes(entry.data))
    if stroke is not None:
        return stroke
    due = msgspec.json.decode(entry.data, type=_DueData)
    return encoding.encode_due(entry.type, due.order or due.name or due.announcement or due.drop)


def _encode_plan(entry: _Line, epoch: str) -> Encoded:
    plan = msgspec.json.decode(entry.data, type=SessionPlan)
    return encoding.encode_plan(plan, entry.id, entry.source, epoch, recorded=bytes(entry.data))
