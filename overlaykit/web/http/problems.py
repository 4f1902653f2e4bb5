"""Answers that say what was wrong: `application/problem+json` for programs."""

from __future__ import annotations

from collections.abc import Sequence
from http import HTTPStatus
from typing import Any

import msgspec
from flask import Response
from msgspec import UNSET, Raw, Struct, UnsetType

from overlaykit.errors import InvalidCommand, NotFound, OverlaykitError, RecordingError, StoreAway, StoreBehind
from overlaykit.model.outcomes import FieldProblem

CONTENT_TYPE = "application/problem+json"
RETRY_AFTER = "1"
"""Seconds after which a client may ask again, when the store was away."""


class Problem(Struct, frozen=True, omit_defaults=True, kw_only=True):
    """What went wrong.

    type     urn:overlaykit:KIND, for programs
    title    the kind, in words
    status   the HTTP status
    detail   what was wrong here, and what to do next
    errors   each thing wrong with what was sent: path and message
    outcome  the outcome of the one command that was sent
    """

    type: str
    title: str
    status: int
    detail: str
    errors: Sequence[FieldProblem] = ()
    outcome: Raw | UnsetType = UNSET
    first: int | UnsetType = UNSET

    def encode(self) -> bytes:
        return msgspec.json.encode(self)


class ProblemError(Exception):
    """Raised where a request cannot be answered; the edge turns it into its problem."""

    def __init__(self, problem: Problem) -> None:
        super().__init__(problem.detail)
        self.problem = problem


def problem(status: int, detail: str, *, kind: str | None = None, **fields: Any) -> Problem:
    """A problem of this HTTP status; `kind` is the last part of its type, else named after the status."""
    title = HTTPStatus(status).phrase
    name = kind or title.lower().replace(" ", "_")
    return Problem(type=f"urn:overlaykit:{name}", title=title, status=status, detail=detail, **fields)


def problem_of(error: OverlaykitError) -> Problem:
    """Which problem an error of ours is."""
    match error:
        case StoreAway():
            return problem(503, str(error), kind="store_away")
        case StoreBehind():
            return problem(503, str(error), kind="store_behind")
        case InvalidCommand(errors=errors):
            found = [FieldProblem(path, message) for path, message in errors]
            return problem(422, str(error), kind="invalid", errors=found)
        case NotFound():
            return problem(404, str(error))
        case RecordingError():
            return problem(500, str(error), kind="damaged_recording")
    return problem(400, str(error))


def respond(found: Problem) -> Response:
    """The problem as Flask's response."""
    response = Response(found.encode(), found.status, content_type=CONTENT_TYPE)
    if found.status == 503:
        response.headers["Retry-After"] = RETRY_AFTER
    if found.status == 401:
        response.headers["WWW-Authenticate"] = "Bearer"
    return response
