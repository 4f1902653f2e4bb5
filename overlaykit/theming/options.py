"""Options of a theme: what an operator may set in session.toml or in the URL, typed, and safe to put into CSS.

Type names are those of OGraf's graphics data definition. A value comes from the URL (text), else from the
plan, else it is the theme's default; `read` takes any of the three.
"""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Iterator, Mapping, Sequence
from pathlib import PurePosixPath
from typing import Annotated, Any
from urllib.parse import urlsplit

from msgspec import Meta, Struct

from overlaykit.theming.css import css_string, css_url

OptionValue = str | int | float | bool
CHOICE = r"^[\w-]+\Z"
LOCALE = r"^[a-z]{2,3}(-[A-Za-z0-9]{2,8})*$"
Text = str | dict[Annotated[str, Meta(pattern=LOCALE)], str]
"""A text for people, or one for each locale."""

PICTURES = (".avif", ".gif", ".jpeg", ".jpg", ".png", ".svg", ".webp")
FONTS = (".otf", ".ttf", ".woff", ".woff2")
GENERIC_FAMILIES = ("serif", "sans-serif", "monospace", "cursive", "fantasy", "system-ui")
MOST = 1e12
"""Numbers of an option are within this, either side of zero."""


def _says(text: str) -> Meta:
    return Meta(description=text)


DEFAULT = _says("its value when nobody sets it")


class Option(Struct, frozen=True, kw_only=True, forbid_unknown_fields=True, tag_field="type"):
    """What every option has."""

    default: Annotated[Any, DEFAULT]
    label: Annotated[Text, _says("its name for people: a text, or a table locale = text")] = ""
    help: Annotated[Text, _says("what it does, for people: a text, or a table locale = text")] = ""
    group: Annotated[Text, _says("the heading it stands under in a list: a text, or a table locale = text")] = ""

    def read(self, value: object) -> OptionValue:
        """The typed value; ValueError says what was expected."""
        raise NotImplementedError

    def css(self, value: OptionValue) -> str:
        """The value as the text of a CSS custom property."""
        return str(value)

    def check(self) -> None:
        """Whether its keys fit together; ValueError says what does not."""


class SingleLine(Option, frozen=True, kw_only=True, tag="single-line"):
    """A line of text. In CSS a quoted string."""

    default: Annotated[str, DEFAULT]

    def read(self, value: object) -> OptionValue:
        if not isinstance(value, str) or len(value) > 500 or not _printable(value):
            raise ValueError(f"expected one line of text, at most 500 characters, not {_shown(value)}")
        return value

    def css(self, value: OptionValue) -> str:
        return css_string(str(value))


class MultiLine(Option, frozen=True, kw_only=True, tag="multi-line"):
    """Lines of text, separated by a line feed. In CSS a quoted string (`white-space: pre-line` shows its lines)."""

    default: Annotated[str, DEFAULT]

    def read(self, value: object) -> OptionValue:
        text = value.replace("\r\n", "\n") if isinstance(value, str) else None
        if text is None or len(text) > 2000 or not _printable(text.replace("\n", "")):
            raise ValueError(f"expected text, at most 2000 characters, not {_shown(value)}")
        return text

    def css(self, value: OptionValue) -> str:
        return css_string(str(value))


class Select(Option, frozen=True, kw_only=True, tag="select"):
    """One of several words."""

    default: Annotated[str, DEFAULT]
    choices: Annotated[
        tuple[Annotated[str, Meta(pattern=CHOICE)], ...], Meta(min_length=1), _says("the words to choose from")
    ]
    labels: Annotated[dict[str, Text], _says("the choices' names for people: word = text, or word = a table")] = {}

    def read(self, value: object) -> OptionValue:
        if not isinstance(value, str) or value not in self.choices:
            raise ValueError(f"expected one of {', '.join(self.choices)}, not {_shown(value)}")
        return value

    def check(self) -> None:
        strange = [word for word in self.labels if word not in self.choices]
        if strange:
            raise ValueError(f"labels has {', '.join(strange)}, but the choices are {', '.join(self.choices)}")


class Colour(Option, frozen=True, kw_only=True, tag="color-rrggbb"):
    """A colour as #rrggbb."""

    default: Annotated[str, DEFAULT]

    def read(self, value: object) -> OptionValue:
        if not isinstance(value, str) or not re.fullmatch(r"#?[0-9a-fA-F]{6}", value):
            raise ValueError(f"expected a colour like #e4002b (in a URL %23e4002b or e4002b), not {_shown(value)}")
        return "#" + value.lstrip("#").lower()


class ColourWithAlpha(Option, frozen=True, kw_only=True, tag="color-rrggbbaa"):
    """A colour as #rrggbbaa; the last two digits say how opaque it is. #rrggbb is wholly so."""

    default: Annotated[str, DEFAULT]

    def read(self, value: object) -> OptionValue:
        if not isinstance(value, str) or not re.fullmatch(r"#?[0-9a-fA-F]{6}([0-9a-fA-F]{2})?", value):
            raise ValueError(
                f"expected a colour like #e4002bcc (in a URL %23e4002bcc or e4002bcc), not {_shown(value)}"
            )
        return "#" + value.lstrip("#").lower().ljust(8, "f")


class Number(Option, frozen=True, kw_only=True, tag="number"):
    """A number, within `min` and `max` where given."""

    default: Annotated[int | float | str, DEFAULT]
    min: Annotated[float | None, _says("the least")] = None
    max: Annotated[float | None, _says("the most")] = None

    def read(self, value: object) -> OptionValue:
        try:
            number = float(value) if isinstance(value, str | int | float) and not isinstance(value, bool) else None
        except (ValueError, OverflowError):
            number = None
        low, high = self.limits()
        if number is None or not low <= number <= high:
            limits = "" if (low, high) == (-MOST, MOST) else f" from {low:g} to {high:g}"
            raise ValueError(f"expected a number{self._unit()}{limits}, not {_shown(value)}")
        return int(number) if number.is_integer() else number

    def check(self) -> None:
        low, high = self.limits()
        if not -MOST <= low <= high <= MOST:
            raise ValueError(f"min = {low:g} and max = {high:g} leave no number to choose")

    def limits(self) -> tuple[float, float]:
        """The least and the most that it may be."""
        return self.min if self.min is not None else -MOST, self.max if self.max is not None else MOST

    def _unit(self) -> str:
        return ""


class Percentage(Number, frozen=True, kw_only=True, tag="percentage"):
    """A number of percent, as 20 or "20%"; in CSS with its sign."""

    def read(self, value: object) -> OptionValue:
        return super().read(value.removesuffix("%") if isinstance(value, str) else value)

    def css(self, value: OptionValue) -> str:
        return f"{value}%"

    def _unit(self) -> str:
        return " of percent"


class DurationMs(Number, frozen=True, kw_only=True, tag="duration-ms"):
    """Whole milliseconds, as 300 or "300ms"; in CSS with their unit."""

    def read(self, value: object) -> OptionValue:
        number = super().read(value.removesuffix("ms") if isinstance(value, str) else value)
        if not isinstance(number, int):
            raise ValueError(f"expected whole milliseconds, not {_shown(value)}")
        return number

    def css(self, value: OptionValue) -> str:
        return f"{value}ms"

    def limits(self) -> tuple[float, float]:
        return self.min if self.min is not None else 0, self.max if self.max is not None else 3_600_000

    def _unit(self) -> str:
        return " of milliseconds"


class Boolean(Option, frozen=True, kw_only=True, tag="boolean"):
    """On or off: true and false, in a URL also 1 and 0; in CSS 1 or 0."""

    default: Annotated[bool, DEFAULT]

    def read(self, value: object) -> OptionValue:
        known = {"true": True, "1": True, "false": False, "0": False}
        if isinstance(value, bool):
            return value
        if isinstance(value, str) and value.lower() in known:
            return known[value.lower()]
        raise ValueError(f"expected true or false, not {_shown(value)}")

    def css(self, value: OptionValue) -> str:
        return "1" if value else "0"


class ImagePath(Option, frozen=True, kw_only=True, tag="image-path"):
    """A picture: a file of the theme, one beside session.toml, or an https address; "" for none.

    `read` gives what was written; whoever shows it (`Picture`) turns it into an address, which is what templates and
    `css` get.
    """

    default: Annotated[str, DEFAULT]

    def read(self, value: object) -> OptionValue:
        if not isinstance(value, str) or not (value == "" or _is_https(value) or _is_picture(value)):
            raise ValueError(
                f"expected a picture ({', '.join(PICTURES)}), as a path within the theme or the session's folder, "
                f"or an address that begins with https://, not {_shown(value)}"
            )
        return value

    def css(self, value: OptionValue) -> str:
        return css_url(str(value))


class Font(Option, frozen=True, kw_only=True, tag="font"):
    """A font family; in CSS quoted, as `font-family` takes it. `files` hold the family of the default."""

    default: Annotated[str, DEFAULT]
    files: Annotated[
        tuple[str, ...], _says("files of the theme with the default's family; the first that can be read is used")
    ] = ()

    def read(self, value: object) -> OptionValue:
        if not isinstance(value, str) or len(value) > 100 or not re.fullmatch(r"[\w.-]+( [\w.-]+)*", value):
            raise ValueError(
                f"expected the name of a font family, such as Noto Sans SC, without quotes, not {_shown(value)}"
            )
        return value

    def css(self, value: OptionValue) -> str:
        return str(value) if value in GENERIC_FAMILIES else css_string(str(value))

    def face(self, urls: Sequence[str]) -> str:
        """The @font-face rule of its files, which are at `urls`. It serves every weight: a variable font has them all."""
        sources = ",".join(css_url(url) for url in urls)
        return (
            f"@font-face{{font-family:{css_string(self.default)};src:{sources};font-weight:1 1000;font-display:swap}}"
        )

    def check(self) -> None:
        strange = [file for file in self.files if not file.lower().endswith(FONTS)]
        if strange:
            raise ValueError(f"files has {', '.join(strange)}; fonts end in {', '.join(FONTS)}")
        if self.files and self.default in GENERIC_FAMILIES:
            raise ValueError(f"{self.default} is a word of CSS, so the files cannot have its name; name their family")


OPTION_TYPES: dict[str, type[Option]] = {
    "single-line": SingleLine,
    "multi-line": MultiLine,
    "select": Select,
    "color-rrggbb": Colour,
    "color-rrggbbaa": ColourWithAlpha,
    "percentage": Percentage,
    "number": Number,
    "boolean": Boolean,
    "duration-ms": DurationMs,
    "image-path": ImagePath,
    "font": Font,
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


def is_https(value: str) -> bool:
    """Whether an `image-path` is an address rather than a file."""
    return value.startswith("https://")


def _is_https(value: str) -> bool:
    if not is_https(value) or len(value) > 2000 or not _printable(value) or re.search(r"[\s\"'<>\\]", value):
        return False
    try:
        return bool(urlsplit(value).hostname)
    except ValueError:
        return False


def _is_picture(value: str) -> bool:
    path = PurePosixPath(value)
    strange = set(path.parts) & {"..", "/"} or re.search(r"[:\\?#]", value)
    return not strange and len(value) <= 500 and _printable(value) and path.suffix.lower() in PICTURES


def _printable(text: str) -> bool:
    """No control character, no line separator, no half of a pair."""
    return not any(unicodedata.category(letter) in ("Cc", "Cs", "Zl", "Zp") for letter in text)


def _shown(value: object) -> str:
    text = repr(value)
    return text if len(text) <= 100 else text[:100] + "…"
