"""The routes about platforms in the OpenAPI description: the gateway, the inbox, hooks, secrets and plugins."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from overlaykit.web.api import inbox, outside, plugins, secrets
from overlaykit.web.openapi.parts import PROBLEMS, SESSION, Answers, named, public, query, scopes

TYPES: tuple[Any, ...] = (
    outside.GatewayAnswer,
    *(inbox.InboxAnswer, inbox.Chosen, inbox.Dropped, inbox.Done),
    *(secrets.SecretsAnswer, secrets.NewSecret, secrets.SecretAnswer),
    plugins.PluginsAnswer,
)
"""What is described, beside its routes."""
SECRET_OF = {"section": "channel, source, notifier, webhook or relay", "name": "douyin", "field": "secret"}


def outside_paths(answers: Answers, schemas: Sequence[Any]) -> dict[str, Any]:
    """The routes. `schemas`: those of TYPES, in their order."""
    gateway, waiting, chosen, dropped, done, wanted_secrets, new_secret, secret, found_plugins = schemas
    return {
        "/api/v1/sessions/{session}/gateway": {
            "parameters": [SESSION],
            "get": {
                "operationId": "listTargets",
                "summary": "How channels, notifiers, webhooks and sources do, and what could not be delivered",
                "security": scopes("viewer", "operator", "admin"),
                "responses": answers(gateway, 401, 403, 404, 503),
            },
        },
        "/api/v1/sessions/{session}/inbox": {
            "parameters": [SESSION],
            "get": {
                "operationId": "getInbox",
                "summary": "What platforms told and nobody has counted yet, and how each app and channel does",
                "security": scopes("viewer", "operator", "admin"),
                "responses": answers(waiting, 401, 403, 404, 503),
            },
        },
        "/api/v1/sessions/{session}/inbox/replay": {
            "parameters": [SESSION],
            "post": {
                "operationId": "replayLetters",
                "summary": "Tries again to count what was given up, or what belonged to no item of the plan",
                "security": scopes("operator", "admin"),
                "requestBody": {"content": {"application/json": {"schema": chosen}}},
                "responses": answers(done, 400, 401, 403, 404, 413, 415, 422, 503),
            },
        },
        "/api/v1/sessions/{session}/inbox/drop": {
            "parameters": [SESSION],
            "post": {
                "operationId": "dropLetters",
                "summary": "Takes away for good what was given up",
                "security": scopes("operator", "admin"),
                "requestBody": {"required": True, "content": {"application/json": {"schema": dropped}}},
                "responses": answers(done, 400, 401, 403, 404, 413, 415, 422, 503),
            },
        },
        "/hooks/{app}": {
            "parameters": [
                {
                    "name": "app",
                    "in": "path",
                    "required": True,
                    "schema": {"type": "string"},
                    "description": "the `app` of a channel with a connector; without one the channel's name",
                }
            ],
            "get": public("probeHook", "A platform's question whether the address is ours", _platforms(answers)),
            "post": public(
                "tellHook", "A platform's message, signed in its own way, answered in its own form", _platforms(answers)
            ),
        },
        "/api/v1/sessions/{session}/secrets": {
            "parameters": [SESSION],
            "get": {
                "operationId": "listSecrets",
                "summary": "The secrets that the plan wants, and whether they are set; never their text",
                "security": scopes("viewer", "operator", "admin"),
                "responses": answers(wanted_secrets, 401, 403, 404, 503),
            },
        },
        "/api/v1/secrets/{section}/{name}/{field}": {
            "parameters": [
                *(named(each, f"as in the plan: {example}") for each, example in SECRET_OF.items()),
                query("session", "the session whose plan wants it; without it, the current one"),
            ],
            "put": {
                "operationId": "setSecret",
                "summary": "Keeps a secret in the room's state folder; every process of the room knows it within seconds",
                "security": scopes("admin"),
                "requestBody": {"required": True, "content": {"application/json": {"schema": new_secret}}},
                "responses": answers(secret, 400, 401, 403, 404, 413, 415, 422, 503)
                | {
                    "409": answers.refusal(
                        "not_kept: the environment sets it; not_kept_here: this process has no state folder; "
                        "set_meanwhile: with `only_if_unset`, somebody else has set it"
                    )
                },
            },
            "delete": {
                "operationId": "forgetSecret",
                "summary": "Forgets a secret that was kept",
                "security": scopes("admin"),
                "responses": answers(secret, 401, 403, 404, 503)
                | {
                    "409": answers.refusal(
                        "not_kept: the environment sets it; not_kept_here: this process has no state folder"
                    )
                },
            },
        },
        "/api/v1/plugins": {
            "get": {
                "operationId": "listPlugins",
                "summary": "What became of each plugin and theme, with the reason and what to do about it",
                "security": scopes("viewer", "operator", "admin"),
                "responses": answers(found_plugins, 401, 403, 503),
            }
        },
    }


def _platforms(answers: Answers) -> dict[str, Any]:
    """The answers to what a platform sends."""
    said = {
        400: "genuine or not, it cannot be read",
        401: "its signature is not right",
        404: "no session has this app, or its connector takes no messages",
        405: "messages are sent by POST",
        413: PROBLEMS[413],
        503: "it is not kept: deliver it again after Retry-After seconds",
    }
    refusals = {str(code): answers.refusal(words) for code, words in said.items()}
    return {"200": {"description": "kept, and acknowledged as the platform wants it"}, **refusals}
