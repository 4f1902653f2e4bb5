"""What somebody at the desk has to see, folded from entries: units sold that there were not, silent sources, an OBS that is lost,
readings and orders that wait for a decision, what the plan's alerts say, a store or a clock that cannot be relied upon.

An alert goes when it is over; one that a rule raised stays. Somebody may have seen it (`alert.acknowledge`), or want quiet for a
while (`alert.snooze`): until it gets worse, more of it or of a higher level, or comes again. At most model.alerts.AT_MOST are kept.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any, TypeVar

import msgspec
from msgspec import Struct

from overlaykit.board.connections import Named, Unmapped
from overlaykit.board.items import FoldedItem
from overlaykit.board.types import Level
from overlaykit.model import notes as n
from overlaykit.model.alerts import AT_MOST, About, AlertKind, AlertTurn, alert_turn
from overlaykit.model.commands import (
    AlertAcknowledge,
    AlertSnooze,
    QuarantineDrop,
    QuarantineMap,
    StockConfirm,
    StockCount,
)
from overlaykit.model.entries import STOCK_COLUMNS, Entry

T = TypeVar("T")

_RANK: dict[Level, int] = {"info": 1, "warning": 2, "urgent": 3}
_ON_HAND, _AVAILABLE, _HELD, _COMMITTED = map(STOCK_COLUMNS.index, ("on_hand", "available", "held", "committed"))
_OF_NOTES = frozenset({"source.stale", "source.fresh", "obs.changed", "alert.raised"})


class Raised(Struct, frozen=True):
    """An alert. `number` is its place among all that were ever raised; `seq` and `last_at` are the entry that raised it, or made it
    worse last, and its time; the rest is what model.alerts.About says."""

    count: int
    level: Level
    number: int
    seq: int
    since: str
    last_at: str
    kind: AlertKind
    sku: str | None
    params: dict[str, str | int]
    text: str | None


class Seen(Struct, frozen=True):
    """Who has seen an alert, when, and with which entry."""

    by: str
    at: str
    seq: int


class Snoozed(Struct, frozen=True):
    """Who has silenced an alert, until when, and with which entry."""

    by: str
    until: str
    seq: int


class _Said(Struct):
    order: str = ""


class _Lost(Struct, rename={"first": "from", "last": "to"}):
    first: int
    last: int


class _Resumed(Struct):
    lost: _Lost | None = None


@dataclass
class Alerts:
    """Changes in place.

    raised    id → alert, in the order in which they were raised
    seen, snoozed   id → who said so last, of alerts that there are
    ever      how many were ever raised
    left      how many had to leave because there were too many
    """

    raised: dict[str, Raised] = field(default_factory=dict)
    seen: dict[str, Seen] = field(default_factory=dict)
    snoozed: dict[str, Snoozed] = field(default_factory=dict)
    ever: int = 0
    left: int = 0

    @classmethod
    def from_shown(cls, shown: Mapping[str, Any]) -> Alerts:
        """As the store says, in `State.shown`."""
        found = cls()
        for member, value in shown.items():
            kind, _, name = member.partition(" ")
            match kind:
                case "alert":
                    found.raised[name] = msgspec.convert(value, Raised)
                case "acked":
                    found.seen[name] = msgspec.convert(value, Seen)
                case "snoozed":
                    found.snoozed[name] = msgspec.convert(value, Snoozed)
        found.raised = dict(sorted(found.raised.items(), key=lambda pair: pair[1].number))
        _, found.ever, found.left = shown.get("alerts", (0, 0, 0))
        return found

    def to_shown(self) -> dict[str, Any]:
        """The inverse of `from_shown`."""
        parts: dict[str, Mapping[str, Struct]] = {"alert": self.raised, "acked": self.seen, "snoozed": self.snoozed}
        shown = {
            f"{kind} {name}": msgspec.to_builtins(value) for kind, part in parts.items() for name, value in part.items()
        }
        return shown | ({"alerts": [len(self.raised), self.ever, self.left]} if self.ever else {})

    def seen_by(self, alert: str) -> Seen | None:
        """Who has seen it as it is now; None when nobody has, or it got worse since."""
        seen = self.seen.get(alert)
        return seen if seen is not None and seen.seq > self.raised[alert].seq else None

    def snoozed_by(self, alert: str) -> Snoozed | None:
        """Who has silenced it as it is now; None when nobody has, or it got worse since."""
        snoozed = self.snoozed.get(alert)
        return snoozed if snoozed is not None and snoozed.seq > self.raised[alert].seq else None

    def take(
        self, entry: Entry, items: Mapping[str, FoldedItem], unmapped: Mapping[Named, Unmapped], first_place: str
    ) -> bool:
        """Takes an accepted entry into account, before its numbers are in `items` and after it is in `unmapped`, and says whether
        anything changed. `first_place`: the location that is meant where none is named."""
        before = (self.ever, len(self.raised))
        outcome = entry.outcome
        if outcome.quarantined is not None:
            order = _said(entry, _Said).order
            params: dict[str, str | int] = {
                "entry": entry.seq,
                "type": entry.type,
                "order": order,
                "reason": outcome.quarantined,
            }
            self._raise(f"quarantined:{entry.seq}", "warning", 1, About("quarantined", None, params, None), entry)
        match entry.type:
            case "stock.count":
                self._read(entry, items, first_place)
            case "stock.confirm":
                self._lower(f"reading:{_said(entry, StockConfirm).reading}")
            case "quarantine.drop":
                drop = _said(entry, QuarantineDrop)
                over = f"unmapped:{drop.channel}:{drop.platform_sku}"
                self._lower(over if drop.entry is None else f"quarantined:{drop.entry}")
            case "quarantine.map":
                mapped = _said(entry, QuarantineMap)
                self._lower(f"unmapped:{mapped.channel}:{mapped.platform_sku}")
            case "order.unmapped":
                self._put_aside(_said(entry, n.OrderUnmapped), unmapped, entry)
                return True
            case "clock.suspended":
                self._raise(
                    "clock", "urgent", None, About("clock", None, _said(entry, dict[str, str | int]), None), entry
                )
                return True
            case "clock.resumed" | "clock.accept":
                self._lower("clock")
            case "session.resumed":
                lost = _said(entry, _Resumed).lost
                span: dict[str, str | int] = {} if lost is None else {"from": lost.first, "to": lost.last}
                level: Level = "warning" if lost is None else "urgent"
                self._raise("store", level, None, About("store", None, span, None), entry)
                return True
            case "alert.acknowledge":
                seen = _said(entry, AlertAcknowledge)
                if seen.alert in self.raised:
                    self.seen[seen.alert] = Seen(entry.source, entry.at, entry.seq)
                return True
            case "alert.snooze":
                quiet = _said(entry, AlertSnooze)
                if quiet.alert in self.raised:
                    self.snoozed[quiet.alert] = Snoozed(entry.source, outcome.ends_at or entry.at, entry.seq)
                return True
            case _ if entry.type in _OF_NOTES:
                self._turn(alert_turn(_said(entry, n.NOTES[entry.type])), entry)
                return True
        return before != (self.ever, len(self.raised))

    def take_debt(self, sku: str, owed: int, entry: Entry) -> None:
        """An entry says how many units of an item are owed now."""
        if owed:
            about = About("oversold", sku, {"units": owed}, None)
            self._raise(f"oversold:{sku}", "urgent", owed, about, entry)
        else:
            self._lower(f"oversold:{sku}")

    def _turn(self, turn: AlertTurn | None, entry: Entry) -> None:
        if turn is not None and turn.about is not None:
            self._raise(turn.alert, turn.level, turn.count, turn.about, entry)
        elif turn is not None:
            self._lower(turn.alert)

    def _read(self, entry: Entry, items: Mapping[str, FoldedItem], first_place: str) -> None:
        said = _said(entry, StockCount)
        place = said.location or first_place
        for id, alert in list(self.raised.items()):
            if alert.kind == "reading" and (alert.sku, alert.params["location"]) == (said.sku, place):
                self._lower(id)
        if entry.outcome.unconfirmed:
            row = items[said.sku].rows.get(place, [0] * len(STOCK_COLUMNS))
            old = row[_AVAILABLE]
            if said.basis == "on_hand":
                old = row[_ON_HAND] - (0 if said.includes_open_orders else row[_HELD] + row[_COMMITTED])
            params: dict[str, str | int] = {"seq": entry.seq, "location": place, "old": old, "new": said.quantity}
            self._raise(f"reading:{entry.seq}", "warning", 1, About("reading", said.sku, params, None), entry)

    def _put_aside(self, said: n.OrderUnmapped, unmapped: Mapping[Named, Unmapped], entry: Entry) -> None:
        for platform_sku in said.platform_skus:
            waits = unmapped.get(Named(said.channel, platform_sku))
            if waits is not None:
                params: dict[str, str | int] = {"channel": said.channel, "platform_sku": platform_sku}
                params |= {"quantity": waits.quantity, "order": waits.order}
                about = About("unmapped", None, params, None)
                self._raise(f"unmapped:{said.channel}:{platform_sku}", "warning", waits.orders, about, entry)

    def _raise(self, alert: str, level: Level, count: int | None, about: About, entry: Entry) -> None:
        before = self.raised.get(alert)
        if before is None:
            if len(self.raised) == AT_MOST:
                self._make_room()
            self.ever += 1
            number, seq, since, last_at = self.ever, entry.seq, entry.at, entry.at
            count = count or 1
        else:
            count = count or before.count + 1
            worse = count > before.count or _RANK[level] > _RANK[before.level]
            number, since = before.number, before.since
            seq, last_at = (entry.seq, entry.at) if worse else (before.seq, before.last_at)
        self.raised[alert] = Raised(
            count, level, number, seq, since, last_at, about.kind, about.sku, about.params, about.text
        )

    def _lower(self, alert: str) -> None:
        for part in (self.raised, self.seen, self.snoozed):
            part.pop(alert, None)

    def _make_room(self) -> None:
        """The oldest that somebody has seen leaves; when nobody has seen any, the oldest of all."""
        self._lower(next((alert for alert in self.raised if self.seen_by(alert)), next(iter(self.raised))))
        self.left += 1


def _said(entry: Entry, type: type[T]) -> T:
    return msgspec.json.decode(entry.data, type=type)
