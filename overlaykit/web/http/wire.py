"""gevent's server and request handler, with less work per request and bounds where it has none.

Its own parser of headers makes an e-mail message of them, which takes as long as the rest of a small request.
"""

from __future__ import annotations

import socket as plain_socket
from contextlib import suppress
from typing import Any
from urllib.parse import unquote_to_bytes

import gevent
from gevent.pywsgi import MAX_REQUEST_LINE, Input, WSGIHandler, WSGIServer

from overlaykit.web.http.problems import CONTENT_TYPE, problem

MAX_HEADERS = 100
MAX_HEADER_LINE = 16 * 1024
IDLE_SECONDS = 75.0
"""How long a connection may stay open between two requests."""
HEADER_SECONDS = 10.0
"""How long the headers of a request may take."""
SPARE_PLACES = 8
"""With fewer places left for connections, one that is idle is ended for each that comes."""
MAX_DISCARD = 64 * 1024 * 1024
"""Bytes of a refused body that are read so that the client hears why; a longer one is cut off."""
LONGEST_WHY = 300
"""Characters of what was wrong with a request that could not be read: they may be the client's own."""
TOKEN_CHARS = frozenset("!#$%&'*+-.^_`|~0123456789abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ")


class _Headers:
    """A request's headers as the handler uses them: names in lower case, in order."""

    status = ""

    def __init__(self, pairs: list[tuple[str, str]]) -> None:
        self.pairs = pairs

    def get(self, name: str, default: str | None = None) -> str | None:
        name = name.lower()
        for key, value in self.pairs:
            if key == name:
                return value
        return default

    getheader = get

    @property
    def typeheader(self) -> str | None:
        return self.get("content-type")

    def __delitem__(self, name: str) -> None:
        self.pairs = [pair for pair in self.pairs if pair[0] != name.lower()]


def read_headers(rfile: Any) -> _Headers:
    """Headers up to the empty line. Raises ValueError for anything that is none (the client gets 400)."""
    pairs: list[tuple[str, str]] = []
    while True:
        raw: bytes = rfile.readline(MAX_HEADER_LINE + 1)
        if raw in (b"\r\n", b"\n"):
            return _Headers(pairs)
        if not raw.endswith(b"\n"):
            raise ValueError("a header line is too long, or the headers end early")
        if len(pairs) >= MAX_HEADERS:
            raise ValueError(f"more than {MAX_HEADERS} headers")
        name, colon, value = raw.decode("latin-1").partition(":")
        # A name with a space, or a line that goes on from the one before, is how requests are smuggled past proxies.
        if not colon or not name or not TOKEN_CHARS.issuperset(name):
            raise ValueError("a header line without a proper name")
        value = value.strip(" \t\r\n")
        if "\r" in value or "\0" in value:
            raise ValueError("a control character in a header")
        pairs.append((name.lower(), value))


class _Body(Input):  # type: ignore[misc]
    """A request's body, of which not everything is read when nobody wants it."""

    __slots__ = ()

    def _discard(self) -> None:
        left = MAX_DISCARD
        if self._chunked_input_error:
            return
        self.send_100_continue_enabled = False  # type: ignore[misc]
        while left > 0 and (data := self.read(min(65_536, left))):
            left -= len(data)
        if left <= 0:
            raise ConnectionResetError("a refused body was too long to be read")


class _HandedOver:
    """Where flask-sock's library takes the connection of a WebSocket from: gevent's input, as far as it looks into it.

    It asks for a copy of the socket. Each copy would be one more open file for as long as the socket is open.
    """

    def __init__(self, socket: Any) -> None:
        self._socket = socket

    @property
    def raw(self) -> _HandedOver:
        return self

    @property
    def _sock(self) -> _HandedOver:
        return self

    def dup(self) -> Any:
        """The connection itself; the server has it no more."""
        old = self._socket
        new = type(old)(old.family, old.type, old.proto, fileno=old.detach())
        new.settimeout(None)
        return new


class Server(WSGIServer):  # type: ignore[misc]
    """gevent's server. When its places run out, idle connections give way to new ones.

    idle   handlers that wait for a request, the longest first
    """

    def __init__(self, *given: Any, **named: Any) -> None:
        super().__init__(*given, handler_class=Handler, **named)
        self.idle: dict[Handler, None] = {}

    def make_room(self) -> None:
        """Called with each new connection."""
        if self.pool is not None and self.pool.free_count() < SPARE_PLACES and self.idle:
            next(iter(self.idle)).let_go()


class Handler(WSGIHandler):  # type: ignore[misc]
    """One connection."""

    _amiss = "this is no request of HTTP/1.1"

    def handle(self) -> None:
        # Whoever went away before our answer is no error of ours.
        with suppress(OSError):
            self.server.make_room()
            super().handle()

    def handle_one_request(self) -> Any:
        """As gevent has it; what it refuses itself, without a word, is said in words."""
        found = super().handle_one_request()
        if not isinstance(found, tuple):
            return found
        status = int(found[0])
        why = self._amiss
        if status == 414:
            why = f"the address is too long: with its method it may have {MAX_REQUEST_LINE - 1} bytes"
        return found[0], _refusal(status, why)

    def _handle_client_error(self, error: Exception) -> tuple[str, bytes]:
        if isinstance(error, ValueError | TimeoutError):
            self._amiss = str(error)
        found: tuple[str, bytes] = super()._handle_client_error(error)
        return found

    def read_requestline(self) -> str:
        """The next request's first line; nothing when it does not come in time, and the connection ends."""
        server: Server = self.server
        server.idle[self] = None
        try:
            with gevent.Timeout(IDLE_SECONDS, False):
                line: str = super().read_requestline()
                return line
            return ""
        finally:
            del server.idle[self]

    def let_go(self) -> None:
        """Ends a connection that waits for its next request."""
        with suppress(OSError):
            self.socket.shutdown(plain_socket.SHUT_RD)

    def MessageClass(self, rfile: Any, _: int) -> _Headers:
        with gevent.Timeout(HEADER_SECONDS, TimeoutError("the headers did not come in time")):
            return read_headers(rfile)

    def read_request(self, raw_requestline: str) -> bool:
        sound = bool(super().read_request(raw_requestline))
        headers: _Headers = self.headers
        encodings = [value.lower() for key, value in headers.pairs if key == "transfer-encoding"]
        if encodings and encodings != ["chunked"]:
            raise ValueError(f"Transfer-Encoding {', '.join(encodings)!r} is not understood")
        lengths = {value for key, value in headers.pairs if key == "content-length"}
        if len(lengths) > 1 or any(not (text.isascii() and text.isdigit()) for text in lengths):
            raise ValueError("Content-Length is no number, or stands there twice")
        return sound

    def get_environ(self) -> dict[str, Any]:
        headers: _Headers = self.headers
        env: dict[str, Any] = self.server.get_environ()
        path, _, query = self.path.partition("?")
        env["REQUEST_METHOD"] = self.command
        env["PATH_INFO"] = unquote_to_bytes(path).decode("latin-1") if "%" in path else path
        env["QUERY_STRING"] = query
        env["SERVER_PROTOCOL"] = self.request_version
        if isinstance(self.client_address, tuple):
            env["REMOTE_ADDR"], env["REMOTE_PORT"] = str(self.client_address[0]), str(self.client_address[1])
        for name, value in headers.pairs:
            # An underscore would make the name look like another.
            if "_" in name:
                continue
            if name == "content-type":
                env["CONTENT_TYPE"] = value
            elif name == "content-length":
                env["CONTENT_LENGTH"] = value
            else:
                key = "HTTP_" + name.replace("-", "_").upper()
                if key in env:
                    value = env[key] + ("; " if key == "HTTP_COOKIE" else ",") + value
                env[key] = value
        upgrade = self._connection_upgrade_requested()
        if upgrade:
            # What comes after a socket's last frame is no request, whatever it looks like.
            self.close_connection = True
        self.wsgi_input = _Body(
            self.rfile,
            None if upgrade else self.content_length,
            socket=self.socket if env.get("HTTP_EXPECT", "").lower() == "100-continue" else None,
            chunked_input=env.get("HTTP_TRANSFER_ENCODING", "").lower() == "chunked",
        )
        env["wsgi.input"] = _HandedOver(self.socket) if upgrade else self.wsgi_input
        env["wsgi.input_terminated"] = not upgrade
        env["overlaykit.hang_up"] = self._hang_up
        return env

    def _hang_up(self) -> None:
        """This answer is the connection's last."""
        self.close_connection = True

    def finalize_headers(self) -> None:
        super().finalize_headers()
        if self.close_connection and not any(name.lower() == b"connection" for name, _ in self.response_headers):
            self.response_headers.append((b"Connection", b"close"))

    def _write_with_headers(self, data: bytes) -> None:
        """Headers and a small body leave in one piece: one call of the kernel, one wake-up of the client."""
        if not data or len(data) > 65_536:
            super()._write_with_headers(data)
            return
        self.headers_sent = True
        self.finalize_headers()
        if self.response_use_chunked:
            data = b"%x\r\n%b\r\n" % (len(data), data)
        head = [b"HTTP/1.1 ", self.status, b"\r\n"]
        for name, value in self.response_headers:
            head += (name, b": ", value, b"\r\n")
        self._sendall(b"".join((*head, b"\r\n", data)))

    def log_request(self) -> None:
        """Requests are counted, not logged: a room has hundreds a second, and some carry tokens in their address."""


def _refusal(status: int, why: str) -> bytes:
    """A whole answer to a request that could not be read."""
    found = problem(status, f"{why[:1].upper()}{why[1:LONGEST_WHY]}.", kind="malformed")
    body = found.encode()
    head = f"HTTP/1.1 {status} {found.title}\r\nConnection: close\r\nContent-Type: {CONTENT_TYPE}\r\n"
    return f"{head}Content-Length: {len(body)}\r\n\r\n".encode() + body
