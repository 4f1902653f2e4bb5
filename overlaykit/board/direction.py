"""What the director and the gateway have said of rules, tasks, OBS, sources and pace, folded from their notes."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from typing import Any, Literal, TypeVar

import msgspec
from msgspec import Struct

from overlaykit.board.types import Level
from overlaykit.model import notes as n
from overlaykit.model.commands import RuleSet, TaskDone
from overlaykit.model.entries import Entry
from overlaykit.model.notes import ObsState, ObsValues, Pace
from overlaykit.model.sessions import Location

UNKNOWN_PACE: Pace = (None, None)

T = TypeVar("T")


class Firings(Struct, frozen=True):
    """How often a rule has fired, and when last: its entry, and the item."""

    count: int
    at: str
    seq: int
    sku: str | None


class OpenTask(Struct, frozen=True, kw_only=True):
    """A task as it was opened; `source` says by whom, such as rule:NAME."""

    kind: n.TaskKind | None
    params: dict[str, str | int]
    text: str
    why: str
    level: Level
    copy: bool
    confirm: bool
    trouble: Literal["failed", "uncertain"] | None
    sku: str | None
    source: str
    opened_at: str


class _Dropped(Struct):
    task: str


@dataclass
class Direction:
    """Changes in place.

    switched   rule → whether it is on, where somebody said so; others are as the plan says
    fired      rule → its firings
    tasks      id → open task, the oldest first
    obs        OBS → how it stands
    health     OBS → how it fares
    silent     source → since when
    paces      sku → units a minute, and when it sells out
    """

    switched: dict[str, bool] = field(default_factory=dict)
    fired: dict[str, Firings] = field(default_factory=dict)
    tasks: dict[str, OpenTask] = field(default_factory=dict)
    obs: dict[str, ObsState] = field(default_factory=dict)
    health: dict[str, ObsValues] = field(default_factory=dict)
    silent: dict[str, str] = field(default_factory=dict)
    paces: dict[str, Pace] = field(default_factory=dict)

    @classmethod
    def from_shown(cls, shown: Mapping[str, Any]) -> Direction:
        """As the store says, in `State.shown`."""
        found = cls()
        for member, value in shown.items():
            kind, _, name = member.partition(" ")
            match kind:
                case "rule":
                    found.switched[name] = value
                case "fired":
                    found.fired[name] = msgspec.convert(value, Firings)
                case "obs":
                    found.obs[name] = msgspec.convert(value, ObsState)
                case "health":
                    found.health[name] = msgspec.convert(value, ObsValues)
                case "source":
                    found.silent[name] = value
                case "pace":
                    found.paces[name] = msgspec.convert(value, Pace)
        for task in shown.get("tasks", ()):
            found.tasks[task] = msgspec.convert(shown[f"task {task}"], OpenTask)
        return found

    def to_shown(self) -> dict[str, Any]:
        """The inverse of `from_shown`."""
        parts: dict[str, Mapping[str, Any]] = {
            "rule": self.switched,
            "fired": self.fired,
            "obs": self.obs,
            "health": self.health,
            "source": self.silent,
            "pace": self.paces,
            "task": self.tasks,
        }
        shown = {
            f"{kind} {name}": msgspec.to_builtins(value) for kind, part in parts.items() for name, value in part.items()
        }
        return shown | ({"tasks": list(self.tasks)} if self.tasks else {})

    def take(self, entry: Entry) -> bool:
        """Takes an entry into account, and says whether it was one that changes something here."""
        match entry.type:
            case "rule.set":
                switch = _said(entry, RuleSet)
                _put(self.switched, switch.name, switch.enabled)
            case "rule.fired":
                fired = _said(entry, n.RuleFired)
                count = self.fired[fired.rule].count if fired.rule in self.fired else 0
                self.fired[fired.rule] = Firings(count + 1, entry.at, entry.seq, fired.sku)
            case "task.opened":
                self._open(_said(entry, n.TaskOpened), entry)
            case "task.done":
                self.tasks.pop(_said(entry, TaskDone).task, None)
            case "task.dropped":
                self.tasks.pop(_said(entry, _Dropped).task, None)
            case "obs.changed":
                obs = _said(entry, n.ObsChanged)
                self.obs[obs.obs] = obs.state
            case "obs.health":
                health = _said(entry, n.ObsHealth)
                self.health[health.obs] = health.values
            case "source.stale":
                stale = _said(entry, n.SourceStale)
                self.silent[stale.source] = stale.since
            case "source.fresh":
                self.silent.pop(_said(entry, n.SourceFresh).source, None)
            case _:
                return False
        return True

    def take_paces(self, entry: Entry) -> Iterable[str]:
        """Takes forecast.updated into account, and gives the skus that it names."""
        items = _said(entry, n.ForecastUpdated).items
        for sku, pace in items.items():
            _put(self.paces, sku, None if pace == UNKNOWN_PACE else pace)
        return items

    def stale_places(self, locations: Iterable[Location]) -> frozenset[str]:
        """Locations whose units may be wrong: their source is silent, and no backup speaks in its place."""
        return frozenset(
            place.name
            for place in locations
            if place.source in self.silent and (place.backup is None or place.backup in self.silent)
        )

    def _open(self, task: n.TaskOpened, entry: Entry) -> None:
        self.tasks.pop(task.task, None)
        self.tasks[task.task] = OpenTask(
            kind=task.kind,
            params=task.params,
            text=task.text,
            why=task.why,
            level=task.level,
            copy=task.copy,
            confirm=task.confirm,
            trouble=task.trouble,
            sku=task.sku,
            source=entry.source,
            opened_at=entry.at,
        )


def _said(entry: Entry, type: type[T]) -> T:
    return msgspec.json.decode(entry.data, type=type)


def _put(part: dict[str, T], name: str, value: T | None) -> None:
    if value is None:
        part.pop(name, None)
    else:
        part[name] = value
