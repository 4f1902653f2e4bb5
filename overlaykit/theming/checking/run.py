"""Every pure check of a theme, in order."""

from __future__ import annotations

from collections.abc import Mapping

from overlaykit.errors import ThemeError
from overlaykit.model.plugins import Theme
from overlaykit.theming.checking import assets, contrast, features, fonts, manifest, rendering, strings, templates
from overlaykit.theming.checking.css import read_sheets
from overlaykit.theming.checking.findings import Finding, finding_of, in_order
from overlaykit.theming.theme import find_theme


def check_theme(themes: Mapping[str, Theme], name: str) -> list[Finding]:
    """What is wrong with the theme `name` of `themes`, errors first; [] when nothing is.

    A manifest that cannot be read is the only finding then. Raises NotFound for a name that is not in `themes`.
    """
    try:
        theme = find_theme(themes, name)
    except ThemeError as error:
        return [finding_of(error, themes[name].folder, "manifest", file="theme.toml")]
    sources = templates.read_templates(theme)
    sheets = read_sheets(theme)
    return in_order(
        [
            *manifest.check(theme),
            *templates.check(theme, sources),
            *rendering.check(theme),
            *strings.check(theme, sources),
            *features.check(theme, sheets),
            *contrast.check(theme, sheets),
            *fonts.check(theme, sheets),
            *assets.check(theme, sources, sheets),
        ]
    )
