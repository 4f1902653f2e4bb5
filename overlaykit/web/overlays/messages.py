"""What an overlay page and its server say to each other beside frames (`frames.py`) and reports (`reports.py`): JSON, typed by
`type`. A room and a theme's preview say the same."""

from __future__ import annotations

import msgspec
from msgspec import Struct

from overlaykit.web.http.times import server_time


class Ping(Struct, tag="ping"):
    """From a page: `t` comes back as it was, beside the server's time."""

    t: float


class Sync(Struct, tag="sync"):
    """From a page that was hidden, or misses a part: send the frame again."""


def pong(ping: Ping) -> bytes:
    """The answer to a ping."""
    return _json({"type": "pong", "t": ping.t, "server_time": server_time()})


def hello(build: str) -> bytes:
    """First of all. `build`: what the page loads once; one that was loaded with another has to load itself anew."""
    return _json({"type": "hello", "build": build, "server_time": server_time()})


def tick(*, stale: bool) -> bytes:
    """The time, each second at least. `stale`: what is shown may be old."""
    return _json({"type": "tick", "server_time": server_time(), **({"stale": True} if stale else {})})


def error(message: str | None) -> bytes:
    """What is wrong with the address or the theme now; None: nothing any more."""
    return _json({"type": "error", "message": message})


_json = msgspec.json.encode
