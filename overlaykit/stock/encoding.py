"""Commands → the arguments of a call, and answers → outcomes. No I/O.

A command crosses as msgpack values, one after the other: its fingerprint, the opaque head of its ledger line, and the
fields that its operation reads. Those of all commands of a call are one argument: the store spends more on an argument
than on a value. Fingerprint and line are made of the command as sent, without defaults, its buyer replaced by a keyed hash,
so a buyer's name reaches neither store nor ledger.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from hashlib import blake2b
from typing import Any, NamedTuple

import msgspec

from overlaykit.errors import StoreBehind, StoreError
from overlaykit.model import commands as c
from overlaykit.model.commands import Command, Submission
from overlaykit.model.sessions import SessionPlan
from overlaykit.stock.fields import FIELDS, SIGNED, plan_fields
from overlaykit.stock.holds import hold_token

FIRST_EPOCH_BYTES = 8
FINGERPRINT_BYTES = 16
HOLD_TOKEN = 4
"""Place of a personal hold's token among the fields of order.reserve."""

_json = msgspec.json.Encoder(order="deterministic")
_pack = msgspec.msgpack.Encoder().encode


class Encoded(NamedTuple):
    """One command, ready for a call: how many values it has, and these as msgpack."""

    values: int
    packed: bytes


def hash_buyer(buyer: str, secret: bytes) -> str:
    """A buyer's keyed hash: `b:` and 16 hex digits, the same for the same buyer within one ledger."""
    return "b:" + blake2b(buyer.encode(), digest_size=8, key=secret).hexdigest()


def encode(submission: Submission, secret: bytes, ledger: str) -> Encoded:
    """Ready for the script of this ledger. `secret` is its buyer key."""
    command = submission.command
    kind = type(command)
    changes: dict[str, Any] = {"id": None} if command.id is not None else {}
    buyer = getattr(command, "buyer", None)
    if buyer is not None:
        changes["buyer"] = hash_buyer(buyer, secret)
    if changes:
        command = msgspec.structs.replace(command, **changes)
    personal = kind is c.OrderReserve and command.personal  # type: ignore[attr-defined]
    token = hold_token(secret, ledger, command.order) if personal else ""  # type: ignore[attr-defined]
    return _encode(submission.id, command, kind, submission.source, token)


def encode_recorded(
    kind: type[Command], id: str, source: str, data: bytes, token_of: Callable[[str], str] | None = None
) -> Encoded:
    """A command as a recording has it: its buyer is a hash already. `token_of` gives the token of an order's personal hold, which
    answers tell and no recording holds."""
    tag = _TAGS[kind]
    text = b'{"type":"' + tag.encode() + b'"' + (b"," if len(data) > 2 else b"") + data[1:]
    command = msgspec.json.decode(text, type=kind)
    personal = token_of is not None and kind is c.OrderReserve and command.personal  # type: ignore[attr-defined]
    return _encode(id, command, kind, source, token_of(command.order) if personal else "")  # type: ignore[attr-defined, misc]


def _encode(id: str, command: Command, kind: type[Command], source: str, token: str = "") -> Encoded:
    tag = _TAGS[kind]
    body = _json.encode(command)
    data = b"{" + body[len(tag) + 11 :] if len(body) > len(tag) + 11 else b"{}"
    id_json = _json.encode(id)
    source_json = _json.encode(source)
    line = b'"type":"%b","id":%b,"source":%b,"data":%b' % (tag.encode(), id_json, source_json, data)
    fields = FIELDS[kind](command, id)
    if kind in SIGNED:
        fields.append(source_json.decode())
    if token:
        fields[HOLD_TOKEN] = token
    return assemble(blake2b(body, digest_size=FINGERPRINT_BYTES).digest(), line, [tag, id_json.decode(), *fields])


def assemble(fingerprint: bytes, line: bytes, values: list[Any]) -> Encoded:
    """One command: its fingerprint, the head of its ledger line, and its values from the type on."""
    return Encoded(
        2 + len(values), _text_header(len(fingerprint)) + fingerprint + _text_header(len(line)) + line + _values(values)
    )


def _text_header(length: int) -> bytes:
    """What stands before a text of so many bytes in msgpack. The script's library knows no other kind of bytes."""
    if length < 32:
        return b"%c" % (0xA0 | length)
    if length < 1 << 16:
        return b"\xda" + length.to_bytes(2)
    return b"\xdb" + length.to_bytes(4)


def _values(values: list[Any]) -> bytes:
    """The values one after the other: a list without its header."""
    packed = _pack(values)
    return packed[1 if len(values) < 16 else 3 if len(values) < 65_536 else 5 :]


def encode_own(type: str, *fields: Any) -> Encoded:
    """A command of the clock's or the director's own, which is nobody's to repeat."""
    return assemble(b"", b"", [type, "", *fields])


def encode_plan(plan: SessionPlan, id: str, source: str, epoch: str, recorded: bytes | None = None) -> Encoded:
    """Entry 1, session.planned. A plan says the same however its numbers were written, 60 or 60.0.

    `recorded` is the plan as a recording has it: its own bytes, whatever fields plans have now.
    """
    plan = msgspec.json.decode(recorded or _json.encode(plan), type=SessionPlan)
    data = recorded or _json.encode(plan)
    id_json = _json.encode(id)
    line = b'"type":"session.planned","id":%b,"source":%b,"data":%b' % (id_json, _json.encode(source), data)
    fields = [epoch, plan.title, data.decode(), *plan_fields(plan)]
    return assemble(
        blake2b(data, digest_size=FINGERPRINT_BYTES).digest(), line, ["session.planned", id_json.decode(), *fields]
    )


def encode_sweep() -> Encoded:
    """Works off what is due; its answer is how much that was."""
    return encode_own("sweep")


def encode_due(type: str, name: str) -> Encoded:
    """hold.expired, countdown.due, announce.expired, drop.opened or drop.closed of a recording, for the order, countdown,
    announcement or drop `name`."""
    return encode_own(type, name)


def arguments(
    encoded: Sequence[Encoded], *, epoch: str, seen: int, now_ms: int | None, flags: str = ""
) -> list[bytes | str]:
    """ARGV of a call."""
    now = "" if now_ms is None else str(now_ms)
    counts = _values([each.values for each in encoded])
    return [epoch, str(seen), now, flags, counts, b"".join([each.packed for each in encoded])]


class Reply(NamedTuple):
    """What a call gave: the ledger's seq and epoch after it, and an answer for each command."""

    seq: int
    epoch: str
    answers: list[bytes]


def decode(reply: Sequence[Any]) -> Reply | None:
    """None when there is no such ledger. Raises StoreBehind or StoreError when the store is not what it was."""
    state, seq, epoch = reply[0], int(reply[1]), reply[2].decode()
    if state == b"ok":
        return Reply(seq, epoch, [_without_fingerprint(answer) for answer in reply[3:]])
    if state == b"none":
        return None
    if state == b"behind":
        raise StoreBehind(
            f"数据库停在第 {seq} 条、纪元 {epoch}，少于之前确认过的 / "
            f"the store stands at entry {seq}, epoch {epoch}, and has acknowledged more before",
            remedy="没有写入。 / Nothing was written.",
        )
    raise StoreError(
        f"数据库里的账本和计数（第 {seq} 条）对不上，没有写入 / "
        f"the store's ledger and its counter (entry {seq}) disagree; nothing was written",
        remedy="有别的程序改过数据库，请用最近的完好备份恢复。 / "
        "Something other than overlaykit changed the store. Restore it from its last good copy.",
    )


def _without_fingerprint(answer: bytes) -> bytes:
    return answer[FINGERPRINT_BYTES:] if answer.endswith(b"}") else answer


_TAGS: dict[type[Command], str] = {kind: tag for tag, kind in c.COMMANDS.items()}
