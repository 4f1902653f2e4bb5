"""Commands → the arguments of a call, and answers → outcomes. No I/O.

A command crosses as three arguments: its fingerprint, the opaque head of its ledger line, and a msgpack list of the fields
its operation reads. Fingerprint and line are made of the command as sent, without defaults, its buyer replaced by a keyed
hash, so a buyer's name reaches neither store nor ledger.
"""

from __future__ import annotations

import datetime as dt
from collections.abc import Callable, Sequence
from hashlib import blake2b
from typing import Any, NamedTuple

import msgspec
from msgspec import UNSET

from overlaykit.errors import StoreBehind, StoreError
from overlaykit.model import commands as c
from overlaykit.model.commands import Command, Submission
from overlaykit.model.sessions import SessionPlan, opening_rows

FIRST_EPOCH_BYTES = 8

_json = msgspec.json.Encoder(order="deterministic")
_pack = msgspec.msgpack.Encoder().encode


class Encoded(NamedTuple):
    """One command, ready for a call."""

    fingerprint: bytes
    line: bytes
    packed: bytes


def hash_buyer(buyer: str, secret: bytes) -> str:
    """A buyer's keyed hash: `b:` and 16 hex digits, the same for the same buyer within one ledger."""
    return "b:" + blake2b(buyer.encode(), digest_size=8, key=secret).hexdigest()


def encode(submission: Submission, secret: bytes) -> Encoded:
    """Ready for the script. `secret` is the ledger's buyer key."""
    command = submission.command
    kind = type(command)
    changes: dict[str, Any] = {"id": None} if command.id is not None else {}
    buyer = getattr(command, "buyer", None)
    if buyer is not None:
        changes["buyer"] = hash_buyer(buyer, secret)
    if changes:
        command = msgspec.structs.replace(command, **changes)
    return _encode(submission.id, command, kind, submission.source)


def encode_recorded(kind: type[Command], id: str, source: str, data: bytes) -> Encoded:
    """A command as a recording has it: its buyer is a hash already."""
    tag = _TAGS[kind]
    text = b'{"type":"' + tag.encode() + b'"' + (b"," if len(data) > 2 else b"") + data[1:]
    return _encode(id, msgspec.json.decode(text, type=kind), kind, source)


def _encode(id: str, command: Command, kind: type[Command], source: str) -> Encoded:
    tag = _TAGS[kind]
    body = _json.encode(command)
    data = b"{" + body[len(tag) + 11 :] if len(body) > len(tag) + 11 else b"{}"
    id_json = _json.encode(id)
    line = b'"type":"%b","id":%b,"source":%b,"data":%b' % (tag.encode(), id_json, _json.encode(source), data)
    fields = _FIELDS[kind](command, id)
    return Encoded(blake2b(body, digest_size=16).digest(), line, _pack([tag, id, id_json.decode(), *fields]))


def encode_plan(plan: SessionPlan, id: str, source: str, epoch: str, recorded: bytes | None = None) -> Encoded:
    """Entry 1, session.planned. A plan says the same however its numbers were written, 60 or 60.0.

    `recorded` is the plan as a recording has it: its own bytes, whatever fields plans have now.
    """
    plan = msgspec.json.decode(recorded or _json.encode(plan), type=SessionPlan)
    data = recorded or _json.encode(plan)
    id_json = _json.encode(id)
    line = b'"type":"session.planned","id":%b,"source":%b,"data":%b' % (id_json, _json.encode(source), data)
    config = {
        "locations": [location.name for location in plan.locations],
        "regions": _regions(plan),
        "channels": {channel.name: True for channel in plan.channels},
        "split": plan.split,
        "hold_ms": round(plan.hold_seconds * 1000),
        "countdowns": [
            [each.name, each.sku or "", _ms(each.ends_at), round((each.seconds or 0) * 1000)]
            for each in plan.countdowns
        ],
    }
    fields = [epoch, plan.title, data.decode(), config, _links(plan), _rows(plan)]
    return Encoded(
        blake2b(data, digest_size=16).digest(), line, _pack(["session.planned", id, id_json.decode(), *fields])
    )


def encode_sweep() -> Encoded:
    """Works off what is due; its answer is how much that was."""
    return Encoded(b"", b"", _pack(["sweep", "", ""]))


def encode_due(type: str, name: str) -> Encoded:
    """hold.expired, countdown.due or announce.expired of a recording, for the order, countdown or announcement `name`."""
    return Encoded(b"", b"", _pack([type, "", "", name]))


def arguments(
    encoded: Sequence[Encoded], *, epoch: str, seen: int, now_ms: int | None, flags: str = ""
) -> list[bytes | str]:
    """ARGV of a call."""
    args: list[bytes | str] = [epoch, str(seen), "" if now_ms is None else str(now_ms), flags]
    for each in encoded:
        args += each
    return args


class Reply(NamedTuple):
    """What a call gave: the ledger's seq and epoch after it, and an answer for each command."""

    seq: int
    epoch: str
    answers: list[bytes]


def decode(reply: Sequence[Any]) -> Reply | None:
    """None when there is no such ledger. Raises StoreBehind or StoreError when the store is not what it was."""
    state, seq, epoch = reply[0], int(reply[1]), reply[2].decode()
    if state == b"ok":
        return Reply(seq, epoch, list(reply[3:]))
    if state == b"none":
        return None
    if state == b"behind":
        raise StoreBehind(
            f"the store stands at entry {seq}, epoch {epoch}, and has acknowledged more before",
            remedy="Nothing was written.",
        )
    raise StoreError(
        f"the store's ledger and its counter (entry {seq}) disagree; nothing was written",
        remedy="Something other than overlaykit changed the store. Restore it from its last good copy.",
    )


def _ms(moment: dt.datetime | str | None) -> int:
    if moment is None:
        return 0
    if isinstance(moment, str):
        moment = dt.datetime.fromisoformat(moment)
    return round(moment.timestamp() * 1000)


def _lines(lines: Sequence[c.Line]) -> list[list[str | int]]:
    return [[line.sku, line.quantity, line.location or "", line.region or ""] for line in lines]


def _reserve(command: c.OrderReserve, id: str) -> list[Any]:
    hold = max(1, round(command.hold_seconds * 1000)) if command.hold_seconds else 0
    return [command.order, command.channel or "", command.buyer or "", hold, _lines(command.lines)]


def _feature(command: c.ItemFeature, id: str) -> list[Any]:
    if command.product is not UNSET:
        target = ["product", command.product]
    elif command.link is not UNSET:
        target = ["link", str(command.link)]
    else:
        target = ["sku", command.sku] if command.sku else ["nothing", ""]
    return [*target, command.channel or ""]


def _countdown(command: c.CountdownSet, id: str) -> list[Any]:
    if command.seconds is not UNSET:
        return [command.name, command.sku or "", "in", round(command.seconds * 1000)]
    if command.ends_at is UNSET or command.ends_at is None:
        return [command.name, command.sku or "", "gone", 0]
    return [command.name, command.sku or "", "at", _ms(command.ends_at)]


def _announce(command: c.AnnounceShow, id: str) -> list[Any]:
    members = f'"text":{_json.encode(command.text).decode()},"level":"{command.level}"'
    return [id, members, command.sku or "", round((command.seconds or 0) * 1000)]


def _nothing(command: Command, id: str) -> list[Any]:
    return []


_FIELDS: dict[type[Command], Callable[[Any, str], list[Any]]] = {
    c.OrderReserve: _reserve,
    c.OrderCommit: lambda command, id: [command.order],
    c.OrderRelease: lambda command, id: [command.order],
    c.OrderRecord: lambda command, id: [
        command.order,
        command.channel or "",
        command.buyer or "",
        command.paid,
        _lines(command.lines),
    ],
    c.StockCount: lambda command, id: [
        command.sku,
        command.location or "",
        command.quantity,
        str(command.basis),
        command.includes_open_orders,
        -1 if command.expected is None else command.expected,
    ],
    c.StockAdjust: lambda command, id: [command.sku, command.location or "", str(command.bucket), command.delta],
    c.ItemOpen: lambda command, id: [command.sku],
    c.ItemClose: lambda command, id: [command.sku],
    c.ItemFeature: _feature,
    c.CountdownSet: _countdown,
    c.AnnounceShow: _announce,
    c.AnnounceClear: lambda command, id: [command.announcement or ""],
    c.SessionOpen: _nothing,
    c.SessionFreeze: _nothing,
    c.SessionThaw: _nothing,
    c.SessionClose: _nothing,
}

_TAGS: dict[type[Command], str] = {kind: tag for tag, kind in c.COMMANDS.items()}


def _regions(plan: SessionPlan) -> dict[str, list[str]]:
    regions: dict[str, list[str]] = {}
    for location in plan.locations:
        for region in location.serves:
            regions.setdefault(region, []).append(location.name)
    return regions


def _links(plan: SessionPlan) -> list[list[Any]]:
    """`link N` and `product NAME`, each with its skus."""
    groups: dict[str, list[str]] = {}
    for item in plan.items:
        if item.link is not None:
            groups.setdefault(f"link {item.link}", []).append(item.sku)
        if item.product is not None:
            groups.setdefault(f"product {item.product}", []).append(item.sku)
    return [[field, skus] for field, skus in groups.items()]


def _rows(plan: SessionPlan) -> list[list[Any]]:
    """Each item with its sale state and its opening stock."""
    return [[item.sku, "open" if item.on_sale else "upcoming", opening_rows(plan, item)] for item in plan.items]
