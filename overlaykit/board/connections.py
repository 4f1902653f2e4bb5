"""What was said of the ways to the platforms, folded from commands and notes: what is paused, what their skus are here, what waits
for want of that, and which numbers they have."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from itertools import takewhile
from typing import Any, NamedTuple, TypeVar

import msgspec
from msgspec import Struct

from overlaykit.model import notes as n
from overlaykit.model.commands import ConnectorPause, ConnectorResume, QuarantineDrop, QuarantineMap
from overlaykit.model.entries import Entry
from overlaykit.model.sessions import Mapped

T = TypeVar("T")

_ZERO = "\0"
"""Between a channel and a sku, which may both have spaces."""


class Named(NamedTuple):
    """Something of a channel: a platform's sku, or one of ours."""

    channel: str
    sku: str


class Pause(Struct, frozen=True):
    """Since when a connector is paused, and why."""

    reason: str | None
    at: str


class Unmapped(Struct, frozen=True):
    """Orders that wait for want of a platform's sku, and its units in them; `order` is the last of them."""

    orders: int
    quantity: int
    since: str
    order: str


class Pushed(Struct, frozen=True):
    """A number that a platform has; `seq` is the entry that says so."""

    quantity: int
    at: str
    seq: int


class Unpushed(Struct, frozen=True):
    """Why a number could not be written; `seq` is the entry that says so."""

    reason: str
    at: str
    seq: int


@dataclass
class Connections:
    """Changes in place.

    paused     section and name → its pause
    mapped     platform's sku → what it is here, over what the plan says
    unmapped   platform's sku → what waits for want of it, the oldest first
    dropped    platform's sku → the entry that last let go what waited for want of it
    pushed     sku → the number that the platform has, the one written last at the end
    unpushed   sku → why the number after that could not be written, the last one at the end
    """

    paused: dict[str, Pause] = field(default_factory=dict)
    mapped: dict[Named, Mapped] = field(default_factory=dict)
    unmapped: dict[Named, Unmapped] = field(default_factory=dict)
    dropped: dict[Named, int] = field(default_factory=dict)
    pushed: dict[Named, Pushed] = field(default_factory=dict)
    unpushed: dict[Named, Unpushed] = field(default_factory=dict)

    @classmethod
    def from_shown(cls, shown: Mapping[str, Any]) -> Connections:
        """As the store says, in `State.shown`."""
        found = cls()
        for member, value in shown.items():
            kind, _, name = member.partition(" ")
            match kind:
                case "paused":
                    found.paused[name] = msgspec.convert(value, Pause)
                case "map":
                    found.mapped[_named(name)] = msgspec.convert(value, Mapped)
                case "dropped":
                    found.dropped[_named(name)] = msgspec.convert(value, int)
                case "pushed":
                    found.pushed[_named(name)] = msgspec.convert(value, Pushed)
                case "unpushed":
                    found.unpushed[_named(name)] = msgspec.convert(value, Unpushed)
        for name in shown.get("unmapped", ()):
            found.unmapped[_named(name)] = msgspec.convert(shown[f"unmapped {name}"], Unmapped)
        found.pushed = dict(sorted(found.pushed.items(), key=lambda pair: pair[1].seq))
        found.unpushed = dict(sorted(found.unpushed.items(), key=lambda pair: pair[1].seq))
        return found

    def to_shown(self) -> dict[str, Any]:
        """The inverse of `from_shown`."""
        parts: dict[str, Mapping[Named, Struct]] = {
            "map": self.mapped,
            "unmapped": self.unmapped,
            "pushed": self.pushed,
            "unpushed": self.unpushed,
        }
        shown = {
            f"{kind} {_ZERO.join(name)}": msgspec.to_builtins(value)
            for kind, part in parts.items()
            for name, value in part.items()
        }
        shown |= {f"dropped {_ZERO.join(name)}": seq for name, seq in self.dropped.items()}
        shown |= {f"paused {name}": msgspec.to_builtins(pause) for name, pause in self.paused.items()}
        return shown | ({"unmapped": [_ZERO.join(name) for name in self.unmapped]} if self.unmapped else {})

    def take(self, entry: Entry) -> bool:
        """Takes an entry into account, and says whether it was one that changes something here."""
        match entry.type:
            case "connector.pause":
                pause = _said(entry, ConnectorPause)
                self.paused[pause.name] = Pause(pause.reason, entry.at)
            case "connector.resume":
                self.paused.pop(_said(entry, ConnectorResume).name, None)
            case "quarantine.map":
                said = _said(entry, QuarantineMap)
                name = Named(said.channel, said.platform_sku)
                self.mapped[name] = Mapped(said.sku, said.quantity)
                self.unmapped.pop(name, None)
            case "quarantine.drop":
                drop = _said(entry, QuarantineDrop)
                if drop.channel and drop.platform_sku:
                    name = Named(drop.channel, drop.platform_sku)
                    self.unmapped.pop(name, None)
                    self.dropped[name] = entry.seq
            case "order.unmapped":
                self._put_aside(_said(entry, n.OrderUnmapped), entry)
            case "stock.pushed":
                self._push(_said(entry, n.StockPushed), entry)
            case _:
                return False
        return True

    def pushed_after(self, seq: int) -> Iterator[Named]:
        """Whose number was written, or could not be, after an entry; in no order, and some twice."""
        for part in (self.pushed, self.unpushed):
            yield from takewhile(lambda name, part=part: part[name].seq > seq, reversed(part))  # type: ignore[misc]

    def _put_aside(self, said: n.OrderUnmapped, entry: Entry) -> None:
        for platform_sku, units in said.platform_skus.items():
            name = Named(said.channel, platform_sku)
            before = self.unmapped.get(name)
            if before is not None:
                now = Unmapped(before.orders + 1, before.quantity + units, before.since, said.order)
            elif len(self.unmapped) < n.UNMAPPED_AT_MOST:
                now = Unmapped(1, units, entry.at, said.order)
            else:
                continue
            self.unmapped[name] = now

    def _push(self, said: n.StockPushed, entry: Entry) -> None:
        for sku, quantity in said.levels.items():
            name = Named(said.channel, sku)
            self.pushed.pop(name, None)
            self.unpushed.pop(name, None)
            self.pushed[name] = Pushed(quantity, entry.at, entry.seq)
        for sku, reason in said.failed.items():
            name = Named(said.channel, sku)
            self.unpushed.pop(name, None)
            self.unpushed[name] = Unpushed(reason, entry.at, entry.seq)


def _named(name: str) -> Named:
    channel, _, sku = name.partition(_ZERO)
    return Named(channel, sku)


def _said(entry: Entry, type: type[T]) -> T:
    return msgspec.json.decode(entry.data, type=type)
