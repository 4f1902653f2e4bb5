"""GET /media/{session}/{path}: the pictures that stand beside a session's plan.

They are shown on air, so no token guards them; nothing but the pictures that the plan names is given out.
"""

from __future__ import annotations

from flask import Blueprint, Response, abort, send_from_directory

from overlaykit.web.edge import edge

SUFFIXES = (".avif", ".gif", ".jpeg", ".jpg", ".png", ".svg", ".webp")
MAX_AGE = 60
"""Seconds that a page may keep a picture without asking again."""
POLICY = "default-src 'none'; style-src 'unsafe-inline'; sandbox"
"""An SVG that somebody opens by itself runs nothing."""


def blueprint() -> Blueprint:
    routes = Blueprint("pictures", __name__)
    routes.add_url_rule("/media/<session>/<path:name>", view_func=picture)
    return routes


def picture(session: str, name: str) -> Response:
    folder = edge().services.folder_of(session)
    if folder is None or not name.lower().endswith(SUFFIXES):
        abort(404)
    if all(item.image != name for item in edge().rooms.get(session).fold.plan.items):
        abort(404)
    answer = send_from_directory(folder, name, max_age=MAX_AGE)
    answer.headers["Content-Security-Policy"] = POLICY
    return answer
