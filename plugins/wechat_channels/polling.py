"""Which orders and after-sales changed since last time, by the time of their last change. A poll overlaps the one before."""

from __future__ import annotations

from collections.abc import AsyncIterator

from overlaykit.api import Context, OrderRef, time_windows
from plugins.wechat_channels.client import ChannelsClient
from plugins.wechat_channels.orders import SUCCEEDED, Order, moment
from plugins.wechat_channels.wire import ref_to_refund

WINDOW = 6 * 3_600
"""Seconds that are asked for at once, after a while away; the platform takes a day at most."""
ORDERS, REFUNDS = "orders", "refunds"


async def changed_orders(client: ChannelsClient, ctx: Context) -> AsyncIterator[Order]:
    """Orders that changed. Remembers how far it came after each window."""
    async for begin, end in time_windows(ctx, ORDERS, WINDOW):
        key, more = "", True
        while more:
            page = await client.changed(begin, end, key, ctx)
            for id in page.order_id_list or ():
                yield await client.order(str(id), ctx)
            key, more = page.next_key, page.has_more and page.next_key not in ("", key)


async def finished_refunds(client: ChannelsClient, ctx: Context) -> AsyncIterator[OrderRef]:
    """After-sales that have given money back, and have to do with units."""
    async for begin, end in time_windows(ctx, REFUNDS, WINDOW):
        key, more = "", True
        while more:
            page = await client.changed_refunds(begin, end, key, ctx)
            for id in page.after_sale_order_id_list or ():
                refund = await client.refund(str(id), ctx)
                if refund.gives_back and refund.status in SUCCEEDED:
                    at = moment(refund.update_time)
                    yield ref_to_refund(refund.order_id, id, status=refund.status, at=at)
            key, more = page.next_key, page.has_more and page.next_key not in ("", key)
