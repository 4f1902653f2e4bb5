"""One order to many overlays: when has the last of them got the new number?"""

from __future__ import annotations

import base64
import json
import os
import selectors
import socket
import subprocess
import time
import urllib.request
from statistics import median
from urllib.parse import urlsplit

from overlaykit.cli.bench.figures import Figure, quantile
from overlaykit.cli.bench.rooms import Target
from overlaykit.errors import StateError

ROUNDS = 20
QUIET_SECONDS = 0.1


def to_sockets(target: Target, count: int) -> list[Figure]:
    """Opens `count` sockets of the number overlay, posts orders one by one, and takes for each the time from before the post
    until a frame with the new number has been read from every socket."""
    place = urlsplit(target.page)
    selector = selectors.DefaultSelector()
    layout = place.path.rsplit("/", 1)[1]
    path = f"/ws/overlay?layout={layout}&{place.query}"
    sockets = [upgrade(place.hostname or "", place.port or 80, path) for _ in range(count)]
    try:
        for each in sockets:
            each.setblocking(False)
            selector.register(each, selectors.EVENT_READ)
        _read_for(selector, 1.5)
        delays, lasts = [], []
        for number in range(ROUNDS):
            started = time.perf_counter()
            available = _post(target, f"fan-{os.getpid()}-{time.time_ns()}-{number}")
            wanted = {f"{available}".encode(), f"{available:,}".encode()}
            arrivals = _read_until(selector, count, wanted, started)
            delays += arrivals
            lasts.append(max(arrivals))
            _read_for(selector, QUIET_SECONDS)
    finally:
        selector.close()
        for each in sockets:
            each.close()
    return [
        Figure(f"fan-out to {count}, p50", quantile(delays, 0.5) * 1000, "ms", more_is_better=False),
        Figure(f"fan-out to {count}, last client", median(lasts) * 1000, "ms", more_is_better=False),
    ]


def peer_to_sockets(target: Target, count: int) -> list[Figure]:
    """The same for the peer, by the `fanout.js` in its folder."""
    printed = subprocess.run(
        ["node", "fanout.js", str(count)], cwd=target.folder, capture_output=True, text=True, check=True
    ).stdout.split()
    return [
        Figure(f"fan-out to {count}, p50", float(printed[printed.index("p50") + 1]), "ms", more_is_better=False),
        Figure(
            f"fan-out to {count}, last client",
            float(printed[printed.index("last-median") + 1]),
            "ms",
            more_is_better=False,
        ),
    ]


def upgrade(host: str, port: int, path: str) -> socket.socket:
    """A WebSocket on a bare connection, its handshake done. Raises StateError when the server refuses."""
    connection = socket.create_connection((host, port), timeout=20)
    key = base64.b64encode(os.urandom(16)).decode()
    request = f"GET {path} HTTP/1.1\r\nHost: {host}:{port}\r\nUpgrade: websocket\r\nConnection: Upgrade\r\n"
    connection.sendall((request + f"Sec-WebSocket-Key: {key}\r\nSec-WebSocket-Version: 13\r\n\r\n").encode())
    answer = connection.recv(1024)
    if b" 101 " not in answer.split(b"\r\n", 1)[0]:
        raise StateError(f"no socket at {path}: {answer[:200]!r}")
    return connection


def _post(target: Target, name: str) -> int:
    request = urllib.request.Request(
        target.post,
        data=target.body.replace("{i}", name).encode(),
        headers={"Content-Type": "application/json", **target.headers},
    )
    with urllib.request.urlopen(request, timeout=20) as answer:
        found = json.load(answer)
    for part in target.answer.split("."):
        found = found[part]
    return int(found)


def _read_for(selector: selectors.BaseSelector, seconds: float) -> None:
    deadline = time.perf_counter() + seconds
    while (left := deadline - time.perf_counter()) > 0:
        for key, _ in selector.select(left):
            _receive(key.fileobj)


def _read_until(selector: selectors.BaseSelector, count: int, wanted: set[bytes], started: float) -> list[float]:
    arrivals: dict[int, float] = {}
    deadline = started + 20
    while len(arrivals) < count:
        for key, _ in selector.select(1.0):
            data = _receive(key.fileobj)
            now = time.perf_counter()
            if key.fd not in arrivals and any(number in data for number in wanted):
                arrivals[key.fd] = now - started
        if time.perf_counter() > deadline:
            raise StateError(f"only {len(arrivals)} of {count} sockets got the number within 20 s")
    return list(arrivals.values())


def _receive(connection: object) -> bytes:
    assert isinstance(connection, socket.socket)
    data = connection.recv(262_144)
    if not data:
        raise StateError("the server closed a socket during the measurement")
    return data
