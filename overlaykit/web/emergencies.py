"""What became of emergency plans that were run: `GET /desk/emergencies`, for every desk the same."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from types import MappingProxyType
from typing import Any

import msgspec
from flask import Blueprint, Response
from msgspec import Struct

from overlaykit.model.commands import EmergencyRun
from overlaykit.model.entries import Entry, type_of
from overlaykit.model.notes import ActionDone, ActionStatus, ObsActed
from overlaykit.plan.rules import EMERGENCY
from overlaykit.stock import ledger_stream_key
from overlaykit.store import tail_read
from overlaykit.web.auth import DESK
from overlaykit.web.edge import allow, edge
from overlaykit.web.query import number, session_name
from overlaykit.web.rooms import Room
from overlaykit.web.sockets import in_turns

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
    """

    runs: list[EmergencyRunNow]
    acts: list[EmergencyAct]
    through: int
    more: bool


_entry = msgspec.json.Decoder(Entry)
_run = msgspec.json.Decoder(EmergencyRun)
_ACTED: Mapping[str, msgspec.json.Decoder[Any]] = MappingProxyType(
    {"action.done": msgspec.json.Decoder(ActionDone), "obs.acted": msgspec.json.Decoder(ObsActed)}
)


def blueprint() -> Blueprint:
    routes = Blueprint("emergencies", __name__)

    @routes.get("/desk/emergencies")
    def emergencies() -> Response:
        """The runs, and what came of actions of any run, after the entry `after`; without it the last ones."""
        allow(DESK)
        found = runs_of(edge().rooms.get(session_name()), number("after"))
        answer = Response(msgspec.json.encode(found), content_type="application/json")
        answer.headers["Cache-Control"] = "no-store"
        return answer

    return routes


def runs_of(room: Room, after: int | None) -> EmergenciesAnswer:
    """Looks at the entries after `after`; without it at the last LOOKED_AT_MOST."""
    head = edge().services.engine(room.ledger).resolve_head()
    last = 0 if head is None else head.seq
    through = max(0, last - LOOKED_AT_MOST) if after is None else min(after, last)
    runs: list[EmergencyRunNow] = []
    acts: list[EmergencyAct] = []
    begun: dict[int, int | None] = {}
    for seq, line in in_turns(_lines(room, through)):
        through = seq
        type = type_of(line)
        if type == "emergency.run":
            entry = _entry.decode(line)
            if entry.outcome.status == "accepted":
                runs.append(EmergencyRunNow(seq, _run.decode(entry.data).name, entry.at, entry.source))
        elif type in _ACTED:
            entry = _entry.decode(line)
            act = _ACTED[type].decode(entry.data)
            if act.firing is None or not entry.source.startswith(BY_A_PLAN):
                continue
            if act.firing not in begun:
                begun[act.firing] = _cause(room, act.firing)
            if run := begun[act.firing]:
                acts.append(EmergencyAct(run, act.index, act.target, act.status, act.detail))
    return EmergenciesAnswer(runs, acts, through, through < last)


def _lines(room: Room, after: int) -> Iterator[tuple[int, bytes]]:
    client, stream = edge().services.client, ledger_stream_key(room.ledger)
    for _ in range(LOOKED_AT_MOST // CHUNK):
        lines = tail_read(client, stream, after, count=CHUNK)
        yield from lines
        if len(lines) < CHUNK:
            return
        after = lines[-1][0]


def _cause(room: Room, firing: int) -> int | None:
    """The entry that a firing came of: of an emergency plan, the one with which it was run. None: the store has it no more."""
    found = tail_read(edge().services.client, ledger_stream_key(room.ledger), firing - 1, count=1)
    return _entry.decode(found[0][1]).cause if found and found[0][0] == firing else None
