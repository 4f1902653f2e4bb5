"""Pictures, fonts and other files: missing, too large, unused."""

from __future__ import annotations

import re
from collections.abc import Iterator
from pathlib import PurePosixPath

from jinja2 import nodes

from overlaykit.errors import NotFound
from overlaykit.theming.checking.css import Sheet
from overlaykit.theming.checking.findings import Finding
from overlaykit.theming.checking.templates import Source
from overlaykit.theming.manifest import MANIFEST
from overlaykit.theming.options import FONTS, PICTURES, Font
from overlaykit.theming.theme import LoadedTheme

LARGEST = {"picture": 1_500_000, "font": 6_000_000, "other": 3_000_000}
"""Bytes. A page loads everything again when OBS shows its scene; a font of all Chinese characters has a few million."""
FOR_PEOPLE = re.compile(r"(?i)preview.*\.png|readme.*|licen[cs]e.*|ofl.*|changelog.*|\..*|.*\.md|.*\.txt")
_URL = re.compile(r"""url\(\s*["']?([^"')]+)["']?\s*\)""")


def check(theme: LoadedTheme, sources: list[Source], sheets: list[Sheet]) -> Iterator[Finding]:
    """Files that are named and not there, files that are there and not named, and large ones."""
    used: set[str] = set()
    computed = any(source.tree is None for source in sources)  # nobody knows what it uses
    for sheet in sheets:
        for each in sheet.declarations:
            for address in _URL.findall(each.value):
                if re.match(r"(data:|#|https?:|//|var\()", address):
                    continue
                path = _beside(sheet.path, address.partition("#")[0].partition("?")[0])
                used.add(path)
                yield from _missing(theme, path, sheet.path, each.line)
    for source in sources:
        if source.tree is None:
            continue
        for call in source.tree.find_all(nodes.Call):
            if not (isinstance(call.node, nodes.Getattr) and call.node.attr == "asset" and call.args):
                continue
            argument = call.args[0]
            if not isinstance(argument, nodes.Const):
                computed = True
                continue
            used.add(str(argument.value))
            if source.own:
                yield from _missing(theme, str(argument.value), source.path, call.lineno)
    used |= {str(value) for value in theme.options().values()}
    used |= {file for option in theme.manifest.options.values() if isinstance(option, Font) for file in option.files}
    used |= _named_in_manifest(theme) | _templates_in_use(theme, sources)
    for file in sorted(theme.folder.rglob("*")):
        if not file.is_file():
            continue
        path = file.relative_to(theme.folder).as_posix()
        if any(part.startswith(".") or part == "__pycache__" for part in file.relative_to(theme.folder).parts):
            continue
        name = path.lower()
        kind = "picture" if name.endswith(PICTURES) else "font" if name.endswith(FONTS) else "other"
        size = file.stat().st_size
        if size > LARGEST[kind]:
            yield Finding(
                level="warning",
                rule="assets",
                file=path,
                line=None,
                reason=f"{size / 1e6:.1f} MB, and every opening of a page loads it",
                remedy="Make it smaller: WebP for pictures, WOFF2 with the characters in use for fonts.",
            )
        if path.endswith(".js"):
            yield _unused(path, "pages run no script of a theme", "error")
        elif path not in used and not computed and not FOR_PEOPLE.fullmatch(file.name):
            yield _unused(path, "nothing uses this file", "warning")


def _missing(theme: LoadedTheme, path: str, file: str, line: int) -> Iterator[Finding]:
    try:
        theme.file(path)
    except NotFound as error:
        yield Finding(
            level="error", rule="assets", file=file, line=line, reason=error.message, remedy=error.remedy or ""
        )


def _unused(path: str, reason: str, level: str) -> Finding:
    return Finding(
        level="error" if level == "error" else "warning",
        rule="assets",
        file=path,
        line=None,
        reason=reason,
        remedy="Take it out.",
    )


def _beside(sheet: str, address: str) -> str:
    """A path as a style sheet writes it, as a path in the theme."""
    parts: list[str] = list(PurePosixPath(sheet).parent.parts)
    for part in PurePosixPath(address).parts:
        if part == "..":
            parts = parts[:-1]
        elif part != ".":
            parts.append(part)
    return "/".join(parts)


def _named_in_manifest(theme: LoadedTheme) -> set[str]:
    manifest = theme.manifest
    named = {MANIFEST, *manifest.styles}
    for layout in manifest.layouts.values():
        named |= {layout.template, *layout.styles}
    return named


def _templates_in_use(theme: LoadedTheme, sources: list[Source]) -> set[str]:
    """Templates that another one imports, includes or extends; all of them when a name is computed."""
    found: set[str] = set()
    for source in sources:
        if source.tree is None:
            continue
        for node in source.tree.find_all((nodes.Import, nodes.FromImport, nodes.Include, nodes.Extends)):
            template = node.template  # type: ignore[attr-defined]
            if isinstance(template, nodes.Const):
                found |= {
                    str(name) for name in ([template.value] if isinstance(template.value, str) else template.value)
                }
            else:
                return {other.path for other in sources}
    return {name.partition(":")[2] or name for name in found}
