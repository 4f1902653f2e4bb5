"""Commands: everything that may be asked of a session, one type each, tagged by `type`.

`parse` turns the bytes of one JSON command into a `Submission`; whatever is wrong with them becomes `InvalidCommand`.
Quantities of orders are 1 … 10⁹, of counts 0 … 10⁹, deltas non-zero within ±10⁹. Times are RFC 3339 with an offset.
"""

from __future__ import annotations

import datetime as dt
from enum import StrEnum
from typing import Annotated, Any, NamedTuple, get_args
from uuid import uuid4

import msgspec
from msgspec import UNSET, Meta, Struct, UnsetType

from overlaykit.errors import InvalidCommand

MAX_LINES = 200
"""Lines in one order."""
MAX_COMMAND_BYTES = 256 * 1024
"""A single command's JSON text."""

Id = Annotated[str, Meta(min_length=1, max_length=128)]
Name = Annotated[str, Meta(min_length=1, max_length=64)]
Quantity = Annotated[int, Meta(ge=1, le=1_000_000_000)]
Reading = Annotated[int, Meta(ge=0, le=1_000_000_000)]
Delta = Annotated[int, Meta(ge=-1_000_000_000, le=1_000_000_000)]
Money = Annotated[str, Meta(pattern=r"^[0-9]{1,12}(\.[0-9]{1,4})?(?![\s\S])")]
Currency = Annotated[str, Meta(pattern=r"^[A-Z]{3}(?![\s\S])")]
Reason = Annotated[str, Meta(min_length=1, max_length=500)]
Text = Annotated[str, Meta(min_length=1, max_length=500)]
Seconds = Annotated[float, Meta(ge=0.001, le=7 * 86_400)]
Moment = Annotated[dt.datetime, Meta(tz=True)]


class Line(Struct, frozen=True, omit_defaults=True, forbid_unknown_fields=True):
    """One line of an order. Without `location` the plan's order of locations is tried, or those that serve `region`."""

    sku: Name
    quantity: Quantity
    location: Name | None = None
    region: Name | None = None
    unit_price: Money | None = None
    currency: Currency | None = None


Lines = Annotated[tuple[Line, ...], Meta(min_length=1, max_length=MAX_LINES)]


class Command(Struct, frozen=True, omit_defaults=True, forbid_unknown_fields=True, tag_field="type"):
    """Base of all commands. `id` is the idempotency key, unique in the session; without one `parse` makes it."""

    id: Id | None = None


class OrderReserve(Command, frozen=True, kw_only=True, tag="order.reserve"):
    """A request: all lines or none. The units are held for `hold_seconds` (the plan's `hold` without it)."""

    order: Id
    channel: Name | None = None
    buyer: Id | None = None
    lines: Lines
    hold_seconds: Seconds | None = None


class OrderCommit(Command, frozen=True, kw_only=True, tag="order.commit"):
    """Paid: held → committed. After its hold expired it takes stock again if there is some, else it is refused `expired`."""

    order: Id


class OrderRelease(Command, frozen=True, kw_only=True, tag="order.release"):
    """Cancelled: what the order holds or has committed becomes available again."""

    order: Id


class OrderRecord(Command, frozen=True, kw_only=True, tag="order.record"):
    """A fact: the platform sold it. Never refused for stock; what exceeds is `oversold`."""

    order: Id
    channel: Name | None = None
    buyer: Id | None = None
    lines: Lines
    paid: bool


class Basis(StrEnum):
    """What was counted: everything in the warehouse, or what may still be sold."""

    ON_HAND = "on_hand"
    AVAILABLE = "available"


class StockCount(Command, frozen=True, kw_only=True, tag="stock.count"):
    """An absolute reading. With `expected`, refused `changed` unless the counted number stands there now.

    `includes_open_orders` (basis on_hand): whether units held and committed by open orders were counted too.
    """

    sku: Name
    location: Name | None = None
    quantity: Reading
    basis: Basis
    includes_open_orders: bool = True
    source: Name | None = None
    expected: Reading | None = None


class Bucket(StrEnum):
    """Where a unit stands, as far as a person may move it there."""

    AVAILABLE = "available"
    INCOMING = "incoming"
    DAMAGED = "damaged"
    BUFFER = "buffer"


class StockAdjust(Command, frozen=True, kw_only=True, tag="stock.adjust"):
    """A signed change of one bucket with a reason; refused `insufficient` below zero."""

    sku: Name
    location: Name | None = None
    bucket: Bucket = Bucket.AVAILABLE
    delta: Delta
    reason: Reason


class ItemOpen(Command, frozen=True, kw_only=True, tag="item.open"):
    """On sale from now on."""

    sku: Name


class ItemClose(Command, frozen=True, kw_only=True, tag="item.close"):
    """No longer on sale: requests are refused `not_on_sale`, facts still count."""

    sku: Name


class ItemFeature(Command, frozen=True, kw_only=True, tag="item.feature"):
    """On air: exactly one of `sku`, `product`, `link`, or `sku: null` for nothing. With `channel`, for that channel alone."""

    sku: Name | UnsetType | None = UNSET
    product: Name | UnsetType = UNSET
    link: Annotated[int, Meta(ge=1, le=9999)] | UnsetType = UNSET
    channel: Name | None = None


class CountdownSet(Command, frozen=True, kw_only=True, tag="countdown.set"):
    """A deadline: exactly one of `ends_at`, `seconds` from now, or `ends_at: null` to take the countdown away."""

    name: Name
    sku: Name | None = None
    ends_at: Moment | UnsetType | None = UNSET
    seconds: Seconds | UnsetType = UNSET


class Level(StrEnum):
    """How loud an announcement is."""

    INFO = "info"
    WARNING = "warning"
    URGENT = "urgent"


class AnnounceShow(Command, frozen=True, kw_only=True, tag="announce.show"):
    """A banner, until `seconds` have passed or `announce.clear`. The command's id names it."""

    text: Text
    level: Level = Level.INFO
    seconds: Seconds | None = None
    sku: Name | None = None


class AnnounceClear(Command, frozen=True, kw_only=True, tag="announce.clear"):
    """Takes down the announcement that the command `announcement` put up, or all."""

    announcement: Id | None = None


class SessionOpen(Command, frozen=True, kw_only=True, tag="session.open"):
    """Live: requests are answered from now on, every item goes on sale unless its row says otherwise."""

    reason: Reason | None = None


class SessionFreeze(Command, frozen=True, kw_only=True, tag="session.freeze"):
    """The numbers shown stay as they are and say so; orders still count."""

    reason: Reason | None = None


class SessionThaw(Command, frozen=True, kw_only=True, tag="session.thaw"):
    """The numbers shown are the true ones again."""

    reason: Reason | None = None


class SessionClose(Command, frozen=True, kw_only=True, tag="session.close"):
    """Over: requests are refused `session_closed`, facts still count."""

    reason: Reason | None = None


AnyCommand = (
    OrderReserve
    | OrderCommit
    | OrderRelease
    | OrderRecord
    | StockCount
    | StockAdjust
    | ItemOpen
    | ItemClose
    | ItemFeature
    | CountdownSet
    | AnnounceShow
    | AnnounceClear
    | SessionOpen
    | SessionFreeze
    | SessionThaw
    | SessionClose
)

COMMANDS: dict[str, type[Command]] = {command.__struct_config__.tag: command for command in get_args(AnyCommand)}
"""Command type by its name on the wire."""


class Submission(NamedTuple):
    """A command on its way to the engine: its id, what it says, and who sent it (`api:shop`, `desk:li`, `clock` …)."""

    id: str
    command: Command
    source: str


_decoder = msgspec.json.Decoder(AnyCommand)


class _JustId(Struct):
    id: Any = None


_id_decoder = msgspec.json.Decoder(_JustId)


def parse(text: bytes | msgspec.Raw, source: str) -> Submission:
    """One JSON command → Submission. Raises InvalidCommand with path and reason for anything else, however hostile."""
    if len(bytes(text)) > MAX_COMMAND_BYTES:
        raise InvalidCommand([("", f"a command may have {MAX_COMMAND_BYTES} bytes at the most")])
    try:
        command = _decoder.decode(text)
        problem = _rule_broken(command) or (_control_character(command) if b"\\" in bytes(text) else None)
    except msgspec.ValidationError as error:
        message, _, path = str(error).partition(" - at `$")
        raise InvalidCommand([(path.rstrip("`").lstrip("."), _say(message))], id=_readable_id(text)) from None
    except (msgspec.DecodeError, UnicodeDecodeError, RecursionError) as error:
        raise InvalidCommand([("", f"not a JSON command: {error}")]) from None
    if problem:
        raise InvalidCommand([problem], id=command.id)
    return Submission(command.id or uuid4().hex, command, source)


_NAMES = ("id", "order", "channel", "buyer", "sku", "location", "region", "product", "name", "source", "announcement")
_EARLIEST, _LATEST = dt.datetime(2000, 1, 1, tzinfo=dt.UTC), dt.datetime(2999, 1, 1, tzinfo=dt.UTC)


def _control_character(command: Command) -> tuple[str, str] | None:
    """Names stand in keys and on screens. In JSON a control character is always escaped, so most texts need no look."""
    parts: list[tuple[str, Struct]] = [("", command)]
    parts += [(f"lines[{index}].", line) for index, line in enumerate(getattr(command, "lines", ()))]
    for path, part in parts:
        for name in _NAMES:
            text = getattr(part, name, None)
            if isinstance(text, str) and any(ord(character) < 32 for character in text):
                return path + name, "must not contain control characters"
    return None


def _rule_broken(command: Command) -> tuple[str, str] | None:
    """The rules that concern several fields at once."""
    match command:
        case StockAdjust(delta=0):
            return "delta", "must not be 0"
        case ItemFeature(sku=sku, product=product, link=link) if [sku, product, link].count(UNSET) != 2:
            return "sku", "give exactly one of sku, product, link (sku: null takes everything off air)"
        case CountdownSet(ends_at=ends_at, seconds=seconds) if (ends_at is UNSET) == (seconds is UNSET):
            return "ends_at", "give exactly one of ends_at and seconds (ends_at: null takes the countdown away)"
        case CountdownSet(ends_at=dt.datetime() as ends_at) if not _EARLIEST <= ends_at < _LATEST:
            return "ends_at", "must lie between the years 2000 and 2998"
    return None


def _say(message: str) -> str:
    if message.startswith("Invalid value '"):
        return f"{message}; known types: {', '.join(COMMANDS)}"
    return message


def _readable_id(text: bytes | msgspec.Raw) -> str | None:
    try:
        found = _id_decoder.decode(text).id
    except (msgspec.DecodeError, msgspec.ValidationError, UnicodeDecodeError, RecursionError):
        return None
    return found if isinstance(found, str) and 1 <= len(found) <= 128 else None
