"""What a director does to a ledger, as the script takes it: live, and as a recording has it. lua/ops/keeping.lua and
lua/ops/recovery.lua say what each means. No I/O.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import msgspec

from overlaykit.model.entries import has_type
from overlaykit.stock.encoding import Encoded, encode_own

RETIRED_AT_MOST = 200
"""Orders that one entry retires."""
HOUR = 3600 * 1000
ORDERS_KEPT = 24 * HOUR
"""Milliseconds for which a finished order stays after its last change."""
IDS_KEPT_AT_LEAST, IDS_KEPT_AT_MOST = 6 * HOUR, 24 * HOUR
IDS_AT_MOST = 2_000_000
"""After the most time the ids are rotated; after the least, once there are so many."""

_json = msgspec.json.Encoder().encode


def encode_rotation(token: int) -> Encoded:
    """ids.rotated. `token` is the lease's fencing token, here and below."""
    return encode_own("ids.rotated", token, IDS_KEPT_AT_LEAST, IDS_KEPT_AT_MOST, IDS_AT_MOST)


def encode_retirement(token: int, orders: Sequence[str], before_ms: int) -> Encoded:
    """orders.retired: those of `orders` that are finished and changed last before `before_ms`."""
    return encode_own("orders.retired", token, list(orders), before_ms, ORDERS_KEPT)


def encode_suspension(token: int, step_ms: int) -> Encoded:
    """clock.suspended, with the step that the store's clock made."""
    return encode_own("clock.suspended", token, _members({"step_ms": step_ms}))


def encode_resumption(token: int) -> Encoded:
    """clock.resumed."""
    return encode_own("clock.resumed", token, "")


def encode_gate() -> Encoded:
    """gate.shut, which takes no entry."""
    return encode_own("gate.shut")


def encode_session_resumed(epoch: str, intact: int, data: dict[str, Any]) -> Encoded:
    """session.resumed: a new epoch; up to entry `intact` the history is what was acknowledged under the old one."""
    return encode_own("session.resumed", epoch, intact, _members({"epoch": epoch, "intact": intact, **data}))


class _Retired(msgspec.Struct):
    orders: list[str]


class _Resumed(msgspec.Struct):
    epoch: str
    intact: int


class _ResumedLine(msgspec.Struct):
    data: _Resumed


def epoch_begun_by(line: bytes) -> str | None:
    """The epoch that begins with a ledger line; None where it is no session.resumed."""
    return msgspec.json.decode(line, type=_ResumedLine).data.epoch if has_type(line, "session.resumed") else None


def encode_recorded_stroke(type: str, data: bytes) -> Encoded | None:
    """An entry of a recording, from its `data`; None for a type that is no stroke of a director's."""
    members = data.strip()[1:-1].decode()
    match type:
        case "ids.rotated":
            return encode_own(type, 0, 0, 0, 0)
        case "orders.retired":
            return encode_own(type, 0, msgspec.json.decode(data, type=_Retired).orders, 0, 0)
        case "clock.suspended" | "clock.resumed":
            return encode_own(type, 0, members)
        case "session.resumed":
            resumed = msgspec.json.decode(data, type=_Resumed)
            return encode_own(type, resumed.epoch, resumed.intact, members)
    return None


def _members(data: dict[str, Any]) -> str:
    return _json(data)[1:-1].decode()
