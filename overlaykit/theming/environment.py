"""The sandbox that templates run in, and what it says when a name does not exist."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from types import CodeType
from typing import Any

from jinja2 import BaseLoader, StrictUndefined, TemplateSyntaxError, Undefined, nodes
from jinja2.runtime import Context
from jinja2.sandbox import ImmutableSandboxedEnvironment
from jinja2.utils import missing
from msgspec import Struct

from overlaykit.errors import ThemeError
from overlaykit.theming.formats import Formats
from overlaykit.theming.keyed import KeyedFloat, KeyedInt, read_field
from overlaykit.theming.manifest import say_known
from overlaykit.theming.options import Options
from overlaykit.theming.sandbox import (
    FILTERS,
    TESTS,
    Budget,
    ContainedGenerator,
    ContainedTemplate,
    apply_operator,
    attribute_of,
    check_nodes,
    compare,
    concatenate,
    guarded,
    make_namespace,
    make_range,
    names_of,
    parse_source,
)
from overlaykit.theming.sandbox.operators import INTERCEPTED
from overlaykit.theming.ui import Ui

TEMPLATE_NAMES = ("session", "item", "items", "products", "next", "countdowns", "announcements", "options", "ui", "_")
"""Every name a template may use."""
GLOBALS = ("range", "namespace")
"""Functions of a template, beside them."""
MAX_SOURCE = 131_072
"""Characters of all templates that one picture uses."""
SAID = 60
"""Characters of a wrong name that an error repeats."""


_LIGHT = frozenset([int, float, bool, type(None), KeyedInt, KeyedFloat])


class Named:
    """Board values by name, in order: `countdowns.coupon`, `countdowns['eight-close']`, `{% for c in countdowns %}`."""

    def __init__(self, values: dict[str, Any]) -> None:
        self._values = values

    def __getitem__(self, name: str) -> Any:
        return self._values[name]

    def __iter__(self) -> Iterator[Any]:
        return iter(self._values.values())

    def __len__(self) -> int:
        return len(self._values)

    def __contains__(self, name: str) -> bool:
        return name in self._values

    def names(self) -> list[str]:
        return list(self._values)


class Unknown(StrictUndefined):
    """A name that does not exist. Using it is an error that lists what does."""

    __slots__ = ()

    @property
    def _undefined_message(self) -> str:
        name, where = str(self._undefined_name)[:SAID], self._undefined_obj
        if self._undefined_hint:
            return self._undefined_hint
        if isinstance(where, Struct):
            fields = type(where).__struct_fields__
            return f"{type(where).__name__} has no field {name!r}. {say_known('fields', fields, name)}"
        if isinstance(where, Options):
            return f"the theme has no option {name!r}. {say_known('options', list(where), name)}"
        if isinstance(where, Ui):
            return f"there is no ui.{name}. {say_known('macros', Ui.MACROS, name)}"
        if isinstance(where, Named):
            return f"there is no {name!r} here. {say_known('names', where.names(), name)}"
        if where is None:
            return f"{name!r} was asked of None: guard it with {{% if … %}}"
        if where is missing:
            return f"there is no {name!r}. {say_known('names', (*TEMPLATE_NAMES, *GLOBALS), name)}"
        known = names_of(where)
        return f"a {type(where).__name__} has no {name!r} for templates. {say_known('names', known, name)}"


class ThemeEnvironment(ImmutableSandboxedEnvironment):
    """Strict, contained: loads from `loader` alone, and renders within a budget. It writes markup, into which values are
    escaped; without `markup` plain text.

    One for each picture. Render only inside `with environment.budget.rendering()`.
    """

    code_generator_class = ContainedGenerator
    template_class = ContainedTemplate
    intercepted_binops = INTERCEPTED

    def __init__(self, loader: BaseLoader, formats: Formats, *, markup: bool = True) -> None:
        super().__init__(
            loader=loader,
            autoescape=markup,
            undefined=Unknown,
            trim_blocks=True,
            lstrip_blocks=True,
            auto_reload=False,
            # Folding of constants would compute before anything is counted.
            optimized=False,
            cache_size=200,
        )
        self.budget = Budget(markup=markup)
        self.globals = {"range": make_range, "namespace": make_namespace}
        self.filters = {**FILTERS, **{name: _localised(name, work) for name, work in formats.filters().items()}}
        self.tests = dict(TESTS)
        self._sources: dict[str | None, int] = {}

    def getattr(self, obj: Any, attribute: str) -> Any:
        """`obj.attribute`; fields of board structs come with their key."""
        if isinstance(obj, Struct):
            try:
                return read_field(obj, attribute)
            except AttributeError:
                return Unknown(obj=obj, name=attribute)
        if isinstance(obj, Undefined):
            return getattr(obj, attribute)  # says which name is unknown
        if isinstance(obj, Ui):
            return getattr(obj, attribute) if attribute in Ui.MACROS else Unknown(obj=obj, name=attribute)
        if isinstance(obj, Named | Options):
            return obj[attribute] if attribute in obj else Unknown(obj=obj, name=attribute)
        try:
            return attribute_of(self.budget, obj, attribute)
        except AttributeError:
            if isinstance(obj, dict) and attribute in obj:
                return obj[attribute]
            return Unknown(obj=obj, name=attribute)

    def getitem(self, obj: Any, argument: Any) -> Any:
        """`obj[argument]`, with the same rules. Only texts and numbers are looked up."""
        if isinstance(argument, str):
            if isinstance(obj, dict) and argument in obj:
                return obj[argument]
            return self.getattr(obj, argument)
        if isinstance(obj, Undefined):
            return obj[argument]
        if isinstance(argument, int) and isinstance(obj, str | list | tuple | dict | range):
            try:
                return obj[argument]
            except LookupError:
                pass
        return Unknown(obj=obj, name=str(argument) if isinstance(argument, int) else f"[{type(argument).__name__}]")

    def call(self, context: Context, obj: Any, /, *args: Any, **kwargs: Any) -> Any:
        """`obj(…)`. What it is given pays for being looked through, what it gives for being made."""
        budget = self.budget
        budget.spend()
        for value in (*args, *kwargs.values()) if kwargs else args:
            if value.__class__ not in _LIGHT:
                budget.weigh(value)
        if not callable(obj):
            raise ThemeError(
                f"a {type(obj).__name__} cannot be called", remedy="Macros, ui.…, _ and methods of texts can be."
            )
        return budget.made(context.call(obj, *args, **kwargs))

    def call_binop(self, context: Context, operator: str, left: Any, right: Any) -> Any:
        """An operator of INTERCEPTED."""
        return apply_operator(self.budget, operator, left, right)

    def compare(self, left: object, *steps: tuple[str, object]) -> bool:
        """For compiled templates: `left < a <= b`."""
        return compare(self.budget, left, *steps)

    def concatenate(self, parts: tuple[object, ...]) -> str:
        """For compiled templates: `a ~ b`."""
        return concatenate(self.budget, parts)

    def slice(self, value: Any, start: Any, stop: Any, step: Any) -> Any:
        """For compiled templates: `value[start:stop:step]`."""
        if isinstance(value, Undefined):
            str(value)  # says which name is unknown
        if not isinstance(value, str | list | tuple | range):
            raise ThemeError(f"a {type(value).__name__} cannot be sliced", remedy="Slice a text or a list.")
        return self.budget.made(value[start:stop:step])

    def table(self, pairs: tuple[tuple[Any, Any], ...]) -> dict[str | int | float, Any]:
        """For compiled templates: `{key: value}`."""
        self.budget.spend(len(pairs))
        if not all(isinstance(key, str | int | float) for key, _ in pairs):
            raise ThemeError("a table has texts and numbers as keys", remedy="Write {'name': value}.")
        return dict(pairs)

    @property
    def stepped(self) -> bool:
        """For compiled templates: true, and a step."""
        self.budget.spend()
        return True

    def _parse(self, source: str, name: str | None, filename: str | None) -> nodes.Template:
        self._sources[name] = len(source)
        if sum(self._sources.values()) > MAX_SOURCE:
            raise TemplateSyntaxError(
                f"the templates of one picture have more than {MAX_SOURCE:,} characters", 1, name, filename
            )
        template = parse_source(self, source, name, filename)
        check_nodes(template, self, name, filename)
        for extends in template.find_all(nodes.Extends):
            if isinstance(extends.template, nodes.Const) and extends.template.value == name:
                raise TemplateSyntaxError(
                    f"{name} calls itself; to extend an inherited one, put its theme before it, as in 'classic:{name}'",
                    extends.lineno,
                    name,
                    filename,
                )
        return template

    def _compile(self, source: str, filename: str) -> CodeType:
        try:
            return super()._compile(source, filename)
        except (SyntaxError, RecursionError, MemoryError, ValueError) as error:
            raise TemplateSyntaxError(f"the template is too involved ({error})", 1, None, filename) from None


def _localised(name: str, work: Callable[..., Any]) -> Callable[..., Any]:
    def run(sandbox: object, *args: Any, **kwargs: Any) -> Any:
        return work(*args, **kwargs)

    return guarded(name, run)
