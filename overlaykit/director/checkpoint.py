"""Where the rules of a session stand, kept in the store: a new director goes on from there instead of reading everything.

It is true at its entry, whichever entry that is: who takes it up reads the ledger from there.
"""

from __future__ import annotations

import asyncio
import zlib
from hashlib import blake2b
from typing import Any

import msgspec
from msgspec import Struct

from overlaykit.director.runs import Run
from overlaykit.model.sessions import SessionPlan
from overlaykit.model.state import State
from overlaykit.rules import Memory
from overlaykit.store import AsyncStoreClient, answers

VERSION = 1
"""Of this form, and of what rules remember: another version begins anew."""
KEPT = 7 * 86_400_000
"""Milliseconds without a word after which it is forgotten."""


class Checkpoint(Struct, kw_only=True):
    """After entry `state.seq`.

    plan      digest of what the plan says of rules: another plan has other rules
    line      digest of that entry: a ledger with another one has another history
    runs      the latest firings, and what is known to have become of their actions
    """

    version: int
    plan: bytes
    line: bytes
    state: State
    memory: Memory
    runs: list[Run]

    def encoded(self) -> bytes:
        """As it is now; nothing that changes later changes it."""
        return msgspec.msgpack.encode(self)


def digest(line: bytes) -> bytes:
    """A ledger line, or anything else, told from another."""
    return blake2b(line, digest_size=16).digest()


def rules_digest(plan: SessionPlan) -> bytes:
    """What the plan says of rules, told from what another says."""
    return digest(msgspec.json.encode(plan.later, order="deterministic"))


async def write_checkpoint(client: AsyncStoreClient, key: str, encoded: bytes) -> None:
    """Raises StoreAway."""
    packed = await asyncio.to_thread(zlib.compress, encoded, 1)
    with answers():
        await client.set(key, packed, px=KEPT)


async def read_checkpoint(client: AsyncStoreClient, key: str) -> Checkpoint | None:
    """None without one, or with one that this version cannot read. Raises StoreAway."""
    with answers():
        packed: Any = await client.get(key)
    if packed is None:
        return None
    try:
        found = msgspec.msgpack.decode(zlib.decompress(packed), type=Checkpoint)
    except (zlib.error, msgspec.DecodeError):
        return None
    return found if found.version == VERSION else None
