"""The one reader of a session in the gateway: whether what it has read can be trusted."""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable
from types import SimpleNamespace
from typing import TYPE_CHECKING, Any, cast

import pytest

from overlaykit.gateway.following import Follower
from overlaykit.gateway.standing import StoreClock
from overlaykit.stock import Keeper, Seen
from overlaykit.stock.keeping import Facts
from overlaykit.store import Lease, connect_async
from tests.conftest import StoreServer

if TYPE_CHECKING:
    from tests.gateway.conftest import Evening

pytestmark = pytest.mark.store


class Slow(Keeper):
    """Much happens between the store's answer and its being heard."""

    meanwhile: Callable[[], Awaitable[None]]
    answers = 0

    async def facts(self) -> Facts | None:
        found = await super().facts()
        await self.meanwhile()
        self.answers += 1
        return found


def test_what_is_read_while_the_store_answers_is_no_reason_to_doubt_it(
    store: StoreServer, evening: Callable[..., Evening]
) -> None:
    room = evening()

    async def story() -> list[bool]:
        async with connect_async(store.url) as client:
            keeper = Slow(client, room.session, Seen())
            lease = cast(Lease, SimpleNamespace(held=True))
            follower = Follower(keeper, client, await keeper.state(), lease, StoreClock())

            async def sell() -> None:
                lines: list[Any] = [{"sku": "A", "quantity": 1}]
                room.send("order.reserve", order=f"o-{keeper.answers}", lines=lines)
                await follower.catch_up()

            keeper.meanwhile = sell
            stop, trusted = asyncio.Event(), []
            running = asyncio.create_task(follower.run(stop))
            while keeper.answers < 2:
                await asyncio.sleep(0.01)
                trusted.append(follower.trusted)
            stop.set()
            await running
            return trusted

    assert all(asyncio.run(asyncio.wait_for(story(), 20)))
