"""What must hold before a socket is opened: afterwards there is no status left to refuse it with."""

from __future__ import annotations

import binascii
from base64 import b64decode

from flask import request

from overlaykit.web.edge import allow, caller, edge
from overlaykit.web.http.auth import BOARD
from overlaykit.web.http.problems import ProblemError, problem

PREFIX = "/ws/"


def check_upgrade() -> None:
    """Runs before every request; concerns itself with those under /ws/. Raises ProblemError."""
    if not request.path.startswith(PREFIX):
        return
    environ = request.environ
    if environ.get("HTTP_UPGRADE", "").lower() != "websocket":
        raise ProblemError(problem(426, "This address is for WebSockets.", kind="upgrade_required"))
    _check_handshake(environ)
    if edge().sockets.full:
        raise ProblemError(
            problem(503, "This process has as many sockets open as it may. Start another `overlaykit web`.")
        )
    found = caller()
    if not edge().gate.origin_allowed(environ, found):
        raise ProblemError(
            problem(403, f"Pages of {environ.get('HTTP_ORIGIN')} may not open sockets here.", kind="wrong_origin")
        )
    allow(BOARD)
    # Without the header the library cannot agree on deflate: a compressed frame belongs to one connection and could
    # not be shared by hundreds.
    environ.pop("HTTP_SEC_WEBSOCKET_EXTENSIONS", None)


def _check_handshake(environ: dict[str, object]) -> None:
    key = str(environ.get("HTTP_SEC_WEBSOCKET_KEY", ""))
    try:
        sound = len(b64decode(key, validate=True)) == 16
    except (binascii.Error, ValueError):
        sound = False
    tokens = [part.strip().lower() for part in str(environ.get("HTTP_CONNECTION", "")).split(",")]
    if not sound or "upgrade" not in tokens or environ.get("SERVER_PROTOCOL") != "HTTP/1.1":
        raise ProblemError(problem(400, "This is no WebSocket handshake: see RFC 6455, section 4.1."))
    if environ.get("HTTP_SEC_WEBSOCKET_VERSION") != "13":
        raise ProblemError(problem(426, "Sec-WebSocket-Version must be 13.", kind="upgrade_required"))
