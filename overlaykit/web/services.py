"""What the web edge is given by whoever starts it. It builds no client and reads no environment itself."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any, Literal, Protocol

import redis

from overlaykit.config import Config
from overlaykit.model.connectors import Connector
from overlaykit.model.plugins import Theme
from overlaykit.model.settings import Secret
from overlaykit.pluginhost.status import PluginStatus
from overlaykit.pluginhost.targets import Secrets
from overlaykit.stock import SessionDirectory, StockEngine
from overlaykit.store import StoreClient, Tokens, connect

Identify = Callable[[str | None, str], str]
"""(channel, buyer's id there) → who that is: a text that is the same for the same person."""


class NoSecrets:
    """Where nobody has set any."""

    def find(self, section: str, name: str, field: str) -> Secret | None:
        return None


class SecretKeeper(Protocol):
    """Where secrets may be set in the evening, and who has set them."""

    def origin(self, section: str, name: str, field: str) -> Literal["environment", "kept"] | None:
        """Who has set the secret `field` of [section.name]; None: nobody."""

    def keep(self, section: str, name: str, field: str, text: str | None) -> None:
        """Keeps it from now on, or with None no more. Raises UserError when it cannot be kept."""


@dataclass(kw_only=True)
class Services:
    """The collaborators of one web process.

    client       for commands and short reads; `connect(url)`
    redis_url    where rooms and group commits open connections of their own, so that a blocked read delays nobody
    tokens       who may do what
    directory    the sessions the store knows
    themes       theme name → theme, as discovered
    signing_key  signs the login cookie; at least 32 secret bytes, the same in every web process
    connectors   connector name → class, as discovered: who understands messages of platforms
    secrets      of the plan's channels
    keeper       where secrets are set from the desk; None where this process cannot keep any
    plugins      what became of each plugin and theme, as it is now
    open_files   files this process may have open (its raised limit), None when not limited: sockets are refused at 60 % of it
    folder_of    session → the folder of its plan, where its pictures are; None where this machine does not have it
    identify     who buyers are, where a plugin says so; None: as they are sent. It raises nothing
    complaints   what goes wrong in plugins just now, for people
    addresses    http://HOST:PORT for each way on which others reach this process, the best for them first
    token_texts  scope → text of the room's tokens, as far as this machine keeps them: for those who may hand them out
    allowed_origins   further origins whose pages may open sockets with a token, such as http://localhost:5173
    """

    config: Config
    redis_url: str
    client: StoreClient
    tokens: Tokens
    directory: SessionDirectory
    themes: Mapping[str, Theme]
    signing_key: bytes
    connectors: Mapping[str, type[Connector[Any]]] = field(default_factory=dict)
    secrets: Secrets = field(default_factory=NoSecrets)
    keeper: SecretKeeper | None = None
    plugins: Callable[[], Sequence[PluginStatus]] = tuple
    open_files: int | None = None
    folder_of: Callable[[str], Path | None] = lambda session: None
    identify: Identify | None = None
    complaints: Callable[[], Sequence[str]] = lambda: ()
    addresses: Callable[[], Sequence[str]] = tuple
    token_texts: Callable[[], Mapping[str, str]] = dict
    allowed_origins: tuple[str, ...] = ()
    _engines: dict[str, StockEngine] = field(default_factory=dict, repr=False)

    def engine(self, ledger: str) -> StockEngine:
        """The engine of a ledger; one per process, since it remembers how far it has seen."""
        found = self._engines.get(ledger)
        if found is None:
            found = self._engines[ledger] = StockEngine(self.client, ledger)
        return found

    def lone_engine(self, ledger: str) -> StockEngine:
        """Another engine of the ledger, on a connection of its own, for one caller at a time."""
        return StockEngine(self.lone_client(), ledger, self.engine(ledger).seen)

    def lone_client(self) -> redis.Redis:
        """A client with a single connection to each server, for one caller at a time: `connect(url, lone=True)`.
        To be closed by `close_lone_client`."""
        return connect(self.redis_url, lone=True)


def close_lone_client(client: redis.Redis) -> None:
    """Ends the connection of a client that `Services.lone_client` made."""
    client.close()
