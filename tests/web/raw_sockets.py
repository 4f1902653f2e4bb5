"""A WebSocket client that reads when it is told to, and looks at every byte: frames have to be whole, in order, and legal."""

from __future__ import annotations

import base64
import json
import os
import select
import socket
import struct
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from typing import Any

TEXT, CLOSE, PING, PONG = 0x1, 0x8, 0x9, 0xA


class Refused(Exception):
    """The server answered with a status instead of a socket."""

    def __init__(self, status: int, body: bytes) -> None:
        super().__init__(f"{status}: {body.decode(errors='replace')}")
        self.status = status
        self.body = body


class Frames:
    """Parses what a server sends, fed in pieces of any size. Anything that RFC 6455 forbids a server fails at once.

    whole    (opcode, payload) of every frame that has arrived to its last byte
    rest     bytes of the frame that is under way
    closed   a close frame came: nothing may follow
    """

    def __init__(self) -> None:
        self.whole: list[tuple[int, bytes]] = []
        self.rest = b""
        self.closed = False

    def feed(self, data: bytes) -> None:
        self.rest += data
        while self._take_one():
            pass

    def _take_one(self) -> bool:
        if not self.rest:
            return False
        assert not self.closed, f"{self.rest[:40]!r} after the close frame"
        first = self.rest[0]
        assert first in (0x80 | TEXT, 0x80 | CLOSE, 0x80 | PING, 0x80 | PONG), (
            f"no frame begins like {self.rest[:40]!r}"
        )
        if len(self.rest) < 2:
            return False
        short, head = self.rest[1], 2
        assert short < 128, "a server masks nothing"
        if short == 126:
            head = 4
        elif short == 127:
            head = 10
        assert head == 2 or first == 0x80 | TEXT, "a control frame is short"
        if len(self.rest) < head:
            return False
        size = short if head == 2 else int.from_bytes(self.rest[2:head], "big")
        assert head == 2 or size >= (126 if head == 4 else 65_536), f"{size} bytes are written too long"
        if len(self.rest) < head + size:
            return False
        payload, self.rest = self.rest[head : head + size], self.rest[head + size :]
        if first == 0x80 | TEXT:
            json.loads(payload.decode("utf-8"))
        self.whole.append((first & 0x0F, payload))
        self.closed = first & 0x0F == CLOSE
        return True

    @property
    def messages(self) -> list[dict[str, Any]]:
        """The text frames, read as JSON."""
        return [json.loads(payload) for opcode, payload in self.whole if opcode == TEXT]

    def of(self, opcode: int) -> list[bytes]:
        """The payloads of the frames of one kind."""
        return [payload for found, payload in self.whole if found == opcode]


def said_in(frame: bytes) -> dict[str, Any]:
    """The message of one whole text frame."""
    frames = Frames()
    frames.feed(frame)
    [message] = frames.messages
    return message


class RawSocket:
    """One open WebSocket. It takes nothing off the wire, and answers no ping, but when it is told to read."""

    def __init__(self, connection: socket.socket, early: bytes) -> None:
        self.connection = connection
        self.frames = Frames()
        self.frames.feed(early)
        self.ended = False
        self._arrived = select.poll()  # `select` itself knows no file above 1,023
        self._arrived.register(connection, select.POLLIN)

    def take(self, size: int) -> int:
        """Reads at most `size` bytes of what has arrived; gives how many. 0: nothing there, or ended."""
        if self.ended or not self._arrived.poll(0):
            return 0
        return self._read(size)

    def drain(self, seconds: float = 10.0) -> None:
        """Reads until the server has ended the connection."""
        self.connection.settimeout(seconds)
        while not self.ended:
            self._read(65_536)

    def take_until(self, kind: str, seconds: float = 10.0, **wanted: object) -> dict[str, Any]:
        """Reads until a message of this type, with these fields, has come; gives it."""
        self.connection.settimeout(seconds)
        seen = 0
        while True:
            for opcode, payload in self.frames.whole[seen:]:
                message = json.loads(payload) if opcode == TEXT else {"type": None}
                if message["type"] == kind and wanted.items() <= message.items():
                    return dict(message)
            seen = len(self.frames.whole)
            assert not self.ended, f"it ended before a {kind} came"
            self._read(65_536)

    def _read(self, size: int) -> int:
        try:
            data = self.connection.recv(size)
        except ConnectionResetError:
            data = b""
        self.ended = not data
        known = len(self.frames.whole)
        self.frames.feed(data)
        for opcode, payload in self.frames.whole[known:]:
            if opcode == PING:
                with suppress(OSError):  # it has gone since
                    self._send(PONG, payload)
        return len(data)

    def say(self, message: object) -> None:
        """Sends a text frame."""
        self._send(TEXT, json.dumps(message).encode())

    def ping(self, payload: bytes) -> None:
        self._send(PING, payload)

    def _send(self, opcode: int, payload: bytes) -> None:
        size = len(payload)
        head = bytes((0x80 | size,)) if size < 126 else b"\xfe" + struct.pack("!H", size)
        # A mask of zeros is a mask: what is sent stays readable in a capture.
        self.connection.sendall(bytes((0x80 | opcode,)) + head + bytes(4) + payload)

    def close(self) -> None:
        self.connection.close()


def open_raw(port: int, path: str, *, receive_buffer: int | None = None, timeout: float = 20.0) -> RawSocket:
    """Opens a socket at `path`. `receive_buffer`: bytes that the kernel keeps for us. Raises Refused, OSError."""
    connection = socket.socket()
    try:
        if receive_buffer is not None:
            connection.setsockopt(socket.SOL_SOCKET, socket.SO_RCVBUF, receive_buffer)
        connection.settimeout(timeout)
        connection.connect(("127.0.0.1", port))
        key = base64.b64encode(os.urandom(16)).decode()
        connection.sendall(
            f"GET {path} HTTP/1.1\r\nHost: x\r\nConnection: Upgrade\r\nUpgrade: websocket\r\n"
            f"Sec-WebSocket-Version: 13\r\nSec-WebSocket-Key: {key}\r\n\r\n".encode()
        )
        got = b""
        while b"\r\n\r\n" not in got:
            data = connection.recv(1024)
            if not data:
                raise ConnectionResetError(f"it ended within the handshake, after {got!r}")
            got += data
        head, _, rest = got.partition(b"\r\n\r\n")
        status = int(head.split(b" ", 2)[1])
        if status != 101:
            while data := connection.recv(65_536):
                rest += data
            raise Refused(status, rest)
        return RawSocket(connection, rest)
    except BaseException:
        connection.close()
        raise


@contextmanager
def raw(port: int, path: str, **options: Any) -> Iterator[RawSocket]:
    """`open_raw` for a while."""
    opened = open_raw(port, path, **options)
    try:
        yield opened
    finally:
        opened.close()
