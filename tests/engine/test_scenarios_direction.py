"""Stories of the director: what it and the gateway note, and what is asked of it."""

from __future__ import annotations

from collections.abc import Callable

import pytest

from overlaykit.board import BoardItem, BoardView, Fold
from overlaykit.model import commands as c
from overlaykit.model import notes as n
from overlaykit.stock.notes import encode_note
from tests.engine.scene import Scene, reason

pytestmark = pytest.mark.store
MakeScene = Callable[..., Scene]

SINCE = "2026-11-11T12:00:00.000Z"
FIRED = n.RuleFired(rule="last", sku="A", key="A 3", why="available 5 → 2", values={"available": 2})
SKIPPED = n.RuleSkipped(rule="last", sku="A", key="A 3", why="too late")


def seen(room: Scene, sku: str, region: str | None = None) -> BoardItem:
    found = BoardView(room.fold, region=region).item(sku)
    assert found is not None
    return found


def tasks(room: Scene) -> list[str]:
    return list(room.fold.direction.tasks)


def open_task(room: Scene, task: str) -> None:
    assert room.tell(n.TaskOpened(task=task, text="发券", copy=True)).status == "accepted"


def test_a_rule_fires_once_or_is_skipped_whoever_says_so(scene: MakeScene) -> None:
    room = scene()
    assert room.tell(FIRED, "fire-1", 1, cause=2) == ("accepted", 3)
    assert room.tell(FIRED, "fire-1", 2) == ("duplicate", 3)
    assert room.tell(SKIPPED, "fire-1", 2) == ("duplicate", 3)
    assert room.tell(SKIPPED, "fire-2", 2) == ("accepted", 4)
    assert room.tell(FIRED, "fire-2", 2) == ("duplicate", 4)
    assert room.tell(FIRED, "fire-3", 2) == ("accepted", 5)
    assert room.fold.direction.fired["last"].count == 2
    assert [(line.type, line.cause) for line in room.lines[-3:]] == [
        ("rule.fired", 2),
        ("rule.skipped", None),
        ("rule.fired", None),
    ]


def test_who_lost_the_lease_says_nothing_more(scene: MakeScene) -> None:
    room = scene()
    assert room.tell(FIRED, "one", 1).status == "accepted"
    assert room.tell(FIRED, "two", 2).status == "accepted"
    assert room.tell(FIRED, "late", 1) == ("fenced", None)
    assert room.tell(SKIPPED, "two", 1).status == "duplicate"
    assert room.tell(n.SourceFresh(source="wms")).status == "accepted", "the gateway needs no lease"
    assert room.tell(FIRED, "late", 2).status == "accepted", "nobody has used this id"


def test_an_id_belongs_to_a_command_or_a_note(scene: MakeScene) -> None:
    room = scene()
    room.one(c.ButtonPress(name="红包"), id="command")
    assert room.tell(FIRED, "command") == ("conflict", None)
    assert room.tell(FIRED, "note").status == "accepted"
    assert room.one(c.ButtonPress(name="红包"), id="note").status == "conflict"


def test_tasks_wait_until_they_are_done(scene: MakeScene) -> None:
    room = scene()
    for task in ("a", "b/1", "c"):
        open_task(room, task)
    assert reason(room.one(c.TaskDone(task="b/1"))) == "accepted"
    assert reason(room.one(c.TaskDone(task="b/1"))) == "unknown_task"
    open_task(room, "a")
    assert tasks(room) == ["c", "a"], "what is opened again is the last"
    for task in ("a", "c"):
        room.one(c.TaskDone(task=task))
    assert tasks(room) == []


def test_two_hundred_tasks_are_open_at_the_most(scene: MakeScene) -> None:
    room = scene()
    room.note([room.noting(n.TaskOpened(task=str(number), text="做")) for number in range(200)])
    assert room.count_of("task.dropped") == 0
    open_task(room, "one more")
    assert (len(tasks(room)), tasks(room)[0], tasks(room)[-1]) == (200, "1", "one more")
    dropped = room.last("task.dropped")
    assert (dropped.data, dropped.cause) == ({"task": "0"}, room.last("task.opened").seq)
    open_task(room, "1")
    assert room.count_of("task.dropped") == 1, "it was open"
    assert reason(room.one(c.TaskDone(task="0"))) == "unknown_task"


def test_a_rule_is_switched_and_left_to_the_plan_again(scene: MakeScene) -> None:
    room = scene()
    room.one(c.RuleSet(name="last", enabled=False))
    assert room.fold.direction.switched == {"last": False}
    room.one(c.RuleSet(name="last", enabled=True))
    room.one(c.RuleSet(name="other", enabled=False))
    room.one(c.RuleSet(name="last", enabled=None))
    assert room.fold.direction.switched == {"other": False}


def test_what_is_asked_of_the_director_is_an_entry(scene: MakeScene) -> None:
    room = scene()
    assert reason(room.one(c.RuleFire(name="last", sku="A"))) == "accepted"
    assert reason(room.one(c.RuleFire(name="last"))) == "accepted"
    assert reason(room.one(c.RuleFire(name="last", sku="nowhere"))) == "unknown_sku"
    asked = c.ObsDo(obs="main", request="SetStudioModeEnabled", data={"studioModeEnabled": True, "z": [1, 0.5, None]})
    for command in (asked, c.EmergencyRun(name="超卖"), c.OverlayRefresh(), c.OverlayRefresh(page="p-1")):
        assert reason(room.one(command)) == "accepted"
    assert room.last("obs.do").data == {"obs": "main", "request": "SetStudioModeEnabled", "data": asked.data}


def test_stock_whose_source_is_silent_may_be_wrong(scene: MakeScene) -> None:
    """hz is counted by wms, or else by csv; gz by erp; bj by hand."""
    room = scene()
    room.tell(n.SourceStale(source="wms", since=SINCE))
    assert not seen(room, "A").stale, "csv speaks in its place"
    room.tell(n.SourceStale(source="csv", since=SINCE))
    assert (seen(room, "A").stale, seen(room, "A").heat) == (True, "grey")
    assert seen(room, "X").stale, "a bundle's units are those of its items"
    assert not seen(room, "A", "south").stale, "gz alone serves the south"
    assert not seen(room, "C").stale, "it has never been anywhere"
    room.tell(n.SourceFresh(source="wms"))
    assert not seen(room, "A").stale
    room.tell(n.SourceStale(source="erp", since=SINCE))
    assert seen(room, "A", "south").stale
    room.tell(n.SourceFresh(source="erp"))
    assert (seen(room, "A").stale, seen(room, "A").heat) == (False, "green")


def test_pace_is_shown_until_it_is_not_known_any_more(scene: MakeScene) -> None:
    room = scene()
    room.tell(n.ForecastUpdated(items={"A": (12.5, SINCE), "B": (0.0, None), "N": (1.0, None)}))
    assert (seen(room, "A").pace_per_minute, seen(room, "A").sells_out_at) == (12.5, SINCE)
    assert (seen(room, "B").pace_per_minute, seen(room, "B").sells_out_at) == (0.0, None)
    room.tell(n.ForecastUpdated(items={"A": (None, None)}))
    assert seen(room, "A").pace_per_minute is None
    room.one(c.ItemAdd(sku="N", title="新品", opening={"bj": 5}))
    assert seen(room, "N").pace_per_minute == 1.0


def test_an_obs_is_as_it_was_noted_last(scene: MakeScene) -> None:
    room = scene()
    room.tell(n.ObsChanged(obs="main", state=n.ObsState(connected=True, scene="特写", problems=("没有「库存文字」",))))
    room.tell(n.ObsHealth(obs="main", values=n.ObsValues(dropped_frames=0.02, fps=29.97)))
    now = BoardView(room.fold).direction().obs["main"]
    assert (now.connected, now.scene, now.problems, now.fps) == (True, "特写", ["没有「库存文字」"], 29.97)
    room.tell(n.ObsChanged(obs="main", state=n.ObsState(connected=False)))
    now = BoardView(room.fold).direction().obs["main"]
    assert (now.connected, now.scene, now.fps) == (False, None, None), "nothing is known of it any more"


def test_an_alert_is_there_until_it_is_over_and_what_was_seen_of_it_with_it(scene: MakeScene) -> None:
    room = scene()
    assert reason(room.one(c.AlertAcknowledge(alert="oversold:A"))) == "unknown_alert"
    room.record("o1", "A 500")
    assert reason(room.one(c.AlertAcknowledge(alert="oversold:A"))) == "accepted"
    assert room.one(c.AlertSnooze(alert="oversold:A", seconds=60.0)).ends_at is not None
    assert room.fold.alerts.seen_by("oversold:A") is not None
    room.record("o2", "A 1")
    assert room.fold.alerts.seen_by("oversold:A") is None, "one more"
    room.one(c.AlertAcknowledge(alert="oversold:A"))
    room.one(c.StockAdjust(sku="A", delta=1000, location="hz", reason="补货"))
    assert room.fold.alerts.raised == {}
    assert reason(room.one(c.AlertSnooze(alert="oversold:A", seconds=60.0))) == "unknown_alert"


def test_of_five_hundred_alerts_the_oldest_that_was_seen_leaves_for_one_more(scene: MakeScene) -> None:
    room = scene()
    stale = [n.SourceStale(source=f"s{nth}", since="2026-11-11T12:00:00.000Z") for nth in range(500)]
    room.engine.decide([encode_note(room.noting(each), None) for each in stale], now_ms=room.now)
    for alert in ("source:s7", "source:s5"):
        room.engine.submit([room.submission(c.AlertAcknowledge(alert=alert))], now_ms=room.now)
    more = [n.AlertRaised(rule=rule, text="x") for rule in ("one", "two", "three")]
    room.engine.decide([encode_note(room.noting(each), None) for each in more], now_ms=room.now)
    fold = Fold.from_first_entry(room.engine.read(0, count=1)[0][1])
    for _, line in room.engine.read(1, count=10_000):
        fold.apply(line)
    assert fold.alerts == Fold.from_state(room.engine.state()).alerts
    assert (len(fold.alerts.raised), fold.alerts.left) == (500, 3)
    assert not {"source:s7", "source:s5", "source:s0"} & set(fold.alerts.raised)


def test_the_operator_tells_the_presenter_something(scene: MakeScene) -> None:
    room = scene()
    room.one(c.NoteSet(text='慢一点 "3号"'))
    room.one(c.NoteSet(text="再讲一遍尺码"))
    assert room.fold.note is not None
    assert (room.fold.note.text, room.fold.note.by) == ("再讲一遍尺码", "api:test")
    room.one(c.NoteSet(text=None))
    assert room.fold.note is None
