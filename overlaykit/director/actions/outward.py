"""Actions that reach out of the room, through the gateway: chat, coupons, messages to the team, webhooks."""

from __future__ import annotations

from collections.abc import Collection
from typing import Annotated, Any

from msgspec import field

from overlaykit.director.actions.arguments import Arguments, says
from overlaykit.errors import UserError
from overlaykit.model.entries import text_of
from overlaykit.model.messages import Body, ChatText, CouponGift, Level, Notification, WebhookEvent
from overlaykit.model.notes import ON_GATEWAY
from overlaykit.model.performing import Effect, Performing
from overlaykit.model.plugins import Action
from overlaykit.plan.kinds import Name, Template, Text
from overlaykit.words import Words, words_in

TARGET = ON_GATEWAY
_WORDS = {
    ChatText: (Words("channel", "渠道"), Words("write into its chat", "发弹幕")),
    CouponGift: (Words("channel", "渠道"), Words("hand out a coupon", "发优惠券")),
    Notification: (Words("notifier", "通知方式"), Words("bring messages to the team", "通知团队")),
    WebhookEvent: (Words("webhook", "webhook"), Words("be called", "调用")),
}


async def send_to_all(stage: Performing, body: Body, named: Collection[str] | None) -> None:
    """Into the queue of each target that can. Raises UserError when one that is named cannot, or none can; the others have
    got it then."""
    able = stage.targets(body, named)
    for target in able:
        await stage.send(target, body)
    section, can = _WORDS[type(body)]
    unable = [name for name in named or () if name not in able]
    if unable:
        names = ", ".join(unable)
        raise UserError(f"{names} 不能{can.zh} / {names} cannot {can.en}")
    if not able:
        raise UserError(f"方案里没有{section.zh}能{can.zh} / no {section.en} of this plan can {can.en}")


class Message(Arguments):
    text: Annotated[Template, says("what it says")]
    channels: Annotated[list[Name] | None, says("the channels; default: all that can")] = None


class Chat(Action[Message]):
    """Writes into the chat of channels."""

    name = "chat"
    effect = Effect.STATE

    def target(self, stage: Performing) -> str:
        return TARGET

    async def do(self, stage: Performing) -> None:
        await send_to_all(stage, ChatText(self.arguments.text), self.arguments.channels)


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
        await send_to_all(stage, CouponGift(self.arguments.coupon), self.arguments.channels)


class Notice(Arguments):
    text: Annotated[Template | None, says("what it says; default: what happened")] = None
    to: Annotated[list[Name] | None, says("the [notifier.NAME]s; default: all")] = None
    level: Annotated[Level, says("how loud")] = "warning"


class Notify(Action[Notice]):
    """Tells the team."""

    name = "notify"
    effect = Effect.STATE

    def target(self, stage: Performing) -> str:
        return TARGET

    async def do(self, stage: Performing) -> None:
        said, occasion = self.arguments, stage.occasion
        text = said.text or f"{occasion.rule}: {_in_session(stage)}"
        await send_to_all(stage, Notification(text=text, title=stage.plan.title, level=said.level), said.to)


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
        data = {
            "session": stage.plan.id,
            "rule": occasion.rule,
            "sku": occasion.sku,
            "why": _in_session(stage),
            "values": dict(occasion.values),
            **self.arguments.data,
        }
        body = WebhookEvent(type="rule.fired", timestamp=text_of(occasion.at_ms), data=data)
        await send_to_all(stage, body, self.arguments.to)


def _in_session(stage: Performing) -> str:
    """What happened, in the session's language: whoever is outside has no desk that chooses."""
    return words_in(stage.occasion.why).within(stage.plan.locale)


OUTWARD_ACTIONS = (Chat, Coupon, Notify, Webhook)
