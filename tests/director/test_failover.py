"""Two director processes, and one that is killed: what fires, fires once, and soon."""

from __future__ import annotations

import json
import os
import signal
import subprocess
import sys
import time
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest

from tests.conftest import REPOSITORY, until

pytestmark = [pytest.mark.store, pytest.mark.faults]

TAKEOVER = 5.0
BANNER = {"action": "announce", "text": "{{ item.available }}"}


@pytest.fixture
def process(tmp_path: Path) -> Iterator[Callable[[str, str], subprocess.Popen[bytes]]]:
    """Starts director processes: `process(url, "first")`."""
    started: list[subprocess.Popen[bytes]] = []

    def start(url: str, name: str) -> subprocess.Popen[bytes]:
        command = [sys.executable, "-m", "overlaykit", "director", "--redis", url, "--state", str(tmp_path / name)]
        with (tmp_path / f"{name}.txt").open("wb") as out:
            environment = {**os.environ, "PYTHONPATH": str(REPOSITORY), "PYTHONUNBUFFERED": "1"}
            started.append(subprocess.Popen(command, stdout=out, stderr=out, env=environment))
        return started[-1]

    yield start
    for each in started:
        if each.poll() is None:
            each.send_signal(signal.SIGINT)
    for each in started:
        each.wait(20)


def levels(*units: int) -> dict[str, Any]:
    return {"rule": [{"name": f"below-{n}", "when": f"available < {n}", "do": [BANNER]} for n in units]}


def director_of(folder: Path) -> int:
    """The pid of the director that the supervisor of this state folder runs."""
    return int(json.loads((folder / "processes.json").read_text())["director"])


def test_kill_9_of_the_one_that_leads_neither_repeats_nor_misses(
    store: Any, ledger: str, process: Any, evening: Any, tmp_path: Path
) -> None:
    room = evening(store.url, ledger, levels(900, 800, 700))

    def done() -> list[str]:
        return [entry["data"]["detail"] for entry in room.entries("action.done")]

    process(store.url, "first")
    until(lambda: b"leads now" in _log(tmp_path / "first"), "the first one leads")
    process(store.url, "second")
    until(
        lambda: b"stands by" in _log(tmp_path / "second") or _records(tmp_path / "second", ledger),
        "the other stands by",
    )
    room.sell(101)
    until(lambda: len(done()) == 1, "the first level")

    os.kill(director_of(tmp_path / "first"), signal.SIGSTOP)  # it may not begin again by itself
    os.kill(director_of(tmp_path / "first"), signal.SIGKILL)
    killed = time.monotonic()
    room.sell(100)
    until(lambda: len(done()) == 2, "the second level, by the other one")
    assert time.monotonic() - killed < TAKEOVER

    room.sell(100)
    until(lambda: len(done()) == 3, "the third")
    assert [entry["data"]["rule"] for entry in room.entries("rule.fired")] == ["below-900", "below-800", "below-700"]
    assert len(room.entries("announce.show")) == 3
    assert room.entries("rule.skipped") == []


def _log(state: Path) -> bytes:
    return b"".join(path.read_bytes() for path in (state / "logs").glob("director*.log"))


def _records(state: Path, session: str) -> list[Path]:
    return list((state / "recordings" / session).glob("*/recording.jsonl"))
