"""POST /api/v1/sessions/{session}/commands: commands in, outcomes out.

The one route that carries a room's load, so it stands before Flask as plain WSGI: an order costs the server's own work
and the engine's, no more. The engine answers in the bytes that HTTP sends; nothing is encoded twice.
"""

from __future__ import annotations

import logging
from collections.abc import Iterable, Sequence
from typing import Annotated, Any
from urllib.parse import unquote

import msgspec
from msgspec import Meta, Raw, Struct

from overlaykit.errors import InvalidCommand, OverlaykitError, StoreAway, StoreBehind
from overlaykit.model.commands import ButtonPress, PlanReload, Submission, type_of
from overlaykit.model.outcomes import FieldProblem, Outcome
from overlaykit.model.parsing import MAX_COMMAND_BYTES, parse
from overlaykit.stock import CALL_AT_MOST, SessionRecord
from overlaykit.web.commands.attempts import AttemptWindows
from overlaykit.web.commands.bulk import Bulk, Ready, refused
from overlaykit.web.commands.checking import Checking
from overlaykit.web.commands.commit import GroupCommit
from overlaykit.web.commands.reload import reload_plan
from overlaykit.web.edge import Edge
from overlaykit.web.http.auth import COMMANDS, CONNECTOR_COMMANDS, Caller, require
from overlaykit.web.http.bodies import read_plain
from overlaykit.web.http.problems import CONTENT_TYPE as PROBLEM_TYPE
from overlaykit.web.http.problems import FAILED, RETRY_AFTER, Problem, ProblemError, problem, problem_of
from overlaykit.web.services import Identify
from overlaykit.words import Words

log = logging.getLogger(__name__)

PREFIX, SUFFIX = "/api/v1/sessions/", "/commands"
MAX_ARRAY_BYTES = 4 * 1024 * 1024
MAX_ARRAY = 10_000
"""Commands in one JSON array. More go as NDJSON, which is streamed and has no limit but that of each line."""
NDJSON = "application/x-ndjson"
NDJSON_NAMES = frozenset({NDJSON, "application/ndjson", "application/jsonl", "application/json-lines"})

JSON_HEADER = ("Content-Type", "application/json")
NOSNIFF = ("X-Content-Type-Options", "nosniff")
PHRASES = {200: "200 OK", 409: "409 Conflict", 422: "422 Unprocessable Entity"}


class Glance(Struct):
    """As much of an outcome as decides the HTTP status."""

    status: str
    reason: str | None = None


_ALONE = Words("plan.reload is sent alone, as one object", "plan.reload 要单独发，只写一个对象")


class CommandsRoute:
    """WSGI: answers this one route and hands everything else to `app`."""

    def __init__(self, app: Any, edge: Edge) -> None:
        self._app = app
        self._edge = edge
        self._commits: dict[str, GroupCommit] = {}
        self._glance = msgspec.json.Decoder(Glance)
        self._array = msgspec.json.Decoder(Annotated[list[Raw], Meta(max_length=MAX_ARRAY)])
        self._counters: dict[str, Any] = {}
        self._identify = edge.services.identify
        self._attempts = AttemptWindows(edge.services)

    def __call__(self, environ: dict[str, Any], start_response: Any) -> Iterable[bytes]:
        path: str = environ["PATH_INFO"]
        if not (path.startswith(PREFIX) and path.endswith(SUFFIX)) or "/" in path[len(PREFIX) : -len(SUFFIX)]:
            answer: Iterable[bytes] = self._app(environ, start_response)
            return answer
        try:
            return self._answer(environ, start_response, path[len(PREFIX) : -len(SUFFIX)])
        except ProblemError as error:
            return _refuse(start_response, error.problem)
        except OverlaykitError as error:
            return _refuse(start_response, problem_of(error))
        except OSError as error:  # the body ended early, or its chunks are none
            environ.get("overlaykit.hang_up", lambda: None)()
            return _refuse(start_response, problem(400, f"The body could not be read: {error}"))
        except Exception:
            log.exception("a request for commands failed")
            return _refuse(start_response, problem(500, FAILED))

    def _answer(self, environ: dict[str, Any], start_response: Any, session: str) -> Iterable[bytes]:
        if environ["REQUEST_METHOD"] != "POST":
            return _refuse(start_response, problem(405, "Commands are sent by POST."), ("Allow", "POST"))
        edge = self._edge
        caller = require(edge.gate.from_environ(environ), COMMANDS)
        if caller.action is not None:
            detail = f"The button {caller.name!r} sends no commands: it is pressed at /press."
            raise ProblemError(problem(403, detail, kind="not_allowed"))
        record = self._record(session)
        commit = self._commit(record.ledger)
        kind = environ.get("CONTENT_TYPE", "").partition(";")[0].strip().lower()
        if kind in NDJSON_NAMES:
            checking = Checking(edge, record)
            bulk = Bulk(
                environ,
                prepare=lambda line: self._prepare(line, caller, commit, checking),
                pipeline=commit.pipeline,
                note=self._count_all,
            )
            return bulk.answer(start_response, [("Content-Type", NDJSON), NOSNIFF])
        body = read_plain(environ, MAX_ARRAY_BYTES)
        if body is None:
            detail = f"A JSON body may have {MAX_ARRAY_BYTES} bytes. Send more as {NDJSON}, one command a line."
            raise ProblemError(problem(413, detail))
        if body.lstrip()[:1] == b"[":
            outcomes = self._run_array(commit, caller, Checking(edge, record), body)
            return _send(start_response, PHRASES[200], (JSON_HEADER,), b"[" + b",".join(outcomes) + b"]")
        return self._run_one(start_response, record, commit, caller, body)

    def _record(self, session: str) -> SessionRecord:
        try:
            name = session if session.isascii() else session.encode("latin-1").decode()
        except UnicodeError:
            raise ProblemError(
                problem(404, f"There is no session {unquote(session)!r}: its name is not UTF-8.")
            ) from None
        return self._edge.rooms.resolve(name)

    def _commit(self, ledger: str) -> GroupCommit:
        found = self._commits.get(ledger)
        if found is None:
            found = self._commits[ledger] = GroupCommit(self._edge.services, ledger, self._edge.metrics)
        return found

    def _run_one(
        self, start_response: Any, record: SessionRecord, commit: GroupCommit, caller: Caller, body: bytes
    ) -> Iterable[bytes]:
        if len(body) > MAX_COMMAND_BYTES:
            raise ProblemError(problem(413, f"A command may have {MAX_COMMAND_BYTES} bytes, this has {len(body)}."))
        try:
            submission = self._parsed(body, caller, Checking(self._edge, record))
        except InvalidCommand as error:
            status = 422 if _is_json(body) else 400
            kind = "invalid" if status == 422 else "malformed"
            outcome = self._count(_invalid(error), "invalid")
            return _refuse(
                start_response, problem(status, error.words, kind=kind, errors=_fields(error), outcome=Raw(outcome))
            )
        if not _may_send(caller, submission):
            outcome = self._count(refused(submission.id, "not_allowed"), "refused")
            detail = f"{type_of(submission.command)} is not for the scope {caller.scope}, which may send {_limits(caller)} alone."
            return _refuse(start_response, problem(403, detail, kind="not_allowed", outcome=Raw(outcome)))
        try:
            if isinstance(submission.command, PlanReload):
                outcome = msgspec.json.encode(reload_plan(self._edge.services, record, submission))
            else:
                outcome = commit.submit(_identified(submission, self._identify))
        except StoreBehind as error:
            outcome = self._count(refused(submission.id, "store_behind"), "refused")
            return _refuse(start_response, problem(503, error.words, kind="store_behind", outcome=Raw(outcome)))
        glance = self._glance.decode(outcome)
        self._count(outcome, glance.status)
        match glance.status:
            case "accepted" | "duplicate":
                return _send(start_response, PHRASES[200], (JSON_HEADER,), outcome)
            case "conflict":
                detail = f"The id {submission.id!r} was used for another command. Use a new id for a new command."
                return _refuse(start_response, problem(409, detail, outcome=Raw(outcome)))
            case "refused" if glance.reason == "too_many_attempts":
                wait = self._attempts.retry_after(record.ledger)
                detail = (
                    f"This buyer has tried too often. Nothing was decided; try again in {wait} s, with the same id."
                )
                too_many = problem(429, detail, kind="too_many_attempts", outcome=Raw(outcome))
                return _refuse(start_response, too_many, ("Retry-After", str(wait)))
        return _send(start_response, PHRASES[200], (JSON_HEADER,), outcome)

    def _run_array(self, commit: GroupCommit, caller: Caller, checking: Checking, body: bytes) -> list[bytes]:
        try:
            commands = self._array.decode(body)
        except msgspec.ValidationError:
            raise ProblemError(
                problem(413, f"An array may have {MAX_ARRAY} commands. Send more as {NDJSON}, one a line.")
            ) from None
        except (msgspec.DecodeError, UnicodeDecodeError, RecursionError) as error:
            raise ProblemError(problem(400, f"The body is not JSON: {error}", kind="malformed")) from None
        outcomes: list[bytes] = []
        for start in range(0, len(commands), CALL_AT_MOST):
            try:
                part = commands[start : start + CALL_AT_MOST]
                batch = [self._prepare(command, caller, commit, checking) for command in part]
                outcomes += self._run(commit, batch)
            except StoreAway as error:
                if not outcomes:
                    raise
                raise StoreAway(
                    f"{error.message}; the first {start} commands have run, the rest may have", remedy=error.remedy
                ) from error
        return outcomes

    def _run(self, commit: GroupCommit, batch: Sequence[Ready | bytes]) -> list[bytes]:
        """Outcomes of at most CALL_AT_MOST commands, in order. What is bytes is an outcome already. Raises StoreAway."""
        ready = [each for each in batch if isinstance(each, Ready)]
        try:
            answers = iter(commit.decide([each.encoded for each in ready]) if ready else ())
        except StoreBehind:
            answers = iter([refused(each.id, "store_behind") for each in ready])
        outcomes = [each if isinstance(each, bytes) else next(answers) for each in batch]
        self._count_all(outcomes)
        return outcomes

    def _prepare(self, text: bytes | Raw, caller: Caller, commit: GroupCommit, checking: Checking) -> Ready | bytes:
        """A command ready for the engine; or, when it never gets there, its outcome. What is wrong with one harms no other."""
        try:
            submission = self._parsed(text, caller, checking)
        except InvalidCommand as error:
            return _invalid(error)
        if not _may_send(caller, submission):
            return refused(submission.id, "not_allowed")
        if isinstance(submission.command, PlanReload):
            # It would be answered before the commands that stand before it have run.
            return _invalid(InvalidCommand([("type", _ALONE)], id=submission.id))
        return Ready(submission.id, commit.encode(_identified(submission, self._identify)))

    def _parsed(self, text: bytes | Raw, caller: Caller, checking: Checking) -> Submission:
        """Raises InvalidCommand, also for what the session does not have: a rule, a button, an OBS, a theme or an option of it."""
        submission = parse(text, caller.source)
        unknown = checking.unknown(submission.command)
        if unknown is not None:
            raise InvalidCommand([unknown], id=submission.command.id)
        return submission

    def _count_all(self, outcomes: Sequence[bytes]) -> None:
        accepted = sum(b'"status":"accepted"' in each and b'"status":"duplicate"' not in each for each in outcomes)
        self._counter("accepted").inc(accepted)
        if accepted < len(outcomes):
            for outcome in outcomes:
                if (status := self._glance.decode(outcome).status) != "accepted":
                    self._counter(status).inc()

    def _count(self, outcome: bytes, status: str) -> bytes:
        self._counter(status).inc()
        return outcome

    def _counter(self, status: str) -> Any:
        found = self._counters.get(status)
        if found is None:
            found = self._counters[status] = self._edge.metrics.commands.labels(status)
        return found


def _may_send(caller: Caller, submission: Submission) -> bool:
    match caller.scope:
        case "connector":
            return type_of(submission.command).startswith(CONNECTOR_COMMANDS)
        case "button":
            return isinstance(submission.command, ButtonPress) and submission.command.name == caller.name
    return True


def _limits(caller: Caller) -> str:
    return "order.* and stock.*" if caller.scope == "connector" else f"button.press of {caller.name}"


def _identified(submission: Submission, identify: Identify | None) -> Submission:
    """With the buyer as the plugins know them, who is then hashed like any other."""
    if identify is None:
        return submission
    command: Any = submission.command
    buyer = getattr(command, "buyer", None)
    if buyer is None:
        return submission
    found = identify(command.channel, buyer)
    return submission if found == buyer else submission._replace(command=msgspec.structs.replace(command, buyer=found))


def _invalid(error: InvalidCommand) -> bytes:
    return msgspec.json.encode(Outcome(id=error.id or "", status="invalid", errors=_fields(error)))


def _fields(error: InvalidCommand) -> list[FieldProblem]:
    return [FieldProblem.of(path, said) for path, said in error.errors]


def _is_json(body: bytes) -> bool:
    try:
        msgspec.json.decode(body)
    except (msgspec.DecodeError, UnicodeDecodeError, RecursionError):
        return False
    return True


def _send(start_response: Any, status: str, headers: Sequence[tuple[str, str]], body: bytes) -> Iterable[bytes]:
    start_response(status, [*headers, ("Content-Length", str(len(body))), NOSNIFF])
    return (body,)


def _refuse(start_response: Any, found: Problem, *headers: tuple[str, str]) -> Iterable[bytes]:
    more = list(headers)
    if found.status == 503:
        more.append(("Retry-After", RETRY_AFTER))
    if found.status == 401:
        more.append(("WWW-Authenticate", "Bearer"))
    return _send(
        start_response, f"{found.status} {found.title}", [("Content-Type", PROBLEM_TYPE), *more], found.encode()
    )
