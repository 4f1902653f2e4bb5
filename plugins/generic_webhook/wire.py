"""What a shop says: one event in three dresses (Standard Webhooks, CloudEvents structured or batch, CloudEvents binary), and
what it means. Pure.

CloudEvents: https://github.com/cloudevents/spec/blob/v1.0.2/cloudevents/spec.md
"""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterator, Mapping
from typing import Annotated, Any
from urllib.parse import unquote

import msgspec
from msgspec import Meta, Raw, Struct

from overlaykit.api import (
    Arrival,
    BadMessage,
    Line,
    ListingObserved,
    OrderCancelled,
    OrderPaid,
    OrderPlaced,
    OrderShipped,
    Refunded,
    Request,
    Unknown,
    unbase64,
)

Time = Annotated[dt.datetime, Meta(tz=True, description="RFC 3339 with an offset: 2026-11-11T20:00:00+08:00")]
Id = Annotated[str, Meta(min_length=1, max_length=128)] | int
MaybeId = Annotated[str, Meta(max_length=128)] | int
Quantity = Annotated[int, Meta(ge=1, le=1_000_000_000)]


class OrderLine(Struct, kw_only=True):
    """Units of one thing in an order."""

    sku: Annotated[Id, Meta(description="What the shop calls it.")]
    quantity: Quantity
    line: Annotated[Id | None, Meta(description="The shop's id of the line.")] = None
    unit_price: Annotated[int | None, Meta(description="In the currency's minor unit: 分, cents.")] = None
    currency: Annotated[str | None, Meta(description="ISO 4217: CNY")] = None

    def read(self) -> Line:
        return Line(
            platform_sku=str(self.sku),
            quantity=self.quantity,
            line="" if self.line is None else str(self.line),
            unit_price=self.unit_price,
            currency=self.currency,
        )


class WholeOrder(Struct, kw_only=True):
    """An order with all lines that it has now."""

    order: Annotated[Id, Meta(description="The shop's id of the order.")]
    lines: Annotated[list[OrderLine], Meta(min_length=1)]
    shop: Annotated[MaybeId, Meta(description="Which shop, where several send to one address.")] = ""
    buyer: Annotated[
        Id | None, Meta(description="The shop's id of the buyer, for limits. It is kept as a keyed hash.")
    ] = None


class Placed(WholeOrder):
    """An order that is not paid yet."""

    def read(self, common: Common) -> Arrival:
        return OrderPlaced(**common, **_whole(self))


class Paid(WholeOrder):
    """A paid order, whether it was told before or not."""

    def read(self, common: Common) -> Arrival:
        return OrderPaid(**common, **_whole(self))


class PartOfOrder(Struct, kw_only=True):
    """An order that was told before, or `lines` of it."""

    order: Annotated[Id, Meta(description="The shop's id of the order.")]
    shop: Annotated[MaybeId, Meta(description="Which shop, where several send to one address.")] = ""
    lines: Annotated[list[OrderLine], Meta(description="What it is about; without it the whole order.")] = []
    transition: Annotated[
        MaybeId,
        Meta(
            description="The shop's id of this happening, such as the number of the refund or parcel: the same happening "
            "has the same one however often it is sent. It must be there where there are lines.",
        ),
    ] = ""

    def __post_init__(self) -> None:
        if self.lines and self.transition == "":
            raise ValueError(
                "lines need a transition, which tells this part of the order from the next: the number of the refund, parcel …"
            )


class Cancelled(PartOfOrder):
    """It will not be sent."""

    def read(self, common: Common) -> Arrival:
        return OrderCancelled(**common, **_part(self))


class Shipped(PartOfOrder):
    """It is on its way."""

    def read(self, common: Common) -> Arrival:
        return OrderShipped(**common, **_part(self))


class PaidBack(PartOfOrder):
    """It was paid back."""

    restock: Annotated[
        bool | None, Meta(description="Whether the units can be sold again; without it a person is asked.")
    ] = None

    def read(self, common: Common) -> Arrival:
        return Refunded(**common, **_part(self), restock=self.restock)


class Listing(Struct, kw_only=True):
    """How many of something the shop still sells."""

    sku: Annotated[Id, Meta(description="What the shop calls it.")]
    quantity: Annotated[int | None, Meta(description="null: the shop does not count it")]
    shop: MaybeId = ""

    def read(self, common: Common) -> Arrival:
        return ListingObserved(**common, shop=str(self.shop), platform_sku=str(self.sku), quantity=self.quantity)


Common = dict[str, Any]
"""`delivery` and `at`: what every event has."""
KINDS: Mapping[str, type[Placed | Paid | Cancelled | Shipped | PaidBack | Listing]] = {
    "order.placed": Placed,
    "order.paid": Paid,
    "order.cancelled": Cancelled,
    "order.shipped": Shipped,
    "order.refunded": PaidBack,
    "listing.observed": Listing,
}
"""Type → what its data must hold."""


class Plain(Struct):
    """The body of Standard Webhooks."""

    type: str
    timestamp: Time
    data: Raw


class CloudEvent(Struct):
    """A CloudEvent in JSON; extensions are passed over."""

    specversion: str
    id: Annotated[str, Meta(min_length=1)]
    source: Annotated[str, Meta(min_length=1)]
    type: Annotated[str, Meta(min_length=1)]
    time: Time | None = None
    datacontenttype: str = "application/json"
    data: Raw = msgspec.field(default_factory=Raw)
    data_base64: str = ""


def read_message(request: Request, *, prefix: str, binary: bool) -> Iterator[Arrival]:
    """What a message says. `prefix` of the shop's types is left out; `binary`: whether CloudEvents may come in headers.

    Raises BadMessage.
    """
    if "ce-specversion" in request.headers:
        if not binary:
            raise BadMessage(
                "二进制 CloudEvent 的类型写在头里，签名不包括它。请用结构化方式发送"
                "（application/cloudevents+json），或在设置里写 `binary = true` / "
                "a binary CloudEvent: its type stands in headers, which the signature does not cover. Send it structured "
                "(application/cloudevents+json), or set `binary = true` in the settings"
            )
        yield read_cloud_event(_from_headers(request), prefix, id=request.headers.get("webhook-id"))
        return
    body = request.text().lstrip()
    if body.startswith("["):
        for each in request.read(list[CloudEvent]):
            yield read_cloud_event(each, prefix)
        return
    if "specversion" in request.read(dict[str, Raw]):
        yield read_cloud_event(request.read(CloudEvent), prefix)
        return
    event: Plain = request.read(Plain)
    yield _read(event.type, event.data, prefix, delivery=request.headers.get("webhook-id"), at=event.timestamp)


def read_feed(body: bytes) -> list[CloudEvent]:
    """The events of a feed's answer. Raises BadMessage."""
    try:
        return Request(body=body).read(list[CloudEvent])
    except BadMessage as error:
        raise BadMessage(f"不是数据源：{error.words.zh} / the feed is none: {error.words.en}") from None


def read_cloud_event(event: CloudEvent, prefix: str, *, id: str | None = None) -> Arrival:
    """What one says. `id`: what its own must be, where only that is signed. Raises BadMessage."""
    if event.specversion != "1.0":
        raise BadMessage(
            f"看不懂 CloudEvents {event.specversion[:20]}，应为 1.0 / "
            f"CloudEvents {event.specversion[:20]} is not understood: 1.0 was expected"
        )
    if id is not None and event.id != id:
        raise BadMessage(
            "ce-id 和 webhook-id 不同：签名只包括 webhook-id，两者必须相同 / "
            "ce-id and webhook-id differ: they must be the same, since only webhook-id is signed"
        )
    media = event.datacontenttype.partition(";")[0].strip().lower()
    if media != "application/json" and not media.endswith("+json"):
        raise BadMessage(
            f"看不懂 {media[:60]} 类型的 data，应为 application/json / "
            f"data of the type {media[:60]} is not understood: application/json was expected"
        )
    data: bytes | None = bytes(event.data) or unbase64(event.data_base64)
    if data is None:
        raise BadMessage("data_base64 不是 base64 / data_base64 is no base64")
    # Source and id together are what CloudEvents says to tell repeats by; neither holds a line's end.
    return _read(event.type, data, prefix, delivery=f"{event.source}\n{event.id}", at=event.time)


def _from_headers(request: Request) -> CloudEvent:
    """Of the binary mode: attributes in headers, percent-encoded; the body is the data."""
    given = {name[3:]: unquote(value) for name, value in request.headers.items() if name.startswith("ce-")}
    given["datacontenttype"] = request.headers.get("content-type", "") or "application/json"
    try:
        event = msgspec.convert(given, CloudEvent, strict=False)
    except msgspec.ValidationError as error:
        raise BadMessage(f"ce- 头的内容不对：{error} / the ce- headers do not fit: {error}") from None
    event.data = Raw(request.text())
    return event


def _read(type: str, data: bytes | Raw, prefix: str, **common: Any) -> Arrival:
    kind = KINDS.get(type.removeprefix(prefix))
    if kind is None:
        return Unknown(**common, what=type)
    found: Placed | Paid | Cancelled | Shipped | PaidBack | Listing = Request().read(kind, text=bytes(data) or b"null")
    return found.read(common)


def _whole(order: WholeOrder) -> dict[str, Any]:
    return {
        "order": str(order.order),
        "shop": str(order.shop),
        "lines": tuple(line.read() for line in order.lines),
        "buyer": None if order.buyer is None else str(order.buyer),
    }


def _part(part: PartOfOrder) -> dict[str, Any]:
    return {
        "order": str(part.order),
        "shop": str(part.shop),
        "lines": tuple(line.read() for line in part.lines),
        "transition": str(part.transition),
    }
