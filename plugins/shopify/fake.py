"""A made-up Shopify shop: its orders, its messages, and as much of its GraphQL API as the connector uses. All of it is synthetic.

It does not read GraphQL: it knows the connector's queries by their names.
"""

from __future__ import annotations

import datetime as dt
import itertools
from collections.abc import Callable, Mapping, Sequence
from typing import Any

import msgspec

from overlaykit.api import Reply
from overlaykit.testing import Call, Delivered, FakePlatform, sign_hmac_base64

TOKEN = "shpat_made_up"
FIRST_ID = 9_007_199_254_740_993
"""Larger than a float can hold, as Shopify's own may be."""


class FakeShopify(FakePlatform):
    """A shop with one location.

    available   sku → units that it sells; None: not stocked at the location
    orders      id → the order, as messages have it
    throttled   it answers that a query costs more than is left
    meanwhile   called just before numbers are written: somebody buys, between a look and a write
    """

    def __init__(
        self,
        *,
        secret: str,
        stock: Mapping[str, int],
        shop: str = "made-up.myshopify.com",
        location: str = "655441491",
        port: int = 0,
    ) -> None:
        super().__init__(port)
        self.secret, self.shop, self.location = secret, shop, location
        self.available: dict[str, int | None] = dict(stock)
        self.orders: dict[str, dict[str, Any]] = {}
        self.throttled = False
        self.meanwhile: Callable[[], None] | None = None
        self._ids = itertools.count(FIRST_ID + 1_000)
        self._variants = {sku: next(self._ids) for sku in stock}
        self._items = {sku: next(self._ids) for sku in stock}
        self._written: dict[str, tuple[Any, Any]] = {}

    # What happens in the shop.

    def place(
        self, lines: Sequence[tuple[str, int]], *, id: str = "", paid: bool = False, customer: int | None = None
    ) -> dict[str, Any]:
        """An order of so many of each sku, whether or not there are as many: the shop decides that elsewhere."""
        id = id or str(next(self._ids))
        items = [
            {
                "id": next(self._ids),
                "sku": sku,
                "variant_id": self._variants.get(sku),
                "title": f"Made-up {sku}",
                "quantity": quantity,
                "current_quantity": quantity,
                "price": "199.00",
            }
            for sku, quantity in lines
        ]
        for sku, quantity in lines:
            if (left := self.available.get(sku)) is not None:
                self.available[sku] = left - quantity
        self.orders[id] = {
            "id": int(id),
            "financial_status": "paid" if paid else "pending",
            "currency": "CNY",
            "customer": {"id": customer} if customer else None,
            "created_at": _now(),
            "cancelled_at": None,
            "line_items": items,
            "refunds": [],
            "fulfillments": [],
        }
        return self._changed(id)

    def pay(self, id: str) -> dict[str, Any]:
        self.orders[id]["financial_status"] = "paid"
        return self._changed(id)

    def cancel(self, id: str) -> dict[str, Any]:
        self.orders[id]["cancelled_at"] = _now()
        return self._changed(id)

    def refund(
        self, id: str, lines: Sequence[tuple[str, int]] = (), *, restock_type: str = "return", refund: int | None = None
    ) -> dict[str, Any]:
        """Of some units, or all when none are said; gives the refund."""
        given = {
            "id": refund or next(self._ids),
            "order_id": int(id),
            "created_at": _now(),
            "refund_line_items": [
                {"id": next(self._ids), "quantity": quantity, "restock_type": restock_type, "line_item": item}
                for item, quantity in self._some(id, lines)
            ],
        }
        self.orders[id]["refunds"].append(given)
        self._changed(id)
        return given

    def ship(self, id: str, lines: Sequence[tuple[str, int]] = (), *, status: str = "success") -> dict[str, Any]:
        """A parcel with some units, or all; gives the fulfillment."""
        given = {
            "id": next(self._ids),
            "order_id": int(id),
            "status": status,
            "created_at": _now(),
            "line_items": [item | {"quantity": quantity} for item, quantity in self._some(id, lines)],
        }
        self.orders[id]["fulfillments"].append(given)
        self._changed(id)
        return given

    def level(self, sku: str, *, location: str = "") -> dict[str, Any]:
        """What `inventory_levels/update` says of a sku."""
        where = int(location or self.location)
        return {"inventory_item_id": self._items[sku], "location_id": where, "available": self.available[sku]}

    def item(self, sku: str) -> str:
        """The inventory item of a sku."""
        return str(self._items[sku])

    # What it says of it.

    def headers(self, topic: str, body: bytes, event: str, **more: str) -> dict[str, str]:
        """Of a message, signed."""
        return {
            "content-type": "application/json",
            "x-shopify-topic": topic,
            "x-shopify-hmac-sha256": sign_hmac_base64("sha256", self.secret, body),
            "x-shopify-shop-domain": self.shop,
            "x-shopify-api-version": "2026-04",
            "x-shopify-webhook-id": f"webhook-{event}",
            "x-shopify-event-id": event,
            "x-shopify-triggered-at": _now(),
            **more,
        }

    def tell(self, url: str, topic: str, payload: Mapping[str, Any], event: str) -> Delivered:
        """Posts a message; the same `event` again is the same message again."""
        body = msgspec.json.encode(payload)
        return self.deliver(url, body, self.headers(topic, body, event))

    # Its API.

    def answer(self, call: Call) -> Reply:
        if call.path == "/admin/oauth/access_token":
            return Reply(json={"access_token": TOKEN, "scope": "read_orders", "expires_in": 86_399})
        if call.path != "/admin/api/2026-04/graphql.json":
            return super().answer(call)
        if call.headers.get("x-shopify-access-token") != TOKEN:
            return Reply(401, json={"errors": "[API] Invalid API key or access token"})
        if self.throttled:
            return Reply(
                json={
                    "errors": [{"message": "Throttled", "extensions": {"code": "THROTTLED"}}],
                    "extensions": {
                        "cost": {
                            "requestedQueryCost": 152,
                            "actualQueryCost": None,
                            "throttleStatus": {
                                "maximumAvailable": 1000.0,
                                "currentlyAvailable": 2,
                                "restoreRate": 50.0,
                            },
                        }
                    },
                }
            )
        asked = call.json()
        answers = {
            "Order": self._order,
            "Changed": self._changes,
            "Variants": self._variants_of,
            "Levels": self._levels,
            "Set": self._set,
        }
        return Reply(json={"data": answers[asked["operationName"]](asked["variables"])})

    def _order(self, asked: Any) -> Any:
        order = self.orders.get(_tail(asked["id"]))
        if order is None:
            return {"order": None}
        return {
            "order": {
                "legacyResourceId": str(order["id"]),
                "displayFinancialStatus": order["financial_status"].upper(),
                "createdAt": order["created_at"],
                "edited": order.get("edited", False),
                "cancelledAt": order["cancelled_at"],
                "customer": order["customer"] and {"legacyResourceId": str(order["customer"]["id"])},
                "lineItems": {"nodes": [_node(item, item["quantity"]) for item in order["line_items"]]},
                "refunds": [
                    {
                        "legacyResourceId": str(refund["id"]),
                        "createdAt": refund["created_at"],
                        "refundLineItems": {
                            "nodes": [
                                {
                                    "quantity": each["quantity"],
                                    "restockType": each["restock_type"].upper(),
                                    "lineItem": _node(each["line_item"], each["line_item"]["quantity"]),
                                }
                                for each in refund["refund_line_items"]
                            ]
                        },
                    }
                    for refund in order["refunds"]
                ],
                "fulfillments": [
                    {
                        "legacyResourceId": str(parcel["id"]),
                        "createdAt": parcel["created_at"],
                        "status": parcel["status"].upper(),
                        "fulfillmentLineItems": {
                            "nodes": [
                                {"quantity": item["quantity"], "lineItem": _node(item, item["quantity"])}
                                for item in parcel["line_items"]
                            ]
                        },
                    }
                    for parcel in order["fulfillments"]
                ],
            }
        }

    def _changes(self, asked: Any) -> Any:
        since = asked["query"].removeprefix("updated_at:>='").removesuffix("'")
        begin = dt.datetime.fromisoformat(since)
        found = sorted(
            (order for order in self.orders.values() if dt.datetime.fromisoformat(order["updated_at"]) >= begin),
            key=lambda order: order["updated_at"],
        )
        place = int(asked["after"] or 0)
        page = found[place : place + 50]
        return {
            "orders": {
                "nodes": [{"legacyResourceId": str(order["id"]), "updatedAt": order["updated_at"]} for order in page],
                "pageInfo": {"hasNextPage": place + 50 < len(found), "endCursor": str(place + 50)},
            }
        }

    def _variants_of(self, asked: Any) -> Any:
        names = {part.partition(":")[2].strip('"') for part in asked["query"].split(" OR ")}
        found = [sku for sku in self._variants if sku in names or str(self._variants[sku]) in names]
        return {
            "productVariants": {
                "nodes": [
                    {
                        "legacyResourceId": str(self._variants[sku]),
                        "sku": sku,
                        "inventoryItem": {"legacyResourceId": self.item(sku)},
                    }
                    for sku in found
                ]
            }
        }

    def _levels(self, asked: Any) -> Any:
        skus = {item: sku for sku, item in self._items.items()}
        nodes = []
        for id in asked["ids"]:
            sku = skus.get(int(_tail(id)))
            here = sku is not None and _tail(asked["location"]) == self.location
            units = self.available[sku] if sku is not None and here else None
            level = None if units is None else {"quantities": [{"quantity": units}]}
            nodes.append(None if sku is None else {"legacyResourceId": _tail(id), "inventoryLevel": level})
        return {"nodes": nodes}

    def _set(self, asked: Any) -> Any:
        if self.meanwhile is not None:
            self.meanwhile()
        before = self._written.get(asked["key"])
        if before is not None:
            same = before[0] == asked["input"]
            return before[1] if same else _refused("IDEMPOTENCY_KEY_PARAMETER_MISMATCH", "another input", None)
        answer = self._write(asked["input"]["quantities"])
        self._written[asked["key"]] = asked["input"], answer
        return answer

    def _write(self, quantities: Sequence[dict[str, Any]]) -> Any:
        skus = {str(item): sku for sku, item in self._items.items()}
        for index, each in enumerate(quantities):
            sku = skus.get(_tail(each["inventoryItemId"]))
            if sku is None:
                return _refused("INVALID_INVENTORY_ITEM", "The specified inventory item could not be found.", index)
            if self.available[sku] != each["changeFromQuantity"]:
                return _refused("CHANGE_FROM_QUANTITY_STALE", "The value does not match persisted value.", index)
        for each in quantities:
            self.available[skus[_tail(each["inventoryItemId"])]] = each["quantity"]
        return {"inventorySetQuantities": {"userErrors": []}}

    def _some(self, id: str, lines: Sequence[tuple[str, int]]) -> list[tuple[dict[str, Any], int]]:
        items = self.orders[id]["line_items"]
        wanted = dict(lines) or {item["sku"]: item["quantity"] for item in items}
        return [(item, wanted[item["sku"]]) for item in items if item["sku"] in wanted]

    def _changed(self, id: str) -> dict[str, Any]:
        self.orders[id]["updated_at"] = _now()
        return self.orders[id]


def _now() -> str:
    return dt.datetime.now(dt.UTC).isoformat()


def _tail(gid: str) -> str:
    return gid.rpartition("/")[2]


def _node(item: Mapping[str, Any], quantity: int) -> dict[str, Any]:
    return {
        "id": f"gid://shopify/LineItem/{item['id']}",
        "quantity": quantity,
        "sku": item["sku"],
        "title": item["title"],
        "variant": item["variant_id"] and {"legacyResourceId": str(item["variant_id"])},
        "originalUnitPriceSet": {"shopMoney": {"amount": "199.0", "currencyCode": "CNY"}},
    }


def _refused(code: str, message: str, index: int | None) -> Any:
    field = ["input"] if index is None else ["input", "quantities", str(index)]
    return {"inventorySetQuantities": {"userErrors": [{"code": code, "message": message, "field": field}]}}
