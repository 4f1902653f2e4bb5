"""What the processes of a running room take of the machine."""

from __future__ import annotations

import json
import os
from pathlib import Path

from overlaykit.cli.bench.rooms import Target
from overlaykit.errors import StateError
from overlaykit.runtime.state import PROCESSES_FILE


def room_processes(room: Target) -> dict[str, int]:
    """Name → process id: supervisor, store, web and the others that this room has."""
    found: dict[str, int] = json.loads((room.folder / "state" / PROCESSES_FILE).read_text(encoding="utf-8"))
    return found


def cpu_seconds(pid: int) -> float:
    """Seconds of processor that a process has used, all its threads together. Raises StateError where nobody can tell."""
    fields = _read(pid, "stat").rpartition(")")[2].split()
    return (int(fields[11]) + int(fields[12])) / os.sysconf("SC_CLK_TCK")


def resident_bytes(pid: int) -> int:
    """Bytes of memory that a process holds. Raises StateError where nobody can tell."""
    return int(_read(pid, "statm").split()[1]) * os.sysconf("SC_PAGE_SIZE")


def _read(pid: int, name: str) -> str:
    try:
        return Path(f"/proc/{pid}/{name}").read_text(encoding="utf-8")
    except OSError as error:
        raise StateError(
            f"what the process {pid} takes cannot be read: {error}",
            remedy="This measurement reads /proc: it needs Linux, and the room has to run on.",
        ) from error
