"""One room on several machines: two web processes and two directors, each with a state folder of its own."""

from __future__ import annotations

import json
import os
import signal
import subprocess
import sys
import urllib.request
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import TYPE_CHECKING

import pytest

from tests.conftest import REPOSITORY, free_tcp_port, until

if TYPE_CHECKING:
    from tests.conftest import Room, StoreServer

pytestmark = pytest.mark.store

Start = Callable[..., subprocess.Popen[bytes]]


@pytest.fixture
def start(tmp_path: Path) -> Iterator[Start]:
    """Starts `overlaykit ARGUMENTS`; stops it like Ctrl-C at the end."""
    started: list[subprocess.Popen[bytes]] = []

    def run(*arguments: object) -> subprocess.Popen[bytes]:
        with (tmp_path / f"printed-{arguments[0]}-{len(started)}.txt").open("wb") as out:
            process = subprocess.Popen(
                [sys.executable, "-m", "overlaykit", *map(str, arguments)],
                stdout=out,
                stderr=out,
                env={**os.environ, "PYTHONPATH": str(REPOSITORY)},
            )
        started.append(process)
        return process

    yield run
    for process in started:
        process.send_signal(signal.SIGINT)
    for process in started:
        assert process.wait(20) == 0


def test_web_and_director_on_other_machines_show_and_record_the_same_room(
    start: Start, room: Callable[..., Room], new_store: Callable[..., StoreServer], plan_folder: Path, tmp_path: Path
) -> None:
    server = new_store("valkey9", "appendfsync always")
    running = room(plan_folder, "--redis", server.url)
    port = free_tcp_port()
    start("web", "--redis", server.url, "--port", port, "--state", tmp_path / "other-web")
    start("director", "--redis", server.url, "--state", tmp_path / "other-director")
    line = {"sku": "A", "quantity": 1}
    command = {"type": "order.reserve", "order": "o-1", "lines": [line]}
    assert running.post("/api/v1/sessions/current/commands", command)[0] == 200

    url = f"http://127.0.0.1:{port}/api/v1/sessions/room/board?token={running.tokens['overlay']}"
    until(lambda: shown(url) == 99, "the other web shows it, and knows this room's token")
    recorded = tmp_path / "other-director" / "recordings" / "room"
    until(lambda: lines(recorded) >= 4, "the other director records it")
    until(lambda: lines(running.state / "recordings" / "room") >= 4, "this one, too")
    names = {folder.name for folder in (*recorded.iterdir(), *(running.state / "recordings" / "room").iterdir())}
    assert len(names) == 2, "each under a name of its own"


def shown(url: str) -> int | None:
    try:
        with urllib.request.urlopen(url, timeout=5) as answer:
            return int(json.load(answer)["items"]["A"]["available"])
    except OSError:
        return None


def lines(folder: Path) -> int:
    return sum(len(path.read_bytes().splitlines()) for path in folder.glob("*/recording.jsonl"))
