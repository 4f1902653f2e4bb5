"""/press: a button is pressed by whoever has its address, such as a Stream Deck, Bitfocus Companion or a phone.

A GET presses, since many of them can send nothing else. So whatever fetches addresses by itself must not: what says that it
prefetches, or that it makes previews of links, presses nothing.
"""

from __future__ import annotations

import re
import secrets
from collections.abc import Sequence
from contextlib import suppress
from functools import partial
from typing import Any, NoReturn

import msgspec
from flask import Blueprint, Response, g, make_response, render_template, request
from msgspec import UNSET, Raw, Struct, UnsetType

from overlaykit.errors import InvalidCommand, OverlaykitError, StoreAway, StoreBehind
from overlaykit.model.commands import ButtonPress, Submission
from overlaykit.model.commands.base import Command
from overlaykit.model.outcomes import FieldProblem, Outcome
from overlaykit.model.parsing import parse
from overlaykit.stock import SessionRecord
from overlaykit.store import Presses, TokenRecord, digest
from overlaykit.store.presses import TOGETHER_MS, Taken
from overlaykit.web.buttons.actions import Action, read_action
from overlaykit.web.buttons.computing import NothingToDo, command_of
from overlaykit.web.buttons.situation import Situation, situation_of
from overlaykit.web.buttons.titles import title_of
from overlaykit.web.desk.announcing import filled_in
from overlaykit.web.edge import edge
from overlaykit.web.http.auth import PRESS, Caller, require, unauthorised
from overlaykit.web.http.bodies import answer_json
from overlaykit.web.http.problems import Problem, ProblemError, problem, problem_of, respond
from overlaykit.web.http.query import session_name
from overlaykit.web.words import language, words
from overlaykit.wording import of_reason
from overlaykit.words import Words

PREFETCHES = ("Sec-Purpose", "Purpose", "X-Purpose", "X-Moz")
"""Headers with which browsers say that nobody has asked for this yet."""
PREVIEWS = re.compile(
    r"(?<!cu)bot(?![a-z])|crawler|spider|facebookexternalhit|whatsapp/|preview|slack-imgproxy|embedly|iframely|qq-url-manager"
    r"|^viber/|^synapse/|\+https?://",
    re.IGNORECASE,
)
"""Programs that open every link they see in a chat, by their User-Agent: most say with a + where to read about them. Cubot makes
phones."""
LONGEST_KEY = 255


class Pressed(Struct, frozen=True, kw_only=True, omit_defaults=True):
    """What a press did.

    status    accepted; duplicate: this Idempotency-Key has pressed before, and here is what it did; repeated: it came right
              after another press of this button, and counts with it
    button    the button's name
    title     what it does, in the language asked for
    id        the command's id in the ledger
    seq       the ledger entry, once the command has one
    """

    status: str
    button: str
    title: str
    id: str
    seq: int | UnsetType | None = UNSET


_NEEDED = Words(
    "A button's token is needed: /press?token=TOKEN, or Authorization: Bearer TOKEN.",
    "需要按钮的令牌：/press?token=令牌，或 Authorization: Bearer 令牌。",
)


def blueprint() -> Blueprint:
    routes = Blueprint("press", __name__)
    routes.add_url_rule("/press", view_func=press, methods=["GET", "POST"])
    routes.add_url_rule("/press/again", view_func=again)
    return routes


def press() -> Response:
    """Presses the button of the token that came with it."""
    try:
        if request.method == "HEAD":
            raise ProblemError(
                problem(405, Words("HEAD presses nothing; send GET or POST.", "HEAD 不会按下按钮；请用 GET 或 POST。"))
            )
        _nobody_asked()
        answer = _pressed(require(_holder(), PRESS))
    except ProblemError as error:
        return _trouble(error.problem)
    except OverlaykitError as error:
        return _trouble(problem_of(error))
    if _for_a_person():
        return _page(200, pressed=answer)
    return _kept_nowhere(answer_json(answer))


def again() -> Response:
    """The page that the address of a press becomes once it has pressed: loading it anew presses nothing."""
    return _page(200)


def _pressed(caller: Caller) -> Pressed:
    token = TokenRecord(caller.name, caller.scope, caller.created_at)
    record = edge().rooms.resolve(session_name())
    key = _idempotency_key()
    new = secrets.token_hex(12) if key is None else digest(f"{caller.name} {caller.created_at} {key}")[:24]
    presses = Presses(edge().services.client)
    taken = presses.take(token, record.id, f"press-{new}", together_ms=TOGETHER_MS if key is None else 0)
    if taken.counts == "too_many":
        raise ProblemError(problem(429, words(language())["pressed_too_many"], kind="too_many_presses"))
    try:
        return _decided(caller, token, record, presses, taken, key)
    except ProblemError:
        if taken.counts == "first":  # whoever tries again at once must not hear that it counts with this one
            with suppress(StoreAway):
                presses.take_back(token, taken.id)
        raise


def _decided(
    caller: Caller, token: TokenRecord, record: SessionRecord, presses: Presses, taken: Taken, key: str | None
) -> Pressed:
    """What a request that is not too many did. A ProblemError says that it did nothing."""
    situation = situation_of(record)
    action = _action_of(caller)
    title = g.pressed_title = title_of(action, situation.directing, situation.board).within(language())
    if taken.counts == "repeated":
        return Pressed(status="repeated", button=caller.name, title=title, id=taken.id)
    known = presses.recall(token, record.id, key) if key is not None else None
    if known is None:
        known = msgspec.json.encode(msgspec.structs.replace(_command(action, situation), id=taken.id))
        if key is not None:
            known = presses.remember(token, record.id, key, known)
    outcome = _sent(record, parse(known, caller.source))
    return Pressed(status=outcome.status, button=caller.name, title=title, id=outcome.id, seq=outcome.seq)


def _action_of(caller: Caller) -> Action:
    if caller.action is None:
        return ButtonPress(name=caller.name)
    try:
        return read_action(caller.action)
    except InvalidCommand as error:  # made by another version
        _invalid(error.errors, error.words)


def _command(action: Action, situation: Situation) -> Command:
    """What a press sends now. Raises ProblemError: 422 for a name that this session does not have, 409 for nothing to do."""
    unknown = situation.unknown_name(action)
    if unknown is not None:
        _invalid([unknown], unknown.words)
    try:
        texts = partial(filled_in, situation.room, None, language())
        return command_of(action, situation.board, situation.direction, texts)
    except NothingToDo as error:
        detail = words(language())["refused"].format(why=error.words.within(language()))
        raise ProblemError(problem(409, detail, kind=error.reason)) from None


def _sent(record: SessionRecord, submission: Submission) -> Outcome:
    say = words(language())
    try:
        [answer] = edge().services.engine(record.ledger).submit([submission])
    except StoreBehind:
        raise ProblemError(problem(503, say["store_behind"], kind="store_behind")) from None
    outcome = msgspec.json.decode(answer, type=Outcome)
    edge().metrics.commands.labels(outcome.status).inc()
    told = outcome.first or outcome
    if told.status != "accepted":
        detail = say["refused"].format(why=of_reason(told.reason or told.status).within(language()))
        raise ProblemError(problem(409, detail, kind=told.reason or told.status, outcome=Raw(answer)))
    return told if outcome.first is None else msgspec.structs.replace(told, status="duplicate")


def _holder() -> Caller:
    """Whose token came in the address or the header. Never the login cookie's: a browser adds that by itself."""
    found = edge().gate.from_environ(request.environ)
    if found is None:
        unauthorised(_NEEDED)
    return found


def _nobody_asked() -> None:
    """Raises ProblemError for what was sent without anybody having pressed. Not with 2xx: a browser would show a page that it
    fetched beforehand, and the press that comes then would be lost."""
    hints = " ".join(request.headers.get(name, "") for name in PREFETCHES).lower()
    if "prefetch" in hints or "preview" in hints or PREVIEWS.search(request.headers.get("User-Agent", "")):
        detail = Words(
            "Nothing was pressed: this request says that it fetches or previews links by itself.",
            "没有按下：这次请求只是自动打开或预览链接。",
        )
        raise ProblemError(problem(403, detail, kind="not_a_press"))


def _idempotency_key() -> str | None:
    key = request.headers.get("Idempotency-Key", "").strip()
    if len(key) > LONGEST_KEY:
        detail = Words(
            f"An Idempotency-Key may have {LONGEST_KEY} characters, this has {len(key)}.",
            f"Idempotency-Key 最多 {LONGEST_KEY} 个字符，这里有 {len(key)} 个。",
        )
        raise ProblemError(problem(400, detail))
    return key or None


def _invalid(errors: Sequence[tuple[str, Words]], detail: Words) -> NoReturn:
    found = [FieldProblem.of(path, said) for path, said in errors]
    raise ProblemError(problem(422, detail, kind="invalid", errors=found))


def _for_a_person() -> bool:
    accepts = request.accept_mimetypes
    return accepts.accept_html and accepts["text/html"] > accepts["application/json"]


def _trouble(found: Problem) -> Response:
    answer = (
        _page(found.status, problem=found, detail=found.words.within(language()))
        if _for_a_person()
        else _kept_nowhere(respond(found))
    )
    if found.status == 405:
        answer.headers["Allow"] = "GET, POST"
    if found.status == 429:
        answer.headers["Retry-After"] = "1"
    return answer


def _page(status: int, **found: Any) -> Response:
    lang = language()
    page = render_template("press.html", say=words(lang), lang=lang, title=g.get("pressed_title", ""), **found)
    return _kept_nowhere(make_response(page, status))


def _kept_nowhere(answer: Response) -> Response:
    answer.headers["Cache-Control"] = "no-store"
    answer.headers["Referrer-Policy"] = "no-referrer"
    return answer
