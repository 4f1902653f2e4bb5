"""Messages that Doudian pushes (消息推送), and its spelling of ids and times.

A message is `{"tag", "msg_id", "data"}`; they come one by one or in an array. Source: op.jinritemai.com/docs/guide-docs/153/99,
op.jinritemai.com/docs/message-docs, and the models of the official SDK. The documents' examples disagree on numbers and texts, on
`msg_id` and `msgId`, and on whether `data` is an object or JSON in a text: all are read.
"""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterator

import msgspec
from msgspec import Raw, Struct

from overlaykit.api import Arrival, BadMessage, OrderCancelled, OrderRef, Request, Unknown

CREATED, PAID, SHIPPED, CANCELLED, PART_SHIPPED, PAID_PENDING = 100, 101, 102, 106, 108, 110
REFUNDED = 206
THIN = frozenset({CREATED, PAID, SHIPPED, PART_SHIPPED, PAID_PENDING})
"""Tags after which the order is asked for."""
STILL = frozenset({0, 103, 104, 105, 109, *range(111, 116), *range(200, 219), 400}) - {REFUNDED}
"""Tags that move no stock: 0 is the probe of the console; addresses, amounts, memos; refunds under way; products."""
UNITS_STAY = frozenset({3, 6, 7, 8})
"""Kinds of after-sales that give no units back: exchange 换货, price protection 价保, resend 补寄, repair 维修."""
MILLISECONDS_FROM = 100_000_000_000
"""A time with as many digits is in milliseconds: in seconds it would be the year 5138."""

Id = str | int


class Message(Struct):
    tag: int
    data: Raw = Raw(b"{}")
    msg_id: Id = ""
    msgId: Id = ""


class TradeData(Struct):
    """Of tags 1xx."""

    p_id: Id
    shop_id: Id = ""
    cancel_time: int | None = None


class RefundData(Struct):
    """Of tags 2xx."""

    p_id: Id
    aftersale_id: Id
    shop_id: Id = ""
    aftersale_type: int | None = None
    success_time: int | None = None


def arrivals_of(request: Request) -> Iterator[Arrival]:
    """What a push says. Raises BadMessage."""
    many = request.text().lstrip().startswith("[")
    for message in request.read(list[Message]) if many else [request.read(Message)]:
        yield from _arrivals(message, request)


def told_paid(ref: OrderRef) -> bool:
    """Whether the message said that the order is paid: the API may be a moment behind."""
    return "paid" in ref.hint


def ref_to_refund(order: Id, aftersale: Id, shop: Id, *, at: dt.datetime | None, delivery: str = "") -> OrderRef:
    """A refund to ask for: the same whether it was pushed or polled."""
    return OrderRef(
        delivery=delivery,
        shop=str(shop),
        order=str(order),
        transition=f"aftersale-{aftersale}",
        at=at,
        hint={"aftersale": str(aftersale)},
    )


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


def _arrivals(message: Message, request: Request) -> Iterator[Arrival]:
    delivery = str(message.msg_id or message.msgId)
    if message.tag in THIN:
        trade = request.read(TradeData, text=_inner(message))
        yield OrderRef(
            delivery=delivery,
            shop=str(trade.shop_id),
            order=str(trade.p_id),
            hint={"paid": str(message.tag)} if message.tag in (PAID, PAID_PENDING) else {},
        )
    elif message.tag == CANCELLED:
        trade = request.read(TradeData, text=_inner(message))
        at = moment(trade.cancel_time)
        yield OrderCancelled(delivery=delivery, shop=str(trade.shop_id), order=str(trade.p_id), at=at)
    elif message.tag == REFUNDED:
        refund = request.read(RefundData, text=_inner(message))
        if refund.aftersale_type not in UNITS_STAY:
            at = moment(refund.success_time)
            yield ref_to_refund(refund.p_id, refund.aftersale_id, refund.shop_id, delivery=delivery, at=at)
    elif message.tag not in STILL:
        yield Unknown(delivery=delivery, what=f"tag {message.tag}")


def _inner(message: Message) -> bytes:
    """The data as JSON, also where it came as JSON in a text."""
    raw = bytes(message.data)
    return msgspec.json.decode(raw, type=str).encode() if raw.lstrip().startswith(b'"') else raw
