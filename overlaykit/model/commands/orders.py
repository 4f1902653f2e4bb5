"""Commands about orders."""

from __future__ import annotations

from overlaykit.model.commands.base import Command
from overlaykit.model.fields import Id, Lines, Name, Parts, Seconds


class OrderReserve(Command, frozen=True, kw_only=True, tag="order.reserve"):
    """A request: all lines or none. The units are held for `hold_seconds` (the plan's `hold` without it).

    `personal`: the outcome carries a token with which the buyer may see the seconds left of this hold.
    """

    order: Id
    channel: Name | None = None
    buyer: Id | None = None
    lines: Lines
    hold_seconds: Seconds | None = None
    personal: bool = False


class OrderCommit(Command, frozen=True, kw_only=True, tag="order.commit"):
    """Paid: held → committed. After its hold expired it takes stock again if there is some, else it is refused `expired`."""

    order: Id
    fact: bool = False


class OrderRelease(Command, frozen=True, kw_only=True, tag="order.release"):
    """Cancelled, whole or in part: what the order holds or has committed becomes available again."""

    order: Id
    lines: Parts | None = None
    fact: bool = False


class OrderShip(Command, frozen=True, kw_only=True, tag="order.ship"):
    """Sent, whole or in part: committed units leave the location."""

    order: Id
    lines: Parts | None = None
    fact: bool = False


class OrderRefund(Command, frozen=True, kw_only=True, tag="order.refund"):
    """Paid back, whole or in part. With `restock` the units become available again, without it they are gone."""

    order: Id
    lines: Parts | None = None
    restock: bool
    fact: bool = False


class OrderRecord(Command, frozen=True, kw_only=True, tag="order.record"):
    """A fact: the platform sold it. Never refused for stock; what exceeds is `oversold`."""

    order: Id
    channel: Name | None = None
    buyer: Id | None = None
    lines: Lines
    paid: bool
