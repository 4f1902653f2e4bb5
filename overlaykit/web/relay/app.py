"""A relay's addresses: /hooks/APP for platforms, /relay/take for the room, /healthz for whoever watches it."""

from __future__ import annotations

import hmac
from collections.abc import Callable, Iterable, Sequence
from time import monotonic
from typing import Any

import msgspec

from overlaykit.errors import OverlaykitError
from overlaykit.inbox import Recipient
from overlaykit.model.relaying import TAKE_PATH, Take, Taken
from overlaykit.model.settings import Secret
from overlaykit.web.http.problems import problem, problem_of
from overlaykit.web.platforms.hooks import HooksRoute, refuse
from overlaykit.web.relay.keeping import RelayKeeping

MAX_TAKE = 256 * 1024
"""Bytes of what a room sends."""
OTHER_ROOM = 60.0
"""Seconds after which another room may take what one took before."""


def create_relay(find: Callable[[str], Sequence[Recipient]], keeping: RelayKeeping, token: Secret) -> Any:
    """The relay as WSGI. `find`: app → who gets its messages; `token`: the room shows it."""
    return HooksRoute(_Rest(keeping, token), find, keeping)


class _Rest:
    """What is no message of a platform."""

    def __init__(self, keeping: RelayKeeping, token: Secret) -> None:
        self._keeping, self._token = keeping, f"Bearer {token.reveal()}".encode()
        self._room, self._heard = "", float("-inf")

    def __call__(self, environ: dict[str, Any], start_response: Any) -> Iterable[bytes]:
        path, method = environ["PATH_INFO"], environ["REQUEST_METHOD"]
        if path == TAKE_PATH:
            if method != "POST":
                return refuse(start_response, problem(405, "A room asks by POST."))
            try:
                return self._take(environ, start_response)
            except OverlaykitError as error:
                return refuse(start_response, problem_of(error))
            except OSError as error:
                return refuse(start_response, problem(400, f"The body could not be read: {error}", kind="malformed"))
        if path == "/healthz" and method in ("GET", "HEAD"):
            heard = monotonic() - self._heard
            said = {
                "status": "ok",
                "waiting": self._keeping.waiting,
                "room_heard_seconds_ago": None if heard == float("inf") else round(heard, 1),
                **self._keeping.counts,
            }
            return _send(start_response, msgspec.json.encode(said))
        return refuse(
            start_response,
            problem(404, "This is an overlaykit relay: it takes messages at /hooks/APP and keeps them for a room."),
        )

    def _take(self, environ: dict[str, Any], start_response: Any) -> Iterable[bytes]:
        shown = environ.get("HTTP_AUTHORIZATION", "").encode("latin-1", "replace")
        if not hmac.compare_digest(shown, self._token):
            return refuse(start_response, problem(401, "The token of this relay is another one."))
        length = environ.get("CONTENT_LENGTH") or ""
        if not length.isascii() or not length.isdigit() or int(length) > MAX_TAKE:
            return refuse(start_response, problem(413, f"A take has a length, and at most {MAX_TAKE} bytes."))
        try:
            asked = msgspec.json.decode(environ["wsgi.input"].read(int(length)), type=Take)
        except (msgspec.DecodeError, UnicodeDecodeError, RecursionError) as error:
            return refuse(start_response, problem(422, f"That is no take: {error}", kind="invalid"))
        if asked.room != self._room and monotonic() - self._heard < OTHER_ROOM:
            return refuse(
                start_response,
                problem(
                    409, "Another room empties this relay: each would get half. Give every room a relay of its own."
                ),
            )
        self._room, self._heard = asked.room, monotonic()
        self._keeping.done(asked.done)
        return _send(start_response, msgspec.json.encode(self._waited(asked)))

    def _waited(self, asked: Take) -> Taken:
        until = monotonic() + asked.wait
        while True:
            self._keeping.arrived.clear()
            found = self._keeping.take(asked.most, asked.after)
            left = until - monotonic()
            if found or left <= 0 or not self._keeping.arrived.wait(left):
                self._heard = monotonic()
                return Taken(messages=found, waiting=self._keeping.waiting)


def _send(start_response: Any, body: bytes) -> Iterable[bytes]:
    headers = [
        ("Content-Type", "application/json"),
        ("Content-Length", str(len(body))),
        ("Cache-Control", "no-store"),
        ("X-Content-Type-Options", "nosniff"),
    ]
    start_response("200 OK", headers)
    return (body,)
