"""What `theme.toml` may say, typed. `source.py` reads one, `inheritance.py` puts a theme's chain of them together.

id = "classic"
name = "Classic"
version = "1.0.0"
requires = { overlaykit = ">=0.1", chromium = 103 }
styles = ["style.css"]

[layouts.number]
template = "number.html"
title = "Stock number"
size = ["1080x1920", "1920x1080"]
needs = ["item"]

[options.accent]
type = "color-rrggbb"
default = "#e4002b"
label = "Accent colour"

[strings.en]
left = "left"
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from difflib import get_close_matches
from types import MappingProxyType
from typing import Annotated, Any, Literal, get_args

from msgspec import Meta, Struct

from overlaykit.theming.options import CHOICE, LOCALE, Option, Text

MANIFEST = "theme.toml"
LONGEST_CHAIN = 5
"""Themes in a chain of `extends`, the theme itself counted."""

ID = r"^[a-z0-9][a-z0-9_-]*$"
SIZE = r"^[1-9][0-9]{1,4}x[1-9][0-9]{1,4}$"
LAYOUT_NAME = r"^[A-Za-z0-9_-]+$"
OPTION_NAME = r"^[a-z][a-z0-9_]*$"
AT_LEAST = r"^>=[0-9]+(\.[0-9]+){0,2}$"
SHAPES: Mapping[str, str] = MappingProxyType(
    {
        ID: "small letters, digits, - and _, beginning with a letter or digit",
        SIZE: 'width and height in pixels, such as "1080x1920"',
        AT_LEAST: 'the oldest version that will do, such as ">=0.1"',
        LOCALE: "a language tag, such as zh-CN or en",
        CHOICE: "a word of letters, digits, - and _",
    }
)
"""What a text must look like, for people, by the pattern that says it."""
Id = Annotated[str, Meta(pattern=ID)]
Size = Annotated[str, Meta(pattern=SIZE)]
AtLeast = Annotated[str, Meta(pattern=AT_LEAST)]
Need = Literal["item", "next", "countdowns", "announcements"]
NEEDS: tuple[str, ...] = get_args(Need)
"""What a layout may wait for."""
Words = dict[str, str]


def _says(text: str) -> Meta:
    return Meta(description=text)


class Requires(Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """What the theme needs to run."""

    overlaykit: Annotated[AtLeast | None, _says("the oldest overlaykit that has all it uses, such as >=0.1")] = None
    chromium: Annotated[
        int, Meta(ge=103), _says("oldest Chromium that shows it right; 103, that of OBS 30, or newer")
    ] = 103


class LayoutSpec(Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """One picture of a theme, as the manifest writes it."""

    template: Annotated[str, _says("the Jinja file, relative to the theme's folder")]
    title: Annotated[Text, _says("its name for people: a text, or a table locale = text")] = ""
    size: Annotated[
        Size | tuple[Size, ...], _says('picture sizes it is made for, such as ["1080x1920", "1920x1080"]')
    ] = ()
    needs: Annotated[tuple[Need, ...], _says("nothing is rendered while one of these is missing")] = ()
    styles: Annotated[tuple[str, ...], _says("style sheets of this layout, after the theme's own")] = ()


class ManifestHead(Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """The keys of theme.toml. The tables stay plain here; each is typed alone, so that an error knows its name."""

    id: Annotated[Id, _says("the name in URLs and plans; the folder's name")]
    name: Annotated[str, _says("its name for people")]
    version: Annotated[str, _says("its own version")]
    requires: Annotated[Requires, _says("what it needs to run")] = Requires()
    extends: Annotated[Id | None, _says("the theme it changes: what it does not say itself is as there")] = None
    styles: Annotated[tuple[str, ...], _says("style sheets of every layout, in order")] = ()
    layouts: Annotated[dict[str, Any], _says("its pictures, by name")] = {}
    options: Annotated[dict[str, Any], _says("what can be set, by name")] = {}
    strings: Annotated[dict[str, Any], _says("its words, by locale and key")] = {}


class Manifest(Struct, frozen=True, kw_only=True):
    """A theme.toml that was found right, with all that it inherits and the built-in options.

    chain      ids: the theme, then what it extends, and so on
    requires   as new as the newest need of the chain
    styles     here and in layouts: as `LoadedTheme.file` takes them; an inherited one has its theme's id before it
    """

    id: str
    name: str
    version: str
    chain: tuple[str, ...]
    requires: Requires
    styles: tuple[str, ...]
    layouts: dict[str, LayoutSpec]
    options: dict[str, Option]
    strings: dict[str, Words]


def say_known(what: str, known: Sequence[str], wrong: str) -> str:
    """A remedy that names the nearest known name, and all of them."""
    near = get_close_matches(wrong, known, 1)
    hint = f"Did you mean {near[0]!r}? " if near else ""
    return f"{hint}Known {what}: {', '.join(known) or 'none'}."
