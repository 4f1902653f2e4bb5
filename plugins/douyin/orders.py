"""Orders and refunds as Doudian's API gives them → what happened, as the room understands it. Pure.

Source: order.orderDetail, order.searchList and afterSale.Detail (op.jinritemai.com/docs/api-docs), by the official SDK's models.
"""

from __future__ import annotations

from msgspec import Struct, field

from overlaykit.api import Line, OrderCancelled, OrderFact, OrderPaid, OrderPlaced, OrderShipped, Refunded
from plugins.douyin.settings import SkuField
from plugins.douyin.wire import UNITS_STAY, Id, moment

UNPAID, READY, SHIPPED, CANCELLED, FINISHED, PART_SHIPPED, PART_PAID, PAID = 1, 2, 3, 4, 5, 101, 103, 105
IS_PAID = frozenset({READY, SHIPPED, FINISHED, PART_SHIPPED, PAID})
NEVER_SHIPPED = frozenset({2, 4, 5})
"""Kinds of after-sales before shipping: refund 发货前退款, cancelled by the system, by the buyer."""
RETURNED = 0
"""Kind of after-sales 退货退款: the goods came back, and somebody has to look at them."""


class SkuOrder(Struct):
    """A line: an order of one sku within the shop's order (子订单)."""

    order_id: Id
    item_num: int
    product_id: Id = ""
    product_id_str: str = ""
    sku_id: Id = ""
    out_sku_id: Id | None = ""
    code: str | None = ""
    origin_amount: int | None = None

    def platform_sku(self, by: SkuField) -> str:
        """By its product and sku where the field asked for is empty, so that somebody can map it."""
        chosen = {"code": self.code, "out_sku_id": self.out_sku_id, "sku_id": ""}[by]
        if chosen and str(chosen) != "0":
            return str(chosen)
        return f"{self.product_id_str or self.product_id}/{self.sku_id}"

    def line(self, by: SkuField, quantity: int | None = None) -> Line:
        return Line(
            platform_sku=self.platform_sku(by),
            quantity=quantity or self.item_num,
            line=str(self.order_id),
            unit_price=self.origin_amount,
            currency="CNY",
        )


class ParcelContent(Struct):
    sku_order_id: Id
    product_count: int


class Parcel(Struct):
    """A parcel that has left."""

    delivery_id: Id | None = ""
    tracking_no: Id | None = ""
    ship_time: int | None = None
    product_info: list[ParcelContent] | None = None


class ShopOrder(Struct):
    """An order of a shop (店铺父订单)."""

    order_id: Id
    order_status: int
    shop_id: Id = ""
    doudian_open_id: str | None = None
    open_id: Id | None = None
    create_time: int | None = None
    pay_time: int | None = None
    update_time: int | None = None
    sku_order_list: list[SkuOrder] = field(default_factory=list)
    logistics_info: list[Parcel] | None = None


class AfterSale(Struct):
    after_sale_id: Id
    after_sale_type: int
    after_sale_apply_count: int | None = None
    update_time: int | None = None


class RefundedSku(Struct):
    sku_order_id: Id
    item_quantity: int | None = None
    after_sale_item_count: int | None = None


class RefundedOrder(Struct):
    shop_order_id: Id = ""
    sku_order_infos: list[RefundedSku] = field(default_factory=list)


class ProcessInfo(Struct):
    after_sale_info: AfterSale


class Refund(Struct):
    """What afterSale.Detail says."""

    process_info: ProcessInfo
    order_info: RefundedOrder


def facts_of_order(order: ShopOrder, by: SkuField, *, paid: bool = False) -> list[OrderFact]:
    """All that has happened to the order so far: what was told before is told again, and counts once.

    `paid`: a message said so, whatever the order says. An order that is closed was told as paid while it was: only that
    it will not be sent is new, after what of it has left.
    """
    shop, id = str(order.shop_id), str(order.order_id)
    buyer = order.doudian_open_id or (str(order.open_id) if order.open_id else None)
    lines = tuple(each.line(by) for each in order.sku_order_list)
    facts: list[OrderFact] = []
    if order.order_status == CANCELLED:
        facts += _shipments(order, by)
        facts.append(OrderCancelled(shop=shop, order=id, at=moment(order.update_time)))
    elif order.order_status in IS_PAID or paid:
        at = moment(order.pay_time) or moment(order.create_time)
        facts.append(OrderPaid(shop=shop, order=id, lines=lines, buyer=buyer, at=at))
        facts += _shipments(order, by)
        if order.order_status in (SHIPPED, FINISHED) and len(facts) == 1:
            facts.append(OrderShipped(shop=shop, order=id))
    elif order.order_status in (UNPAID, PART_PAID):
        at = moment(order.create_time)
        facts.append(OrderPlaced(shop=shop, order=id, lines=lines, buyer=buyer, at=at))
    return facts


def facts_of_refund(refund: Refund, order: ShopOrder, by: SkuField) -> list[OrderFact]:
    """What a refund that is finished gives back. Units that never left can be sold again; of those that came back somebody has to
    say it; those for which only money went back are gone."""
    about = refund.process_info.after_sale_info
    if about.after_sale_type in UNITS_STAY:
        return []
    skus = {str(each.order_id): each for each in order.sku_order_list}
    lines = tuple(
        skus[str(each.sku_order_id)].line(by, each.after_sale_item_count or each.item_quantity)
        for each in refund.order_info.sku_order_infos
        if str(each.sku_order_id) in skus
    )
    restock = True if about.after_sale_type in NEVER_SHIPPED else None if about.after_sale_type == RETURNED else False
    return [
        Refunded(
            order=str(order.order_id),
            shop=str(order.shop_id),
            transition=f"aftersale-{about.after_sale_id}",
            lines=lines,
            restock=restock,
            at=moment(about.update_time),
        )
    ]


def _shipments(order: ShopOrder, by: SkuField) -> list[OrderFact]:
    """One for each parcel."""
    skus = {str(each.order_id): each for each in order.sku_order_list}
    shipments: list[OrderFact] = []
    for number, parcel in enumerate(order.logistics_info or ()):
        name = str(parcel.delivery_id or parcel.tracking_no or number)
        lines = tuple(
            skus[str(each.sku_order_id)].line(by, each.product_count)
            for each in parcel.product_info or ()
            if str(each.sku_order_id) in skus and each.product_count
        )
        if not lines:
            continue
        shipments.append(
            OrderShipped(
                shop=str(order.shop_id),
                order=str(order.order_id),
                transition=f"parcel-{name}",
                lines=lines,
                at=moment(parcel.ship_time),
            )
        )
    return shipments
