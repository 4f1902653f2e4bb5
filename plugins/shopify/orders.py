"""An order as Shopify has it, from its messages or its API, and what it comes to. Pure.

Lines keep the quantity that was ordered. What is taken away later, by a refund or an edit, is a refund of its own with its own id:
so it counts once, in whichever order the news comes.
"""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterator, Sequence
from decimal import Decimal
from typing import Any, Literal

from msgspec import Struct

from overlaykit.api import Line, OrderCancelled, OrderFact, OrderPaid, OrderPlaced, OrderShipped, Refunded

Number = int | str
"""An id: a number in messages, longer than a float can hold; a text in the API."""
SkuFrom = Literal["sku", "variant_id"]
NO_MINOR_UNIT = frozenset(
    ["BIF", "CLP", "DJF", "GNF", "JPY", "KMF", "KRW", "PYG", "RWF", "UGX", "VND", "VUV", "XAF", "XOF", "XPF"]
)
"""Currencies whose smallest unit is the whole."""
PAID = frozenset({"paid", "partially_refunded", "refunded"})
RESTOCKED = {"cancel": True, "return": True, "legacy_restock": True, "no_restock": False}
"""restock_type → whether the units can be sold again; what is not here is not known."""


class LineItem(Struct):
    id: Number
    quantity: int
    sku: Number | None = None
    variant_id: Number | None = None
    title: str = ""
    price: Number | float | None = None


class RefundLine(Struct):
    quantity: int
    line_item: LineItem
    restock_type: str = ""


class Refund(Struct):
    id: Number
    order_id: Number
    created_at: dt.datetime | None = None
    refund_line_items: list[RefundLine] = []


class Fulfillment(Struct):
    """A parcel, or several."""

    id: Number
    order_id: Number
    status: str | None = "success"
    created_at: dt.datetime | None = None
    line_items: list[LineItem] = []


class Customer(Struct):
    id: Number


class Order(Struct):
    id: Number
    line_items: list[LineItem]
    financial_status: str | None = None
    currency: str | None = None
    customer: Customer | None = None
    created_at: dt.datetime | None = None
    edited: bool = False
    cancelled_at: dt.datetime | None = None
    refunds: list[Refund] = []
    fulfillments: list[Fulfillment] = []


class Reading(Struct, frozen=True):
    """How orders are read: what names a thing, and whether buyers are told."""

    sku_from: SkuFrom
    buyers: bool

    def name(self, item: LineItem) -> str:
        """What the plan calls it by. What has no variant, such as a gift wrap that somebody typed in, has its title."""
        first, second = (item.sku, item.variant_id) if self.sku_from == "sku" else (item.variant_id, item.sku)
        return str(first or second or f"custom:{item.title or item.id}")[:128]

    def lines(self, items: Sequence[tuple[LineItem, int]], currency: str | None = None) -> tuple[Line, ...]:
        """Items with how many of each."""
        return tuple(
            Line(
                platform_sku=self.name(item),
                quantity=quantity,
                line=str(item.id),
                unit_price=_minor_units(item.price, currency),
                currency=currency if item.price is not None else None,
            )
            for item, quantity in items
            if quantity > 0
        )

    def sold(self, order: Order, *, paid: bool | None = None, **common: Any) -> Iterator[OrderPaid | OrderPlaced]:
        """The order itself; nothing when it has no lines."""
        lines = self.lines([(item, item.quantity) for item in order.line_items], order.currency)
        buyer = str(order.customer.id) if self.buyers and order.customer else None
        kind = OrderPaid if (_is_paid(order) if paid is None else paid) else OrderPlaced
        if lines:
            yield kind(order=str(order.id), lines=lines, buyer=buyer, **common)

    def refunded(self, refund: Refund, **common: Any) -> Iterator[Refunded]:
        """What a refund gives back: one event for what can be sold again, what cannot, and what nobody says. Nothing when it was
        about money alone."""
        for restock, said in ((True, "restock"), (False, "no_restock"), (None, "unknown")):
            items = [
                (each.line_item, each.quantity)
                for each in refund.refund_line_items
                if RESTOCKED.get(each.restock_type.lower()) is restock
            ]
            if lines := self.lines(items):
                yield Refunded(
                    order=str(refund.order_id),
                    lines=lines,
                    restock=restock,
                    transition=f"refund:{refund.id}:{said}",
                    **common,
                )

    def shipped(self, parcel: Fulfillment, **common: Any) -> Iterator[OrderShipped]:
        """What left the warehouse; nothing of a parcel that did not."""
        lines = self.lines([(item, item.quantity) for item in parcel.line_items])
        if lines and (parcel.status or "success").lower() == "success":
            yield OrderShipped(order=str(parcel.order_id), lines=lines, transition=f"fulfillment:{parcel.id}", **common)

    def everything(self, order: Order, *, shop: str, at: dt.datetime | None) -> Iterator[OrderFact]:
        """All that has happened to an order, as one would have been told it bit by bit; `at`: when it changed last.

        Each happening has its own time. The order as such is as old as it is, unless it was edited: told later, with a later time,
        it would be news, and bring a cancelled order back."""
        held = order.cancelled_at or (at if order.edited else order.created_at)
        yield from self.sold(order, shop=shop, at=held)
        for parcel in order.fulfillments:
            yield from self.shipped(parcel, shop=shop, at=parcel.created_at)
        for refund in order.refunds:
            yield from self.refunded(refund, shop=shop, at=refund.created_at)
        if order.cancelled_at is not None:
            yield OrderCancelled(order=str(order.id), shop=shop, at=order.cancelled_at)


def _is_paid(order: Order) -> bool:
    return (order.financial_status or "").lower() in PAID


def _minor_units(price: Number | float | None, currency: str | None) -> int | None:
    """`199.00` as 19900; None for what is no price."""
    try:
        units = None if price is None else int(Decimal(str(price)).scaleb(0 if currency in NO_MINOR_UNIT else 2))
    except (ArithmeticError, ValueError):
        return None
    return units if units is None or abs(units) < 10**15 else None
