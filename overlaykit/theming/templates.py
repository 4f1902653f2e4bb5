"""Where Jinja finds the templates of a theme: in the theme first, then in those it extends."""

from __future__ import annotations

from collections.abc import Callable

from jinja2 import BaseLoader, Environment, TemplateNotFound

from overlaykit.errors import ThemeError
from overlaykit.theming.files import ThemeFiles

MAX_FILE = 65_536
"""Bytes of a template. A greater one would hold the process while it is compiled."""


class ThemeLoader(BaseLoader):
    """Loads `bar.html` from the first theme of the chain that has it, `classic:bar.html` from classic on."""

    def __init__(self, files: ThemeFiles) -> None:
        self._files = files

    def get_source(self, environment: Environment, template: str) -> tuple[str, str, Callable[[], bool] | None]:
        """Never outdated: a changed theme is opened anew, so that a picture on air is of one version throughout."""
        file = self._files.find(template)
        if file is None:
            raise TemplateNotFound(template)
        size = file.stat().st_size
        if size > MAX_FILE:
            raise ThemeError(
                f"{file} is too large: {size:,} bytes",
                remedy=f"A template has {MAX_FILE:,} bytes at most: put pictures and styles into files of their own.",
            )
        try:
            return file.read_text(encoding="utf-8-sig"), str(file), None
        except UnicodeDecodeError:
            raise ThemeError(f"{file} is not a text in UTF-8", remedy="Save it as UTF-8.") from None

    def list_templates(self) -> list[str]:
        return self._files.names(".html")
