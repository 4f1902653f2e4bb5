"""Two director processes, and one that is killed: what fires, fires once, and soon."""

from __future__ import annotations

import time
from typing import Any

import pytest

from tests.conftest import until

pytestmark = [pytest.mark.store, pytest.mark.faults]

TAKEOVER = 5.0
BANNER = {"action": "announce", "text": "{{ item.available }}"}


def levels(*units: int) -> dict[str, Any]:
    return {"rule": [{"name": f"below-{n}", "when": f"available < {n}", "do": [BANNER]} for n in units]}


def test_kill_9_of_the_one_that_leads_neither_repeats_nor_misses(
    store: Any, ledger: str, process: Any, evening: Any
) -> None:
    room = evening(store.url, ledger, levels(900, 800, 700))

    def done() -> list[str]:
        return [entry["data"]["detail"] for entry in room.entries("action.done")]

    first = process(store.url, "first")
    until(lambda: "this director leads now" in first.log, "the first one leads")
    second = process(store.url, "second")
    until(lambda: second.records(ledger), "the other one looks on")
    room.sell(101)
    until(lambda: len(done()) == 1, "the first level")

    first.kill()
    killed = time.monotonic()
    room.sell(100)
    until(lambda: len(done()) == 2, "the second level, by the other one")
    assert time.monotonic() - killed < TAKEOVER

    room.sell(100)
    until(lambda: len(done()) == 3, "the third")
    assert [entry["data"]["rule"] for entry in room.entries("rule.fired")] == ["below-900", "below-800", "below-700"]
    assert len(room.entries("announce.show")) == 3
    assert room.entries("rule.skipped") == []


def test_one_that_was_held_up_does_not_do_again_what_another_did_meanwhile(
    store: Any, ledger: str, process: Any, evening: Any
) -> None:
    room = evening(store.url, ledger, levels(900, 800))
    first = process(store.url, "first")
    until(lambda: "this director leads now" in first.log, "the first one leads")
    second = process(store.url, "second")
    until(lambda: second.records(ledger), "the other one looks on")

    first.hold_up()
    room.sell(101)
    until(lambda: room.entries("action.done"), "the other one has taken over")
    first.let_go()
    room.sell(100)
    until(lambda: len(room.entries("action.done")) == 2, "it goes on")
    assert [entry["data"]["rule"] for entry in room.entries("rule.fired")] == ["below-900", "below-800"]
    assert len(room.entries("announce.show")) == 2
