"""Notes: what is said once is written once, who no longer leads writes nothing, and what is shown stays bounded."""

import asyncio
import json
import math
import secrets
from collections.abc import Iterator
from typing import Any

import msgspec
import pytest

from overlaykit.board import BoardView, Fold
from overlaykit.model import commands as c
from overlaykit.model import notes as n
from overlaykit.model.commands import Submission
from overlaykit.model.notes import Noted, firing_id
from overlaykit.recording import disagreements
from overlaykit.stock import Keeper, StockEngine
from overlaykit.stock.keys import script_keys
from overlaykit.stock.notes import encode_note, encode_recorded_note
from overlaykit.store import connect, connect_async
from tests.engine.evening import make_evening

pytestmark = pytest.mark.store

FIRED = n.RuleFired(rule="最后", sku="A", key="A 3", why="available 5 → 2", values={"available": 2, "pace": 1.5})


class Room:
    """A session, its engine and its followers."""

    def __init__(self, url: str, ledger: str) -> None:
        self.url, self.ledger = url, ledger
        self.client: Any = connect(url)
        self.engine = StockEngine(self.client, ledger)
        self.engine.plan(make_evening(ledger))
        self._prefix = secrets.token_hex(3)
        self._count = 0

    def note(self, *notes: n.AnyNote, token: int | None = None, id: str = "", cause: int | None = None) -> list[Any]:
        """Each with an id of its own, or all with this one."""
        noted = [Noted(id or self.new_id(), note, "rule:最后", cause) for note in notes]

        async def say() -> list[n.NoteAnswer]:
            async with connect_async(self.url) as client:
                return await Keeper(client, self.ledger).note(noted, token)

        return [tuple(answer) for answer in asyncio.run(say())]

    def new_id(self) -> str:
        self._count += 1
        return f"{self._prefix}-{self._count}"

    def send(self, command: c.Command, id: str = "") -> dict[str, Any]:
        answer = self.engine.submit([Submission(id or self.new_id(), command, "desk:li")])[0]
        found: dict[str, Any] = json.loads(answer)
        return found

    def lines(self) -> list[bytes]:
        return [line for _, line in self.engine.read(0, count=10_000)]

    def entries(self) -> list[dict[str, Any]]:
        return [json.loads(line) for line in self.lines()]

    def fold(self) -> Fold:
        """Of the entries; it and the state of the store are the same."""
        first, *rest = self.lines()
        fold = Fold.from_first_entry(first)
        for line in rest:
            fold.apply(line)
        held = Fold.from_state(self.engine.state())
        assert held.direction == fold.direction
        assert list(held.direction.tasks) == list(fold.direction.tasks)
        assert BoardView(held).direction() == BoardView(fold).direction()
        return fold

    def written_again(self) -> list[bytes]:
        return StockEngine(self.client, self.ledger + "-again").reapply(self.lines())


@pytest.fixture
def room(any_store: Any, ledger: str) -> Iterator[Room]:
    found = Room(any_store.url, ledger)
    yield found
    found.client.close()


def test_a_firing_is_written_once_and_names_what_it_follows_from(room: Room) -> None:
    room.send(c.SessionOpen())
    id = firing_id("最后", "A 3")
    assert room.note(FIRED, id=id, cause=2) == [("accepted", 3)]
    again = n.RuleFired(rule="最后", sku="A", key="A 3", why="seen by another director, in other words")
    assert room.note(again, n.RuleSkipped(rule="最后", sku="A", key="A 3", why="too late"), id=id) == [
        ("duplicate", 3),
        ("duplicate", 3),
    ]
    assert len(room.entries()) == 3
    entry = room.entries()[-1]
    assert (entry["type"], entry["id"], entry["source"], entry["cause"]) == ("rule.fired", id, "rule:最后", 2)
    assert {"type": "rule.fired", **entry["data"]} == msgspec.to_builtins(FIRED)
    fired = room.fold().direction.fired["最后"]
    assert (fired.count, fired.at, fired.seq, fired.sku) == (1, entry["at"], 3, "A")
    assert room.note(n.RuleFired(rule="最后", key="2")) == [("accepted", 4)]
    fired = room.fold().direction.fired["最后"]
    assert (fired.count, fired.seq, fired.sku) == (2, 4, None)


def test_who_lost_the_lease_writes_nothing(room: Room) -> None:
    assert room.note(FIRED, token=3, id="one") == [("accepted", 2)]
    assert room.note(FIRED, token=5, id="two") == [("accepted", 3)]
    assert room.note(FIRED, FIRED, token=4, id="late") == [("fenced", None), ("fenced", None)]
    assert room.note(FIRED, token=4, id="two") == [("duplicate", 3)]
    assert len(room.entries()) == 3
    assert room.note(FIRED, token=5, id="late") == [("accepted", 4)], "a fenced id is not used up"
    assert room.note(n.SourceFresh(source="wms"), token=None) == [("accepted", 5)]


def test_of_too_many_tasks_the_oldest_leave_and_it_is_said(room: Room) -> None:
    room.note(*(n.TaskOpened(task=str(number), text="做") for number in range(n.TASKS_AT_MOST)))
    assert not any(entry["type"] == "task.dropped" for entry in room.entries())
    room.note(n.TaskOpened(task="更多", text="做"), n.TaskOpened(task="再多", text="做"))
    last = [(entry["type"], entry["data"]["task"], entry.get("cause")) for entry in room.entries()[-4:]]
    opened = n.TASKS_AT_MOST + 2
    assert last == [
        ("task.opened", "更多", None),
        ("task.dropped", "0", opened),
        ("task.opened", "再多", None),
        ("task.dropped", "1", opened + 2),
    ]
    assert len(room.fold().direction.tasks) == n.TASKS_AT_MOST
    assert room.written_again() == room.lines()


def test_a_replay_takes_notes_as_they_were_given(room: Room) -> None:
    room.send(c.SessionOpen())
    room.note(FIRED, token=7, cause=2, id="fire")
    room.send(c.RuleFire(name="最后", sku="A"))
    assert room.send(c.RuleFire(name="最后", sku="nowhere"))["reason"] == "unknown_sku"
    room.send(
        c.ObsDo(obs="main", request="SetStudioModeEnabled", data={"studioModeEnabled": True, "z": [1, 0.5, None]})
    )
    for command in (
        c.ButtonPress(name="红包"),
        c.EmergencyRun(name="超卖"),
        c.OverlayRefresh(),
        c.RuleSet(name="r", enabled=True),
    ):
        assert room.send(command)["status"] == "accepted"
    room.note(n.TaskOpened(task="t", text="做"), n.ForecastUpdated(items={"A": (1.0, None)}), token=8, cause=3)
    assert room.written_again() == room.lines()


def test_a_note_of_a_version_that_knew_fewer_fields_is_given_back_as_it_was(room: Room) -> None:
    data = b'{"state":{"connected":true},"obs":"main"}'
    room.engine.decide([encode_recorded_note("obs.changed", "old", "obs:main", data, None)])
    assert b'"data":' + data in room.lines()[-1]
    assert room.fold().direction.obs["main"] == n.ObsState(connected=True)
    assert room.written_again() == room.lines()


def test_a_note_follows_orders_of_the_same_call(room: Room) -> None:
    """The script decides notes and commands in one call as in several."""
    room.send(c.SessionOpen())
    command = room.engine.encode(Submission("o", c.RuleFire(name="r"), "desk:li"))
    notes = [encode_note(Noted("n", n.TaskOpened(task="t", text="做"), "rule:r", 3), 1)]
    done = room.engine.encode(Submission("d", c.TaskDone(task="t"), "desk:li"))
    answers = [json.loads(each) for each in room.engine.decide([command, *notes, done])]
    assert [(each["status"], each["seq"]) for each in answers] == [("accepted", 3), ("accepted", 4), ("accepted", 5)]
    assert room.fold().direction.tasks == {}


def test_what_is_too_long_is_cut_and_what_cannot_be_read_again_is_not_written(room: Room) -> None:
    room.note(
        n.ChatHeard(channel="mini", keyword="价", text="价" * 5000), n.ForecastUpdated(items={"A": (math.inf, None)})
    )
    assert room.entries()[-2]["data"]["text"] == "价" * 1999 + "…"
    assert room.fold().direction.paces == {}, "no pace is endless"
    assert room.written_again() == room.lines()
    for note in (
        n.ForecastUpdated(items=dict.fromkeys(map(str, range(201)), (1.0, None))),
        n.ForecastUpdated(items={}),
        n.RuleFired(rule="", key="k"),
        n.ActionDone(firing=0, index=0, action="chat", status="done"),
    ):
        with pytest.raises(ValueError, match="cannot be written"):
            room.note(note)
    assert len(room.entries()) == 3


def test_a_platforms_reason_is_cut_too(room: Room) -> None:
    said = n.StockPushed(channel="mini", failed={"A": "价" * 5000, "B": "half \ud83d"})
    assert [status for status, _ in room.note(said)] == ["accepted"]
    assert room.entries()[-1]["data"]["failed"] == {"A": "价" * 199 + "…", "B": "half ?"}


def test_half_characters_that_a_plugin_said_are_written_as_question_marks(room: Room) -> None:
    room.note(n.ChatHeard(channel="mini", keyword="价", text="价？", author="小\ud83d"))
    assert room.entries()[-1]["data"]["author"] == "小?"
    room.note(n.ActionDone(firing=1, index=0, action="lamp", status="failed", detail="no file \udc80灯"))
    assert room.entries()[-1]["data"]["detail"] == "no file ?灯"


def test_an_audit_finds_what_somebody_changed_in_the_store(room: Room) -> None:
    room.note(n.ForecastUpdated(items={"A": (1.5, None)}), n.TaskOpened(task="t", text="发券"))
    fold = room.fold()
    assert disagreements(fold, room.engine.state()) == []
    shown = next(key for key in script_keys(room.ledger) if key.endswith(":shown"))
    room.client.hset(shown, "pace A", b"[99.0,null]")
    room.client.hset(shown, "rule last", b"false")
    assert disagreements(fold, room.engine.state()) == [
        ("", "last among what was noted (switched) is False in the store, and None by the entries"),
        ("", "A among what was noted (paces) is (99.0, None) in the store, and (1.5, None) by the entries"),
    ]
