"""One holder at a time, a token that only grows, and a holder that stops believing in time."""

from __future__ import annotations

import asyncio
from collections.abc import Callable
from typing import TYPE_CHECKING

import pytest

from overlaykit.errors import StoreAway
from overlaykit.store import Lease, LeaseLost, connect_async

if TYPE_CHECKING:
    from tests.conftest import StoreServer

pytestmark = pytest.mark.store


class Clock:
    """Monotonic seconds that stand still until they are moved."""

    now = 100.0

    def __call__(self) -> float:
        return self.now


def test_the_second_waits_until_the_first_leaves(any_store: StoreServer, ledger: str) -> None:
    async def story() -> None:
        async with connect_async(any_store.url) as client:
            first = Lease(client, f"{{{ledger}}}:lease", "first")
            second = Lease(client, f"{{{ledger}}}:lease", "second")
            assert await first.take()
            assert not await second.take()
            assert await first.take(), "taking it again renews it"
            assert first.token == 1
            await first.leave()
            assert not first.held
            assert await second.take()
            assert second.token == 2

    asyncio.run(story())


def test_a_lease_nobody_renews_goes_to_the_next(any_store: StoreServer, ledger: str) -> None:
    async def story() -> None:
        clock = Clock()
        async with connect_async(any_store.url) as client:
            silent = Lease(client, f"{{{ledger}}}:lease", "silent", ttl=0.2, clock=clock)
            next_one = Lease(client, f"{{{ledger}}}:lease", "next", ttl=60)
            assert await silent.take()
            async with asyncio.timeout(5):
                while not await next_one.take():
                    await asyncio.sleep(0.02)
            clock.now += 0.2
            assert not silent.held
            with pytest.raises(LeaseLost):
                _ = silent.token
            assert not await silent.take()
            assert next_one.token == 2

    asyncio.run(story())


def test_the_holder_counts_from_before_it_asked(any_store: StoreServer, ledger: str) -> None:
    async def story() -> None:
        clock = Clock()
        async with connect_async(any_store.url) as client:
            lease = Lease(client, f"{{{ledger}}}:lease", "one", ttl=3, clock=clock)
            assert await lease.take()
            clock.now += 2.9
            assert lease.held
            clock.now += 0.1
            assert not lease.held, "the store may give it away now, so it is ours no more"

    asyncio.run(story())


def test_leaving_takes_nothing_from_another(any_store: StoreServer, ledger: str) -> None:
    async def story() -> None:
        async with connect_async(any_store.url) as client:
            holder = Lease(client, f"{{{ledger}}}:lease", "holder")
            other = Lease(client, f"{{{ledger}}}:lease", "other")
            assert await holder.take()
            await other.leave()
            assert not await other.take()

    asyncio.run(story())


def test_a_store_that_is_away_leaves_the_lease_to_run_out(new_store: Callable[..., StoreServer]) -> None:
    async def story() -> None:
        clock = Clock()
        server = new_store()
        async with connect_async(server.url) as client:
            lease = Lease(client, "{x}:lease", "one", clock=clock)
            assert await lease.take()
            server.kill()
            with pytest.raises(StoreAway):
                await lease.take()
            assert lease.held
            clock.now += 3
            assert not lease.held

    asyncio.run(story())
