"""A finding, and where in a theme it is."""

from __future__ import annotations

import re
from pathlib import Path
from typing import Annotated, Literal

from msgspec import Meta, Struct

from overlaykit.errors import OverlaykitError

Level = Literal["error", "warning"]

_PLACED = re.compile(r"(?P<file>.+?):(?P<line>\d+): (?P<rest>.*)", re.DOTALL)


def _says(text: str) -> Meta:
    return Meta(description=text)


class Finding(Struct, frozen=True, kw_only=True):
    """One thing that is wrong, or may be."""

    level: Annotated[Level, _says("error: it goes wrong on air, or will; warning: look at it")]
    rule: Annotated[str, _says("which check found it")]
    file: Annotated[str | None, _says("the file, relative to the theme's folder where it lies in it")]
    line: Annotated[int | None, _says("1-based, where known")]
    reason: Annotated[str, _says("what is wrong")]
    remedy: Annotated[str, _says("what to do")]

    def __str__(self) -> str:
        place = ":".join(str(part) for part in (self.file, self.line) if part is not None)
        return f"{self.level} {place} [{self.rule}] {self.reason}"


def finding_of(error: OverlaykitError, folder: Path, rule: str, *, file: str | None = None) -> Finding:
    """An error as a finding; its file and line are those that its message begins with, else `file`."""
    line: int | None = None
    reason = error.message
    placed = _PLACED.fullmatch(reason)
    if placed is not None:
        file, line, reason = within(folder, Path(placed["file"])), int(placed["line"]), placed["rest"]
    return Finding(
        level="error", rule=rule, file=file, line=line, reason=reason, remedy=error.remedy or "Mend it there."
    )


def within(folder: Path, path: Path) -> str:
    """A path as findings write it: relative to the theme's folder; of another theme's file its whole path."""
    try:
        return path.resolve().relative_to(folder.resolve()).as_posix()
    except ValueError:
        return str(path)


def in_order(findings: list[Finding]) -> list[Finding]:
    """Errors first, then by file and line; what was found twice stands once."""
    unique = {(each.rule, each.file, each.line, each.reason): each for each in findings}
    return sorted(unique.values(), key=lambda each: (each.level != "error", each.file or "", each.line or 0, each.rule))
