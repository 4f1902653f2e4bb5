"""What became of emergency plans that were run: `GET /desk/emergencies`, for every desk the same."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence
from types import MappingProxyType
from typing import Any

import msgspec
from flask import Blueprint, Response
from msgspec import Struct

from overlaykit.model.commands import EmergencyRun
from overlaykit.model.entries import Entry, type_of
from overlaykit.model.notes import ActionDone, ActionStatus, ObsActed
from overlaykit.plan.emergencies import TOGETHER_MS
from overlaykit.plan.rules import EMERGENCY
from overlaykit.stock import DIRECTOR, lease_key, ledger_stream_key
from overlaykit.store import is_leased, tail_pick, tail_read
from overlaykit.web.edge import allow, edge
from overlaykit.web.http.auth import DESK
from overlaykit.web.http.bodies import answer_json
from overlaykit.web.http.query import number, session_name
from overlaykit.web.rooms import Room
from overlaykit.web.turns import in_turns

LOOKED_AT_MOST = 10_000
"""Entries that one request looks at; the next one goes on."""
CHUNK = 500
"""Entries read from the store at once."""
BY_A_PLAN = f"rule:{EMERGENCY}"
"""How the source of an entry begins that an emergency plan brought about."""


class EmergencyRunNow(Struct, frozen=True):
    """An emergency plan was run: with entry `seq`, at `at` (RFC 3339 UTC), by `by` (desk:小王)."""

    seq: int
    name: str
    at: str
    by: str


class EmergencyAct(Struct, frozen=True):
    """What came of action `index` of the run with entry `run`. `detail`: what happened, in words."""

    run: int
    index: int
    target: str
    status: ActionStatus
    detail: str


class EmergenciesAnswer(Struct, frozen=True):
    """Runs and what came of their actions, as they stand in the ledger.

    through   the last entry that was looked at: the `after` with which to go on
    more      whether there are entries after it already
    directed  whether a director leads the session: nobody else does what a plan says
    together  milliseconds within which a plan that is run again counts with the run before
    """

    runs: list[EmergencyRunNow]
    acts: list[EmergencyAct]
    through: int
    more: bool
    directed: bool
    together: int = TOGETHER_MS


_entry = msgspec.json.Decoder(Entry)
_run = msgspec.json.Decoder(EmergencyRun)
_ACTED: Mapping[str, msgspec.json.Decoder[Any]] = MappingProxyType(
    {"action.done": msgspec.json.Decoder(ActionDone), "obs.acted": msgspec.json.Decoder(ObsActed)}
)


def blueprint() -> Blueprint:
    routes = Blueprint("emergencies", __name__)

    @routes.get("/desk/emergencies")
    def emergencies() -> Response:
        """The runs, and what came of actions of any run, after the entry `after`; without it what is known of the last ones."""
        allow(DESK)
        return answer_json(runs_of(edge().rooms.get(session_name()), number("after")), kept=False)

    return routes


def runs_of(room: Room, after: int | None) -> EmergenciesAnswer:
    """Looks at the entries after `after`. Without it at the last LOOKED_AT_MOST, and at as many from the last run of each plan on:
    a busy room writes that many in seconds, and its checklists are for the whole evening."""
    head = edge().services.engine(room.ledger).resolve_head()
    last = 0 if head is None else head.seq
    directed = is_leased(edge().services.client, lease_key(room.ledger, DIRECTOR))
    story = _Story(room, min(last if after is None else after, last))
    if after is None:
        for begin, end in _spans([*story.last_runs(), last - LOOKED_AT_MOST + 1], last):
            story.read(begin, end)
        return EmergenciesAnswer(story.runs, story.acts, last, False, directed)
    story.read(story.through, last)
    return EmergenciesAnswer(story.runs, story.acts, story.through, story.through < last, directed)


class _Story:
    """What entries of a room tell of emergency plans. `through`: the last one that was read."""

    def __init__(self, room: Room, through: int) -> None:
        self.runs: list[EmergencyRunNow] = []
        self.acts: list[EmergencyAct] = []
        self.through = through
        self._room = room
        self._client, self._stream = edge().services.client, ledger_stream_key(room.ledger)
        self._causes: dict[int, int | None] = {}

    def last_runs(self) -> Iterator[int]:
        """The entry with which each plan was run last, of those that the director made a firing of."""
        fired = self._room.fold.direction.fired
        firings = [each.seq for rule, each in fired.items() if rule.startswith(EMERGENCY)]
        self._find_causes(firings)
        for each in firings:
            if (run := self._causes[each]) is not None:
                yield run

    def read(self, after: int, until: int) -> None:
        """Takes LOOKED_AT_MOST entries after `after`, those up to `until`."""
        for seq, line in in_turns(self._lines(after)):
            if seq > until:
                return
            self.through = seq
            self._take(seq, line)

    def _take(self, seq: int, line: bytes) -> None:
        type = type_of(line)
        if type == "emergency.run":
            entry = _entry.decode(line)
            if entry.outcome.status == "accepted":
                self.runs.append(EmergencyRunNow(seq, _run.decode(entry.data).name, entry.at, entry.source))
        elif type in _ACTED:
            entry = _entry.decode(line)
            act = _ACTED[type].decode(entry.data)
            if act.firing is not None and entry.source.startswith(BY_A_PLAN) and (run := self._cause(act.firing)):
                self.acts.append(EmergencyAct(run, act.index, act.target, act.status, act.detail))

    def _lines(self, after: int) -> Iterator[tuple[int, bytes]]:
        for _ in range(LOOKED_AT_MOST // CHUNK):
            lines = tail_read(self._client, self._stream, after, count=CHUNK)
            yield from lines
            if len(lines) < CHUNK:
                return
            after = lines[-1][0]

    def _cause(self, firing: int) -> int | None:
        """The entry that a firing came of: of an emergency plan, the one with which it was run. None: the store has it no more."""
        if firing not in self._causes:
            self._find_causes([firing])
        return self._causes[firing]

    def _find_causes(self, firings: Sequence[int]) -> None:
        found = tail_pick(self._client, self._stream, firings)
        for each in firings:
            self._causes[each] = _entry.decode(found[each]).cause if each in found else None


def _spans(firsts: Iterable[int], last: int) -> Iterator[tuple[int, int]]:
    """(after, until) for LOOKED_AT_MOST entries from each of `firsts` on, in order and each entry once."""
    reached = 0
    for first in sorted(max(1, each) for each in firsts):
        until = min(last, first + LOOKED_AT_MOST - 1)
        if until > reached:
            yield max(first - 1, reached), until
            reached = until
