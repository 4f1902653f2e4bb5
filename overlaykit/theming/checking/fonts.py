"""Fonts: those that a theme ships, and what is shown where one is not installed."""

from __future__ import annotations

import re
from collections.abc import Iterator

from overlaykit.theming.checking.css import Sheet, resolved, variables
from overlaykit.theming.checking.findings import Finding
from overlaykit.theming.options import Font
from overlaykit.theming.theme import LoadedTheme

_GENERIC_NAMES = """serif, sans-serif, monospace, cursive, fantasy, system-ui, ui-sans-serif, ui-serif, ui-monospace,
ui-rounded, math, emoji, inherit, initial, unset, revert"""
_SYSTEM_NAMES = """pingfang sc, hiragino sans gb, heiti sc, songti sc, stsong, kaiti sc, helvetica neue, helvetica,
avenir next, menlo, sf pro text, sf pro display, -apple-system, blinkmacsystemfont, din alternate, din condensed,
microsoft yahei, simsun, simhei, segoe ui, consolas, bahnschrift, arial, arial black, impact, verdana, tahoma, georgia,
times new roman, courier new,
noto sans cjk sc, noto sans sc, noto serif cjk sc, noto serif sc, source han sans sc, source han serif sc,
wenquanyi micro hei, roboto"""
GENERIC = frozenset(re.split(r",\s+", _GENERIC_NAMES))
SYSTEM = frozenset(re.split(r",\s+", _SYSTEM_NAMES))
"""Families that one of the systems on which OBS runs brings along."""


def check(theme: LoadedTheme, sheets: list[Sheet]) -> Iterator[Finding]:
    """Families without a generic one at the end, and families that nobody brings along."""
    known = variables(theme)
    shipped = {
        each.value.strip("\"' ").lower()
        for sheet in sheets
        for each in sheet.declarations
        if each.selector.startswith("@font-face") and each.property == "font-family"
    }
    shipped |= {str(option.default).lower() for option in theme.manifest.options.values() if isinstance(option, Font)}
    for sheet in sheets:
        for each in sheet.declarations:
            if each.property not in ("font-family", "font") or each.selector.startswith("@font-face"):
                continue
            value = resolved(each.value, known)
            families = _families(value, shorthand=each.property == "font")
            if not families:
                continue
            if families[-1] not in GENERIC:
                yield Finding(
                    level="error",
                    rule="fonts",
                    file=sheet.path,
                    line=each.line,
                    reason=f"{each.property}: {value} has no fallback: a machine without it shows whatever it likes",
                    remedy="End the list with sans-serif, serif, monospace or system-ui.",
                )
            for family in families:
                if family not in GENERIC | SYSTEM | shipped and not family.startswith("var("):
                    yield Finding(
                        level="warning",
                        rule="fonts",
                        file=sheet.path,
                        line=each.line,
                        reason=f"the font {family!r} is not in the theme, and few machines have it",
                        remedy="Ship it with @font-face, if its licence allows that, or take it out of the list.",
                    )


SIZE = (
    r"(?:[\d.]+(?:[a-z]+|%)|(?:calc|clamp|min|max|var)\((?:[^()]|\([^()]*\))*\))"
    r"(?:\s*/\s*(?:[\w.%]+|calc\([^()]*\)))?\s+(?=[\"'\w])(.+)$"
)
"""The size in the `font` shorthand with its line height, and the families after it."""


def _families(value: str, *, shorthand: bool) -> list[str]:
    if shorthand:
        # font: 700 3vmin/1.2 "A B", serif: families come after the size, which may be a calc(…).
        found = re.search(SIZE, value)
        if found is None:
            return []
        value = found[1]
    return [family.strip("\"' ").lower() for family in value.split(",") if family.strip("\"' ")]
