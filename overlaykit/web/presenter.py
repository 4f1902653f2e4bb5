"""/presenter: what to say now, to be read from two metres away."""

from __future__ import annotations

from typing import Any

import msgspec
from flask import Blueprint, Response, request

from overlaykit.errors import NotFound
from overlaykit.prompt import language_of
from overlaykit.web.api.prompting import Audience, Prompts
from overlaykit.web.desk.pages import page, visitor
from overlaykit.web.edge import edge
from overlaykit.web.http.query import session_name, text
from overlaykit.web.http.times import server_time
from overlaykit.web.words import language, words


def blueprint(prompts: Prompts) -> Blueprint:
    routes = Blueprint("presenter", __name__)

    @routes.get("/presenter")
    def presenter() -> Any:
        found = visitor("/presenter")
        if isinstance(found, Response):
            return found
        try:
            room = edge().rooms.get(session_name())
        except NotFound as error:
            return page("empty.html", 404, detail=error.words.within(language()))
        # Who presents reads the language of the session, whatever the browser was bought with.
        lang = language() if "lang" in request.args else language_of(room.fold.plan.locale)
        channel, region = text("channel"), text("region")
        prompt = prompts.now(room, Audience(channel, region, lang))
        titles = {each.name: each.title for each in room.fold.plan.channels}
        audience = " · ".join(name for name in (titles.get(channel or ""), region) if name)
        follow = {"session": session_name(), "channel": channel, "region": region, "locale": lang}
        data = {
            "follow": {name: value for name, value in follow.items() if value is not None},
            "lang": lang,
            "timezone": room.fold.plan.timezone,
            "server_time": server_time(),
            "audience": audience,
            "words": words(lang),
            "prompt": prompt,
        }
        return page(
            "presenter/presenter.html",
            200,
            lang,
            prompt=prompt,
            audience=audience,
            data=msgspec.json.encode(data).decode(),
        )

    return routes
