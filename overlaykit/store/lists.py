"""Waiting for what another process puts into a list."""

from __future__ import annotations

from typing import Any

import redis.asyncio

from overlaykit.store.client import answers, read_timeout


async def take_first(client: redis.asyncio.Redis, key: str, seconds: float) -> bytes | None:
    """Takes the first of the list `key`; waits for one, for `seconds` or half of the client's timeout at most. None when there came
    none. Raises StoreAway."""
    asked: Any = client  # redis-py leaves it untyped
    with answers():
        most = max(0.01, min(seconds, read_timeout(client) / 2))
        found = await asked.execute_command("BLPOP", key, str(round(most, 3)))
    return None if found is None else found[1]
