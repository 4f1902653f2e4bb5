"""A picture: a layout of a theme opened with options, locale and words, ready to render boards.

Pure: a board in, markup out. Reads the theme's files, no clock, no network.
"""

from __future__ import annotations

import hashlib
import re
from collections.abc import Callable, Mapping
from contextlib import AbstractContextManager, nullcontext
from inspect import Parameter, signature
from pathlib import Path
from typing import TypeVar
from urllib.parse import quote

from jinja2 import TemplateNotFound, TemplateSyntaxError, UndefinedError

from overlaykit.board.types import Board, BoardItem
from overlaykit.errors import NotFound, OverlaykitError, ThemeError
from overlaykit.theming.environment import TEMPLATE_NAMES, Named, ThemeEnvironment
from overlaykit.theming.formats import Formats
from overlaykit.theming.live import LiveTag
from overlaykit.theming.manifest import say_known
from overlaykit.theming.options import PICTURES, Font, ImagePath, Options, OptionValue, css_name, is_https
from overlaykit.theming.outer import read_outer
from overlaykit.theming.parts import LiveParts, Rendered, Shown
from overlaykit.theming.scene import Scene
from overlaykit.theming.subject import items_of, next_of
from overlaykit.theming.templates import ThemeLoader
from overlaykit.theming.theme import LoadedTheme
from overlaykit.theming.ui import Ui, unsaid_status
from overlaykit.theming.words import Words

T = TypeVar("T")
MediaUrl = Callable[[str], str | None]

SYNTAX = "Mend the template; themes/README.md shows what a template may say."
_ADDRESS = re.compile(r" at 0x[0-9a-f]+")
LONGEST = 1000
"""Characters of an error."""
NAMES = f"Names in a template: {', '.join(TEMPLATE_NAMES)}."


class Picture:
    """A layout opened with options and locale. `render` may be called for any board of the session.

    environment    the sandbox its templates run in
    styles         the style sheets to load, in order, as `LoadedTheme.file` takes them
    options        every option's value; a picture as its address
    css_variables  the options as CSS declarations
    font_faces     the @font-face rules of options that bring files
    version        another name whenever theme, layout, locale or options differ
    """

    def __init__(
        self,
        theme: LoadedTheme,
        layout: str,
        formats: Formats,
        options: Mapping[str, OptionValue],
        asset_url: str,
        media_url: MediaUrl,
        alone: AbstractContextManager[object],
    ) -> None:
        self.theme = theme
        self.locale = formats.tag
        self._words = Words(theme.manifest.strings, formats.tag)
        self._asset_url = asset_url
        self._media_url = media_url
        self._alone = alone
        self._spec = theme.manifest.layouts[layout]
        self.layout = theme.titled(formats.tag)[layout]
        self.styles = (*theme.manifest.styles, *self._spec.styles)
        known = theme.manifest.options
        given = {**theme.options(), **options}
        self.options: Mapping[str, OptionValue] = {
            name: self._image(name, str(given[name])) if isinstance(option, ImagePath) else given[name]
            for name, option in known.items()
        }
        self.css_variables = "".join(
            f"{css_name(name)}:{option.css(self.options[name])};" for name, option in known.items()
        )
        fonts = [option for option in known.values() if isinstance(option, Font) and option.files]
        self.font_faces = "".join(font.face([self._asset(file) for file in font.files]) for font in fonts)
        told = (theme.id, theme.version, layout, formats.tag, self.css_variables)
        self.version = hashlib.sha256(repr(told).encode()).hexdigest()[:12]
        environment = ThemeEnvironment(ThemeLoader(theme.files), formats)
        self._scene = Scene()
        environment.add_extension(LiveTag)
        self._live: LiveTag = environment.extensions[LiveTag.identifier]  # type: ignore[assignment]
        ui = Ui(formats, self._words, self._scene, self._asset, self._live.part)
        environment.globals.update({"options": Options(self.options), "ui": ui, "_": self._words})
        self.environment = environment
        self._template = self._explained(lambda: environment.get_template(self._spec.template))
        self._outer = read_outer(environment, self._spec.template)

    def status_word(self, key: str) -> str:
        """The theme's word for a state of the page: `updating` or `frozen`."""
        return self._words(key)

    def render(self, board: Board, item: BoardItem | None) -> str:
        """The markup for this board, about `item`. Empty while something that the layout needs is missing.

        Raises ThemeError with the file and line of what went wrong, and the names that exist.
        """
        return self.paint(board, item, LiveParts(None)).html

    def live_parts(self) -> LiveParts:
        """For a view that is opened: what its parts say is kept here from one `paint` to the next."""
        return LiveParts(self._outer)

    def paint(
        self, board: Board, item: BoardItem | None, parts: LiveParts, give_way: Callable[[], None] | None = None
    ) -> Rendered:
        """`render`, with its live parts apart. `parts` is of the same open view each time: see `live_parts`. `give_way` is called
        now and then while it goes on, so that others may have their turn."""
        with self._alone:
            return self._paint(board, item, parts, give_way)

    def _paint(
        self, board: Board, item: BoardItem | None, parts: LiveParts, give_way: Callable[[], None] | None
    ) -> Rendered:
        following = next_of(board, item)
        have = {"item": item, "next": following, "countdowns": board.countdowns, "announcements": board.announcements}
        if not all(have[need] for need in self._spec.needs):
            return Rendered("", {})
        names = {
            "session": board.session,
            "item": item,
            "items": items_of(board),
            "products": Named(board.products),
            "next": following,
            "countdowns": Named(board.countdowns),
            "announcements": tuple(board.announcements),
        }
        self._scene.begin(board, item)
        shown = Shown(board, item, following, names, self._scene.implicit)
        return self._explained(lambda: parts.patch(shown) or self._render_whole(shown, parts), give_way)

    def _render_whole(self, shown: Shown, parts: LiveParts) -> Rendered:
        reads = self._scene.board_reads
        parts.begin(shown)
        with self._live.gathering(parts, self._scene):
            markup = self._template.render(shown.names).strip()
        return parts.end(shown, markup, self._honest, told=self._scene.board_reads == reads)

    def _honest(self, shown: Rendered) -> Rendered:
        """`shown`, and what its template leaves unsaid: that numbers are not current, or that the session is not on."""
        note = unsaid_status(self._scene, self._words)
        placed = any("<ok-status" in markup for markup in (shown.skeleton, *shown.parts.values())) if note else True
        return shown if placed or not shown.skeleton else Rendered(f"{shown.skeleton}{note}", shown.parts)

    def _asset(self, path: str) -> str:
        self.theme.file(path)
        return f"{self._asset_url}/{quote(path, safe='/:')}"

    def _image(self, option: str, path: str) -> str:
        """The address of an option's picture: of the theme, else beside the session's plan."""
        if not path or is_https(path):
            return path
        if self.theme.files.find(path) is not None:
            return self._asset(path)
        found = self._media_url(path)
        if found is None:
            pictures = [name for name in self.theme.files.names() if name.lower().endswith(PICTURES)]
            raise ThemeError(
                f"option {option}: there is no picture {path!r} in the theme {self.theme.id!r}, nor beside session.toml, "
                "where only what session.toml or the desk names is given out",
                remedy=say_known("pictures", pictures, path),
            )
        return found

    def _explained(self, work: Callable[[], T], give_way: Callable[[], None] | None = None) -> T:
        try:
            with self.environment.budget.rendering(give_way):
                return work()
        except TemplateSyntaxError as error:
            raise self._error(
                f"{error.filename or self._spec.template}:{error.lineno}: {error.message}", SYNTAX
            ) from None
        except TemplateNotFound as error:
            known = self.theme.files.say_known("templates", str(error.name)[:LONGEST], ".html")
            raise self._error(f"{self._place(error)}there is no template {error.name!r}", known) from None
        except OverlaykitError as error:
            raise self._error(f"{self._place(error)}{error.message}", error.remedy) from None
        except Exception as error:  # whatever a stranger's template brings about is an error of that template
            said, remedy = _told(error)
            raise self._error(f"{self._place(error)}{said}", remedy) from error

    @staticmethod
    def _error(message: str, remedy: str | None) -> ThemeError:
        """A template may put as much text as it likes into what it gets wrong, and values whose text is an address in memory."""
        message = _ADDRESS.sub("", message)
        return ThemeError(message[:LONGEST], remedy=remedy and remedy[:LONGEST])

    def _place(self, error: Exception) -> str:
        place, traceback = "", error.__traceback__
        while traceback is not None:
            file = traceback.tb_frame.f_code.co_filename
            if self.theme.files.holds(Path(file)):
                place = f"{file}:{traceback.tb_lineno}: "
            traceback = traceback.tb_next
        return place or f"{self._spec.template}: "


def _told(error: Exception) -> tuple[str, str | None]:
    """What Python says of a template's mistake, and what to do: macros by the names that templates know."""
    said = str(error) or type(error).__name__
    macro = re.match(r"\w+\.(\w+)\(\) ", said)
    if isinstance(error, TypeError) and macro and macro[1] in Ui.MACROS:
        name = macro[1]
        known = signature(getattr(Ui, name)).parameters.values()
        asked = [str(each.replace(annotation=Parameter.empty)) for each in known]
        return f"ui.{name}() {said[macro.end() :]}", f"Write ui.{name}({', '.join(asked[1:])})."
    return said, None if isinstance(error, UndefinedError) else NAMES


def _no_media(path: str) -> None:
    return None


def open_picture(
    theme: LoadedTheme,
    layout: str,
    *,
    formats: Formats,
    options: Mapping[str, OptionValue],
    asset_url: str = "",
    media_url: MediaUrl = _no_media,
    alone: AbstractContextManager[object] | None = None,
) -> Picture:
    """The layout, compiled.

    options     those that are not given have their defaults
    asset_url   under which URL the theme's files are served, without a slash at the end
    media_url   path of a picture beside the session's plan → its URL, None when there is none
    alone       held while it is rendered: where renderings give way to one another, a lock, since those of one picture may not
                overlap

    Raises NotFound, naming the layouts, or ThemeError with file and line.
    """
    if layout not in theme.layouts:
        raise NotFound(
            f"the theme {theme.id!r} has no layout {layout!r}",
            remedy=say_known("layouts", list(theme.layouts), layout),
        )
    return Picture(theme, layout, formats, options, asset_url, media_url, alone or nullcontext())
