"""The application factory: the one place where the parts of the web edge meet."""

from __future__ import annotations

import logging
from collections.abc import Mapping
from datetime import timedelta
from hashlib import sha256

from flask import Flask, Response, request
from werkzeug.exceptions import HTTPException

from overlaykit.errors import OverlaykitError
from overlaykit.inbox import StoreKeeping
from overlaykit.theming import KeptThemes
from overlaykit.web import buttons, overlays, pictures, presenter
from overlaykit.web.api import (
    board,
    explaining,
    feed,
    inbox,
    outside,
    plugins,
    prompt_feed,
    prompting,
    secrets,
    status,
    telling,
)
from overlaykit.web.commands import holds
from overlaykit.web.commands.route import CommandsRoute
from overlaykit.web.desk import (
    addresses,
    announcing,
    authorising,
    commands,
    emergencies,
    glances,
    items,
    looks,
    overlay_addresses,
    pages,
    rule_trials,
    stock,
)
from overlaykit.web.desk.finding import SearchWords
from overlaykit.web.directing import Directed
from overlaykit.web.edge import EXTENSION, Edge
from overlaykit.web.http.auth import Gate
from overlaykit.web.http.headers import protect
from overlaykit.web.http.problems import FAILED, Problem, ProblemError, problem, problem_of, respond
from overlaykit.web.http.sockets import SERVER_OPTIONS, Sockets
from overlaykit.web.metrics import Metrics
from overlaykit.web.openapi import route as openapi
from overlaykit.web.platforms import oauth
from overlaykit.web.platforms.hooks import HooksRoute
from overlaykit.web.rooms import Rooms
from overlaykit.web.rooms.addressed import Addressed
from overlaykit.web.services import Services
from overlaykit.web.upgrade import check_upgrade
from overlaykit.web.words import words
from overlaykit.words import Words

log = logging.getLogger(__name__)

MAX_BODY = 1024 * 1024
"""Bytes of a request's body, except for commands, which have their own limits."""
LOGIN_LASTS = timedelta(hours=16)


def create_app(services: Services) -> Flask:
    """The whole edge over these services. Opens no connection yet; rooms start when somebody watches."""
    app = Flask("overlaykit.web", static_url_path="/static")
    app.config.update(
        SECRET_KEY=services.signing_key,
        MAX_CONTENT_LENGTH=MAX_BODY,
        SESSION_COOKIE_NAME=_cookie_name(services.signing_key),
        SESSION_COOKIE_HTTPONLY=True,
        SESSION_COOKIE_SAMESITE="Strict",
        PERMANENT_SESSION_LIFETIME=LOGIN_LASTS,
        SEND_FILE_MAX_AGE_DEFAULT=300,
        SOCK_SERVER_OPTIONS=SERVER_OPTIONS,
    )
    app.jinja_env.autoescape = True
    rooms = Rooms(services)
    sockets = Sockets(open_files=services.open_files)
    edge = Edge(
        services=services,
        gate=Gate(services.tokens, allowed_origins=services.allowed_origins),
        rooms=rooms,
        directed=Directed(services),
        addressed=Addressed(services),
        themes=KeptThemes(services.themes),
        keeping=StoreKeeping(services.client),
        sockets=sockets,
        metrics=Metrics(rooms, sockets),
    )
    app.extensions[EXTENSION] = edge
    app.before_request(check_upgrade)
    app.after_request(protect)
    _answer_errors(app)
    own = (
        *(board, explaining, telling, outside, plugins, inbox, secrets, status, openapi, holds, oauth, pictures),
        *(pages, commands, items, announcing, authorising, emergencies, glances, rule_trials, looks),
        *(addresses, overlay_addresses),
    )
    for part in own:
        app.register_blueprint(part.blueprint())
    search = SearchWords()
    app.register_blueprint(stock.blueprint(search))
    app.register_blueprint(buttons.page_blueprint(search))
    app.register_blueprint(buttons.press_blueprint())
    prompts = prompting.Prompts(rooms)
    for of_prompts in (
        prompting.blueprint(prompts),
        presenter.blueprint(prompts),
        prompt_feed.blueprint(edge, prompts),
    ):
        app.register_blueprint(of_prompts)
    app.register_blueprint(feed.blueprint(edge))
    overlays.register(app, services, rooms)
    app.wsgi_app = HooksRoute(  # type: ignore[method-assign]
        CommandsRoute(app.wsgi_app, edge), edge.addressed.find, edge.keeping, edge.metrics.message
    )
    return app


def _cookie_name(signing_key: bytes) -> str:
    """A room's own: a browser keeps cookies by host and not by port, so another room on this machine would log it out."""
    return f"overlaykit-{sha256(b'cookie of ' + signing_key).hexdigest()[:12]}"


def _answer_errors(app: Flask) -> None:
    """Every error ends as a problem, or as a page where a person looks."""

    @app.errorhandler(ProblemError)
    def known(error: ProblemError) -> Response:
        return _answer(error.problem)

    @app.errorhandler(OverlaykitError)
    def ours(error: OverlaykitError) -> Response:
        return _answer(problem_of(error))

    @app.errorhandler(HTTPException)
    def http(error: HTTPException) -> Response:
        if error.code is None or error.code < 400:
            return error.get_response(request.environ)  # type: ignore[return-value]
        answer = _answer(problem(error.code, _words_of(error)))
        if error.code == 405:
            allowed = getattr(error, "valid_methods", None) or ()
            answer.headers["Allow"] = ", ".join(sorted(allowed))
        return answer

    @app.errorhandler(Exception)
    def bug(error: Exception) -> Response:
        log.exception("%s %s failed", request.method, request.path)
        return _answer(problem(500, FAILED))


_NO_WAY: Mapping[int, str] = {
    400: "请求写得不对。",
    405: "这个地址不能这样请求。",
    413: "发送的内容太大。",
}


def _words_of(error: HTTPException) -> Words:
    if error.code == 404:
        return Words(words("en")["problem_no_page"], words("zh-CN")["problem_no_page"])
    return Words(error.description or error.name, _NO_WAY.get(error.code or 0, f"请求无法处理（{error.name}）。"))


def _answer(found: Problem) -> Response:
    if request.method in ("GET", "HEAD") and not request.path.startswith(("/api/", "/ws/")):
        accepts = request.accept_mimetypes
        if accepts.accept_html and accepts["text/html"] > accepts["application/problem+json"]:
            return pages.error_page(found)
    return respond(found)
