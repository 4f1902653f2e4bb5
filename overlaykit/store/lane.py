"""One connection to the server of one key, on which calls are sent ahead of their answers."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

from redis.exceptions import AskError

from overlaykit.store.client import answers
from overlaykit.store.routing import TROUBLE, StoreClient


class Lane:
    """The server works off what was sent in order, and answers in that order. To be closed. Raises StoreAway throughout.

    After an error nothing more can be sent, and what was sent and not answered may have run.
    """

    def __init__(self, client: StoreClient, key: str) -> None:
        self._client = client
        with self._answers():
            self._pool = client.node_for(key).connection_pool
            self._connection: Any = self._pool.get_connection()
        self.waiting = 0
        """Calls that were sent and not answered yet."""

    def send(self, *command: Any) -> None:
        """Sends one command."""
        with self._answers():
            self._connection.send_command(*command)
        self.waiting += 1

    def receive(self) -> Any:
        """The answer to the oldest command that has none yet. Errors of the command itself pass through."""
        with self._answers():
            answer = self._connection.read_response()
        self.waiting -= 1
        return answer

    def close(self) -> None:
        """Gives the connection back; one with answers still on their way is ended."""
        if self.waiting:
            self._connection.disconnect()
        self._pool.release(self._connection)

    @contextmanager
    def _answers(self) -> Iterator[None]:
        topology = self._client.topology
        with answers():
            try:
                yield
            except AskError as error:
                topology.redirected(error, topology.seeds[0])
                raise
            except TROUBLE:
                topology.doubt()
                raise
