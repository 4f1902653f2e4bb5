"""A poll asks for what changed since the last one, in pieces, and goes on where it was broken off."""

from __future__ import annotations

import asyncio

import pytest

from overlaykit.api import PlatformAway, time_windows
from overlaykit.testing import TestContext

HOUR = 3_600


def test_the_first_poll_asks_for_nothing_of_before_and_the_next_goes_on_with_an_overlap() -> None:
    async def story() -> None:
        async with TestContext() as ctx:
            now = ctx.now_ms // 1000
            [(begin, end)] = [each async for each in time_windows(ctx, "orders", HOUR)]
            assert now - 60 <= begin <= end - 60
            [(again, _)] = [each async for each in time_windows(ctx, "orders", HOUR)]
            assert again == end - 60

    asyncio.run(story())


def test_after_a_while_away_it_asks_in_pieces_and_a_piece_that_failed_is_asked_for_again() -> None:
    async def story() -> None:
        async with TestContext() as ctx:
            away = ctx.now_ms // 1000 - 3 * HOUR + 60
            ctx.kept["orders"] = str(away)
            asked: list[tuple[int, int]] = []

            async def poll() -> None:
                async for each in time_windows(ctx, "orders", HOUR):
                    asked.append(each)
                    if len(asked) == 2:
                        raise PlatformAway("no answer")

            with pytest.raises(PlatformAway):
                await poll()
            assert asked == [(away - 60, away + HOUR), (away + HOUR - 60, away + 2 * HOUR)]
            rest = [each async for each in time_windows(ctx, "orders", HOUR)]
            assert rest[0] == asked[1]
            assert len(rest) == 2

    asyncio.run(story())


def test_a_clock_that_was_ahead_asks_for_nothing_of_the_future() -> None:
    async def story() -> None:
        async with TestContext() as ctx:
            ctx.kept["orders"] = str(ctx.now_ms // 1000 + HOUR)
            [(begin, end)] = [each async for each in time_windows(ctx, "orders", HOUR)]
            assert begin == end - 60

    asyncio.run(story())
