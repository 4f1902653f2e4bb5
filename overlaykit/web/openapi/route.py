"""GET /openapi.json."""

from __future__ import annotations

from functools import cache

import msgspec
from flask import Blueprint, Response

from overlaykit.web.openapi.description import describe


def blueprint() -> Blueprint:
    routes = Blueprint("openapi", __name__)
    routes.add_url_rule("/openapi.json", view_func=openapi)
    return routes


def openapi() -> Response:
    response = Response(_description(), content_type="application/json")
    response.headers["Access-Control-Allow-Origin"] = "*"
    return response


@cache
def _description() -> bytes:
    """Made when somebody first asks: it takes a while, whoever may ask it, and is always the same."""
    return msgspec.json.encode(describe())
