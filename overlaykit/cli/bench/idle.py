"""What a room of 10,000 items takes of the machine while nothing happens in it and a desk and an overlay are open."""

from __future__ import annotations

import time
from pathlib import Path

from overlaykit.cli.bench.figures import Figure, share
from overlaykit.cli.bench.pages import open_pages
from overlaykit.cli.bench.processes import cpu_seconds, resident_bytes, room_processes
from overlaykit.cli.bench.rooms import Target
from overlaykit.cli.bench.watchers import DESK, OVERLAY, token_of, watched_room

ITEMS = 10_000
SECONDS = 120.0
SETTLE_SECONDS = 20.0
"""After the start: plugins are loaded, the desk has its board, the first audit is over."""


def measure(scale: float, state: Path | None) -> list[Figure]:
    """A round: a fresh room."""
    with (
        watched_room(state, share(ITEMS, scale)) as room,
        open_pages(room, [f"{path}&token={token_of(room)}" for path in (DESK, OVERLAY)]),
    ):
        time.sleep(SETTLE_SECONDS * min(1.0, scale))
        return taken_by(room, SECONDS * scale)


def taken_by(room: Target, seconds: float) -> list[Figure]:
    """What each process of the room takes in so many seconds from now."""
    processes = room_processes(room)
    before, began = {name: cpu_seconds(pid) for name, pid in processes.items()}, time.monotonic()
    time.sleep(seconds)
    took = time.monotonic() - began
    return [
        figure
        for name, pid in processes.items()
        for figure in (
            Figure(f"{name}: CPU", (cpu_seconds(pid) - before[name]) / took * 100, "% of a core", False),
            Figure(f"{name}: memory", resident_bytes(pid) / 1e6, "MB", False),
        )
    ]
