"""A way to several web processes that leads now here, now there, and breaks when it is told to: what networks and balancers do."""

from __future__ import annotations

import random
import selectors
import socket
import threading
from contextlib import suppress


class Crossroads:
    """Listens on `port` of 127.0.0.1 and passes each connection on to one of `targets`, drawn by `dice`.

    targets   ports; may be changed at any time, for the connections to come
    """

    def __init__(self, dice: random.Random, targets: list[int]) -> None:
        self.targets = targets
        self._dice = dice
        self._listening = socket.create_server(("127.0.0.1", 0), backlog=64)
        self.port: int = self._listening.getsockname()[1]
        self._lock = threading.Lock()
        self._open: set[socket.socket] = set()
        self._through = threading.Event()
        self._through.set()
        threading.Thread(target=self._accept, daemon=True).start()

    def cut(self) -> None:
        """Every connection breaks, wherever in a frame it is."""
        with self._lock:
            for each in self._open:
                with suppress(OSError):
                    each.shutdown(socket.SHUT_RDWR)

    def swallow(self) -> None:
        """Nothing comes through any more, and nobody is told: a phone that left the WLAN. `let_through` ends it."""
        self._through.clear()

    def let_through(self) -> None:
        self._through.set()

    def close(self) -> None:
        self.let_through()
        with suppress(OSError):
            self._listening.shutdown(socket.SHUT_RDWR)  # wakes the thread that accepts
        self._listening.close()
        self.cut()

    def _accept(self) -> None:
        while True:
            try:
                client, _ = self._listening.accept()
            except OSError:
                return
            threading.Thread(target=self._serve, args=(client,), daemon=True).start()

    def _serve(self, client: socket.socket) -> None:
        with client:
            try:
                server = socket.create_connection(("127.0.0.1", self._dice.choice(self.targets)), timeout=10)
            except OSError:
                return
            with server:
                both = {client, server}
                with self._lock:
                    self._open |= both
                with suppress(OSError):
                    self._pass_on(client, server)
                with self._lock:
                    self._open -= both

    def _pass_on(self, one: socket.socket, other: socket.socket) -> None:
        with selectors.DefaultSelector() as selector:
            selector.register(one, selectors.EVENT_READ, other)
            selector.register(other, selectors.EVENT_READ, one)
            while True:
                for key, _ in selector.select():
                    self._through.wait()
                    data = key.fileobj.recv(65_536)  # type: ignore[union-attr]
                    if not data:
                        return
                    key.data.sendall(data)
