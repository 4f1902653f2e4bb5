"""Text against its background, where one rule says both. The browser part measures the rest."""

from __future__ import annotations

import re
from collections.abc import Iterator

from overlaykit.theming.checking.colours import BLACK, WHITE, Colour, contrast, read_colour
from overlaykit.theming.checking.css import Declaration, Sheet, resolved, variables
from overlaykit.theming.checking.findings import Finding
from overlaykit.theming.theme import LoadedTheme

TEXT = 4.5
"""WCAG 2 AA for text."""
LARGE = 3.0
"""WCAG 2 AA for large text, which nearly everything in an overlay is. Below it nobody can read it on a phone."""


def check(theme: LoadedTheme, sheets: list[Sheet]) -> Iterator[Finding]:
    """Rules whose colour and background are too near, on the picture that makes it worst: an all white or black one."""
    known = variables(theme)
    for sheet in sheets:
        rules: dict[tuple[tuple[str, ...], str], dict[str, Declaration]] = {}
        for each in sheet.declarations:
            rules.setdefault((each.around, each.selector), {})[each.property] = each
        for (_, selector), said in rules.items():
            text = _colour(said.get("color"), known)
            ground = _colour(said.get("background-color") or said.get("background"), known)
            if text is None or ground is None or ground.alpha == 0:
                continue
            ratio = worst(text, ground)
            if ratio < TEXT:
                yield Finding(
                    level="error" if ratio < LARGE else "warning",
                    rule="contrast",
                    file=sheet.path,
                    line=said["color"].line,
                    reason=f"{selector}: text on its background has a contrast of {ratio:.1f} : 1 "
                    f"on the video that is worst for it; {TEXT} is wanted, {LARGE:g} for large figures",
                    remedy="Make the background more opaque, or one of the two lighter or darker.",
                )


def worst(text: Colour, ground: Colour) -> float:
    """The contrast on white or on black video, whichever is less."""
    return min(contrast(text.over(below), below) for below in (ground.over(WHITE), ground.over(BLACK)))


def _colour(declaration: Declaration | None, known: dict[str, str]) -> Colour | None:
    if declaration is None:
        return None
    value = re.sub(r"!important", "", resolved(declaration.value, known)).strip()
    return read_colour(value)
