"""/ws/prompt: what the presenter should say now, whole, whenever it changes."""

from __future__ import annotations

from flask import Blueprint, g

from overlaykit.prompt import Prompt
from overlaykit.web.api.feed import Asked, Client, Feed, Feeds
from overlaykit.web.api.prompting import Audience, Prompts, asked_audience, encode_prompt, without_seq
from overlaykit.web.edge import Edge, allow
from overlaykit.web.http.auth import DESK, Caller
from overlaykit.web.http.query import session_name
from overlaykit.web.http.sockets import Socket, encode_frame

PROMPT_FRAME = 0.25
"""Seconds between two prompts: nobody reads faster. The first after a rest goes at once."""


class PromptFeed(Feed):
    """One session's prompt for one audience, for all who watch it. A client's `seq` counts the prompts."""

    def __init__(self, edge: Edge, prompts: Prompts, session: str, audience: Audience) -> None:
        self._prompts = prompts
        self._audience = audience
        self._said: Prompt | None = None
        self._count = 0
        super().__init__(edge, Asked(session, audience.channel, audience.region, False))

    @property
    def _least_rest(self) -> float:
        return PROMPT_FRAME

    def join(self, socket: Socket, caller: Caller, since: int | None = None) -> Client:
        """Adds a client and sends it the prompt."""
        client = Client(socket, caller)
        self._clients[socket] = client
        self._catch_up(client)
        socket.on_idle(self._changed)
        return client

    def _catch_up(self, client: Client) -> None:
        frame = self._board_frame()
        if client.seq != self._count and not client.socket.closed:
            client.socket.send_frame(frame)
            client.seq = self._count
            self._edge.metrics.frames.inc()

    def _board_frame(self) -> bytes:
        """The prompt. It is asked for anew after each entry, and with each tick: a line may speak of the time."""
        self._forget_old_frames()
        if not self._board:
            prompt = self._prompts.now(self._room, self._audience)
            if without_seq(prompt) != self._said:
                self._said = without_seq(prompt)
                self._count += 1
            self._board = encode_frame(b'{"type":"prompt",' + encode_prompt(prompt)[1:])
        return self._board


def blueprint(edge: Edge, prompts: Prompts) -> Blueprint:
    routes = Blueprint("prompt_feed", __name__)
    feeds: Feeds[tuple[str, Audience]] = Feeds(lambda asked: PromptFeed(edge, prompts, *asked))

    @routes.before_request
    def find() -> None:
        """Whatever can be wrong is found while there is still a status to say so."""
        allow(DESK)
        g.audience = asked_audience()
        edge.rooms.get(session_name()).view(g.audience.channel, g.audience.region)

    @edge.sockets.route(routes, "/ws/prompt")
    def prompt(socket: Socket) -> None:
        feed = feeds.of((session_name(), g.audience))
        client = feed.join(socket, allow(DESK))
        try:
            while True:
                socket.receive()
        finally:
            feed.leave(client)
            feeds.drop_empty()

    return routes
