"""What a room holds, in dictionaries and lists. Sums are never kept: whoever needs one adds it up."""

from __future__ import annotations

import datetime as dt
from collections import Counter, defaultdict
from dataclasses import dataclass, field
from typing import Any

import msgspec

from overlaykit.model import commands as c
from overlaykit.model import sessions
from overlaykit.model.entries import STOCK_COLUMNS

MOST_UNITS = 10**12

COLUMNS = STOCK_COLUMNS[1:]
"""What a row keeps; on_hand is the sum of five of them."""
ON_HAND = ("available", "held", "committed", "buffer", "damaged")

Row = dict[str, int]


def empty_row() -> Row:
    """Nothing of an item at a location."""
    return dict.fromkeys(COLUMNS, 0)


def columns(row: Row) -> list[int]:
    """A row as the store gives it."""
    return [sum(row[name] for name in ON_HAND), *(row[name] for name in COLUMNS)]


@dataclass
class Item:
    """An item now. `allotted` keeps each channel that ever had an allotment; None: it has none any more."""

    planned: sessions.Item
    sale: str
    mode: str = "spot"
    ship_by: str | None = None
    rows: dict[str, Row] = field(default_factory=dict)
    due: dict[str, str] = field(default_factory=dict)
    allotted: dict[str, int | None] = field(default_factory=dict)

    @property
    def bundle(self) -> dict[str, int]:
        return self.planned.bundle

    def row(self, place: str) -> Row:
        return self.rows.setdefault(place, empty_row())

    def has(self, place: str, column: str) -> int:
        return self.rows[place][column] if place in self.rows else 0

    def total(self, column: str) -> int:
        return sum(row[column] for row in self.rows.values())


@dataclass
class Drop:
    """A drop now; `closes_at` in ms, 0 when it does not close by itself."""

    planned: sessions.Drop
    allotted: int
    status: str = "pending"
    closes_at: int = 0


@dataclass
class Piece:
    """Units that a line has at a place, and the quotas they count against."""

    place: str
    units: int
    channel: str | None = None
    drop: str | None = None


@dataclass
class Bundles:
    """A line as it was ordered, of a bundle: how many, and how many came back as such."""

    sku: str
    asked: int
    returned: int = 0


@dataclass
class Line:
    """A line of one item. `of` is the ordered bundle it belongs to; `since` the entry that made its debt or took its
    presold units."""

    sku: str
    asked: int
    location: str | None = None
    region: str | None = None
    drop: str | None = None
    of: Bundles | None = None
    returned: int = 0
    debt: int = 0
    since: int = 0
    presold: list[Piece] = field(default_factory=list)
    open: list[Piece] = field(default_factory=list)
    shipped: list[Piece] = field(default_factory=list)
    places: list[str] = field(default_factory=list)

    @property
    def ordered(self) -> str:
        return self.of.sku if self.of else self.sku

    def add(self, kind: str, piece: Piece) -> None:
        if piece.place not in self.places:
            self.places.append(piece.place)
        getattr(self, kind).append(piece)

    def pieces(self, kind: str) -> list[Piece]:
        """By place, in the order in which the places served; within a place, in the order in which they came."""
        return sorted(getattr(self, kind), key=lambda piece: self.places.index(piece.place))

    def units(self, kind: str) -> int:
        return self.debt if kind == "debt" else sum(piece.units for piece in getattr(self, kind))

    def gone(self) -> int:
        """Units that the line has in any way, or that came back."""
        return self.debt + self.returned + sum(self.units(kind) for kind in ("presold", "open", "shipped"))


@dataclass
class Order:
    """`state`: held, committed, expired, released or early; `since`: the entry that made it; `expires` in ms, 0 for never."""

    name: str
    state: str
    since: int
    channel: str | None = None
    buyer: str | None = None
    expires: int = 0
    lines: list[Line] = field(default_factory=list)
    early: list[c.Command] = field(default_factory=list)

    @property
    def bucket(self) -> str:
        return "committed" if self.state == "committed" else "held"

    @property
    def bundles(self) -> list[Bundles]:
        found: list[Bundles] = []
        for line in self.lines:
            if line.of is not None and not any(line.of is each for each in found):
                found.append(line.of)
        return found

    def units(self, *kinds: str) -> int:
        return sum(line.units(kind) for line in self.lines for kind in kinds)


@dataclass
class Directed:
    """What was said of the director's work, by name.

    rules   whether they are on, where somebody said so
    fired   how often, and entry and item of the last time
    tasks   id and text, in their order
    obs, health, silent, paces   OBS, silent sources and the pace of items, as noted last
    token   the highest that spoke
    """

    rules: dict[str, bool] = field(default_factory=dict)
    fired: dict[str, tuple[int, int, str | None]] = field(default_factory=dict)
    tasks: list[tuple[str, str]] = field(default_factory=list)
    obs: dict[str, Any] = field(default_factory=dict)
    health: dict[str, Any] = field(default_factory=dict)
    silent: dict[str, str] = field(default_factory=dict)
    paces: dict[str, tuple[float | None, str | None]] = field(default_factory=dict)
    paused: dict[str, str | None] = field(default_factory=dict)
    mapped: dict[tuple[str, str], tuple[str, int]] = field(default_factory=dict)
    unmapped: dict[tuple[str, str], tuple[int, int, str]] = field(default_factory=dict)
    dropped: dict[tuple[str, str], int] = field(default_factory=dict)
    pushed: dict[tuple[str, str], tuple[int, int]] = field(default_factory=dict)
    unpushed: dict[tuple[str, str], tuple[str, int]] = field(default_factory=dict)
    token: int = 0


@dataclass
class Alert:
    """Something that somebody has to see: how many, what it is about, and the entry that raised it or made it worse last; who has
    seen it and who has silenced it, with which entry."""

    count: int
    level: str
    kind: str
    sku: str | None
    params: dict[str, str | int]
    seq: int
    seen: tuple[str, int] | None = None
    snoozed: tuple[str, int] | None = None


@dataclass
class Verdict:
    """What is said of one command. `entry`: whether it takes one."""

    reason: str = ""
    oversold: dict[str, int] = field(default_factory=dict)
    excess: int = 0
    quarantined: str | None = None
    early: bool = False
    unconfirmed: bool = False
    personal: bool = False
    expires_at: int = 0
    ends_at: int = 0
    entry: bool = True


@dataclass(frozen=True)
class Written:
    """An entry of the ledger."""

    seq: int
    type: str
    cause: int | None = None


class World:
    """Everything at one moment. Times in ms since 1970."""

    def __init__(self, plan: sessions.SessionPlan) -> None:
        self.plan = plan
        self.now = 0
        self.seq = 1
        self.status = "planned"
        self.written: list[Written] = []
        self.serves = {location.name: location.serves for location in plan.locations}
        self.channels = [channel.name for channel in plan.channels]
        self.items: dict[str, Item] = {}
        for planned in plan.items:
            self.add_item(planned)
        self.order_of_items = [planned.sku for planned in plan.items]
        self.drops = {drop.name: Drop(drop, drop.quantity) for drop in plan.drops}
        self.orders: dict[str, Order] = {}
        self.quarantine: set[int] = set()
        self.gone: Counter[tuple[str, str, str]] = Counter()
        self.took: defaultdict[str, list[tuple[int, int]]] = defaultdict(list)
        self.attempts: Counter[tuple[str, int]] = Counter()
        self.waiting: dict[tuple[str, str], tuple[int, c.StockCount]] = {}
        self.as_of: dict[int, int] = {}
        self.corrected: dict[tuple[str, str], Row] = {}
        self.last_reading: dict[tuple[str, str], int] = {}
        self.moves: defaultdict[tuple[str, str], list[tuple[int, Row]]] = defaultdict(list)
        self.entering: list[tuple[str, str, int]] = []
        self.outputs: list[str] = []
        self.countdowns: dict[str, tuple[str | None, int, bool]] = {}
        self.announcements: dict[str, tuple[tuple[str, str, str | None], int]] = {}
        self.look: dict[str, object] = {}
        self.on_air: dict[str | None, list[str]] = {}
        self.direction = Directed()
        self.alerts: dict[str, Alert] = {}
        self.note: tuple[str, str] | None = None
        self._owed = dict.fromkeys(self.items, 0)

    def add_item(self, planned: sessions.Item) -> Item:
        item = Item(planned, "open" if planned.on_sale else "upcoming")
        for place, row in sessions.opening_rows(self.plan, planned).items():
            item.rows[place] = dict(zip(COLUMNS, row[1:], strict=True))
        item.due = {place: incoming.due for place, incoming in planned.incoming.items()}
        self.items[planned.sku] = item
        return item

    @property
    def takes_requests(self) -> bool:
        return self.status in ("live", "frozen")

    def write(self, type: str, cause: int | None = None) -> int:
        self.seq += 1
        self.written.append(Written(self.seq, type, cause))
        for sku in self.items:
            owed = self.owed(sku)
            if owed != self._owed.get(sku, 0):
                self._owed[sku] = owed
                if owed:
                    self.alert(f"oversold:{sku}", "oversold", owed, self.seq, sku, {"units": owed}, level="urgent")
                else:
                    self.alerts.pop(f"oversold:{sku}", None)
        return self.seq

    def alert(
        self,
        id: str,
        kind: str,
        count: int | None,
        seq: int,
        sku: str | None,
        params: dict[str, str | int],
        level: str = "warning",
    ) -> None:
        """The entry `seq` says so. Without `count`: once more."""
        before = self.alerts.get(id)
        if before is None:
            self.alerts[id] = Alert(count or 1, level, kind, sku, params, seq)
            return
        count = count or before.count + 1
        if count > before.count or (level == "urgent" and before.level != "urgent"):
            before.seq = seq
        before.count, before.level, before.params = count, level, params

    def lines_of(self, sku: str) -> list[tuple[Order, Line]]:
        return [(order, line) for order in self.orders.values() for line in order.lines if line.sku == sku]

    def owed(self, sku: str) -> int:
        return sum(line.debt for _, line in self.lines_of(sku))

    def change_plan(self, sku: str, **changes: object) -> None:
        item = self.items[sku]
        item.planned = msgspec.structs.replace(item.planned, **changes)


def all_units(world: World, sku: str) -> int:
    item = world.items[sku]
    kinds = ("available", "held", "committed", "buffer", "damaged", "incoming", "shipped")
    return world.owed(sku) + sum(item.total(kind) for kind in (*kinds, "presold_held", "presold_committed"))


def milliseconds(moment: dt.datetime | str) -> int:
    """A time with an offset → ms since 1970."""
    if isinstance(moment, str):
        moment = dt.datetime.fromisoformat(moment)
    return round(moment.timestamp() * 1000)
