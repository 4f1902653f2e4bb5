"""Themes that were loaded once and are loaded again when their files change."""

from __future__ import annotations

from collections.abc import Mapping

from overlaykit.model.plugins import Theme
from overlaykit.theming.theme import LoadedTheme, find_theme


class KeptThemes:
    """The themes of a process. `names`: of all of them, sorted."""

    def __init__(self, themes: Mapping[str, Theme]) -> None:
        self._themes = themes
        self._loaded: dict[str, LoadedTheme] = {}

    @property
    def names(self) -> list[str]:
        return sorted(self._themes)

    def get(self, name: str) -> LoadedTheme:
        """Raises NotFound, naming the themes, or ThemeError."""
        kept = self._loaded.get(name)
        if kept is None or kept.stamp != kept.files.stamp():
            kept = self._loaded[name] = find_theme(self._themes, name)
        return kept
