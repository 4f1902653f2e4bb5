"""Rules that act: an edge in the ledger becomes a firing there, and the firing what the plan says, once."""

from __future__ import annotations

import asyncio
import json
import threading
from collections.abc import Sequence
from contextlib import closing
from functools import partial
from typing import Any

import pytest

from overlaykit.director.stage import Stage
from overlaykit.model.parsing import parse
from overlaykit.rules import STORM_FIRINGS
from overlaykit.stock import decisions_key, outbox_key, recall_key
from overlaykit.store import connect, read_decisions
from overlaykit.store.recall import ask_recall, read_recall
from tests.conftest import until

pytestmark = pytest.mark.store

BANNER = {"action": "announce", "text": "最后 {{ item.available }} 件", "seconds": "10s"}


def rule(name: str = "last-50", when: str = "available < 50", do: Any = (BANNER,), **more: Any) -> dict[str, Any]:
    return {"name": name, "when": when, "do": list(do), **more}


def fired(room: Any) -> list[str]:
    return [entry["data"]["rule"] for entry in room.entries("rule.fired")]


def results(room: Any) -> list[tuple[str, str]]:
    """(action, status) of everything that was done."""
    found = room.entries("action.done", "obs.acted")
    return [(entry["data"]["action"], entry["data"]["status"]) for entry in found]


Shown = dict[str, list[tuple[str | None, str | None]]]


def decided(client: Any, ledger: str) -> Shown:
    """Rule → (item, what held it back) of its last decisions, as they are shown."""
    return {
        rule: [(each.get("sku"), each.get("held")) for each in json.loads(text)]
        for rule, text in read_decisions(client, decisions_key(ledger)).items()
    }


def test_a_threshold_fires_and_the_ledger_says_from_which_entry_to_which_action(
    store: Any, ledger: str, director: Any, evening: Any
) -> None:
    room = evening(store.url, ledger, {"rule": [rule()]})
    seat = director(store.url)
    room.sell(945)
    room.sell(10)
    (sale,) = [entry for entry in room.entries("order.reserve") if entry["data"]["lines"][0]["quantity"] == 10]

    until(lambda: results(room) == [("announce", "done")], "the banner is up")
    (firing,), (banner,), (done,) = map(room.entries, ("rule.fired", "announce.show", "action.done"))
    assert (firing["cause"], firing["source"], firing["data"]["sku"]) == (sale["seq"], "rule:last-50", "A")
    assert banner["data"]["text"] == "最后 45 件"
    assert banner["source"] == "rule:last-50"
    assert (done["cause"], done["data"]["firing"], done["data"]["index"]) == (firing["seq"], firing["seq"], 0)
    seat.stop()
    assert seat.alarms == []


def test_rules_that_set_each_other_off_without_end_are_stopped_and_somebody_is_told(
    store: Any, ledger: str, director: Any, evening: Any
) -> None:
    do = [{"action": "stock", "command": "stock.adjust", "reason": "x"}]
    down, up = ([{**do[0], "delta": delta}] for delta in (100, -100))
    rules = [rule("down", "available < 50", do=down), rule("up", "available > 60", do=up)]
    room = evening(store.url, ledger, {"rule": rules})
    seat = director(store.url)
    room.sell(960)

    until(lambda: room.entries("task.opened"), "somebody is told", 20)
    (task,) = room.entries("task.opened")
    assert task["data"]["level"] == "urgent"
    assert (task["data"]["kind"], task["data"]["params"]["times"]) == ("storm", STORM_FIRINGS)
    assert len(fired(room)) <= 2 * STORM_FIRINGS
    room.send("announce.show", text="another thing")
    seat.stop()
    assert len(fired(room)) <= 2 * STORM_FIRINGS
    assert seat.alarms == []


def test_an_emergency_plan_may_have_the_longest_name_that_a_plan_allows(
    store: Any, ledger: str, director: Any, evening: Any
) -> None:
    name = "停" * 64
    room = evening(store.url, ledger, {"emergency": {name: {"do": [{**BANNER, "text": "稍等"}]}}})
    seat = director(store.url)
    room.send("emergency.run", name=name)
    until(lambda: results(room) == [("announce", "done")], "the banner is up")
    seat.stop()
    assert seat.alarms == []


def test_an_entry_that_the_reader_gave_to_nobody_is_not_waited_for(
    store: Any, ledger: str, director: Any, evening: Any, monkeypatch: pytest.MonkeyPatch
) -> None:
    take, begin = Stage.take, Stage._begin_to_lead
    given_to_nobody: list[bytes] = []
    wants_to_lead = threading.Event()

    async def pass_over(stage: Stage, lines: Sequence[bytes]) -> None:
        if any(b"order.reserve" in line for line in lines):
            given_to_nobody.extend(lines)
        else:
            await take(stage, lines)

    async def lead_then(stage: Stage, stop: asyncio.Event) -> None:
        wants_to_lead.set()
        if given_to_nobody:
            await begin(stage, stop)

    monkeypatch.setattr(Stage, "take", pass_over)
    monkeypatch.setattr(Stage, "_begin_to_lead", lead_then)
    room = evening(store.url, ledger, {"rule": [rule()]})
    director(store.url)
    assert wants_to_lead.wait(10)
    room.sell(960)
    until(lambda: fired(room) == ["last-50"], "it fires")


def test_a_message_that_one_director_queued_is_not_queued_again_by_the_next(
    store: Any, ledger: str, director: Any, evening: Any
) -> None:
    later = {
        "rule": [rule("sold", "sold every 1", do=[{"action": "webhook"}])],
        "webhook": {"crm": {"url": "http://127.0.0.1/"}},
    }
    room = evening(store.url, ledger, later)

    def sell() -> None:
        room.send("order.record", order=f"paid-{len(fired(room))}", paid=True, lines=[{"sku": "A", "quantity": 1}])

    def waiting() -> int:
        return int(room.client.hlen(f"{outbox_key(ledger)}:messages"))

    def queued(count: int) -> bool:
        return waiting() == count

    seat = director(store.url)
    for count in range(1, 11):
        sell()
        until(partial(queued, count), "it is queued")
    seat.stop()
    seat = director(store.url, "second")
    sell()
    until(lambda: len(fired(room)) == 11 and waiting() > 10, "the second one leads, and does what is new")
    seat.stop()
    assert waiting() == 11


def test_one_action_that_fails_stops_no_other_and_what_no_channel_can_do_is_a_persons(
    store: Any, ledger: str, director: Any, evening: Any
) -> None:
    chat = {"action": "chat", "text": "{{ item.title }}最后机会!"}
    do = [
        {"action": "stock", "command": "item.close", "sku": "nowhere"},
        {"action": "obs.scene", "scene": "特写"},
        chat,
        {**chat, "otherwise": "task"},
        BANNER,
    ]
    room = evening(store.url, ledger, {"rule": [rule(do=do)]})
    seat = director(store.url)
    room.sell(960)

    until(lambda: len(results(room)) == 5, "all have ended")
    by_index = {entry["data"]["index"]: entry["data"] for entry in room.entries("action.done", "obs.acted")}
    assert [by_index[index]["status"] for index in range(5)] == ["failed", "failed", "failed", "task", "done"]
    assert "item.close is refused" in by_index[0]["detail"]
    assert "no obs" in by_index[1]["detail"]
    assert "no channel of this plan can" in by_index[2]["detail"]
    tasks = [entry["data"] for entry in room.entries("task.opened")]
    assert [task["text"] for task in tasks if task.get("copy")] == ["大衣最后机会!"]
    assert [task.get("trouble") for task in tasks].count("failed") == 3
    seat.stop()
    assert seat.alarms == []


def test_a_director_that_comes_late_fires_what_was_crossed_meanwhile_or_says_that_it_is_too_late(
    store: Any, ledger: str, director: Any, evening: Any
) -> None:
    rules = [rule(), rule("quick", "available < 60", late=0.001)]
    room = evening(store.url, ledger, {"rule": rules})
    first = director(store.url)
    room.sell(900)
    until(lambda: first.recorded(ledger) == room.ledger(), "the first one has seen it")
    first.stop()

    room.sell(60)
    second = director(store.url, "second")
    until(lambda: results(room), "what is not too late is done")
    assert fired(room) == ["last-50"]
    (skipped,) = room.entries("rule.skipped")
    assert skipped["data"]["rule"] == "quick"
    assert "too late by" in skipped["data"]["why"]
    with closing(connect(store.url)) as client:
        shown: Shown = {"last-50": [("A", None)], "quick": [("A", "late")]}
        until(lambda: decided(client, ledger) == shown, "what is too late is shown as that")

    second.stop()
    third = director(store.url, "third")
    room.order()
    until(lambda: third.recorded(ledger) == room.ledger(), "another one has read all")
    third.stop()
    assert fired(room) == ["last-50"]
    assert len(room.entries("announce.show")) == 1


@pytest.mark.usefixtures("no_pace")
def test_two_directors_watch_and_it_fires_once(store: Any, ledger: str, director: Any, evening: Any) -> None:
    room = evening(store.url, ledger, {"rule": [rule(), rule("every", "sold every 100", [BANNER])]})
    seats = [director(store.url, name) for name in ("first", "second")]
    for number in range(96):
        room.send(
            "order.record", order=f"f-{number}", channel="default", lines=[{"sku": "A", "quantity": 10}], paid=True
        )

    until(lambda: len(results(room)) == 10, "each has fired")
    for seat in seats:
        seat.stop()
        assert seat.recorded(ledger) == room.ledger()
        assert seat.alarms == []
    assert sorted(fired(room)) == ["every"] * 9 + ["last-50"]


def test_an_action_waits_for_somebody_who_agrees(store: Any, ledger: str, director: Any, evening: Any) -> None:
    room = evening(store.url, ledger, {"rule": [rule(do=[{**BANNER, "confirm": "desk"}])]})
    seat = director(store.url)
    room.sell(960)
    until(lambda: room.entries("task.opened"), "somebody is asked")
    (task,) = room.entries("task.opened")
    assert task["data"]["confirm"] is True
    assert room.entries("announce.show") == []

    room.send("task.done", task=task["data"]["task"])
    until(lambda: results(room) == [("announce", "done")], "it is done then")
    seat.stop()


def test_buttons_emergencies_and_rules_by_hand(store: Any, ledger: str, director: Any, evening: Any) -> None:
    freeze = {"action": "stock", "command": "session.freeze", "reason": "超卖"}
    later = {
        "rule": [rule("gong", "button gong"), rule("off", "available < 1", enabled=False)],
        "emergency": {"oversold": {"title": "超卖", "do": [freeze]}},
    }
    room = evening(store.url, ledger, later)
    seat = director(store.url)
    room.send("button.press", name="gong")
    room.send("rule.fire", name="off", sku="A")
    room.send("emergency.run", name="oversold")

    until(lambda: len(results(room)) == 3, "all is done")
    assert sorted(fired(room)) == ["emergency.oversold", "gong", "off"]
    assert len(room.entries("session.freeze")) == 1
    seat.stop()


def test_next_item_goes_on_from_the_one_on_air(store: Any, ledger: str, director: Any, evening: Any) -> None:
    later = {"rule": [rule("gone", "sold_out", [{"action": "next_item"}])]}
    room = evening(store.url, ledger, later)
    for link, sku in ((2, "B"), (3, "C")):
        room.send("item.add", sku=sku, title=sku, opening={"default": 3}, link=link)
    room.send("item.feature", sku="A")
    seat = director(store.url)
    room.send("order.reserve", order="b", lines=[{"sku": "B", "quantity": 3}])
    until(lambda: len(results(room)) == 1, "B is not on air: A stays")
    assert len(room.entries("item.feature")) == 1

    room.sell(1000)
    until(lambda: len(room.entries("item.feature")) == 2, "the next one is on air")
    assert room.entries("item.feature")[1]["data"] == {"link": 3}
    seat.stop()


def test_a_session_without_rules_has_its_pace_said(store: Any, ledger: str, director: Any, evening: Any) -> None:
    room = evening(store.url, ledger)
    seat = director(store.url)
    for _ in range(30):
        room.sell(3)
    until(lambda: seat.recorded(ledger) == room.ledger(), "it is recorded")
    assert fired(room) == []
    seat.stop()
    assert seat.alarms == []


def test_thousands_of_orders_cross_fifty_levels_and_each_fires_once(
    store: Any, ledger: str, director: Any, evening: Any
) -> None:
    # However long this machine takes for them, none comes too late: that is another story.
    levels = [rule(f"below-{level}", f"available < {level}", [BANNER], late=120.0) for level in range(20, 1020, 20)]
    room = evening(store.url, ledger, {"rule": levels})
    seat = director(store.url)
    orders = [
        parse(
            json.dumps({"type": "order.reserve", "order": f"q-{n}", "lines": [{"sku": "A", "quantity": 1}]}).encode(),
            "api:t",
        )
        for n in range(6000)
    ]
    for start in range(0, 6000, 500):
        room.engine.submit(orders[start : start + 500])
    until(lambda: len(fired(room)) == 50, "all fifty are done", 60)
    until(lambda: len(results(room)) == 50, "all fifty are done", 60)
    assert sorted(fired(room)) == sorted(each["name"] for each in levels)
    assert {status for _, status in results(room)} == {"done"}
    seat.stop()
    assert seat.alarms == []


def test_firings_that_come_all_at_once_wait_their_turn_and_none_is_lost(
    store: Any, ledger: str, director: Any, evening: Any, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("overlaykit.director.stage.OFFERED", 7)
    monkeypatch.setattr("overlaykit.director.notebook.KEPT", 30)  # half of them, and what becomes of their actions
    rules = [rule(f"under-{level}", f"available < {level}") for level in range(10, 70)]
    room = evening(store.url, ledger, {"rule": rules})
    seat = director(store.url)
    room.sell(1000)
    until(lambda: len(fired(room)) == 60, "all have fired")
    assert sorted(fired(room)) == sorted(each["name"] for each in rules)
    seat.stop()
    assert seat.alarms == []


def test_what_was_decided_and_what_held_a_rule_back_is_shown(
    store: Any, ledger: str, director: Any, evening: Any
) -> None:
    rules = [rule(cooldown=600.0, rearm=80), rule("asleep", enabled=False), rule("picky", **{"if": "item.on_air"})]
    room = evening(store.url, ledger, {"rule": rules})
    with closing(connect(store.url)) as client:
        first = director(store.url)
        room.sell(960)
        shown: Shown = {"last-50": [("A", None)], "asleep": [("A", "disabled")], "picky": [("A", "if")]}
        until(lambda: decided(client, ledger) == shown, "each rule says what became of the edge")
        asked = ask_recall(client, recall_key(ledger), "last-50", "A")
        told = until(lambda: read_recall(client, recall_key(ledger), asked), "it says what the rule remembers")
        slot = json.loads(told)
        assert (slot["spent"], slot["times"]) == (True, 1)
        first.stop()

        second = director(store.url, "second")
        room.send("stock.adjust", sku="A", delta=100, reason="found")
        room.sell(100)
        shown["last-50"].append(("A", "cooldown"))
        shown["asleep"].append(("A", "disabled"))
        shown["picky"].append(("A", "if"))
        until(lambda: decided(client, ledger) == shown, "a director that takes over goes on with what was shown")
        second.stop()


def test_rules_that_this_version_cannot_read_rest_and_the_session_goes_on(
    store: Any, ledger: str, director: Any, evening: Any
) -> None:
    room = evening(store.url, ledger, {"rule": [rule(when="whenever it is late")]})
    seat = director(store.url)
    room.sell(960)
    until(lambda: len(seat.recorded(ledger)) == len(room.entries()), "it is recorded all the same")
    until(lambda: seat.alarms, "it is said")
    assert "rules rest: rule last-50, when: `whenever` is nothing that can happen" in seat.alarms[0]
    seat.stop()
