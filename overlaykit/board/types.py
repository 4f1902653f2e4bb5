"""What a board says, field by field. Every field always exists, or is None; units are pieces, money is a decimal string.

These are the names that themes, the board feed and the API show, so each has a line that says what it is.
"""

from __future__ import annotations

from typing import Annotated, Literal

from msgspec import UNSET, Meta, Struct, UnsetType

from overlaykit.model.alerts import AlertKind
from overlaykit.model.entries import DropStatus
from overlaykit.model.notes import TaskKind

ItemState = Literal["upcoming", "on_sale", "low", "critical", "sold_out", "presale", "closed"]
Heat = Literal["green", "yellow", "red", "grey"]
Level = Literal["info", "warning", "urgent"]
SessionStatus = Literal["planned", "live", "frozen", "closed"]


def _says(text: str) -> Meta:
    return Meta(description=text)


class SessionHead(Struct, frozen=True, kw_only=True):
    """The session as a whole."""

    id: Annotated[str, _says("the session's id, as in URLs")]
    title: Annotated[str, _says("its title")]
    status: Annotated[SessionStatus, _says("planned, live, frozen (numbers stay as they are) or closed")]
    locale: Annotated[str, _says("its language and region, such as zh-CN")]
    currency: Annotated[str, _says("ISO 4217 code of every price")]


class Deadline(Struct, frozen=True, kw_only=True):
    """An absolute deadline on the server's clock."""

    ends_at: Annotated[str, _says("RFC 3339 UTC with milliseconds")]


class Countdown(Struct, frozen=True, kw_only=True):
    """A running countdown."""

    name: Annotated[str, _says("its name in the plan or command")]
    sku: Annotated[str | None, _says("the item it belongs to, or None for the whole room")]
    ends_at: Annotated[str, _says("RFC 3339 UTC with milliseconds")]


class Announcement(Struct, frozen=True, kw_only=True):
    """A banner."""

    id: Annotated[str, _says("the command that put it up")]
    text: Annotated[str, _says("what it says")]
    level: Annotated[Level, _says("how loud")]
    sku: Annotated[str | None, _says("the item it is about")]
    ends_at: Annotated[str | None, _says("when it goes by itself, RFC 3339 UTC")]


class DropNow(Struct, frozen=True, kw_only=True):
    """The open drop of an item: a batch limited in number and time."""

    name: Annotated[str, _says("its name in the plan")]
    opening: Annotated[int, _says("units in the batch")]
    available: Annotated[int, _says("units of it that can still be bought")]
    remaining: Annotated[float, _says("available ÷ opening, 0 … 1")]
    sold: Annotated[int, _says("units of it sold")]
    price: Annotated[str | None, _says("its own price")]
    countdown: Annotated[Deadline | None, _says("when it closes")]


class BoardItem(Struct, frozen=True, kw_only=True):
    """One item as the public sees it. With a channel or region, units are what a buyer there can get."""

    sku: Annotated[str, _says("its key")]
    link: Annotated[int | None, _says("the number the presenter says: 3号链接")]
    product: Annotated[str | None, _says("the product it is a variant of")]
    variant: Annotated[str | None, _says("which variant: colour, size")]
    title: Annotated[str, _says("its title")]
    subtitle: Annotated[str | None, _says("a second line")]
    price: Annotated[str | None, _says("what it costs now")]
    list_price: Annotated[str | None, _says("the price to compare with")]
    image: Annotated[str | None, _says("URL of its picture")]
    state: Annotated[ItemState, _says("upcoming, on_sale, low, critical, sold_out, presale or closed")]
    on_air: Annotated[bool, _says("whether it is being presented now")]
    available: Annotated[int, _says("units that can be bought now; those kept for a drop count once it is open")]
    opening: Annotated[int, _says("units made available so far")]
    sold: Annotated[int, _says("units committed or shipped")]
    held: Annotated[int, _says("units reserved and not yet paid")]
    oversold: Annotated[int, _says("units sold by a platform beyond what there was")]
    remaining: Annotated[float, _says("available ÷ opening, 0 … 1")]
    heat: Annotated[Heat, _says("green, yellow (low), red (critical, sold out) or grey (unknown, upcoming, closed)")]
    stale: Annotated[bool, _says("whether its source has gone silent, so that the number may be wrong")]
    ship_by: Annotated[str | None, _says("presale: the day it ships, YYYY-MM-DD")]
    countdown: Annotated[Deadline | None, _says("the countdown that belongs to it")]
    drop: Annotated[DropNow | None, _says("its open drop")]
    regions: Annotated[dict[str, int], _says("units available by region")]
    pace_per_minute: Annotated[float | None, _says("units that orders take a minute, when known")]
    sells_out_at: Annotated[str | None, _says("when it will be sold out at this pace, when known: RFC 3339 UTC")]


class Allotment(Struct, frozen=True, kw_only=True):
    """How much of an item one channel may sell."""

    allotted: Annotated[int | None, _says("units it may sell in all; None: its allotment has ended")]
    used: Annotated[int, _says("units taken through it and not returned")]
    left: Annotated[int | None, _says("units it may still sell")]


class DeskDrop(Struct, frozen=True, kw_only=True):
    """A batch, whatever its status."""

    status: Annotated[DropStatus, _says("pending, open or closed")]
    allotted: Annotated[int, _says("units in the batch")]
    used: Annotated[int, _says("units taken through it and not returned")]
    left: Annotated[int, _says("units of it that may still be sold; 0 once it is closed")]
    sold: Annotated[int, _says("units of it in paid orders")]


class StockRow(Struct, frozen=True):
    """Units of an item at one location: a stock row, column by column as in STOCK_COLUMNS."""

    on_hand: Annotated[int, _says("units that are there: available, held, committed, buffer and damaged together")]
    available: Annotated[int, _says("units that can be bought")]
    held: Annotated[int, _says("units reserved and not yet paid")]
    committed: Annotated[int, _says("units paid and not yet shipped")]
    buffer: Annotated[int, _says("units kept back")]
    damaged: Annotated[int, _says("units that cannot be sold")]
    incoming: Annotated[int, _says("units promised for a day and not yet taken by orders")]
    shipped: Annotated[int, _says("units that have left")]
    opening: Annotated[int, _says("units made available so far")]
    presold_held: Annotated[int, _says("incoming units reserved and not yet paid")]
    presold_committed: Annotated[int, _says("incoming units paid")]


class DeskItem(Struct, frozen=True, kw_only=True):
    """What the desk sees of an item beyond the public fields: true units, never frozen."""

    locations: Annotated[dict[str, StockRow], _says("its units by location")]
    due: Annotated[dict[str, str], _says("location → day on which its incoming units come, YYYY-MM-DD")]
    mode: Annotated[Literal["spot", "presale"], _says("whether it sells stock or incoming units")]
    presold: Annotated[int, _says("units that orders wait for: incoming ones they have taken")]
    pool: Annotated[int | None, _says("units free of allotments and drops; below 0: over-allotted; None for a bundle")]
    allotments: Annotated[dict[str, Allotment], _says("allotments by channel")]
    drops: Annotated[dict[str, DeskDrop], _says("drops by name")]
    cost: Annotated[str | None, _says("what a unit costs us")]
    bundle: Annotated[dict[str, int], _says("a bundle: sku → units of it in one; empty for what is no bundle")]


class RuleNow(Struct, frozen=True, kw_only=True):
    """A rule of the plan."""

    enabled: Annotated[bool, _says("whether it is on")]
    switched: Annotated[bool, _says("whether somebody said so this evening; else it is as the plan says")]
    fired: Annotated[int, _says("how often it has fired")]
    last_at: Annotated[str | None, _says("when it fired last, RFC 3339 UTC")]
    last_seq: Annotated[int | None, _says("the ledger entry of its last firing")]
    last_sku: Annotated[str | None, _says("the item for which it fired last")]


class TaskNow(Struct, frozen=True, kw_only=True):
    """Something for a person to do."""

    task: Annotated[str, _says("its id, for task.done")]
    kind: Annotated[TaskKind | None, _says("what it is about, where its words are ours; null: `text` says what to do")]
    params: Annotated[dict[str, str | int], _says("what the words of its kind are made of")]
    text: Annotated[str, _says("what to do, or what to copy; empty where the kind says it")]
    why: Annotated[str, _says("why it is there")]
    level: Annotated[Level, _says("how loud")]
    copy: Annotated[bool, _says("whether the text is there to be copied")]
    confirm: Annotated[bool, _says("whether the director waits for it")]
    trouble: Annotated[
        Literal["failed", "uncertain"] | None,
        _says("it is about an action that failed, or of which nobody knows whether it was done"),
    ]
    sku: Annotated[str | None, _says("the item it is about")]
    source: Annotated[str, _says("who opened it, such as rule:NAME")]
    opened_at: Annotated[str, _says("RFC 3339 UTC")]


class ObsNow(Struct, frozen=True, kw_only=True):
    """An OBS of the plan. Of what is not known: None."""

    connected: Annotated[bool, _says("whether the director controls it now")]
    scene: Annotated[str | None, _says("the scene on air")]
    preview: Annotated[str | None, _says("studio mode: the scene in preview")]
    studio_mode: Annotated[bool, _says("whether it is in studio mode")]
    streaming: Annotated[bool, _says("whether it streams")]
    recording: Annotated[bool, _says("whether it records")]
    back_to: Annotated[str | None, _says("the scene that comes back, while another is on air for a while")]
    back_at: Annotated[str | None, _says("when it comes back, RFC 3339 UTC")]
    override_until: Annotated[str | None, _says("until when rules leave it to the person who switched its scene")]
    problems: Annotated[list[str], _says("what is wrong with it")]
    wanted: Annotated[bool, _says("whether the session needs it; no more once it is closed")]
    dropped_frames: Annotated[float | None, _says("share of frames lost on the network in the last 10 s, 0 … 1")]
    dropped_frames_1m: Annotated[float | None, _says("the same in the last minute")]
    lagged_frames: Annotated[
        float | None, _says("share of frames not rendered or encoded in time in the last 10 s, 0 … 1")
    ]
    lagged_frames_1m: Annotated[float | None, _says("the same in the last minute")]
    congestion: Annotated[float | None, _says("how full the way to the platform is, 0 … 1")]
    cpu: Annotated[float | None, _says("share of the processor that it takes, 0 … 1")]
    disk_gb: Annotated[float | None, _says("free on the disk to which it records, GB")]
    fps: Annotated[float | None, _says("frames a second")]
    reconnecting: Annotated[bool | None, _says("whether its stream is broken and being restored")]


class SourceNow(Struct, frozen=True, kw_only=True):
    """Where numbers of stock come from."""

    silent_since: Annotated[
        str | None, _says("since when it has been silent for too long, RFC 3339 UTC; None: it speaks")
    ]
    locations: Annotated[
        list[str], _says("locations whose counts come from it, or come from it when another is silent")
    ]


class ConnectorNow(Struct, frozen=True, kw_only=True):
    """A channel, source or notifier of the plan that has a connector."""

    paused: Annotated[bool, _says("whether an operator has stopped it")]
    reason: Annotated[str | None, _says("why, as the operator said")]
    since: Annotated[str | None, _says("since when, RFC 3339 UTC")]


class MappedNow(Struct, frozen=True, kw_only=True):
    """What one unit of a platform's sku is here."""

    sku: Annotated[str, _says("the item")]
    quantity: Annotated[int, _says("units of it")]


class UnmappedNow(Struct, frozen=True, kw_only=True):
    """Orders that were put aside, because the plan has no item for what a platform calls something in them."""

    channel: Annotated[str, _says("the channel")]
    platform_sku: Annotated[str, _says("what the platform calls it")]
    orders: Annotated[int, _says("orders that wait")]
    quantity: Annotated[int, _says("its units in them")]
    since: Annotated[str, _says("since when the first waits, RFC 3339 UTC")]
    order: Annotated[str, _says("the last of the orders")]


class PushedNow(Struct, frozen=True, kw_only=True):
    """The number of an item that a platform may sell, as it was written there."""

    quantity: Annotated[int | None, _says("units; None: none was written yet")]
    at: Annotated[str, _says("when it was written, or could not be, RFC 3339 UTC")]
    failed: Annotated[str | None, _says("why the next number could not be written; None: this is the last")]


class AlertNow(Struct, frozen=True, kw_only=True):
    """Something that somebody at the desk has to see. Who has seen or silenced it is there until it gets worse or comes again."""

    alert: Annotated[str, _says("its id, for alert.acknowledge and alert.snooze")]
    kind: Annotated[
        AlertKind,
        _says("oversold, rule, source, obs, reading, quarantined, unmapped, store or clock: what its words are about"),
    ]
    level: Annotated[Level, _says("how loud")]
    sku: Annotated[str | None, _says("the item it is about")]
    params: Annotated[dict[str, str | int], _says("what its words are made of, by name")]
    text: Annotated[str | None, _says("what the plan says, or OBS")]
    count: Annotated[int, _says("how many there are of what it is about, or how often it came")]
    since: Annotated[str, _says("since when, RFC 3339 UTC")]
    last_at: Annotated[str, _says("when it came, or got worse last, RFC 3339 UTC")]
    acknowledged_by: Annotated[str | None, _says("who has seen it as it is now")]
    acknowledged_at: Annotated[str | None, _says("and when, RFC 3339 UTC")]
    snoozed_by: Annotated[str | None, _says("who has silenced it as it is now")]
    snoozed_until: Annotated[str | None, _says("and until when, RFC 3339 UTC")]


class NoteNow(Struct, frozen=True, kw_only=True):
    """What the operator tells the presenter."""

    text: Annotated[str, _says("the note")]
    by: Annotated[str, _says("who wrote it")]
    at: Annotated[str, _says("when, RFC 3339 UTC")]


class DirectionNow(Struct, frozen=True, kw_only=True):
    """What the desk sees of the director's work and of the ways to the platforms."""

    rules: Annotated[dict[str, RuleNow], _says("rules by name, in the plan's order")]
    tasks: Annotated[list[TaskNow], _says("open tasks, oldest first")]
    obs: Annotated[dict[str, ObsNow], _says("OBS by name")]
    sources: Annotated[dict[str, SourceNow], _says("sources by name")]
    connectors: Annotated[dict[str, ConnectorNow], _says("by section and name, such as channel.douyin")]
    mappings: Annotated[
        dict[str, dict[str, MappedNow]],
        _says("channel → platform's sku → what an operator said it is, over what the plan says"),
    ]
    unmapped: Annotated[list[UnmappedNow], _says("what waits to be mapped, oldest first")]
    alerts: Annotated[list[AlertNow], _says("what somebody has to see, oldest first; 500 at the most")]
    alerts_left_out: Annotated[int, _says("alerts that had to leave because there were too many")]
    note: Annotated[NoteNow | None, _says("what the operator tells the presenter")]


class Product(Struct, frozen=True, kw_only=True):
    """Variants that belong together."""

    available: Annotated[int, _says("units of all its variants that can be bought now")]
    variants: Annotated[list[str], _says("skus in running order")]
    gone: Annotated[list[str], _says("skus that are sold out or closed")]


class Board(Struct, frozen=True, kw_only=True):
    """The whole board after the ledger entry `seq`. `server_time` is added when it is sent."""

    session: Annotated[SessionHead, _says("the session as a whole")]
    seq: Annotated[int, _says("the last ledger entry it takes into account")]
    on_air: Annotated[str | None, _says("sku of the item on air")]
    on_air_product: Annotated[str | None, _says("product on air")]
    items: Annotated[dict[str, BoardItem], _says("items by sku")]
    products: Annotated[dict[str, Product], _says("products by name")]
    order: Annotated[list[str], _says("skus in running order")]
    countdowns: Annotated[dict[str, Countdown], _says("countdowns by name")]
    announcements: Annotated[list[Announcement], _says("banners, oldest first")]


class BoardChange(Struct, frozen=True, kw_only=True, rename={"from_seq": "from"}):
    """What changed after `from` up to `seq`: absolute values; everything else is not there."""

    from_seq: Annotated[int, _says("the seq that it follows")]
    seq: Annotated[int, _says("the last ledger entry it takes into account")]
    items: Annotated[dict[str, BoardItem], _says("items that changed, by sku")]
    session: Annotated[SessionHead | UnsetType, _says("the session as a whole")] = UNSET
    on_air: Annotated[str | UnsetType | None, _says("sku of the item on air")] = UNSET
    on_air_product: Annotated[str | UnsetType | None, _says("product on air")] = UNSET
    products: Annotated[
        dict[str, Product | None] | UnsetType, _says("products that changed; null: it has no variants any more")
    ] = UNSET
    order: Annotated[list[str] | UnsetType, _says("skus in running order, all of them")] = UNSET
    countdowns: Annotated[dict[str, Countdown] | UnsetType, _says("countdowns by name, all of them")] = UNSET
    announcements: Annotated[list[Announcement] | UnsetType, _says("banners, oldest first, all of them")] = UNSET
