"""How a message of each kind is performed by the connector behind its target."""

from __future__ import annotations

from collections.abc import Awaitable
from typing import Any, TypeVar

from overlaykit.errors import OverlaykitError, PlatformAway, PlatformError
from overlaykit.gateway.attempts import Again, Refused, Withheld, no_answer
from overlaykit.gateway.delivery import Perform
from overlaykit.gateway.seat import CALL_SECONDS, Blocked, Seat
from overlaykit.model.connectors import NEEDS, Capability, Connector
from overlaykit.model.messages import ChatText, CouponGift, Message, Notification
from overlaykit.pluginhost.status import sayable

T = TypeVar("T")

_CANNOT = {
    Capability.CHAT_SEND: ("不能发弹幕", "cannot write into its chat"),
    Capability.COUPON: ("不能发优惠券", "cannot hand out coupons"),
    Capability.NOTIFY: ("不能通知团队", "cannot bring messages to the team"),
}


def by_connector(seat: Seat, connector: type[Connector[Any]]) -> Perform:
    """Performs with the connector in `seat`."""

    async def perform(message: Message) -> str | None:
        body = message.body
        capability = NEEDS.get(type(body))
        if capability is None:
            raise Refused(f"nothing performs {type(body).__name__} here")
        if capability not in connector.capabilities:
            zh, en = _CANNOT[capability]
            raise Refused(f"{connector.name} {zh} / the connector {connector.name} {en}")
        if seat.failure is not None:
            raise Refused(seat.failure.message)
        match body:
            case ChatText(text=text):
                return _said(await _once(seat.call(lambda made, ctx: made.send_chat(text, ctx))))
            case CouponGift():
                return _said(await _once(seat.call(lambda made, ctx: made.give_coupon(body, ctx, id=message.id))))
            case Notification():
                try:
                    return _said(await seat.call(lambda made, ctx: made.notify(body, ctx)))
                except (Blocked, TimeoutError) as error:
                    raise Again(str(error) or no_answer(CALL_SECONDS)) from None
                except OverlaykitError as error:
                    wait = error.after if isinstance(error, PlatformAway) else None
                    raise Again(error.message, wait, remedy=error.remedy) from None
        return None

    return perform


async def _once(work: Awaitable[T]) -> T:
    """What is never repeated: a platform that gave no answer may have done it."""
    try:
        return await work
    except PlatformAway as error:
        raise TimeoutError(error.message) from None
    except PlatformError as error:
        raise Refused(error.message) from None


async def rehearse(message: Message) -> str | None:
    """In a play nothing leaves the room: its viewers are not there, but the platform's would be."""
    raise Withheld("回放场次不会真的发送 / nothing leaves the room of a play")


def by_nobody(why: str) -> Perform:
    """Refuses everything, and says why."""

    async def perform(message: Message) -> str | None:
        raise Refused(why)

    return perform


def _said(detail: object) -> str | None:
    return sayable(detail) if isinstance(detail, str) else None
