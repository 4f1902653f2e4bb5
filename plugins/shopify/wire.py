"""Shopify's messages: whose they are, and what they say. Pure.

https://shopify.dev/docs/apps/build/webhooks and /docs/api/webhooks for the topics.
"""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterator, Sequence
from typing import Any

import msgspec
from msgspec import Struct

from overlaykit.api import (
    Arrival,
    ListingObserved,
    OrderCancelled,
    OrderRef,
    Request,
    Secret,
    Unknown,
    hmac_base64,
)
from plugins.shopify.orders import Fulfillment, Number, Order, Reading, Refund


def is_genuine(request: Request, secrets: Sequence[Secret]) -> bool:
    """Whether the body was signed with one of the app's secrets. Shopify signs no header: not the topic, not the time."""
    given = request.headers.get("x-shopify-hmac-sha256")
    return any([hmac_base64("sha256", secret, request.body, expected=given) for secret in secrets])


class Cancelled(Struct):
    id: Number


class Edit(Struct):
    id: Number
    order_id: Number


class Edited(Struct):
    order_edit: Edit


class InventoryLevel(Struct):
    inventory_item_id: Number
    location_id: Number
    available: int | None


class Variant(Struct):
    id: Number
    sku: Number | None = None
    title: str = ""
    inventory_management: str | None = "shopify"


class Product(Struct):
    variants: list[Variant] = []


def read_message(request: Request, reading: Reading, *, location: str, items: dict[str, str]) -> Iterator[Arrival]:
    """What a message says.

    location  the location whose numbers are ours
    items     inventory item → what the plan calls it by
    """
    topic = request.headers.get("x-shopify-topic")
    id = request.headers.get("x-shopify-event-id") or request.headers.get("x-shopify-webhook-id")
    common: dict[str, Any] = {
        "delivery": f"{topic}:{id}" if id else "",
        "shop": request.headers.get("x-shopify-shop-domain"),
        "at": _time(request.headers.get("x-shopify-triggered-at")),
    }
    if request.headers.get("x-shopify-test").lower() == "true":
        yield Unknown(**common, what=f"test:{topic}")  # an order that nobody made, and it says that it is paid
        return
    match topic:
        case "orders/create":
            yield from reading.sold(request.read(Order), **common)
        case "orders/paid":
            yield from reading.sold(request.read(Order), paid=True, **common)
        case "orders/cancelled":
            yield OrderCancelled(order=str(request.read(Cancelled).id), **common)
        case "orders/edited":
            edit: Edit = request.read(Edited).order_edit
            yield OrderRef(order=str(edit.order_id), **common)
        case "refunds/create":
            yield from reading.refunded(request.read(Refund), **common)
        case "fulfillments/create" | "fulfillments/update":
            yield from reading.shipped(request.read(Fulfillment), **common)
        case "inventory_levels/update":
            yield from _listed(request.read(InventoryLevel), location, items, common)
        case "products/update":
            yield from _untracked(request.read(Product), reading, common)
        case _:
            yield Unknown(**common, what=topic)


def _listed(
    level: InventoryLevel, location: str, items: dict[str, str], common: dict[str, Any]
) -> Iterator[ListingObserved]:
    """Of our location alone: what lies elsewhere is not the number that we push."""
    if str(level.location_id) == location:
        item = str(level.inventory_item_id)
        yield ListingObserved(platform_sku=items.get(item, item_name(item)), quantity=level.available, **common)


def item_name(item: str) -> str:
    """What messages of numbers call an inventory item that the settings do not name."""
    return f"inventory_item:{item}"


def _untracked(product: Product, reading: Reading, common: dict[str, Any]) -> Iterator[ListingObserved]:
    """Variants that Shopify has stopped to count: it sells them without end. The number of the others is told by
    `inventory_levels/update`; here it is a sum over all locations."""
    for variant in product.variants:
        if variant.inventory_management is None:
            name = variant.sku if reading.sku_from == "sku" and variant.sku else variant.id
            yield ListingObserved(platform_sku=str(name), quantity=None, **common)


def _time(text: str) -> dt.datetime | None:
    """None for what is no time with an offset."""
    try:
        found = msgspec.convert(text, dt.datetime)
    except msgspec.ValidationError:
        return None
    return found if found.tzinfo else None
