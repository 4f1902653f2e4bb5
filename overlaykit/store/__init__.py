"""Redis and Valkey: clients with known timeouts, ledger reading, leases, tokens, open overlays. Nobody else builds a client."""

from overlaykit.store.client import answers, connect, connect_async, whole_url
from overlaykit.store.decisions import read_decisions, read_decisions_async, write_decisions
from overlaykit.store.lane import Lane
from overlaykit.store.lease import Lease, LeaseLost
from overlaykit.store.outbox import (
    DeadLetter,
    Outbox,
    OutboxNow,
    Start,
    Taken,
    TargetState,
    TargetStatus,
    read_outbox,
)
from overlaykit.store.overlays import (
    OverlayHealth,
    OverlayPage,
    OverlayReport,
    PageState,
    list_overlays,
    list_overlays_async,
    note_overlays,
    overlay_query,
)
from overlaykit.store.routing import AsyncStoreClient, StoreClient
from overlaykit.store.scripts import Script, by_hash, make_script, run_script, run_script_async
from overlaykit.store.tail import tail_read, tail_read_async
from overlaykit.store.tokens import SCOPES, TokenCopy, TokenRecord, Tokens, digest

__all__ = [
    "SCOPES",
    "AsyncStoreClient",
    "DeadLetter",
    "Lane",
    "Lease",
    "LeaseLost",
    "Outbox",
    "OutboxNow",
    "OverlayHealth",
    "OverlayPage",
    "OverlayReport",
    "PageState",
    "Script",
    "Start",
    "StoreClient",
    "Taken",
    "TargetState",
    "TargetStatus",
    "TokenCopy",
    "TokenRecord",
    "Tokens",
    "answers",
    "by_hash",
    "connect",
    "connect_async",
    "digest",
    "list_overlays",
    "list_overlays_async",
    "make_script",
    "note_overlays",
    "overlay_query",
    "read_decisions",
    "read_decisions_async",
    "read_outbox",
    "run_script",
    "run_script_async",
    "tail_read",
    "tail_read_async",
    "whole_url",
    "write_decisions",
]
