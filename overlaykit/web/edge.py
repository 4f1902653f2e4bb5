"""What the parts of one web application share, and how a view gets at it."""

from __future__ import annotations

from dataclasses import dataclass
from typing import cast

from flask import current_app, g, request, session

from overlaykit.inbox import StoreKeeping
from overlaykit.theming import KeptThemes
from overlaykit.web.directing import Directed
from overlaykit.web.http.auth import Caller, Gate, require
from overlaykit.web.http.problems import ProblemError, problem
from overlaykit.web.http.sockets import Sockets
from overlaykit.web.metrics import Metrics
from overlaykit.web.rooms import Rooms
from overlaykit.web.rooms.addressed import Addressed
from overlaykit.web.services import Services
from overlaykit.words import Words

EXTENSION = "overlaykit"


@dataclass(frozen=True, kw_only=True)
class Edge:
    """The collaborators of one application, built by `create_app`."""

    services: Services
    gate: Gate
    rooms: Rooms
    directed: Directed
    addressed: Addressed
    themes: KeptThemes
    keeping: StoreKeeping
    sockets: Sockets
    metrics: Metrics


def edge() -> Edge:
    """The edge of the application that answers this request."""
    return cast(Edge, current_app.extensions[EXTENSION])


def caller() -> Caller | None:
    """Who sent this request, found once: by header, address or login cookie. Raises ProblemError 401 for a bad token."""
    if "caller" not in g:
        g.caller = edge().gate.from_environ(request.environ) or logged_in()
    return cast("Caller | None", g.caller)


def allow(scopes: frozenset[str]) -> Caller:
    """The caller, when its scope is among `scopes`. Raises ProblemError 401 or 403. The first line of every view."""
    return require(caller(), scopes)


def allow_change(scopes: frozenset[str]) -> Caller:
    """The same for what changes something: with a token or, by the login cookie, from the desk's own page alone, since a browser
    sends the cookie for any page. Raises ProblemError 401 or 403."""
    found = allow(scopes)
    if found.by_cookie and not edge().gate.origin_allowed(request.environ, found):
        detail = Words(
            "With the login cookie, this comes from the desk's own page.",
            "用登录的网页操作时，只能从控制台自己的页面发出。",
        )
        raise ProblemError(problem(403, detail, kind="wrong_origin"))
    return found


def log_in(found: Caller) -> None:
    """Remembers the caller in the signed cookie: name, scope and date of the token, not the token."""
    session.clear()
    session.permanent = True
    session["token"] = [found.name, found.scope, found.created_at]


def logged_in() -> Caller | None:
    """Who the login cookie of this request names, whatever token came beside it. Raises StoreAway."""
    match session.get("token"):
        case [str(name), str(scope), str(created_at)]:
            found = Caller(name, scope, created_at, by_cookie=True)
            return found if edge().gate.still_valid(found) else None
    return None
