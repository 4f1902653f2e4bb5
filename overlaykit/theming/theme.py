"""A loaded theme, and a picture of it: a layout with its options, locale and words, ready to render boards.

Pure: a board in, markup out. Reads the theme's files, no clock, no network.
"""

from __future__ import annotations

import hashlib
from collections.abc import Callable, Mapping
from pathlib import Path
from types import TracebackType
from typing import TypeVar

from jinja2 import TemplateError, TemplateNotFound, TemplateSyntaxError, UndefinedError
from msgspec import Struct

from overlaykit.board.types import Board, BoardItem
from overlaykit.errors import NotFound, OverlaykitError, ThemeError
from overlaykit.model.plugins import Theme
from overlaykit.theming.environment import TEMPLATE_NAMES, Named, ThemeEnvironment
from overlaykit.theming.formats import Formats
from overlaykit.theming.manifest import LayoutSpec, Manifest, read_manifest, say_known
from overlaykit.theming.options import Options, OptionValue, css_name
from overlaykit.theming.subject import items_of, next_of
from overlaykit.theming.ui import Ui
from overlaykit.theming.words import Words, nearest_locale

T = TypeVar("T")


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

    def open(
        self, layout: str, *, formats: Formats, options: Mapping[str, OptionValue], asset_url: str = ""
    ) -> Picture:
        """The layout, compiled. `asset_url`: under which URL the theme's files are served, without a slash at the end.

        Raises NotFound, naming the layouts, or ThemeError with file and line.
        """
        if layout not in self.layouts:
            raise NotFound(
                f"the theme {self.id!r} has no layout {layout!r}",
                remedy=say_known("layouts", list(self.layouts), layout),
            )
        return Picture(self, layout, formats, options, asset_url)

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


class Picture:
    """A layout opened with options and locale. `render` may be called for any board of the session.

    styles         the style sheets to load, in order, as paths in the theme
    css_variables  the options as CSS declarations
    version        another name whenever theme, layout, locale or options differ
    """

    def __init__(
        self, theme: LoadedTheme, layout: str, formats: Formats, options: Mapping[str, OptionValue], asset_url: str
    ) -> None:
        self.theme = theme
        self.locale = formats.tag
        self._formats = formats
        self._options = Options(options)
        self._words = Words(theme.manifest.strings, formats.tag)
        self._asset_url = asset_url
        self._spec = theme.manifest.layouts[layout]
        self.layout = theme.layouts[layout]
        self.styles = (*theme.manifest.styles, *self._spec.styles)
        self.css_variables = "".join(
            f"{css_name(name)}:{option.css(options[name])};" for name, option in theme.manifest.options.items()
        )
        told = (theme.id, theme.version, layout, formats.tag, self.css_variables)
        self.version = hashlib.sha256(repr(told).encode()).hexdigest()[:12]
        environment = ThemeEnvironment(theme.folder, formats)
        self._template = self._explained(lambda: environment.get_template(self._spec.template))

    def status_word(self, key: str) -> str:
        """The theme's word for a state of the page: `updating` or `frozen`."""
        return self._words(key)

    def render(self, board: Board, item: BoardItem | None) -> str:
        """The markup for this board, about `item`. Empty while something that the layout needs is missing.

        Raises ThemeError with the file and line of what went wrong, and the names that exist.
        """
        following = next_of(board, item)
        have = {"item": item, "next": following, "countdowns": board.countdowns, "announcements": board.announcements}
        if not all(have[need] for need in self._spec.needs):
            return ""
        names = {
            "session": board.session,
            "item": item,
            "items": items_of(board),
            "products": Named(board.products),
            "next": following,
            "countdowns": Named(board.countdowns),
            "announcements": tuple(board.announcements),
            "options": self._options,
            "ui": Ui(self._formats, self._words, board.session, item, self._asset),
            "_": self._words,
        }
        return self._explained(lambda: self._template.render(names)).strip()

    def _asset(self, path: str) -> str:
        self.theme.file(path)
        return f"{self._asset_url}/{path}"

    def _explained(self, work: Callable[[], T]) -> T:
        try:
            return work()
        except TemplateSyntaxError as error:
            raise ThemeError(
                f"{error.filename or self._spec.template}:{error.lineno}: {error.message}", remedy=SYNTAX
            ) from None
        except TemplateNotFound as error:
            known = sorted(file.name for file in self.theme.folder.rglob("*.html"))
            raise ThemeError(
                f"{self._place(error.__traceback__)}there is no template {error.name!r}",
                remedy=say_known("templates", known, str(error.name)),
            ) from None
        except OverlaykitError as error:
            raise ThemeError(f"{self._place(error.__traceback__)}{error.message}", remedy=error.remedy) from None
        except (
            TemplateError,
            TypeError,
            ValueError,
            AttributeError,
            KeyError,
            ArithmeticError,
            RecursionError,
        ) as error:
            remedy = None if isinstance(error, UndefinedError) else NAMES
            raise ThemeError(f"{self._place(error.__traceback__)}{error}", remedy=remedy) from None

    def _place(self, traceback: TracebackType | None) -> str:
        place = ""
        while traceback is not None:
            file = traceback.tb_frame.f_code.co_filename
            if Path(file).is_relative_to(self.theme.folder):
                place = f"{file}:{traceback.tb_lineno}: "
            traceback = traceback.tb_next
        return place


SYNTAX = "Mend the template; themes/README.md shows what a template may say."
NAMES = f"Names in a template: {', '.join(TEMPLATE_NAMES)}."


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
