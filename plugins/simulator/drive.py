"""Starts a room of its own, plays an evening to it, and keeps the recording.

The room is `overlaykit run` in a process of its own with an empty state folder; it is spoken to over HTTP like any room.
"""

from __future__ import annotations

import os
import secrets
import shutil
import socket
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import TypeVar

from overlaykit.api import NotFound, RoomClient, UserError
from plugins.simulator.behaviour import evening
from plugins.simulator.playing import Play

T = TypeVar("T")

START_SECONDS = 60.0
STOP_SECONDS = 20.0
KEPT = ("recording.jsonl", "recording.heads.jsonl")


def record(
    plan: str, folder: Path, *, seed: int, seconds: float, requests: int | None, report: Callable[[Play], None]
) -> list[Path]:
    """Plays `plan` (what `overlaykit run` takes) with this seed; leaves the recording in `folder`; gives its files.

    requests   how many requests the crowd makes; without it 1.6 for each unit on hand
    Raises UserError when the room does not start, or goes away.
    """
    with tempfile.TemporaryDirectory(prefix="overlaykit-simulate-") as temporary:
        state = Path(temporary) / "state"
        with _room(plan, state) as room:
            resolved = room.plan()
            units = sum(sum(item.opening.values()) for item in resolved.items)
            crowd = evening(resolved, seed=seed, seconds=seconds, requests=requests or round(units * 1.6))
            Play(room, crowd, report=report).run()
            _until(lambda: not any(item.held for item in room.board().items.values()), "holds did not expire", seconds)
            room.send(
                {"type": "session.close", "id": "close", "reason": f"synthetic: overlaykit simulate, seed {seed}"}
            )
            recording = _until(lambda: _closed_recording(state), "the recording was not finished", START_SECONDS)
        folder.mkdir(parents=True, exist_ok=True)
        return [Path(shutil.copy2(file, folder)) for name in KEPT if (file := recording.parent / name).is_file()]


@contextmanager
def _room(plan: str, state: Path) -> Iterator[RoomClient]:
    """A live room in a process of its own, ended afterwards."""
    port = _free_port()
    token = secrets.token_urlsafe(24)
    log = state.parent / "room.log"
    command = [sys.executable, "-m", "overlaykit", "run", plan, "--state", str(state), "--port", str(port)]
    with log.open("wb") as output:
        process = subprocess.Popen(
            command,
            stdin=subprocess.DEVNULL,
            stdout=output,
            stderr=subprocess.STDOUT,
            env={**os.environ, "OVERLAYKIT_TOKEN_OPERATOR": token, "PYTHONUNBUFFERED": "1"},
        )
    try:
        with RoomClient(f"http://127.0.0.1:{port}", token) as room:

            def live() -> bool:
                if process.poll() is not None:
                    raise UserError(
                        f"The room did not start:\n{log.read_text(encoding='utf-8', errors='replace').strip()[-2000:]}",
                        remedy=f"Try `overlaykit run {plan}` by itself.",
                    )
                try:
                    return room.is_ready() and room.board().session.status == "live"
                except NotFound:  # no session yet
                    return False

            _until(live, "the room did not open", START_SECONDS)
            yield room
    finally:
        process.terminate()
        try:
            process.wait(STOP_SECONDS)
        except subprocess.TimeoutExpired:
            process.kill()
            process.wait()


def _closed_recording(state: Path) -> Path | None:
    """The room's recording, once its last line is the close."""
    for recording in state.glob("recordings/*/*/recording.jsonl"):
        lines = recording.read_bytes().rsplit(b"\n", 2)
        if len(lines) == 3 and b'"type":"session.close"' in lines[1] and not lines[2]:
            return recording
    return None


def _until(condition: Callable[[], T | None], otherwise: str, seconds: float) -> T:
    """Asks until `condition` gives something true, and gives that. Raises UserError saying `otherwise`."""
    give_up = time.monotonic() + seconds
    while not (found := condition()):
        if time.monotonic() > give_up:
            raise UserError(f"After {seconds:g} s {otherwise}.", remedy="Try again, with less load on this machine.")
        time.sleep(0.1)
    return found


def _free_port() -> int:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return int(probe.getsockname()[1])
