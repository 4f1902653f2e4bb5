"""Which attributes of plain values a template may read. What is not listed does not exist for it."""

from __future__ import annotations

from collections.abc import Callable
from functools import partial
from typing import Any

from jinja2.environment import TemplateModule
from jinja2.runtime import BlockReference, LoopContext, TemplateReference
from jinja2.utils import Namespace

from overlaykit.theming.sandbox.budget import Budget

TEXT_METHODS = (
    "capitalize",
    "count",
    "endswith",
    "find",
    "isdigit",
    "lower",
    "lstrip",
    "removeprefix",
    "removesuffix",
    "rstrip",
    "split",
    "splitlines",
    "startswith",
    "strip",
    "title",
    "upper",
)
TABLE_METHODS = ("get", "items", "keys", "values")
LOOP_NAMES = (
    "changed",
    "cycle",
    "depth",
    "depth0",
    "first",
    "index",
    "index0",
    "last",
    "length",
    "nextitem",
    "previtem",
    "revindex",
    "revindex0",
)


def names_of(value: object) -> tuple[str, ...]:
    """What a template may read of a value of this kind, sorted."""
    if isinstance(value, str):
        return TEXT_METHODS
    if isinstance(value, dict):
        return TABLE_METHODS
    if isinstance(value, LoopContext):
        return LOOP_NAMES
    if isinstance(value, BlockReference):
        return ("super",)
    if isinstance(value, TemplateModule):
        return tuple(sorted(name for name in vars(value) if not name.startswith("_")))
    return ()


def attribute_of(budget: Budget, value: Any, name: str) -> Any:
    """`value.name`. AttributeError when a template may not read it, or there is none."""
    if name.startswith("_"):
        raise AttributeError(name)
    if isinstance(value, TemplateModule):
        if name not in vars(value):
            raise AttributeError(name)
        return getattr(value, name)
    if isinstance(value, Namespace):
        return getattr(value, name)
    if isinstance(value, TemplateReference):
        try:
            return value[name]
        except LookupError:
            raise AttributeError(name) from None
    if name not in names_of(value):
        raise AttributeError(name)
    found = getattr(value, name)
    if isinstance(value, str | dict):
        return partial(_paid, budget, found, value)
    return found


def _paid(budget: Budget, method: Callable[..., Any], value: object, *args: object, **kwargs: object) -> Any:
    budget.weigh(value)
    result = method(*args, **kwargs)
    if isinstance(value, dict) and not args:
        result = list(result)
    return budget.made(result)
