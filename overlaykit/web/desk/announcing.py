"""What the desk announces from: `GET /desk/announcements`, each template filled in with what there is now."""

from __future__ import annotations

from flask import Blueprint, Response
from msgspec import Struct

from overlaykit.model.fields import MOST_TEXT
from overlaykit.model.messages import Level
from overlaykit.model.outcomes import FieldProblem
from overlaykit.plan import Words, announcements_of
from overlaykit.rules.expressions import CannotTell, ExpressionError, Expressions
from overlaykit.rules.facts import Sight, obs_facts
from overlaykit.web.edge import allow, edge
from overlaykit.web.http.auth import DESK
from overlaykit.web.http.bodies import answer_json
from overlaykit.web.http.problems import ProblemError, problem
from overlaykit.web.http.query import session_name, text
from overlaykit.web.http.times import server_time
from overlaykit.web.names.naming import ITEM, no_such
from overlaykit.web.rooms import Room
from overlaykit.web.words import language

_OFF_AIR = Words("nothing is on air", "没有商品在讲解")
_NOTHING = Words("it says nothing now", "现在没有内容")
_LONG = Words(
    f"it has more than {MOST_TEXT} characters now",
    f"现在超过 {MOST_TEXT} 个字",
)


class AnnouncementNow(Struct, frozen=True):
    """A template, filled in: what announce.show shall say, or in `problem` why it cannot be said now, in the page's language,
    as `title` is. The text is in the session's. `seconds`: how long it stays; null: until it is taken down."""

    name: str
    title: str
    text: str | None
    level: Level
    seconds: float | None
    problem: str | None


def blueprint() -> Blueprint:
    routes = Blueprint("announcing", __name__)

    @routes.get("/desk/announcements")
    def announcements() -> Response:
        """All of a session's, in the plan's order, about the item on air, or about `sku`."""
        allow(DESK)
        room, sku = edge().rooms.get(session_name()), text("sku")
        if sku is not None and sku not in room.fold.items:
            said = no_such(ITEM, sku, list(room.fold.items))
            raise ProblemError(problem(422, said, kind="invalid", errors=[FieldProblem.of("sku", said)]))
        return answer_json(filled_in(room, sku, language()), kept=False)

    return routes


def filled_in(room: Room, sku: str | None, language: str) -> list[AnnouncementNow]:
    """The templates of the room's plan, about the item `sku`, or the item on air."""
    plan = room.fold.plan
    expressions, sight = Expressions(plan), Sight(room.fold, room.view(), obs_facts(room.fold))
    found = []
    for name, template in announcements_of(plan).items():
        said, why = "", None
        try:
            said = expressions.text(template.text).render(sight, sku, server_time()).strip()
        except ExpressionError as error:
            why = error.what
        except CannotTell as error:
            why = _OFF_AIR if sku is None and sight.subject(None) is None else error.why
        if why is None and not 0 < len(said) <= MOST_TEXT:
            why = _LONG if said else _NOTHING
        found.append(
            AnnouncementNow(
                name,
                template.title.within(language),
                said if why is None else None,
                template.level,
                template.seconds,
                None if why is None else why.within(language),
            )
        )
    return found
