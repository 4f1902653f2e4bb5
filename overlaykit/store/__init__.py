"""Redis and Valkey: clients with known timeouts, ledger reading, leases, tokens. Nobody else builds a client."""

from overlaykit.store.client import answers, connect, connect_async, whole_url
from overlaykit.store.lane import Lane
from overlaykit.store.lease import Lease, LeaseLost
from overlaykit.store.routing import AsyncStoreClient, StoreClient
from overlaykit.store.tail import tail_read, tail_read_async
from overlaykit.store.tokens import SCOPES, TokenRecord, Tokens, digest

__all__ = [
    "SCOPES",
    "AsyncStoreClient",
    "Lane",
    "Lease",
    "LeaseLost",
    "StoreClient",
    "TokenRecord",
    "Tokens",
    "answers",
    "connect",
    "connect_async",
    "digest",
    "tail_read",
    "tail_read_async",
    "whole_url",
]
