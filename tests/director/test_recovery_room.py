"""A whole room whose store was put back to an earlier copy: it is made whole before anybody orders."""

import json
import shutil
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from tests.conftest import REPOSITORY, Room, until

pytestmark = [pytest.mark.store, pytest.mark.faults]


def order(room: Room, name: str) -> dict[str, Any]:
    body = {"type": "order.reserve", "id": name, "order": name, "lines": [{"sku": "A", "quantity": 1}]}
    status, answer = room.post("/api/v1/sessions/room/commands", body)
    return {"http": status, **json.loads(answer)}


def entries(room: Room) -> list[dict[str, Any]]:
    status, answer = room.get("/api/v1/sessions/room/ledger?since=0&limit=5000")
    found: list[dict[str, Any]] = json.loads(answer)["entries"] if status == 200 else []
    return found


def recorded(room: Room) -> int:
    return sum(len(path.read_bytes().splitlines()) for path in (room.state / "recordings").rglob("recording.jsonl"))


def test_a_room_whose_store_was_put_back_goes_on_where_its_recording_ends(
    room: Callable[..., Room], tmp_path: Path
) -> None:
    first = room()
    order(first, "early")
    first.stop()
    shutil.copytree(first.state / "store", tmp_path / "earlier")
    first = room(state=first.state, port=first.port)
    for number in range(20):
        assert order(first, f"o-{number}")["status"] == "accepted"
    before = entries(first)
    until(lambda: recorded(first) >= len(before), "everything is recorded")
    first.stop()

    shutil.rmtree(first.state / "store")
    shutil.copytree(tmp_path / "earlier", first.state / "store")
    again = room(state=first.state, port=first.port)
    until(lambda: any(entry["type"] == "session.resumed" for entry in entries(again)), "the store is whole again")

    assert entries(again)[: len(before)] == before
    assert again.board("room")["items"]["A"]["available"] == 79  # type: ignore[index]
    assert order(again, "o-3")["status"] == "duplicate"
    assert order(again, "new")["status"] == "accepted"
    command = [sys.executable, "-m", "overlaykit", "session", "audit", "room", "--json", "--state", str(again.state)]
    audit = subprocess.run(command, capture_output=True, text=True, timeout=60, cwd=REPOSITORY, check=False)
    assert audit.returncode == 0, audit.stdout + audit.stderr
