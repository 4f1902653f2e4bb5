"""GET /desk/item: all that is said of one item, as the form that edits it needs it."""

from __future__ import annotations

from flask import Blueprint, Response

from overlaykit.web.edge import allow, edge
from overlaykit.web.http.auth import DESK
from overlaykit.web.http.bodies import answer_json
from overlaykit.web.http.problems import ProblemError, problem
from overlaykit.web.http.query import session_name, text
from overlaykit.words import Words


def blueprint() -> Blueprint:
    routes = Blueprint("desk_items", __name__)
    routes.add_url_rule("/desk/item", view_func=item)
    return routes


def item() -> Response:
    """The item `sku` of `session` as it is planned now; at least as new as every command answered before."""
    allow(DESK)
    room = edge().rooms.get(session_name())
    room.catch_up()
    sku = text("sku")
    found = room.fold.items.get(sku or "")
    if found is None:
        raise ProblemError(
            problem(
                404, Words(f"There is no item {sku!r} in this session.", f"这一场没有商品 {sku}。"), kind="unknown_sku"
            )
        )
    return answer_json(found.planned, kept=False)
