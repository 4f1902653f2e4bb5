"""What an action is given to work with, made of what the director has."""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable, Collection, Mapping
from typing import Any, TypeVar

import msgspec

from overlaykit.director.actions.arguments import only
from overlaykit.errors import InvalidCommand, StoreAway, UserError
from overlaykit.model.commands import Submission
from overlaykit.model.connectors import NEEDS, Capability, Connector
from overlaykit.model.entries import time_of
from overlaykit.model.messages import Body, ChatText, CouponGift, Level, Message, Notification, WebhookEvent
from overlaykit.model.notes import AlertRaised, TaskOpened
from overlaykit.model.outcomes import Outcome
from overlaykit.model.parsing import parse
from overlaykit.model.performing import ObsHandle, Occasion
from overlaykit.model.sessions import SessionPlan
from overlaykit.plan.emergencies import is_usual
from overlaykit.stock import Keeper
from overlaykit.store.outbox import Outbox
from overlaykit.words import in_both

AGAIN_AFTER = 0.2
"""Seconds after which a store that is away is asked again."""


T = TypeVar("T")


class Surroundings:
    """What all performances of a session have in common.

    plan       the plan as it is now
    obs        makes the handle of an [obs.NAME] for an action that has until `deadline_ms`
    render     fills in a template for an occasion
    note       has a note written
    now_ms     the store's time
    """

    def __init__(
        self,
        *,
        plan: Callable[[], SessionPlan],
        keeper: Keeper,
        outbox: Outbox,
        connectors: Mapping[str, type[Connector[Any]]],
        obs: Callable[[str, Occasion, int], ObsHandle],
        render: Callable[[str, Occasion], str],
        note: Callable[[str, AlertRaised | TaskOpened, str, int], None],
        now_ms: Callable[[], int],
    ) -> None:
        self.plan, self.keeper, self.outbox, self.connectors = plan, keeper, outbox, connectors
        self.obs, self.render, self.note, self.now_ms = obs, render, note, now_ms

    def section(self, name: str) -> Mapping[str, Any]:
        """A section of the plan that has names, such as `notifier`."""
        found: Mapping[str, Any] = self.plan().later.get(name) or {}
        return found

    def can(self, connector: str | None, capability: Capability) -> bool:
        """Whether the connector of this name promises it."""
        kind = self.connectors.get(connector or "")
        return kind is not None and capability in kind.capabilities


class Performance:
    """One action being done. `deadline_ms` is the store's time after which it comes too late."""

    def __init__(
        self, surroundings: Surroundings, occasion: Occasion, index: int, action: str, deadline_ms: int
    ) -> None:
        self._around, self._occasion = surroundings, occasion
        self._index, self._action, self._deadline_ms = index, action, deadline_ms
        self._count = 0
        self.handed_over = False
        """Whether the gateway says what becomes of it."""

    @property
    def occasion(self) -> Occasion:
        return self._occasion

    @property
    def plan(self) -> SessionPlan:
        return self._around.plan()

    def render(self, text: str) -> str:
        return self._around.render(text, self._occasion)

    async def submit(self, command: Mapping[str, Any]) -> Outcome:
        source = f"rule:{self._occasion.rule}"
        try:
            asked = parse(msgspec.json.encode(dict(command)), source)
        except InvalidCommand as error:
            raise UserError(
                in_both("{kind}: {why}", "{kind}: {why}", kind=f"{command.get('type')}", why=error.words.both())
            ) from None
        submission = Submission(self._next("do"), asked.command, source)
        [answer] = await self._in_time(lambda: self._around.keeper.submit([submission]))
        return msgspec.json.decode(answer, type=Outcome)

    def obs(self, name: str | None = None) -> ObsHandle:
        found = only("obs", name, list(self._around.section("obs")))
        return self._around.obs(found, self._occasion, self._deadline_ms)

    def targets(self, body: Body, among: Collection[str] | None = None) -> list[str]:
        around = self._around
        if isinstance(body, WebhookEvent):
            able = list(around.section("webhook"))
        elif isinstance(body, Notification):
            needs = NEEDS[Notification]
            able = [name for name, row in around.section("notifier").items() if around.can(row.get("plugin"), needs)]
        else:
            needs = NEEDS[type(body)]
            able = [each.name for each in around.plan().channels if around.can(each.connector, needs)]
        return [name for name in able if among is None or name in among]

    async def send(self, target: str, body: Body) -> None:
        occasion = self._occasion
        # Whoever queues it, now or after a takeover, has to give it the same id: the time is the ledger's, not the one at which
        # this process learned of the firing.
        line = await self._in_time(lambda: self._around.keeper.line(occasion.seq))
        at_ms = occasion.at_ms if line is None else time_of(line)
        message = Message(
            id=f"{occasion.seq}-{at_ms}-{self._index}-{target}",
            firing=occasion.seq,
            index=self._index,
            action=self._action,
            target=target,
            body=body,
            expires_at=self._deadline_ms if isinstance(body, ChatText | CouponGift) else None,
        )
        if await self._in_time(lambda: self._around.outbox.put(message)) == "full":
            raise UserError(
                f"等待发往 {target} 的消息太多 / too many messages wait for {target}",
                remedy="网关在运行吗？平台有答复吗？ / Does the gateway run, and does the platform answer?",
            )
        self.handed_over = True

    async def task(
        self,
        text: str,
        *,
        why: str = "",
        level: Level = "info",
        copy: bool = False,
    ) -> None:
        occasion = self._occasion
        id = self._next("task")
        task = TaskOpened(
            task=id,
            kind="usual" if is_usual(self.plan, occasion.rule) else None,
            text=text[:1000],
            why=why[:1000],
            level=level,
            copy=copy,
            sku=occasion.sku,
        )
        self._around.note(id, task, occasion.rule, occasion.seq)

    async def alert(self, text: str, *, level: Level = "warning") -> None:
        occasion = self._occasion
        alert = AlertRaised(rule=occasion.rule, sku=occasion.sku, text=text[:1000], level=level)
        self._around.note(self._next("alert"), alert, occasion.rule, occasion.seq)

    async def pause(self, seconds: float) -> None:
        await asyncio.sleep(seconds)

    async def _in_time(self, ask: Callable[[], Awaitable[T]]) -> T:
        """Asks the store again while it is away and it is not too late: for what may be asked twice."""
        while True:
            try:
                return await ask()
            except StoreAway:
                if self._around.now_ms() >= self._deadline_ms:
                    raise
                await asyncio.sleep(AGAIN_AFTER)

    def _next(self, word: str) -> str:
        """An id that is the same when the action is done again."""
        self._count += 1
        return f"{word}-{self._occasion.seq}-{self._index}-{self._count}"
