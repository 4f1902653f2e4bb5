"""The routes about the presenter's prompt in the OpenAPI description."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from overlaykit.prompt import LANGUAGES
from overlaykit.web.api.prompting import PromptAnswer
from overlaykit.web.openapi.parts import SESSION, Answers, query, scopes

READERS = ("viewer", "operator", "admin")
AUDIENCE = [
    query("channel", "what a buyer on this channel can get"),
    query("region", "what a buyer in this region can get"),
    query(
        "locale",
        "language of the words beside the line; without it, that of the session",
        {"type": "string", "enum": list(LANGUAGES)},
    ),
]


class PromptFrame(PromptAnswer, frozen=True, kw_only=True, tag="prompt"):
    """Prompt feed: what the presenter should say now, whole."""


TYPES: tuple[Any, ...] = (PromptAnswer, PromptFrame)


def prompt_paths(answers: Answers, schemas: Sequence[Any]) -> dict[str, Any]:
    """The routes. `schemas`: those of TYPES, in their order."""
    prompt, _ = schemas
    refused = answers(None, 401, 403, 404, 422, 426, 503)
    del refused["200"]
    return {
        "/api/v1/sessions/{session}/prompt": {
            "parameters": [SESSION],
            "get": {
                "operationId": "getPrompt",
                "summary": "What the presenter should say now, why, and until when",
                "description": "The line is the plan's script by the state of the item on air. With If-None-Match, 304 while the "
                "prompt is the same, whatever `seq` it has by then.",
                "security": scopes(*READERS),
                "parameters": AUDIENCE,
                "responses": answers(prompt, 401, 403, 404, 422, 503) | {"304": {"description": "as by If-None-Match"}},
            },
        },
        "/ws/prompt": {
            "get": {
                "operationId": "watchPrompt",
                "summary": "WebSocket: the prompt, one PromptFrame a message, whenever it changes",
                "description": "At once, then at most four times a second; `tick` each second, as on /ws/board.",
                "security": scopes(*READERS),
                "parameters": [query("session", "a session's id; without it, the current one"), *AUDIENCE],
                "responses": {"101": {"description": "the feed begins"}} | refused,
            }
        },
    }
