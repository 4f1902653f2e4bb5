"""Fold: ledger entries → the state behind a board. It changes in place, reads no clock, and remembers for each part the seq
of its last change, so that anyone can ask what changed after a seq."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Literal

import msgspec
from msgspec import UNSET

from overlaykit.board.alerts import Alerts
from overlaykit.board.connections import Connections
from overlaykit.board.direction import Direction
from overlaykit.board.items import FoldedItem, begin_item
from overlaykit.board.look import Look, OptionValue
from overlaykit.board.shown import AnnouncementState, OperatorNote, Shown, read_shown, write_shown
from overlaykit.board.types import Level, SessionStatus
from overlaykit.model.catalogue import Catalogue
from overlaykit.model.commands import COMMANDS, ItemAdd, ItemUpdate, NoteSet, OverlaySet
from overlaykit.model.entries import CountdownState, Entry, EntryOutcome
from overlaykit.model.sessions import Drop, Item, SessionPlan
from overlaykit.model.state import State

_STATUS_AFTER: dict[str, SessionStatus] = {
    "session.open": "live",
    "session.freeze": "frozen",
    "session.thaw": "live",
    "session.close": "closed",
}

_ORDERS = frozenset(type for type in COMMANDS if type.startswith("order."))
"""They change numbers, and nothing else that is shown."""

_PARTS = ("session", "on_air", "order", "countdowns", "announcements", "look", "direction")

_entry = msgspec.json.Decoder(Entry)


class OutOfOrder(Exception):
    """An entry that does not follow the fold's last one."""


class _AnnouncementData(msgspec.Struct):
    text: str = ""
    level: Level = "info"
    sku: str | None = None
    announcement: str | None = None


class _Target(msgspec.Struct):
    """What the data of an entry may say about what it means."""

    sku: str | None = None
    name: str | None = None
    channel: str | None = None
    location: str | None = None
    bucket: str | None = None
    due: str | None = None
    mode: Literal["spot", "presale"] = "spot"
    ship_by: str | None = None
    position: int = 1
    epoch: str = ""


class Fold:
    """The state after entry `seq` of one ledger.

    items          sku → FoldedItem, in running order
    variants       product → skus of its variants, in running order
    drops_of       sku → drops of the item, in the plan's order
    status, freeze, suspended   session status; seq of the running freeze, 0 without; whether nothing ends by time now
    epoch     the epoch that the ledger stands in; "" while no entry says so
    on_air         channel (None: the room) → skus on air, first one first
    countdowns, announcements   by name and by id
    direction      what the director and the gateway have said
    connections    what was said of the ways to the platforms
    alerts         what somebody at the desk has to see
    note           what the operator tells the presenter
    stale_places   locations whose units may be wrong
    theme, options   what overlay.set says of the overlays: None and {} while it says nothing
    deadlines      sku → end of the countdown that belongs to the item, the one set last
    part_seq       part → seq of its last change; parts: session, on_air, order, countdowns, announcements, look, direction
    product_seq    product → seq after which it has other variants, or the same in another order
    order_of_change  skus, the one that changed last at the end
    """

    def __init__(self, plan: SessionPlan, seq: int) -> None:
        self._catalogue = Catalogue(plan)
        self._drops: dict[str, Drop] = {drop.name: drop for drop in plan.drops}
        self._bundles_with: dict[str, list[str]] = {}
        self.seq = seq
        self.base = seq
        self.items: dict[str, FoldedItem] = {}
        self.variants: dict[str, list[str]] = {}
        self.drops_of: dict[str, list[Drop]] = {}
        self.status: SessionStatus = "planned"
        self.freeze = 0
        self.suspended = False
        self.epoch = ""
        self.on_air: dict[str | None, tuple[str, ...]] = {}
        self.countdowns: dict[str, CountdownState] = {}
        self.announcements: dict[str, AnnouncementState] = {}
        self.direction = Direction()
        self.connections = Connections()
        self.alerts = Alerts()
        self.note: OperatorNote | None = None
        self.stale_places: frozenset[str] = frozenset()
        self.theme: str | None = None
        self.options: dict[str, OptionValue] = {}
        self.deadlines: dict[str, str] = {}
        self.part_seq = dict.fromkeys(_PARTS, seq)
        self.product_seq: dict[str, int] = {}
        self.order_of_change: dict[str, None] = {}
        for drop in plan.drops:
            self.drops_of.setdefault(drop.sku, []).append(drop)

    @property
    def plan(self) -> SessionPlan:
        """The plan as it is now."""
        return self._catalogue.plan

    @property
    def look(self) -> Look:
        """How overlays look now."""
        plan = self._catalogue.plan
        return Look(self.theme or plan.theme, {**plan.options, **self.options})

    @classmethod
    def from_state(cls, state: State) -> Fold:
        """The fold after `state.seq`, as if it had seen every entry up to there."""
        fold = cls(state.plan, state.seq)
        fold.status, fold.freeze, fold.suspended = state.status, state.frozen, state.suspended
        fold.epoch = state.epoch
        for planned in state.plan.items:
            fold._add(FoldedItem(planned, state.items[planned.sku], state.seq))
        shown = read_shown(state.shown)
        fold.on_air, fold.countdowns, fold.announcements = shown.on_air, shown.countdowns, shown.announcements
        fold.theme, fold.options = shown.theme, shown.options
        fold.direction, fold.connections = shown.direction, shown.connections
        fold.alerts, fold.note = shown.alerts, shown.note
        fold.deadlines = {each.sku: each.ends_at for each in fold.countdowns.values() if each.sku is not None}
        fold.stale_places = fold.direction.stale_places(fold.plan.locations)
        return fold

    def to_state(self) -> State:
        """The inverse of `from_state`: nothing in it changes when the fold goes on."""
        said = (self.theme, self.options, self.direction, self.connections, self.alerts, self.note)
        shown = Shown(self.on_air, self.countdowns, self.announcements, *said)
        return State(
            seq=self.seq,
            epoch=self.epoch,
            status=self.status,
            frozen=self.freeze,
            suspended=self.suspended,
            plan=self.plan,
            items={sku: item.stored() for sku, item in self.items.items()},
            shown=write_shown(shown),
        )

    @classmethod
    def from_first_entry(cls, line: bytes) -> Fold:
        """The fold after entry 1, session.planned."""
        entry = _entry.decode(line)
        if entry.seq != 1 or entry.type != "session.planned":
            raise OutOfOrder(f"a ledger begins with entry 1, session.planned; this is entry {entry.seq}, {entry.type}")
        fold = cls(msgspec.json.decode(entry.data, type=SessionPlan), 1)
        for planned in fold.plan.items:
            fold._begin(planned)
        return fold

    def apply(self, line: bytes) -> None:
        """Applies the next ledger line. Raises OutOfOrder when it is not the next one."""
        entry = _entry.decode(line)
        if entry.seq != self.seq + 1:
            raise OutOfOrder(f"entry {entry.seq} does not follow entry {self.seq}")
        self.seq = entry.seq
        outcome = entry.outcome
        if outcome.status == "accepted" and entry.type not in _ORDERS:
            self._take_rest(entry)
        if outcome.status == "accepted" and (outcome.quarantined is not None or entry.type not in _ORDERS):
            self._take_alerts(entry)
        if outcome.owed:
            for sku, owed in outcome.owed.items():
                self.alerts.take_debt(sku, owed, entry)
            self.part_seq["direction"] = self.seq
        if outcome.stock or outcome.owed or outcome.quotas or outcome.bundles:
            self._take_numbers(outcome)

    # Items and what is said of them.

    def _begin(self, planned: Item) -> None:
        stored = begin_item(self._catalogue.plan, planned, self.drops_of.get(planned.sku, ()))
        self._add(FoldedItem(planned, stored, self.seq))

    def _add(self, item: FoldedItem) -> None:
        planned = item.planned
        self.items[planned.sku] = item
        self.order_of_change[planned.sku] = None
        if planned.product is not None:
            self.variants.setdefault(planned.product, []).append(planned.sku)
        for part in planned.bundle:
            self._bundles_with.setdefault(part, []).append(planned.sku)

    def _changed(self, item: FoldedItem) -> None:
        """The item, and with it the bundles that it is part of."""
        for sku in (item.planned.sku, *self._bundles_with.get(item.planned.sku, ())):
            self.items[sku].seq = self.seq
            del self.order_of_change[sku]
            self.order_of_change[sku] = None

    def _numbers_of(self, sku: str) -> FoldedItem:
        """The item, about to get other numbers."""
        item = self.items[sku]
        item.keep_shown(self.freeze)
        self._changed(item)
        return item

    def _take_numbers(self, outcome: EntryOutcome) -> None:
        for sku, rows in outcome.stock.items():
            self._numbers_of(sku).rows.update(rows)
        for sku, owed in outcome.owed.items():
            self._numbers_of(sku).owed = owed
        for sku, quotas in outcome.quotas.items():
            self._numbers_of(sku).quotas = quotas
        for sku, bundles in outcome.bundles.items():
            self._numbers_of(sku).bundles = bundles

    def _say(self, planned: Item) -> None:
        """Another thing is said of an item."""
        item = self.items[planned.sku]
        before, item.planned = item.planned, planned
        self._changed(item)
        if planned.product != before.product:
            self._group(before.product, planned.product)

    def _arrange(self, moved: str) -> None:
        self.items = {sku: self.items[sku] for sku in self._catalogue.items}
        self._group(self.items[moved].planned.product)
        self.part_seq["order"] = self.seq

    def _group(self, *products: str | None) -> None:
        """Finds the variants of products again."""
        for product in products:
            if product is not None:
                skus = [sku for sku, item in self.items.items() if item.planned.product == product]
                if skus:
                    self.variants[product] = skus
                else:
                    self.variants.pop(product, None)
                self.product_seq[product] = self.seq

    def _take_alerts(self, entry: Entry) -> None:
        if self.alerts.take(entry, self.items, self.connections.unmapped, self.plan.locations[0].name):
            self.part_seq["direction"] = self.seq

    # Entries by type.

    def _take_rest(self, entry: Entry) -> None:
        outcome = entry.outcome
        gone = list(outcome.ended)
        match entry.type:
            case "item.open" | "item.close":
                item = self.items[_target(entry).sku or ""]
                item.sale = "open" if entry.type == "item.open" else "closed"
                self._changed(item)
            case "item.mode":
                said = _target(entry)
                item = self.items[said.sku or ""]
                item.mode, item.ship_by = said.mode, said.ship_by
                self._changed(item)
            case "item.add" | "item.update" | "item.move":
                self._change_catalogue(entry)
            case "item.feature":
                self._feature(_target(entry).channel, tuple(outcome.on_air or ()))
            case "stock.adjust":
                self._expect(_target(entry))
            case "session.open" | "session.freeze" | "session.thaw" | "session.close":
                self._turn(entry.type)
            case "clock.suspended" | "clock.resumed" | "clock.accept":
                self.suspended = entry.type == "clock.suspended"
            case "session.resumed":
                self.epoch = _target(entry).epoch
            case "countdown.set" if (name := _target(entry).name) is not None:
                gone.append(name)
            case "announce.show" | "announce.clear" | "announce.expired":
                self._announce(entry)
            case "overlay.set":
                self._set_look(msgspec.json.decode(entry.data, type=OverlaySet))
            case "note.set":
                text = msgspec.json.decode(entry.data, type=NoteSet).text
                self.note = None if text is None else OperatorNote(text, entry.source, entry.at)
                self.part_seq["direction"] = self.seq
            case "forecast.updated":
                for sku in self.direction.take_paces(entry):
                    if sku in self.items:
                        self._changed(self.items[sku])
            case _ if self.connections.take(entry):
                if entry.type != "stock.pushed":
                    self.part_seq["direction"] = self.seq
            case _ if self.direction.take(entry):
                self.part_seq["direction"] = self.seq
                self._find_stale_places()
        if gone or outcome.countdowns:
            self._set_countdowns(outcome.countdowns, gone)

    def _change_catalogue(self, entry: Entry) -> None:
        match entry.type:
            case "item.add":
                self._begin(self._catalogue.add(msgspec.json.decode(entry.data, type=ItemAdd)))
                self.part_seq["order"] = self.seq
            case "item.update":
                self._say(self._catalogue.update(msgspec.json.decode(entry.data, type=ItemUpdate)))
            case _:
                said = _target(entry)
                self._catalogue.move(said.sku or "", said.position)
                self._arrange(said.sku or "")

    def _feature(self, channel: str | None, skus: tuple[str, ...]) -> None:
        # A channel without a choice of its own had shown the room's.
        before = self.on_air.get(channel, self.on_air.get(None, ()))
        for sku in {*before, *skus}:
            self._changed(self.items[sku])
        self.on_air[channel] = skus
        self.part_seq["on_air"] = self.seq

    def _expect(self, said: _Target) -> None:
        """The day on which incoming units come."""
        if said.bucket == "incoming" and said.due is not None:
            self.items[said.sku or ""].due[said.location or self.plan.locations[0].name] = said.due

    def _turn(self, kind: str) -> None:
        was_frozen, was_planned = self.freeze, self.status == "planned"
        self.status = _STATUS_AFTER[kind]
        self.freeze = self.seq if kind == "session.freeze" else 0
        self.part_seq["session"] = self.seq
        for item in list(self.items.values()):
            if was_planned or self.status == "closed" or (was_frozen and item.frozen_at == was_frozen):
                self._changed(item)

    def _announce(self, entry: Entry) -> None:
        said = msgspec.json.decode(entry.data, type=_AnnouncementData)
        if entry.type == "announce.show":
            same = (said.text, said.level, said.sku)
            for id, each in list(self.announcements.items()):
                if (each.text, each.level, each.sku) == same:
                    del self.announcements[id]
            self.announcements[entry.id] = AnnouncementState(
                entry.id, said.text, said.level, said.sku, entry.outcome.ends_at, entry.seq
            )
        elif said.announcement is None:
            self.announcements.clear()
        else:
            self.announcements.pop(said.announcement, None)
        self.part_seq["announcements"] = self.seq

    def _find_stale_places(self) -> None:
        before, self.stale_places = self.stale_places, self.direction.stale_places(self.plan.locations)
        if turned := before ^ self.stale_places:
            for item in list(self.items.values()):
                if not turned.isdisjoint(item.rows):
                    self._changed(item)

    def _set_look(self, said: OverlaySet) -> None:
        if said.theme is not UNSET:
            self.theme = said.theme
        for name, value in said.options.items():
            if value is None:
                self.options.pop(name, None)
            else:
                self.options[name] = value
        self.part_seq["look"] = self.seq

    def _set_countdowns(self, countdowns: Iterable[CountdownState], gone: Iterable[str]) -> None:
        touched: set[str] = set()
        for name in gone:
            if name in self.countdowns:
                touched.update(self._items_of(self.countdowns.pop(name)))
        for each in countdowns:
            if (before := self.countdowns.pop(each.name, None)) is not None:
                touched.update(self._items_of(before))
            self.countdowns[each.name] = each  # the one set last is the last
            touched.update(self._items_of(each))
        ends = {each.sku: each.ends_at for each in self.countdowns.values()}
        for sku in touched:
            if sku in ends:
                self.deadlines[sku] = ends[sku]
            else:
                self.deadlines.pop(sku, None)
            self._changed(self.items[sku])
        self.part_seq["countdowns"] = self.seq

    def _items_of(self, countdown: CountdownState) -> list[str]:
        """The items that show a countdown: its own, and the one whose drop it closes."""
        found = [] if countdown.sku is None else [countdown.sku]
        if countdown.name.endswith("-close"):
            drop = self._drops.get(countdown.name.removesuffix("-close"))
            found += [] if drop is None else [drop.sku]
        return found


def _target(entry: Entry) -> _Target:
    return msgspec.json.decode(entry.data, type=_Target)
