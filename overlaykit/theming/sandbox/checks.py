"""The tests of templates: `{% if item.price is none %}`, `items | selectattr('state', 'in', ('low', 'critical'))`."""

from __future__ import annotations

from collections.abc import Callable, Mapping

from jinja2 import Undefined

from overlaykit.theming.sandbox.guard import Sandbox, guarded, number_of
from overlaykit.theming.sandbox.operators import compare


def _is(kind: type | tuple[type, ...]) -> Callable[..., bool]:
    return lambda sandbox, value: isinstance(value, kind)


def _number(sandbox: Sandbox, value: object) -> bool:
    return isinstance(value, int | float) and not isinstance(value, bool)


def _integer(sandbox: Sandbox, value: object) -> bool:
    return isinstance(value, int) and not isinstance(value, bool)


def _divisible(sandbox: Sandbox, value: object, number: object, rest: int = 0) -> bool:
    return bool(number_of(value) % number_of(number) == rest)


def _compared(sign: str) -> Callable[..., bool]:
    return lambda sandbox, value, other: compare(sandbox.budget, value, (sign, other))


_FUNCTIONS: Mapping[str, Callable[..., bool]] = {
    "boolean": _is(bool),
    "defined": lambda sandbox, value: not isinstance(value, Undefined),
    "divisibleby": _divisible,
    "even": lambda sandbox, value: _divisible(sandbox, value, 2),
    "false": lambda sandbox, value: value is False,
    "float": _is(float),
    "integer": _integer,
    "mapping": _is(dict),
    "none": lambda sandbox, value: value is None,
    "number": _number,
    "odd": lambda sandbox, value: _divisible(sandbox, value, 2, 1),
    "sequence": _is((list, tuple, str, range)),
    "string": _is(str),
    "true": lambda sandbox, value: value is True,
    "undefined": lambda sandbox, value: isinstance(value, Undefined),
    **{
        name: _compared(sign)
        for sign, names in {
            "eq": ("eq", "equalto", "=="),
            "ne": ("ne", "!="),
            "lt": ("lt", "lessthan", "<"),
            "lteq": ("le", "<="),
            "gt": ("gt", "greaterthan", ">"),
            "gteq": ("ge", ">="),
            "in": ("in",),
        }.items()
        for name in names
    },
}

TESTS: Mapping[str, Callable[..., bool]] = {
    name: guarded(name, function, weighs=False) for name, function in _FUNCTIONS.items()
}
"""Every test."""
