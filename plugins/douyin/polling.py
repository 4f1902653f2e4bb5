"""What changed in a shop since last time, by the time of its last change. A poll overlaps the one before.

Pages are not counted on: an order that changes while pages are read moves, and the pages with it. After a full page the next
question begins where that page ended; only where more than a page changed in one second pages are counted.
"""

from __future__ import annotations

from collections.abc import AsyncIterator, Awaitable, Callable
from typing import Any, TypeVar

from msgspec import Struct, field

from overlaykit.api import Context, OrderRef, time_windows
from plugins.douyin.client import DoudianClient
from plugins.douyin.orders import ShopOrder
from plugins.douyin.wire import UNITS_STAY, Id, moment, ref_to_refund

PAGE = 100
WINDOW = 3_600
"""Seconds that are asked for at once, after a while away."""
REFUND_DONE = 3

T = TypeVar("T")
Page = Callable[[int, int, int], Awaitable[list[T]]]
"""Begin and end of what is asked for, in seconds since 1970, and the number of the page."""


class OrderPage(Struct):
    """order.searchList."""

    shop_order_list: list[ShopOrder] | None = None


class AfterSaleItem(Struct):
    aftersale_id: Id
    aftersale_type: int
    refund_status: int | None = None
    update_time: int | None = None


class OrderOfItem(Struct):
    shop_order_id: Id


class RefundItem(Struct):
    aftersale_info: AfterSaleItem
    order_info: OrderOfItem


class RefundPage(Struct):
    """afterSale.List."""

    items: list[RefundItem] = field(default_factory=list)


async def changed_orders(client: DoudianClient, shop: str, ctx: Context) -> AsyncIterator[ShopOrder]:
    """Orders that changed, oldest change first. Remembers how far it came after each window."""

    async def page(begin: int, end: int, number: int) -> list[ShopOrder]:
        params: dict[str, Any] = {
            "update_time_start": begin,
            "update_time_end": end,
            "order_by": "update_time",
            "order_asc": True,
            "page": number,
            "size": PAGE,
        }
        found = await client.ask("order.searchList", params, shop, ctx, OrderPage)
        return found.shop_order_list or []

    async for begin, end in time_windows(ctx, f"orders-{shop}", WINDOW):
        async for order in _between(page, lambda order: order.update_time or 0, begin, end):
            yield order


async def finished_refunds(client: DoudianClient, shop: str, ctx: Context) -> AsyncIterator[OrderRef]:
    """Refunds that came to their end and may give units back."""

    async def page(begin: int, end: int, number: int) -> list[RefundItem]:
        params: dict[str, Any] = {
            "update_start_time": begin,
            "update_end_time": end,
            "order_by": ["update_time asc"],
            "page": number,
            "size": PAGE,
        }
        found = await client.ask("afterSale.List", params, shop, ctx, RefundPage)
        return found.items

    async for begin, end in time_windows(ctx, f"refunds-{shop}", WINDOW):
        async for item in _between(page, lambda item: item.aftersale_info.update_time or 0, begin, end):
            about = item.aftersale_info
            if about.refund_status == REFUND_DONE and about.aftersale_type not in UNITS_STAY:
                yield ref_to_refund(
                    item.order_info.shop_order_id,
                    about.aftersale_id,
                    shop,
                    at=moment(about.update_time),
                )


async def _between(page: Page[T], changed: Callable[[T], int], begin: int, end: int) -> AsyncIterator[T]:
    """All of a window. What stood at the end of one page and at the beginning of the next is given twice."""
    number = 0
    while True:
        rows = await page(begin, end, number)
        for row in rows:
            yield row
        if len(rows) < PAGE:
            return
        last = max(map(changed, rows))
        if last > begin:
            begin, number = last, 0
        else:
            number += 1
