"""What the leading director decided of each rule lately, and why: kept beside the ledger, for whoever asks. The ledger alone is
the truth; it holds what fired, and not what nearly did.

KEY  hash: rule → its last decisions as the director encoded them, the newest last
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import redis
import redis.asyncio

from overlaykit.store.client import answers

KEPT_MS = 7 * 86_400_000
"""Milliseconds without a word after which they are forgotten."""


async def write_decisions(client: redis.asyncio.Redis, key: str, decisions: Mapping[str, bytes]) -> None:
    """Replaces those of these rules; there is at least one. Raises StoreAway."""
    with answers():
        await client.hset(key, mapping=dict(decisions))  # type: ignore[arg-type]
        await client.pexpire(key, KEPT_MS)


async def read_decisions_async(client: redis.asyncio.Redis, key: str) -> dict[str, bytes]:
    """By rule. Raises StoreAway."""
    with answers():
        return _by_rule(await client.hgetall(key))


def read_decisions(client: redis.Redis, key: str) -> dict[str, bytes]:
    """By rule. Raises StoreAway."""
    with answers():
        return _by_rule(client.hgetall(key))


def _by_rule(found: Any) -> dict[str, bytes]:
    return {rule.decode(): text for rule, text in found.items()}
