"""What leaves the room: messages that the director queues and the gateway delivers. Pure data."""

from __future__ import annotations

from typing import Any, Literal

import msgspec
from msgspec import Struct

Level = Literal["info", "warning", "urgent"]
"""How loud a banner, a task or a message is."""


class ChatText(Struct, frozen=True, tag_field="kind", tag="chat"):
    """A text for the chat of a channel."""

    text: str


class CouponGift(Struct, frozen=True, tag_field="kind", tag="coupon"):
    """A coupon or red packet for the viewers of a channel, by the name that the platform's back office knows."""

    coupon: str


class Notification(Struct, frozen=True, kw_only=True, tag_field="kind", tag="notify"):
    """A text for the team, as a notifier sends it."""

    text: str
    title: str = ""
    level: Level = "info"


class WebhookEvent(Struct, frozen=True, kw_only=True, tag_field="kind", tag="webhook"):
    """The body of a webhook: what happened, when (RFC 3339), and its data, which JSON can hold."""

    type: str
    timestamp: str
    data: dict[str, Any]


Body = ChatText | CouponGift | Notification | WebhookEvent

_SECTIONS = {ChatText: "channel", CouponGift: "channel", Notification: "notifier", WebhookEvent: "webhook"}


class Message(Struct, frozen=True, kw_only=True):
    """One message to one target.

    id          the same for the same message, so that queueing it again changes nothing
    firing      seq of the `rule.fired` entry that it follows from; None without one
    index       its place in the rule's `do` list
    action      the name of that action
    target      the channel, notifier or webhook, as the plan names it
    expires_at  ms on the store's clock after which it must not go out any more; None: it stays worth sending
    """

    id: str
    firing: int | None
    index: int
    action: str
    target: str
    body: Body
    expires_at: int | None = None

    @property
    def queue(self) -> str:
        """The target with its section of the plan, such as `channel.douyin`: messages of one queue go one after another."""
        return f"{_SECTIONS[type(self.body)]}.{self.target}"

    @property
    def once(self) -> bool:
        """Whether it must never go out twice: viewers would see it."""
        return isinstance(self.body, ChatText | CouponGift)


def read_message(text: bytes) -> Message:
    """What msgspec.json.encode made of a Message."""
    return msgspec.json.decode(text, type=Message)
