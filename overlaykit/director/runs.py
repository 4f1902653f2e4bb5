"""Firings that are being performed, as the ledger tells it: what was begun, what came of each action, what a person confirmed.

Whoever leads next goes on from here.
"""

from __future__ import annotations

import datetime as dt
from collections.abc import Sequence
from typing import Any, NamedTuple

import msgspec
from msgspec import Raw, Struct, field

from overlaykit.model.entries import EntryOutcome, has_family, has_type
from overlaykit.model.notes import RuleFired
from overlaykit.model.performing import Occasion

RUNS_AT_MOST = 5_000
"""Firings that are kept in mind: of more the oldest are forgotten."""
KEPT_MS = 6 * 3600 * 1000
"""Of a firing whose actions never said what became of them."""
DESK = "desk"
DECLINED = "declined"
"""What became of an action to which a person did not agree."""


class Run(Struct, kw_only=True):
    """One firing, or one order of the desk to OBS.

    do         its actions: a rule's are the plan's; of an order to OBS the one that it means
    ended      actions of which it is known what became of them: index → status
    heard      actions of which the gateway has said something
    confirmed  actions that waited for a person who agreed: index → when, ms
    """

    occasion: Occasion
    do: list[dict[str, Any]] | None = None
    ended: dict[int, str] = field(default_factory=dict)
    heard: set[int] = field(default_factory=set)
    confirmed: dict[int, int] = field(default_factory=dict)

    @property
    def seq(self) -> int:
        return self.occasion.seq


class Result(Struct, frozen=True):
    """What became of an action, as the gateway says it; or that a person DECLINED it."""

    index: int
    status: str
    target: str
    detail: str = ""


class Step(NamedTuple):
    """A run that begins or goes on; or, with `result`, one of which it was said what became of an action."""

    run: Run
    result: Result | None = None


class _Said(Struct):
    rule: str = ""
    sku: str | None = None
    why: str = ""
    values: dict[str, Any] = field(default_factory=dict)
    firing: int = 0
    index: int = 0
    status: str = ""
    target: str = ""
    detail: str = ""
    task: str = ""
    declined: bool = False
    obs: str = ""
    request: str = ""
    data: dict[str, Any] = field(default_factory=dict)


class _Entry(Struct):
    seq: int
    at: dt.datetime
    type: str
    id: str
    data: Raw
    outcome: EntryOutcome


_entry = msgspec.json.Decoder(_Entry)
_said = msgspec.json.Decoder(_Said)
_TYPES = ("rule.fired", "action.done", "obs.acted", "task.done", "obs.do")


def confirmation(seq: int, index: int) -> str:
    """The task by which a person agrees to an action."""
    return f"confirm-{seq}-{index}"


def result_id(seq: int, index: int) -> str:
    """The id of the director's own note of what became of an action. An action that was handed to the gateway has none."""
    return f"did-{seq}-{index}"


class Runs:
    """The runs after some entry of a ledger. `take` is given every line that follows."""

    def __init__(self, runs: Sequence[Run] = ()) -> None:
        self._runs = {run.seq: run for run in runs}

    def __iter__(self) -> Any:
        return iter(list(self._runs.values()))

    def __len__(self) -> int:
        return len(self._runs)

    def take(self, line: bytes) -> Step | None:
        """What this entry asks for; None for most."""
        if has_family(line, "order") or not any(has_type(line, type) for type in _TYPES):
            return None
        entry = _entry.decode(line)
        if entry.outcome.status != "accepted":
            return None
        said, at_ms = _said.decode(entry.data), round(entry.at.timestamp() * 1000)
        match entry.type:
            case "rule.fired":
                occasion = Occasion(
                    seq=entry.seq, rule=said.rule, sku=said.sku, why=said.why, values=said.values, at_ms=at_ms
                )
                return Step(self._begin(Run(occasion=occasion)))
            case "obs.do":
                do = {"action": "obs.request", "obs": said.obs, "request": said.request, "data": said.data}
                return Step(self._begin(Run(occasion=Occasion(seq=entry.seq, rule=DESK, at_ms=at_ms), do=[do])))
            case "task.done":
                return self._confirm(said.task, said.declined, at_ms)
            case _:
                run = self._runs.get(said.firing)
                if run is None:
                    return None
                if entry.id == result_id(run.seq, said.index):
                    run.ended[said.index] = said.status
                    return None
                run.heard.add(said.index)
                return Step(run, Result(said.index, said.status, said.target, said.detail))

    def expect(self, seq: int, fired: RuleFired, now_ms: int) -> Run:
        """The run that the entry `seq` will begin, which was written and not read yet."""
        if (found := self._runs.get(seq)) is not None:
            return found
        occasion = Occasion(seq=seq, rule=fired.rule, sku=fired.sku, why=fired.why, values=fired.values, at_ms=now_ms)
        return Run(occasion=occasion)

    def _begin(self, run: Run) -> Run:
        self._runs[run.seq] = run
        while len(self._runs) > RUNS_AT_MOST or self._is_old(run.occasion.at_ms):
            del self._runs[next(iter(self._runs))]
        return run

    def _is_old(self, now_ms: int) -> bool:
        first = next(iter(self._runs.values()))
        return now_ms - first.occasion.at_ms > KEPT_MS

    def _confirm(self, task: str, declined: bool, at_ms: int) -> Step | None:
        word, _, rest = task.partition("-")
        seq, _, index = rest.partition("-")
        if word != "confirm" or not seq.isdecimal() or not index.isdecimal():
            return None
        run = self._runs.get(int(seq))
        if run is None or int(index) in run.ended:
            return None
        if declined:
            run.ended[int(index)] = DECLINED
            return Step(run, Result(int(index), DECLINED, ""))
        run.confirmed.setdefault(int(index), at_ms)
        return Step(run)
