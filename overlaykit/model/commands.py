"""Commands: everything that may be asked of a session, one type each, tagged by `type`.

`parsing.parse` makes them of JSON; `fields` says what each field may hold, `rules` what concerns several at once.
"""

from __future__ import annotations

from enum import StrEnum
from typing import Annotated, NamedTuple, get_args

from msgspec import UNSET, Meta, Struct, UnsetType, field

from overlaykit.model.fields import (
    Day,
    Delta,
    Id,
    Lines,
    Link,
    Moment,
    Money,
    Name,
    Option,
    Parts,
    Place,
    Quantity,
    Reading,
    Reason,
    Seconds,
    Seq,
    Text,
)
from overlaykit.model.sessions import Threshold


class Command(Struct, frozen=True, omit_defaults=True, forbid_unknown_fields=True, tag_field="type"):
    """Base of all commands. `id` is the idempotency key, unique in the session; without one `parse` makes it."""

    id: Id | None = None


class OrderReserve(Command, frozen=True, kw_only=True, tag="order.reserve"):
    """A request: all lines or none. The units are held for `hold_seconds` (the plan's `hold` without it).

    `personal`: the outcome carries a token with which the buyer may see the seconds left of this hold.
    """

    order: Id
    channel: Name | None = None
    buyer: Id | None = None
    lines: Lines
    hold_seconds: Seconds | None = None
    personal: bool = False


class OrderCommit(Command, frozen=True, kw_only=True, tag="order.commit"):
    """Paid: held → committed. After its hold expired it takes stock again if there is some, else it is refused `expired`."""

    order: Id
    fact: bool = False


class OrderRelease(Command, frozen=True, kw_only=True, tag="order.release"):
    """Cancelled, whole or in part: what the order holds or has committed becomes available again."""

    order: Id
    lines: Parts | None = None
    fact: bool = False


class OrderShip(Command, frozen=True, kw_only=True, tag="order.ship"):
    """Sent, whole or in part: committed units leave the location."""

    order: Id
    lines: Parts | None = None
    fact: bool = False


class OrderRefund(Command, frozen=True, kw_only=True, tag="order.refund"):
    """Paid back, whole or in part. With `restock` the units become available again, without it they are gone."""

    order: Id
    lines: Parts | None = None
    restock: bool
    fact: bool = False


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
    """An absolute reading, true at `as_of` (now without). With `expected`, refused `changed` unless the counted number stands
    there now.

    `includes_open_orders` (basis on_hand): whether units held and committed by open orders were counted too.
    """

    sku: Name
    location: Name | None = None
    quantity: Reading
    basis: Basis
    includes_open_orders: bool = True
    as_of: Moment | None = None
    source: Name | None = None
    expected: Reading | None = None


class Bucket(StrEnum):
    """Where a unit stands, as far as a person may move it there."""

    AVAILABLE = "available"
    INCOMING = "incoming"
    DAMAGED = "damaged"
    BUFFER = "buffer"


class StockAdjust(Command, frozen=True, kw_only=True, tag="stock.adjust"):
    """A signed change of one bucket with a reason; refused `insufficient` below zero. `due`: the day incoming units come."""

    sku: Name
    location: Name | None = None
    bucket: Bucket = Bucket.AVAILABLE
    due: Day | None = None
    delta: Delta
    reason: Reason


class StockConfirm(Command, frozen=True, kw_only=True, tag="stock.confirm"):
    """Says whether the waiting reading of entry `reading` is right: it is applied then, else forgotten."""

    reading: Seq
    accept: bool


class StockTransfer(Command, frozen=True, kw_only=True, tag="stock.transfer"):
    """A move between buckets of one location, or between locations (`location:NAME` on both sides, available to available)."""

    sku: Name
    quantity: Quantity
    from_: Place = field(name="from")
    to: Place
    location: Name | None = None
    reason: Reason | None = None


class AllotmentSet(Command, frozen=True, kw_only=True, tag="allotment.set"):
    """How many units of an item a channel may sell in all; null: it sells from the pool."""

    sku: Name
    channel: Name
    quantity: Reading | None


class DropRelease(Command, frozen=True, kw_only=True, tag="drop.release"):
    """Opens a planned batch now."""

    drop: Name


class DropClose(Command, frozen=True, kw_only=True, tag="drop.close"):
    """Ends a batch: what is left of it goes back to the pool."""

    drop: Name


class QuarantineDrop(Command, frozen=True, kw_only=True, tag="quarantine.drop"):
    """The quarantined fact of this entry needs nothing more."""

    entry: Seq


class ItemOpen(Command, frozen=True, kw_only=True, tag="item.open"):
    """On sale from now on."""

    sku: Name


class ItemClose(Command, frozen=True, kw_only=True, tag="item.close"):
    """No longer on sale: requests are refused `not_on_sale`, facts still count."""

    sku: Name


class Mode(StrEnum):
    """What an item sells: stock, or units that are on their way."""

    SPOT = "spot"
    PRESALE = "presale"


class ItemMode(Command, frozen=True, kw_only=True, tag="item.mode"):
    """Sells stock (`spot`), or units on their way (`presale`), to be sent by the day `ship_by`."""

    sku: Name
    mode: Mode
    ship_by: Day | None = None


class ItemAdd(Command, frozen=True, kw_only=True, tag="item.add"):
    """A new item, at the end of the running order. `opening` and `buffer`: units by location; thresholds default to the plan's."""

    sku: Name
    title: Text
    link: Link | None = None
    product: Name | None = None
    variant: Text | None = None
    subtitle: Text | None = None
    price: Money | None = None
    list_price: Money | None = None
    cost: Money | None = None
    image: Text | None = None
    aliases: tuple[Name, ...] = ()
    facts: dict[Name, Text] = {}
    opening: dict[Name, Reading] = {}
    buffer: dict[Name, Reading] = {}
    low: Threshold | None = None
    critical: Threshold | None = None
    buyer_limit: Quantity | None = None
    presale_limit: Quantity | None = None
    on_sale: bool = True
    bundle: dict[Name, Quantity] = {}


class ItemUpdate(Command, frozen=True, kw_only=True, tag="item.update"):
    """Changes what is said of an item, field by field; null takes a field away where an item may be without it."""

    sku: Name
    title: Text | UnsetType = UNSET
    link: Link | UnsetType | None = UNSET
    product: Name | UnsetType | None = UNSET
    variant: Text | UnsetType | None = UNSET
    subtitle: Text | UnsetType | None = UNSET
    price: Money | UnsetType | None = UNSET
    list_price: Money | UnsetType | None = UNSET
    cost: Money | UnsetType | None = UNSET
    image: Text | UnsetType | None = UNSET
    aliases: tuple[Name, ...] | UnsetType = UNSET
    facts: dict[Name, Text] | UnsetType = UNSET
    low: Threshold | UnsetType = UNSET
    critical: Threshold | UnsetType = UNSET
    buyer_limit: Quantity | UnsetType | None = UNSET
    presale_limit: Quantity | UnsetType | None = UNSET


class ItemMove(Command, frozen=True, kw_only=True, tag="item.move"):
    """Puts an item at a position of the running order, 1 being the first."""

    sku: Name
    position: Annotated[int, Meta(ge=1, le=100_000)]


class PlanReload(Command, frozen=True, kw_only=True, tag="plan.reload"):
    """Reads the session's session.toml again: what is safe to change is sent as commands of its own, the rest is refused with
    its reason. `dry_run`: says what it would do, and does nothing."""

    dry_run: bool = False


class ItemFeature(Command, frozen=True, kw_only=True, tag="item.feature"):
    """On air: exactly one of `sku`, `product`, `link`, or `sku: null` for nothing. With `channel`, for that channel alone."""

    sku: Name | UnsetType | None = UNSET
    product: Name | UnsetType = UNSET
    link: Link | UnsetType = UNSET
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


class OverlaySet(Command, frozen=True, kw_only=True, tag="overlay.set"):
    """How the overlays look from now on, over what the plan says: their theme, and options of it by name; null goes back to the
    plan. What is not named stays as it is. An option that the theme does not have is kept, and has no effect."""

    theme: Name | UnsetType | None = UNSET
    options: dict[Name, Option | None] = {}


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


class ClockAccept(Command, frozen=True, kw_only=True, tag="clock.accept"):
    """The store's clock jumped, and its new time is the right one: holds, drops and countdowns end by it from now on."""

    reason: Reason | None = None


AnyCommand = (
    OrderReserve
    | OrderCommit
    | OrderRelease
    | OrderRecord
    | OrderShip
    | OrderRefund
    | StockCount
    | StockConfirm
    | StockAdjust
    | StockTransfer
    | AllotmentSet
    | DropRelease
    | DropClose
    | QuarantineDrop
    | ItemOpen
    | ItemClose
    | ItemMode
    | ItemAdd
    | ItemUpdate
    | ItemMove
    | ItemFeature
    | CountdownSet
    | AnnounceShow
    | AnnounceClear
    | OverlaySet
    | SessionOpen
    | SessionFreeze
    | SessionThaw
    | SessionClose
    | ClockAccept
)

Asked = AnyCommand | PlanReload
"""Everything that may be sent to a session: what the engine decides, and what the web edge makes commands of."""

COMMANDS: dict[str, type[Command]] = {command.__struct_config__.tag: command for command in get_args(AnyCommand)}
"""What the engine decides: command type by its name on the wire."""


class Submission(NamedTuple):
    """A command on its way to the engine: its id, what it says, and who sent it (`api:shop`, `desk:li`, `clock` …)."""

    id: str
    command: Command
    source: str


def type_of(command: Command) -> str:
    """A command's name on the wire, such as order.reserve."""
    return str(command.__struct_config__.tag)
