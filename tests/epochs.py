"""A new epoch by hand, as it begins after a loss."""

from __future__ import annotations

import asyncio

from overlaykit.stock import Keeper
from overlaykit.store import connect_async


def begin_epoch(url: str, ledger: str, seq: int) -> None:
    """What a director does at the end of a recovery: the ledger, which stands at `seq`, goes on in a new epoch."""

    async def begin() -> None:
        async with connect_async(url) as client:
            keeper = Keeper(client, ledger)
            await keeper.shut_gate()
            assert await keeper.resume(seq, "new", seq, {})

    asyncio.run(begin())
