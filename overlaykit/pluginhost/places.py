"""Where plugins and themes are looked for, weakest place first.

0. overlaykit's own parts, given by name
1. bundled with overlaykit      2. installed packages, by the entry point group `overlaykit.plugins`
3. STATE/plugins, STATE/themes  4. the session's own plugins/ and themes/   5. the folders given by flags, in order

A later place wins over an earlier one: what is nearer to the evening replaces what is farther from it.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from importlib import metadata
from importlib.util import find_spec
from pathlib import Path
from types import ModuleType

from overlaykit.config import Config
from overlaykit.errors import NotFound
from overlaykit.pluginhost.status import Kind

ENTRY_POINT_GROUP = "overlaykit.plugins"


@dataclass(frozen=True)
class Candidate:
    """A plugin or theme that was found, not yet loaded.

    rank     of its place, the same for the plugins and themes of one home: the higher wins
    where    for people: the folder, or package and version
    folder   of a theme, the folder itself; of a plugin, its folder or file; None for an entry point or a part of overlaykit
    module   of a part of overlaykit: the module itself
    """

    name: str
    kind: Kind
    rank: int
    where: str
    folder: Path | None
    entry_point: metadata.EntryPoint | None = None
    module: ModuleType | None = None

    @property
    def home(self) -> Path | None:
        """Where its code is, found without importing it; None when that cannot be said."""
        if self.entry_point is None:
            return self.folder
        try:
            spec = find_spec(self.entry_point.module.partition(".")[0])
        except (ImportError, ValueError):
            return None
        if spec is None or spec.origin is None:
            return None
        return Path(spec.origin).parent if spec.submodule_search_locations else Path(spec.origin)


@dataclass(frozen=True)
class Places:
    """Everything found, weakest place first and by name within a place, and the folders of plugins in that order."""

    candidates: tuple[Candidate, ...]
    plugin_folders: tuple[Path, ...]


def search(config: Config, session_folder: Path | None) -> Places:
    """Looks into every place. Raises NotFound for a flag's folder that does not exist; other places may be absent."""
    for flag, folders in (("--plugins", config.plugins), ("--themes", config.themes)):
        for folder in folders:
            if not folder.is_dir():
                raise NotFound(f"{flag} {folder}: there is no such folder.", remedy="Give a folder that exists.")
    homes = [config.bundled, None, config.state, *([session_folder] if session_folder is not None else [])]
    plugin_places = [home and home.absolute() / "plugins" for home in homes]
    plugin_places += [folder.absolute() for folder in config.plugins]
    theme_places = [home and home.absolute() / "themes" for home in homes]
    theme_places += [folder.absolute() for folder in config.themes]

    candidates: list[Candidate] = []
    for rank, place in enumerate(plugin_places):
        candidates += _installed(rank) if place is None else _plugins_in(place, rank)
    for rank, place in enumerate(theme_places):
        candidates += _themes_in(place, rank) if place is not None else ()
    folders = tuple(place for place in plugin_places if place is not None and place.is_dir())
    return Places(tuple(candidates), folders)


def _installed(rank: int) -> Iterator[Candidate]:
    found = metadata.entry_points(group=ENTRY_POINT_GROUP)
    for entry in sorted(found, key=lambda entry: (entry.name, entry.dist.name if entry.dist else "")):
        where = f"package {entry.dist.name} {entry.dist.version}" if entry.dist else f"entry point {entry.value}"
        yield Candidate(entry.name, "plugin", rank, where, None, entry)


def _plugins_in(place: Path, rank: int) -> Iterator[Candidate]:
    """Each folder, and each Python file, but for what tools put there."""
    for path in _visible(place):
        if path.is_dir() or (path.suffix == ".py" and path.stem != "conftest"):
            yield Candidate(path.stem if path.is_file() else path.name, "plugin", rank, str(path), path)


def _themes_in(place: Path, rank: int) -> Iterator[Candidate]:
    """Each folder; or the place itself, when somebody pointed at one theme."""
    if (place / "theme.toml").is_file():
        yield Candidate(place.name, "theme", rank, str(place), place)
        return
    for path in _visible(place):
        if path.is_dir():
            yield Candidate(path.name, "theme", rank, str(path), path)


def _visible(place: Path) -> list[Path]:
    return sorted(path for path in place.iterdir() if path.name[0] not in "._") if place.is_dir() else []
