"""What overlay pages load: opened pictures, and the files of themes."""

from __future__ import annotations

import hashlib
from collections.abc import Callable
from pathlib import Path
from time import monotonic

from gevent.lock import BoundedSemaphore

from overlaykit.board import Look
from overlaykit.errors import NotFound, ThemeError
from overlaykit.model.sessions import SessionPlan
from overlaykit.theming import Formats, KeptThemes, LoadedTheme, Picture, open_picture
from overlaykit.theming.options import FONTS, PICTURES
from overlaykit.web.overlays.query import OverlayQuery
from overlaykit.web.pictures import picture_address

STATIC = Path(__file__).parent / "static"
SERVED = (".css", *PICTURES, *FONTS, ".mp4", ".webm")
"""What a page may load of a theme. Scripts are none of it."""
MAX_PICTURES = 128
"""Compiled layouts that are kept."""
FAILED_RESTS = 9
"""A layout that cannot be opened is tried again after so many times what the last try took."""


class Shelf:
    """Opened pictures of the themes.

    folder_of   session → the folder of its plan, for pictures that options name; None where this machine has none
    build       names the files of the page's own runtime
    """

    def __init__(self, themes: KeptThemes, folder_of: Callable[[str], Path | None]) -> None:
        self._themes = themes
        self._folder_of = folder_of
        self._pictures: dict[tuple[object, ...], Picture] = {}
        self._failed: dict[tuple[object, ...], tuple[ThemeError, float]] = {}
        self.build = _fingerprint(STATIC)

    def theme(self, name: str) -> LoadedTheme:
        """Raises NotFound, naming the themes, or ThemeError."""
        return self._themes.get(name)

    def picture(self, query: OverlayQuery, plan: SessionPlan, look: Look) -> Picture:
        """The picture an address asks for, over what the session says. Raises NotFound or ThemeError."""
        theme = self.theme(query.theme or look.theme)
        locale = query.locale or plan.locale
        options = theme.options(look.options, strict=dict(query.options))
        key = (theme.id, theme.version, query.layout, plan.id, locale, plan.timezone, plan.currency, *options.values())
        found = self._pictures.get(key)
        if found is None:
            found = self._try(
                key,
                lambda: open_picture(
                    theme,
                    query.layout,
                    formats=Formats(locale, plan.timezone, plan.currency),
                    options=options,
                    asset_url=asset_url(theme),
                    media_url=lambda path: picture_address(plan.id, self._folder_of(plan.id), look, path),
                    alone=BoundedSemaphore(),
                ),
            )
            if len(self._pictures) >= MAX_PICTURES:
                self._pictures.clear()
            self._pictures[key] = found
        return found

    def _try(self, key: tuple[object, ...], work: Callable[[], Picture]) -> Picture:
        """`work`, unless it failed of late: pages ask again and again, and a template may take long to be found wrong."""
        began = monotonic()
        if key in self._failed:
            error, until = self._failed[key]
            if began < until:
                raise ThemeError(error.message, remedy=error.remedy)
        try:
            return work()
        except ThemeError as error:
            now = monotonic()
            self._failed = {other: failed for other, failed in self._failed.items() if failed[1] > now}
            self._failed[key] = (error, now + FAILED_RESTS * (now - began))
            raise

    def build_of(self, picture: Picture) -> str:
        """Names all that a page of this picture loads once: scripts, style sheets, options. Another name, another page."""
        return f"{self.build}.{picture.version}"

    def asset(self, theme: str, path: str) -> Path:
        """A file of a theme, for its pages: a style sheet, picture, font or film. Raises NotFound."""
        if not path.lower().endswith(SERVED):
            raise NotFound(
                f"{path} is not served", remedy=f"Pages use files of a theme that end in {', '.join(SERVED)}."
            )
        return self.theme(theme).file(path)


def asset_url(theme: LoadedTheme) -> str:
    """Where a theme's files are served; the version in it lets browsers keep them."""
    return f"/overlay-files/themes/{theme.id}/{theme.version}"


def _fingerprint(folder: Path) -> str:
    digest = hashlib.sha256()
    for file in sorted(folder.rglob("*.js")) + sorted(folder.rglob("*.css")):
        digest.update(file.read_bytes())
    return digest.hexdigest()[:12]
