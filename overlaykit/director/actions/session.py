"""Actions on the session itself: its screens, its stock, what is on air, and the people at the desk."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Annotated, Any

from overlaykit.director.actions.arguments import Arguments, says
from overlaykit.director.actions.commands import AnyCommandArguments, fields_of
from overlaykit.errors import UserError
from overlaykit.model.messages import Level
from overlaykit.model.notes import ON_SESSION
from overlaykit.model.performing import Effect, Performing
from overlaykit.model.plugins import Action
from overlaykit.plan.kinds import Duration, Flag, Sku, Template
from overlaykit.plan.values import seconds_of
from overlaykit.wording import of_reason
from overlaykit.words import Words

TARGET = ON_SESSION
_ALREADY = {"session.freeze": "frozen", "session.thaw": "live", "session.close": "closed"}
"""The status in which a command has nothing left to do."""


async def send(stage: Performing, command: Mapping[str, Any]) -> str:
    """Sends a command and says what became of it. Raises UserError when it is refused."""
    outcome = await stage.submit(command)
    if outcome.status == "accepted" or (outcome.status == "duplicate" and outcome.seq):
        return Words(f"entry {outcome.seq}", f"第 {outcome.seq} 条").both()
    if outcome.status in ("conflict", "duplicate"):
        return Words("it was done before", "之前已经执行过").both()
    if outcome.reason == "wrong_state" and stage.render("{{ session.status }}") == _ALREADY.get(command["type"]):
        return Words("it is so already", "已经是这样").both()
    why = of_reason(outcome.reason or outcome.status)
    refused = Words(f"{command['type']} is refused: {why.en}", f"{command['type']} 被拒绝：{why.zh}")
    raise UserError(refused.both())


class Announcement(Arguments):
    text: Annotated[Template, says("what the banner says")]
    seconds: Annotated[Duration | None, says("how long it stays; default: until it is cleared")] = None
    level: Annotated[Level, says("how loud")] = "info"
    sku: Annotated[Sku | None, says("the item that it is about")] = None


class Announce(Action[Announcement]):
    """Shows a banner on the overlays."""

    name = "announce"
    effect = Effect.STATE

    def target(self, stage: Performing) -> str:
        return TARGET

    async def do(self, stage: Performing) -> str:
        said = self.arguments
        command: dict[str, Any] = {"type": "announce.show", "text": said.text.strip(), "level": said.level}
        if said.seconds is not None:
            command["seconds"] = seconds_of(said.seconds)
        if said.sku is not None:
            command["sku"] = said.sku
        await send(stage, command)
        return said.text.strip()


class SendCommand(Action[AnyCommandArguments]):  # type: ignore[valid-type]
    """Sends a command of the session: stock, items, drops, allotments, countdowns, freeze and thaw."""

    name = "stock"
    effect = Effect.STATE

    def target(self, stage: Performing) -> str:
        return TARGET

    async def do(self, stage: Performing) -> str:
        try:
            command = fields_of(self.arguments, stage.occasion.sku)
        except ValueError as error:  # something that was filled in does not fit
            raise UserError(str(error)) from None
        return await send(stage, command)


class Nothing(Arguments):
    """No arguments."""


class NextItem(Action[Nothing]):
    """Puts the next item on air: the first after the present one that can still be sold. A rule about an item that is not on
    air leaves what is on air alone."""

    name = "next_item"
    effect = Effect.STATE

    def target(self, stage: Performing) -> str:
        return TARGET

    async def do(self, stage: Performing) -> str:
        found = stage.render(NEXT)
        if found == ELSEWHERE:
            return f"{stage.occasion.sku} 不在讲解 / {stage.occasion.sku} is not on air"
        if not found:
            raise UserError("讲解中的后面没有商品了 / no item comes after the one on air")
        kind, _, name = found.partition(" ")
        await send(stage, {"type": "item.feature", kind: int(name) if kind == "link" else name})
        return found


ELSEWHERE = "-"
NEXT = (
    f"{{% if item and not item.on_air %}}{ELSEWHERE}"
    "{% elif next and next.link %}link {{ next.link }}{% elif next %}sku {{ next.sku }}{% endif %}"
)


class Request(Arguments):
    text: Annotated[Template, says("what somebody shall do")]
    level: Annotated[Level, says("how urgent")] = "warning"
    copy: Annotated[Flag, says("whether the text is there to be copied, into a chat for example")] = False


class AskSomebody(Action[Request]):
    """Opens a task at the desk, for a person."""

    name = "task"
    effect = Effect.STATE

    def target(self, stage: Performing) -> str:
        return TARGET

    async def do(self, stage: Performing) -> str:
        said = self.arguments
        await stage.task(said.text, why=stage.occasion.why, level=said.level, copy=said.copy)
        return said.text


class Notice(Arguments):
    text: Annotated[Template, says("what somebody at the desk has to see")]
    level: Annotated[Level, says("how loud")] = "warning"


class RaiseAlert(Action[Notice]):
    """Says something at the desk that somebody has to see."""

    name = "alert"
    effect = Effect.STATE

    def target(self, stage: Performing) -> str:
        return TARGET

    async def do(self, stage: Performing) -> str:
        said = self.arguments
        await stage.alert(said.text, level=said.level)
        return said.text


class Span(Arguments):
    seconds: Annotated[Duration, says("how long")]


class Wait(Action[Span]):
    """Everything that follows in this list is done so much later."""

    name = "wait"
    effect = Effect.STATE

    @property
    def seconds(self) -> float:
        """How long."""
        return seconds_of(self.arguments.seconds)

    async def do(self, stage: Performing) -> None:
        return None


SESSION_ACTIONS = (Announce, SendCommand, NextItem, AskSomebody, RaiseAlert, Wait)
