"""A theme and what it extends, put together from the oldest down: what a theme does not say is as in the one it extends."""

from __future__ import annotations

import re
from collections.abc import Mapping
from importlib.metadata import PackageNotFoundError, version
from typing import Any

import msgspec

from overlaykit.model.plugins import Theme
from overlaykit.theming.builtin_options import BUILTIN_OPTIONS, FREE_KEYS
from overlaykit.theming.files import ThemeFiles
from overlaykit.theming.manifest import (
    LAYOUT_NAME,
    LONGEST_CHAIN,
    OPTION_NAME,
    LayoutSpec,
    Manifest,
    Requires,
    Words,
    say_known,
)
from overlaykit.theming.options import LOCALE, OPTION_TYPES, Font, ImagePath, Option, is_https
from overlaykit.theming.source import ManifestSource


def read_manifest(theme: Theme, themes: Mapping[str, Theme]) -> tuple[Manifest, ThemeFiles]:
    """The theme's manifest with all that it inherits from `themes`, and the files of the chain.

    Raises ThemeError with the file, the line, and what would be right.
    """
    chain = _chain(theme, themes)
    manifest: Manifest | None = None
    files = ThemeFiles({})
    for start in reversed(range(len(chain))):
        files = ThemeFiles({source.head.id: source.path.parent for source in chain[start:]})
        manifest = _Joint(chain[start], manifest, files).manifest()
    assert manifest is not None, "a chain has at least the theme itself"
    return manifest, files


def _chain(theme: Theme, themes: Mapping[str, Theme]) -> list[ManifestSource]:
    """The theme, what it extends, and so on."""
    chain: list[ManifestSource] = []
    while True:
        source = ManifestSource(theme.folder)
        if source.head.id != theme.name:
            raise source.error(
                ("id",),
                f"the id is {source.head.id!r}, but the theme is registered as {theme.name!r}",
                "A theme in a folder is called as its folder is: give both the same name.",
            )
        chain.append(source)
        parent = source.head.extends
        if parent is None:
            return chain
        ids = [each.head.id for each in chain]
        told = " → ".join([*ids, parent])
        if parent in ids:
            raise source.error(
                ("extends",),
                f"the themes extend each other in a circle: {told}",
                "Take `extends` out of one of them. A theme that changes another needs an id of its own.",
            )
        if len(chain) == LONGEST_CHAIN:
            raise source.error(
                ("extends",),
                f"too long a chain: {told}",
                f"A chain has at most {LONGEST_CHAIN} themes: extend one that is nearer to the end.",
            )
        if parent not in themes:
            raise source.error(
                ("extends",), f"there is no theme {parent!r} ({told})", say_known("themes", sorted(themes), parent)
            )
        theme = Theme(parent, themes[parent].folder)


class _Joint:
    """One theme.toml on top of the manifest that it extends, if any."""

    def __init__(self, source: ManifestSource, parent: Manifest | None, files: ThemeFiles) -> None:
        self.source = source
        self.head = source.head
        self.parent = parent
        self.files = files

    def manifest(self) -> Manifest:
        self.check_version()
        parent, head = self.parent, self.head
        if not head.layouts and parent is None:
            raise self.source.error(
                ("layouts",), "there is no layout", 'Add a table [layouts.NAME] with template = "NAME.html".'
            )
        layouts = {name: _inherited(spec, parent.id) for name, spec in parent.layouts.items()} if parent else {}
        layouts |= {name: self.layout(name, raw) for name, raw in head.layouts.items()}
        for style in head.styles:
            self.check_file(style, ("styles",))
        return Manifest(
            id=head.id,
            name=head.name,
            version=head.version,
            chain=(head.id, *(parent.chain if parent else ())),
            requires=self.requires(),
            styles=(*(_owned(parent.styles, parent.id) if parent else ()), *head.styles),
            layouts=layouts,
            options=self.options(),
            strings=self.strings(),
        )

    def requires(self) -> Requires:
        own, inherited = self.head.requires, self.parent.requires if self.parent else Requires()
        newest = max((each for each in (own.overlaykit, inherited.overlaykit) if each), key=_numbers, default=None)
        return Requires(overlaykit=newest, chromium=max(own.chromium, inherited.chromium))

    def layout(self, name: str, raw: Any) -> LayoutSpec:
        place = ("layouts", name)
        if not re.fullmatch(LAYOUT_NAME, name):
            raise self.source.error(
                place, f"{name!r} cannot be a layout's name", "Use letters, digits, _ and -: it stands in addresses."
            )
        table = self.source.table(raw, place)
        before = self.parent.layouts.get(name) if self.parent else None
        inherited = _inherited(before, self.parent.id) if before and self.parent else None
        if inherited is None and "template" not in table and table.keys() <= set(LayoutSpec.__struct_fields__):
            known = (
                f" {say_known('layouts of ' + self.parent.id, list(self.parent.layouts), name)}" if self.parent else ""
            )
            raise self.source.error(place, "it has no template", f'Write template = "{name}.html".{known}')
        base = msgspec.to_builtins(inherited) if inherited else {}
        spec = self.source.convert({**base, **table}, LayoutSpec, place)
        self.check_file(spec.template, (*place, "template"))
        if inherited and "styles" in table:
            own = spec.styles
            spec = msgspec.structs.replace(spec, styles=(*inherited.styles, *own))
        for style in spec.styles:
            self.check_file(style, (*place, "styles"))
        return spec

    def options(self) -> dict[str, Option]:
        known: dict[str, Option] = dict(self.parent.options if self.parent else {})
        for name, raw in self.head.options.items():
            known[name] = self.option(name, self.source.table(raw, ("options", name)), known.get(name))
        last = {name: known.pop(name, option) for name, option in BUILTIN_OPTIONS.items()}
        return {**known, **last}

    def option(self, name: str, raw: dict[str, Any], before: Option | None) -> Option:
        place = ("options", name)
        if not re.fullmatch(OPTION_NAME, name):
            raise self.source.error(
                place, f"{name!r} cannot be an option's name", "Use small letters, digits and _, such as low_colour."
            )
        builtin = BUILTIN_OPTIONS.get(name)
        before = before or builtin
        kind = before.__struct_config__.tag if before else None
        if builtin is not None:
            taken = [key for key in raw if key not in FREE_KEYS]
            if taken:
                raise self.source.error(
                    (*place, taken[0]),
                    f"{name} is an option that every theme has; its {taken[0]} cannot be changed",
                    f"Say only {', '.join(FREE_KEYS)}, or give your option another name.",
                )
        if kind is not None and raw.get("type", kind) != kind:
            raise self.source.error(
                (*place, "type"),
                f"it is {kind} in the theme that this one extends",
                "Keep the type, which the inherited templates count on, or give your option another name.",
            )
        kind = raw.get("type", kind)
        spec = OPTION_TYPES.get(kind) if isinstance(kind, str) else None
        if spec is None:
            said = f"unknown option type {kind!r}" if "type" in raw else "it has no type"
            raise self.source.error((*place, "type"), said, say_known("types", list(OPTION_TYPES), str(kind)))
        base = msgspec.to_builtins(before) if before else {}
        if "default" in raw:
            base.pop("files", None)  # they hold the family of the default that was
        option = self.source.convert({**base, **raw, "type": kind}, spec, place)
        self.check_option(option, place)
        return option

    def check_option(self, option: Option, place: tuple[str, ...]) -> None:
        try:
            option.check()
        except ValueError as error:
            raise self.source.error(place, str(error), "Change one of them.") from None
        try:
            default = option.read(option.default)
        except ValueError as error:
            raise self.source.error(
                (*place, "default"), f"the default does not fit: {error}", "Change the default or the type."
            ) from None
        if isinstance(option, ImagePath) and default and not is_https(str(default)):
            self.check_file(str(default), (*place, "default"))
        if isinstance(option, Font):
            for file in option.files:
                self.check_file(file, (*place, "files"))

    def strings(self) -> dict[str, Words]:
        strings = {locale: dict(words) for locale, words in self.parent.strings.items()} if self.parent else {}
        for locale, raw in self.head.strings.items():
            if not re.fullmatch(LOCALE, locale):
                raise self.source.error(
                    ("strings", locale), f"{locale!r} is not a language", "Write a language tag such as zh-CN or en."
                )
            try:
                own = msgspec.convert(raw, Words)
            except msgspec.ValidationError as error:
                raise self.source.error(("strings", locale), str(error), 'Write key = "text", one a line.') from None
            strings[locale] = {**strings.get(locale, {}), **own}
        first, *others = strings or [""]
        for locale in others:
            missing = strings[first].keys() ^ strings[locale].keys()
            if missing:
                raise self.source.error(
                    ("strings", locale),
                    f"{', '.join(sorted(missing))}: in only one of [strings.{first}] and [strings.{locale}]",
                    "Every locale has the same keys.",
                )
        return strings

    def check_version(self) -> None:
        """A checkout that nobody installed has no version; there the newest is meant."""
        needed = self.head.requires.overlaykit
        try:
            installed = version("overlaykit")
        except PackageNotFoundError:
            return
        if needed is not None and _numbers(installed) < _numbers(needed):
            raise self.source.error(
                ("requires",), f"this theme needs overlaykit {needed}, here is {installed}", "Update overlaykit."
            )

    def check_file(self, name: str, place: tuple[str, ...]) -> None:
        if self.files.find(name) is None:
            suffix = name[name.rfind(".") :] if "." in name else ""
            alike = self.files.names(suffix) or self.files.names()
            raise self.source.error(place, f"there is no file {name!r} in the theme", say_known("files", alike, name))


def _inherited(spec: LayoutSpec, id: str) -> LayoutSpec:
    return msgspec.structs.replace(spec, styles=_owned(spec.styles, id))


def _owned(styles: tuple[str, ...], id: str) -> tuple[str, ...]:
    """A style sheet of an older theme stays its own, even where a younger theme has one of the same name."""
    return tuple(style if ":" in style else f"{id}:{style}" for style in styles)


def _numbers(version: str) -> tuple[int, ...]:
    return tuple(int(number) for number in re.findall(r"\d+", version)[:3])
