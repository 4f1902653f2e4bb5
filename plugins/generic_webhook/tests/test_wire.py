"""What a shop's message means, in each of its dresses, and what is said of one that does not fit."""

from __future__ import annotations

import base64
import datetime as dt
import json
from collections.abc import Mapping
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from overlaykit.api import (
    Arrival,
    BadMessage,
    Headers,
    Line,
    ListingObserved,
    OrderCancelled,
    OrderPaid,
    OrderPlaced,
    OrderShipped,
    Refunded,
    Request,
    Unknown,
)
from plugins.generic_webhook.schema import event_schema
from plugins.generic_webhook.wire import KINDS, read_message

HERE = Path(__file__).parents[1]
AT = dt.datetime(2026, 11, 11, 12, tzinfo=dt.UTC)
LINES = [{"sku": "MINI-001", "quantity": 2}]
PAID = {"order": "M-1", "buyer": "u-7", "lines": LINES}


def read(
    body: Any, headers: Mapping[str, str] | None = None, *, prefix: str = "", binary: bool = False
) -> list[Arrival]:
    raw = body if isinstance(body, bytes) else json.dumps(body, ensure_ascii=False).encode()
    request = Request(headers=Headers({"webhook-id": "msg-1", **(headers or {})}), body=raw)
    return list(read_message(request, prefix=prefix, binary=binary))


def plain(type: str, data: Any) -> dict[str, Any]:
    return {"type": type, "timestamp": "2026-11-11T20:00:00+08:00", "data": data}


def cloud(type: str = "order.paid", data: Any = PAID, **more: Any) -> dict[str, Any]:
    event = {"specversion": "1.0", "id": "e-9", "source": "/shop", "type": type, "time": "2026-11-11T12:00:00Z"}
    return event | {"data": data} | more


COMMON: dict[str, Any] = {"delivery": "msg-1", "at": AT, "order": "M-1"}
READ = (Line(platform_sku="MINI-001", quantity=2),)


@pytest.mark.parametrize(
    ("type", "data", "meaning"),
    [
        (
            "order.shipped",
            {"order": "M-1", "lines": LINES, "transition": "SF1"},
            OrderShipped(**COMMON, transition="SF1", lines=READ),
        ),
        ("order.placed", PAID, OrderPlaced(**COMMON, buyer="u-7", lines=READ)),
        ("order.paid", PAID, OrderPaid(**COMMON, buyer="u-7", lines=READ)),
        ("order.cancelled", {"order": "M-1"}, OrderCancelled(**COMMON)),
        ("order.refunded", {"order": "M-1", "transition": "r-1"}, Refunded(**COMMON, transition="r-1", restock=None)),
        ("order.refunded", {"order": "M-1", "restock": True}, Refunded(**COMMON, restock=True)),
        (
            "listing.observed",
            {"sku": "MINI-001", "quantity": 0, "shop": "north"},
            ListingObserved(delivery="msg-1", at=AT, shop="north", platform_sku="MINI-001", quantity=0),
        ),
    ],
)  # fmt: skip
def test_each_type_is_read_as_what_it_says(type: str, data: Any, meaning: Arrival) -> None:
    assert read(plain(type, data)) == [meaning]


def test_ids_may_be_numbers_of_any_length_and_quantities_texts() -> None:
    line = {"sku": 7_205_759_403_792_794_123, "quantity": "3", "unit_price": 9900, "currency": "CNY", "line": 1}
    (event,) = read(plain("order.paid", {"order": 2**70, "shop": 7, "lines": [line]}))
    assert isinstance(event, OrderPaid)
    assert (event.order, event.shop) == ("1180591620717411303424", "7")
    assert event.lines == (
        Line(platform_sku="7205759403792794123", quantity=3, line="1", unit_price=9900, currency="CNY"),
    )


def test_a_byte_order_mark_and_fields_that_nobody_knows_change_nothing() -> None:
    body = plain("order.paid", PAID | {"coupon": "double-11"}) | {"tenant": 9}
    assert read(b"\xef\xbb\xbf" + json.dumps(body).encode()) == read(plain("order.paid", PAID))


def test_a_type_that_is_not_ours_is_said_to_be_unknown() -> None:
    assert read(plain("order.reviewed", {"stars": 5})) == [Unknown(delivery="msg-1", at=AT, what="order.reviewed")]


def test_the_shops_prefix_is_left_out() -> None:
    (event,) = read(plain("com.example.order.paid", PAID), prefix="com.example.")
    assert isinstance(event, OrderPaid)


def test_a_structured_cloud_event_is_told_from_others_by_source_and_id() -> None:
    (event,) = read(cloud())
    assert event == OrderPaid(delivery="/shop\ne-9", at=AT, order="M-1", buyer="u-7", lines=READ)
    assert read(cloud(), {"webhook-id": "msg-2"}) == [event], "the same event under another message id"


def test_the_data_of_a_cloud_event_may_be_base64() -> None:
    packed = cloud(data_base64=base64.b64encode(json.dumps(PAID).encode()).decode())
    del packed["data"]
    assert read(packed) == read(cloud())


def test_a_batch_is_each_of_its_events_and_an_empty_one_nothing() -> None:
    batch = [cloud(), cloud("order.cancelled", {"order": "M-2"}, id="e-10")]
    assert [type(event) for event in read(batch)] == [OrderPaid, OrderCancelled]
    assert read([]) == []


CE = {"ce-specversion": "1.0", "ce-id": "msg-1", "ce-source": "/%E5%BA%97", "ce-type": "order.paid"}


def test_a_binary_cloud_event_counts_only_where_the_plan_says_so() -> None:
    with pytest.raises(BadMessage, match="binary = true"):
        read(PAID, CE)
    (event,) = read(PAID, CE | {"ce-time": "2026-11-11T12:00:00Z"}, binary=True)
    assert event == OrderPaid(delivery="/店\nmsg-1", at=AT, order="M-1", buyer="u-7", lines=READ)


def test_the_id_of_a_binary_cloud_event_is_the_one_that_is_signed() -> None:
    with pytest.raises(BadMessage, match="ce-id and webhook-id differ"):
        read(PAID, CE | {"ce-id": "another"}, binary=True)


def test_a_plain_message_cannot_be_made_another_by_adding_headers() -> None:
    with pytest.raises(BadMessage):
        read(plain("order.paid", PAID), CE | {"ce-type": "order.cancelled"}, binary=True)


@pytest.mark.parametrize(
    ("body", "why"),
    [
        (b"", "not JSON"),
        (b"\xff\xfe", "not UTF-8"),
        (b"[" * 100_000, "does not fit"),
        (b'{"data":' * 100_000, "nested too deeply"),
        ("text", "Expected `object`"),
        (plain("order.paid", {"order": "M-1"}), "missing required field `lines`"),
        (plain("order.paid", PAID | {"lines": []}), "length >= 1"),
        (plain("order.paid", PAID | {"lines": [{"sku": "A", "quantity": 0}]}), r"`int` >= 1 - at `\$.lines\[0\].quantity`"),
        (plain("order.paid", PAID | {"lines": [{"sku": "A", "quantity": -3}]}), "`int` >= 1"),
        (plain("order.paid", PAID | {"lines": [{"sku": "A", "quantity": 1.5}]}), "Expected `int`"),
        (plain("order.paid", PAID | {"lines": [{"sku": "A", "quantity": True}]}), "Expected `int`"),
        (plain("order.paid", PAID | {"order": ""}), "length >= 1"),
        (plain("order.paid", PAID | {"order": "x" * 129}), "length <= 128"),
        (plain("order.paid", None), "Expected `object`"),
        ({"type": "order.paid", "data": PAID}, "missing required field `timestamp`"),
        (plain("order.paid", PAID) | {"timestamp": "2026-11-11T20:00:00"}, "timezone"),
        (plain("order.refunded", {"order": "M-1", "lines": LINES}), "lines need a transition"),
        (cloud(specversion="0.3"), "1.0 was expected"),
        (cloud(datacontenttype="text/xml"), "application/json was expected"),
        (cloud(data_base64="%", data=PAID) | {"data": PAID}, None),
        ([cloud(), 7], "Expected `object`"),
    ],
)  # fmt: skip
def test_what_does_not_fit_is_said_with_where(body: Any, why: str | None) -> None:
    if why is None:
        assert read(body), "data counts before data_base64"
        return
    with pytest.raises(BadMessage, match=why):
        read(body)


JUNK = st.recursive(st.none() | st.booleans() | st.integers() | st.text(), st.lists)


@settings(deadline=None)
@given(st.binary(max_size=200) | JUNK.map(lambda junk: json.dumps(junk).encode()))
def test_whatever_the_body_is_it_is_read_or_a_bad_message(body: bytes) -> None:
    try:
        read(body)
    except BadMessage:
        return


def test_the_schema_beside_the_guide_is_the_generated_one() -> None:
    written = (HERE / "event.schema.json").read_text(encoding="utf-8")
    generated = json.dumps(event_schema(), ensure_ascii=False, indent=2) + "\n"
    assert written == generated, (
        "write json.dumps(event_schema(), ensure_ascii=False, indent=2) to event.schema.json, and mend the guide"
    )


def test_the_guide_names_each_type_with_its_fields() -> None:
    guide = (HERE / "README.md").read_text(encoding="utf-8")
    rows = {
        line.split("`")[1]: line for line in guide.splitlines() if line.startswith("| `") and "." in line.split("`")[1]
    }
    assert set(rows) == set(KINDS)
    for name, kind in KINDS.items():
        for field in kind.__struct_fields__:
            assert f"`{field}`" in rows[name], (name, field)
