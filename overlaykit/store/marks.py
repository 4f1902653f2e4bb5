"""What platforms have told of orders so far, as the gateway needs it to tell news from what is late or told again.

Two memories: one mark for each order, of the orders told of last; and what is done for good, such as a refund, kept as long as the
ledger, since a platform may tell of it again after days. What a mark says is the gateway's business: bytes here.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from hashlib import blake2b
from typing import Any, TypeVar

import redis.asyncio

from overlaykit.store.client import answers
from overlaykit.store.lease import LeaseLost
from overlaykit.store.scripts import own_script, run_script_async

K = TypeVar("K")

ORDERS_AT_MOST = 300_000
"""Orders of which a mark is kept: some 40 MB."""


class Marks:
    """Those of the inbox under `key`. `fence_key`: the fencing counter of the gateway's lease (`Lease.fence_key`), which `write`
    asks. Every call raises StoreAway."""

    def __init__(self, client: redis.asyncio.Redis, key: str, fence_key: str) -> None:
        self._client: Any = client  # redis-py types each answer as the union of all protocols' answers
        self._orders, self._told, self._settled = f"{key}:orders", f"{key}:orders:told", f"{key}:settled"
        self._fence = fence_key

    async def orders(self, names: Sequence[str]) -> dict[str, bytes]:
        """The marks of those orders that have one."""
        return dict(_found(names, await self._read(self._orders, [_field(name) for name in names])))

    async def settled(self, keys: Sequence[bytes]) -> dict[bytes, int]:
        """The units of those that are done for good."""
        return {key: int(units) for key, units in _found(keys, await self._read(self._settled, keys))}

    async def write(self, orders: Mapping[str, bytes], settled: Mapping[bytes, int], token: int) -> None:
        """Keeps both, at once. `token`: the lease's fencing token, from before the marks were read. Raises LeaseLost, and keeps
        nothing, when another has led since."""
        if not orders and not settled:
            return
        arguments: list[str | bytes | int] = [token, ORDERS_AT_MOST, len(orders)]
        arguments += [each for name, mark in orders.items() for each in (_field(name), mark)]
        arguments += [each for key, units in settled.items() for each in (key, units)]
        keys = [self._orders, self._told, self._settled, self._fence]
        with answers():
            said = int(await run_script_async(self._client, own_script("marks_write"), keys, arguments))
        if said < 0:
            raise LeaseLost("another gateway has led since the marks of these orders were read")

    async def _read(self, key: str, fields: Sequence[bytes]) -> list[bytes | None]:
        if not fields:
            return []
        with answers():
            found: list[bytes | None] = await self._client.hmget(key, fields)
        return found


def _field(name: str) -> bytes:
    """An order's name has up to 128 characters; 16 bytes tell orders apart as well."""
    return blake2b(name.encode("utf-8", "surrogatepass"), digest_size=16).digest()


def _found(keys: Sequence[K], values: Sequence[bytes | None]) -> list[tuple[K, bytes]]:
    return [(key, value) for key, value in zip(keys, values, strict=True) if value is not None]
