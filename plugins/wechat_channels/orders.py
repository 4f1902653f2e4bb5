"""Orders and after-sales as WeChat's API gives them → what happened, as the room understands it. Pure.

Source: 获取订单详情 (channels/ec/order/get), 获取售后单 (channels/ec/aftersale/getaftersaleorder).
"""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterator

from msgspec import Struct, field

from overlaykit.api import BadMessage, Line, OrderCancelled, OrderFact, OrderPaid, OrderPlaced, OrderShipped, Refunded
from plugins.wechat_channels.settings import SkuField

UNPAID, TO_SHIP, PART_SHIPPED, SHIPPED, FINISHED = 10, 20, 21, 30, 100
CLOSED = frozenset({190, 200, 250})
"""Oversold and closed by the shop; all of it refunded; closed by the buyer, the shop, or for want of payment."""
MONEY_BACK, GOODS_BACK = "REFUND", "RETURN"
"""Types of after-sales 退款, 退货退款; there are others, such as exchanges, which give no units back."""
SUCCEEDED = frozenset({"MERCHANT_REFUND_SUCCESS", "MERCHANT_RETURN_SUCCESS"})
"""States of an after-sale that has given the money back."""

MILLISECONDS_FROM = 100_000_000_000

Id = str | int


class Product(Struct):
    """A line."""

    product_id: Id
    sku_id: Id
    sku_cnt: int
    sku_code: str | None = ""
    out_sku_id: Id | None = ""
    sale_price: int | None = None

    def platform_sku(self, by: SkuField) -> str:
        """By its product and sku where the field asked for is empty, so that somebody can map it."""
        chosen = {"sku_id": "", "sku_code": self.sku_code, "out_sku_id": self.out_sku_id}[by]
        return str(chosen) if chosen else f"{self.product_id}/{self.sku_id}"


class PayInfo(Struct):
    pay_time: int | None = None


class ParcelContent(Struct):
    product_id: Id
    sku_id: Id
    product_cnt: int


class Parcel(Struct):
    waybill_id: str | None = ""
    delivery_time: int | None = None
    product_infos: list[ParcelContent] | None = None


class DeliveryInfo(Struct):
    delivery_product_info: list[Parcel] | None = None


class OrderDetail(Struct):
    product_infos: list[Product] = field(default_factory=list)
    pay_info: PayInfo | None = None
    delivery_info: DeliveryInfo | None = None


class Order(Struct):
    order_id: Id
    status: int
    order_detail: OrderDetail
    openid: str | None = None
    create_time: int | None = None
    update_time: int | None = None

    @property
    def parcels(self) -> list[Parcel]:
        delivery = self.order_detail.delivery_info
        return (delivery.delivery_product_info or []) if delivery else []

    @property
    def paid_at(self) -> int:
        return (self.order_detail.pay_info.pay_time or 0) if self.order_detail.pay_info else 0


class RefundedProduct(Struct):
    product_id: Id
    sku_id: Id
    count: int


class Refund(Struct):
    """An after-sale."""

    after_sale_order_id: Id
    order_id: Id
    status: str
    type: str
    product_info: RefundedProduct
    update_time: int | None = None

    @property
    def gives_back(self) -> bool:
        """Whether it has to do with units, whatever its state."""
        return self.type in (MONEY_BACK, GOODS_BACK)


def facts_of_order(order: Order, by: SkuField, *, paid: bool = False) -> list[OrderFact]:
    """All that has happened to the order so far: what was told before is told again, and counts once.

    `paid`: an event said so, whatever the order says. Of an order that is closed only that is new, after what of it has left.
    """
    id, status = str(order.order_id), order.status
    if status in CLOSED:
        return [*_shipments(order, by), OrderCancelled(order=id, at=moment(order.update_time))]
    lines = tuple(
        Line(platform_sku=each.platform_sku(by), quantity=each.sku_cnt, unit_price=each.sale_price, currency="CNY")
        for each in order.order_detail.product_infos
    )
    if not (paid or order.paid_at or status in (TO_SHIP, PART_SHIPPED, SHIPPED, FINISHED)):
        at = moment(order.create_time)
        return [OrderPlaced(order=id, lines=lines, buyer=order.openid or None, at=at)]
    at = moment(order.paid_at) or moment(order.create_time)
    shipments = list(_shipments(order, by))
    if status in (SHIPPED, FINISHED) and not shipments:
        shipments.append(OrderShipped(order=id))
    return [OrderPaid(order=id, lines=lines, buyer=order.openid or None, at=at), *shipments]


def facts_of_refund(refund: Refund, order: Order, by: SkuField, *, done: bool = False) -> list[OrderFact]:
    """What an after-sale that has given the money back means for the units. Those that never left can be sold again; of those that
    came back somebody has to say it; the others are gone. `done`: an event said so, whatever the after-sale says."""
    if not refund.gives_back or not (done or refund.status in SUCCEEDED):
        return []
    about = refund.product_info
    key = (str(about.product_id), str(about.sku_id))
    skus = {
        (str(each.product_id), str(each.sku_id)): each.platform_sku(by) for each in order.order_detail.product_infos
    }
    left = order.status in (SHIPPED, FINISHED) or any(
        (str(each.product_id), str(each.sku_id)) == key
        for parcel in order.parcels
        for each in parcel.product_infos or ()
    )
    return [
        Refunded(
            order=str(order.order_id),
            transition=f"aftersale-{refund.after_sale_order_id}",
            lines=(Line(platform_sku=skus.get(key, "/".join(key)), quantity=about.count),) if about.count else (),
            restock=None if refund.type == GOODS_BACK else not left,
            at=moment(refund.update_time),
        )
    ]


def moment(stamp: int | None) -> dt.datetime | None:
    """A time of the platform, in seconds or milliseconds; None where it is 0 or missing. Raises BadMessage."""
    if not stamp:
        return None
    try:
        return dt.datetime.fromtimestamp(stamp / 1000 if stamp >= MILLISECONDS_FROM else stamp, dt.UTC)
    except (ValueError, OverflowError, OSError):
        raise BadMessage(
            f"{stamp} 不是时间，应为 1970 年以来的秒数 / {stamp} is no time: seconds since 1970 were expected"
        ) from None


def _shipments(order: Order, by: SkuField) -> Iterator[OrderShipped]:
    """One for each parcel."""
    skus = {
        (str(each.product_id), str(each.sku_id)): each.platform_sku(by) for each in order.order_detail.product_infos
    }
    for number, parcel in enumerate(order.parcels):
        name = parcel.waybill_id or str(number)
        lines = tuple(
            Line(platform_sku=skus[str(each.product_id), str(each.sku_id)], quantity=each.product_cnt)
            for each in parcel.product_infos or ()
            if (str(each.product_id), str(each.sku_id)) in skus and each.product_cnt
        )
        if lines:
            yield OrderShipped(
                order=str(order.order_id),
                transition=f"parcel-{name}",
                lines=lines,
                at=moment(parcel.delivery_time),
            )
