"""The files of a theme and of the themes it extends, found by one rule wherever a file is named.

A name is looked up in the theme, then in what it extends, and so on. `ID:file` begins at that theme of the chain.
"""

from __future__ import annotations

import hashlib
import os
from collections.abc import Iterator, Mapping
from contextlib import suppress
from pathlib import Path

from overlaykit.errors import NotFound, ThemeError
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
        """Another value when a file was changed, added or taken away. The folders may change while it looks."""
        times = []
        for _, entry in self._all():
            with suppress(OSError):
                times.append(entry.stat().st_mtime_ns)
        return len(times), max(times, default=0)

    def fingerprint(self) -> str:
        """Names the content of all files, 12 hexadecimal digits. Raises ThemeError for one that cannot be read."""
        digest = hashlib.sha256()
        for name, entry in self._all():
            try:
                with open(entry.path, "rb") as content:
                    digest.update(os.fsencode(name) + b"\0" + hashlib.file_digest(content, "sha256").digest())
            except OSError as error:
                raise ThemeError(
                    f"{entry.path} cannot be read: {error.strerror}", remedy="Make it readable, or take it out."
                ) from None
        return digest.hexdigest()[:12]

    def _all(self) -> Iterator[tuple[str, os.DirEntry[str]]]:
        for folder in self._folders.values():
            for name, entry in _walk(str(folder), ""):
                if not entry.is_symlink() or _inside(folder, name) is not None:
                    yield name, entry


def _walk(folder: str, prefix: str) -> Iterator[tuple[str, os.DirEntry[str]]]:
    """The files and links below `folder` by their names, in an order that is always the same."""
    try:
        with os.scandir(folder) as found:
            entries = sorted(found, key=lambda entry: entry.name)
    except OSError:  # taken away this moment, or not ours to read
        return
    for entry in entries:
        if _is_hidden(entry.name):
            continue
        if entry.is_dir(follow_symlinks=False):
            yield from _walk(entry.path, f"{prefix}{entry.name}/")
        elif entry.is_symlink() or entry.is_file():
            yield prefix + entry.name, entry


def _inside(folder: Path, name: str) -> Path | None:
    try:
        found = (folder / name).resolve()
        there = found.is_relative_to(folder) and not _hidden(found.relative_to(folder)) and found.is_file()
    except (OSError, RuntimeError, ValueError):  # a name that no file can have, a link that leads to itself
        return None
    return found if there else None


def _hidden(inner: Path) -> bool:
    return any(map(_is_hidden, inner.parts))


def _is_hidden(name: str) -> bool:
    return name.startswith(".") or name == "__pycache__"
