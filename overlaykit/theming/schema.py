"""The JSON Schema of theme.toml, generated from the manifest's types, for editors that complete and check while one writes."""

from __future__ import annotations

from typing import Any

import msgspec

from overlaykit.plan import without_null
from overlaykit.theming.builtin_options import BUILTIN_OPTIONS, FREE_KEYS
from overlaykit.theming.manifest import LAYOUT_NAME, OPTION_NAME, LayoutSpec, ManifestHead
from overlaykit.theming.options import OPTION_TYPES


def theme_schema() -> dict[str, Any]:
    """JSON Schema (2020-12) of theme.toml as an author writes it.

    A theme with `extends` may leave out of a layout or option what it inherits; of a built-in option every theme may.
    """
    _, found = msgspec.json.schema_components(
        [ManifestHead, LayoutSpec, *OPTION_TYPES.values()], ref_template="#/$defs/{name}"
    )
    definitions: dict[str, Any] = without_null(found)
    theme = definitions.pop("ManifestHead")
    kinds = {name: definitions[kind.__name__] for name, kind in OPTION_TYPES.items()}
    # What only a theme that extends none must say is asked for at the end; the shapes themselves ask for nothing.
    definitions["LayoutSpec"].pop("required")
    needed = {name: kind.pop("required") for name, kind in kinds.items()}
    definitions["InheritedOption"] = _partial(kinds)
    definitions["BuiltinOption"] = _builtin(kinds["select"])
    by_type = [_where_type(name, {"$ref": f"#/$defs/{kind.__name__}"}) for name, kind in OPTION_TYPES.items()]
    properties = theme["properties"]
    properties["requires"].pop("default")
    properties["layouts"] |= {
        "minProperties": 1,
        "propertyNames": {"pattern": LAYOUT_NAME},
        "additionalProperties": {"$ref": "#/$defs/LayoutSpec"},
    }
    properties["options"] |= {
        "propertyNames": {"pattern": OPTION_NAME},
        "properties": {name: {"$ref": "#/$defs/BuiltinOption"} for name in BUILTIN_OPTIONS},
        "additionalProperties": {"$ref": "#/$defs/InheritedOption", "allOf": by_type},
    }
    properties["strings"] |= {
        "additionalProperties": {"type": "object", "additionalProperties": {"type": "string"}},
    }
    return {
        "$schema": "https://json-schema.org/draft/2020-12/schema",
        **theme,
        "if": {"not": {"required": ["extends"]}},
        "then": {
            "required": ["layouts"],
            "properties": {
                "layouts": {"additionalProperties": {"required": ["template"]}},
                "options": {
                    "properties": dict.fromkeys(BUILTIN_OPTIONS, True),
                    "additionalProperties": {
                        "required": ["type"],
                        "allOf": [_where_type(name, {"required": keys}) for name, keys in needed.items()],
                    },
                },
            },
        },
        "title": "overlaykit theme.toml",
        "description": "What a theme is called, what it needs, its pictures, options and words.",
        "$defs": definitions,
    }


def _where_type(name: str, then: dict[str, Any]) -> dict[str, Any]:
    return {"if": {"required": ["type"], "properties": {"type": {"const": name}}}, "then": then}


def _partial(kinds: dict[str, Any]) -> dict[str, Any]:
    """An option of any type, none of its keys required."""
    properties: dict[str, Any] = {}
    for kind in kinds.values():
        properties |= kind["properties"]
    properties["type"] = {"enum": list(kinds)}
    properties["default"] = {"description": properties["default"]["description"]}
    return {"title": "Option", "type": "object", "properties": properties, "additionalProperties": False}


def _builtin(select: dict[str, Any]) -> dict[str, Any]:
    properties = {name: value for name, value in select["properties"].items() if name in FREE_KEYS}
    return {"title": "Built-in option", "type": "object", "properties": properties, "additionalProperties": False}
