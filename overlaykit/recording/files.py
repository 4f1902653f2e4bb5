"""Where recordings are, and how they are read: `recording.jsonl`, one ledger line with its chain a line.

A recorder's folder holds `recording.jsonl`, and `recording-2.jsonl` and so on where a store came back with another
ledger; beside each stand its signed heads, `recording.heads.jsonl`.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator
from pathlib import Path

from overlaykit.errors import NotFound, RecordingError
from overlaykit.recording.chain import strip

RECORDING = "recording.jsonl"
_NAME = re.compile(r"recording(?:-([1-9][0-9]*))?\.jsonl")

Progress = Callable[[int, int], None]
"""Called now and then with bytes done and bytes in all."""

_PROGRESS_LINES = 5_000


def numbered(number: int) -> str:
    """File name of the recorder's recording `number`, 1 …"""
    return RECORDING if number == 1 else f"recording-{number}.jsonl"


def heads_path(recording: Path) -> Path:
    """The signed heads of a recording."""
    return recording.with_name(f"{recording.stem}.heads.jsonl")


def recordings_in(folder: Path) -> list[Path]:
    """A recorder's recordings, oldest first; [] when there are none."""
    found: list[tuple[int, Path]] = []
    for path in folder.glob("recording*.jsonl"):
        match = _NAME.fullmatch(path.name)
        if match:
            found.append((int(match[1] or 1), path))
    return [path for _, path in sorted(found)]


def locate(path: Path) -> Path:
    """The recording that `path` means: the file itself, or the newest in that recorder's or session's folder.

    NotFound says what is there instead.
    """
    if path.is_file():
        return path
    if not path.exists():
        raise NotFound(f"there is no recording at {path}", remedy=_what_is_near(path))
    if not path.is_dir():
        raise NotFound(f"{path} is no regular file", remedy="Name a recording, or a folder with one in it.")
    here = recordings_in(path)
    if here:
        return here[-1]
    below = [newest[-1] for folder in sorted(path.iterdir()) if folder.is_dir() and (newest := recordings_in(folder))]
    if len(below) == 1:
        return below[0]
    if below:
        raise NotFound(
            f"{path} holds {len(below)} recordings; say which one", remedy="There are: " + ", ".join(map(str, below))
        )
    raise NotFound(f"{path} holds no {RECORDING}", remedy="Name a recording, or a folder with one in it.")


def numbered_lines(path: Path, progress: Progress | None = None) -> Iterator[tuple[int, bytes]]:
    """Line number (from 1) and line, newline included where there is one. Streams; RecordingError when unreadable."""
    try:
        total = path.stat().st_size if progress else 0
        done = 0
        with path.open("rb") as file:
            for number, line in enumerate(file, 1):
                yield number, line
                if progress:
                    done += len(line)
                    if number % _PROGRESS_LINES == 0:
                        progress(done, total)
        if progress:
            progress(done, total)
    except OSError as error:
        raise RecordingError(
            f"{path} cannot be read: {error.strerror}", remedy="Look at the file, its owner and its rights."
        ) from None


def ledger_lines(path: Path, progress: Progress | None = None) -> Iterator[tuple[int, bytes]]:
    """Line number and ledger line, without chain and newline. A torn last line is left out."""
    for number, line in numbered_lines(path, progress):
        if line.endswith(b"\n"):
            yield number, strip(line[:-1])


def _what_is_near(path: Path) -> str:
    names = sorted(found.name for found in path.parent.iterdir()) if path.parent.is_dir() else []
    if not names:
        return f"{path.parent} does not exist or is empty."
    return f"In {path.parent} there is: {', '.join(names[:12])}{' …' if len(names) > 12 else ''}"
