"""What the presenter should say now, as JSON: `GET /api/v1/sessions/{session}/prompt`."""

from __future__ import annotations

from hashlib import blake2b
from typing import NamedTuple

import msgspec
from flask import Blueprint, Response, request
from msgspec.structs import replace

from overlaykit.board import BoardView
from overlaykit.prompt import LANGUAGES, Prompt, Prompter, language_of
from overlaykit.web.edge import allow, edge
from overlaykit.web.http.auth import DESK
from overlaykit.web.http.problems import ProblemError, unfit
from overlaykit.web.http.query import text
from overlaykit.web.http.times import server_time
from overlaykit.web.rooms import Room, Rooms
from overlaykit.words import Words


class PromptAnswer(Prompt, frozen=True, kw_only=True):
    """A prompt as it is sent, and what time it is here: RFC 3339 UTC."""

    server_time: str


class Audience(NamedTuple):
    """For whom: a buyer on `channel` or in `region`, and the presenter who reads `language`; None: that of the session."""

    channel: str | None
    region: str | None
    language: str | None


class Prompts:
    """The prompts of the rooms of this process."""

    def __init__(self, rooms: Rooms) -> None:
        self._rooms = rooms
        self._prompters: dict[tuple[str, Audience], tuple[BoardView, Prompter]] = {}

    def now(self, room: Room, audience: Audience) -> Prompt:
        """What to say now in the room. Raises NotFound for an unknown channel or region."""
        view = room.view(audience.channel, audience.region)
        known = self._prompters.get((room.session, audience))
        if known is None or known[0] is not view:  # the room has been loaded anew
            self._forget_closed()
            language = audience.language or language_of(room.fold.plan.locale)
            known = view, Prompter(room.fold, view, language)
            self._prompters[room.session, audience] = known
        return known[1].prompt(server_time(), away=room.stale)

    def _forget_closed(self) -> None:
        """A prompter keeps its room's fold: rooms that nobody watches any more are let go of here, too."""
        followed = {room.session for room in self._rooms.open()}
        self._prompters = {key: known for key, known in self._prompters.items() if key[0] in followed}


def asked_audience() -> Audience:
    """For whom this request asks. Raises ProblemError 422 for a language that there is not."""
    language = text("locale")
    if language is not None and language not in LANGUAGES:
        there = ", ".join(LANGUAGES)
        raise ProblemError(unfit("locale", Words(f"must be one of: {there}", f"要写其中之一：{there}")))
    return Audience(text("channel"), text("region"), language)


def encode_prompt(prompt: Prompt) -> bytes:
    """As JSON, with the time."""
    fields = {name: getattr(prompt, name) for name in Prompt.__struct_fields__}
    return msgspec.json.encode(PromptAnswer(**fields, server_time=server_time()))


def without_seq(prompt: Prompt) -> Prompt:
    """What of it the presenter sees: most entries of a ledger change nothing there."""
    return replace(prompt, seq=0)


def blueprint(prompts: Prompts) -> Blueprint:
    routes = Blueprint("prompting", __name__, url_prefix="/api/v1")

    @routes.get("/sessions/<session>/prompt")
    def prompt(session: str) -> Response:
        """The prompt now: at least as new as every command answered before."""
        allow(DESK)
        audience = asked_audience()
        room = edge().rooms.get(session)
        room.catch_up()
        now = prompts.now(room, audience)
        tag = blake2b(msgspec.json.encode(without_seq(now)), digest_size=12).hexdigest()
        unchanged = request.if_none_match.contains_weak(tag)
        response = Response(status=304) if unchanged else Response(encode_prompt(now), content_type="application/json")
        response.set_etag(tag, weak=True)
        response.headers["Cache-Control"] = "private, no-cache"
        return response

    return routes
