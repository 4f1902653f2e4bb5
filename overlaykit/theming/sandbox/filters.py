"""The filters of templates. Each pays for what it is given before it looks at it, and for what it makes."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping
from inspect import Parameter, signature
from math import isfinite
from typing import Any, Protocol

from jinja2 import Undefined, pass_environment
from markupsafe import Markup, escape

from overlaykit.errors import ThemeError
from overlaykit.theming.manifest import say_known
from overlaykit.theming.sandbox.budget import Budget
from overlaykit.theming.sandbox.operators import checked_number, print_formatted

MAX_PIECES = 10_000
MAX_DIGITS = 400


class Sandbox(Protocol):
    """What filters need of the environment."""

    budget: Budget
    filters: dict[str, Callable[..., Any]]
    tests: dict[str, Callable[..., Any]]

    def getitem(self, obj: Any, argument: Any) -> Any:
        """`obj[argument]`, as templates may read it."""


def guarded(name: str, function: Callable[..., Any], *, weighs: bool = True) -> Callable[..., Any]:
    """A filter or test that pays for its values, and for what it gives back. `function` gets the environment first.

    weighs   false for one that takes the same time whatever it is given
    """

    @pass_environment
    def run(sandbox: Sandbox, *args: Any, **kwargs: Any) -> Any:
        budget = sandbox.budget
        budget.spend()
        if weighs:
            for value in (*args, *kwargs.values()):
                budget.weigh(value)
        try:
            result = function(sandbox, *args, **kwargs)
        except TypeError as error:
            if error.__traceback__ is not None and error.__traceback__.tb_next is None:  # it was never begun
                raise _misused(name, function) from None
            raise
        return budget.made(result) if weighs else result

    return run


def _misused(name: str, function: Callable[..., Any]) -> ThemeError:
    arguments = [
        str(argument.replace(annotation=Parameter.empty)) for argument in signature(function).parameters.values()
    ]
    return ThemeError(
        f"{name} was given arguments that it does not take", remedy=f"Write {name}({', '.join(arguments[2:])})."
    )


# ------------------------------------------------------------------------------------------------------------- texts


def _text(sandbox: Sandbox, value: object) -> str:
    return sandbox.budget.text(value)


def _method(name: str) -> Callable[..., str]:
    def call(sandbox: Sandbox, value: object) -> str:
        found: str = getattr(_text(sandbox, value), name)()
        return found

    return call


def _trim(sandbox: Sandbox, value: object, chars: str | None = None) -> str:
    return _text(sandbox, value).strip(chars)


def _escape(sandbox: Sandbox, value: object) -> Markup:
    return escape(_text(sandbox, value))


def _replace(sandbox: Sandbox, value: object, old: str, new: str, count: int = -1) -> str:
    text = _text(sandbox, value)
    sandbox.budget.spend(text.count(old) * len(new))
    if not isinstance(text, Markup) and (isinstance(old, Markup) or isinstance(new, Markup)):
        text = escape(text)
    return text.replace(old, new, count)


def _truncate(sandbox: Sandbox, value: object, length: int = 255, killwords: bool = False, end: str = "…") -> str:
    text = _text(sandbox, value)
    if len(text) <= length:
        return text
    cut = text[: max(length - len(end), 0)]
    return (cut if killwords or " " not in cut else cut.rsplit(" ", 1)[0]) + end


def _format(sandbox: Sandbox, value: object, *args: object) -> str:
    return print_formatted(sandbox.budget, _text(sandbox, value), args)


def _join(sandbox: Sandbox, value: Iterable[Any], d: object = "", attribute: str | None = None) -> str:
    pieces = [_text(sandbox, part) for part in _read(sandbox, value, attribute)]
    between = _text(sandbox, d)
    sandbox.budget.spend(sum(map(len, pieces)) + len(between) * len(pieces))
    if isinstance(between, Markup) or any(isinstance(piece, Markup) for piece in pieces):
        return escape(between).join(pieces)
    return between.join(pieces)


# ----------------------------------------------------------------------------------------------------------- numbers


def _abs(sandbox: Sandbox, value: object) -> Any:
    return abs(number_of(value))


def _round(sandbox: Sandbox, value: object, precision: int = 0, method: str = "common") -> Any:
    number = number_of(value)
    if not isinstance(precision, int) or not -15 <= precision <= 15:
        raise ThemeError(f"round knows no precision {precision!r}", remedy="Give digits after the point: 0 to 15.")
    if method == "common":
        return round(number, precision)
    scale = 10.0**precision
    if method == "floor":
        return float(number * scale // 1 / scale)
    if method == "ceil":
        return float(-(-number * scale // 1) / scale)
    raise ThemeError(f"round knows no method {method!r}", remedy=say_known("methods", ["common", "ceil", "floor"], ""))


def _int(sandbox: Sandbox, value: object, default: int = 0) -> Any:
    try:
        return checked_number(int(_short(sandbox, value)))
    except (ValueError, OverflowError):
        try:
            return checked_number(int(float(_short(sandbox, value))))
        except (ValueError, OverflowError):
            return default


def _float(sandbox: Sandbox, value: object, default: float = 0.0) -> float:
    try:
        found = float(_short(sandbox, value))
    except (ValueError, OverflowError):
        return default
    return found if isfinite(found) else default


def _sum(sandbox: Sandbox, value: Iterable[Any], attribute: str | None = None, start: float = 0) -> Any:
    total = number_of(start)
    for part in _read(sandbox, value, attribute):
        total = checked_number(total + number_of(part))
    return total


# ------------------------------------------------------------------------------------------------------------- lists


def _length(sandbox: Sandbox, value: Any) -> int:
    return len(value)


def _first(sandbox: Sandbox, value: Iterable[Any]) -> Any:
    return next(iter(value), None)


def _last(sandbox: Sandbox, value: Any) -> Any:
    return next(iter(reversed(value if isinstance(value, list | tuple | str | range) else list(value))), None)


def _list(sandbox: Sandbox, value: Iterable[Any]) -> list[Any]:
    return list(value)


def _reverse(sandbox: Sandbox, value: Any) -> Any:
    return value[::-1] if isinstance(value, str) else list(value)[::-1]


def _map(sandbox: Sandbox, value: Iterable[Any], *args: Any, **kwargs: Any) -> list[Any]:
    if "attribute" in kwargs and not args:
        default = kwargs.get("default")
        found = _read(sandbox, value, kwargs["attribute"])
        return [default if default is not None and isinstance(part, Undefined) else part for part in found]
    work = _named(sandbox.filters, "filters", args[0] if args else "")
    return [work(sandbox, part, *args[1:], **kwargs) for part in value]


def _chosen(kept: bool, by_attribute: bool) -> Callable[..., list[Any]]:
    def choose(sandbox: Sandbox, value: Iterable[Any], *args: Any) -> list[Any]:
        parts = list(value)
        looked_at = parts
        if by_attribute:
            looked_at = _read(sandbox, parts, args[0])
            args = args[1:]
        if not args:
            return [part for part, each in zip(parts, looked_at, strict=True) if bool(each) is kept]
        test = _named(sandbox.tests, "tests", args[0])
        return [
            part for part, each in zip(parts, looked_at, strict=True) if bool(test(sandbox, each, *args[1:])) is kept
        ]

    return choose


def _sort(
    sandbox: Sandbox,
    value: Iterable[Any],
    reverse: bool = False,
    case_sensitive: bool = False,
    attribute: str | None = None,
) -> list[Any]:
    return _sorted(sandbox, list(value), attribute, case_sensitive, reverse)


def _unique(
    sandbox: Sandbox, value: Iterable[Any], case_sensitive: bool = False, attribute: str | None = None
) -> list[Any]:
    found: dict[Any, Any] = {}
    for part, key in _keyed(sandbox, list(value), attribute, case_sensitive):
        found.setdefault(key, part)
    return list(found.values())


def _groupby(
    sandbox: Sandbox, value: Iterable[Any], attribute: str, default: Any = None, case_sensitive: bool = False
) -> list[tuple[Any, list[Any]]]:
    groups: dict[Any, tuple[Any, list[Any]]] = {}
    parts = list(value)
    for part, name in zip(parts, _read(sandbox, parts, attribute), strict=True):
        shown = default if default is not None and (name is None or isinstance(name, Undefined)) else name
        groups.setdefault(_key(shown, case_sensitive), (shown, []))[1].append(part)
    return [groups[key] for key in sorted(groups, key=_sortable)]


def _extreme(chosen: Callable[..., Any]) -> Callable[..., Any]:
    def find(sandbox: Sandbox, value: Iterable[Any], case_sensitive: bool = False, attribute: str | None = None) -> Any:
        found = _keyed(sandbox, list(value), attribute, case_sensitive)
        return chosen(found, key=lambda pair: pair[1])[0] if found else None

    return find


def _batch(sandbox: Sandbox, value: Iterable[Any], linecount: int, fill_with: Any = None) -> list[list[Any]]:
    size, parts = _pieces(linecount), list(value)
    rows = [parts[place : place + size] for place in range(0, len(parts), size)]
    if rows and fill_with is not None:
        sandbox.budget.spend(size)
        rows[-1] += [fill_with] * (size - len(rows[-1]))
    return rows


def _slice(sandbox: Sandbox, value: Iterable[Any], slices: int, fill_with: Any = None) -> list[list[Any]]:
    many, parts = _pieces(slices), list(value)
    sandbox.budget.spend(many)
    least, more = divmod(len(parts), many)
    rows, place = [], 0
    for number in range(many):
        size = least + (number < more)
        short = [fill_with] if fill_with is not None and more and number >= more else []
        rows.append(parts[place : place + size] + short)
        place += size
    return rows


def _items(sandbox: Sandbox, value: Any) -> list[tuple[Any, Any]]:
    if not isinstance(value, Mapping):
        raise ThemeError(f"a {type(value).__name__} has no items", remedy="Give a table, such as item.regions.")
    return list(value.items())


def _dictsort(
    sandbox: Sandbox, value: Any, case_sensitive: bool = False, by: str = "key", reverse: bool = False
) -> list[tuple[Any, Any]]:
    place = ("key", "value").index(by)
    return sorted(
        _items(sandbox, value), key=lambda pair: _sortable(_key(pair[place], case_sensitive)), reverse=reverse
    )


def _default(sandbox: Sandbox, value: Any, default_value: Any = "", boolean: bool = False) -> Any:
    return default_value if isinstance(value, Undefined) or (boolean and not value) else value


_FUNCTIONS: Mapping[str, Callable[..., Any]] = {
    **{name: _method(name) for name in ("capitalize", "lower", "upper", "title")},
    "abs": _abs,
    "batch": _batch,
    "d": _default,
    "default": _default,
    "dictsort": _dictsort,
    "e": _escape,
    "escape": _escape,
    "first": _first,
    "float": _float,
    "format": _format,
    "groupby": _groupby,
    "int": _int,
    "items": _items,
    "join": _join,
    "last": _last,
    "length": _length,
    "list": _list,
    "map": _map,
    "max": _extreme(max),
    "min": _extreme(min),
    "reject": _chosen(False, by_attribute=False),
    "rejectattr": _chosen(False, by_attribute=True),
    "replace": _replace,
    "reverse": _reverse,
    "round": _round,
    "select": _chosen(True, by_attribute=False),
    "selectattr": _chosen(True, by_attribute=True),
    "slice": _slice,
    "sort": _sort,
    "string": _text,
    "sum": _sum,
    "trim": _trim,
    "truncate": _truncate,
    "unique": _unique,
}
_QUICK = frozenset(["abs", "d", "default", "first", "float", "int", "length", "round"])

FILTERS: Mapping[str, Callable[..., Any]] = {
    name: guarded(name, function, weighs=name not in _QUICK) for name, function in _FUNCTIONS.items()
}
"""Every filter that is not about numbers, money and times of a locale (those are in formats.py)."""


# ----------------------------------------------------------------------------------------------------------- reading


def _read(sandbox: Sandbox, value: Iterable[Any], attribute: object) -> list[Any]:
    """Each element, or what it has at a path such as `drop.available`."""
    if attribute is None:
        return list(value)
    steps: list[Any] = [int(step) if step.isdigit() else step for step in str(attribute).split(".")]
    found = []
    for part in value:
        sandbox.budget.spend(len(steps))
        for step in steps:
            part = sandbox.getitem(part, step)
        found.append(part)
    return found


def _keyed(sandbox: Sandbox, parts: list[Any], attribute: str | None, case_sensitive: bool) -> list[tuple[Any, Any]]:
    return [
        (part, _key(each, case_sensitive)) for part, each in zip(parts, _read(sandbox, parts, attribute), strict=True)
    ]


def _sorted(
    sandbox: Sandbox, parts: list[Any], attribute: str | None, case_sensitive: bool, reverse: bool
) -> list[Any]:
    paths = attribute.split(",") if attribute else [None]
    columns = [[_sortable(key) for _, key in _keyed(sandbox, parts, path, case_sensitive)] for path in paths]
    keys = list(zip(*columns, strict=True))
    order = sorted(range(len(parts)), key=keys.__getitem__, reverse=reverse)
    return [parts[place] for place in order]


def _sortable(key: Any) -> tuple[bool, Any]:
    """None comes last, whatever the others are."""
    return key is None, 0 if key is None else key


def _key(value: Any, case_sensitive: bool) -> Any:
    if isinstance(value, str):
        return value if case_sensitive else value.lower()
    if value is None or isinstance(value, int | float):
        return value
    if isinstance(value, Undefined):
        str(value)  # says which name is unknown
    raise ThemeError(f"a {type(value).__name__} has no order", remedy="Order by a field: sort(attribute='available').")


def number_of(value: Any) -> Any:
    """The number itself; ThemeError for anything else."""
    if isinstance(value, Undefined):
        str(value)
    if not isinstance(value, int | float):
        raise ThemeError(f"{type(value).__name__} is no number", remedy="Make one of a text with |int or |float.")
    return value


def _short(sandbox: Sandbox, value: object) -> Any:
    if isinstance(value, int | float):
        return value
    text = _text(sandbox, value)
    if len(text) > MAX_DIGITS:
        raise ThemeError("this text is too long for a number", remedy=f"A number has {MAX_DIGITS} digits at most.")
    return text


def _pieces(number: object) -> int:
    if not isinstance(number, int) or not 1 <= number <= MAX_PIECES:
        raise ThemeError(f"{number!r} is no number of pieces", remedy=f"Give one from 1 to {MAX_PIECES:,}.")
    return number


def _named(known: Mapping[str, Callable[..., Any]], kind: str, name: object) -> Callable[..., Any]:
    if not isinstance(name, str) or name not in known:
        raise ThemeError(
            f"No {kind[:-1]} named {str(name)[:40]!r}", remedy=say_known(kind, sorted(known), str(name)[:40])
        )
    return known[name]
