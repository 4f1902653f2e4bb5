"""The JSON Schema of what a shop sends, made from the types that read it."""

from __future__ import annotations

from typing import Any

import msgspec

from plugins.generic_webhook.wire import KINDS, CloudEvent, Plain


def event_schema() -> dict[str, Any]:
    """Of one message: an event of Standard Webhooks or CloudEvents, or several CloudEvents."""
    schemas, parts = msgspec.json.schema_components([Plain, CloudEvent, *KINDS.values()], ref_template="#/$defs/{name}")
    plain, cloud, *data = schemas
    types = [
        {"if": {"properties": {"type": {"const": name}}}, "then": {"properties": {"data": of}}}
        for name, of in zip(KINDS, data, strict=True)
    ]
    described = dict(parts)
    described["PlainEvent"] = {"allOf": [plain, *types]}
    described["StructuredEvent"] = {"allOf": [cloud, {"properties": {"specversion": {"const": "1.0"}}}, *types]}
    structured = {"$ref": "#/$defs/StructuredEvent"}
    return {
        "$schema": "https://json-schema.org/draft/2020-12/schema",
        "title": "What a shop sends to overlaykit",
        "anyOf": [{"$ref": "#/$defs/PlainEvent"}, structured, {"type": "array", "items": structured}],
        "$defs": described,
    }
