"""A made-up platform: an HTTP server that answers a connector's calls, and sends the room its messages.

What it does is synthetic. A connector that passes against it does what the fake's author read in the platform's documents, no more.
"""

from __future__ import annotations

import contextlib
import socket
import threading
import time
import traceback
from collections.abc import Mapping
from dataclasses import dataclass
from http import HTTPStatus
from http.client import HTTPConnection, HTTPSConnection
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any, NamedTuple, Self
from urllib.parse import parse_qsl, urlsplit

import msgspec

from overlaykit.model.wire import Headers, Reply, Request

DELIVERY_SECONDS = 10.0


@dataclass(frozen=True, kw_only=True)
class Call(Request):
    """One call of the platform's API. `path` is without its query."""

    path: str = "/"


class Delivered(NamedTuple):
    """The room's answer to a message."""

    status: int
    body: bytes


class FakePlatform:
    """A server in a thread of its own, on 127.0.0.1 and a free port, or `port`. Subclass it and override `answer`.

    url       where it is, without a slash at the end
    lock      held while it answers
    calls     what was asked of it so far, oldest first
    down      it answers 503 to everything
    forgets   it does what it is asked, and closes the connection without an answer: nobody knows whether it was done
    failures  what `answer` raised; the caller got a 500

        class FakeAcme(FakePlatform):
            def answer(self, call: Call) -> Reply:
                return Reply(json={"id": call.path.rpartition("/")[2], "state": "paid"})

        with FakeAcme() as acme:
            Acme(AcmeSettings(secret=Secret("s"), base_url=acme.url))
    """

    def __init__(self, port: int = 0) -> None:
        self.lock = threading.RLock()
        self.calls: list[Call] = []
        self.failures: list[str] = []
        self.down = False
        self.forgets = False
        self._server = _Server(self, port)
        self.url = f"http://127.0.0.1:{self._server.server_port}"
        self._thread = threading.Thread(target=self._server.serve_forever, args=(0.05,), name="platform", daemon=True)
        self._thread.start()

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *error: object) -> None:
        self.close()

    def answer(self, call: Call) -> Reply:
        """What the platform answers; called in a thread of the connection."""
        return Reply(404, json={"message": f"no such thing: {call.method} {call.path}"})

    def deliver(
        self, url: str, body: bytes, headers: Mapping[str, str] | None = None, *, method: str = "POST"
    ) -> Delivered:
        """Sends a message as it stands to `url`, such as `http://127.0.0.1:8080/hooks/acme`. Raises OSError without an answer."""
        parts = urlsplit(url)
        kind = HTTPSConnection if parts.scheme == "https" else HTTPConnection
        with contextlib.closing(kind(parts.hostname or "", parts.port, timeout=DELIVERY_SECONDS)) as connection:
            target = (parts.path or "/") + (f"?{parts.query}" if parts.query else "")
            connection.request(method, target, body, dict(headers or {}))
            answer = connection.getresponse()
            return Delivered(answer.status, answer.read())

    def close(self) -> None:
        """Ends the server and its connections."""
        self._server.shutdown()
        self._server.close_all()
        self._thread.join()


class _Server(ThreadingHTTPServer):
    daemon_threads = True
    block_on_close = False

    def __init__(self, platform: FakePlatform, port: int) -> None:
        self.platform = platform
        self._open: set[socket.socket] = set()
        self._lock = threading.Lock()
        super().__init__(("127.0.0.1", port), _Handler)

    def process_request(self, request: Any, client_address: Any) -> None:
        with self._lock:
            self._open.add(request)
        super().process_request(request, client_address)

    def shutdown_request(self, request: Any) -> None:
        with self._lock:
            self._open.discard(request)
        super().shutdown_request(request)

    def handle_error(self, request: Any, client_address: Any) -> None:
        """A caller that went away is no error of the platform."""

    def close_all(self) -> None:
        self.server_close()
        with self._lock:
            for connection in self._open:
                with contextlib.suppress(OSError):
                    connection.shutdown(socket.SHUT_RDWR)


class _Handler(BaseHTTPRequestHandler):
    protocol_version = "HTTP/1.1"
    server: _Server

    def do_GET(self) -> None:
        platform = self.server.platform
        parts = urlsplit(self.path)
        call = Call(
            method=self.command,
            path=parts.path,
            query=dict(parse_qsl(parts.query, keep_blank_values=True)),
            headers=Headers(dict(self.headers.items())),
            body=self.rfile.read(int(self.headers.get("Content-Length") or 0)),
            received_ms=int(time.time() * 1000),
        )
        platform.calls.append(call)
        if platform.down:
            self._say(Reply(503, text="the platform is down"))
            return
        try:
            with platform.lock:
                reply = platform.answer(call)
        except Exception as error:
            platform.failures.append("".join(traceback.format_exception(error)))
            self._say(Reply(500, text=f"the fake platform failed: {error!r}"))
            return
        if platform.forgets:
            self.close_connection = True
            return
        self._say(reply)

    do_POST = do_PUT = do_PATCH = do_DELETE = do_HEAD = do_GET

    def _say(self, reply: Reply) -> None:
        """Head and body in one piece: in two, the second would wait for the caller's acknowledgement of the first."""
        body = b"" if reply.json is None else msgspec.json.encode(reply.json)
        headers = {"Content-Type": "application/json" if body else "text/plain; charset=utf-8"}
        if reply.text is not None:
            body = reply.text.encode()
        headers |= dict(reply.headers) | {"Content-Length": str(len(body))}
        phrase = HTTPStatus(reply.status).phrase if reply.status in list(HTTPStatus) else ""
        head = [f"HTTP/1.1 {reply.status} {phrase}", *(f"{name}: {value}" for name, value in headers.items())]
        self.wfile.write("\r\n".join([*head, "", ""]).encode("latin-1") + (b"" if self.command == "HEAD" else body))

    def log_message(self, format: str, *arguments: Any) -> None:
        """Says nothing: `calls` has it all."""
