"""Style sheets as checks read them: declarations and preludes, each with its line. No cascade, no layout."""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass, field

from overlaykit.theming.checking.findings import within
from overlaykit.theming.theme import LoadedTheme


@dataclass(frozen=True)
class Declaration:
    """`property: value` in a rule. `selector` is the whole prelude of that rule; `around` the preludes outside of it."""

    line: int
    property: str
    value: str
    selector: str
    around: tuple[str, ...]


@dataclass(frozen=True)
class Prelude:
    """What stands before a `{`, or an at-rule that ends with `;`."""

    line: int
    text: str
    around: tuple[str, ...]


@dataclass
class Sheet:
    """A style sheet: its path in the theme, what stands in it, and whether its braces match."""

    path: str
    declarations: list[Declaration] = field(default_factory=list)
    preludes: list[Prelude] = field(default_factory=list)
    unclosed: int | None = None


def read_sheets(theme: LoadedTheme) -> list[Sheet]:
    """Every style sheet in the theme's own folder."""
    found = []
    for file in sorted(theme.folder.rglob("*.css")):
        found.append(read_sheet(within(theme.folder, file), file.read_text(encoding="utf-8", errors="replace")))
    return found


def read_sheet(path: str, text: str) -> Sheet:
    """The sheet `text`. What a browser would skip is read all the same."""
    sheet = Sheet(path)
    blocks: list[tuple[int, str]] = []
    began, piece = 1, ""
    for line, token in _tokens(text):
        around = tuple(prelude for _, prelude in blocks)
        if token == "{":
            prelude = " ".join(piece.split())
            sheet.preludes.append(Prelude(began, prelude, around))
            blocks.append((began, prelude))
            piece = ""
        elif token in ";}":
            _end(sheet, began, piece, around)
            piece = ""
            if token == "}" and blocks:
                blocks.pop()
        else:
            if not piece.strip():
                began, piece = line, ""
            piece += token
    if blocks:
        sheet.unclosed = blocks[-1][0]
    return sheet


def variables(theme: LoadedTheme) -> dict[str, str]:
    """Custom property → its value where the youngest theme of the chain sets it first, options with their defaults."""
    found: dict[str, str] = {}
    for style in reversed(theme.manifest.styles):
        sheet = read_sheet(style, theme.file(style).read_text(encoding="utf-8", errors="replace"))
        own: dict[str, str] = {}
        for each in sheet.declarations:
            if each.property.startswith("--"):
                own.setdefault(each.property, each.value)
        found = {**own, **found}
    values = theme.options()
    for name, option in theme.manifest.options.items():
        found[f"--option-{name.replace('_', '-')}"] = option.css(values[name])
    return found


def resolved(value: str, known: dict[str, str]) -> str:
    """The value with var() replaced, as far as it is known."""
    for _ in range(10):
        found = re.search(r"var\(\s*(--[\w-]+)\s*(?:,([^()]*(?:\([^()]*\)[^()]*)*))?\)", value)
        if found is None:
            return value
        put = known.get(found[1], found[2] or "")
        value = value[: found.start()] + put.strip() + value[found.end() :]
    return value


def _end(sheet: Sheet, line: int, piece: str, around: tuple[str, ...]) -> None:
    text = " ".join(piece.split())
    if not text:
        return
    if text.startswith("@"):
        sheet.preludes.append(Prelude(line, text, around))
        return
    name, colon, value = text.partition(":")
    if colon and around:
        name = name.strip()
        name = name if name.startswith("--") else name.lower()
        sheet.declarations.append(Declaration(line, name, value.strip(), around[-1], around[:-1]))


def _tokens(text: str) -> Iterator[tuple[int, str]]:
    """Line and token: `{`, `}`, `;`, or a piece of text; comments are left out, strings and brackets stay whole."""
    line, position, depth = 1, 0, 0
    pattern = re.compile(
        r"/\*.*?(?:\*/|\Z)|\"(?:[^\"\\\n]|\\.)*\"?|'(?:[^'\\\n]|\\.)*'?|[{};()]|[^{};()\"'/]+|/", re.DOTALL
    )
    while position < len(text):
        found = pattern.match(text, position)
        assert found is not None
        token, position = found[0], found.end()
        start = line
        line += token.count("\n")
        if token.startswith("/*"):
            continue
        if token == "(":
            depth += 1
        elif token == ")":
            depth = max(0, depth - 1)
        elif token in "{}":
            depth = 0
        if token in "{}" or (token == ";" and depth == 0):
            yield start, token
        else:
            # A piece begins where its first letter stands.
            blank = token[: len(token) - len(token.lstrip())]
            yield start + blank.count("\n"), token
