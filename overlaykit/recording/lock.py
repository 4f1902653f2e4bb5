"""A lock on a file, held by a process until it lets go or dies; on every platform."""

from __future__ import annotations

import sys
from pathlib import Path
from types import TracebackType

from overlaykit.errors import StateError

if sys.platform == "win32":
    import msvcrt

    def _take(descriptor: int) -> None:
        msvcrt.locking(descriptor, msvcrt.LK_NBLCK, 1)

else:
    import fcntl

    def _take(descriptor: int) -> None:
        fcntl.flock(descriptor, fcntl.LOCK_EX | fcntl.LOCK_NB)


def try_lock(descriptor: int) -> bool:
    """Takes the lock on an open file, for as long as it stays open here or in a process that inherited it."""
    try:
        _take(descriptor)
    except OSError:
        return False
    return True


class FileLock:
    """Exclusive use of what `path` stands for. The file stays where it is: only the lock on it means something.

    Raises StateError when another process, or another FileLock of this one, holds it.
    """

    def __init__(self, path: Path, *, of: str) -> None:
        path.parent.mkdir(parents=True, exist_ok=True)
        self._file = path.open("ab")
        if not try_lock(self._file.fileno()):
            self._file.close()
            raise StateError(
                f"{of} is in use: another process holds {path}",
                remedy="Stop that process, or give this one a name or state folder of its own.",
            )

    def release(self) -> None:
        """Lets go; the system does the same when the process ends."""
        self._file.close()

    def __enter__(self) -> FileLock:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, traceback: TracebackType | None
    ) -> None:
        self.release()
