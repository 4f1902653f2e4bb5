"""The actions that need no plugin: what they may be given, as the guide says it, and what they ask of the room."""

from __future__ import annotations

import asyncio
import re
from collections.abc import Collection
from pathlib import Path
from typing import Any, get_args, get_type_hints

import msgspec
import pytest
from msgspec import Meta

from overlaykit.director.actions.builtin import ACTIONS
from overlaykit.errors import UserError
from overlaykit.model.messages import Body, ChatText, CouponGift, Notification, WebhookEvent
from overlaykit.model.outcomes import Outcome
from overlaykit.model.performing import Effect, Occasion
from overlaykit.model.plugins import Action
from overlaykit.model.sessions import SessionPlan

GUIDE = (Path(__file__).parents[2] / "sample_sessions" / "README.md").read_text(encoding="utf-8")
BY_NAME = {action.name: action for action in ACTIONS}


class Stand:
    """What an action works with; it keeps what it is asked for."""

    def __init__(
        self,
        *,
        status: str = "accepted",
        reason: str = "insufficient",
        able: Collection[str] = ("douyin", "mini"),
        rendered: str = "",
    ) -> None:
        self._reason = reason
        self.occasion = Occasion(seq=7, rule="last-50", sku="coat", why="仅剩 49 件", values={"available": 49}, at_ms=0)
        self.plan = SessionPlan(id="room", ledger="room", title="晚间", items=(), locations=(), channels=())
        self._status, self._able, self._rendered = status, able, rendered
        self.sent: list[tuple[str, Body]] = []
        self.commands: list[dict[str, Any]] = []
        self.tasks: list[dict[str, Any]] = []
        self.alerts: list[dict[str, Any]] = []

    def render(self, text: str) -> str:
        return self._rendered

    async def submit(self, command: dict[str, Any]) -> Outcome:
        self.commands.append(command)
        return Outcome(id="x", status=self._status, seq=9, reason=self._reason)  # type: ignore[arg-type]

    def targets(self, body: Body, among: Collection[str] | None = None) -> list[str]:
        return [name for name in self._able if among is None or name in among]

    async def send(self, target: str, body: Body) -> None:
        self.sent.append((target, body))

    async def task(self, text: str, **more: Any) -> None:
        self.tasks.append({"text": text, **more})

    async def alert(self, text: str, **more: Any) -> None:
        self.alerts.append({"text": text, **more})


def do(name: str, stand: Stand, **arguments: Any) -> str | None:
    kind = BY_NAME[name]
    action = kind(msgspec.convert(arguments, kind.arguments_type))
    return asyncio.run(action.do(stand))  # type: ignore[arg-type]


def fields(action: type[Action[Any]]) -> list[str]:
    """As the guide writes them: those that may be left out with a question mark."""
    if action.name == "stock":
        return ["command"]
    return [
        f"{field.encode_name}{'' if field.required else '?'}" for field in msgspec.structs.fields(action.arguments_type)
    ]


def test_the_guide_has_each_action_with_its_fields() -> None:
    table = re.search(r"<!-- actions -->\n(.*?)\n\n", GUIDE, re.DOTALL)
    assert table
    rows = re.findall(r"^\| `([\w.]+)` \|(.*?)\| .+\|$", table.group(1), re.MULTILINE)[1:]
    told = {name: re.findall(r"`(\w+)`(\??)", row) for name, row in rows}
    assert {name: sorted("".join(each) for each in row) for name, row in told.items()} == {
        action.name: sorted(fields(action)) for action in ACTIONS
    }


@pytest.mark.parametrize("action", ACTIONS, ids=lambda action: action.name)
def test_each_field_says_what_it_means(action: type[Action[Any]]) -> None:
    for name, hint in get_type_hints(action.arguments_type, include_extras=True).items():
        said = [meta.description for meta in get_args(hint)[1:] if isinstance(meta, Meta) and meta.description]
        assert said, f"{action.name}: {name}"


def test_what_may_not_be_done_twice_is_what_viewers_see_of_obs() -> None:
    moments = {action.name for action in ACTIONS if action.effect is Effect.MOMENT}
    assert moments == {"obs.scene", "obs.media", "obs.hotkey", "obs.request"}


def test_chat_goes_to_every_channel_that_can_and_a_named_one_that_cannot_is_said() -> None:
    stand = Stand()
    assert do("chat", stand, text="最后 49 件") is None
    assert stand.sent == [("douyin", ChatText("最后 49 件")), ("mini", ChatText("最后 49 件"))]

    stand = Stand()
    with pytest.raises(UserError, match="kuaishou cannot hand out a coupon"):
        do("coupon", stand, coupon="满300减50", channels=["kuaishou", "mini"])
    assert stand.sent == [("mini", CouponGift("满300减50"))]

    with pytest.raises(UserError, match="no channel of this plan can write into its chat"):
        do("chat", Stand(able=()), text="?")


def test_messages_to_the_team_and_to_programs_say_what_happened() -> None:
    stand = Stand(able=("feishu",))
    do("notify", stand, level="urgent")
    do("webhook", stand, data={"shop": 7})
    assert stand.sent[0][1] == Notification(text="last-50: 仅剩 49 件", title="晚间", level="urgent")
    event = stand.sent[1][1]
    assert isinstance(event, WebhookEvent)
    assert (event.type, event.timestamp) == ("rule.fired", "1970-01-01T00:00:00.000Z")
    assert event.data == {
        **{"session": "room", "rule": "last-50", "sku": "coat", "why": "仅剩 49 件"},
        **{"values": {"available": 49}, "shop": 7},
    }


def test_a_command_is_about_the_rules_item_unless_it_says_another() -> None:
    stand = Stand()
    do("stock", stand, command="stock.transfer", quantity="5", **{"from": "buffer"}, to="available")
    do("stock", stand, command="item.close", sku="hat")
    assert stand.commands == [
        {"type": "stock.transfer", "sku": "coat", "quantity": 5, "from": "buffer", "to": "available"},
        {"type": "item.close", "sku": "hat"},
    ]


def test_a_command_that_is_refused_has_failed() -> None:
    with pytest.raises(
        UserError, match=r"item\.close 被拒绝：那里没有这么多件 / item\.close is refused: fewer units stand there"
    ):
        do("stock", Stand(status="refused"), command="item.close")
    assert do("stock", Stand(status="duplicate"), command="item.close") == "第 9 条 / entry 9"


@pytest.mark.parametrize(
    ("arguments", "problem"),
    [
        ({"command": "order.reserve"}, "Invalid enum value 'order.reserve'"),
        ({"command": "session.freeze", "sku": "coat"}, "session.freeze has no 'sku'; it has: reason"),
        ({"command": "stock.adjust", "reason": "?"}, "required field `delta`"),
        ({"command": "stock.adjust", "delta": 0, "reason": "?"}, "delta"),
    ],
)
def test_a_command_that_does_not_fit_is_a_mistake_in_the_plan(arguments: dict[str, Any], problem: str) -> None:
    with pytest.raises(msgspec.ValidationError, match=re.escape(problem)):
        msgspec.convert(arguments, BY_NAME["stock"].arguments_type)


def test_a_command_with_something_to_fill_in_is_checked_when_it_is_filled_in() -> None:
    given = {"command": "stock.adjust", "delta": "{{ item.held }}", "reason": "盘点"}
    msgspec.convert(given, BY_NAME["stock"].arguments_type)
    stand = Stand()
    do("stock", stand, **{**given, "delta": "3"})
    assert stand.commands[0]["delta"] == 3


@pytest.mark.parametrize(
    ("rendered", "command"),
    [("link 3", {"type": "item.feature", "link": 3}), ("sku hat", {"type": "item.feature", "sku": "hat"})],
)
def test_the_next_item_comes_with_all_its_variants(rendered: str, command: dict[str, Any]) -> None:
    stand = Stand(rendered=rendered)
    do("next_item", stand)
    assert stand.commands == [command]


def test_without_a_next_item_somebody_has_to_choose() -> None:
    with pytest.raises(UserError, match="no item comes after"):
        do("next_item", Stand())
    assert do("next_item", Stand(rendered="-")) == "coat 不在讲解 / coat is not on air"


def test_what_is_so_already_has_not_failed() -> None:
    frozen = Stand(status="refused", reason="wrong_state", rendered="frozen")
    assert do("stock", frozen, command="session.freeze") == "已经是这样 / it is so already"
    with pytest.raises(UserError, match="its state does not allow it now"):
        do("stock", Stand(status="refused", reason="wrong_state", rendered="planned"), command="session.freeze")


def test_an_alert_says_how_loud_it_is() -> None:
    stand = Stand()
    do("alert", stand, text="超卖了", level="urgent")
    assert stand.alerts == [{"text": "超卖了", "level": "urgent"}]


def test_a_task_says_why() -> None:
    stand = Stand()
    do("task", stand, text="降码率")
    assert stand.tasks == [{"text": "降码率", "why": "仅剩 49 件", "level": "warning", "copy": False}]


def test_a_pause_is_no_request() -> None:
    with pytest.raises(UserError, match="Sleep is for batches alone"):
        do("obs.request", Stand(), request="Sleep")
