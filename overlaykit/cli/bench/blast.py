"""The reference for η: the same calls, made beforehand, over a bare socket with many under way.

It does what `redis-benchmark -P` does. That program cannot be used itself: its arguments cannot hold a NUL byte, which
fingerprints and packed fields have, and its random parts give neither ids that are new each time nor fingerprints that
fit them, so that most of its orders would be answered as duplicates, at another cost.
"""

from __future__ import annotations

import selectors
import socket
import time
from collections.abc import Iterable, Sequence
from typing import Any
from urllib.parse import unquote, urlsplit

from overlaykit.cli.bench.orders import ACCEPTED, encode_calls
from overlaykit.errors import StateError
from overlaykit.model.commands import Submission
from overlaykit.stock import StockEngine

UNDER_WAY = 32
"""Calls sent and not answered."""
READ = 1 << 18
SILENCE = 60.0
REFUSED = b'"status":"refused"'


def encode_wire(engine: StockEngine, submissions: Sequence[Submission], batch: int) -> list[bytes]:
    """The calls as they cross the wire, byte for byte what the engine itself would send."""
    return [_wire(engine.packed_call(call)) for call in encode_calls(engine, submissions, batch)]


def blast(url: str, calls: Sequence[bytes], batch: int, orders: int) -> float:
    """Seconds until the last of `orders`, `batch` to a call, was answered; StateError when one was not accepted.

    Of the answers no more is read than how many were accepted.
    """
    with _connect(url) as connection, selectors.DefaultSelector() as selector:
        connection.setblocking(False)
        selector.register(connection, selectors.EVENT_READ | selectors.EVENT_WRITE)
        waiting, sent, accepted, end, began = memoryview(b""), 0, 0, b"", False
        started = time.perf_counter()
        while accepted < orders:
            if not waiting and sent < len(calls) and sent - accepted // batch < UNDER_WAY:
                waiting = memoryview(calls[sent])
                sent += 1
            selector.modify(connection, selectors.EVENT_READ | (selectors.EVENT_WRITE if waiting else 0))
            ready = selector.select(SILENCE)
            if not ready:
                raise StateError(f"the store answered nothing for {SILENCE:.0f} s after {accepted} of {orders} orders")
            if ready[0][1] & selectors.EVENT_WRITE:
                waiting = waiting[connection.send(waiting) :]
            if ready[0][1] & selectors.EVENT_READ:
                text = end + connection.recv(READ)
                if text == end or (text[:1] == b"-" and not began) or REFUSED in text:
                    raise StateError(f"the store did not accept every order of the benchmark: {text[:200]!r}")
                accepted += text.count(ACCEPTED)
                end, began = text[-len(ACCEPTED) + 1 :], True
        return time.perf_counter() - started


def _connect(url: str) -> socket.socket:
    place = urlsplit(url)
    connection = socket.create_connection((place.hostname or "127.0.0.1", place.port or 6379), timeout=20)
    connection.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
    connection.sendall(_wire(["AUTH", unquote(place.password or "")]))
    answer = connection.recv(64)
    if answer != b"+OK\r\n":
        raise StateError(f"the store does not let the benchmark in: {answer!r}")
    return connection


def _wire(arguments: Iterable[Any]) -> bytes:
    parts = [each if isinstance(each, bytes) else str(each).encode() for each in arguments]
    return b"*%d\r\n" % len(parts) + b"".join(b"$%d\r\n%b\r\n" % (len(part), part) for part in parts)
