"""What connectors tell of their platforms: orders, stock readings, chat. Pure data.

A platform's ids are texts here, whatever it sends. Times have an offset. An order is named as the platform names it, its lines by
the platform's own skus: the host maps both to the room's. Plugin authors find these names in `overlaykit.api`.
"""

from __future__ import annotations

import datetime as dt
from typing import Annotated, Literal

from msgspec import Meta, Struct

PlatformId = Annotated[str, Meta(min_length=1, max_length=128)]
"""What a platform calls something."""
Units = Annotated[int, Meta(ge=1, le=1_000_000_000)]


class Line(Struct, frozen=True, kw_only=True):
    """Units of one thing in an order.

    platform_sku  what the platform or its shop calls it; the plan's `skus` of the channel say which item it is
    line          the platform's id of the line, where it has one
    unit_price    in the currency's minor unit (分, cents)
    """

    platform_sku: PlatformId
    quantity: Units
    line: str = ""
    unit_price: int | None = None
    currency: str | None = None


class PlatformEvent(Struct, frozen=True, kw_only=True, tag_field="kind"):
    """Base of what arrives.

    delivery  the platform's id of this message, the same when it is delivered again; "" where it has none
    shop      the platform's id of the shop it is about; "" where an app has one shop
    at        when it happened there; None where the platform does not say
    """

    delivery: str = ""
    shop: str = ""
    at: dt.datetime | None = None


class OrderEvent(PlatformEvent, frozen=True, kw_only=True):
    """Something that happened to an order.

    transition  what tells this happening from others of its kind to the same order, such as the id of a refund; "" where it can
                happen once. The same happening has the same transition under every delivery
    """

    order: PlatformId
    transition: str = ""


class OrderPlaced(OrderEvent, frozen=True, kw_only=True, tag="order.placed"):
    """An order that is not paid yet, with all lines it has now. Units that an event of their own takes off, a cancellation of
    lines or a refund, stay in them."""

    lines: tuple[Line, ...]
    buyer: str | None = None


class OrderPaid(OrderEvent, frozen=True, kw_only=True, tag="order.paid"):
    """A paid order, with lines as OrderPlaced has them, whether it was told before or not."""

    lines: tuple[Line, ...]
    buyer: str | None = None


class OrderCancelled(OrderEvent, frozen=True, kw_only=True, tag="order.cancelled"):
    """An order that will not be sent, or `lines` of it."""

    lines: tuple[Line, ...] = ()


class OrderShipped(OrderEvent, frozen=True, kw_only=True, tag="order.shipped"):
    """An order that is on its way, or `lines` of it."""

    lines: tuple[Line, ...] = ()


class Refunded(OrderEvent, frozen=True, kw_only=True, tag="order.refunded"):
    """An order that was paid back, or `lines` of it.

    restock  whether the units can be sold again; None where the platform does not say: they are not, and a person is asked
    """

    lines: tuple[Line, ...] = ()
    restock: bool | None = None


class OrderRef(OrderEvent, frozen=True, kw_only=True, tag="order.ref"):
    """That something happened to an order, and little more: it moves no stock. The gateway has it enriched.

    hint  what the message said besides, for `enrich`; of several that wait together for one question all hints are given, of one
          name the last
    """

    hint: dict[str, str] = {}


class StockLevelObserved(Struct, frozen=True, kw_only=True, tag_field="kind", tag="stock.observed"):
    """An absolute reading of one sku at one location, as the plan names both.

    location              None where the plan has one location
    basis                 on_hand: all that is in the warehouse; available: what may still be sold
    includes_open_orders  (basis on_hand) whether units of orders that are not shipped yet were counted too
    observed_at           when it was true, with an offset; None: when it was asked for
    """

    sku: str
    quantity: int
    location: str | None = None
    basis: Literal["on_hand", "available"] = "on_hand"
    includes_open_orders: bool = True
    observed_at: dt.datetime | None = None


class ListingObserved(PlatformEvent, frozen=True, kw_only=True, tag="listing.observed"):
    """What a platform says that it still sells of something: our own number comes back so, and so does another's change.

    quantity  None where the platform does not count it, or does not say
    """

    platform_sku: PlatformId
    quantity: int | None


class ChatMessage(Struct, frozen=True, kw_only=True, tag_field="kind", tag="chat.message"):
    """What a viewer wrote.

    id      the platform's own id of it, the same when it is delivered again
    author  the name that the platform shows
    at      when it was written, with an offset; None where the platform does not say
    """

    id: str
    author: str
    text: str
    at: dt.datetime | None = None


class ChatDeleted(Struct, frozen=True, kw_only=True, tag_field="kind", tag="chat.deleted"):
    """A message that the platform or its author took back, by its id."""

    id: str


class Unknown(PlatformEvent, frozen=True, kw_only=True, tag="unknown"):
    """A genuine message of a kind that the connector does not know: it is kept for a while, and counted.

    what  the platform's name for its kind
    """

    what: str


OrderFact = OrderPlaced | OrderPaid | OrderCancelled | OrderShipped | Refunded
"""Events that move stock."""
Arrival = OrderFact | OrderRef | ListingObserved | ChatMessage | ChatDeleted | Unknown
"""What `Connector.parse` gives."""


class StockLevel(Struct, frozen=True, kw_only=True):
    """The number that a platform may sell of something from now on: absolute.

    key  the same when the same number is pushed again after nobody knew what became of it
    """

    sku: str
    platform_sku: str
    quantity: int
    key: str


class StockPushResult(Struct, frozen=True):
    """What came of one StockLevel.

    ok      whether the platform sells this number now
    reason  why not, in the platform's words
    also    another name by which the platform's messages call this listing (ListingObserved), where they do
    """

    level: StockLevel
    ok: bool
    reason: str | None = None
    also: str | None = None
