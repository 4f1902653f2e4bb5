"""What the desk's stock view asks for beside the feed: by which words items are found, and how their numbers went."""

from __future__ import annotations

from hashlib import sha256

import gevent
import msgspec
from flask import Blueprint, Response, request
from msgspec import Struct

from overlaykit.model.outcomes import FieldProblem
from overlaykit.model.sessions import Item, SessionPlan
from overlaykit.web.auth import DESK
from overlaykit.web.bodies import answer_json
from overlaykit.web.edge import allow, edge
from overlaykit.web.pinyin import Pinyin
from overlaykit.web.problems import ProblemError, problem
from overlaykit.web.query import session_name
from overlaykit.web.trail import EVERY

MOST_SKUS = 100
"""Items in one request for trails."""
MAX_KEPT = 16
"""Sessions whose words are kept."""


class Findable(Struct, frozen=True):
    """By what an item is found, beyond what the board says of it. `pinyin`: "yang mao da|dai|tai yi", for each of its texts."""

    aliases: tuple[str, ...]
    pinyin: list[str]


class SearchAnswer(Struct, frozen=True):
    """By sku."""

    items: dict[str, Findable]


class TrailsAnswer(Struct, frozen=True):
    """`trails`: sku → units available, one number each `every` seconds, the last one now; null: it was not there yet."""

    every: float
    trails: dict[str, list[int | None]]


class _Words(Struct):
    """An answer, and the plan of which it was made: the same object until an item is added or changed."""

    plan: SessionPlan
    body: bytes
    tag: str


class SearchWords:
    """The words of the rooms that somebody searches in."""

    def __init__(self) -> None:
        self._pinyin = Pinyin()
        self._kept: dict[str, _Words] = {}

    def of(self, plan: SessionPlan) -> _Words:
        kept = self._kept.get(plan.id)
        if kept is None or kept.plan is not plan:
            # In a thread: loading the dictionary and spelling 10,000 titles take longer than a greenlet may.
            body = gevent.get_hub().threadpool.apply(self._encode, (plan,))
            kept = _Words(plan, body, sha256(body).hexdigest()[:24])
            while len(self._kept) >= MAX_KEPT:
                del self._kept[next(iter(self._kept))]
            self._kept[plan.id] = kept
        return kept

    def _encode(self, plan: SessionPlan) -> bytes:
        return msgspec.json.encode(SearchAnswer({item.sku: self._findable(item) for item in plan.items}))

    def _findable(self, item: Item) -> Findable:
        texts = (" ".join(filter(None, (item.title, item.variant))), *item.aliases)
        return Findable(item.aliases, [found for text in texts if (found := self._pinyin.spell(text)) is not None])


def blueprint() -> Blueprint:
    routes = Blueprint("desk_stock", __name__)
    words = SearchWords()

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
            message = f"1 … {MOST_SKUS} of them, as sku=A&sku=B; there are {len(skus)}"
            raise ProblemError(problem(400, message, kind="malformed", errors=[FieldProblem("sku", message)]))
        room = edge().rooms.get(session_name())
        found = {sku: room.trail.of(sku) for sku in skus if sku in room.fold.items}
        return answer_json(TrailsAnswer(EVERY, found))

    return routes
