"""What was told of orders, and what connectors remember: there after a restart, bounded, on every make of store."""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable
from typing import TYPE_CHECKING, TypeVar

import pytest

from overlaykit.errors import StoreAway, UserError
from overlaykit.stock import inbox_key
from overlaykit.store import AsyncStoreClient, LeaseLost, connect_async, cursors, marks
from overlaykit.store.cursors import Cursors
from overlaykit.store.marks import Marks

if TYPE_CHECKING:
    from tests.conftest import StoreServer

pytestmark = pytest.mark.store

T = TypeVar("T")


def run(url: str, work: Callable[[AsyncStoreClient], Awaitable[T]]) -> T:
    async def go() -> T:
        async with connect_async(url) as client:
            return await work(client)

    return asyncio.run(go())


async def fence_of(client: AsyncStoreClient, ledger: str, token: int = 1) -> str:
    """The fencing counter of a lease that was given so often."""
    key = f"{{{ledger}}}:lease:gateway:fence"
    await client.set(key, token)
    return key


def test_marks_and_what_is_settled_are_there_for_the_next_gateway(any_store: StoreServer, ledger: str) -> None:
    async def story(client: AsyncStoreClient) -> None:
        key = inbox_key(ledger)
        fence = await fence_of(client, ledger)
        await Marks(client, key, fence).write({"o-1": b"\x00\xff", "订单": b"2"}, {b"\x00key": 3}, 1)
        await Marks(client, key, fence).write({"o-1": b"newer"}, {}, 1)
        again = Marks(client, key, fence)
        assert await again.orders(["o-1", "订单", "o-9"]) == {"o-1": b"newer", "订单": b"2"}
        assert await again.settled([b"\x00key", b"other"]) == {b"\x00key": 3}
        assert await again.orders([]) == {}
        await again.write({}, {}, 1)

    run(any_store.url, story)


def test_who_leads_no_more_puts_nothing_over_what_the_next_one_wrote(any_store: StoreServer, ledger: str) -> None:
    async def story(client: AsyncStoreClient) -> None:
        fence = await fence_of(client, ledger, 2)
        told = Marks(client, inbox_key(ledger), fence)
        await told.write({"o-1": b"newer"}, {}, 2)
        with pytest.raises(LeaseLost, match="another gateway has led"):
            await told.write({"o-1": b"older", "o-2": b"older"}, {b"key": 1}, 1)
        assert await told.orders(["o-1", "o-2"]) == {"o-1": b"newer"}
        assert await told.settled([b"key"]) == {}

    run(any_store.url, story)


def test_the_orders_told_of_last_are_kept_and_what_is_settled_stays_for_good(
    any_store: StoreServer, ledger: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(marks, "ORDERS_AT_MOST", 3)

    async def story(client: AsyncStoreClient) -> None:
        told = Marks(client, inbox_key(ledger), await fence_of(client, ledger))
        for number in range(5):
            await told.write({f"o-{number}": b"m"}, {b"k%d" % number: number}, 1)
            await asyncio.sleep(0.003)  # told of one after the other, by the store's clock
        await told.write({"o-2": b"again"}, {}, 1)
        await asyncio.sleep(0.003)
        await told.write({"o-5": b"m"}, {}, 1)
        names = [f"o-{number}" for number in range(6)]
        assert await told.orders(names) == {"o-2": b"again", "o-4": b"m", "o-5": b"m"}
        assert len(await told.settled([b"k%d" % number for number in range(5)])) == 5

    run(any_store.url, story)


def test_connectors_remember_by_section_and_name(any_store: StoreServer, ledger: str) -> None:
    async def story(client: AsyncStoreClient) -> None:
        kept = Cursors(client, inbox_key(ledger))
        assert await kept.read("channel.a", "cursor") is None
        await kept.write("channel.a", "cursor", "第 2 页")
        await kept.write("channel.b", "cursor", "9")
        assert await Cursors(client, inbox_key(ledger)).read("channel.a", "cursor") == "第 2 页"
        with pytest.raises(UserError, match="wants to remember"):
            await kept.write("channel.a", "cursor", "x" * 70_000)

    run(any_store.url, story)


def test_a_connector_cannot_fill_the_store_with_what_it_remembers(
    any_store: StoreServer, ledger: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(cursors, "MANY", 2)

    async def story(client: AsyncStoreClient) -> None:
        kept = Cursors(client, inbox_key(ledger))
        for name in ("one", "two", "one"):
            await kept.write("channel.a", name, "1")
        with pytest.raises(UserError, match="more than 2 things"):
            await kept.write("channel.a", "three", "1")

    run(any_store.url, story)


def test_a_store_that_is_away_says_so(free_port: int) -> None:
    async def story(client: AsyncStoreClient) -> None:
        with pytest.raises(StoreAway):
            await Marks(client, "{x}:in", "{x}:fence").orders(["o"])
        with pytest.raises(StoreAway):
            await Cursors(client, "{x}:in").read("channel.a", "cursor")

    run(f"redis://127.0.0.1:{free_port}/0", story)
