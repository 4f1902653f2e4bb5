"""The suite that every connector passes."""

from __future__ import annotations

import datetime as dt
from typing import Any

import msgspec

from overlaykit.api import (
    ChatMessage,
    Headers,
    OrderCancelled,
    OrderFact,
    OrderPaid,
    OrderPlaced,
    OrderShipped,
    Refunded,
    Request,
    Secret,
)
from overlaykit.testing.conformance import Case, ConnectorConformance
from plugins.shopify.connector import Shopify, ShopSettings
from plugins.shopify.fake import TOKEN, FakeShopify

SECRET = "client-secret-1"


class ShopCase(Case[FakeShopify]):
    connector = Shopify
    shop = "made-up.myshopify.com"
    unsigned_headers = frozenset(
        [
            "content-type",
            "x-shopify-topic",
            "x-shopify-shop-domain",
            "x-shopify-api-version",
            "x-shopify-webhook-id",
            "x-shopify-event-id",
            "x-shopify-triggered-at",
        ]
    )

    def __init__(self) -> None:
        super().__init__()
        self._topic = ""  # of the body that was asked for last: it stands in a header
        self._refunds: dict[str, dict[str, Any]] = {}
        self._parcels: dict[str, dict[str, Any]] = {}

    def make_platform(self) -> FakeShopify:
        return FakeShopify(secret=SECRET, stock=dict.fromkeys(self.skus, 100))

    def settings(self) -> ShopSettings:
        return ShopSettings(
            secret=(Secret(SECRET),),
            shop=self.shop,
            access_token=Secret(TOKEN),
            location=self.platform.location,
            items={self.platform.item(sku): sku for sku in self.skus},
            api=self.platform.url,
        )

    def body(self, event: OrderFact | ChatMessage, delivery: str) -> bytes | None:
        if isinstance(event, ChatMessage):
            return None
        topics: dict[type[Any], str] = {
            OrderPlaced: "orders/create",
            OrderPaid: "orders/paid",
            OrderCancelled: "orders/cancelled",
            OrderShipped: "fulfillments/create",
            Refunded: "refunds/create",
        }
        payload = self.platform.orders[event.order]
        if isinstance(event, Refunded):
            payload = self._refunds[event.transition]
        if isinstance(event, OrderShipped):
            payload = self._parcels[event.order]
        if isinstance(event, OrderPlaced):
            payload = payload | {"financial_status": "pending"}
        return self.says(topics[type(event)], payload)

    def signed(self, body: bytes, *, delivery: str, at_ms: int) -> Request:
        at = dt.datetime.fromtimestamp(at_ms / 1000, dt.UTC).isoformat()
        headers = self.platform.headers(self._topic, body, delivery) | {"x-shopify-triggered-at": at}
        return Request(headers=Headers(headers), body=body)

    def unknown(self, delivery: str) -> bytes:
        return self.says("app/uninstalled", {"id": 1})

    def happen(self, event: OrderFact) -> None:
        shop = self.platform
        if event.order not in shop.orders:
            shop.place([(line.platform_sku, line.quantity) for line in event.lines], id=event.order)
        lines = [(line.platform_sku, line.quantity) for line in event.lines]
        match event:
            case OrderPaid():
                shop.pay(event.order)
            case OrderCancelled():
                shop.cancel(event.order)
            case OrderShipped():
                self._parcels[event.order] = shop.ship(event.order, lines)
            case Refunded():
                self._refunds[event.transition] = shop.refund(event.order, lines)
            case _:
                pass

    def sells(self, platform_sku: str) -> int | None:
        return self.platform.available[platform_sku]

    def refuse(self, platform_sku: str) -> None:
        self.platform.available[platform_sku] = None

    def listed(self, platform_sku: str, quantity: int, delivery: str) -> bytes:
        self.platform.available[platform_sku] = quantity
        return self.says("inventory_levels/update", self.platform.level(platform_sku))

    def says(self, topic: str, payload: dict[str, Any]) -> bytes:
        self._topic = topic
        return msgspec.json.encode(payload)


class TestShopify(ConnectorConformance):
    case = ShopCase
