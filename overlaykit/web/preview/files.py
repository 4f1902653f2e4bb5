"""What changed in a theme's folders between two looks."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from contextlib import suppress
from pathlib import Path
from typing import NamedTuple

Stamps = Mapping[Path, tuple[int, int]]
"""File → when it was written last, and how long it is."""


class Changes(NamedTuple):
    """files        what was changed, added or taken away
    styles_alone   whether style sheets were changed, and nothing else happened
    loaded         whether a file that pages load is among them
    """

    files: frozenset[Path]
    styles_alone: bool
    loaded: bool


def stamps_of(folders: Iterable[Path]) -> Stamps:
    """Every file in these folders that is not hidden."""
    found = {}
    for folder in dict.fromkeys(folders):
        for file in folder.rglob("*"):
            with suppress(OSError):  # gone between listing it and looking at it
                if not file.name.startswith(".") and file.is_file():
                    told = file.stat()
                    found[file.resolve()] = (told.st_mtime_ns, told.st_size)
    return found


def half_saved(before: Stamps, after: Stamps) -> bool:
    """Whether a file that held something holds nothing: most editors empty a file first and write it then."""
    return any(size == 0 and before.get(file, (0, 0))[1] > 0 for file, (_, size) in after.items())


def changes_between(before: Stamps, after: Stamps) -> Changes:
    """What is not as it was."""
    files = frozenset(file for file in {**before, **after} if before.get(file) != after.get(file))
    return Changes(
        files,
        styles_alone=before.keys() == after.keys() and all(file.suffix == ".css" for file in files),
        loaded=any(file.suffix not in (".html", ".toml") for file in files),
    )
