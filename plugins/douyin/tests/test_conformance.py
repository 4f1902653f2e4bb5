"""Doudian against the suite that every connector passes."""

from __future__ import annotations

import json
from typing import Any

from overlaykit.api import (
    Headers,
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
from plugins.douyin import Douyin
from plugins.douyin.fake import APP_KEY, APP_SECRET, SHOP, FakeDouyin, signed
from plugins.douyin.settings import DouyinSettings

WHAT: dict[type, str] = {
    OrderPlaced: "created",
    OrderPaid: "paid",
    OrderShipped: "shipped",
    OrderCancelled: "cancelled",
}


class DouyinCase(Case[FakeDouyin]):
    connector = Douyin
    acknowledged = Reply(200, json={"code": 0, "msg": "success"})
    shop = SHOP
    skus = ("coat-m", "scarf")

    def make_platform(self) -> FakeDouyin:
        return FakeDouyin()

    def settings(self) -> DouyinSettings:
        return DouyinSettings(app_key=APP_KEY, app_secret=Secret(APP_SECRET), base_url=self.platform.url)

    def happen(self, event: OrderFact) -> None:
        known, lines = event.order in self.platform.orders, {line.platform_sku: line.quantity for line in event.lines}
        if not known:
            self.platform.place(lines or {"coat-m": 2, "scarf": 1}, id=event.order)
        match event:
            case OrderPaid():
                self.platform.pay(event.order)
            case OrderShipped():
                self.platform.ship(event.order)
            case OrderCancelled():
                self.platform.cancel(event.order)
            case Refunded():
                self.platform.refund(event.order, lines=lines, after=event.transition)

    def body(self, event: Any, delivery: str) -> bytes | None:
        if isinstance(event, Refunded):
            message = self.platform.message("refunded", event.transition, delivery=delivery)
        elif type(event) in WHAT:
            message = self.platform.message(WHAT[type(event)], event.order, delivery=delivery)
        else:
            return None
        return json.dumps([message]).encode()

    def signed(self, body: bytes, *, delivery: str, at_ms: int) -> Request:
        return Request(headers=Headers(signed(body)), body=body)

    def probes(self) -> list[tuple[Request, Reply]]:
        body = b'[{"tag":"0","msg_id":"0","data":"2026-11-11 20:00:00"}]'
        return [(Request(headers=Headers(signed(body)), body=body), self.acknowledged)]

    def unknown(self, delivery: str) -> bytes:
        return json.dumps([{"tag": "999", "msg_id": delivery, "data": "{}"}]).encode()

    def sells(self, platform_sku: str) -> int | None:
        return self.platform.stock.get(platform_sku)

    def refuse(self, platform_sku: str) -> None:
        self.platform.closed.add(platform_sku)


class TestDouyin(ConnectorConformance):
    case = DouyinCase
