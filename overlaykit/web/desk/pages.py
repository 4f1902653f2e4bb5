"""Pages for people: the login, and the room's numbers as the operator sees them."""

from __future__ import annotations

from typing import Any
from urllib.parse import urlencode

import msgspec
from flask import Blueprint, Response, make_response, redirect, render_template, request, session

from overlaykit.errors import NotFound
from overlaykit.theming import Formats
from overlaykit.web.api.board import board_answer
from overlaykit.web.edge import caller, edge, log_in, logged_in
from overlaykit.web.http.auth import ADMIN, DESK, OPERATE, Caller, token_in_query
from overlaykit.web.http.headers import content_security_policy
from overlaykit.web.http.problems import Problem, ProblemError, problem
from overlaykit.web.http.query import session_name
from overlaykit.web.words import language, words
from overlaykit.words import Words

PAGES = ("/desk", "/presenter")
"""How the addresses of pages begin to which a login leads."""
VIEWS = ("stock", "rules", "obs", "overlays", "theme", "outside", "log")
"""The views of the desk, in the order of their tabs: each has its template, script, sheet and words of this name."""


def blueprint() -> Blueprint:
    routes = Blueprint("desk", __name__)
    routes.add_url_rule("/", view_func=home)
    routes.add_url_rule("/desk", view_func=desk)
    routes.add_url_rule("/login", view_func=login)
    routes.add_url_rule("/login", view_func=enter, methods=["POST"])
    routes.add_url_rule("/logout", view_func=leave, methods=["POST"])
    return routes


def home() -> Any:
    return redirect("/desk")


def desk() -> Any:
    """The room."""
    found = visitor("/desk")
    if isinstance(found, Response):
        return found
    try:
        room = edge().rooms.get(session_name())
    except NotFound as error:
        return page("empty.html", 404, detail=error.words.within(language()))
    plan = edge().directed.of(edge().rooms.resolve(room.session))
    lang = language()
    may = found.scope in OPERATE
    data = {
        "session": room.session,
        "follow": session_name(),
        "lang": lang,
        "timezone": room.fold.plan.timezone,
        "currency_sign": Formats(lang, room.fold.plan.timezone, room.fold.plan.currency).symbol(),
        "may": may,
        "admin": found.scope in ADMIN,
        "plan": plan,
        "words": words(lang),
    }
    response = page(
        "desk/desk.html",
        200,
        board=board_answer(room, None, None),
        views=VIEWS,
        plan=plan,
        may=may,
        operator=found.name,
        places=urlencode({"session": session_name(), "lang": lang}),
        data=msgspec.json.encode(data).decode(),
    )
    response.headers["Content-Security-Policy"] = content_security_policy(frame_src="'self'")  # overlays in the preview
    return response


def visitor(path: str) -> Caller | Response:
    """Who looks at a page of people, or what to answer first: without a token the login, with one in the address the same address
    without it, since it moves into the cookie."""
    given = token_in_query(request.query_string.decode("latin-1")) is not None
    try:
        found = caller()
    except ProblemError as error:
        if error.problem.status != 401:
            raise
        found = None
    if found is None or found.scope not in DESK:
        if given:
            return _login_page(_refusal(found), 403, _address(path))
        return _redirect("/login?" + urlencode({"next": _address(path)}))
    if given:
        if not _keeps_login(path, found):
            log_in(found)
        return _redirect(_address(path))
    return found


def _keeps_login(path: str, found: Caller) -> bool:
    # Who opens the presenter's address in the browser of the desk would find the desk's buttons gone.
    login = logged_in()
    return path == "/presenter" and login is not None and login.scope in OPERATE and found.scope not in OPERATE


def login() -> Any:
    return _login_page(None, 200)


def enter() -> Any:
    """The form. A page elsewhere must not log anybody in, so the form has to come from here."""
    if not edge().gate.origin_allowed(request.environ, None):
        return _login_page(words(language())["wrong_origin"], 403)
    text = request.form.get("token", "").strip()
    found = edge().gate.find(text) if text else None
    if found is None or found.scope not in DESK:
        return _login_page(_refusal(found), 403)
    log_in(found)
    return _redirect(_own_path(request.form.get("next")))


def leave() -> Any:
    if not edge().gate.origin_allowed(request.environ, None):
        raise ProblemError(
            problem(403, Words("Log out from the page itself.", "请在页面上退出登录。"), kind="wrong_origin")
        )
    session.clear()
    return _redirect("/login")


def error_page(found: Problem) -> Response:
    """A problem, for a person."""
    detail = found.words.within(language())
    return page("error.html", found.status, code=found.status, detail=detail)


def _refusal(found: Caller | None) -> str:
    say = words(language())
    return say["token_unknown"] if found is None else say["token_scope"].format(scope=found.scope)


def _login_page(error: str | None, status: int, next: str | None = None) -> Response:
    return page("login.html", status, error=error, next=_own_path(next or request.values.get("next")))


def page(template: str, status: int, lang: str | None = None, **values: Any) -> Response:
    """A page for people, in `lang`, else in the language that they ask for."""
    lang = lang or language()
    other = "en" if lang == "zh-CN" else "zh-CN"
    switch = "?" + urlencode({**request.args.to_dict(), "lang": other})
    answer = make_response(render_template(template, say=words(lang), lang=lang, switch=switch, **values), status)
    answer.headers["Referrer-Policy"] = "same-origin"  # without any, browsers say of a form that it comes from nowhere
    return answer


def _redirect(address: str) -> Response:
    return make_response(redirect(address, code=303))


def _address(path: str) -> str:
    """`path` with the query of this request, but for the token."""
    kept = {key: value for key, value in request.args.items() if key != "token"}
    return f"{path}?{urlencode(kept)}" if kept else path


def _own_path(path: str | None) -> str:
    """Where to go after the login: a path of this server, never an address elsewhere."""
    if path and path.startswith(PAGES) and "\\" not in path and path.isprintable():
        return path
    return "/desk"
