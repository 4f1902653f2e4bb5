"""Events of WeChat's message push, once their envelope is open.

Source: developers.weixin.qq.com/doc/store (微信小店 → 消息推送). They are thin: the order and the after-sale are asked for.
Numbers come as numbers or as texts.
"""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterator

import msgspec
from msgspec import Struct

from overlaykit.api import Arrival, BadMessage, OrderCancelled, OrderRef, Request, Unknown
from plugins.wechat_channels.crypto import read_xml
from plugins.wechat_channels.orders import SUCCEEDED, Id, moment

NEW, PAY, WAIT, DELIVER, CANCEL = (
    f"channels_ec_order_{each}" for each in ("new", "pay", "wait_shipping", "deliver", "cancel")
)
AFTERSALE = frozenset({"channels_ec_aftersale_update", "channels_ec_present_aftersale_update"})
STILL = frozenset(
    {
        "channels_ec_order_confirm",
        "channels_ec_order_settle",
        "channels_ec_order_ext_info_update",
        "product_order_status_update",
        "product_spu_audit",
        "product_spu_listing",
        "product_spu_update",
        "product_category_audit",
        "channels_ec_stock_no_enough",
    }
)
"""Events that move no stock, or say again what others say."""
ALL_REFUNDED = 3
"""cancel_type of an order that is closed because all of it was refunded: the refunds say what comes back."""


class OrderInfo(Struct):
    order_id: Id
    cancel_type: int | None = None


class AfterSaleInfo(Struct):
    order_id: Id
    after_sale_order_id: Id
    status: str


class Event(Struct):
    Event: str = ""
    MsgType: str = ""
    CreateTime: int | None = None
    order_info: OrderInfo | None = None
    finder_shop_aftersale_status_update: AfterSaleInfo | None = None
    finder_shop_present_aftersale_status_update: AfterSaleInfo | None = None


def arrivals_of(request: Request, text: str) -> Iterator[Arrival]:
    """What an event says. Raises BadMessage."""
    event = _read(request, text)
    at = moment(event.CreateTime)
    if event.Event in (NEW, PAY, WAIT, DELIVER, CANCEL):
        if event.order_info is None:
            raise BadMessage(f"{event.Event} 里没有 order_info / {event.Event} without order_info")
        order = str(event.order_info.order_id)
        delivery = f"{event.Event}-{order}-{event.CreateTime}"
        if event.Event == CANCEL and event.order_info.cancel_type != ALL_REFUNDED:
            yield OrderCancelled(delivery=delivery, order=order, at=at)
        else:
            hint = {"paid": event.Event} if event.Event in (PAY, WAIT) else {}
            yield OrderRef(delivery=delivery, order=order, at=at, hint=hint)
    elif event.Event in AFTERSALE:
        about = event.finder_shop_aftersale_status_update or event.finder_shop_present_aftersale_status_update
        if about is None:
            raise BadMessage(f"{event.Event} 里没有售后状态 / {event.Event} without the after-sale's state")
        if about.status in SUCCEEDED:
            delivery = f"{about.status}-{about.after_sale_order_id}-{event.CreateTime}"
            yield ref_to_refund(
                about.order_id, about.after_sale_order_id, delivery=delivery, at=at, status=about.status
            )
    elif event.Event not in STILL:
        what = event.Event or f"MsgType {event.MsgType}"
        yield Unknown(delivery=f"{what}-{event.CreateTime}", what=what, at=at)


def ref_to_refund(order: Id, aftersale: Id, *, status: str, at: dt.datetime | None, delivery: str = "") -> OrderRef:
    """An after-sale to ask for: the same whether it was told or polled."""
    hint = {"aftersale": str(aftersale), "status": status}
    return OrderRef(delivery=delivery, order=str(order), transition=f"aftersale-{aftersale}", at=at, hint=hint)


def told_paid(ref: OrderRef) -> bool:
    """Whether the event said that the order is paid: the API may be a moment behind."""
    return "paid" in ref.hint


def told_done(ref: OrderRef) -> bool:
    """Whether the event said that the after-sale has given the money back."""
    return ref.hint.get("status") in SUCCEEDED


def _read(request: Request, text: str) -> Event:
    if not text.lstrip().startswith("<"):
        return request.read(Event, text=text)
    try:
        return msgspec.convert(read_xml(text), Event, strict=False)
    except msgspec.ValidationError as error:
        raise BadMessage(f"消息格式不对：{error} / the message does not fit: {error}") from None
