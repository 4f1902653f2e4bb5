"""OpenAPI 3.1, generated from the types that the routes use, so that it cannot tell another story."""

from __future__ import annotations

from importlib.metadata import PackageNotFoundError, version
from typing import Any, get_args

import msgspec
from msgspec import UNSET, Struct, UnsetType

from overlaykit.board import BoardChange, DeskItem, DirectionNow, PushedNow
from overlaykit.model.commands import Asked, Command
from overlaykit.model.notes import AnyNote
from overlaykit.model.outcomes import FieldProblem, Outcome
from overlaykit.web.api import board as api
from overlaykit.web.api import explaining, status
from overlaykit.web.commands import holds
from overlaykit.web.openapi.buttons import TYPES as BUTTONS
from overlaykit.web.openapi.buttons import button_paths
from overlaykit.web.openapi.outside import TYPES as OUTSIDE
from overlaykit.web.openapi.outside import outside_paths
from overlaykit.web.openapi.parts import REF, SESSION, Answers, public, query, scopes
from overlaykit.web.openapi.prompt import TYPES as PROMPT
from overlaykit.web.openapi.prompt import prompt_paths
from overlaykit.web.openapi.reasons import QUARANTINED, REASONS, described
from overlaykit.web.openapi.telling import TYPES as TELLING
from overlaykit.web.openapi.telling import telling_paths


class Problem(Struct, frozen=True, kw_only=True, omit_defaults=True):
    """What went wrong: RFC 9457. `detail` is in Chinese where `lang` of the address or Accept-Language asks for it."""

    type: str
    title: str
    status: int
    detail: str
    errors: list[FieldProblem] = []
    outcome: Outcome | UnsetType = UNSET
    first: int | UnsetType = UNSET


class LedgerEntry(Struct, frozen=True, kw_only=True, omit_defaults=True):
    """One ledger entry, as in a recording. `data` is what a command of this type has, or a note (schema Note), without its type.
    `cause`: seq of the entry that it follows from."""

    seq: int
    at: str
    type: str
    id: str
    source: str
    data: dict[str, Any]
    outcome: dict[str, Any]
    cause: int | None = None


class BoardFrame(api.BoardAnswer, frozen=True, kw_only=True, tag="board"):
    """Feed: the whole board."""


class ChangeFrame(BoardChange, frozen=True, kw_only=True, tag="change"):
    """Feed: what changed after `from` up to `seq`, absolute values. With `desk=1` also `desk`: the items that changed, by sku;
    `direction`, the whole of it; `pushed`: channel → sku → the number that its platform has now; and `on_air_by_channel`: channel →
    sku, all of them."""

    desk: dict[str, DeskItem] | UnsetType = UNSET
    direction: DirectionNow | UnsetType = UNSET
    pushed: dict[str, dict[str, PushedNow]] | UnsetType = UNSET
    on_air_by_channel: dict[str, str | None] | UnsetType = UNSET


class TickFrame(Struct, frozen=True, tag="tick"):
    """Feed: at least each second. `stale`: the store does not answer just now."""

    server_time: str
    stale: bool


class PongFrame(Struct, frozen=True, tag="pong"):
    """Feed: the answer to {"type":"ping","t":…}."""

    t: Any
    server_time: str


class ErrorFrame(Struct, frozen=True, tag="error"):
    """Feed: what was sent is not understood; the feed goes on. `detail`: what is."""

    detail: str


FeedFrame = BoardFrame | ChangeFrame | TickFrame | PongFrame | ErrorFrame


class _Ledger(Struct, frozen=True, kw_only=True):
    entries: list[LedgerEntry]
    next: int | None


def describe() -> dict[str, Any]:
    """The whole document."""
    types: list[Any] = [
        Asked,
        Outcome,
        Problem,
        api.BoardAnswer,
        _Ledger,
        api.SessionsAnswer,
        FeedFrame,
        api.OverlaysAnswer,
    ]
    types += [status.Health, status.Readiness, holds.HoldAnswer, AnyNote, explaining.RulesAnswer]
    parts = (
        (TELLING, telling_paths),
        (OUTSIDE, outside_paths),
        (BUTTONS, button_paths),
        (PROMPT, prompt_paths),
    )
    for part, _ in parts:
        types += part
    schemas, components = msgspec.json.schema_components(types, ref_template=REF)
    command_schema, outcome, problem, board, ledger, sessions, feed, overlays, *others = schemas
    health, readiness, hold, note, rules, *left = others
    components["Command"] = command_schema
    components["FeedFrame"] = feed
    components["Note"] = note
    _describe_reasons(components["Outcome"]["properties"])

    answers = Answers(problem)
    a_command = {"$ref": REF.format(name="Command")}
    paths: dict[str, Any] = {
        "/api/v1/sessions/{session}/commands": {
            "parameters": [SESSION],
            "post": {
                "operationId": "sendCommands",
                "summary": "Commands in, outcomes out, in order",
                "description": "One object, an array, or NDJSON with a command a line; the answer mirrors the form. "
                "In a bulk body one bad command gets an `invalid` outcome and the others still run. "
                "An NDJSON answer that cannot be finished ends with a problem object. "
                "`plan.reload` is sent alone, and its outcome has no entry: its commands have.",
                "security": scopes("connector", "button", "operator", "admin"),
                "requestBody": {
                    "required": True,
                    "content": {
                        "application/json": {"schema": {"oneOf": [a_command, {"type": "array", "items": a_command}]}},
                        "application/x-ndjson": {"schema": a_command},
                    },
                },
                "responses": answers(
                    outcome,
                    *(400, 401, 403, 404, 409, 413, 422, 429, 503),
                    description="accepted, refused or duplicate; for arrays and NDJSON any outcomes",
                    more={
                        "application/json": {"schema": {"oneOf": [outcome, {"type": "array", "items": outcome}]}},
                        "application/x-ndjson": {"schema": {"oneOf": [outcome, problem]}},
                    },
                ),
            },
        },
        "/api/v1/sessions/{session}/board": {
            "parameters": [SESSION],
            "get": {
                "operationId": "getBoard",
                "summary": "The board now; with the desk's numbers for viewer, operator and admin",
                "security": scopes("overlay", "viewer", "connector", "operator", "admin"),
                "parameters": [
                    query("channel", "what a buyer on this channel can get"),
                    query("region", "what a buyer in this region can get"),
                ],
                "responses": answers(board, 400, 401, 403, 404, 503) | {"304": {"description": "as by If-None-Match"}},
            },
        },
        "/api/v1/sessions/{session}/ledger": {
            "parameters": [SESSION],
            "get": {
                "operationId": "getLedger",
                "summary": "Ledger entries after a seq",
                "security": scopes("viewer", "operator", "admin"),
                "parameters": [
                    query("since", "entries after this seq; 0 from the start", {"type": "integer", "minimum": 0}),
                    query(
                        "limit", "entries at the most", {"type": "integer", "minimum": 1, "maximum": api.MOST_ENTRIES}
                    ),
                ],
                "responses": answers(ledger, 400, 401, 403, 404, 410, 503),
            },
        },
        "/api/v1/sessions/{session}/overlays": {
            "parameters": [SESSION],
            "get": {
                "operationId": "listOverlays",
                "summary": "The overlay pages that are open, how each does, and which were closed within the last minutes",
                "security": scopes("viewer", "operator", "admin"),
                "responses": answers(overlays, 401, 403, 404, 503),
            },
        },
        "/api/v1/sessions/{session}/rules": {
            "parameters": [SESSION],
            "get": {
                "operationId": "explainRules",
                "summary": "How each rule stands, why it fired last, and what fired, nearly fired or was held back lately",
                "description": "The last decisions of the director that leads; the whole evening, from its ledger or recording: "
                "`overlaykit session explain`.",
                "security": scopes("viewer", "operator", "admin"),
                "responses": answers(rules, 401, 403, 404, 503),
            },
        },
        "/api/v1/sessions": {
            "get": {
                "operationId": "listSessions",
                "summary": "The sessions, and which one is current",
                "security": scopes("overlay", "viewer", "connector", "operator", "admin"),
                "responses": answers(sessions, 401, 403, 503),
            }
        },
        "/api/v1/holds/{hold_token}": {
            "parameters": [
                {
                    "name": "hold_token",
                    "in": "path",
                    "required": True,
                    "schema": {"type": "string"},
                    "description": "as the outcome of a personal order.reserve gave it; it is the only key",
                }
            ],
            "get": public("getHold", "The seconds left of a personal hold, for its buyer", answers(hold, 404, 503)),
        },
        "/ws/board": {
            "get": {
                "operationId": "watchBoard",
                "summary": "WebSocket: the board feed, one FeedFrame a message",
                "description": "First `board`, or with `since` what changed after it, if that can be told; then `change` "
                "as things change, and `tick` each second. /static/board_example.js follows it in sixty lines.",
                "security": scopes("overlay", "viewer", "connector", "operator", "admin"),
                "parameters": [
                    query("session", "a session's id; without it, the current one"),
                    query("since", "go on after this seq", {"type": "integer", "minimum": 0}),
                    query("channel", "what a buyer on this channel can get"),
                    query("region", "what a buyer in this region can get"),
                    query(
                        "desk",
                        "1: with how rules, tasks, OBS and sources stand; for viewer, operator and admin",
                        {"type": "integer", "minimum": 0, "maximum": 1},
                    ),
                ],
                "responses": {"101": {"description": "the feed begins"}}
                | {code: found for code, found in answers(None, 400, 401, 403, 404, 426, 503).items() if code != "200"},
            }
        },
        "/healthz": {"get": public("isAlive", "This process answers", answers(health))},
        "/readyz": {
            "get": public(
                "isReady",
                "Whether it can do its work, and what is missing",
                answers(readiness)
                | {"503": {"description": "not ready", "content": {"application/json": {"schema": readiness}}}},
            )
        },
        "/metrics": {
            "get": {
                "operationId": "getMetrics",
                "summary": "Prometheus",
                "security": scopes("viewer", "operator", "admin"),
                "responses": answers(None, 401, 403, more={"text/plain": {"schema": {"type": "string"}}}),
            }
        },
        "/openapi.json": {"get": public("getOpenApi", "This document", answers({"type": "object"}))},
    }
    for part, paths_of in parts:
        paths |= paths_of(answers, left[: len(part)])
        left = left[len(part) :]
    return {
        "openapi": "3.1.0",
        "info": {
            "title": "overlaykit",
            "version": _version(),
            "description": f"Commands: {', '.join(_command_names())}. Times are RFC 3339 UTC, money is a decimal string.",
        },
        "paths": paths,
        "components": {
            "schemas": components,
            "securitySchemes": {
                "bearer": {"type": "http", "scheme": "bearer", "description": "a token; each route names its scopes"},
                "query": {"type": "apiKey", "in": "query", "name": "token", "description": "for pages opened in OBS"},
            },
        },
    }


def _command_names() -> list[str]:
    kinds: tuple[type[Command], ...] = get_args(Asked)
    return [str(kind.__struct_config__.tag) for kind in kinds]


def _describe_reasons(outcome: dict[str, Any]) -> None:
    outcome["reason"]["description"] = described("Why it was refused:", REASONS)
    outcome["quarantined"]["description"] = described("Why a fact was put aside and changed nothing:", QUARANTINED)


def _version() -> str:
    try:
        return version("overlaykit")
    except PackageNotFoundError:
        return "0"
