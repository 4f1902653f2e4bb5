"""视频号小店 / 微信小店, the shops of WeChat Channels: orders and refunds heard and asked for, stock pushed back.

Tested against: the made-up platform in fake.py and the documents' examples. README.md says what nobody has verified.
"""

from __future__ import annotations

from collections.abc import AsyncIterator, Callable, Iterable, Sequence
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
    hookimpl,
)
from plugins.wechat_channels.client import ChannelsClient
from plugins.wechat_channels.crypto import Envelope
from plugins.wechat_channels.orders import facts_of_order, facts_of_refund
from plugins.wechat_channels.polling import changed_orders, finished_refunds
from plugins.wechat_channels.settings import ChannelsSettings
from plugins.wechat_channels.wire import arrivals_of, told_done, told_paid


class WechatChannels(Connector[ChannelsSettings]):
    name = "wechat_channels"
    title = "视频号小店 WeChat Channels shop"
    capabilities = frozenset({Capability.ORDERS, Capability.ORDERS_POLL, Capability.PUSH_STOCK})
    rate = 10.0
    acknowledged_within = 5.0
    needs = "小店管理员在「服务市场 → 自研」开通的 AppID 与消息推送 / the shop's own AppID, its IP white list and message push"
    tested = "a made-up platform and the documents' examples; no real shop yet"

    def __init__(self, settings: ChannelsSettings) -> None:
        super().__init__(settings)
        self._envelope = Envelope(settings.appid, settings.token, settings.encoding_aes_key)
        self._client = ChannelsClient(settings)

    # In the web process.

    def probe(self, request: Request) -> Reply | None:
        """The GET with `echostr` by which the platform makes sure of the address."""
        if request.method != "GET":
            return None
        echo = self._envelope.echo(request)
        return Reply(403, text="签名不对 / wrong signature") if echo is None else Reply(200, text=echo)

    def verify(self, request: Request) -> bool:
        return self._envelope.is_signed(request)

    def parse(self, request: Request) -> Iterable[Arrival]:
        return arrivals_of(request, self._envelope.opened(request))

    def acknowledge(self, request: Request) -> Reply:
        return Reply(200, text="success")

    # In the gateway.

    async def enrich(self, ref: OrderRef, ctx: Context) -> Sequence[OrderFact]:
        order = await self._client.order(ref.order, ctx)
        if "aftersale" not in ref.hint:
            return facts_of_order(order, self.settings.sku, paid=told_paid(ref))
        refund = await self._client.refund(ref.hint["aftersale"], ctx)
        return facts_of_refund(refund, order, self.settings.sku, done=told_done(ref))

    async def poll_orders(self, ctx: Context) -> AsyncIterator[OrderFact | OrderRef]:
        async for order in changed_orders(self._client, ctx):
            for fact in facts_of_order(order, self.settings.sku):
                yield fact
        async for ref in finished_refunds(self._client, ctx):
            yield ref

    async def push_stock(self, levels: Sequence[StockLevel], ctx: Context) -> AsyncIterator[StockPushResult]:
        for level in levels:
            try:
                await self._client.set_stock(level.platform_sku, level.quantity, ctx)
            except PlatformRefused as error:
                yield StockPushResult(level, ok=False, reason=error.message)
            else:
                yield StockPushResult(level, ok=True)

    async def own_grant(self, shop: str, ctx: Context) -> Grant:
        return await self._client.own_grant(ctx)


@hookimpl
def register_connectors(register: Callable[[type[Connector[Any]]], None]) -> None:
    register(WechatChannels)


@hookimpl
def register_stand_ins(register: Callable[[type[StandIn]], None]) -> None:
    from plugins.wechat_channels.stand_in import MadeUpChannels

    register(MadeUpChannels)
