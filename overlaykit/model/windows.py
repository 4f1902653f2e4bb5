"""What a poll asks for at once, of a platform that tells what changed between two times."""

from __future__ import annotations

from collections.abc import AsyncIterator

from overlaykit.model.connectors import Context

OVERLAP = 60
"""Seconds by which each window begins before the one before it has ended: changes may be told late."""


async def time_windows(ctx: Context, name: str, longest: int) -> AsyncIterator[tuple[int, int]]:
    """Begin and end, seconds since 1970, of what is to be asked for: from where the last poll came to until now, `longest` seconds
    at most at once. A window counts as done when the next one is asked for, and is remembered under `name`.

    What was longer than OVERLAP before the first poll is not asked for: the plan's opening stock has it.
    """
    now = ctx.now_ms // 1000
    kept = await ctx.remembered(name)
    reached = min(int(kept), now) if kept else now
    while True:
        end = min(reached + longest, now)
        yield reached - OVERLAP, end
        await ctx.remember(str(end), name)
        if end >= now:
            return
        reached = end
