"""How rules begin: from where they stood, from the first entry, or from what is there."""

from __future__ import annotations

import asyncio
from typing import Any

import pytest

from overlaykit.director import opening, stage
from overlaykit.director.checkpoint import read_checkpoint
from overlaykit.stock import fold_key
from overlaykit.store import connect_async
from tests.conftest import until

pytestmark = pytest.mark.store


@pytest.fixture(autouse=True)
def quick_checkpoints(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(stage, "CHECKPOINT_EVERY", 0.1)


def levels(*units: int) -> dict[str, Any]:
    do = [{"action": "announce", "text": "{{ item.available }}"}]
    return {"rule": [{"name": f"below-{n}", "when": f"available < {n}", "late": 600.0, "do": do} for n in units]}


def fired(room: Any) -> list[str]:
    return [entry["data"]["rule"] for entry in room.entries("rule.fired")]


def checkpoint_seq(store: Any, ledger: str) -> int:
    """The entry at which the session's checkpoint was taken; 0 without one."""

    async def read() -> int:
        client = connect_async(store.url)
        try:
            found = await read_checkpoint(client, fold_key(ledger, stage.NAME))
            return found.state.seq if found is not None else 0
        finally:
            await client.aclose()

    return asyncio.run(read())


def trim(room: Any, ledger: str, keep_from: int) -> None:
    room.client.execute_command("XTRIM", f"overlaykit:{{{ledger}}}:ledger", "MINID", f"{keep_from}-0")


def one_has_fired(store: Any, ledger: str, director: Any, room: Any) -> int:
    """A director saw the first level crossed, kept where things stand, and has ended. Gives the checkpoint's entry."""
    seat = director(store.url)
    room.sell(60)
    until(lambda: len(room.entries("action.done")) == 1, "the first level fires")
    last = len(room.ledger())
    until(lambda: checkpoint_seq(store, ledger) >= last, "where things stand is kept")
    seat.stop()
    return checkpoint_seq(store, ledger)


def test_from_the_checkpoint_nothing_is_missed_though_the_ledger_before_it_is_gone(
    store: Any, ledger: str, director: Any, evening: Any
) -> None:
    room = evening(store.url, ledger, levels(950, 900, 850))
    seq = one_has_fired(store, ledger, director, room)
    room.sell(50)  # nobody is there to see it
    trim(room, ledger, seq)

    seat = director(store.url, "second")
    until(lambda: fired(room), "what nobody saw fires")
    room.sell(50)
    until(lambda: len(fired(room)) == 2, "and it goes on")
    assert fired(room) == ["below-900", "below-850"], "what was fired before does not fire again"
    seat.stop()
    assert seat.alarms == []


def test_a_checkpoint_of_a_ledger_with_another_history_is_left_alone(
    new_store: Any, ledger: str, director: Any, evening: Any
) -> None:
    store = new_store()
    room = evening(store.url, ledger, levels(950, 900))
    one_has_fired(store, ledger, director, room)
    kept = room.client.get(fold_key(ledger, stage.NAME))
    room.client.delete(*room.client.scan_iter(f"overlaykit:{{{ledger}}}:*"))
    room = evening(store.url, ledger, levels(950, 900))
    room.client.set(fold_key(ledger, stage.NAME), kept)
    for _ in range(9):
        room.order()

    seat = director(store.url, "second")
    room.sell(60)
    until(lambda: fired(room) == ["below-950"], "in this history it had not fired")
    seat.stop()


def test_without_a_checkpoint_and_without_the_beginning_rules_look_from_now_on_and_say_so(
    store: Any, ledger: str, director: Any, evening: Any, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(opening, "READ_WHOLE", 0)
    room = evening(store.url, ledger, levels(950, 900))
    room.sell(60)
    seat = director(store.url)
    until(lambda: any("rules look from entry 3 on" in message for message in seat.messages), "it is said")
    room.sell(50)
    until(lambda: fired(room) == ["below-900"], "only what was crossed since")
    seat.stop()


def test_a_store_that_dies_and_comes_back_makes_no_rule_fire_twice(
    new_store: Any, ledger: str, director: Any, evening: Any
) -> None:
    store = new_store("valkey9", "appendfsync always")
    room = evening(store.url, ledger, levels(950, 900))
    seat = director(store.url)
    room.sell(60)
    until(lambda: len(room.entries("action.done")) == 1, "the first level fires")
    store.kill()
    store.start()
    room.sell(50)
    until(lambda: len(room.entries("action.done")) == 2, "the second one, too")
    assert fired(room) == ["below-950", "below-900"]
    seat.stop()
