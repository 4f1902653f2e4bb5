"""The routes that tell the ledger in words, in the OpenAPI description."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from overlaykit.board import NUMBERS
from overlaykit.web.api import telling
from overlaykit.web.openapi.parts import SESSION, Answers, named, query, scopes
from overlaykit.wording import EMPHASES, KINDS

TYPES: tuple[Any, ...] = (telling.LogAnswer, telling.EntryAnswer, telling.ProofAnswer)
"""What is described, beside its routes."""

_LOCALE = query("locale", "the language; without it, the session's", {"type": "string", "enum": list(telling.LOCALES)})
_BEFORE = query("before", "only entries before this seq", {"type": "integer", "minimum": 1})


def telling_paths(answers: Answers, schemas: Sequence[Any]) -> dict[str, Any]:
    """The routes. `schemas`: those of TYPES, in their order."""
    log, entry, proof = schemas
    desk = scopes("viewer", "operator", "admin")
    return {
        "/api/v1/sessions/{session}/log": {
            "parameters": [SESSION],
            "get": {
                "operationId": "getLog",
                "summary": "The ledger in words, searched from its end backwards",
                "description": f"One request looks at {telling.LOOKED_AT_MOST} entries at the most; `next` goes on.",
                "security": desk,
                "parameters": [
                    _BEFORE,
                    query("after", "only entries after this seq", {"type": "integer", "minimum": 0}),
                    _limit(telling.MOST_LINES),
                    query("kind", f"only these kinds, with commas between them: {', '.join(KINDS)}"),
                    query("sku", "only what is about this item"),
                    query("order", "only what is about this order"),
                    query("source", "only what this source wrote: desk:li, or all of desk"),
                    query("emphasis", f"only these, with commas between them: {', '.join(EMPHASES)}"),
                    query("text", "only what has all these words, in its sentence or in who said it"),
                    _LOCALE,
                ],
                "responses": answers(log, 400, 401, 403, 404, 500, 503),
            },
        },
        "/api/v1/sessions/{session}/log/{seq}": {
            "parameters": [SESSION, named("seq", "the entry")],
            "get": {
                "operationId": "getLogEntry",
                "summary": "One entry in words, with all its fields",
                "security": desk,
                "parameters": [_LOCALE],
                "responses": answers(entry, 400, 401, 403, 404, 410, 500, 503),
            },
        },
        "/api/v1/sessions/{session}/proof": {
            "parameters": [SESSION],
            "get": {
                "operationId": "proveNumber",
                "summary": "The entries that made a number what it is, each with the number before and after it",
                "security": desk,
                "parameters": [
                    {**query("sku", "the item"), "required": True},
                    query(
                        "field", "which of its numbers: available without it", {"type": "string", "enum": list(NUMBERS)}
                    ),
                    query("location", "units at this location; without it, at all of them"),
                    _BEFORE,
                    _limit(telling.MOST_CHANGES),
                    _LOCALE,
                ],
                "responses": answers(proof, 400, 401, 403, 404, 500, 503),
            },
        },
    }


def _limit(most: int) -> dict[str, Any]:
    return query("limit", "at the most", {"type": "integer", "minimum": 1, "maximum": most})
