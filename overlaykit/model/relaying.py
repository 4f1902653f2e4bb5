"""What a relay and the room that empties it say to each other, as JSON. Pure data.

    POST /relay/take   Authorization: Bearer TOKEN   Take → Taken

A message stays in the relay until the room says that it is done: then it is in the room's inbox. One that is not done is given
again with the next take, so nothing is lost whoever falls in between, and what comes twice counts once.
"""

from __future__ import annotations

from typing import Annotated

from msgspec import Meta, Struct

from overlaykit.model.wire import Headers, Request

TAKE_PATH = "/relay/take"
WAIT_AT_MOST = 20.0
"""Seconds for which a relay holds a take while nothing is there."""
MESSAGES_AT_MOST = 200
"""Messages of one answer."""
TOKEN_AT_LEAST = 16
"""Characters of the token that both know."""


class Relayed(Struct, frozen=True, kw_only=True):
    """A message as the platform sent it to /hooks/APP. `seq`: its number in the relay."""

    seq: int
    app: str
    method: str
    query: dict[str, str]
    headers: dict[str, str]
    body: bytes
    received_ms: int

    @property
    def request(self) -> Request:
        """As a connector reads it."""
        return Request(
            method=self.method,
            query=self.query,
            headers=Headers(self.headers),
            body=self.body,
            received_ms=self.received_ms,
        )


class Take(Struct, frozen=True, kw_only=True):
    """Asks for the oldest messages.

    room   whose inbox they go into: two rooms that empty one relay would each get half
    done   those that are there by now
    after  only messages with a higher seq
    wait   seconds to wait when nothing is there
    """

    room: Annotated[str, Meta(min_length=1, max_length=200)]
    after: Annotated[int, Meta(ge=0)] = 0
    done: Annotated[tuple[int, ...], Meta(max_length=10_000)] = ()
    wait: Annotated[float, Meta(ge=0, le=WAIT_AT_MOST)] = 0.0
    most: Annotated[int, Meta(ge=1, le=MESSAGES_AT_MOST)] = MESSAGES_AT_MOST


class Taken(Struct, frozen=True, kw_only=True):
    """The oldest messages. `waiting`: how many there are in all."""

    messages: list[Relayed]
    waiting: int
