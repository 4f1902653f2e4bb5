"""The filters of templates. Each pays for what it is given before it looks at it, and for what it makes."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from math import isfinite
from typing import Any

from jinja2 import Undefined
from markupsafe import Markup, escape

from overlaykit.errors import ThemeError
from overlaykit.theming.manifest import say_known
from overlaykit.theming.sandbox.guard import Sandbox, guarded, number_of
from overlaykit.theming.sandbox.lists import LIST_FILTERS, key_of, sortable
from overlaykit.theming.sandbox.operators import checked_number, print_formatted

MAX_DIGITS = 400


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


def _items(sandbox: Sandbox, value: Any) -> list[tuple[Any, Any]]:
    if not isinstance(value, Mapping):
        raise ThemeError(f"a {type(value).__name__} has no items", remedy="Give a table, such as item.regions.")
    return list(value.items())


def _dictsort(
    sandbox: Sandbox, value: Any, case_sensitive: bool = False, by: str = "key", reverse: bool = False
) -> list[tuple[Any, Any]]:
    place = ("key", "value").index(by)
    return sorted(
        _items(sandbox, value), key=lambda pair: sortable(key_of(pair[place], case_sensitive)), reverse=reverse
    )


def _default(sandbox: Sandbox, value: Any, default_value: Any = "", boolean: bool = False) -> Any:
    return default_value if isinstance(value, Undefined) or (boolean and not value) else value


_FUNCTIONS: Mapping[str, Callable[..., Any]] = {
    **LIST_FILTERS,
    **{name: _method(name) for name in ("capitalize", "lower", "upper", "title")},
    "abs": _abs,
    "d": _default,
    "default": _default,
    "dictsort": _dictsort,
    "e": _escape,
    "escape": _escape,
    "float": _float,
    "format": _format,
    "int": _int,
    "items": _items,
    "replace": _replace,
    "round": _round,
    "string": _text,
    "trim": _trim,
    "truncate": _truncate,
}
_QUICK = frozenset(["abs", "d", "default", "first", "float", "int", "length", "round"])

FILTERS: Mapping[str, Callable[..., Any]] = {
    name: guarded(name, function, weighs=name not in _QUICK) for name, function in _FUNCTIONS.items()
}
"""Every filter that is not about numbers, money and times of a locale (those are in formats.py)."""


def _short(sandbox: Sandbox, value: object) -> Any:
    if isinstance(value, int | float):
        return value
    text = _text(sandbox, value)
    if len(text) > MAX_DIGITS:
        raise ThemeError("this text is too long for a number", remedy=f"A number has {MAX_DIGITS} digits at most.")
    return text
