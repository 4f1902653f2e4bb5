"""From SESSION to an open session: going on, plans that changed, sessions that are over, recordings that are played."""

from __future__ import annotations

import json
import shutil
from collections.abc import Callable
from pathlib import Path
from typing import TYPE_CHECKING, Any

import pytest

from tests.conftest import until

if TYPE_CHECKING:
    from tests.conftest import Room

pytestmark = pytest.mark.store

StartRoom = Callable[..., "Room"]


def send(room: Room, type: str, **fields: Any) -> dict[str, Any]:
    status, body = room.post("/api/v1/sessions/current/commands", {"type": type, **fields})
    assert status == 200, body
    answer: dict[str, Any] = json.loads(body)
    return answer


def sessions(room: Room) -> dict[str, str]:
    """Id → status."""
    status, body = room.get("/api/v1/sessions")
    assert status == 200, body
    listed = json.loads(body)
    return {one["id"]: one["status"] for one in (listed["sessions"] if isinstance(listed, dict) else listed)}


def item(room: Room, sku: str = "A", session: str = "current") -> dict[str, Any]:
    items = room.board(session)["items"]
    assert isinstance(items, dict)
    found: dict[str, Any] = items[sku]
    return found


def test_a_session_may_be_named_by_its_id_later(room: StartRoom) -> None:
    first = room()
    send(first, "order.reserve", order="o-1", lines=[{"sku": "A", "quantity": 4}])
    first.stop()
    second = room("room", state=first.state, port=first.port)
    assert item(second)["available"] == 96


def test_it_may_be_named_by_its_id_even_when_its_folder_is_gone(room: StartRoom, plan_folder: Path) -> None:
    first = room()
    send(first, "order.reserve", order="o-1", lines=[{"sku": "A", "quantity": 4}])
    first.stop()
    shutil.rmtree(plan_folder)
    second = room("room", state=first.state, port=first.port)
    assert item(second)["available"] == 96
    second.stop()
    third = room("roon", state=first.state, port=first.port, wait=False)
    assert third.process.wait(20) == 2
    assert "known sessions: room" in third.output


def test_a_changed_plan_is_refused_with_what_to_do(room: StartRoom, plan_folder: Path) -> None:
    first = room()
    first.stop()
    plan = plan_folder / "session.toml"
    before = plan.read_text(encoding="utf-8")
    plan.write_text(before.replace("opening = 100", "opening = 120"), encoding="utf-8")
    refused = room(state=first.state, port=first.port, wait=False)
    assert refused.process.wait(20) == 2
    for text in ("'room'", "another plan", "'room-2'", "put the file back"):
        assert text in refused.output
    assert "Traceback" not in refused.output
    plan.write_text(before.replace('"room"', '"room-2"'), encoding="utf-8")
    again = room(state=first.state, port=first.port)
    assert sessions(again) == {"room": "live", "room-2": "live"}


def test_a_closed_session_is_not_opened_again(room: StartRoom) -> None:
    first = room()
    send(first, "session.close")
    first.stop()
    refused = room(state=first.state, port=first.port, wait=False)
    assert refused.process.wait(20) == 2
    assert "场次 room 已经结束 / the session 'room' is closed" in refused.output
    assert "换一个 id" in refused.output
    by_id = room("room", state=first.state, port=first.port, wait=False)
    assert by_id.process.wait(20) == 2
    assert "the session 'room' is closed" in by_id.output


@pytest.fixture
def played_folder(room: StartRoom, plan_folder: Path) -> Path:
    """A session's folder with a recording of a room: 12 units of A reserved, 5 of them paid, then B on air."""
    recorded = room()
    send(recorded, "item.feature", sku="A")
    for number in range(12):
        send(recorded, "order.reserve", order=f"o-{number}", buyer="b-1", lines=[{"sku": "A", "quantity": 1}])
    for number in range(5):
        send(recorded, "order.commit", order=f"o-{number}")
    send(recorded, "item.feature", sku="B")
    recorded.stop()
    shutil.copy(recorded.state / "recordings" / "room" / "local" / "recording.jsonl", plan_folder)
    return plan_folder


def test_a_recording_is_played_into_a_new_session_each_time(room: StartRoom, played_folder: Path) -> None:
    first = room(played_folder, "--play", "--speed", "20")
    until(lambda: item(first, "B")["on_air"], "the recording is played to its end")
    a = item(first)
    assert (a["available"], a["held"], a["sold"]) == (88, 7, 5)
    send(first, "order.reserve", order="mine", lines=[{"sku": "A", "quantity": 1}])
    assert item(first)["available"] == 87, "orders by hand mix in"
    first.wait_printed("player 已完成")
    printed = first.wait_printed("Ctrl-C")
    assert "录像回放中 " in printed
    assert "作为新场次再放一遍" in printed
    first.stop()
    second = room(played_folder, "--play", state=first.state, port=first.port)
    until(lambda: item(second, "B")["on_air"], "it is played again")
    assert sessions(second) == {"room-play-1": "closed", "room-play-2": "live"}
    assert item(second)["available"] == 88


def test_a_player_that_is_killed_goes_on_and_repeats_nothing(room: StartRoom, played_folder: Path) -> None:
    recording = played_folder / "recording.jsonl"
    running = room(played_folder, "--play", "--speed", str(seconds_of(recording) / 20))
    until(lambda: item(running)["held"] >= 1, "a part of it is played")
    pid = running.kill("player")
    until(lambda: running.pids.get("player") not in (None, pid), "the player runs again")
    until(lambda: item(running, "B")["on_air"], "it is played to its end")
    a = item(running)
    assert (a["available"], a["held"], a["sold"]) == (88, 7, 5)


def seconds_of(recording: Path) -> float:
    """From the opening to the last entry."""
    import datetime as dt

    times = [dt.datetime.fromisoformat(json.loads(line)["at"]) for line in recording.read_text().splitlines()]
    return (times[-1] - times[1]).total_seconds()


def test_without_a_recording_there_is_nothing_to_play(room: StartRoom) -> None:
    refused = room(None, "--play", wait=False)
    assert refused.process.wait(20) == 2
    assert "no recording.jsonl to play" in refused.output
    assert not refused.state.exists(), "nothing was started for it"
