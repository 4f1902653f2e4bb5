"""A loaded theme: its manifest, its layouts, its files."""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path
from types import MappingProxyType

from msgspec import Struct

from overlaykit.errors import NotFound, ThemeError
from overlaykit.model.plugins import Theme
from overlaykit.theming.files import ThemeFiles
from overlaykit.theming.inheritance import read_manifest
from overlaykit.theming.manifest import LayoutSpec, Manifest, say_known
from overlaykit.theming.options import OptionValue
from overlaykit.theming.words import text_in

NO_THEMES: Mapping[str, Theme] = MappingProxyType({})


class Layout(Struct, frozen=True, kw_only=True):
    """A layout as listings show it: title, picture sizes such as 1080x1920, and what it needs to show anything."""

    name: str
    title: str
    size: tuple[str, ...]
    needs: tuple[str, ...]


class LoadedTheme:
    """A theme whose manifest was read and found right, with what it inherits.

    folder    its own folder
    files     its files and those it inherits
    version   another text when any of them changed
    stamp     what `files.stamp()` said when it was loaded
    """

    def __init__(self, folder: Path, manifest: Manifest, files: ThemeFiles) -> None:
        self.folder = folder
        self.manifest = manifest
        self.files = files
        self.stamp = files.stamp()
        self.id = manifest.id
        self.layouts = self.titled("en")
        self.version = files.fingerprint()

    def titled(self, locale: str) -> dict[str, Layout]:
        """The layouts, with titles in `locale`."""
        return {name: _layout(name, spec, locale) for name, spec in self.manifest.layouts.items()}

    def options(
        self, *given: Mapping[str, OptionValue], strict: Mapping[str, OptionValue] | None = None
    ) -> dict[str, OptionValue]:
        """Every option's value: the default, then each of `given` in order, then `strict`, whose names must exist.

        Names in `given` that this theme does not have belong to another theme and are left alone; so does a value that another one
        takes the place of. Raises ThemeError.
        """
        known = self.manifest.options
        for name in strict or {}:
            if name not in known:
                raise ThemeError(
                    f"the theme {self.id!r} has no option {name!r}", remedy=say_known("options", list(known), name)
                )
        said: dict[str, OptionValue] = {}
        for layer in (*given, strict or {}):
            said.update(layer)
        values: dict[str, OptionValue] = {}
        for name, option in known.items():
            try:
                values[name] = option.read(said.get(name, option.default))
            except ValueError as error:
                raise ThemeError(f"option {name}: {error}", remedy=f"Or leave {name} out.") from None
        return values

    def file(self, name: str) -> Path:
        """A file of the theme or of one it extends, by its path there or by `ID:path`. NotFound for anything else."""
        return self.files.get(name)


def load_theme(theme: Theme, themes: Mapping[str, Theme] = NO_THEMES) -> LoadedTheme:
    """Reads the theme's manifest, and those of the themes that it extends, by name from `themes`.

    Raises ThemeError with file and line.
    """
    manifest, files = read_manifest(theme, themes)
    return LoadedTheme(theme.folder, manifest, files)


def find_theme(themes: Mapping[str, Theme], name: str) -> LoadedTheme:
    """Loads the theme `name`. Raises NotFound, naming those that exist, or ThemeError."""
    if name not in themes:
        raise NotFound(f"there is no theme {name!r}", remedy=say_known("themes", sorted(themes), name))
    return load_theme(themes[name], themes)


def _layout(name: str, spec: LayoutSpec, locale: str) -> Layout:
    size = (spec.size,) if isinstance(spec.size, str) else spec.size
    return Layout(name=name, title=text_in(spec.title, locale) or name, size=size, needs=spec.needs)
