"""What every filter and test has around it: it pays, and it says how it is written."""

from __future__ import annotations

from collections.abc import Callable
from inspect import Parameter, signature
from typing import Any, Protocol

from jinja2 import Undefined, pass_environment

from overlaykit.errors import ThemeError
from overlaykit.theming.sandbox.budget import Budget


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


def number_of(value: Any) -> Any:
    """The number itself; ThemeError for anything else."""
    if isinstance(value, Undefined):
        str(value)
    if not isinstance(value, int | float):
        raise ThemeError(f"{type(value).__name__} is no number", remedy="Make one of a text with |int or |float.")
    return value


def _misused(name: str, function: Callable[..., Any]) -> ThemeError:
    arguments = [
        str(argument.replace(annotation=Parameter.empty)) for argument in signature(function).parameters.values()
    ]
    return ThemeError(
        f"{name} was given arguments that it does not take", remedy=f"Write {name}({', '.join(arguments[2:])})."
    )
