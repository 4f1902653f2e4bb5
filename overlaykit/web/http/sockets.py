"""WebSockets that many greenlets may write to, and that a slow client cannot hold up.

flask-sock's library writes with bare `send` from two places at once: whoever sends a message, and its own reader, which
answers pings and closes. On a full socket buffer one lands inside the other. So the first thing done with a new
connection is to put `_Outlet` in the place of its socket: whatever is written, by whom ever, joins one queue of whole
frames, and only the outlet touches the wire.

Writing never blocks the writer. What the kernel takes goes at once; the rest is written by a greenlet of its own, and a
client that takes nothing for five seconds is cut.
"""

from __future__ import annotations

import socket as plain_socket
import struct
from collections import OrderedDict
from collections.abc import Callable
from contextlib import suppress
from time import monotonic
from typing import Any

import gevent
from flask import Blueprint
from flask_sock import Sock
from gevent.socket import wait_write
from simple_websocket import ConnectionClosed

WRITE_DEADLINE = 5.0
"""Seconds a client may take nothing of what waits for it."""
UNSENT = 32 * 1024
"""Bytes that the kernel may keep for one client beside those on their way. It would keep megabytes: pictures of long ago, and a
reader of 100 kB a second would seem to take nothing, since the kernel asks for more only once a third of them has gone."""
TALK_RATE = 16 * 1024
"""Bytes that are read of one client in a second: a page says a few hundred. The rest waits in its own buffers."""
MOUTHFUL = 1024
"""Bytes read before others get a turn."""
MAX_WAITING = 512
"""Frames that may wait for one client; latest-wins keys keep it far below."""
SERVER_OPTIONS = {"ping_interval": 25, "max_message_size": 64 * 1024}
"""For flask-sock: seconds between pings, bytes a client's message may have."""
SOCKET_SHARE = 0.6
"""Part of the files this process may have open that WebSockets may take; pages and commands need connections too."""
GOING_AWAY = 1001
POLICY = 1008
TRY_AGAIN_LATER = 1013


class SocketClosed(Exception):
    """The client has gone, or was cut."""


def encode_frame(message: str | bytes) -> bytes:
    """One unfragmented server frame: text for `str`, and also for `bytes`, which must be UTF-8. To be shared by many sockets."""
    payload = message.encode() if isinstance(message, str) else message
    size = len(payload)
    if size < 126:
        return b"\x81" + bytes((size,)) + payload
    if size < 65_536:
        return b"\x81\x7e" + struct.pack("!H", size) + payload
    return b"\x81\x7f" + struct.pack("!Q", size) + payload


def _keep_little(sock: Any) -> None:
    with suppress(AttributeError, OSError):  # not every system can
        sock.setsockopt(plain_socket.IPPROTO_TCP, plain_socket.TCP_NOTSENT_LOWAT, UNSENT)


class _Outlet:
    """Stands in for a connection's socket: the same `recv`, `fileno` and `close`, and the only writer."""

    def __init__(self, sock: Any, on_cut: Callable[[], None]) -> None:
        self._sock = sock
        _keep_little(sock)
        self._on_cut = on_cut
        self._waiting: OrderedDict[object, bytes] = OrderedDict()
        self._rest: memoryview | None = None
        self._writer: gevent.Greenlet | None = None
        self.on_idle: Callable[[], None] | None = None
        self.broken = False
        self._may_say: float = TALK_RATE
        self._said_at = monotonic()

    @property
    def idle(self) -> bool:
        return self._rest is None and not self._waiting

    def send(self, data: bytes) -> int:
        """What flask-sock's library calls: a pong, a ping, a close. Goes whole or waits."""
        self.put(object(), data)
        return len(data)

    def put(self, key: object, frame: bytes) -> None:
        """Queues a frame; one that waits under the same key is replaced in its place. Never blocks."""
        if self.broken:
            raise OSError("the connection was cut")
        self._waiting[key] = frame
        if self._writer is None:
            if not self._push():
                self._writer = gevent.spawn(self._write_rest)
        elif len(self._waiting) > MAX_WAITING:
            self.cut()

    def _push(self) -> bool:
        """Hands the kernel what it takes now. Returns whether that was all. No greenlet switch happens here."""
        try:
            while True:
                if self._rest is None:
                    if not self._waiting:
                        return True
                    self._rest = memoryview(self._waiting.popitem(last=False)[1])
                sent = self._sock.send(self._rest, 0, timeout=0.0)
                self._rest = self._rest[sent:] if sent < len(self._rest) else None
        except BlockingIOError:
            return False
        except OSError:
            self.cut()
            return True

    def _write_rest(self) -> None:
        try:
            while not self.broken:
                wait_write(self._sock.fileno(), timeout=WRITE_DEADLINE)
                if self._push():
                    break
        except (OSError, ValueError):  # no progress in time, or closed meanwhile
            self.cut()
        finally:
            self._writer = None
        if not self.broken and self.on_idle is not None:
            self.on_idle()

    def cut(self) -> None:
        """Ends the connection now, without a close frame: nothing can be said to one who does not listen."""
        if self.broken:
            return
        self.broken = True
        self._waiting.clear()
        self._rest = None
        self._shutdown(plain_socket.SHUT_RDWR)
        self._on_cut()

    def end(self) -> None:
        """No more is written; the client sees the end after what was sent."""
        self._shutdown(plain_socket.SHUT_WR)

    def _shutdown(self, how: int) -> None:
        try:
            self._sock.shutdown(how)
        except (OSError, ValueError):
            return

    def recv(self, size: int) -> bytes:
        data: bytes = self._sock.recv(min(size, MOUTHFUL))
        now = monotonic()
        self._may_say = min(TALK_RATE, self._may_say + (now - self._said_at) * TALK_RATE) - len(data)
        self._said_at = now
        if self._may_say < 0:
            gevent.sleep(-self._may_say / TALK_RATE)
        return data

    def fileno(self) -> int:
        return int(self._sock.fileno())

    def close(self) -> None:
        """The library is done with the connection. A writer may still wait on it: the shutdown wakes it."""
        self.broken = True
        self._waiting.clear()
        self._rest = None
        self._shutdown(plain_socket.SHUT_RDWR)
        self._sock.close()


class Socket:
    """One client's WebSocket. Every method but `receive` returns at once."""

    def __init__(self, ws: Any, *, on_cut: Callable[[], None] = lambda: None) -> None:
        self._ws = ws
        self._count_cut = on_cut
        self._outlet = _Outlet(ws.sock, self._was_cut)
        ws.sock = self._outlet

    @property
    def closed(self) -> bool:
        return self._outlet.broken or not self._ws.connected

    @property
    def idle(self) -> bool:
        """Whether everything sent so far has left; a client that is not idle is slow, or under load."""
        return self._outlet.idle

    def on_idle(self, callback: Callable[[], None] | None) -> None:
        """`callback` runs each time a backlog has been written. It must not block."""
        self._outlet.on_idle = callback

    def send(self, message: str | bytes, *, key: object = None) -> None:
        """Sends a text message. With `key`, it takes the place of a message of that key that still waits: the latest wins."""
        self.send_frame(encode_frame(message), key=key)

    def send_frame(self, frame: bytes, *, key: object = None) -> None:
        """`send` for a frame made once by `encode_frame` and shared by many. A closed socket ignores it."""
        if not self.closed:
            self._outlet.put(object() if key is None else key, frame)

    def receive(self, timeout: float | None = None) -> str | bytes | None:
        """The client's next message, or None after `timeout` seconds. Raises SocketClosed."""
        try:
            message: str | bytes | None = self._ws.receive(timeout=timeout)
        except ConnectionClosed:
            raise SocketClosed from None
        if message is None and (self.closed or not self._ws.thread.is_alive()):
            raise SocketClosed
        return message

    def close(self, code: int = GOING_AWAY, reason: str = "") -> None:
        """Says goodbye, if there is anybody to say it to. `receive` raises SocketClosed from then on."""
        if self.closed:
            return
        try:
            self._ws.close(code, reason)
        except (ConnectionClosed, OSError):
            pass
        finally:
            self._ws.event.set()

    def _was_cut(self) -> None:
        self._ws.connected = False
        self._ws.event.set()
        self._count_cut()

    def finish(self) -> None:
        """After the handler: the close frame and what waits before it still go out; who stays then is cut."""
        self.close(1000)
        gevent.spawn(self._linger)

    def _linger(self) -> None:
        with gevent.Timeout(WRITE_DEADLINE, False):
            while not self._outlet.idle and not self._outlet.broken:
                gevent.sleep(0.05)
            self._outlet.end()
            gevent.sleep(1.0)
        self._outlet.cut()


class Sockets:
    """Registers socket routes and knows the open ones. `limit`: how many may be open, None for any number."""

    def __init__(self, *, open_files: int | None) -> None:
        self.limit = None if open_files is None else int(open_files * SOCKET_SHARE)
        self.open: set[Socket] = set()
        self.cut_clients = 0
        self._sock = Sock()

    @property
    def full(self) -> bool:
        return self.limit is not None and len(self.open) >= self.limit

    def route(self, blueprint: Blueprint, path: str) -> Callable[[Callable[..., None]], Callable[..., None]]:
        """Decorates a handler `(socket, **view arguments)`; the connection ends when it returns."""

        def decorate(handler: Callable[..., None]) -> Callable[..., None]:
            def serve(ws: Any, **arguments: Any) -> None:
                socket = Socket(ws, on_cut=self._count_cut)
                self.open.add(socket)
                try:
                    handler(socket, **arguments)
                except SocketClosed:
                    pass
                finally:
                    self.open.discard(socket)
                    socket.finish()

            serve.__name__ = handler.__name__
            self._sock.route(path, bp=blueprint)(serve)
            return handler

        return decorate

    def _count_cut(self) -> None:
        self.cut_clients += 1

    def close_all(self) -> None:
        """Tells every client that this process goes; they come back to its successor."""
        for socket in list(self.open):
            socket.close(GOING_AWAY, "restarting")
