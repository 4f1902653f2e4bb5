"""Redis and Valkey: clients with known timeouts, ledger reading, leases, tokens. Nobody else builds a client."""

from overlaykit.store.client import answers, connect, connect_async
from overlaykit.store.lease import Lease, LeaseLost
from overlaykit.store.tail import tail_read, tail_read_async
from overlaykit.store.tokens import SCOPES, TokenRecord, Tokens, digest

__all__ = [
    "SCOPES",
    "Lease",
    "LeaseLost",
    "TokenRecord",
    "Tokens",
    "answers",
    "connect",
    "connect_async",
    "digest",
    "tail_read",
    "tail_read_async",
]
