"""A made-up shop: it takes orders, says so in signed messages and in a feed, and sells the numbers that it is told.

All of it is synthetic.
"""

from __future__ import annotations

import datetime as dt
import secrets
from collections.abc import Mapping
from typing import Any

import msgspec

from overlaykit.api import Reply, Secret
from overlaykit.testing import Call, Delivered, FakePlatform
from plugins.generic_webhook.signing import keys_of, sign, signed_by

PAGE = 100
"""Events of one answer of the feed."""


class FakeShop(FakePlatform):
    """A shop that knows its orders.

    secret   what it signs with, and expects to be signed with
    stock    sku → units that it may still sell; what is not there it sells without end
    history  everything that it said, as CloudEvents, oldest first
    """

    def __init__(self, *, secret: str, stock: Mapping[str, int] | None = None) -> None:
        super().__init__()
        self.secret, self.stock, self.history = secret, dict(stock or {}), list[dict[str, Any]]()
        self._orders: dict[str, list[dict[str, Any]]] = {}

    def sell(self, sku: str, quantity: int = 1, *, order: str = "", buyer: str | None = None) -> dict[str, Any] | None:
        """Takes a paid order of one thing; None when the shop has too few. Gives the event, which nobody has been told yet."""
        left = self.stock.get(sku)
        if left is not None:
            if left < quantity:
                return None
            self.stock[sku] = left - quantity
        order = order or f"s-{len(self._orders) + 1}"
        self._orders[order] = [{"sku": sku, "quantity": quantity}]
        return self.say("order.paid", {"order": order, "buyer": buyer, "lines": self._orders[order]})

    def cancel(self, order: str) -> dict[str, Any]:
        """The whole order will not be sent; its units can be sold again."""
        for line in self._orders.pop(order, []):
            if line["sku"] in self.stock:
                self.stock[line["sku"]] += line["quantity"]
        return self.say("order.cancelled", {"order": order})

    def say(self, type: str, data: dict[str, Any]) -> dict[str, Any]:
        """An event as the feed shows it."""
        event = {
            "specversion": "1.0",
            "id": f"e-{len(self.history) + 1}",
            "source": "/shop",
            "type": type,
            "time": dt.datetime.now(dt.UTC).isoformat(),
            "data": data,
        }
        self.history.append(event)
        return event

    def tell(self, url: str, event: dict[str, Any]) -> Delivered:
        """Posts an event, signed; the same event again is the same message again."""
        body = msgspec.json.encode({"type": event["type"], "timestamp": event["time"], "data": event["data"]})
        return self.deliver(url, body, self.headers(event["id"], body))

    def tell_as_cloud_event(self, url: str, *events: dict[str, Any]) -> Delivered:
        """The same as CloudEvents: one structured, several as a batch."""
        body = msgspec.json.encode(events[0] if len(events) == 1 else events)
        kind = "cloudevents" if len(events) == 1 else "cloudevents-batch"
        headers = self.headers(f"m-{secrets.token_hex(8)}", body) | {"content-type": f"application/{kind}+json"}
        return self.deliver(url, body, headers)

    def headers(self, id: str, body: bytes) -> dict[str, str]:
        """Of a message that is sent now."""
        now = int(dt.datetime.now(dt.UTC).timestamp())
        return sign(keys_of([Secret(self.secret)]), id, now, body) | {"content-type": "application/json"}

    def answer(self, call: Call) -> Reply:
        if call.path == "/feed":
            return Reply(json=self._after(call.query.get("lastEventId")))
        if call.path == "/stock":
            if not signed_by(call, keys_of([Secret(self.secret)])):
                return Reply(401, json={"message": "not signed"})
            return Reply(json={"results": [self._set(level) for level in call.json()["data"]["levels"]]})
        return super().answer(call)

    def _after(self, last: str | None) -> list[dict[str, Any]]:
        ids = [each["id"] for each in self.history]
        begin = ids.index(last) + 1 if last in ids else 0
        return self.history[begin : begin + PAGE]

    def _set(self, level: dict[str, Any]) -> dict[str, Any]:
        if level["sku"] not in self.stock:
            return {"sku": level["sku"], "ok": False, "reason": "no such sku"}
        self.stock[level["sku"]] = level["quantity"]
        return {"sku": level["sku"], "ok": True}
