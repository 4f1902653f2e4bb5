"""A loaded theme: its manifest, its layouts, its files."""

from __future__ import annotations

import hashlib
from collections.abc import Mapping
from pathlib import Path

from msgspec import Struct

from overlaykit.errors import NotFound, ThemeError
from overlaykit.model.plugins import Theme
from overlaykit.theming.manifest import LayoutSpec, Manifest, read_manifest, say_known
from overlaykit.theming.options import OptionValue
from overlaykit.theming.words import nearest_locale


class Layout(Struct, frozen=True, kw_only=True):
    """A layout as listings show it: title, picture sizes such as 1080x1920, and what it needs to show anything."""

    name: str
    title: str
    size: tuple[str, ...]
    needs: tuple[str, ...]


class LoadedTheme:
    """A theme whose manifest was read and found right."""

    def __init__(self, folder: Path, manifest: Manifest) -> None:
        self.folder = folder
        self.manifest = manifest
        self.id = manifest.id
        self.layouts = {name: self._layout(name, spec, "en") for name, spec in manifest.layouts.items()}
        self.version = self._fingerprint()

    def titled(self, locale: str) -> dict[str, Layout]:
        """The layouts, with titles in `locale`."""
        return {name: self._layout(name, spec, locale) for name, spec in self.manifest.layouts.items()}

    def options(
        self, *given: Mapping[str, OptionValue], strict: Mapping[str, OptionValue] | None = None
    ) -> dict[str, OptionValue]:
        """Every option's value: the default, then each of `given` in order, then `strict`, whose names must exist.

        Names in `given` that this theme does not have belong to another theme and are left alone. Raises ThemeError.
        """
        known = self.manifest.options
        values = {name: option.read(option.default) for name, option in known.items()}
        for layer in (*given, strict or {}):
            for name, value in layer.items():
                if name not in known:
                    if layer is strict:
                        raise ThemeError(
                            f"the theme {self.id!r} has no option {name!r}",
                            remedy=say_known("options", list(known), name),
                        )
                    continue
                try:
                    values[name] = known[name].read(value)
                except ValueError as error:
                    raise ThemeError(f"option {name}: {error}", remedy=f"Or leave {name} out.") from None
        return values

    def file(self, path: str) -> Path:
        """A file of the theme by its path in it. NotFound for anything else."""
        folder = self.folder.resolve()
        try:
            found = (folder / path).resolve()
            there = found.is_relative_to(folder) and found.is_file()
        except (OSError, ValueError):  # a name that no file can have
            there = False
        if not there:
            known = sorted(f.relative_to(folder).as_posix() for f in folder.rglob("*") if f.is_file())
            raise NotFound(f"the theme {self.id!r} has no file {path!r}", remedy=say_known("files", known, path))
        return found

    def _layout(self, name: str, spec: LayoutSpec, locale: str) -> Layout:
        size = (spec.size,) if isinstance(spec.size, str) else spec.size
        return Layout(name=name, title=_titled(spec.title, locale) or name, size=size, needs=spec.needs)

    def _fingerprint(self) -> str:
        digest = hashlib.sha256()
        for file in sorted(self.folder.rglob("*")):
            if file.is_file():
                digest.update(file.relative_to(self.folder).as_posix().encode() + b"\0" + file.read_bytes())
        return digest.hexdigest()[:12]


def load_theme(theme: Theme) -> LoadedTheme:
    """Reads the theme's manifest. Raises ThemeError with file and line."""
    manifest = read_manifest(theme.folder)
    if manifest.id != theme.name:
        raise ThemeError(
            f"{theme.folder / 'theme.toml'}: id = {manifest.id!r}, but the theme is registered as {theme.name!r}",
            remedy="Give both the same name.",
        )
    return LoadedTheme(theme.folder, manifest)


def find_theme(themes: Mapping[str, Theme], name: str) -> LoadedTheme:
    """Loads the theme `name`. Raises NotFound, naming those that exist, or ThemeError."""
    if name not in themes:
        raise NotFound(f"there is no theme {name!r}", remedy=say_known("themes", sorted(themes), name))
    return load_theme(themes[name])


def _titled(title: str | Mapping[str, str], locale: str) -> str:
    if isinstance(title, str):
        return title
    nearest = nearest_locale(title, locale)
    return title[nearest] if nearest else ""
