"""POST /desk/commands: what the operator presses on the desk.

The login cookie alone sends no commands to the API: a browser adds it by itself. Here it does, for the desk's own page, as
JSON, and for what the desk has a button for.
"""

from __future__ import annotations

import msgspec
from flask import Blueprint, Response, request
from msgspec import Raw

from overlaykit.errors import InvalidCommand, StoreBehind
from overlaykit.model.commands import Submission, type_of
from overlaykit.model.outcomes import FieldProblem, Outcome
from overlaykit.model.parsing import parse
from overlaykit.web.auth import OPERATE
from overlaykit.web.edge import allow, edge
from overlaykit.web.problems import ProblemError, problem
from overlaykit.web.query import session_name
from overlaykit.web.words import language, words
from overlaykit.wording import of_reason

PRESSED = frozenset(
    {
        *("rule.set", "rule.fire", "button.press", "emergency.run", "task.done", "obs.do", "overlay.refresh"),
        *("connector.pause", "connector.resume", "quarantine.map", "quarantine.drop"),
        *("alert.acknowledge", "alert.snooze", "note.set"),
        *("stock.count", "stock.confirm", "stock.adjust", "stock.transfer", "allotment.set"),
        *("drop.release", "drop.close"),
        *("item.open", "item.close", "item.mode", "item.add", "item.update", "item.move", "item.feature"),
        *("countdown.set", "announce.show", "announce.clear", "overlay.set"),
        *("session.open", "session.freeze", "session.thaw", "session.close", "clock.accept"),
    }
)
"""The commands that the desk has something to press for."""
MAX_BODY = 16 * 1024


def blueprint() -> Blueprint:
    routes = Blueprint("desk_commands", __name__)
    routes.add_url_rule("/desk/commands", view_func=press, methods=["POST"])
    return routes


def press() -> Response:
    """One command; its outcome, or a problem whose detail is in the page's language."""
    operator = allow(OPERATE)
    ours = operator.by_cookie and edge().gate.origin_allowed(request.environ, operator)
    if not ours or request.mimetype != "application/json":
        raise ProblemError(problem(403, "Commands of the desk come from the desk's own page.", kind="wrong_origin"))
    say = words(language())
    submission = _parsed(f"desk:{operator.name}")
    kind = type_of(submission.command)
    if kind not in PRESSED:
        raise ProblemError(problem(403, f"{kind} is not pressed on the desk; send it to the API.", kind="not_allowed"))
    record = edge().rooms.resolve(session_name())
    unknown = edge().directed.of(record).unknown_name(submission.command)
    if unknown is not None:
        found = [FieldProblem(unknown.path, unknown.words.en)]
        raise ProblemError(problem(422, unknown.words.within(language()), kind="invalid", errors=found))
    try:
        [answer] = edge().services.engine(record.ledger).submit([submission])
    except StoreBehind:
        raise ProblemError(problem(503, say["store_behind"], kind="store_behind")) from None
    outcome = msgspec.json.decode(answer, type=Outcome)
    edge().metrics.commands.labels(outcome.status).inc()
    if outcome.status not in ("accepted", "duplicate"):
        detail = say["refused"].format(why=of_reason(outcome.reason or outcome.status).within(language()))
        raise ProblemError(problem(409, detail, kind=outcome.reason or outcome.status, outcome=Raw(answer)))
    return Response(answer, content_type="application/json")


def _parsed(source: str) -> Submission:
    body = request.get_data(cache=False)
    if len(body) > MAX_BODY:
        raise ProblemError(problem(413, f"A command of the desk may have {MAX_BODY} bytes, this has {len(body)}."))
    try:
        return parse(body, source)
    except InvalidCommand as error:
        found = [FieldProblem(path, message) for path, message in error.errors]
        raise ProblemError(problem(422, str(error), kind="invalid", errors=found)) from None
