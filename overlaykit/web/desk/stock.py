"""What the desk's stock view asks for beside the feed: by which words items are found, and how their numbers went."""

from __future__ import annotations

from flask import Blueprint, Response, request
from msgspec import Struct

from overlaykit.web.desk.finding import SearchWords
from overlaykit.web.edge import allow, edge
from overlaykit.web.http.auth import DESK
from overlaykit.web.http.bodies import answer_json
from overlaykit.web.http.problems import ProblemError, unfit
from overlaykit.web.http.query import session_name
from overlaykit.web.rooms.trail import EVERY
from overlaykit.words import Words

MOST_SKUS = 100
"""Items in one request for trails."""


class TrailsAnswer(Struct, frozen=True):
    """`trails`: sku → units available, one number each `every` seconds, the last one now; null: it was not there yet."""

    every: float
    trails: dict[str, list[int | None]]


def blueprint(words: SearchWords) -> Blueprint:
    routes = Blueprint("desk_stock", __name__)

    @routes.get("/desk/search.json")
    def search() -> Response:
        """The words of all items."""
        allow(DESK)
        found = words.of(edge().rooms.get(session_name()).fold.plan)
        if request.if_none_match.contains(found.tag):
            answer = Response(status=304)
        else:
            answer = Response(found.body, content_type="application/json")
        answer.set_etag(found.tag)
        answer.headers["Cache-Control"] = "private, no-cache"
        return answer

    @routes.get("/desk/trails.json")
    def trails() -> Response:
        """The trails of the items asked for as `sku=A&sku=B`; unknown ones are left out."""
        allow(DESK)
        skus = request.args.getlist("sku")
        if not 1 <= len(skus) <= MOST_SKUS:
            said = Words(
                f"1 … {MOST_SKUS} of them, as sku=A&sku=B; there are {len(skus)}",
                f"要写 1 … {MOST_SKUS} 个，写成 sku=A&sku=B；这里有 {len(skus)} 个",
            )
            raise ProblemError(unfit("sku", said, status=400, kind="malformed"))
        room = edge().rooms.get(session_name())
        found = {sku: room.trail.of(sku) for sku in skus if sku in room.fold.items}
        return answer_json(TrailsAnswer(EVERY, found))

    return routes
