"""Checks a history: do all answers that anybody got agree with the plain model, in the order that the ledger says?"""

from __future__ import annotations

import datetime as dt
from collections import Counter
from collections.abc import Sequence

import msgspec
from msgspec import Raw, Struct

from overlaykit.model.commands import SessionOpen, Submission
from overlaykit.model.entries import OUTPUTS
from overlaykit.model.sessions import SessionPlan
from overlaykit.model.state import State
from tests.engine.history.clients import Operation
from tests.engine.model.room import Model

OPENED = Submission("open", SessionOpen(), "api:before")


class Said(Struct):
    """What an entry's outcome says; its numbers are the state's business."""

    status: str
    reason: str | None = None


class Line(Struct):
    """A ledger line, as far as the checker reads it."""

    seq: int
    at: dt.datetime
    type: str
    id: str
    source: str
    data: Raw
    outcome: Said
    cause: int | None = None

    @property
    def at_ms(self) -> int:
        return round(self.at.timestamp() * 1000)


def check_history(
    plan: SessionPlan, operations: Sequence[Operation], raw: Sequence[bytes], state: State
) -> Counter[str]:
    """Fails where answers, ledger and model disagree. Gives how often each status or reason was
    answered, and how often other things were said and written."""
    lines = [msgspec.json.decode(line, type=Line) for line in raw]
    assert [line.seq for line in lines] == list(range(1, len(lines) + 1)), "a gap in the ledger"
    by_id = _each_once(operations, lines)
    _in_real_time(operations)
    found = _replay(plan, by_id, lines, state)
    found.update(line.type for line in lines if line.source != "api:test")
    for name in ("oversold", "excess", "quarantined", "early", "unconfirmed"):
        found[name] = sum(bool(getattr(operation.outcome, name)) for operation in operations)
    return found


def _each_once(operations: Sequence[Operation], lines: Sequence[Line]) -> dict[str, Operation]:
    """Every answer stands in the ledger, under its seq and once; and nothing stands there that nobody sent."""
    ids = Counter(line.id for line in lines if line.type not in OUTPUTS and line.source == "api:test")
    assert max(ids.values()) == 1, "an id stands in the ledger twice"
    by_id = {operation.submission.id: operation for operation in operations}
    assert len(by_id) == len(operations)
    assert set(ids) == set(by_id), "answered and not in the ledger, or in the ledger and never sent"
    for operation in operations:
        outcome = operation.outcome
        assert outcome is not None
        assert outcome.seq is not None
        line = lines[outcome.seq - 1]
        assert (line.id, line.outcome.status, line.outcome.reason) == (
            operation.submission.id,
            outcome.status,
            outcome.reason,
        )
    return by_id


def _seq(operation: Operation) -> int:
    assert operation.outcome is not None
    assert operation.outcome.seq is not None
    return operation.outcome.seq


def _in_real_time(operations: Sequence[Operation]) -> None:
    """What was answered before something else was sent has the lower seq."""
    latest_sent, sent_by = 0.0, ""
    for operation in sorted(operations, key=_seq):
        assert operation.answered >= latest_sent, (
            f"{operation.submission.id} was answered before {sent_by} was sent, and has the higher seq"
        )
        if operation.sent > latest_sent:
            latest_sent, sent_by = operation.sent, operation.submission.id


def _replay(plan: SessionPlan, by_id: dict[str, Operation], lines: Sequence[Line], state: State) -> Counter[str]:
    """The model decides everything once more, entry by entry, each at its recorded time."""
    model, found = Model(plan), Counter[str]()
    at = 1
    assert lines[0].type == "session.planned"
    model.now = lines[0].at_ms
    model.decide(OPENED)
    at += 1
    assert lines[1].type == "session.open"
    while at < len(lines):
        line = lines[at]
        model.now = line.at_ms
        operation = by_id.get(line.id)
        if operation is not None:
            answer = model.decide(operation.submission)
            _agree(model, operation, answer.status, answer.verdict)
            assert answer.seq == line.seq
            found[answer.verdict.reason or answer.status] += 1
        else:
            assert line.source == "clock", line
            run = [each.type for each in lines[at:] if each.at_ms == line.at_ms]
            due = model.sweep()
            assert due, f"entry {line.seq} is {line.type}, and nothing is due"
            assert due == run[: len(due)], f"at entry {line.seq}"
        written = model.written[at - 1 :]
        assert [each.type for each in written] == [each.type for each in lines[at : at + len(written)]]
        at += len(written)
    assert len(model.written) == len(lines) - 1, "the model has written more"
    for sku, item in state.items.items():
        assert {place: row for place, row in item.units.rows.items() if any(row)} == model.rows(sku), sku
        assert item.units.owed == model.world.owed(sku)
    return found


def _agree(model: Model, operation: Operation, status: str, verdict: object) -> None:
    outcome = operation.outcome
    assert outcome is not None
    for name in ("oversold", "excess", "quarantined", "early", "unconfirmed"):
        found = getattr(outcome, name), getattr(verdict, name)
        assert found[0] == found[1], f"{name} at entry {outcome.seq}: {operation.submission}"
    found = (outcome.status, outcome.reason or ""), (status, getattr(verdict, "reason", ""))
    assert found[0] == found[1], f"entry {outcome.seq}: {operation.submission}"
    for sku, numbers in outcome.items.items():
        said, known = msgspec.structs.asdict(numbers), model.totals(sku)
        assert {name: said[name] for name in known} == known, f"{sku} at entry {outcome.seq}: {operation.submission}"
