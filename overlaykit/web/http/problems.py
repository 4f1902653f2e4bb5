"""Answers that say what was wrong: `application/problem+json` for programs."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from http import HTTPStatus
from typing import Any

import msgspec
from flask import Response
from msgspec import UNSET, Raw, UnsetType

from overlaykit.errors import InvalidCommand, NotFound, OverlaykitError, RecordingError, StoreAway, StoreBehind
from overlaykit.model.outcomes import FieldProblem
from overlaykit.web.words import asked_language
from overlaykit.words import Words, words_in

CONTENT_TYPE = "application/problem+json"
FAILED = Words(
    "Something went wrong here. The log of the web process says more.", "这里出了问题，web 进程的日志里有详情。"
)
"""What is said of a mistake of ours."""
RETRY_AFTER = "1"
"""Seconds after which a client may ask again, when the store was away."""


@dataclass(frozen=True, kw_only=True)
class Problem:
    """What went wrong.

    type     urn:overlaykit:KIND, for programs
    title    the kind, in words
    status   the HTTP status
    words    what was wrong here, and what to do next: its `detail`, in the language of whoever asked
    errors   each thing wrong with what was sent: path and message
    outcome  the outcome of the one command that was sent
    first    the first entry that the ledger holds, of what was trimmed
    """

    type: str
    title: str
    status: int
    words: Words
    errors: Sequence[FieldProblem] = ()
    outcome: Raw | UnsetType = UNSET
    first: int | UnsetType = UNSET

    def encode(self, locale: str = "en") -> bytes:
        said = {"type": self.type, "title": self.title, "status": self.status, "detail": self.words.within(locale)}
        more = {"errors": self.errors or UNSET, "outcome": self.outcome, "first": self.first}
        return msgspec.json.encode(said | {name: value for name, value in more.items() if value is not UNSET})


class ProblemError(Exception):
    """Raised where a request cannot be answered; the edge turns it into its problem."""

    def __init__(self, problem: Problem) -> None:
        super().__init__(problem.words.en)
        self.problem = problem


def problem(status: int, detail: str | Words, *, kind: str | None = None, **fields: Any) -> Problem:
    """A problem of this HTTP status; `kind` is the last part of its type, else named after the status. `detail`: in both languages,
    also as `words_in` reads it, or in that of the page that asked."""
    said = words_in(detail) if isinstance(detail, str) else detail
    title = HTTPStatus(status).phrase
    name = kind or title.lower().replace(" ", "_")
    return Problem(type=f"urn:overlaykit:{name}", title=title, status=status, words=said, **fields)


def unfit(path: str, said: Words, *, status: int = 422, kind: str = "invalid") -> Problem:
    """The problem of one field of what was sent, whose name stands before what is said of it."""
    detail = Words(f"{path} {said.en}.", f"{path} {said.zh}。")
    return problem(status, detail, kind=kind, errors=[FieldProblem.of(path, said)])


def problem_of(error: OverlaykitError) -> Problem:
    """Which problem an error of ours is."""
    match error:
        case StoreAway():
            return problem(503, error.words, kind="store_away")
        case StoreBehind():
            return problem(503, error.words, kind="store_behind")
        case InvalidCommand(errors=errors):
            found = [FieldProblem.of(path, said) for path, said in errors]
            return problem(422, error.words, kind="invalid", errors=found)
        case NotFound():
            return problem(404, error.words)
        case RecordingError():
            return problem(500, error.words, kind="damaged_recording")
    return problem(400, error.words)


def no_ledger(name: str) -> Words:
    return Words(f"The store holds no ledger {name!r}.", f"数据库里没有账本 {name}。")


def respond(found: Problem) -> Response:
    """The problem as Flask's response, in the language that the request asks for, else in English."""
    response = Response(found.encode(asked_language() or "en"), found.status, content_type=CONTENT_TYPE)
    response.headers["Vary"] = "Accept-Language"
    if found.status == 503:
        response.headers["Retry-After"] = RETRY_AFTER
    if found.status == 401:
        response.headers["WWW-Authenticate"] = "Bearer"
    return response
