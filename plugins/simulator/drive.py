"""Starts a room of its own, plays an evening to it, and keeps the recording and the plan it was made of.

The room is `overlaykit run` in a process of its own with an empty state folder; it is spoken to over HTTP like any room.
A plan with `starts` is played as if it began now: a copy of it, whose dates are moved.
"""

from __future__ import annotations

import datetime as dt
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
from plugins.simulator.dating import moved_to
from plugins.simulator.playing import Play

T = TypeVar("T")

START_SECONDS = 60.0
STOP_SECONDS = 20.0
RECORDING, PLAN = ("recording.jsonl", "recording.heads.jsonl"), "session.toml"
BUNDLED = Path(__file__).resolve().parents[2] / "sample_sessions"
LAST_LINES = 20
"""Of a recording, among which its close is looked for."""
BEGINS_IN = 12
"""Seconds until a plan with `starts` begins: the room has to be open by then."""


def record(
    plan: str, folder: Path, *, seed: int, seconds: float, requests: int | None, report: Callable[[Play], None]
) -> list[Path]:
    """Plays `plan` (what `overlaykit run` takes) with this seed; leaves the recording and its plan in `folder`; gives the files.

    requests   how many requests the crowd makes; without it 1.6 for each unit on hand
    Raises UserError when the room does not start, or goes away.
    """
    with tempfile.TemporaryDirectory(prefix="overlaykit-simulate-") as temporary:
        state = Path(temporary) / "state"
        copy, begins = _copy(plan, Path(temporary) / "plan")
        with _room(str(copy or plan), state) as room:
            resolved = room.plan()
            if begins is not None:
                time.sleep(max(0.0, (begins - dt.datetime.now(dt.UTC)).total_seconds()))
            units = sum(sum(item.opening.values()) for item in resolved.items)
            crowd = evening(resolved, seed=seed, seconds=seconds, requests=requests or round(units * 1.6))
            Play(room, crowd, report=report).run()
            _until(lambda: not any(item.held for item in room.board().items.values()), "holds did not expire", seconds)
            room.send(
                {"type": "session.close", "id": "close", "reason": f"synthetic: overlaykit simulate, seed {seed}"}
            )
            recording = _until(lambda: _closed_recording(state), "the recording was not finished", START_SECONDS)
        folder.mkdir(parents=True, exist_ok=True)
        files = [recording.parent / name for name in RECORDING]
        if copy is not None:
            files.append(copy / PLAN)
        return [Path(shutil.copy2(file, folder)) for file in files if file.is_file()]


def _copy(plan: str, folder: Path) -> tuple[Path | None, dt.datetime | None]:
    """The plan's folder as it is played, without its recording, and when its evening begins; None for what cannot be found:
    then the room says what is wrong."""
    given = Path(plan).expanduser()
    found = given if given.exists() else BUNDLED / plan
    file = found / PLAN if found.is_dir() else found
    if not file.is_file():
        return None, None
    begins = dt.datetime.now(dt.UTC).replace(microsecond=0) + dt.timedelta(seconds=BEGINS_IN)
    try:
        text = file.read_text(encoding="utf-8")
        moved = moved_to(text, begins)
    except (UnicodeDecodeError, ValueError):
        return None, None
    if found.is_dir():
        shutil.copytree(found, folder, ignore=shutil.ignore_patterns("recording*"))
    folder.mkdir(exist_ok=True)
    (folder / PLAN).write_text(moved, encoding="utf-8")
    return folder, begins if moved != text else None


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
    """The room's recording, once the close is in it; the director may have said a last word after that."""
    for recording in state.glob("recordings/*/*/recording.jsonl"):
        *lines, unfinished = recording.read_bytes().rsplit(b"\n", LAST_LINES + 1)
        if not unfinished and any(b'"type":"session.close"' in line for line in lines[-LAST_LINES:]):
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
