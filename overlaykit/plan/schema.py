"""The JSON Schema of session.toml, generated from the form, for editors that complete and check while one writes."""

from __future__ import annotations

from typing import Any

import msgspec

from overlaykit.plan.form import PlanForm


def plan_schema() -> dict[str, Any]:
    """JSON Schema (2020-12) of session.toml as an author writes it."""
    schema: dict[str, Any] = without_null(msgspec.json.schema(PlanForm))
    definitions = schema["$defs"]
    plan = definitions.pop("PlanForm")
    plan["oneOf"] = [{"required": ["item"]}, {"required": ["items"]}]
    return {
        "$schema": "https://json-schema.org/draft/2020-12/schema",
        **plan,
        "title": "overlaykit session.toml",
        "$defs": definitions,
    }


def without_null(found: Any) -> Any:
    """TOML has no null: a key that may be left out is simply not required."""
    if isinstance(found, list):
        return [without_null(inner) for inner in found]
    if not isinstance(found, dict):
        return found
    kept = {key: without_null(inner) for key, inner in found.items() if not (key == "default" and inner is None)}
    choices = kept.get("anyOf")
    if isinstance(choices, list):
        choices = [choice for choice in choices if choice != {"type": "null"}]
        kept.pop("anyOf")
        if len(choices) == 1:
            return {**choices[0], **kept}
        kept["anyOf"] = choices
    if isinstance(kept.get("enum"), list):
        kept["enum"] = [choice for choice in kept["enum"] if choice is not None]
    return kept
