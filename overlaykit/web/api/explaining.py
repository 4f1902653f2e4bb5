"""GET …/rules: how each rule stands, why it fired last, and what the director decided of it lately."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from typing import Any

import msgspec
from flask import Blueprint, Response
from msgspec import Struct

from overlaykit.board import RuleNow
from overlaykit.model.notes import RuleFired
from overlaykit.rules import Decision, Held
from overlaykit.stock import decisions_key, ledger_stream_key
from overlaykit.store import read_decisions, tail_pick
from overlaykit.web.directing import PlannedRule
from overlaykit.web.edge import allow, edge
from overlaykit.web.http.auth import DESK
from overlaykit.web.http.bodies import answer_json
from overlaykit.web.http.times import format_epoch_ms
from overlaykit.web.rooms import Room


class RuleDecision(Struct, frozen=True, kw_only=True):
    """An edge, or what was nearly one, and what came of it.

    at       when, RFC 3339 UTC
    seq      the ledger entry after which it was decided
    held     what held the rule back; null: it fired
    why      in words, in the language of the plan
    values   what the rule looked at, by name
    """

    at: str
    seq: int
    sku: str | None
    held: Held | None
    why: str
    values: dict[str, Any]


class RuleExplained(RuleNow, frozen=True, kw_only=True):
    """A rule, or an alert.

    when, condition   as the plan says them
    last_why          why it fired last; null when that entry is not in the store any more
    decisions         the last ones, the newest first
    """

    when: str
    condition: str | None
    last_why: str | None
    last_values: dict[str, Any]
    decisions: list[RuleDecision]


class RulesAnswer(Struct, frozen=True):
    """Rules by name, in the plan's order; and the last ledger entry taken into account."""

    rules: dict[str, RuleExplained]
    seq: int


class _Entry(Struct):
    type: str
    data: msgspec.Raw


_entry = msgspec.json.Decoder(_Entry)
_decisions = msgspec.json.Decoder(list[Decision])


def blueprint() -> Blueprint:
    routes = Blueprint("explaining", __name__, url_prefix="/api/v1")
    routes.add_url_rule("/sessions/<session>/rules", view_func=rules)
    return routes


def rules(session: str) -> Response:
    """How the rules stand, and why."""
    allow(DESK)
    record = edge().rooms.resolve(session)
    room = edge().rooms.get(record.id)
    room.catch_up()
    planned = edge().directed.of(record).rules
    decided = read_decisions(edge().services.client, decisions_key(room.ledger))
    now = room.view().direction().rules
    fired = _firings(room, [each.last_seq for each in now.values() if each.last_seq is not None])
    found = {each.name: _explained(each, now.get(each.name), fired, decided.get(each.name)) for each in planned}
    return answer_json(RulesAnswer(found, room.seq))


def _explained(
    planned: PlannedRule, now: RuleNow | None, firings: Mapping[int, RuleFired], decided: bytes | None
) -> RuleExplained:
    if now is None:
        now = RuleNow(enabled=planned.enabled, switched=False, fired=0, last_at=None, last_seq=None, last_sku=None)
    fired = None if now.last_seq is None else firings.get(now.last_seq)
    return RuleExplained(
        **msgspec.structs.asdict(now),
        when=planned.when,
        condition=planned.condition,
        last_why=None if fired is None else fired.why,
        last_values={} if fired is None else fired.values,
        decisions=[] if decided is None else [_told(each) for each in reversed(_decisions.decode(decided))],
    )


def _firings(room: Room, seqs: Iterable[int]) -> dict[int, RuleFired]:
    """The firings in these entries, by seq; those that have left the store are in the recording alone."""
    lines = tail_pick(edge().services.client, ledger_stream_key(room.ledger), seqs)
    entries = {seq: _entry.decode(line) for seq, line in lines.items()}
    return {
        seq: msgspec.json.decode(entry.data, type=RuleFired)
        for seq, entry in entries.items()
        if entry.type == "rule.fired"
    }


def _told(decision: Decision) -> RuleDecision:
    return RuleDecision(
        at=format_epoch_ms(decision.at_ms),
        seq=decision.seq,
        sku=decision.sku,
        held=decision.held,
        why=decision.why,
        values=decision.values,
    )
