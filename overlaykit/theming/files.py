"""The files of a theme and of the themes it extends, found by one rule wherever a file is named.

A name is looked up in the theme, then in what it extends, and so on. `ID:file` begins at that theme of the chain.
"""

from __future__ import annotations

import hashlib
from collections.abc import Iterator, Mapping
from pathlib import Path

from overlaykit.errors import NotFound
from overlaykit.theming.manifest import say_known


class ThemeFiles:
    """The folders of a chain. What is hidden (`.git`, an editor's copies) is no file of a theme."""

    def __init__(self, folders: Mapping[str, Path]) -> None:
        """`folders`: theme id → folder, the theme itself first."""
        self._folders = {id: folder.resolve() for id, folder in folders.items()}

    def find(self, name: str) -> Path | None:
        """The file of this name; None when there is none, or when it is outside the folders."""
        folders = list(self._folders.values())
        id, colon, path = name.partition(":")
        if colon and id in self._folders:
            folders = folders[list(self._folders).index(id) :]
        else:
            path = name
        return next((found for folder in folders if (found := _inside(folder, path)) is not None), None)

    def get(self, name: str) -> Path:
        """The file of this name. Raises NotFound with the names there are."""
        found = self.find(name)
        if found is None:
            id = next(iter(self._folders))
            raise NotFound(f"the theme {id!r} has no file {name!r}", remedy=self.say_known("files", name))
        return found

    def say_known(self, what: str, wrong: str, suffix: str = "") -> str:
        """A remedy for a name that is not found: the files that end in `suffix`, or the themes that `ID:` may name."""
        id, colon, _ = wrong.partition(":")
        if colon and id not in self._folders:
            return say_known("themes before a colon", list(self._folders), id)
        return say_known(what, self.names(suffix), wrong)

    def names(self, suffix: str = "") -> list[str]:
        """The files that end in `suffix`, by the names they have in the chain, sorted."""
        return sorted({name for name, _ in self._all() if name.endswith(suffix)})

    def holds(self, file: Path) -> bool:
        """Whether this path is inside one of the folders."""
        return any(file.is_relative_to(folder) for folder in self._folders.values())

    def stamp(self) -> tuple[int, int]:
        """Another value when a file was changed, added or taken away."""
        times = [file.stat().st_mtime_ns for _, file in self._all()]
        return len(times), max(times, default=0)

    def fingerprint(self) -> str:
        """Names the content of all files, 12 hexadecimal digits."""
        digest = hashlib.sha256()
        for name, file in self._all():
            with file.open("rb") as content:
                digest.update(name.encode() + b"\0" + hashlib.file_digest(content, "sha256").digest())
        return digest.hexdigest()[:12]

    def _all(self) -> Iterator[tuple[str, Path]]:
        for folder in self._folders.values():
            for file in sorted(folder.rglob("*")):
                inner = file.relative_to(folder)
                if _inside(folder, str(inner)) is not None:
                    yield inner.as_posix(), file


def _inside(folder: Path, name: str) -> Path | None:
    try:
        found = (folder / name).resolve()
        there = found.is_relative_to(folder) and not _hidden(found.relative_to(folder)) and found.is_file()
    except (OSError, ValueError):  # a name that no file can have
        return None
    return found if there else None


def _hidden(inner: Path) -> bool:
    return any(part.startswith(".") or part == "__pycache__" for part in inner.parts)
