"""A lease: one process at a time does a job, and every stroke of it carries a number that only grows.

The holder counts its time from *before* it asked, on the monotonic clock, so it always stops believing before the store
gives the lease to another. The fencing token lets the store refuse a stroke that was held up on its way.
"""

from __future__ import annotations

import time
from collections.abc import Callable

import redis
import redis.asyncio

from overlaykit.errors import OverlaykitError
from overlaykit.store.client import answers
from overlaykit.store.scripts import own_script, run_script_async

TTL = 3.0
"""Seconds a lease lasts without renewal."""


def is_leased(client: redis.Redis, key: str) -> bool:
    """Whether any process has the lease now. Raises StoreAway."""
    with answers():
        return bool(client.exists(key))


class LeaseLost(OverlaykitError):
    """The lease ran out or another has it: what was about to be sent must not be sent."""


class Lease:
    """The lease `key` (with the ledger's hash tag, such as `{brand-1111}:lease:director`), wanted by `holder`.

    `holder` is unique per process. `clock` gives monotonic seconds.
    """

    def __init__(
        self,
        client: redis.asyncio.Redis,
        key: str,
        holder: str,
        *,
        ttl: float = TTL,
        clock: Callable[[], float] = time.monotonic,
    ) -> None:
        self._client = client
        self._keys = [key, f"{key}:fence"]
        self._holder = holder
        self._ttl = ttl
        self._clock = clock
        self._token = 0
        self._until = 0.0
        self._take = own_script("lease_take")
        self._leave = own_script("lease_leave")

    @property
    def fence_key(self) -> str:
        """The counter whose value is the highest token given: a script that compares it with its caller's refuses the others."""
        return self._keys[1]

    @property
    def held(self) -> bool:
        """Whether it is surely ours now. Ask before each stroke."""
        return self._token > 0 and self._clock() < self._until

    @property
    def token(self) -> int:
        """The fencing token of the current holding. Raises LeaseLost when it is not ours any more."""
        if not self.held:
            raise LeaseLost(f"the lease {self._keys[0]} is not held by {self._holder}")
        return self._token

    async def take(self) -> bool:
        """Takes or renews it; call about three times in `ttl`. True when it is ours.

        Raises StoreAway; until the lease runs out, `held` stays true then.
        """
        asked = self._clock()
        with answers():
            token = int(
                await run_script_async(self._client, self._take, self._keys, [self._holder, int(self._ttl * 1000)])
            )
        self._token = token
        self._until = asked + self._ttl if token else 0.0
        return self.held

    async def leave(self) -> None:
        """Gives it back. Raises StoreAway; the lease then runs out by itself."""
        self._token, self._until = 0, 0.0
        with answers():
            await run_script_async(self._client, self._leave, self._keys[:1], [self._holder])
