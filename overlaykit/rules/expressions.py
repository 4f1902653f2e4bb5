"""Conditions and texts of rules: compiled in the sandbox of themes, with their field names checked before anything happens."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from typing import Any

from jinja2 import FunctionLoader, TemplateSyntaxError, UndefinedError, nodes
from jinja2.meta import find_undeclared_variables
from jinja2.parser import Parser

from overlaykit.errors import OverlaykitError, UserError
from overlaykit.model.sessions import SessionPlan
from overlaykit.plan import Words, nearest_name
from overlaykit.plan.form import Path
from overlaykit.plan.problems import names_in
from overlaykit.plan.values import is_template
from overlaykit.rules.facts import NAMES, Sight
from overlaykit.rules.fields import FieldChecker, Misnamed
from overlaykit.theming.environment import GLOBALS, ThemeEnvironment
from overlaykit.theming.formats import Formats
from overlaykit.theming.sandbox import check_nodes

LONGEST = 300
"""Characters of what went wrong."""
_MARK = "+"
"""What a condition that holds writes."""
_ALONE = nodes.Include, nodes.Extends, nodes.Import, nodes.FromImport, nodes.Block


class ExpressionError(UserError):
    """A condition or text that cannot be read: what is wrong, what is right, and the nearest valid name."""

    def __init__(self, what: Words, expected: Words | None = None, nearest: str | None = None) -> None:
        super().__init__(what.en, remedy=expected.en if expected else None)
        self.what = what
        self.expected = expected
        self.nearest = nearest


class CannotTell(UserError):
    """A condition or text that cannot be filled in with what there is now; `why` says it."""

    def __init__(self, why: Words, remedy: str | None = None) -> None:
        super().__init__(why.en, remedy=remedy)
        self.why = why


class Expression:
    """Something compiled. `wanted`: the names that it looks at."""

    def __init__(self, environment: ThemeEnvironment, tree: nodes.Template) -> None:
        self.wanted = frozenset(find_undeclared_variables(tree))
        self._environment = environment
        self._template = environment.from_string(tree)

    def render(self, sight: Sight, sku: str | None, now: str) -> str:
        """The text. Raises CannotTell."""
        names = sight.names(self.wanted, sku, now)
        try:
            with self._environment.budget.rendering():
                return self._template.render(names)
        except UndefinedError as error:
            said = str(error)
            if "asked of None" in said:
                name = said.split("'")[1]
                raise CannotTell(Words(said, f"现在没有值可以取 {name}（None）")) from None
            raise _cannot(said, None) from None
        except OverlaykitError as error:
            raise _cannot(error.message, error.remedy) from None
        except Exception as error:  # whatever a rule's author brings about is an error of that rule
            if "NoneType" in str(error):
                unknown = Words(
                    "a value that is not known (None) is compared or computed with", "有一个值还不知道（None）"
                )
                raise CannotTell(unknown, "Ask `is not none` before.") from None
            raise _cannot(str(error) or type(error).__name__, None) from None

    def holds(self, sight: Sight, sku: str | None, now: str) -> bool:
        """Of a condition: whether it holds. Raises CannotTell."""
        return self.render(sight, sku, now) == _MARK


class Expressions:
    """Compiles the conditions and texts of one plan. Texts are kept, so that asking again costs nothing.

    Raises ExpressionError for syntax, for names that there are not, and for fields that board values do not have.
    """

    def __init__(self, plan: SessionPlan) -> None:
        formats = Formats(plan.locale, plan.timezone, plan.currency)
        self._environment = ThemeEnvironment(FunctionLoader(lambda name: None), formats, markup=False)
        self._fields = FieldChecker(plan)
        self._texts: dict[str, Expression] = {}

    def condition(self, source: str) -> Expression:
        """`item.on_air and item.available > 5`: `holds` says whether."""
        try:
            parser = Parser(self._environment, source.strip(), state="variable")
            asked = parser.parse_expression()
            if not parser.stream.eos:
                token = parser.stream.current
                parser.fail(f"{token.value!r} does not belong here", token.lineno)
        except (TemplateSyntaxError, RecursionError, ValueError) as error:
            raise _syntax(error) from None
        mark = nodes.Output([nodes.TemplateData(_MARK)])
        return self._compiled(nodes.Template([nodes.If(asked, [mark], [], [])], lineno=1))

    def text(self, source: str) -> Expression:
        """A text with values in it, `最后 {{ item.available }} 件`: plain text, nothing is escaped."""
        found = self._texts.get(source)
        if found is None:
            try:
                tree = self._environment.parse(source)
            except TemplateSyntaxError as error:
                raise _syntax(error) from None
            found = self._texts[source] = self._compiled(tree)
        return found

    def _compiled(self, tree: nodes.Template) -> Expression:
        tree.set_environment(self._environment)
        for node in tree.find_all(nodes.Stmt):
            node.lineno = node.lineno or 1
        try:
            check_nodes(tree, self._environment, None, None)
        except TemplateSyntaxError as error:
            raise _syntax(error) from None
        if next(tree.find_all(_ALONE), None) is not None:
            raise ExpressionError(
                Words(
                    "include, extends, import and block have no place here",
                    "这里不能用 include、extends、import、block",
                )
            )
        for problem in self._misnamed(tree):
            raise ExpressionError(*problem)
        try:
            return Expression(self._environment, tree)
        except TemplateSyntaxError as error:
            raise _syntax(error) from None

    def _misnamed(self, tree: nodes.Template) -> Iterator[Misnamed]:
        known = {*NAMES, *GLOBALS}
        for name in sorted(find_undeclared_variables(tree) - known):
            what = Words(f"there is no {name[:60]}", f"没有 {name[:60]} 这个名字")
            yield Misnamed(what, names_in(NAMES), nearest_name(name, NAMES))
        yield from self._fields.check(tree)


def texts_in(value: Any, at: Path = ()) -> Iterator[tuple[Path, str]]:
    """Every text of a `do` entry in which there is something to fill in, with its place in the entry."""
    if isinstance(value, str):
        if is_template(value):
            yield at, value
    elif isinstance(value, Mapping | list):
        for key, inner in value.items() if isinstance(value, Mapping) else enumerate(value):
            yield from texts_in(inner, (*at, key))


def fill_in(value: Any, render: Callable[[str], str]) -> Any:
    """The value with every text in which there is something to fill in rendered, however deep it stands."""
    match value:
        case str() if is_template(value):
            return render(value)
        case dict():
            return {key: fill_in(each, render) for key, each in value.items()}
        case list() | tuple():
            return [fill_in(each, render) for each in value]
    return value


def _syntax(error: Exception) -> ExpressionError:
    said = (error.message if isinstance(error, TemplateSyntaxError) else str(error)) or "it cannot be read"
    said = said[:LONGEST]
    if "end of template" in said:
        return ExpressionError(Words("it ends too early", "没有写完"))
    expected = Words("an expression as in themes/README.md", "写法见 themes/README.md")
    return ExpressionError(Words(said, f"写法不对：{said}"), expected)


def _cannot(said: str, remedy: str | None) -> CannotTell:
    said = said[:LONGEST]
    return CannotTell(Words(said, said), remedy)
