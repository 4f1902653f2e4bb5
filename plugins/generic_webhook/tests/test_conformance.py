"""The suite that every connector passes, for a shop that sends plain messages, and for one that sends CloudEvents."""

from __future__ import annotations

from typing import Any

import msgspec

from overlaykit.api import (
    ChatMessage,
    Headers,
    Line,
    ListingObserved,
    OrderCancelled,
    OrderFact,
    OrderPaid,
    OrderPlaced,
    OrderShipped,
    Refunded,
    Request,
    Secret,
)
from overlaykit.testing import sign_standard_webhook
from overlaykit.testing.conformance import Case, ConnectorConformance
from plugins.generic_webhook.connector import GenericWebhook, ShopSettings
from plugins.generic_webhook.fake import FakeShop
from plugins.generic_webhook.signing import TOLERANCE

SECRET = "whsec_bmV3IGtleSBvZiB0aGUgc2hvcCwgMzIgYnl0ZXM="
TYPES: dict[type[Any], str] = {
    OrderPlaced: "order.placed",
    OrderPaid: "order.paid",
    OrderCancelled: "order.cancelled",
    OrderShipped: "order.shipped",
    Refunded: "order.refunded",
    ListingObserved: "listing.observed",
}
AT = "2026-11-11T12:00:00Z"


def data_of(event: OrderFact) -> dict[str, Any]:
    """What a shop says of it."""
    data: dict[str, Any] = {"order": event.order, "lines": [_line(line) for line in event.lines]}
    if isinstance(event, OrderCancelled | OrderShipped | Refunded):
        data["transition"] = event.transition
    if isinstance(event, Refunded):
        data["restock"] = event.restock
    return data


def _line(line: Line) -> dict[str, Any]:
    return {"sku": line.platform_sku, "quantity": line.quantity}


class ShopCase(Case[FakeShop]):
    connector = GenericWebhook
    window = TOLERANCE
    unsigned_headers = frozenset({"content-type"})

    def make_platform(self) -> FakeShop:
        return FakeShop(secret=SECRET, stock=dict.fromkeys(self.skus, 100))

    def settings(self) -> ShopSettings:
        url = self.platform.url
        return ShopSettings(secret=(Secret(SECRET),), feed=f"{url}/feed", stock=f"{url}/stock")

    def body(self, event: OrderFact | ChatMessage, delivery: str) -> bytes | None:
        return None if isinstance(event, ChatMessage) else self.said(TYPES[type(event)], data_of(event), delivery)

    def signed(self, body: bytes, *, delivery: str, at_ms: int) -> Request:
        headers = sign_standard_webhook([SECRET], delivery, body, at=at_ms / 1000)
        return Request(headers=Headers(headers), body=body)

    def unknown(self, delivery: str) -> bytes:
        return self.said("order.reviewed", {"stars": 5}, delivery)

    def happen(self, event: OrderFact) -> None:
        self.platform.say(TYPES[type(event)], data_of(event))

    def sells(self, platform_sku: str) -> int | None:
        return self.platform.stock[platform_sku]

    def refuse(self, platform_sku: str) -> None:
        del self.platform.stock[platform_sku]

    def listed(self, platform_sku: str, quantity: int, delivery: str) -> bytes:
        return self.said("listing.observed", {"sku": platform_sku, "quantity": quantity}, delivery)

    def said(self, type: str, data: dict[str, Any], delivery: str) -> bytes:
        return msgspec.json.encode({"type": type, "timestamp": AT, "data": data})


class CloudEventsCase(ShopCase):
    def said(self, type: str, data: dict[str, Any], delivery: str) -> bytes:
        event = {"specversion": "1.0", "id": delivery, "source": "/shop", "type": type, "time": AT, "data": data}
        return msgspec.json.encode(event)


class TestPlainMessages(ConnectorConformance):
    case = ShopCase


class TestCloudEvents(ConnectorConformance):
    case = CloudEventsCase
