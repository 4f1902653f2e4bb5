"""Serves a relay until somebody ends it."""

from __future__ import annotations

import signal
import socket as plain_socket
from collections.abc import Callable
from typing import Any

import gevent
from gevent import monkey
from gevent.event import Event

from overlaykit.web.http.wire import Server

CONNECTIONS = 2_000
GRACE = 3.0
"""Seconds that requests under way get to finish."""


def serve_relay(app: Any, listener: plain_socket.socket, on_ready: Callable[[], None]) -> None:
    """Answers on `listener`, bound and listening, until SIGTERM or SIGINT; closes it then. `on_ready`: once it does."""
    if not monkey.is_module_patched("socket"):
        raise RuntimeError("call gevent.monkey.patch_all() before anything else is imported in the process that serves")
    stop = Event()
    listener.setsockopt(plain_socket.IPPROTO_TCP, plain_socket.TCP_NODELAY, 1)
    listener.setblocking(False)
    held: Any = listener
    if not isinstance(listener, gevent.socket.socket):
        held = gevent.socket.socket(fileno=listener.detach())
    server = Server(held, app, log=None, error_log=None, spawn=CONNECTIONS)
    handlers = [gevent.signal_handler(each, stop.set) for each in (signal.SIGTERM, signal.SIGINT)]
    server.start()
    try:
        on_ready()
        stop.wait()
    finally:
        for handler in handlers:
            handler.cancel()
        server.stop(timeout=GRACE)
