"""What each OBS looks like just now, for the desk: pictures, scenes and texts. Asking for them has the director take them."""

from __future__ import annotations

import msgspec
from flask import Blueprint, Response

from overlaykit.stock import SessionRecord, glances_key
from overlaykit.store.glances import SIDES, Glance, read_glances, read_picture
from overlaykit.web.edge import allow, edge
from overlaykit.web.http.auth import DESK
from overlaykit.web.http.bodies import answer_json
from overlaykit.web.http.problems import ProblemError, problem
from overlaykit.web.http.query import session_name
from overlaykit.web.http.times import server_time
from overlaykit.words import Words


class GlancesAnswer(msgspec.Struct, frozen=True):
    """By the name of the OBS; one of which nothing is known just now is left out."""

    obs: dict[str, Glance]
    server_time: str


def blueprint() -> Blueprint:
    routes = Blueprint("glances", __name__)
    routes.add_url_rule("/desk/obs.json", view_func=glances)
    routes.add_url_rule("/desk/obs/<obs>/<side>.jpg", view_func=picture)
    return routes


def glances() -> Response:
    """Those of all OBS of the plan."""
    allow(DESK)
    record, names = _asked()
    found = read_glances(edge().services.client, glances_key(record.ledger), names)
    return answer_json(GlancesAnswer(found, server_time()), kept=False)


def picture(obs: str, side: str) -> Response:
    """A JPEG of its program or preview."""
    allow(DESK)
    record, names = _asked()
    kind = next((each for each in SIDES if each == side), None)
    found = None
    if kind is not None and obs in names:
        found = read_picture(edge().services.client, glances_key(record.ledger), obs, kind)
    if found is None:
        raise ProblemError(
            problem(
                404,
                Words(
                    f"There is no picture of {obs}'s {side} just now; /desk/obs.json says of which there is one.",
                    f"{obs} 的 {side} 现在没有画面；/desk/obs.json 里写着哪些有。",
                ),
            )
        )
    return Response(found, content_type="image/jpeg", headers={"Cache-Control": "private, no-store"})


def _asked() -> tuple[SessionRecord, list[str]]:
    record = edge().rooms.resolve(session_name())
    return record, [each.name for each in edge().directed.of(record).obs]
