"""/hooks/APP: what platforms send. It needs no token: the connector knows a genuine message by its signature."""

from __future__ import annotations

import time

from flask import Blueprint, Response, request

from overlaykit.inbox import Refusal, receive
from overlaykit.model.wire import Headers, Request
from overlaykit.web.edge import edge
from overlaykit.web.problems import problem, respond


def blueprint() -> Blueprint:
    routes = Blueprint("hooks", __name__)
    routes.add_url_rule("/hooks/<app>", view_func=hook, methods=["GET", "POST"])
    return routes


def hook(app: str) -> Response:
    """One message: acknowledged in the platform's own form when it is safe, else a problem."""
    recipients = edge().addressed.find(app)
    metrics = edge().metrics
    began = time.perf_counter()
    try:
        answer = receive(edge().services.client, recipients, _message())
    except Refusal as refusal:
        metrics.messages.labels(app, refusal.status).inc()
        response = respond(problem(refusal.status, refusal.detail, kind=refusal.kind))
        if refusal.retry_after is not None:
            response.headers["Retry-After"] = str(refusal.retry_after)
        if refusal.status == 405:
            response.headers["Allow"] = "POST"
        if refusal.status == 401:
            response.headers["WWW-Authenticate"] = "Signature"
        return response
    metrics.message_seconds.observe(time.perf_counter() - began)
    metrics.messages.labels(app, answer.status).inc()
    return Response(answer.body, answer.status, headers=answer.headers)


def _message() -> Request:
    return Request(
        method="GET" if request.method == "HEAD" else request.method,
        query=dict(request.args.items(multi=True)),
        headers=Headers(dict(request.headers.items())),
        body=request.get_data(cache=False),
        received_ms=time.time_ns() // 1_000_000,
    )
