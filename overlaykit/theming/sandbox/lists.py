"""The filters of lists. They give lists, so that `length` and `loop.length` know how many there are."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping
from typing import Any

from jinja2 import Undefined
from markupsafe import Markup, escape

from overlaykit.errors import ThemeError
from overlaykit.theming.manifest import say_known
from overlaykit.theming.sandbox.guard import Sandbox, number_of
from overlaykit.theming.sandbox.operators import checked_number

MAX_PIECES = 10_000


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
        groups.setdefault(key_of(shown, case_sensitive), (shown, []))[1].append(part)
    return [groups[key] for key in sorted(groups, key=sortable)]


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


def _sum(sandbox: Sandbox, value: Iterable[Any], attribute: str | None = None, start: float = 0) -> Any:
    total = number_of(start)
    for part in _read(sandbox, value, attribute):
        total = checked_number(total + number_of(part))
    return total


def _join(sandbox: Sandbox, value: Iterable[Any], d: object = "", attribute: str | None = None) -> str:
    pieces = [sandbox.budget.text(part) for part in _read(sandbox, value, attribute)]
    between = sandbox.budget.text(d)
    sandbox.budget.spend(sum(map(len, pieces)) + len(between) * len(pieces))
    if isinstance(between, Markup) or any(isinstance(piece, Markup) for piece in pieces):
        return escape(between).join(pieces)
    return between.join(pieces)


LIST_FILTERS: Mapping[str, Callable[..., Any]] = {
    "batch": _batch,
    "first": _first,
    "groupby": _groupby,
    "join": _join,
    "last": _last,
    "length": _length,
    "list": _list,
    "map": _map,
    "max": _extreme(max),
    "min": _extreme(min),
    "reject": _chosen(False, by_attribute=False),
    "rejectattr": _chosen(False, by_attribute=True),
    "reverse": _reverse,
    "select": _chosen(True, by_attribute=False),
    "selectattr": _chosen(True, by_attribute=True),
    "slice": _slice,
    "sort": _sort,
    "sum": _sum,
    "unique": _unique,
}
"""By name; each gets the environment first."""


def sortable(key: Any) -> tuple[bool, Any]:
    """None comes last, whatever the others are."""
    return key is None, 0 if key is None else key


def key_of(value: Any, case_sensitive: bool) -> Any:
    """What orders a value: texts without regard to case, unless `case_sensitive`. ThemeError for what has no order."""
    if isinstance(value, str):
        return value if case_sensitive else value.lower()
    if value is None or isinstance(value, int | float):
        return value
    if isinstance(value, Undefined):
        str(value)  # says which name is unknown
    raise ThemeError(f"a {type(value).__name__} has no order", remedy="Order by a field: sort(attribute='available').")


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
        (part, key_of(each, case_sensitive)) for part, each in zip(parts, _read(sandbox, parts, attribute), strict=True)
    ]


def _sorted(
    sandbox: Sandbox, parts: list[Any], attribute: str | None, case_sensitive: bool, reverse: bool
) -> list[Any]:
    paths = attribute.split(",") if attribute else [None]
    columns = [[sortable(key) for _, key in _keyed(sandbox, parts, path, case_sensitive)] for path in paths]
    keys = list(zip(*columns, strict=True))
    order = sorted(range(len(parts)), key=keys.__getitem__, reverse=reverse)
    return [parts[place] for place in order]


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
