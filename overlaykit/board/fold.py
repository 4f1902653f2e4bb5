"""Fold: ledger entries → the state behind a board. It changes in place, reads no clock, and remembers for each part the seq
of its last change, so that anyone can ask what changed after a seq."""

from __future__ import annotations

from typing import NamedTuple

import msgspec

from overlaykit.board.types import Level, SessionStatus
from overlaykit.model.entries import STOCK_COLUMNS, CountdownState, Entry
from overlaykit.model.sessions import Item, SessionPlan, opening_rows
from overlaykit.model.state import State

AVAILABLE, HELD, COMMITTED, SHIPPED, OPENING = (
    STOCK_COLUMNS.index(name) for name in ("available", "held", "committed", "shipped", "opening")
)

_STATUS_AFTER: dict[str, SessionStatus] = {
    "session.open": "live",
    "session.freeze": "frozen",
    "session.thaw": "live",
    "session.close": "closed",
}

_entry = msgspec.json.Decoder(Entry)


class OutOfOrder(Exception):
    """An entry that does not follow the fold's last one."""


class AnnouncementState(msgspec.Struct, frozen=True):
    """A banner that is up; `seq` is the entry that put it up."""

    id: str
    text: str
    level: Level
    sku: str | None
    ends_at: str | None
    seq: int


class Shown(NamedTuple):
    """The units an item shows: its rows by location, and its oversold units."""

    rows: dict[str, list[int]]
    owed: int


class FoldedItem:
    """An item as the entries have made it. `seq` is its last change, `frozen` what it shows while frozen, if it changed since."""

    __slots__ = ("frozen", "frozen_at", "owed", "planned", "rows", "sale", "seq")

    def __init__(self, planned: Item, sale: str, owed: int, rows: dict[str, list[int]], seq: int) -> None:
        self.planned = planned
        self.sale = sale
        self.owed = owed
        self.rows = rows
        self.seq = seq
        self.frozen_at = 0
        self.frozen: Shown | None = None

    def shown(self, freeze: int) -> Shown:
        """What is shown: the true units, or those of the freeze with the seq `freeze`."""
        if freeze and self.frozen_at == freeze and self.frozen is not None:
            return self.frozen
        return Shown(self.rows, self.owed)

    def keep_shown(self, freeze: int) -> None:
        """Before the first change after a freeze: keeps what is shown."""
        if freeze and self.frozen_at != freeze:
            self.frozen_at, self.frozen = freeze, Shown(dict(self.rows), self.owed)


class _AnnouncementData(msgspec.Struct):
    text: str = ""
    level: Level = "info"
    sku: str | None = None
    announcement: str | None = None


class _Target(msgspec.Struct):
    sku: str | None = None
    name: str | None = None
    channel: str | None = None


class Fold:
    """The state after entry `seq` of one ledger.

    items          sku → FoldedItem, in running order
    status, freeze session status; seq of the running freeze, 0 without
    on_air         channel (None: the room) → skus on air, first one first
    countdowns, announcements   by name and by id
    part_seq       part → seq of its last change; parts: session, on_air, countdowns, announcements
    order_of_change  skus, the one that changed last at the end
    """

    def __init__(self, plan: SessionPlan, seq: int) -> None:
        self.plan = plan
        self.seq = seq
        self.base = seq
        self.items: dict[str, FoldedItem] = {}
        self.status: SessionStatus = "planned"
        self.freeze = 0
        self.on_air: dict[str | None, tuple[str, ...]] = {}
        self.countdowns: dict[str, CountdownState] = {}
        self.announcements: dict[str, AnnouncementState] = {}
        self.part_seq = dict.fromkeys(("session", "on_air", "countdowns", "announcements"), seq)
        self.order_of_change: dict[str, None] = {}

    @classmethod
    def from_state(cls, state: State) -> Fold:
        """The fold after `state.seq`, as if it had seen every entry up to there."""
        fold = cls(state.plan, state.seq)
        fold.status, fold.freeze = state.status, state.frozen
        for planned in state.plan.items:
            found = state.items[planned.sku]
            item = FoldedItem(planned, found.sale, found.owed, found.rows, state.seq)
            if found.frozen_rows is not None and found.frozen_at == state.frozen:
                item.frozen_at, item.frozen = found.frozen_at, Shown(found.frozen_rows, found.frozen_owed)
            fold._add(item)
        for field, value in state.shown.items():
            kind, _, name = field.partition(" ")
            if kind == "on_air":
                fold.on_air[name or None] = tuple(value)
            elif kind == "countdown":
                fold.countdowns[name] = msgspec.convert(value, CountdownState)
            else:
                fold.announcements[name] = msgspec.convert(value, AnnouncementState)
        order = {name: state.shown[f"countdown {name}"]["order"] for name in fold.countdowns}
        fold.countdowns = dict(sorted(fold.countdowns.items(), key=lambda pair: order[pair[0]]))
        fold.announcements = dict(sorted(fold.announcements.items(), key=lambda pair: pair[1].seq))
        return fold

    @classmethod
    def from_first_entry(cls, line: bytes) -> Fold:
        """The fold after entry 1, session.planned."""
        entry = _entry.decode(line)
        if entry.seq != 1 or entry.type != "session.planned":
            raise OutOfOrder(f"a ledger begins with entry 1, session.planned; this is entry {entry.seq}, {entry.type}")
        plan = msgspec.json.decode(entry.data, type=SessionPlan)
        fold = cls(plan, 1)
        for planned in plan.items:
            fold._add(FoldedItem(planned, "open" if planned.on_sale else "upcoming", 0, opening_rows(plan, planned), 1))
        return fold

    def apply(self, line: bytes) -> None:
        """Applies the next ledger line. Raises OutOfOrder when it is not the next one."""
        entry = _entry.decode(line)
        if entry.seq != self.seq + 1:
            raise OutOfOrder(f"entry {entry.seq} does not follow entry {self.seq}")
        self.seq = entry.seq
        if entry.outcome.stock or entry.outcome.owed:
            self._take_rows(entry)
        if not entry.type.startswith("order."):
            self._take_rest(entry)

    def _add(self, item: FoldedItem) -> None:
        self.items[item.planned.sku] = item
        self.order_of_change[item.planned.sku] = None

    def _changed(self, item: FoldedItem) -> None:
        item.seq = self.seq
        del self.order_of_change[item.planned.sku]
        self.order_of_change[item.planned.sku] = None

    def _take_rows(self, entry: Entry) -> None:
        for sku, rows in entry.outcome.stock.items():
            item = self.items[sku]
            item.keep_shown(self.freeze)
            item.rows.update(rows)
            self._changed(item)
        for sku, owed in entry.outcome.owed.items():
            item = self.items[sku]
            item.keep_shown(self.freeze)
            item.owed = owed
            self._changed(item)

    def _take_rest(self, entry: Entry) -> None:
        outcome = entry.outcome
        if outcome.status != "accepted":
            return
        match entry.type:
            case "item.open" | "item.close":
                item = self.items[_target(entry).sku or ""]
                item.sale = "open" if entry.type == "item.open" else "closed"
                self._changed(item)
            case "item.feature":
                self._feature(_target(entry).channel, tuple(outcome.on_air or ()))
            case "session.open" | "session.freeze" | "session.thaw" | "session.close":
                self._turn(entry.type, outcome.countdowns)
            case "countdown.set":
                self._set_countdowns(outcome.countdowns, gone=_target(entry).name)
            case "announce.show":
                data = msgspec.json.decode(entry.data, type=_AnnouncementData)
                self.announcements.pop(entry.id, None)
                self.announcements[entry.id] = AnnouncementState(
                    entry.id, data.text, data.level, data.sku, outcome.ends_at, entry.seq
                )
                self.part_seq["announcements"] = self.seq
            case "announce.clear" | "announce.expired":
                which = msgspec.json.decode(entry.data, type=_AnnouncementData).announcement
                if which is None:
                    self.announcements.clear()
                else:
                    self.announcements.pop(which, None)
                self.part_seq["announcements"] = self.seq

    def _feature(self, channel: str | None, skus: tuple[str, ...]) -> None:
        for sku in {*self.on_air.get(channel, ()), *skus}:
            self._changed(self.items[sku])
        self.on_air[channel] = skus
        self.part_seq["on_air"] = self.seq

    def _turn(self, kind: str, countdowns: list[CountdownState]) -> None:
        was_frozen, was_planned = self.freeze, self.status == "planned"
        self.status = _STATUS_AFTER[kind]
        self.freeze = self.seq if kind == "session.freeze" else 0
        self.part_seq["session"] = self.seq
        for item in list(self.items.values()):
            if was_planned or self.status == "closed" or (was_frozen and item.frozen_at == was_frozen):
                self._changed(item)
        if countdowns:
            self._set_countdowns(countdowns, gone=None)

    def _set_countdowns(self, countdowns: list[CountdownState], gone: str | None) -> None:
        touched: set[str | None] = set()
        if gone is not None and gone in self.countdowns:
            touched.add(self.countdowns.pop(gone).sku)
        for each in countdowns:
            before = self.countdowns.pop(each.name, None)
            if before is not None:
                touched.add(before.sku)
            self.countdowns[each.name] = each  # the one set last is the last
            touched.add(each.sku)
        for sku in touched:
            if sku is not None:
                self._changed(self.items[sku])
        self.part_seq["countdowns"] = self.seq


def _target(entry: Entry) -> _Target:
    return msgspec.json.decode(entry.data, type=_Target)
