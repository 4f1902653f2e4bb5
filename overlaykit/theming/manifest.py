"""`theme.toml`: what a theme says about itself, typed, with every error at its line.

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

import re
import tomllib
from collections.abc import Sequence
from difflib import get_close_matches
from importlib.metadata import PackageNotFoundError, version
from pathlib import Path
from typing import Annotated, Any, Literal, TypeVar

import msgspec
from msgspec import Meta, Struct

from overlaykit.errors import ThemeError
from overlaykit.theming.options import OPTION_TYPES, Option

MANIFEST = "theme.toml"

Size = Annotated[str, Meta(pattern=r"^[1-9][0-9]{1,4}x[1-9][0-9]{1,4}$")]
AtLeast = Annotated[str, Meta(pattern=r"^>=[0-9]+(\.[0-9]+){0,2}$")]
Need = Literal["item", "next", "countdowns", "announcements"]
Words = dict[str, str]
_Spec = TypeVar("_Spec", bound=Struct)


def _says(text: str) -> Meta:
    return Meta(description=text)


class Requires(Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """What the theme needs to run."""

    overlaykit: Annotated[AtLeast | None, _says("the oldest overlaykit that has all it uses, such as >=0.1")] = None
    chromium: Annotated[int | None, _says("oldest Chromium that shows it right")] = None


class LayoutSpec(Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """One picture of a theme, as the manifest writes it."""

    template: Annotated[str, _says("the Jinja file, relative to the theme's folder")]
    title: Annotated[str | Words, _says("its name for people: a text, or a table locale = text")] = ""
    size: Annotated[
        Size | tuple[Size, ...], _says('picture sizes it is made for, such as ["1080x1920", "1920x1080"]')
    ] = ()
    needs: Annotated[tuple[Need, ...], _says("nothing is rendered while one of these is missing")] = ()
    styles: Annotated[tuple[str, ...], _says("style sheets of this layout, after the theme's own")] = ()


class ManifestHead(Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """The keys of theme.toml. The tables stay plain here; each is typed alone, so that an error knows its name."""

    id: Annotated[str, Meta(pattern=r"^[a-z0-9][a-z0-9_-]*$"), _says("the name in URLs and plans; the folder's name")]
    name: Annotated[str, _says("its name for people")]
    version: Annotated[str, _says("its own version")]
    requires: Annotated[Requires, _says("what it needs to run")] = Requires()
    styles: Annotated[tuple[str, ...], _says("style sheets of every layout, in order")] = ()
    layouts: Annotated[dict[str, Any], _says("its pictures, by name")]
    options: Annotated[dict[str, Any], _says("what can be set, by name")] = {}
    strings: Annotated[dict[str, Any], _says("its words, by locale and key")] = {}


class Manifest(Struct, frozen=True, kw_only=True):
    """A theme.toml that was read and found right."""

    id: str
    name: str
    version: str
    requires: Requires
    styles: tuple[str, ...]
    layouts: dict[str, LayoutSpec]
    options: dict[str, Option]
    strings: dict[str, Words]


def read_manifest(folder: Path) -> Manifest:
    """The manifest in `folder`. Raises ThemeError with the file, the line, and what would be right."""
    path = folder / MANIFEST
    try:
        text = path.read_text(encoding="utf-8-sig")
        table = tomllib.loads(text)
    except FileNotFoundError:
        raise ThemeError(f"{folder} is not a theme: it has no {MANIFEST}", remedy=f"Write {path}.") from None
    except (OSError, UnicodeDecodeError) as error:
        raise ThemeError(f"{path} cannot be read: {error}", remedy="Save it as a UTF-8 text file.") from None
    except tomllib.TOMLDecodeError as error:
        raise ThemeError(
            f"{path} is not TOML: {error}", remedy="Mend that line; texts stand in straight quotes."
        ) from None
    return _Reader(path, text).manifest(table)


class _Reader:
    def __init__(self, path: Path, text: str) -> None:
        self.path = path
        self.text = text

    def manifest(self, table: dict[str, Any]) -> Manifest:
        head = self.convert(table, ManifestHead, ())
        if not head.layouts:
            raise self.error(
                ("layouts",), "there is no layout", 'Add a table [layouts.NAME] with template = "NAME.html".'
            )
        layouts = {name: self.convert(raw, LayoutSpec, ("layouts", name)) for name, raw in head.layouts.items()}
        manifest = Manifest(
            id=head.id,
            name=head.name,
            version=head.version,
            requires=head.requires,
            styles=head.styles,
            layouts=layouts,
            options={name: self.option(name, raw) for name, raw in head.options.items()},
            strings={locale: self.words(locale, raw) for locale, raw in head.strings.items()},
        )
        self.check_version(head.requires)
        self.check_files(manifest)
        self.check_strings(manifest)
        return manifest

    def convert(self, raw: Any, spec: type[_Spec], place: tuple[str, ...]) -> _Spec:
        try:
            return msgspec.convert(raw, spec)
        except msgspec.ValidationError as error:
            message, _, path = str(error).partition(" - at `$")
            keys = tuple(re.findall(r"\w[\w-]*", path))
            known = [field.encode_name for field in msgspec.structs.fields(spec)]
            unknown = re.search(r"unknown field `(.+)`", message)
            if unknown:
                place, message = (*place, unknown[1]), f"unknown key {unknown[1]!r}"
                remedy = say_known("keys", known, unknown[1])
            else:
                place, remedy = (*place, *keys), f"Keys here: {', '.join(known)}."
            raise self.error(place, message, remedy) from None

    def option(self, name: str, raw: Any) -> Option:
        place = ("options", name)
        if not re.fullmatch(r"[a-z][a-z0-9_]*", name):
            raise self.error(
                place, f"{name!r} cannot be an option's name", "Use small letters, digits and _, such as low_colour."
            )
        kind = raw.get("type") if isinstance(raw, dict) else None
        spec = OPTION_TYPES.get(kind) if isinstance(kind, str) else None
        if spec is None:
            raise self.error(
                (*place, "type"), f"unknown option type {kind!r}", say_known("types", list(OPTION_TYPES), str(kind))
            )
        option = self.convert({key: value for key, value in raw.items() if key != "type"}, spec, place)
        try:
            option.read(option.default)
        except ValueError as error:
            raise self.error(
                (*place, "default"), f"the default does not fit: {error}", "Change the default or the type."
            ) from None
        return option

    def words(self, locale: str, raw: Any) -> Words:
        try:
            return msgspec.convert(raw, Words)
        except msgspec.ValidationError as error:
            raise self.error(("strings", locale), str(error), 'Write key = "text", one a line.') from None

    def check_version(self, requires: Requires) -> None:
        """A checkout that nobody installed has no version; there the newest is meant."""
        try:
            installed = version("overlaykit")
        except PackageNotFoundError:
            return
        if requires.overlaykit is not None and _numbers(installed) < _numbers(requires.overlaykit):
            raise self.error(
                ("requires",),
                f"this theme needs overlaykit {requires.overlaykit}, here is {installed}",
                "Update overlaykit.",
            )

    def check_files(self, manifest: Manifest) -> None:
        named: list[tuple[tuple[str, ...], str]] = [(("styles",), style) for style in manifest.styles]
        for name, layout in manifest.layouts.items():
            named.append((("layouts", name, "template"), layout.template))
            named += [(("layouts", name, "styles"), style) for style in layout.styles]
        folder = self.path.parent.resolve()
        for place, file in named:
            found = (folder / file).resolve()
            if not found.is_relative_to(folder) or not found.is_file():
                kinds = sorted(
                    f.relative_to(folder).as_posix() for f in folder.rglob(f"*{found.suffix}") if f.is_file()
                )
                raise self.error(place, f"there is no file {file!r} in the theme", say_known("files", kinds, file))

    def check_strings(self, manifest: Manifest) -> None:
        if not manifest.strings:
            return
        first, *others = manifest.strings
        for locale in others:
            missing = manifest.strings[first].keys() ^ manifest.strings[locale].keys()
            if missing:
                raise self.error(
                    ("strings", locale),
                    f"{', '.join(sorted(missing))}: in only one of [strings.{first}] and [strings.{locale}]",
                    "Every locale has the same keys.",
                )

    def error(self, place: Sequence[str], message: str, remedy: str) -> ThemeError:
        return ThemeError(f"{self.path}:{self.line_of(place)}: {'.'.join(place) or 'theme'}: {message}", remedy=remedy)

    def line_of(self, place: Sequence[str]) -> int:
        """The line (1-based) of the longest part of `place` that can be found: a table's header, or a key in it."""
        best, table = 1, ""
        matched = 0
        for number, line in enumerate(self.text.splitlines(), 1):
            header = re.match(r"\s*\[([^\[\]]+)\]", line)
            key = re.match(r"\s*([\w.\"-]+)\s*=", line)
            if header:
                table = header[1].replace('"', "").replace(" ", "")
            elif not key:
                continue
            full = (
                table if header else ".".join(part for part in (table, key[1].replace('"', "") if key else "") if part)
            )
            parts = full.split(".")
            length = len(parts) if parts == list(place[: len(parts)]) else 0
            if length > matched:
                best, matched = number, length
        return best


def say_known(what: str, known: Sequence[str], wrong: str) -> str:
    """A remedy that names the nearest known name, and all of them."""
    near = get_close_matches(wrong, known, 1)
    hint = f"Did you mean {near[0]!r}? " if near else ""
    return f"{hint}Known {what}: {', '.join(known) or 'none'}."


def _numbers(version: str) -> tuple[int, ...]:
    return tuple(int(number) for number in re.findall(r"\d+", version)[:3])
