"""theme.toml beyond what the reader demands: what people and machines need to choose a theme and trust it."""

from __future__ import annotations

from collections.abc import Iterator

from overlaykit.theming.checking.findings import Finding
from overlaykit.theming.manifest import MANIFEST, Requires
from overlaykit.theming.theme import LoadedTheme

FLOOR = Requires().chromium
"""The oldest that overlays have to run in."""


def check(theme: LoadedTheme) -> Iterator[Finding]:
    """Layouts without title or size, and a Chromium that many rooms do not have."""
    for name, layout in theme.layouts.items():
        if line_in_manifest(theme, f"layouts.{name}") is None:  # inherited as it is
            continue
        if layout.title == name:
            yield _warning(
                theme,
                f"layouts.{name}",
                "has no title, so people choose it by its name",
                'Write title = { zh-CN = "…", en = "…" }.',
            )
        if not layout.size:
            yield _warning(
                theme,
                f"layouts.{name}",
                "does not say for which picture sizes it is made",
                'Write size = ["1080x1920", "1920x1080"], those that you looked at.',
            )
    asked = theme.manifest.requires.chromium
    if asked > FLOOR:
        yield _warning(
            theme,
            "requires",
            f"needs Chromium {asked}, and OBS 30 brings {FLOOR}",
            "Do without what is newer, or tell its users which OBS they need.",
        )


def line_in_manifest(theme: LoadedTheme, place: str) -> int | None:
    """The line of a table or key of theme.toml, such as `layouts.number`; None when it does not stand in the file."""
    table = ""
    for number, line in enumerate((theme.folder / MANIFEST).read_text(encoding="utf-8-sig").splitlines(), 1):
        text = line.strip().replace('"', "").replace(" ", "")
        if text.startswith("[") and "]" in text:
            table = text.strip("[").partition("]")[0]
            found = table
        else:
            key = text.partition("=")[0]
            found = f"{table}.{key}" if table else key
        if found == place:
            return number
    return None


def _warning(theme: LoadedTheme, place: str, reason: str, remedy: str) -> Finding:
    return Finding(
        level="warning",
        rule="manifest",
        file=MANIFEST,
        line=line_in_manifest(theme, place),
        reason=f"{place}: {reason}",
        remedy=remedy,
    )
