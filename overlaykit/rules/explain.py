"""Explain: when each rule fired or nearly did, what held it back, and what came of its actions, from the lines of a ledger."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any, Literal

import msgspec
from msgspec import Raw, Struct, field
from msgspec.structs import replace

from overlaykit.board import Fold
from overlaykit.model.entries import has_type, text_of
from overlaykit.model.notes import firing_id
from overlaykit.model.sessions import SessionPlan
from overlaykit.rules.book import Rule, RuleBook
from overlaykit.rules.memory import Decision, Held
from overlaykit.rules.watcher import Watcher

What = Literal["fired", "due", "late", "held"]
"""Fired; would have fired, and the ledger says nothing of it: no director was there; was too late, and left out; held back."""


class Done(Struct, frozen=True, kw_only=True):
    """What came of one action of a firing, as its note says."""

    index: int
    action: str
    target: str
    status: str
    detail: str


class Event(Struct, frozen=True, kw_only=True):
    """Once that a rule fired, or something held it back.

    at       when, RFC 3339 UTC
    seq      of what fired: its note; else the entry after which it was decided
    held     what held it back
    why      in words, in both languages as plan.Words.both has them
    values   what the rule looked at, by name
    """

    at: str
    seq: int
    sku: str | None
    what: What
    held: Held | None
    why: str
    values: dict[str, Any]
    actions: list[Done]


class RuleStory(Struct, frozen=True, kw_only=True):
    """One rule over a ledger. `enabled`: whether it is on at its end."""

    name: str
    kind: Literal["rule", "alert", "emergency"]
    title: str
    when: str
    condition: str | None
    sku: str | None
    enabled: bool
    fired: int
    events: list[Event]


class Explanation(Struct, frozen=True, kw_only=True):
    """All rules of a session, in the plan's order, up to its entry `seq`. Of the usual emergency plans those that were run."""

    session: str
    title: str
    locale: str
    timezone: str
    seq: int
    at: str
    rules: list[RuleStory]


class _Note(Struct):
    rule: str = ""
    sku: str | None = None
    key: str = ""
    why: str = ""
    values: dict[str, Any] = field(default_factory=dict)
    firing: int = 0
    index: int = 0
    action: str = ""
    target: str = ""
    status: str = ""
    detail: str = ""


class _Entry(Struct):
    seq: int
    at: str
    type: str
    data: Raw


_entry = msgspec.json.Decoder(_Entry)
_note = msgspec.json.Decoder(_Note)
_NOTES = ("rule.fired", "rule.skipped", "action.done", "obs.acted")


def explain(lines: Iterable[bytes], *, rules_of: SessionPlan | None = None) -> Explanation:
    """Reads a ledger from its first entry on; StopIteration without one. `rules_of`: with the rules of another plan than its own.

    Raises OutOfOrder when an entry is missing, UserError when the rules cannot be read.
    """
    reading = iter(lines)
    fold = Fold.from_first_entry(next(reading))
    plan = fold.plan if rules_of is None else replace(fold.plan, later=rules_of.later)
    book = RuleBook(plan)
    decisions: list[Decision] = []
    watcher = Watcher(book, fold, told=decisions.append)
    notes = _Notes()
    line = b""
    for line in reading:
        watcher.apply(line)
        if any(has_type(line, note) for note in _NOTES):
            notes.take(line)
    watcher.tell_near()
    return Explanation(
        session=plan.id,
        title=plan.title,
        locale=plan.locale,
        timezone=plan.timezone,
        seq=fold.seq,
        at=_entry.decode(line).at if line else plan.starts or text_of(0),
        rules=[
            story for rule in book.rules.values() if (story := _story(rule, fold, decisions, notes)).events or rule.own
        ],
    )


class _Notes:
    """What the ledger says of firings: their notes by id, and what came of their actions by the seq of the note."""

    def __init__(self) -> None:
        self.of: dict[str, tuple[_Entry, _Note]] = {}
        self.done: dict[int, list[Done]] = {}

    def take(self, line: bytes) -> None:
        entry = _entry.decode(line)
        note = _note.decode(entry.data)
        if entry.type.startswith("rule."):
            self.of[firing_id(note.rule, note.key)] = entry, note
        else:
            done = Done(
                index=note.index, action=note.action, target=note.target, status=note.status, detail=note.detail
            )
            self.done.setdefault(note.firing, []).append(done)


def _story(rule: Rule, fold: Fold, decisions: list[Decision], notes: _Notes) -> RuleStory:
    events, told = [], set()
    for each in decisions:
        if each.rule == rule.name:
            id = firing_id(each.rule, each.key)
            if each.held is None:
                told.add(id)
            events.append(_event(each, notes.of.get(id) if each.held is None else None, notes))
    for id, (entry, note) in notes.of.items():
        if note.rule == rule.name and id not in told:
            events.append(_noted(entry, note, notes))
    events.sort(key=lambda event: event.at)
    return RuleStory(
        name=rule.name,
        kind=rule.kind,
        title=rule.title,
        when=rule.when,
        condition=rule.asked,
        sku=rule.about,
        enabled=fold.direction.switched.get(rule.name, rule.enabled),
        fired=sum(event.what == "fired" for event in events),
        events=events,
    )


def _event(decision: Decision, noted: tuple[_Entry, _Note] | None, notes: _Notes) -> Event:
    what: What = "held" if decision.held else "due"
    why, seq = decision.why, decision.seq
    if noted is not None:
        entry, note = noted
        what, seq = ("fired", entry.seq) if entry.type == "rule.fired" else ("late", entry.seq)
        if what == "late":
            why = note.why or why
    return Event(
        at=text_of(decision.at_ms),
        seq=seq,
        sku=decision.sku,
        what=what,
        held=decision.held,
        why=why,
        values=decision.values,
        actions=_actions(seq, notes) if noted is not None else [],
    )


def _noted(entry: _Entry, note: _Note, notes: _Notes) -> Event:
    """A firing that the ledger knows and the rules as they are read now do not explain."""
    return Event(
        at=entry.at,
        seq=entry.seq,
        sku=note.sku,
        what="fired" if entry.type == "rule.fired" else "late",
        held=None,
        why=note.why,
        values=note.values,
        actions=_actions(entry.seq, notes),
    )


def _actions(seq: int, notes: _Notes) -> list[Done]:
    return sorted(notes.done.get(seq, ()), key=lambda done: done.index)
