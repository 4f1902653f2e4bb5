"""A shop of WeChat Channels against the suite that every connector passes."""

from __future__ import annotations

import json
from typing import Any

from overlaykit.api import (
    OrderCancelled,
    OrderFact,
    OrderPaid,
    OrderPlaced,
    OrderShipped,
    Refunded,
    Reply,
    Request,
    Secret,
)
from overlaykit.testing.conformance import Case, ConnectorConformance
from plugins.wechat_channels import WechatChannels
from plugins.wechat_channels.fake import (
    APP_SECRET,
    APPID,
    COAT,
    ENCODING_AES_KEY,
    SCARF,
    TOKEN,
    FakeChannels,
    question,
    sealed,
)
from plugins.wechat_channels.settings import ChannelsSettings

WHAT: dict[type, str] = {
    OrderPlaced: "created",
    OrderPaid: "paid",
    OrderShipped: "shipped",
    OrderCancelled: "cancelled",
}


class ChannelsCase(Case[FakeChannels]):
    connector = WechatChannels
    acknowledged = Reply(200, text="success")
    no_delivery = "events have no id: event, order and time are one"
    unsigned_headers = frozenset({"content-type"})
    skus = (COAT, SCARF)

    def make_platform(self) -> FakeChannels:
        return FakeChannels()

    def settings(self) -> ChannelsSettings:
        return ChannelsSettings(
            appid=APPID,
            app_secret=Secret(APP_SECRET),
            token=Secret(TOKEN),
            encoding_aes_key=Secret(ENCODING_AES_KEY),
            base_url=self.platform.url,
        )

    def happen(self, event: OrderFact) -> None:
        lines = {line.platform_sku: line.quantity for line in event.lines}
        if event.order not in self.platform.orders:
            self.platform.place(lines or {COAT: 2, SCARF: 1}, id=event.order)
        match event:
            case OrderPaid():
                self.platform.pay(event.order)
            case OrderShipped():
                self.platform.ship(event.order)
            case OrderCancelled():
                self.platform.cancel(event.order)
            case Refunded():
                for sku, units in (lines or {COAT: 2}).items():
                    self.platform.refund(event.order, sku=sku, units=units, after=event.transition)

    def body(self, event: Any, delivery: str) -> bytes | None:
        if isinstance(event, Refunded):
            return json.dumps(self.platform.event("refunded", event.transition)).encode()
        if type(event) in WHAT:
            return json.dumps(self.platform.event(WHAT[type(event)], event.order)).encode()
        return None

    def signed(self, body: bytes, *, delivery: str, at_ms: int) -> Request:
        return sealed(body, at=at_ms // 1000)

    def probes(self) -> list[tuple[Request, Reply]]:
        return [(question("437"), Reply(200, text="437"))]

    def unknown(self, delivery: str) -> bytes:
        return json.dumps({"CreateTime": 1794400000, "MsgType": "event", "Event": "channels_ec_new_thing"}).encode()

    def sells(self, platform_sku: str) -> int | None:
        return self.platform.stock.get(platform_sku)

    def refuse(self, platform_sku: str) -> None:
        self.platform.closed.add(platform_sku)


class TestWechatChannels(ConnectorConformance):
    case = ChannelsCase
