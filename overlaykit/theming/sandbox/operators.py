"""Operators of templates: as in Python, but what they will make is paid for before it is made."""

from __future__ import annotations

import operator
import re
from collections.abc import Callable, Sequence
from math import isfinite
from typing import Any

from jinja2 import Undefined
from jinja2.runtime import markup_join
from jinja2.utils import Namespace

from overlaykit.errors import ThemeError
from overlaykit.theming.sandbox.budget import Budget

MAX_NUMBER = 2**63
MAX_EXPONENT = 64
MAX_RANGE = 100_000
MAX_WIDTH = 99

INTERCEPTED = frozenset(["+", "-", "*", "/", "//", "**", "%"])
_ARITHMETIC: dict[str, Callable[[Any, Any], Any]] = {
    "+": operator.add,
    "-": operator.sub,
    "*": operator.mul,
    "/": operator.truediv,
    "//": operator.floordiv,
    "**": operator.pow,
    "%": operator.mod,
}
_COMPARISONS: dict[str, Callable[[Any, Any], bool]] = {
    "eq": operator.eq,
    "ne": operator.ne,
    "lt": operator.lt,
    "lteq": operator.le,
    "gt": operator.gt,
    "gteq": operator.ge,
    "in": lambda left, right: left in right,
    "notin": lambda left, right: left not in right,
}
_PRINTF = re.compile(r"%(?:\((\w+)\))?([-+ #0]*)(\d*)(?:\.(\d*))?([a-zA-Z%])")


def apply_operator(budget: Budget, sign: str, left: Any, right: Any) -> Any:
    """`left sign right`, where sign is one of INTERCEPTED."""
    if isinstance(left, Undefined) or isinstance(right, Undefined):
        return _ARITHMETIC[sign](left, right)  # says which name is unknown
    if isinstance(left, int | float) and isinstance(right, int | float):
        if sign == "**" and abs(right) > MAX_EXPONENT:
            raise _too_great()
        return checked_number(_ARITHMETIC[sign](left, right))
    if sign == "+":
        for kind in (str, list, tuple):
            if isinstance(left, kind) and isinstance(right, kind):
                sizes: int = len(left) + len(right)
                budget.spend(sizes)
                return budget.made(_ARITHMETIC[sign](left, right))
    elif sign == "*":
        many, times = (right, left) if isinstance(left, int) else (left, right)
        if isinstance(many, str | list | tuple) and isinstance(times, int):
            budget.spend(len(many) * max(times, 0))
            return many * times
    elif sign == "%" and isinstance(left, str):
        return print_formatted(budget, left, right if isinstance(right, tuple) else (right,))
    raise ThemeError(
        f"{_kind(left)} {sign} {_kind(right)} is not possible",
        remedy="Join texts with ~, and compute with numbers: money and deadlines are texts.",
    )


def checked_number(value: Any) -> Any:
    """The number itself; ThemeError when it is no real number, or too great to be honest."""
    if -MAX_NUMBER <= value <= MAX_NUMBER if isinstance(value, int) else isinstance(value, float) and isfinite(value):
        return value
    raise _too_great()


def concatenate(budget: Budget, parts: Sequence[object]) -> str:
    """`a ~ b ~ c`: texts and numbers one after the other; markup stays markup, and what is beside it is escaped."""
    texts = [budget.text(part) for part in parts]
    budget.spend(sum(map(len, texts)))
    joined: str = budget.made(markup_join(texts))
    return joined


def compare(budget: Budget, left: object, *steps: tuple[str, object]) -> bool:
    """`left < a <= b`, as pairs of operator and value. Both sides pay for being looked through."""
    budget.weigh(left)
    for sign, right in steps:
        budget.weigh(right)
        if not _COMPARISONS[sign](left, right):
            return False
        left = right
    return True


def print_formatted(budget: Budget, pattern: str, values: tuple[object, ...]) -> str:
    """`'%02d' % n`, with widths of two digits at most."""
    budget.spend(len(pattern))
    for found in _PRINTF.finditer(pattern):
        if any(len(width or "") > len(str(MAX_WIDTH)) for width in (found[3], found[4])):
            raise ThemeError(f"{found[0]!r} is too wide", remedy=f"A width is {MAX_WIDTH} at most.")
    if _PRINTF.sub("", pattern).count("%") or any(found[5] not in "sdfgx%" for found in _PRINTF.finditer(pattern)):
        raise ThemeError(
            f"{pattern[:80]!r} cannot be filled in", remedy="Write %s, %d, %x, %.2f, %g, or %% for the sign itself."
        )
    for value in values:
        if isinstance(value, str):
            budget.spend(len(value))
        elif not isinstance(value, int | float):
            budget.text(value)
    result: str = budget.made(pattern % values)
    return result


def make_range(*bounds: int) -> range:
    """`range(stop)`, `range(start, stop)`, `range(start, stop, step)`."""
    made = range(*bounds)
    if abs(made.stop - made.start) > MAX_NUMBER or len(made) > MAX_RANGE:
        raise ThemeError("this range is too long", remedy=f"A range has {MAX_RANGE:,} numbers at most.")
    return made


def make_namespace(**fields: object) -> Namespace:
    """`namespace(total=0)`: a value whose fields `{% set ns.total = … %}` changes, also from inside a loop."""
    return Namespace(fields)


def _too_great() -> ThemeError:
    return ThemeError("this number is too great", remedy="Numbers go up to 9,000,000,000,000,000,000.")


def _kind(value: object) -> str:
    return {"str": "text", "Markup": "text", "KeyedText": "text", "NoneType": "None"}.get(
        type(value).__name__, type(value).__name__
    )
