"""What the web edge is given by whoever starts it. It builds no client and reads no environment itself."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from pathlib import Path

import redis

from overlaykit.config import Config
from overlaykit.model.plugins import Theme
from overlaykit.stock import SessionDirectory, StockEngine
from overlaykit.store import Tokens, answers, connect


@dataclass(kw_only=True)
class Services:
    """The collaborators of one web process.

    client       for commands and short reads; `connect(url)`
    redis_url    where rooms open their own connection, so that a blocked read delays nobody
    tokens       who may do what
    directory    the sessions the store knows
    themes       theme name → theme, as discovered
    signing_key  signs the login cookie; at least 32 secret bytes, the same in every web process
    open_files   files this process may have open (its raised limit), None when not limited: sockets are refused at 45 % of it
    folder_of    session → the folder of its plan, where its pictures are; None where this machine does not have it
    allowed_origins   further origins whose pages may open sockets with a token, such as http://localhost:5173
    """

    config: Config
    redis_url: str
    client: redis.Redis
    tokens: Tokens
    directory: SessionDirectory
    themes: Mapping[str, Theme]
    signing_key: bytes
    open_files: int | None = None
    folder_of: Callable[[str], Path | None] = lambda session: None
    allowed_origins: tuple[str, ...] = ()
    _engines: dict[str, StockEngine] = field(default_factory=dict, repr=False)

    def engine(self, ledger: str) -> StockEngine:
        """The engine of a ledger; one per process, since it remembers how far it has seen."""
        found = self._engines.get(ledger)
        if found is None:
            found = self._engines[ledger] = StockEngine(self.client, ledger)
        return found

    def reader(self) -> redis.Redis:
        """A client with one connection of its own, for a blocking reader. Raises StoreAway.

        A pool would replace a connection that broke between two commands without a word. Here each break is an error, so
        that the reader knows when the store behind it may be another. To be closed by `close_reader`.
        """
        pool = connect(self.redis_url).connection_pool
        with answers():
            return redis.Redis(connection_pool=pool, single_connection_client=True)


def close_reader(client: redis.Redis) -> None:
    """Ends the connection of a client that `Services.reader` made."""
    client.close()
    client.connection_pool.disconnect()
