"""Actions that reach out of the room, through the gateway: chat, coupons, messages to the team, webhooks."""

from __future__ import annotations

from collections.abc import Collection, Mapping
from typing import Annotated, Any, Literal

from msgspec import field

from overlaykit.director.actions.arguments import Arguments, says
from overlaykit.errors import UserError
from overlaykit.model.performing import Delivered, Effect, Performing
from overlaykit.model.plugins import Action
from overlaykit.plan.kinds import Name, Text
from overlaykit.plan.kinds import Template as Words

TARGET = "gateway"
_WHERE = {
    Delivered.CHAT: "channel",
    Delivered.COUPON: "channel",
    Delivered.NOTIFY: "notifier",
    Delivered.WEBHOOK: "webhook",
}
_WORDS = {
    Delivered.CHAT: "write into its chat",
    Delivered.COUPON: "hand out a coupon",
    Delivered.NOTIFY: "bring messages to the team",
    Delivered.WEBHOOK: "be called",
}


async def send_to_all(
    stage: Performing, kind: Delivered, named: Collection[str] | None, body: Mapping[str, Any]
) -> None:
    """Into the queue of each target that can. Raises UserError when one that is named cannot, or none can; the others have
    got it then."""
    able = stage.targets(kind, named)
    for target in able:
        await stage.send(kind, target, body)
    unable = [name for name in named or () if name not in able]
    if unable:
        raise UserError(f"{', '.join(unable)} cannot {_WORDS[kind]}")
    if not able:
        raise UserError(f"no {_WHERE[kind]} of this plan can {_WORDS[kind]}")


class Message(Arguments):
    text: Annotated[Words, says("what it says")]
    channels: Annotated[list[Name] | None, says("the channels; default: all that can")] = None


class Chat(Action[Message]):
    """Writes into the chat of channels."""

    name = "chat"
    effect = Effect.STATE

    def target(self, stage: Performing) -> str:
        return TARGET

    async def do(self, stage: Performing) -> None:
        await send_to_all(stage, Delivered.CHAT, self.arguments.channels, {"text": self.arguments.text})


class CouponOf(Arguments):
    coupon: Annotated[Text, says("the coupon or red packet, as the platform calls it")]
    channels: Annotated[list[Name] | None, says("the channels; default: all that can")] = None


class Coupon(Action[CouponOf]):
    """Hands out a coupon or red packet on channels."""

    name = "coupon"
    effect = Effect.STATE

    def target(self, stage: Performing) -> str:
        return TARGET

    async def do(self, stage: Performing) -> None:
        await send_to_all(stage, Delivered.COUPON, self.arguments.channels, {"coupon": self.arguments.coupon})


class Notice(Arguments):
    text: Annotated[Words | None, says("what it says; default: what happened")] = None
    to: Annotated[list[Name] | None, says("the [notifier.NAME]s; default: all")] = None
    level: Annotated[Literal["info", "warning", "urgent"], says("how loud")] = "warning"


class Notify(Action[Notice]):
    """Tells the team."""

    name = "notify"
    effect = Effect.STATE

    def target(self, stage: Performing) -> str:
        return TARGET

    async def do(self, stage: Performing) -> None:
        said, occasion = self.arguments, stage.occasion
        body = {
            "title": stage.plan.title,
            "text": said.text or f"{occasion.rule}: {occasion.why}",
            "level": said.level,
            "rule": occasion.rule,
        }
        await send_to_all(stage, Delivered.NOTIFY, said.to, body)


class Call(Arguments):
    to: Annotated[list[Name] | None, says("the [webhook.NAME]s; default: all")] = None
    data: Annotated[dict[str, Any], says("what the receiver gets beside the rule, the item and what happened")] = field(
        default_factory=dict
    )


class Webhook(Action[Call]):
    """Calls webhooks."""

    name = "webhook"
    effect = Effect.STATE

    def target(self, stage: Performing) -> str:
        return TARGET

    async def do(self, stage: Performing) -> None:
        occasion = stage.occasion
        body = {
            "type": "rule.fired",
            "session": stage.plan.id,
            "rule": occasion.rule,
            "sku": occasion.sku,
            "why": occasion.why,
            "values": dict(occasion.values),
            "data": self.arguments.data,
        }
        await send_to_all(stage, Delivered.WEBHOOK, self.arguments.to, body)


OUTWARD_ACTIONS = (Chat, Coupon, Notify, Webhook)
