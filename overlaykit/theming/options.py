"""Options of a theme: what an operator may set in session.toml or in the URL, typed, and safe to put into CSS.

Type names are those of OGraf's graphics data definition. A value comes from the URL (text), else from the
plan, else it is the theme's default; `read` takes any of the three.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from typing import Annotated, Any

from msgspec import Meta, Struct

OptionValue = str | int | float | bool
Words = dict[str, str]


def _says(text: str) -> Meta:
    return Meta(description=text)


class Option(Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """What every option has."""

    default: Annotated[Any, _says("its value when nobody sets it")]
    label: Annotated[str | Words, _says("its name for people: a text, or a table locale = text")] = ""

    def read(self, value: object) -> OptionValue:
        """The typed value; ValueError says what was expected."""
        raise NotImplementedError

    def css(self, value: OptionValue) -> str:
        """The value as the text of a CSS custom property."""
        return str(value)


class SingleLine(Option, frozen=True, kw_only=True):
    """A line of text. In CSS a quoted string."""

    def read(self, value: object) -> OptionValue:
        if not isinstance(value, str) or len(value) > 500 or "\n" in value:
            raise ValueError(f"expected one line of text, not {value!r}")
        return value

    def css(self, value: OptionValue) -> str:
        return '"' + re.sub(r"[^\w \-.,:%]", lambda found: f"\\{ord(found[0]):x} ", str(value)) + '"'


class Select(Option, frozen=True, kw_only=True):
    """One of several words."""

    choices: Annotated[tuple[Annotated[str, Meta(pattern=r"^[\w-]+$")], ...], _says("the words to choose from")]

    def read(self, value: object) -> OptionValue:
        if not isinstance(value, str) or value not in self.choices:
            raise ValueError(f"expected one of {', '.join(self.choices)}, not {value!r}")
        return value


class Colour(Option, frozen=True, kw_only=True):
    """A colour as #rrggbb."""

    def read(self, value: object) -> OptionValue:
        if not isinstance(value, str) or not re.fullmatch(r"#?[0-9a-fA-F]{6}", value):
            raise ValueError(f"expected a colour like #e4002b (in a URL %23e4002b or e4002b), not {value!r}")
        return "#" + value.lstrip("#").lower()


class Number(Option, frozen=True, kw_only=True):
    """A number, within `min` and `max` where given."""

    min: Annotated[float | None, _says("the least")] = None
    max: Annotated[float | None, _says("the most")] = None

    def read(self, value: object) -> OptionValue:
        try:
            number = float(value) if isinstance(value, str | int | float) and not isinstance(value, bool) else None
        except ValueError:
            number = None
        low, high = self.min if self.min is not None else -1e12, self.max if self.max is not None else 1e12
        if number is None or not low <= number <= high:
            raise ValueError(f"expected a number from {low:g} to {high:g}, not {value!r}")
        return int(number) if number.is_integer() else number


class Percentage(Number, frozen=True, kw_only=True):
    """A number of percent, as 20 or "20%"; in CSS with its sign."""

    def read(self, value: object) -> OptionValue:
        return super().read(value.removesuffix("%") if isinstance(value, str) else value)

    def css(self, value: OptionValue) -> str:
        return f"{value}%"


class Boolean(Option, frozen=True, kw_only=True):
    """On or off: true and false, in a URL also 1 and 0; in CSS 1 or 0."""

    def read(self, value: object) -> OptionValue:
        known = {"true": True, "1": True, "false": False, "0": False}
        if isinstance(value, bool):
            return value
        if isinstance(value, str) and value.lower() in known:
            return known[value.lower()]
        raise ValueError(f"expected true or false, not {value!r}")

    def css(self, value: OptionValue) -> str:
        return "1" if value else "0"


OPTION_TYPES: dict[str, type[Option]] = {
    "single-line": SingleLine,
    "select": Select,
    "color-rrggbb": Colour,
    "number": Number,
    "percentage": Percentage,
    "boolean": Boolean,
}
"""Option type by its name in theme.toml."""


class Options:
    """`options` in a template: every option of the theme, by name, with its value."""

    def __init__(self, values: Mapping[str, OptionValue]) -> None:
        self._values = dict(values)

    def __getitem__(self, name: str) -> OptionValue:
        return self._values[name]

    def __iter__(self) -> Iterator[str]:
        return iter(self._values)

    def __contains__(self, name: str) -> bool:
        return name in self._values


def css_name(option: str) -> str:
    """The custom property of an option: low_colour → --option-low-colour."""
    return "--option-" + option.replace("_", "-")
