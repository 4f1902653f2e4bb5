"""A TCP proxy on the loopback that misbehaves when told to: cuts connections, in the middle of an answer too, and stalls."""

from __future__ import annotations

import random
import selectors
import socket
import threading
import time
from dataclasses import dataclass


@dataclass(eq=False)
class _Pair:
    """A client's connection and ours to the server behind it."""

    client: socket.socket
    server: socket.socket
    cut_next_answer: bool = False


class Proxy(threading.Thread):
    """Listens on `port`, passes everything on to 127.0.0.1:`target`. Start it; `stop` ends it and every connection.

    cuts, stalls   how often each happened
    """

    def __init__(self, target: int, seed: int = 0) -> None:
        super().__init__(daemon=True)
        self._target = target
        self._dice = random.Random(seed)
        self._listener = socket.create_server(("127.0.0.1", 0), backlog=256)
        self.port: int = self._listener.getsockname()[1]
        self._selector = selectors.DefaultSelector()
        self._selector.register(self._listener, selectors.EVENT_READ)
        self._pairs: list[_Pair] = []
        self._lock = threading.Lock()
        self._stalled_until = 0.0
        self._stopped = False
        self.cuts = self.stalls = 0

    def url(self, store_url: str) -> str:
        """The URL of the store behind, through this proxy."""
        head, _, _ = store_url.rpartition("@")
        return f"{head}@127.0.0.1:{self.port}/0"

    def cut(self, *, in_answer: bool = False) -> None:
        """Ends one connection: at once, or when half of its next answer has been passed on."""
        with self._lock:
            if not self._pairs:
                return
            pair = self._dice.choice(self._pairs)
            if in_answer:
                pair.cut_next_answer = True
            else:
                self._end(pair)

    def cut_all(self) -> None:
        """Ends every connection in the middle of its next answer."""
        with self._lock:
            for pair in self._pairs:
                pair.cut_next_answer = True

    def stall(self, seconds: float) -> None:
        """Passes nothing on for so long."""
        self.stalls += 1
        self._stalled_until = time.monotonic() + seconds

    def run(self) -> None:
        while not self._stopped:
            wait = self._stalled_until - time.monotonic()
            if wait > 0:
                time.sleep(min(wait, 0.05))
                continue
            for key, _ in self._selector.select(0.05):
                if key.fileobj is self._listener:
                    self._accept()
                else:
                    self._pass_on(key.data, key.fileobj)  # type: ignore[arg-type]

    def stop(self) -> None:
        self._stopped = True
        self.join()
        with self._lock:
            for pair in list(self._pairs):
                self._end(pair, count=False)
        self._listener.close()
        self._selector.close()

    def _accept(self) -> None:
        client, _ = self._listener.accept()
        try:
            server = socket.create_connection(("127.0.0.1", self._target), 1.0)
        except OSError:
            client.close()
            return
        server.settimeout(None)
        pair = _Pair(client, server)
        with self._lock:
            self._pairs.append(pair)
            for side in (client, server):
                side.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
                self._selector.register(side, selectors.EVENT_READ, pair)

    def _pass_on(self, pair: _Pair, source: socket.socket) -> None:
        with self._lock:
            if pair not in self._pairs:
                return
            try:
                data = source.recv(65536)
                if not data:
                    self._end(pair, count=False)
                elif source is pair.client:
                    pair.server.sendall(data)
                elif pair.cut_next_answer:
                    pair.client.sendall(data[: len(data) // 2])
                    self._end(pair)
                else:
                    pair.client.sendall(data)
            except OSError:
                self._end(pair, count=False)

    def _end(self, pair: _Pair, *, count: bool = True) -> None:
        self.cuts += count
        self._pairs.remove(pair)
        for side in (pair.client, pair.server):
            self._selector.unregister(side)
            side.close()
