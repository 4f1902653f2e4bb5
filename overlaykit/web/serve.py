"""Runs an application on gevent's server until it is told to stop."""

from __future__ import annotations

import logging
import signal
import socket as plain_socket
from collections.abc import Callable
from time import monotonic
from typing import Any

import gevent
from flask import Flask
from gevent import monkey
from gevent.event import Event

from overlaykit.web.edge import EXTENSION, Edge
from overlaykit.web.http.wire import Server

BEAT = 0.5
"""Seconds between two beats."""
CONNECTION_SHARE = 0.8
"""Part of the files this process may have open that connections may take; the rest is for the store, logs and themes."""
LOOK_EVERY = 0.02
"""Seconds between two looks at how late the loop is."""
GRACE = 3.0
"""Seconds that requests under way get to finish."""


class _ErrorLog:
    """What pywsgi writes about broken requests."""

    def __init__(self) -> None:
        self._log = logging.getLogger("overlaykit.web.server")

    def write(self, text: str) -> None:
        self._log.info("%s", text.rstrip())

    def writelines(self, lines: list[str]) -> None:
        for line in lines:
            self.write(line)

    def flush(self) -> None:
        pass


def serve(
    app: Flask,
    listening_socket: plain_socket.socket,
    beat: Callable[[], None],
    *,
    stop: Event | None = None,
    on_ready: Callable[[], None] | None = None,
) -> None:
    """Answers on `listening_socket` until `stop` is set or SIGTERM or SIGINT comes; then ends in order within seconds.

    listening_socket   bound and listening, perhaps shared with other processes; closed here at the end
    beat               called about twice a second while the loop turns
    on_ready           called once connections are accepted
    """
    if not monkey.is_module_patched("socket"):
        raise RuntimeError("call gevent.monkey.patch_all() before anything else is imported in the process that serves")
    edge: Edge = app.extensions[EXTENSION]
    stop = stop or Event()
    # Accepted connections inherit it. Without it an answer written in two pieces waits 40 ms for the client's ACK.
    listening_socket.setsockopt(plain_socket.IPPROTO_TCP, plain_socket.TCP_NODELAY, 1)
    listening_socket.setblocking(False)
    limit = edge.services.open_files
    server = Server(
        _as_gevent_socket(listening_socket),
        app,
        log=None,
        error_log=_ErrorLog(),
        # Further clients wait in the kernel's queue instead of using up the last files.
        spawn=int(limit * CONNECTION_SHARE) if limit else "default",
    )
    handlers = [gevent.signal_handler(each, stop.set) for each in (signal.SIGTERM, signal.SIGINT)]
    server.start()
    watching = gevent.spawn(_watch_delay, edge)
    try:
        if on_ready is not None:
            on_ready()
        while not stop.wait(BEAT):
            beat()
    finally:
        for handler in handlers:
            handler.cancel()
        watching.kill(block=False)
        server.close()
        edge.sockets.close_all()
        ending = gevent.spawn(_let_finish, server)
        while not ending.ready():
            beat()
            ending.join(BEAT)
        edge.rooms.stop()


def _watch_delay(edge: Edge) -> None:
    """Measures how long greenlets wait for their turn: the time that any one of them may take at a stretch."""
    while True:
        due = monotonic() + LOOK_EVERY
        gevent.sleep(LOOK_EVERY)
        edge.metrics.loop_delay.observe(max(0.0, monotonic() - due))


def _as_gevent_socket(listening: Any) -> Any:
    """The same listening socket in gevent's class, whichever it was made with."""
    return listening if isinstance(listening, gevent.socket.socket) else gevent.socket.socket(fileno=listening.detach())


def _let_finish(server: Server) -> None:
    """Requests under way get GRACE. What is left is cut off with the process, not answered 500 by gevent's own `stop`:
    its client then asks again, with the same ids."""
    if server.pool is not None:
        server.pool.join(timeout=GRACE)
