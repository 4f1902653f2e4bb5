"""Templates as they are written: names that no rendering reaches, what stands in the markup, what pages do not run."""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path

from jinja2 import TemplateSyntaxError, nodes

from overlaykit.board.types import BoardItem, Deadline, DropNow, SessionHead
from overlaykit.errors import OverlaykitError
from overlaykit.theming.checking.findings import Finding, finding_of, within
from overlaykit.theming.environment import GLOBALS, TEMPLATE_NAMES
from overlaykit.theming.manifest import say_known
from overlaykit.theming.picture import Picture, open_picture
from overlaykit.theming.states import STATE_LOCALES, state_formats
from overlaykit.theming.theme import LoadedTheme
from overlaykit.theming.ui import Ui

_FIELDS: Mapping[str, tuple[str, ...]] = {
    "item": BoardItem.__struct_fields__,
    "next": BoardItem.__struct_fields__,
    "session": SessionHead.__struct_fields__,
}
_INNER: Mapping[tuple[str, str], tuple[str, ...]] = {
    ("item", "drop"): DropNow.__struct_fields__,
    ("item", "countdown"): Deadline.__struct_fields__,
}
_SCRIPT = re.compile(r"<script\b|\son[a-z]+\s*=\s*[\"']|javascript:", re.IGNORECASE)
_REMOTE = re.compile(r"""(?:src|href|srcset|poster|data)\s*=\s*["']?\s*((?:https?:)?//[^\s"'>]+)""", re.IGNORECASE)
_CHINESE = re.compile(r"[㐀-鿿]")


@dataclass(frozen=True)
class Source:
    """A template file: its path in the theme, its text, its tree (None while it does not parse), and whether it is the
    theme's own or inherited."""

    path: str
    text: str
    tree: nodes.Template | None
    own: bool


def read_templates(theme: LoadedTheme) -> list[Source]:
    """Every template that the theme finds, its own and those it inherits."""
    picture = _any_picture(theme)
    found = []
    names = theme.files.names(".html")
    names += [f"{id}:{name}" for id in theme.manifest.chain[1:] for name in names]
    for file in dict.fromkeys(file for name in names if (file := theme.files.find(name)) is not None):
        text = file.read_text(encoding="utf-8", errors="replace")
        tree = None
        if picture is not None:
            try:
                tree = picture.environment.parse(text, filename=str(file))
            except (TemplateSyntaxError, OverlaykitError):
                tree = None  # told by whichever check opens it
        path = within(theme.folder, file)
        found.append(Source(path, text, tree, own=path != str(file)))
    return found


def check(theme: LoadedTheme, sources: list[Source]) -> Iterator[Finding]:
    """Names that do not exist, also where no state of the board leads; scripts, remote files, words outside of strings."""
    picture = _any_picture(theme)
    for source in sources:
        if not source.own:
            continue
        if source.tree is not None:
            yield from _names(theme, source)
        elif picture is not None:
            try:
                picture.environment.parse(source.text, filename=str(theme.folder / source.path))
            except TemplateSyntaxError as error:
                yield Finding(
                    level="error",
                    rule="syntax",
                    file=source.path,
                    line=error.lineno,
                    reason=str(error.message),
                    remedy="themes/README.md shows what a template may say.",
                )
            except OverlaykitError as error:
                yield finding_of(error, theme.folder, "syntax", file=source.path)
        yield from _markup(theme, source)


def _any_picture(theme: LoadedTheme) -> Picture | None:
    """A picture of the theme that opens, for its environment."""
    formats = state_formats(STATE_LOCALES[0])
    for layout in theme.layouts:
        try:
            return open_picture(theme, layout, formats=formats, options=theme.options())
        except OverlaykitError:
            continue
    return None


def _names(theme: LoadedTheme, source: Source) -> Iterator[Finding]:
    assert source.tree is not None
    own = _assigned(source.tree)
    options = list(theme.options())
    known_names = [*TEMPLATE_NAMES, *GLOBALS]

    def wrong(node: nodes.Node, reason: str, what: str, known: list[str], name: str) -> Finding:
        return Finding(
            level="error",
            rule="names",
            file=source.path,
            line=node.lineno,
            reason=reason,
            remedy=say_known(what, known, name),
        )

    for node in source.tree.find_all(nodes.Getattr):
        whole, name = node.node, node.attr
        if isinstance(whole, nodes.Name) and whole.name not in own:
            if whole.name in _FIELDS and name not in _FIELDS[whole.name]:
                yield wrong(node, f"{whole.name} has no field {name!r}", "fields", list(_FIELDS[whole.name]), name)
            elif whole.name == "ui" and name not in Ui.MACROS:
                yield wrong(node, f"there is no ui.{name}", "macros", list(Ui.MACROS), name)
            elif whole.name == "options" and name not in options:
                yield wrong(node, f"the theme has no option {name!r}", "options", options, name)
        elif isinstance(whole, nodes.Getattr) and isinstance(whole.node, nodes.Name) and whole.node.name not in own:
            known = _INNER.get((whole.node.name, whole.attr))
            if known is not None and name not in known:
                yield wrong(node, f"{whole.node.name}.{whole.attr} has no field {name!r}", "fields", list(known), name)
    for used in source.tree.find_all(nodes.Name):
        if used.ctx == "load" and used.name not in own and used.name not in (*known_names, *_OF_JINJA):
            yield wrong(used, f"there is no {used.name!r}", "names", known_names, used.name)


_OF_JINJA = ("loop", "caller", "varargs", "kwargs", "self", "super")
"""Names that its own blocks bring."""


def _assigned(tree: nodes.Template) -> set[str]:
    """Names that the template gives itself: loops, sets, macros and their arguments, imports."""
    found = {node.name for node in tree.find_all(nodes.Name) if node.ctx in ("store", "param")}
    found |= {node.name for node in tree.find_all(nodes.Macro)}
    found |= {node.name for node in tree.find_all(nodes.NSRef)}
    found |= {node.target for node in tree.find_all(nodes.Import)}
    for node in tree.find_all(nodes.FromImport):
        found |= {name if isinstance(name, str) else name[1] for name in node.names}
    # Macros take arguments of any kind under the names of the board.
    return found | {argument.name for macro in tree.find_all(nodes.Macro) for argument in macro.args}


def _markup(theme: LoadedTheme, source: Source) -> Iterator[Finding]:
    bare = re.sub(r"\{#.*?#\}", lambda found: "\n" * found[0].count("\n"), source.text, flags=re.DOTALL)
    for number, line in enumerate(bare.splitlines(), 1):
        if _SCRIPT.search(line):
            yield Finding(
                level="error",
                rule="script",
                file=source.path,
                line=number,
                reason="a page runs no script of a theme",
                remedy="Let CSS and the elements of ui do it; themes/README.md lists them.",
            )
        if remote := _REMOTE.search(line):
            yield Finding(
                level="error",
                rule="remote",
                file=source.path,
                line=number,
                reason=f"{remote[1]} lies elsewhere: on air it is slow, gone, or another picture",
                remedy="Put the file into the theme and write ui.asset('…').",
            )
        spoken = re.sub(r"\{\{.*?\}\}|\{%.*?%\}", "", line)
        if _CHINESE.search(spoken):
            yield Finding(
                level="warning",
                rule="strings",
                file=source.path,
                line=number,
                reason="words in a template stay Chinese for every viewer",
                remedy="Move them into [strings.zh-CN] and [strings.en], and write _('key').",
            )


def line_of(folder: Path, path: str, pattern: str) -> int | None:
    """The first line of a file of the theme in which `pattern` is found."""
    try:
        lines = (folder / path).read_text(encoding="utf-8", errors="replace").splitlines()
    except OSError:
        return None
    return next((number for number, line in enumerate(lines, 1) if re.search(pattern, line)), None)
