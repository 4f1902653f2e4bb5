"""How this process is: alive, ready, and in numbers."""

from __future__ import annotations

from flask import Blueprint, Response
from msgspec import Struct

from overlaykit.errors import OverlaykitError
from overlaykit.store import answers
from overlaykit.web.edge import allow, edge
from overlaykit.web.http.auth import DESK
from overlaykit.web.http.bodies import answer_json
from overlaykit.web.metrics import CONTENT_TYPE


class Health(Struct, frozen=True):
    """This process answers."""

    status: str


class Readiness(Struct, frozen=True):
    """`missing`: what keeps this process from doing its work, in words. `notices`: what goes wrong in plugins meanwhile."""

    ready: bool
    missing: list[str]
    notices: list[str]


def blueprint() -> Blueprint:
    routes = Blueprint("status", __name__)
    routes.add_url_rule("/healthz", view_func=healthz)
    routes.add_url_rule("/readyz", view_func=readyz)
    routes.add_url_rule("/metrics", view_func=metrics)
    return routes


def healthz() -> Response:
    return answer_json(Health("alive"))


def readyz() -> Response:
    missing = _missing()
    services = edge().services
    aside = [f"{each.name}: {each.reason} {each.remedy}" for each in services.plugins() if each.state == "set_aside"]
    response = answer_json(Readiness(not missing, missing, [*services.complaints(), *aside]))
    response.status_code = 503 if missing else 200
    return response


def _missing() -> list[str]:
    services = edge().services
    missing: list[str] = []
    try:
        with answers():
            services.client.ping()
        known = services.directory.list()
        if not known:
            missing.append("no session is planned yet: overlaykit run SESSION")
        missing += [
            f"session {record.id}: the store lost entries, which are given back from the recording; commands wait"
            for record in known
            if record.status in ("live", "frozen") and services.directory.is_shut(record.ledger)
        ]
    except OverlaykitError as error:
        missing.append(error.message)
    if not services.themes:
        missing.append("no theme was found")
    missing += [
        f"session {room.session}: the store does not answer, the last board is shown"
        for room in edge().rooms.open()
        if room.stale
    ]
    if edge().sockets.full:
        missing.append("as many sockets are open as this process may have")
    return missing


def metrics() -> Response:
    allow(DESK)
    return Response(edge().metrics.render(), content_type=CONTENT_TYPE)
