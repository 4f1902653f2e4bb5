"""`{% live key, object %} … {% endlive %}`: a part of a picture that is rendered again, sent and morphed alone.

A part is one element. It is rendered again when `object`, or any other value that its body names, has changed; otherwise
what it said last is used. The picture around it is rendered only when something may have changed that it looks at
(`outer.py` reads that from the source); then parts that did not change are still taken as they are.
"""

from __future__ import annotations

import itertools
import re
from collections.abc import Callable, Iterator
from contextlib import contextmanager

from jinja2 import Environment, nodes
from jinja2.ext import Extension
from jinja2.meta import find_undeclared_variables
from jinja2.parser import Parser
from markupsafe import Markup, escape

from overlaykit.errors import ThemeError
from overlaykit.theming.parts import Draw, LiveParts, Values
from overlaykit.theming.sandbox.budget import Budget
from overlaykit.theming.scene import Scene

_OBJECT = "the object"
"""What the object of a part is called among its values: no name of a template."""
_SPECIAL = {"caller", "kwargs", "self", "super", "varargs"}
_OPENING = re.compile(r"<[a-zA-Z][\w-]*")
_TAG = re.compile(r"<(/?)([a-zA-Z][\w-]*)")
_TAG_END = re.compile("[>\"']")
_VOID = frozenset(["area", "br", "col", "embed", "hr", "img", "input", "link", "meta", "source", "track", "wbr"])


class LiveTag(Extension):
    """The tag. Outside of `gathering` a part is rendered in its place like any markup."""

    tags = {"live"}  # noqa: RUF012 (jinja2's way)

    def __init__(self, environment: Environment) -> None:
        super().__init__(environment)
        self._budget: Budget = environment.budget  # type: ignore[attr-defined]
        self._gathered: tuple[LiveParts, Scene] | None = None
        self._found_whole: set[int] = set()
        self._parsing = False
        self._drawing = False

    @contextmanager
    def gathering(self, parts: LiveParts, scene: Scene) -> Iterator[None]:
        """While a picture is painted: its parts go to `parts`. `scene` tells which of them looked at the whole board; what
        it counts after that was looked at outside of parts."""
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
        if special := _SPECIAL & set(names):
            parser.fail(f"{special.pop()} cannot be used inside a live part: give it a name before it with set", line)
        # What the body names are its arguments, so that it can be rendered again with other values.
        values = [nodes.Pair(nodes.Const(name), nodes.Name(name, "load")) for name in names]
        given = nodes.Dict([nodes.Pair(nodes.Const(_OBJECT), shown), *values])
        call = self.call_method("_render", [key, given, nodes.Const(line)], lineno=line)
        return nodes.CallBlock(call, [nodes.Name(name, "param") for name in names], [], body).set_lineno(line)

    def part(self, key: str, values: Values, render: Callable[[Values], Markup]) -> Markup:
        """What a macro makes of `values`: one element, and a part of its own. In its place like any markup where it stands
        in a part already, or where the picture has one of this key."""
        if self._gathered is None or self._drawing:
            return render(values)
        parts, scene = self._gathered
        if parts.has(key):
            scene.board_reads += 1  # what stands outside of parts looks at these values
            return render(values)
        return parts.part(key, values, self._drawn(lambda values: _marked(key, render(values))))

    @staticmethod
    def made(block: nodes.CallBlock) -> bool:
        """Whether a call block came of the tag."""
        called = block.call.node
        return isinstance(called, nodes.ExtensionAttribute) and called.identifier == LiveTag.identifier

    def _render(self, key: object, values: Values, line: int, caller: Callable[..., str]) -> Markup:
        name, gathered = str(key), self._gathered

        def markup(values: Values) -> str:
            named = itertools.islice(values.values(), 1, None)
            return self._element(name, caller(*named).strip(), line)

        if gathered is None:
            return Markup(markup(values))  # the body was escaped as it was rendered
        return gathered[0].part(name, values, self._drawn(markup))

    def _drawn(self, markup: Callable[[Values], str]) -> Draw:
        assert self._gathered is not None, "parts are made while a picture is painted"
        scene, budget = self._gathered[1], self._budget

        def draw(values: Values) -> tuple[str, bool]:
            budget.breathe()
            reads, self._drawing = scene.board_reads, True
            try:
                return markup(values), scene.board_reads == reads
            finally:
                scene.board_reads, self._drawing = reads, False

        return draw

    def _element(self, key: str, markup: str, line: int) -> str:
        """The one element of a part, with its key on it."""
        opening = _OPENING.match(markup)
        if opening is None or (line not in self._found_whole and not _is_one_element(markup)):
            raise ThemeError(
                "a live part is not one element", remedy="Put one element around everything between live and endlive."
            )
        self._found_whole.add(line)
        return _marked(key, markup)


def _marked(key: str, element: str) -> str:
    """The markup of one element, marked as the part `key`."""
    opening = _OPENING.match(element)
    assert opening is not None, "a part is one element"
    end = opening.end()
    named = "" if "data-key=" in element[: element.find(">") + 1] else f' data-key="{escape(key)}"'
    return f'{element[:end]} data-live="{escape(key)}"{named}{element[end:]}'


def _is_one_element(markup: str) -> bool:
    """Whether all of it stands in one element. Takes time in proportion to its length, whatever it is."""
    place = depth = tops = 0
    while place < len(markup):
        start = markup.find("<", place)
        text = markup[place : start if start >= 0 else len(markup)]
        tops += depth == 0 and bool(text.strip())
        if start < 0:
            break
        if markup.startswith("<!--", start):
            place = markup.find("-->", start) + 3
            if place == 2:
                return False
            continue
        tag = _TAG.match(markup, start)
        end = _end_of_tag(markup, tag.end()) if tag else start
        if end < 0:
            return False
        place = end + 1
        if tag is None:
            tops += depth == 0
        elif tag[1]:
            depth -= tag[2].lower() not in _VOID
        else:
            tops += depth == 0
            depth += tag[2].lower() not in _VOID and markup[end - 1] != "/"
    return tops == 1


def _end_of_tag(markup: str, place: int) -> int:
    """Where its `>` is; -1 when it has none."""
    while (found := _TAG_END.search(markup, place)) is not None:
        if found[0] == ">":
            return found.start()
        place = markup.find(found[0], found.end()) + 1
        if place == 0:
            break
    return -1
