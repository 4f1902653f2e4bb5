"""Serves a preview until somebody ends it."""

from __future__ import annotations

import signal
import socket as plain_socket
from collections.abc import Callable
from typing import Any

import gevent
from flask import Flask
from gevent import monkey
from gevent.event import Event

from overlaykit.web.http.sockets import Sockets
from overlaykit.web.http.wire import Server
from overlaykit.web.preview.app import SOCKETS, STUDIO
from overlaykit.web.preview.studio import Studio


def serve_preview(app: Flask, listener: plain_socket.socket, on_ready: Callable[[], None]) -> None:
    """Answers on `listener`, bound and listening, until SIGTERM or SIGINT; closes it then. `on_ready`: once it does."""
    if not monkey.is_module_patched("socket"):
        raise RuntimeError("call gevent.monkey.patch_all() before anything else is imported in the process that serves")
    studio: Studio = app.extensions[STUDIO]
    sockets: Sockets = app.extensions[SOCKETS]
    stop = Event()
    listener.setblocking(False)
    held: Any = listener
    if not isinstance(listener, gevent.socket.socket):
        held = gevent.socket.socket(fileno=listener.detach())
    server = Server(held, app, log=None, error_log=None)
    handlers = [gevent.signal_handler(each, stop.set) for each in (signal.SIGTERM, signal.SIGINT)]
    server.start()
    studio.start()
    try:
        on_ready()
        stop.wait()
    finally:
        for handler in handlers:
            handler.cancel()
        studio.stop()
        sockets.close_all()
        server.stop(timeout=1)
