"""The JSON Schema of theme.toml is the generated one, and says every key with what it is."""

from __future__ import annotations

import json
import tomllib
from pathlib import Path
from typing import Any

import msgspec
import pytest

from overlaykit.config import bundled_folder
from overlaykit.theming.builtin_options import BUILTIN_OPTIONS
from overlaykit.theming.manifest import NEEDS, LayoutSpec, ManifestHead, Requires
from overlaykit.theming.options import OPTION_TYPES
from overlaykit.theming.schema import theme_schema

THEMES = bundled_folder() / "themes"
STRUCTS: list[type[msgspec.Struct]] = [ManifestHead, LayoutSpec, Requires, *OPTION_TYPES.values()]


def test_the_schema_beside_the_guide_is_the_generated_one() -> None:
    written = (THEMES / "theme.schema.json").read_text(encoding="utf-8")
    generated = json.dumps(theme_schema(), ensure_ascii=False, indent=2) + "\n"
    assert written == generated, "write json.dumps(theme_schema(), ensure_ascii=False, indent=2) to theme.schema.json"


@pytest.mark.parametrize("struct", STRUCTS, ids=lambda struct: struct.__name__)
def test_every_key_is_there_and_described(struct: type[msgspec.Struct]) -> None:
    schema = theme_schema()
    found: dict[str, Any] = (schema if struct is ManifestHead else schema["$defs"][struct.__name__])["properties"]

    assert [key for key in found if key != "type"] == [info.encode_name for info in msgspec.structs.fields(struct)]
    assert all(said.get("description") for key, said in found.items() if key != "type")


def test_every_option_type_need_and_built_in_option_is_offered() -> None:
    schema = theme_schema()

    assert schema["$defs"]["InheritedOption"]["properties"]["type"]["enum"] == list(OPTION_TYPES)
    assert sorted(NEEDS) == schema["$defs"]["LayoutSpec"]["properties"]["needs"]["items"]["enum"]
    assert list(schema["properties"]["options"]["properties"]) == list(BUILTIN_OPTIONS)


@pytest.mark.parametrize("manifest", sorted(THEMES.glob("*/theme.toml")), ids=lambda path: path.parent.name)
def test_each_theme_of_the_gallery_names_the_schema_where_editors_look(manifest: Path) -> None:
    text = manifest.read_text(encoding="utf-8")

    assert text.splitlines()[0] == "#:schema ../theme.schema.json"
    assert tomllib.loads(text).keys() <= theme_schema()["properties"].keys()
