"""POST /desk/commands: what the operator presses on the desk.

The login cookie alone sends no commands to the API: a browser adds it by itself. Here it does, for the desk's own page, as
JSON, and for what the desk has a button for.
"""

from __future__ import annotations

import msgspec
from flask import Blueprint, Response, request
from msgspec import Raw

from overlaykit.errors import InvalidCommand, StoreBehind
from overlaykit.model.commands import COMMANDS, ItemAdd, ItemUpdate, PlanReload, Submission, type_of
from overlaykit.model.outcomes import FieldProblem, Outcome
from overlaykit.model.parsing import parse
from overlaykit.stock import SessionRecord
from overlaykit.web.commands.checking import Checking
from overlaykit.web.commands.reload import reload_plan
from overlaykit.web.edge import allow, edge
from overlaykit.web.http.auth import OPERATE
from overlaykit.web.http.bodies import body_within
from overlaykit.web.http.problems import ProblemError, problem
from overlaykit.web.http.query import session_name, text
from overlaykit.web.names.naming import UnknownName, unknown_in_room
from overlaykit.web.pictures import missing_picture
from overlaykit.web.words import language, words
from overlaykit.wording import of_reason
from overlaykit.words import Words, alike

PRESSED = frozenset({*(kind for kind in COMMANDS if not kind.startswith("order.")), "plan.reload"})
"""The commands that the desk has something to press for: all but those about orders, which buyers and platforms send."""
MAX_BODY = 16 * 1024
_COMMAND = Words("A command of the desk", "控制台的一条命令")
_FROM_DESK = Words("Commands of the desk come from the desk's own page.", "控制台的命令只能从控制台自己的页面发出。")


def blueprint() -> Blueprint:
    routes = Blueprint("desk_commands", __name__)
    routes.add_url_rule("/desk/commands", view_func=press, methods=["POST"])
    return routes


def press() -> Response:
    """One command; its outcome, or a problem whose detail is in the page's language."""
    operator = allow(OPERATE)
    ours = operator.by_cookie and edge().gate.origin_allowed(request.environ, operator)
    if not ours or request.mimetype != "application/json":
        raise ProblemError(problem(403, _FROM_DESK, kind="wrong_origin"))
    submission = _parsed(f"desk:{operator.name}")
    kind = type_of(submission.command)
    if kind not in PRESSED:
        detail = Words(
            f"{kind} is not pressed on the desk; send it to the API.", f"控制台不能发 {kind}；请用 API 发送。"
        )
        raise ProblemError(problem(403, detail, kind="not_allowed"))
    record = edge().rooms.resolve(session_name())
    _check_session(record)
    _check_names(record, submission)
    answer = _answer(record, submission)
    outcome = msgspec.json.decode(answer, type=Outcome)
    edge().metrics.commands.labels(outcome.status).inc()
    decided = outcome.first or outcome  # a repeat is told what came of it first
    if decided.status != "accepted":
        kind = decided.reason or decided.status
        raise ProblemError(problem(409, _said(outcome), kind=kind, outcome=Raw(answer)))
    return Response(answer, content_type="application/json")


def _check_session(record: SessionRecord) -> None:
    """A page that follows `current` and has not heard yet that another session began must not press for the old one, nor for
    the new one, which its operator does not see."""
    follow = text("follow")
    if follow is not None and edge().rooms.resolve(follow).id != record.id:
        raise ProblemError(problem(409, words(language())["other_session"], kind="other_session"))


def _check_names(record: SessionRecord, submission: Submission) -> None:
    unknown = Checking(edge(), record).unknown(submission.command)
    if unknown is None:
        room = edge().rooms.get(record.id)
        unknown = unknown_in_room(room.fold, submission.command)
        if unknown is not None:  # it may have come just now
            room.catch_up()
            unknown = unknown_in_room(room.fold, submission.command)
    if unknown is None and isinstance(submission.command, ItemAdd | ItemUpdate) and submission.command.image:
        missing = missing_picture(edge().services.folder_of(record.id), submission.command.image)
        unknown = None if missing is None else UnknownName("image", missing)
    if unknown is not None:
        found = [FieldProblem.of(*unknown)]
        raise ProblemError(problem(422, unknown.words, kind="invalid", errors=found))


def _answer(record: SessionRecord, submission: Submission) -> bytes:
    try:
        if isinstance(submission.command, PlanReload):
            return msgspec.json.encode(reload_plan(edge().services, record, submission))
        [answer] = edge().services.engine(record.ledger).submit([submission])
    except StoreBehind:
        raise ProblemError(problem(503, words(language())["store_behind"], kind="store_behind")) from None
    return answer


def _said(outcome: Outcome) -> Words:
    """Why it was not done, in the page's language."""
    say = words(language())
    if outcome.status == "conflict":
        return alike(say["refused_conflict"])
    decided = outcome.first or outcome
    reason = decided.reason or decided.status
    said = say["refused"].format(why=of_reason(reason).within(language())) + say.get(f"advice_{reason}", "")
    zh = language() == "zh-CN"
    return alike("\n".join([said, *((zh and each.message_zh) or each.message for each in outcome.errors)]))


def _parsed(source: str) -> Submission:
    body = body_within(_COMMAND, MAX_BODY)
    try:
        return parse(body, source)
    except InvalidCommand as error:
        found = [FieldProblem.of(path, wrong) for path, wrong in error.errors]
        said = words(language())["refused_invalid"] + error.words.within(language())
        raise ProblemError(problem(422, alike(said), kind="invalid", errors=found)) from None
