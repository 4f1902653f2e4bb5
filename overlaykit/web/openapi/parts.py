"""What the parts of the OpenAPI description share."""

from __future__ import annotations

from typing import Any

REF = "#/components/schemas/{name}"
SESSION = {
    "name": "session",
    "in": "path",
    "required": True,
    "schema": {"type": "string"},
    "description": "a session's id, or `current`: the one opened last that is not closed, else the one planned last",
}
PROBLEMS = {
    400: "malformed",
    401: "no token, or one that is not known",
    403: "the token's scope does not allow it",
    404: "unknown session, channel or region",
    409: "the id was used for another command",
    410: "trimmed: `first` is the first entry held",
    413: "too large",
    415: "the body is not application/json",
    422: "not a valid command",
    429: "too_many_attempts: this buyer tried too often; nothing was decided, and the id stays unused",
    426: "a WebSocket is expected",
    500: "damaged_recording: what has left the store cannot be read from this machine's recording",
    503: "the store is away or behind: the command may have run; repeat it with the same id",
}


class Answers:
    """Describes the answers of a route. `problem`: the schema of what went wrong."""

    def __init__(self, problem: Any) -> None:
        self.problem = problem

    def __call__(
        self, schema: Any, *problems: int, description: str = "", more: dict[str, Any] | None = None
    ) -> dict[str, Any]:
        """`schema` of 200, and the statuses of the problems that there may be; `more`: content instead of JSON of that schema."""
        found: dict[str, Any] = {
            "200": {"description": description or "done", "content": more or {"application/json": {"schema": schema}}}
        }
        return found | {str(code): self.refusal(PROBLEMS[code]) for code in problems}

    def refusal(self, words: str) -> dict[str, Any]:
        """A problem, in other words than PROBLEMS has."""
        return {"description": words, "content": {"application/problem+json": {"schema": self.problem}}}


def scopes(*names: str) -> list[dict[str, list[str]]]:
    return [{"bearer": list(names)}, {"query": list(names)}]


def query(name: str, description: str, schema: dict[str, Any] | None = None) -> dict[str, Any]:
    return {"name": name, "in": "query", "description": description, "schema": schema or {"type": "string"}}


def named(name: str, description: str) -> dict[str, Any]:
    return {"name": name, "in": "path", "required": True, "schema": {"type": "string"}, "description": description}


def public(operation: str, summary: str, responses: dict[str, Any]) -> dict[str, Any]:
    return {"operationId": operation, "summary": summary, "security": [], "responses": responses}
