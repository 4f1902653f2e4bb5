"""Which orders changed since last time, by the time of their last change. A poll overlaps the one before."""

from __future__ import annotations

from collections.abc import AsyncIterator

from overlaykit.api import Context
from plugins.wechat_channels.client import ChannelsClient
from plugins.wechat_channels.orders import Order

OVERLAP = 60
"""Seconds."""
WINDOW = 6 * 3_600
"""Seconds that are asked for at once, after a while away; the platform takes seven days at most."""


async def changed_orders(client: ChannelsClient, ctx: Context) -> AsyncIterator[Order]:
    """Orders that changed. Remembers how far it came after each window. What was before the first time is not asked for: the plan's
    opening stock has it."""
    now = ctx.now_ms // 1000
    kept = await ctx.remembered()
    reached = min(int(kept), now) if kept else now
    while True:
        end = min(reached + WINDOW, now)
        key = ""
        while True:
            page = await client.changed(reached - OVERLAP, end, key, ctx)
            for id in page.order_id_list or ():
                yield await client.order(str(id), ctx)
            if not page.has_more or page.next_key in ("", key):
                break
            key = page.next_key
        await ctx.remember(str(end))
        if end >= now:
            return
        reached = end
