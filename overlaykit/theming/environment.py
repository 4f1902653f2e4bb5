"""The sandbox that templates run in, and what it says when a name does not exist."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

from jinja2 import BaseLoader, StrictUndefined
from jinja2.sandbox import ImmutableSandboxedEnvironment
from jinja2.utils import missing
from msgspec import Struct

from overlaykit.theming.formats import Formats
from overlaykit.theming.keyed import read_field
from overlaykit.theming.manifest import say_known
from overlaykit.theming.options import Options
from overlaykit.theming.ui import Ui

TEMPLATE_NAMES = ("session", "item", "items", "products", "next", "countdowns", "announcements", "options", "ui", "_")
"""Every name a template may use."""


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
        name, where = str(self._undefined_name), self._undefined_obj
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
            return f"there is no {name!r}. {say_known('names', TEMPLATE_NAMES, name)}"
        return super()._undefined_message


class ThemeEnvironment(ImmutableSandboxedEnvironment):
    """Autoescaping, strict, sandboxed; loads from `loader` alone. One for each picture."""

    def __init__(self, loader: BaseLoader, formats: Formats) -> None:
        super().__init__(
            loader=loader,
            autoescape=True,
            undefined=Unknown,
            trim_blocks=True,
            lstrip_blocks=True,
            auto_reload=False,
            finalize=_nothing_for_none,
            cache_size=200,
        )
        self.filters.update(formats.filters())

    def getattr(self, obj: Any, attribute: str) -> Any:
        """`obj.attribute`; fields of board structs come with their key."""
        if isinstance(obj, Struct):
            try:
                return read_field(obj, attribute)
            except AttributeError:
                return self.undefined(obj=obj, name=attribute)
        if obj is None:
            return Unknown(obj=None, name=attribute)
        return super().getattr(obj, attribute)

    def getitem(self, obj: Any, argument: Any) -> Any:
        """`obj[argument]`, with the same rules."""
        if isinstance(obj, Struct) and isinstance(argument, str):
            return self.getattr(obj, argument)
        return super().getitem(obj, argument)


def _nothing_for_none(value: Any) -> Any:
    return "" if value is None else value
