"""theme.toml: what is right is typed, what is wrong is named with its line and with what exists."""

from __future__ import annotations

import datetime
import json
import re
import tomllib
from collections.abc import Callable, Iterator
from contextlib import suppress
from pathlib import Path
from typing import Any

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from overlaykit.errors import NotFound, ThemeError
from overlaykit.model.plugins import Theme
from overlaykit.theming import Formats, find_theme, load_theme, open_picture
from overlaykit.theming.manifest import LayoutSpec
from overlaykit.theming.options import OPTION_TYPES

MANIFEST = """id = "acme"
name = "Acme"
version = "1.0"

[layouts.page]
template = "page.html"
title = { zh-CN = "页", en = "Page" }
size = ["1080x1920", "1920x1080"]
needs = ["item"]

[options.accent]
type = "color-rrggbb"
default = "#e4002b"

[strings.en]
left = "left"
"""


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    (tmp_path / "page.html").write_text("{{ item.title }}", encoding="utf-8")
    (tmp_path / "theme.toml").write_text(MANIFEST, encoding="utf-8")
    return tmp_path


def test_a_right_manifest_lists_its_layouts_in_the_readers_language(folder: Path) -> None:
    theme = load_theme(Theme(name="acme", folder=folder))

    assert theme.layouts["page"].title == "Page"
    assert theme.titled("zh-CN")["page"].title == "页"
    assert theme.layouts["page"].size == ("1080x1920", "1920x1080")
    assert theme.layouts["page"].needs == ("item",)


def test_one_size_may_stand_alone_and_a_byte_order_mark_does_no_harm(folder: Path) -> None:
    text = MANIFEST.replace('["1080x1920", "1920x1080"]', '"1080x1920"')
    (folder / "theme.toml").write_text(text, encoding="utf-8-sig")

    assert load_theme(Theme(name="acme", folder=folder)).layouts["page"].size == ("1080x1920",)


@pytest.mark.parametrize(
    ("before", "after", "line", "says"),
    [
        ("template =", "templat =", 6, "Did you mean 'template'"),
        ('"page.html"', '"pgae.html"', 6, "Did you mean 'page.html'"),
        ('["item"]', '["itme"]', 9, "Did you mean 'item'? Known needs: item, next"),
        ('"1920x1080"]', '"1920:1080"]', 8, 'expected width and height in pixels, such as "1080x1920"'),
        ("color-rrggbb", "colour", 12, "Known types: single-line, multi-line, select, color-rrggbb"),
        ("#e4002b", "red", 13, "a colour like #e4002b"),
        ("[options.accent]", "[options.Accent]", 11, "small letters"),
        ('version = "1.0"', 'version = "1.0"\ncolour = "red"', 4, "unknown key 'colour'"),
        ('name = "Acme"\n', "", 1, "name"),
        ('version = "1.0"', 'version = "1.0"\nrequires = { overlaykit = "newest" }', 4, 'such as ">=0.1"'),
        ('name = "Acme"', 'name = { en = "Acme" }', 2, "name: expected a text in quotes, not a table"),
        ('version = "1.0"', "version = 1.0", 3, "version: expected a text in quotes, not a number"),
        ('version = "1.0"', 'version = "1.0"\nrequires = { chromium = "103" }', 4, "a whole number without quotes"),
        ('id = "acme"', 'id = "Acme!"', 1, "small letters"),
        ("[strings.en]", "[strings.zh_CN]", 15, "'zh_CN' is not a language"),
        ('zh-CN = "页"', '"中文" = "页"', 7, "expected a language tag"),
        ("[strings.en]", '[strings.zh-CN]\nlinks = "剩"\n[strings.en]', 17, "left, links"),
    ],
)
def test_what_is_wrong_is_named_with_its_line(folder: Path, before: str, after: str, line: int, says: str) -> None:
    (folder / "theme.toml").write_text(MANIFEST.replace(before, after, 1), encoding="utf-8")

    with pytest.raises(ThemeError) as error:
        load_theme(Theme(name="acme", folder=folder))

    assert f"theme.toml:{line}: " in str(error.value)
    assert says in str(error.value)


def test_text_that_is_not_toml_says_where(folder: Path) -> None:
    (folder / "theme.toml").write_text("id = “acme”\n", encoding="utf-8")

    with pytest.raises(ThemeError, match="line 1"):
        load_theme(Theme(name="acme", folder=folder))


def test_a_template_outside_the_theme_is_none(folder: Path) -> None:
    (folder.parent / "outside.html").write_text("secret", encoding="utf-8")
    (folder / "theme.toml").write_text(MANIFEST.replace("page.html", "../outside.html"), encoding="utf-8")

    with pytest.raises(ThemeError, match="there is no file"):
        load_theme(Theme(name="acme", folder=folder))


def test_an_unknown_theme_or_layout_lists_what_exists(folder: Path, formats: Formats) -> None:
    themes = {"acme": Theme(name="acme", folder=folder)}

    with pytest.raises(NotFound, match="Known themes: acme"):
        find_theme(themes, "classik")
    theme = find_theme(themes, "acme")
    with pytest.raises(NotFound, match="Did you mean 'page'"):
        open_picture(theme, "pgae", formats=formats, options=theme.options())


def test_the_fingerprint_changes_with_any_file(theme_folder: Callable[..., Path]) -> None:
    first = load_theme(Theme(name="acme", folder=theme_folder("one"))).version

    assert load_theme(Theme(name="acme", folder=theme_folder("one"))).version == first
    assert load_theme(Theme(name="acme", folder=theme_folder("two"))).version != first


def test_a_theme_for_a_newer_overlaykit_says_so(folder: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("overlaykit.theming.inheritance.version", lambda _: "0.1.0")
    for needed, fits in ((">=0.1", True), (">=0.0.9", True), (">=0.2", False), (">=1", False)):
        text = MANIFEST.replace("\n\n", f'\nrequires = {{ overlaykit = "{needed}" }}\n\n', 1)
        (folder / "theme.toml").write_text(text, encoding="utf-8")
        if fits:
            load_theme(Theme(name="acme", folder=folder))
        else:
            with pytest.raises(ThemeError, match=f"theme.toml:4: .*needs overlaykit {needed}, here is 0.1.0"):
                load_theme(Theme(name="acme", folder=folder))


NONSENSE = st.sampled_from(
    [
        "3",
        "-1",
        "nan",
        "true",
        '""',
        '"x"',
        '"../x"',
        "[]",
        "[[]]",
        '["a", 3]',
        "{}",
        "{ en = 3 }",
        '{ "中" = "x" }',
        "12:00:00",
    ]
)
WHERE = st.sampled_from(
    [
        *("id", "name", "version", "extends", "styles", "layouts", "options", "strings", "strings.en", "strings.fr"),
        *("requires", "requires.chromium", "requires.overlaykit", "strings.en.left", "options.motion.default"),
        *("layouts.page", *(f"layouts.page.{key}" for key in LayoutSpec.__struct_fields__)),
        *("options.accent", *(f"options.accent.{key}" for key in ("type", "default", "label", "choices", "labels"))),
        *("options.accent.files", "options.accent.min", "options.motion"),
    ]
)
TYPES = st.sampled_from(list(OPTION_TYPES))


@settings(deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(where=WHERE, nonsense=NONSENSE, kind=TYPES)
def test_whatever_stands_in_a_manifest_it_is_a_theme_or_a_mistake_with_its_line(
    folder: Path, where: str, nonsense: str, kind: str
) -> None:
    table = tomllib.loads(MANIFEST.replace("color-rrggbb", kind))
    *path, last = where.split(".")
    inner = table
    for key in path:
        inner = inner.setdefault(key, {})
    inner[last] = tomllib.loads(f"it = {nonsense}")["it"]
    (folder / "theme.toml").write_text("\n".join(toml(table)), encoding="utf-8")

    with suppress(Named):
        load_named(folder)


class Named(Exception):
    """A mistake that was told with line and remedy."""


def load_named(folder: Path) -> None:
    try:
        load_theme(Theme(name="acme", folder=folder))
    except ThemeError as error:
        if re.search(r"theme\.toml:\d+: ", str(error)) and error.remedy:
            raise Named from error
        raise


def toml(table: dict[str, Any], prefix: str = "") -> Iterator[str]:
    """Lines of TOML, every value at its full key."""
    for key, value in table.items():
        name = f"{prefix}{json.dumps(key, ensure_ascii=False)}"
        if isinstance(value, dict) and value:
            yield from toml(value, name + ".")
        else:
            yield f"{name} = {written(value)}"


def written(value: object) -> str:
    if isinstance(value, dict):
        return "{}"
    if isinstance(value, list):
        return f"[{', '.join(map(written, value))}]"
    return str(value) if isinstance(value, float | datetime.time) else json.dumps(value, ensure_ascii=False)
