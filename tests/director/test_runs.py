"""What the ledger says of a firing's actions: begun, ended, agreed to, declined."""

from __future__ import annotations

import json
from typing import Any

from overlaykit.director.runs import DECLINED, Result, Runs, confirmation, result_id


def line(seq: int, type: str, data: dict[str, Any], id: str = "") -> bytes:
    entry = {
        "seq": seq,
        "at": "2026-11-11T12:00:00.000Z",
        "type": type,
        "id": id or f"id-{seq}",
        "source": "rule:last-50",
        "data": data,
        "outcome": {"status": "accepted"},
    }
    return json.dumps(entry, separators=(",", ":")).encode()


FIRED = line(7, "rule.fired", {"rule": "last-50", "sku": "A", "key": "A 3"})


def test_an_action_goes_on_once_somebody_agrees() -> None:
    runs = Runs()
    runs.take(FIRED)
    step = runs.take(line(8, "task.done", {"task": confirmation(7, 1)}))
    assert step is not None
    assert (step.run.seq, step.result, list(step.run.confirmed)) == (7, None, [1])


def test_an_action_that_somebody_declined_is_over() -> None:
    runs = Runs()
    runs.take(FIRED)
    step = runs.take(line(8, "task.done", {"task": confirmation(7, 1), "declined": True}))
    assert step is not None
    assert step.result == Result(1, DECLINED, "")
    assert (step.run.confirmed, step.run.ended) == ({}, {1: DECLINED}), "nor does a director that takes over ask again"
    runs.take(line(9, "action.done", {"firing": 7, "index": 1, "status": "skipped"}, result_id(7, 1)))
    assert step.run.ended == {1: "skipped"}


def test_other_tasks_confirm_nothing() -> None:
    runs = Runs()
    runs.take(FIRED)
    for task in ("instead-7-1", "confirm-8-0", "confirm-x-1", "a task of a plugin"):
        assert runs.take(line(8, "task.done", {"task": task})) is None


def test_what_waits_for_a_person_is_not_forgotten_over_a_thousand_firings_of_other_rules() -> None:
    runs = Runs()
    runs.take(FIRED)
    for seq in range(8, 1_008):
        runs.take(line(seq, "rule.fired", {"rule": "sold", "sku": "A", "key": f"A {seq}"}))
    step = runs.take(line(1_008, "task.done", {"task": confirmation(7, 1)}))
    assert step is not None
    assert step.run.seq == 7
