"""`{% live key, object %} … {% endlive %}`: a part of a picture that is rendered again, sent and morphed alone.

A part is one element. It is rendered again when `object`, or any other value that its body names, has changed; otherwise
what it said last is used. The picture around it is rendered at every change, so it should be cheap: a loop, and
whatever decides which parts there are.
"""

from __future__ import annotations

import re
import secrets
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from html.parser import HTMLParser
from typing import Any

from jinja2 import Environment, Undefined, nodes
from jinja2.ext import Extension
from jinja2.meta import find_undeclared_variables
from jinja2.parser import Parser
from markupsafe import Markup, escape
from msgspec import Struct

from overlaykit.errors import ThemeError
from overlaykit.theming.scene import Scene

_MARK = secrets.token_hex(8)
"""Unknown to templates and titles, so that nobody can write a placeholder by hand."""
_PLACEHOLDER = re.compile(f"\x00{_MARK}:(\\d+)\x00")
_OPENING = re.compile(r"<[a-zA-Z][\w-]*")
_VOID = frozenset(["area", "br", "col", "embed", "hr", "img", "input", "link", "meta", "source", "track", "wbr"])


class Rendered(Struct, frozen=True):
    """A picture as it was rendered.

    skeleton  the markup with a placeholder for each part: the same as long as nothing but parts changed
    parts     the markup of each part by its key, in order
    """

    skeleton: str
    parts: dict[str, str]

    @property
    def html(self) -> str:
        """The whole markup."""
        if not self.parts:
            return self.skeleton
        markups = list(self.parts.values())
        return _PLACEHOLDER.sub(lambda found: markups[int(found[1])], self.skeleton)


class _Part:
    __slots__ = ("markup", "values")

    def __init__(self, values: list[object] | None, markup: str) -> None:
        self.values = values
        self.markup = markup


class LiveParts:
    """What the parts of one open view said last. Give the same object to each `Picture.paint` of the view."""

    def __init__(self) -> None:
        self._kept: dict[str, _Part] = {}
        self._shown: dict[str, _Part] = {}
        self._implicit: object = None

    def part(self, key: str, values: list[object], render: Callable[[], tuple[str, bool]]) -> Markup:
        """A placeholder for the part `key`. `render` is called when one of `values` changed since it was rendered last;
        it gives the markup, and whether that follows from `values` alone."""
        if key in self._shown:
            raise ThemeError(
                f"two live parts have the key {key!r}", remedy="Give each its own, such as the sku of what it shows."
            )
        part = self._kept.get(key)
        if part is None or part.values is None or not all(map(_equal, part.values, values)):
            markup, follows = render()
            part = _Part(values if follows else None, markup)
        place = len(self._shown)
        self._shown[key] = part
        return Markup(f"\x00{_MARK}:{place}\x00")

    def begin(self, implicit: object) -> None:
        """A rendering begins. When `implicit` is not what it was, every part is rendered again."""
        if implicit != self._implicit:
            self._kept = {}
        self._implicit = implicit
        self._shown = {}

    def end(self, markup: str) -> Rendered:
        """The rendering is done: `markup` with placeholders. Parts that are not in it any more are forgotten."""
        self._kept = self._shown
        return Rendered(markup, {key: part.markup for key, part in self._shown.items()})


class LiveTag(Extension):
    """The tag. Outside of `gathering` a part is rendered in its place like any markup."""

    tags = {"live"}  # noqa: RUF012 (jinja2's way)

    def __init__(self, environment: Environment) -> None:
        super().__init__(environment)
        self._gathered: tuple[LiveParts, Scene] | None = None
        self._found_whole: set[int] = set()
        self._parsing = False

    @contextmanager
    def gathering(self, parts: LiveParts, scene: Scene) -> Iterator[None]:
        """While a picture is painted: its parts go to `parts`. `scene` tells which of them looked at the whole board."""
        self._gathered = (parts, scene)
        try:
            yield
        finally:
            self._gathered = None

    def parse(self, parser: Parser) -> nodes.Node:
        """Makes a call block that gets the key, the object, and every value from outside that the body names."""
        line = next(parser.stream).lineno
        key = parser.parse_expression()
        if parser.stream.current.type != "comma":
            parser.fail("live needs a key and the object it shows: {% live item.sku, item %}", line)
        next(parser.stream)
        shown = parser.parse_expression()
        if self._parsing:
            parser.fail("a live part stands inside another: the outer one is enough", line)
        self._parsing = True
        try:
            body = parser.parse_statements(("name:endlive",), drop_needle=True)
        finally:
            self._parsing = False
        template = nodes.Template(body, lineno=line)
        template.set_environment(self.environment)
        names = sorted(find_undeclared_variables(template))
        values = nodes.List([shown, *(nodes.Name(name, "load") for name in names)])
        call = self.call_method("_render", [key, values, nodes.Const(line)], lineno=line)
        return nodes.CallBlock(call, [], [], body).set_lineno(line)

    def _render(self, key: object, values: list[object], line: int, caller: Callable[[], str]) -> Markup:
        name = str(key)

        if self._gathered is None:
            return Markup(self._element(name, caller().strip(), line))  # the body was escaped as it was rendered
        parts, scene = self._gathered

        def render() -> tuple[str, bool]:
            reads = scene.board_reads
            markup = self._element(name, caller().strip(), line)
            return markup, scene.board_reads == reads

        return parts.part(name, values, render)

    def _element(self, key: str, markup: str, line: int) -> str:
        """The one element of a part, with its key on it."""
        opening = _OPENING.match(markup)
        if opening is None or (line not in self._found_whole and not _is_one_element(markup)):
            raise ThemeError(
                "a live part is not one element", remedy="Put one element around everything between live and endlive."
            )
        self._found_whole.add(line)
        end = opening.end()
        named = "" if "data-key=" in markup[: markup.find(">") + 1] else f' data-key="{escape(key)}"'
        return f'{markup[:end]} data-live="{escape(key)}"{named}{markup[end:]}'


class _Depth(HTMLParser):
    """Counts the elements at the top of a piece of markup."""

    def __init__(self) -> None:
        super().__init__()
        self.depth = 0
        self.tops = 0

    def handle_starttag(self, tag: str, attrs: object) -> None:
        self.tops += self.depth == 0
        self.depth += tag not in _VOID

    def handle_startendtag(self, tag: str, attrs: object) -> None:
        self.tops += self.depth == 0

    def handle_endtag(self, tag: str) -> None:
        self.depth -= tag not in _VOID

    def handle_data(self, data: str) -> None:
        self.tops += self.depth == 0 and bool(data.strip())


def _is_one_element(markup: str) -> bool:
    found = _Depth()
    found.feed(markup)
    found.close()
    return found.tops == 1


def _equal(before: Any, after: Any) -> bool:
    if before is after:
        return True
    if type(before) is not type(after):
        return False
    return isinstance(before, Undefined) or bool(before == after)
