"""What Shopify's messages say, whose they are, and what is made of those that say nothing to the room."""

from __future__ import annotations

import json
import os
from pathlib import Path
from typing import Any

import msgspec
import pytest

from overlaykit.api import (
    Arrival,
    BadMessage,
    Headers,
    ListingObserved,
    OrderCancelled,
    OrderPaid,
    OrderPlaced,
    OrderRef,
    OrderShipped,
    Refunded,
    Request,
    Secret,
    Unknown,
    UserError,
)
from overlaykit.testing import sign_hmac_base64
from plugins.shopify.connector import Shopify, ShopSettings
from plugins.shopify.orders import LineItem, Reading

SHOP = "made-up.myshopify.com"
LINE = {
    "id": 866550311766439020,
    "sku": "COAT-M",
    "variant_id": 808950810,
    "title": "羊绒大衣",
    "quantity": 2,
    "price": "899.00",
}
ORDER = {
    "id": 820982911946154508,
    "financial_status": "pending",
    "currency": "CNY",
    "customer": {"id": 115310627314723954},
    "line_items": [LINE],
}


def connector(**more: Any) -> Shopify:
    given = {"secret": (Secret("new"), Secret("old")), "shop": SHOP, "location": "655441491"} | more
    return Shopify(ShopSettings(**given))


def request(topic: str, payload: Any, *, secret: str = "new", **headers: str) -> Request:
    body = msgspec.json.encode(payload)
    given = {
        "X-Shopify-Topic": topic,
        "X-Shopify-Hmac-Sha256": sign_hmac_base64("sha256", secret, body),
        "X-Shopify-Shop-Domain": SHOP,
        "X-Shopify-Event-Id": "event-1",
        "X-Shopify-Webhook-Id": "webhook-1",
        "X-Shopify-Triggered-At": "2026-11-11T12:00:00.123456789Z",
    }
    return Request(
        headers=Headers(given | {name.replace("_", "-"): value for name, value in headers.items()}), body=body
    )


def read(topic: str, payload: Any, made: Shopify | None = None, **headers: str) -> list[Arrival]:
    return list((made or connector()).parse(request(topic, payload, **headers)))


def test_the_new_and_the_old_secret_count_and_no_other() -> None:
    for secret, genuine in (("new", True), ("old", True), ("another", False), ("", False)):
        assert connector().verify(request("orders/create", ORDER, secret=secret)) is genuine


def test_an_empty_secret_is_none() -> None:
    with pytest.raises(UserError, match="empty"):
        connector(secret=())


def test_an_order_keeps_its_ids_however_long_its_price_in_the_smallest_unit_and_its_time() -> None:
    (event,) = read("orders/create", ORDER)
    assert isinstance(event, OrderPlaced)
    assert (event.order, event.shop, event.delivery) == ("820982911946154508", SHOP, "orders/create:event-1")
    assert event.at is not None
    assert event.at.isoformat(timespec="seconds") == "2026-11-11T12:00:00+00:00"
    (line,) = event.lines
    assert (line.platform_sku, line.quantity, line.line) == ("COAT-M", 2, "866550311766439020")
    assert (line.unit_price, line.currency) == (89900, "CNY")
    assert event.buyer is None, "buyers are told only where the plan says so"
    (told,) = read("orders/create", ORDER, connector(buyers=True))
    assert isinstance(told, OrderPlaced)
    assert told.buyer == "115310627314723954"


@pytest.mark.parametrize(
    ("topic", "status", "kind"),
    [
        ("orders/create", "pending", OrderPlaced),
        ("orders/create", "authorized", OrderPlaced),
        ("orders/create", None, OrderPlaced),
        ("orders/create", "paid", OrderPaid),
        ("orders/create", "partially_refunded", OrderPaid),
        ("orders/paid", "pending", OrderPaid),
    ],
)
def test_an_order_is_paid_when_shopify_says_so(topic: str, status: str | None, kind: type[Any]) -> None:
    (event,) = read(topic, ORDER | {"financial_status": status})
    assert type(event) is kind


def test_what_was_ordered_stays_ordered_after_a_refund_which_is_told_apart() -> None:
    (event,) = read("orders/create", ORDER | {"line_items": [LINE | {"current_quantity": 0}]})
    assert isinstance(event, OrderPlaced)
    assert event.lines[0].quantity == 2


def test_an_order_of_nothing_says_nothing() -> None:
    assert read("orders/create", ORDER | {"line_items": []}) == []


def test_cancelled_edited_and_shipped_orders() -> None:
    (cancelled,) = read("orders/cancelled", ORDER)
    assert isinstance(cancelled, OrderCancelled)
    assert (cancelled.order, cancelled.lines) == ("820982911946154508", ())
    (edited,) = read("orders/edited", {"order_edit": {"id": 1, "order_id": 820982911946154508, "line_items": {}}})
    assert isinstance(edited, OrderRef)
    assert edited.order == "820982911946154508"
    parcel = {
        "id": 255858046,
        "order_id": 820982911946154508,
        "status": "success",
        "line_items": [LINE | {"quantity": 1}],
    }
    (shipped,) = read("fulfillments/create", parcel)
    assert isinstance(shipped, OrderShipped)
    assert (shipped.transition, shipped.lines[0].quantity) == ("fulfillment:255858046", 1)
    assert read("fulfillments/create", parcel | {"status": "pending"}) == [], "it is not on its way yet"
    (later,) = read("fulfillments/update", parcel)
    assert isinstance(later, OrderShipped)
    assert later.transition == shipped.transition, "the same parcel"
    assert read("fulfillments/update", parcel | {"status": "cancelled"}) == []


def refund(*kinds: str) -> dict[str, Any]:
    lines = [{"id": n, "quantity": 1, "restock_type": kind, "line_item": LINE} for n, kind in enumerate(kinds)]
    return {"id": 890088186047892319, "order_id": 820982911946154508, "refund_line_items": lines}


def test_a_refund_says_for_each_line_whether_its_units_can_be_sold_again() -> None:
    found = read("refunds/create", refund("return", "no_restock", "cancel", "something_new"))
    told = {
        (event.restock, sum(line.quantity for line in event.lines)) for event in found if isinstance(event, Refunded)
    }
    assert told == {(True, 2), (False, 1), (None, 1)}
    assert len({event.transition for event in found if isinstance(event, Refunded)}) == 3


def test_a_refund_of_money_alone_moves_nothing() -> None:
    assert read("refunds/create", refund()) == []


def test_a_test_message_is_put_aside_though_it_says_that_it_is_paid() -> None:
    (event,) = read("orders/paid", ORDER, X_Shopify_Test="true")
    assert isinstance(event, Unknown)
    assert event.what == "test:orders/paid"


@pytest.mark.parametrize("topic", ["app/uninstalled", "customers/redact", ""])
def test_other_topics_are_kept_as_unknown(topic: str) -> None:
    assert all(isinstance(event, Unknown) for event in read(topic, {"id": 1}))


def test_without_an_event_id_the_message_is_known_by_its_webhook_id() -> None:
    (event,) = read("orders/create", ORDER, X_Shopify_Event_Id="")
    assert isinstance(event, OrderPlaced)
    assert event.delivery == "orders/create:webhook-1"


@pytest.mark.parametrize("time", ["", "yesterday", "2026-11-11T12:00:00"])
def test_a_time_that_is_none_is_left_out(time: str) -> None:
    (event,) = read("orders/create", ORDER, X_Shopify_Triggered_At=time)
    assert isinstance(event, OrderPlaced)
    assert event.at is None


LEVEL = {"inventory_item_id": 271878346596884015, "location_id": 655441491, "available": 0}


def test_the_number_of_our_location_is_a_listing_by_the_plans_name_of_the_item() -> None:
    (event,) = read("inventory_levels/update", LEVEL, connector(items={"271878346596884015": "COAT-M"}))
    assert isinstance(event, ListingObserved)
    assert (event.platform_sku, event.quantity) == ("COAT-M", 0)
    (unnamed,) = read("inventory_levels/update", LEVEL)
    assert isinstance(unnamed, ListingObserved)
    assert unnamed.platform_sku == "inventory_item:271878346596884015"


def test_null_and_negative_available_are_told_as_they_are_and_other_locations_are_not_ours() -> None:
    (event,) = read("inventory_levels/update", LEVEL | {"available": None})
    assert isinstance(event, ListingObserved)
    assert event.quantity is None
    (event,) = read("inventory_levels/update", LEVEL | {"available": "-3"})
    assert isinstance(event, ListingObserved)
    assert event.quantity == -3
    assert read("inventory_levels/update", LEVEL | {"location_id": 7}) == []


def test_a_variant_that_shopify_stopped_to_count_is_said_and_others_are_not() -> None:
    variants = [
        {"id": 1, "sku": "COAT-M", "inventory_management": "shopify", "inventory_quantity": 9},
        {"id": 2, "sku": "GIFT", "inventory_management": None, "inventory_quantity": -4},
    ]
    (event,) = read("products/update", {"id": 5, "variants": variants})
    assert isinstance(event, ListingObserved)
    assert (event.platform_sku, event.quantity) == ("GIFT", None)


@pytest.mark.parametrize(
    ("item", "by_sku", "by_variant"),
    [
        (LineItem(1, 1, sku="COAT-M", variant_id=8), "COAT-M", "8"),
        (LineItem(1, 1, sku="", variant_id=8), "8", "8"),
        (LineItem(1, 1, sku=None, title="礼品包装"), "custom:礼品包装", "custom:礼品包装"),
        (LineItem(1, 1, title="x" * 300), f"custom:{'x' * 121}", f"custom:{'x' * 121}"),
    ],
)
def test_what_a_thing_is_called(item: LineItem, by_sku: str, by_variant: str) -> None:
    assert Reading("sku", False).name(item) == by_sku
    assert Reading("variant_id", False).name(item) == by_variant


@pytest.mark.parametrize(
    ("price", "currency", "units"),
    [
        ("199.00", "CNY", 19900),
        ("1500", "JPY", 1500),
        ("0.1", "USD", 10),
        ("free", "USD", None),
        ("1e999999999", "USD", None),
        ("1e99", "USD", None),
    ],
)
def test_prices_are_told_in_the_smallest_unit(price: str, currency: str, units: int | None) -> None:
    (line,) = Reading("sku", False).lines([(LineItem(1, 1, sku="A", price=price), 1)], currency)
    assert line.unit_price == units


@pytest.mark.parametrize(
    "payload", [[], "text", {}, {"id": 1}, ORDER | {"line_items": [{"id": 1}]}, ORDER | {"id": []}]
)
def test_what_does_not_fit_is_a_bad_message(payload: Any) -> None:
    with pytest.raises(BadMessage):
        read("orders/create", payload)


def test_the_published_vectors_are_reproduced() -> None:
    folder = Path(os.environ.get("OVERLAYKIT_WIRE_SAMPLES", ""))
    if not (folder / "vectors.json").is_file():
        pytest.skip("OVERLAYKIT_WIRE_SAMPLES does not point to a folder with vectors.json")
    vectors = json.loads((folder / "vectors.json").read_text(encoding="utf-8"))
    tried = 0
    for vector in vectors:
        if vector.get("header") == "X-Shopify-Hmac-Sha256":
            tried += 1
            signed = Request(headers=Headers({vector["header"]: vector["expected"]}), body=vector["body"].encode())
            assert connector(secret=(Secret("x"), Secret(vector["secret"]))).verify(signed)
    assert tried == 2
