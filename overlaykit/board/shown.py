"""What a board shows besides units, from the fields of the store (`State.shown`) and back."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import msgspec
from msgspec import Struct

from overlaykit.board.alerts import Alerts
from overlaykit.board.connections import Connections
from overlaykit.board.direction import Direction
from overlaykit.board.look import OptionValue
from overlaykit.board.types import Level
from overlaykit.model.entries import CountdownState


class AnnouncementState(Struct, frozen=True):
    """A banner that is up; `seq` is the entry that put it up."""

    id: str
    text: str
    level: Level
    sku: str | None
    ends_at: str | None
    seq: int


class OperatorNote(Struct, frozen=True):
    """What the operator tells the presenter, who said it and when."""

    text: str
    by: str
    at: str


class Shown(Struct):
    """The parts, as `Fold` has them."""

    on_air: dict[str | None, tuple[str, ...]]
    countdowns: dict[str, CountdownState]
    announcements: dict[str, AnnouncementState]
    theme: str | None
    options: dict[str, OptionValue]
    direction: Direction
    connections: Connections
    alerts: Alerts
    note: OperatorNote | None


def read_shown(shown: Mapping[str, Any]) -> Shown:
    """The parts in the fields. Countdowns and announcements come in the order in which they were set."""
    said = Direction.from_shown(shown), Connections.from_shown(shown), Alerts.from_shown(shown)
    note = msgspec.convert(shown["note"], OperatorNote) if "note" in shown else None
    found = Shown({}, {}, {}, shown.get("theme"), {}, *said, note)
    for field, value in shown.items():
        kind, _, name = field.partition(" ")
        match kind:
            case "on_air":
                found.on_air[name or None] = tuple(value)
            case "countdown":
                found.countdowns[name] = msgspec.convert(value, CountdownState)
            case "announce":
                found.announcements[name] = msgspec.convert(value, AnnouncementState)
            case "option":
                found.options[name] = value
    order = {name: shown[f"countdown {name}"]["order"] for name in found.countdowns}
    found.countdowns = dict(sorted(found.countdowns.items(), key=lambda pair: order[pair[0]]))
    found.announcements = dict(sorted(found.announcements.items(), key=lambda pair: pair[1].seq))
    return found


def write_shown(parts: Shown) -> dict[str, Any]:
    """The inverse of `read_shown`. A countdown's `order` is its place here; in the store it begins with the seq that set it."""
    shown: dict[str, Any] = {
        f"on_air {channel}" if channel else "on_air": list(skus) for channel, skus in parts.on_air.items()
    }
    for place, (name, countdown) in enumerate(parts.countdowns.items()):
        shown[f"countdown {name}"] = {**msgspec.to_builtins(countdown), "order": [0, place]}
    for id, announcement in parts.announcements.items():
        shown[f"announce {id}"] = msgspec.to_builtins(announcement)
    for name, value in parts.options.items():
        shown[f"option {name}"] = value
    if parts.theme is not None:
        shown["theme"] = parts.theme
    if parts.note is not None:
        shown["note"] = msgspec.to_builtins(parts.note)
    return shown | parts.direction.to_shown() | parts.connections.to_shown() | parts.alerts.to_shown()
