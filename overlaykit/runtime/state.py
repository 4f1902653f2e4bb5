"""The state folder: who uses it, and files in it that only their owner may read."""

from __future__ import annotations

import contextlib
import os
import platform
import re
import secrets
import subprocess
from collections.abc import Iterator
from pathlib import Path
from typing import Any, TypeVar

import msgspec

from overlaykit.errors import StateError
from overlaykit.recording import try_lock

T = TypeVar("T")

RECORDER_FILE = "recorder.json"
PROCESSES_FILE = "processes.json"
"""Process name → pid, while a room runs."""


def prepare_state(state: Path) -> Path:
    """Makes the state folder, for its owner alone, and gives its absolute path. StateError when it cannot be used."""
    state = state.expanduser().absolute()
    try:
        state.mkdir(parents=True, exist_ok=True, mode=0o700)
        (state / "logs").mkdir(exist_ok=True)
    except OSError as error:
        raise StateError(
            f"the state folder {state} cannot be made: {error.strerror}",
            remedy="Give another with --state, or look at the rights of the folder above it.",
        ) from None
    if not os.access(state, os.R_OK | os.W_OK | os.X_OK):
        raise StateError(f"the state folder {state} is not writable for you", remedy="Give another with --state.")
    return state


@contextlib.contextmanager
def locked_state(state: Path) -> Iterator[None]:
    """Exclusive use of the state folder, until the block ends or this process dies. StateError names who has it."""
    path = state / "lock"
    with path.open("a+", encoding="ascii") as file:
        if not try_lock(file.fileno()):
            file.seek(0)
            holder = file.read().strip()
            command = command_of(int(holder)) if holder.isdecimal() else None
            who = f"process {holder} ({command})" if command else "another overlaykit"
            raise StateError(
                f"the state folder {state} is in use: {who} holds it",
                remedy="A room runs there already: stop it with Ctrl-C in its window"
                + (f", or `kill {holder}`" if command else "")
                + ", or give this one a folder of its own with --state.",
            )
        file.truncate(0)
        file.write(f"{os.getpid()}\n")
        file.flush()
        try:
            yield
        finally:
            file.truncate(0)


def recorder_name(state: Path) -> str:
    """This state folder's name among the recorders of a store that several machines share; made once."""
    path = state / RECORDER_FILE
    name = read_json(path, str)
    if name is None:
        host = re.sub(r"[^A-Za-z0-9]+", "-", platform.node()).strip("-")[:40] or "room"
        name = f"{host}-{secrets.token_hex(3)}"
        write_json(path, name)
    return name


def write_private(path: Path, content: bytes) -> None:
    """Writes a file that only its owner may read, whole or not at all, and for good. StateError when the disk refuses."""
    new = path.with_name(f".{path.name}.{os.getpid()}.new")
    try:
        new.unlink(missing_ok=True)
        descriptor = os.open(new, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600)
        with os.fdopen(descriptor, "wb") as file:
            file.write(content)
            file.flush()
            os.fsync(file.fileno())
        new.replace(path)
    except OSError as error:
        with contextlib.suppress(OSError):
            new.unlink(missing_ok=True)
        raise StateError(
            f"{path} 写不进去：{error.strerror or error} / {path} cannot be written: {error.strerror or error}",
            remedy="请看磁盘剩余空间，以及文件夹的所有者和权限。 / "
            "Look at the disk's free space, and at the owner and rights of the folder.",
        ) from None


def write_json(path: Path, value: Any) -> None:
    """`write_private` of a value, readable for people."""
    write_private(path, msgspec.json.format(msgspec.json.encode(value), indent=2) + b"\n")


def read_json(path: Path, kind: type[T]) -> T | None:
    """What `write_json` wrote; None when there is no such file. StateError when it is damaged."""
    try:
        return msgspec.json.decode(path.read_bytes(), type=kind)
    except FileNotFoundError:
        return None
    except OSError as error:
        raise StateError(f"{path} cannot be read: {error.strerror}", remedy="Look at its owner and rights.") from None
    except (msgspec.DecodeError, UnicodeDecodeError) as error:
        raise StateError(f"{path} is damaged: {error}", remedy="Move it away; it is then made anew.") from None


def command_of(pid: int) -> str | None:
    """The command line of a running process; None when there is none, or it has ended and waits to be reaped."""
    if pid <= 0:
        return None
    listing = Path(f"/proc/{pid}/cmdline")
    if Path("/proc/self/cmdline").exists():
        try:
            return os.fsdecode(listing.read_bytes()).replace("\0", " ").strip() or None
        except OSError:
            return None
    found = subprocess.run(
        ["ps", "-o", "state=,command=", "-p", str(pid)], capture_output=True, text=True, errors="replace", check=False
    )
    state, _, command = found.stdout.strip().partition(" ")
    return command.strip() or None if not state.startswith("Z") else None
