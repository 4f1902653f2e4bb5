"""抖店 Doudian, the shops behind Douyin's live rooms: orders and refunds heard and asked for, stock pushed back.

Tested against: the made-up platform in fake.py and the documents' examples. README.md says what nobody has verified.
"""

from __future__ import annotations

from collections.abc import AsyncIterator, Callable, Iterable, Mapping, Sequence
from typing import Any

from overlaykit.api import (
    Arrival,
    Capability,
    Connector,
    Context,
    Grant,
    OrderFact,
    OrderRef,
    PlatformRefused,
    Reply,
    Request,
    StandIn,
    StockLevel,
    StockPushResult,
    hash_hex,
    hookimpl,
    same,
)
from plugins.douyin.client import DoudianClient
from plugins.douyin.orders import facts_of_order, facts_of_refund
from plugins.douyin.polling import changed_orders, finished_refunds
from plugins.douyin.settings import DouyinSettings
from plugins.douyin.wire import arrivals_of, told_paid


class Douyin(Connector[DouyinSettings]):
    name = "douyin"
    title = "抖店 Doudian (Douyin)"
    capabilities = frozenset({Capability.ORDERS, Capability.ORDERS_POLL, Capability.PUSH_STOCK})
    rate = 10.0
    acknowledged_within = 5.0
    needs = "抖店开放平台的应用,有订单、售后、商品权限 / an app of its open platform: orders, after-sales, products"
    tested = "a made-up platform and the documents' examples; no real shop yet"

    def __init__(self, settings: DouyinSettings) -> None:
        super().__init__(settings)
        self._client = DoudianClient(settings)

    # In the web process.

    def verify(self, request: Request) -> bool:
        """`event-sign` is the MD5 of app key, raw body and app secret; `app-id` is the app key."""
        key, secret = self.settings.app_key, self.settings.app_secret
        signed = hash_hex("md5", (key, request.body, secret), expected=request.headers.get("event-sign"))
        return signed and same(request.headers.get("app-id"), key)

    def parse(self, request: Request) -> Iterable[Arrival]:
        return arrivals_of(request)

    def acknowledge(self, request: Request) -> Reply:
        return Reply(200, json={"code": 0, "msg": "success"})

    # In the gateway.

    async def enrich(self, ref: OrderRef, ctx: Context) -> Sequence[OrderFact]:
        order = await self._client.order(ref.order, ref.shop, ctx)
        if "aftersale" not in ref.hint:
            return facts_of_order(order, self.settings.sku, paid=told_paid(ref))
        refund = await self._client.refund(ref.hint["aftersale"], ref.shop, ctx)
        return facts_of_refund(refund, order, self.settings.sku)

    async def poll_orders(self, ctx: Context) -> AsyncIterator[OrderFact | OrderRef]:
        for shop in ctx.shops or ("",):
            async for order in changed_orders(self._client, shop, ctx):
                for fact in facts_of_order(order, self.settings.sku):
                    yield fact
            async for ref in finished_refunds(self._client, shop, ctx):
                yield ref

    async def push_stock(self, levels: Sequence[StockLevel], ctx: Context) -> AsyncIterator[StockPushResult]:
        for level in levels:
            try:
                await self._client.set_stock(level.platform_sku, level.quantity, ctx.shop, ctx)
            except PlatformRefused as error:
                yield StockPushResult(level, ok=False, reason=error.message)
            else:
                yield StockPushResult(level, ok=True)

    # Authorisation: a tool app asks each shop's owner; a shop's own app needs nobody.

    def authorise_url(self, callback: str, state: str) -> str | None:
        return self._client.authorise_url(state)

    async def grant(self, query: Mapping[str, str], callback: str, ctx: Context) -> Grant:
        return await self._client.grant_for_code(query.get("code", ""), ctx)

    async def own_grant(self, shop: str, ctx: Context) -> Grant:
        return await self._client.own_grant(shop, ctx)

    async def renew(self, grant: Grant, ctx: Context) -> Grant:
        return await self._client.renew(grant, ctx)


@hookimpl
def register_connectors(register: Callable[[type[Connector[Any]]], None]) -> None:
    register(Douyin)


@hookimpl
def register_stand_ins(register: Callable[[type[StandIn]], None]) -> None:
    from plugins.douyin.stand_in import MadeUpDouyin

    register(MadeUpDouyin)
