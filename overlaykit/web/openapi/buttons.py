"""The routes of buttons from outside in the OpenAPI description, and that of addresses for other devices."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from overlaykit.web.buttons import page, press
from overlaykit.web.desk import addresses
from overlaykit.web.openapi.parts import Answers, query, scopes

TYPES: tuple[Any, ...] = (
    press.Pressed,
    *(page.ButtonsAnswer, page.NewButton, page.MadeButton),
    addresses.AddressesAnswer,
)
"""What is described, beside its routes."""
LANG = query("lang", "zh-CN or en: the language of titles and reasons")
OF_SESSION = query("session", "a session's id; without it, the current one")


def button_paths(answers: Answers, schemas: Sequence[Any]) -> dict[str, Any]:
    """The routes. `schemas`: those of TYPES, in their order."""
    pressed, buttons, new, made, found = schemas
    return {
        "/press": {
            "get": _press("pressByGet", answers, pressed),
            "post": _press("press", answers, pressed),
        },
        "/desk/buttons": {
            "parameters": [OF_SESSION, LANG],
            "post": {
                "operationId": "makeButton",
                "summary": "Makes a button: a token that does one action; its text is told this once",
                "security": scopes("operator", "admin"),
                "requestBody": {"required": True, "content": {"application/json": {"schema": new}}},
                "responses": answers(made, 400, 401, 403, 404, 413, 415, 422, 503)
                | {"409": answers.refusal("name_taken: there is a token of this name")},
            },
            "delete": {
                "operationId": "revokeButton",
                "summary": "Revokes a button: presses are refused from now on",
                "security": scopes("operator", "admin"),
                "parameters": [query("name", "the button's name")],
                "responses": answers({"type": "object"}, 401, 403, 503)
                | {"404": answers.refusal("unknown_button: there is none of this name")},
            },
        },
        "/desk/buttons.json": {
            "parameters": [OF_SESSION, LANG],
            "get": {
                "operationId": "listButtons",
                "summary": "What can be made into a button, the first of each group, and the buttons that there are",
                "security": scopes("operator", "admin"),
                "parameters": [
                    query("only", "offers or buttons: just what can be made, or just those that there are"),
                    query(
                        "q",
                        "what is searched for: link number, title, alias, pinyin or sku of an item, a title of an action",
                    ),
                    query("group", "keys of groups with commas between them; of a single one more come at once"),
                    query(
                        "from", "the number of the first offer of a group, from 0", {"type": "integer", "minimum": 0}
                    ),
                ],
                "responses": answers(buttons, 400, 401, 403, 404, 503),
            },
        },
        "/desk/addresses.json": {
            "parameters": [OF_SESSION, LANG],
            "get": {
                "operationId": "listAddresses",
                "summary": "Where other devices find desk, presenter and overlays, each with its QR code; with tokens of what the "
                "caller may do, and no more",
                "security": scopes("viewer", "operator", "admin"),
                "responses": answers(found, 401, 403, 503),
            },
        },
    }


def _press(operation: str, answers: Answers, pressed: Any) -> dict[str, Any]:
    return {
        "operationId": operation,
        "summary": "Presses the button of the token",
        "description": "Two presses within 300 ms count once. With `Accept: text/html` a page for a phone. Requests that say that "
        "they prefetch, and programs that preview links, press nothing (403 not_a_press).",
        "security": scopes("button"),
        "parameters": [
            OF_SESSION,
            LANG,
            {
                "name": "Idempotency-Key",
                "in": "header",
                "description": "presses with the same one are one press, for a day",
                "schema": {"type": "string", "maxLength": 255},
            },
        ],
        "responses": answers(pressed, 400, 401, 403, 404, 503, description="accepted, duplicate or repeated")
        | {
            "409": answers.refusal("refused, for the reason in `type`; `detail` says it in words"),
            "422": answers.refusal("this session does not have what the button names"),
            "429": answers.refusal("too_many_presses: more than 10 in a second"),
        },
    }
