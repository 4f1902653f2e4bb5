"""POST /desk/authorise/APP: a link at which the owner of a shop lets a platform's app act for it, as `overlaykit plugin authorise`
gives one. What comes of it, `oauth` receives."""

from __future__ import annotations

import logging
from urllib.parse import quote

from flask import Blueprint, Response, request
from msgspec import Struct

from overlaykit.errors import UserError
from overlaykit.store.grants import Asked, Grants
from overlaykit.web.edge import allow_change, edge
from overlaykit.web.http.auth import OPERATE
from overlaykit.web.http.bodies import answer_json
from overlaykit.web.http.problems import ProblemError, problem
from overlaykit.web.http.query import session_name

log = logging.getLogger(__name__)


class AuthoriseAnswer(Struct, frozen=True):
    """`url` is good once, for ten minutes. `callback`: where the platform sends the browser then; many platforms have to know that
    address beforehand."""

    url: str
    callback: str


def blueprint() -> Blueprint:
    routes = Blueprint("authorising", __name__)
    routes.add_url_rule("/desk/authorise/<app>", view_func=authorise, methods=["POST"])
    return routes


def authorise(app: str) -> Response:
    """A new link for an app of the session."""
    operator = allow_change(OPERATE)
    record = edge().rooms.resolve(session_name())
    apps = edge().addressed.apps(record)
    if app not in apps:
        there = ", ".join(apps)
        detail = (
            f"这一场没有应用 {app}；有：{there or '无'} / The session has no app {app!r}; it has: {there or 'none'}."
        )
        raise ProblemError(problem(404, detail, kind="unknown_app"))
    found = edge().addressed.recipient(record, apps[app])
    if found.connector is None:
        why = found.trouble or UserError("插件没有启用 / its plugin is not active")
        raise ProblemError(problem(409, why.words, kind="no_connector"))
    callback = f"{request.host_url}oauth/{quote(app)}/callback"
    grants = Grants(edge().services.client)
    url = found.connector.authorise_url(callback, grants.ask(Asked(app=app, session=record.id, callback=callback)))
    if url is None:
        detail = f"{apps[app].target.plugin} 不需要在浏览器里授权 / The connector has no page to authorise at."
        raise ProblemError(problem(409, detail, kind="no_page"))
    log.info("%s: %s asked for a link to authorise %s", record.id, operator.name, app)
    return answer_json(AuthoriseAnswer(url, callback), kept=False)
