"""Messages out of the room: each target at its own pace, viewers never told twice, and what became of each in the ledger."""

from __future__ import annotations

import asyncio
import threading
import time
from collections.abc import Callable
from typing import TYPE_CHECKING, Any, ClassVar

import pytest

from overlaykit.errors import PlatformAway, PlatformRefused, UserError
from overlaykit.gateway import delivery
from overlaykit.gateway.delivery import BEGUN
from overlaykit.gateway.speaker import note_id
from overlaykit.model.connectors import Capability, Connector, Context
from overlaykit.model.events import ChatMessage
from overlaykit.model.messages import ChatText, CouponGift, Notification
from overlaykit.model.notes import ActionDone, Noted
from overlaykit.model.sessions import Channel
from overlaykit.model.settings import Secret, Settings
from overlaykit.plan import words_in
from overlaykit.stock import Keeper, lease_key, outbox_key
from overlaykit.stock.keys import script_keys
from overlaykit.store import Lease, Outbox, connect_async
from tests.conftest import until

if TYPE_CHECKING:
    from tests.conftest import StoreServer
    from tests.gateway.conftest import Evening, Post

pytestmark = pytest.mark.store
OFTEN = 1_000
"""Failures that last until somebody has seen them."""
SHOWN = 10
"""Which of the keys of a ledger holds what a board shows besides units."""

Open = Callable[..., "Evening"]
Start = Callable[..., "Post"]


class Room(Connector[Settings]):
    """A platform that does what the text says, and remembers what it was sent."""

    name = "room"
    capabilities = frozenset({Capability.CHAT_SEND, Capability.COUPON})
    sent: ClassVar[list[str]] = []
    go_on: ClassVar[threading.Event] = threading.Event()

    async def send_chat(self, text: str, ctx: Context) -> str | None:
        self.sent.append(text)
        if text == "slow":
            while not self.go_on.is_set():
                await asyncio.sleep(0.01)
        if text == "block":
            self.go_on.wait(20)
        if text == "refused":
            raise UserError("links are not allowed here")
        if text == "broken":
            raise KeyError("nick")
        if text == "leave":
            raise SystemExit(1)
        if text == "lost":
            raise TimeoutError("the platform did not answer")
        if text == "away":
            raise PlatformAway("the platform answers 502")
        if text == "no":
            raise PlatformRefused("the platform answers 403", status=403)
        return f"id of {text}"

    async def give_coupon(self, gift: CouponGift, ctx: Context, *, id: str) -> None:
        self.sent.append(f"{gift.coupon} as {id}")


class Reader(Connector[Settings]):
    """A platform that lets nobody write."""

    name = "reader"
    capabilities = frozenset({Capability.CHAT_READ})

    async def chat(self, ctx: Context) -> Any:
        while True:
            await asyncio.sleep(60)
            yield ChatMessage(id="", author="", text="")


class TokenSettings(Settings):
    token: Secret
    colour: str = "red"


class Team(Connector[TokenSettings]):
    """A robot that fails as often as it was told."""

    name = "team"
    capabilities = frozenset({Capability.NOTIFY})
    failures: ClassVar[int] = 0
    failure: ClassVar[Exception] = ConnectionError("no route")
    sent: ClassVar[list[str]] = []

    async def notify(self, notification: Notification, ctx: Context) -> None:
        if Team.failures:
            Team.failures -= 1
            raise Team.failure
        self.sent.append(f"{notification.text} {self.settings.colour} {self.settings.token.reveal()}")


class Ungettable(Connector[Settings]):
    name = "ungettable"
    capabilities = frozenset({Capability.CHAT_SEND})

    def __init__(self, settings: Settings) -> None:
        raise RuntimeError("the licence has run out")

    async def send_chat(self, text: str, ctx: Context) -> None:
        raise AssertionError


@pytest.fixture(autouse=True)
def _forgotten() -> None:
    Room.sent.clear()
    Room.go_on.clear()
    Team.sent.clear()
    Team.failures = 0


def channels(**connectors: str | None) -> tuple[Channel, ...]:
    return tuple(Channel(name=name, title=name, connector=plugin) for name, plugin in connectors.items())


def test_texts_and_coupons_go_out_in_order_and_their_results_stand_in_the_ledger(evening: Open, gateway: Start) -> None:
    room = evening(channels=channels(mini="room"))
    room.put("m-1", "mini", ChatText("最后 50 件"), index=2)
    gateway(Room)
    room.put("m-2", "mini", CouponGift("满300减50"), index=3)
    room.put("m-3", "mini", ChatText("抢"))
    assert room.wait_results(3) == [
        ("mini", "done", "id of 最后 50 件"),
        ("mini", "done", ""),
        ("mini", "done", "id of 抢"),
    ]
    assert Room.sent == ["最后 50 件", "满300减50 as m-2", "抢"]
    first = room.entries("action.done")[0]
    assert (first["cause"], first["source"]) == (room.firing, "connector:mini")
    assert first["data"]["firing"] == room.firing
    assert (first["data"]["index"], first["data"]["action"]) == (2, "test")
    assert room.put("m-1", "mini", ChatText("最后 50 件")) == "duplicate"
    status = room.wait_target("channel.mini", "ready")
    assert (status.plugin, status.can) == ("room", ("chat_send", "coupon"))


def test_a_session_that_cannot_be_read_ends_no_other(evening: Open, gateway: Start, ledger: str) -> None:
    broken = evening(f"broken-{ledger}"[:60], channels=channels(mini="room"))
    shown = script_keys(broken.session)[SHOWN]
    broken.client.hset(shown, "theme", "no JSON")
    room = evening(channels=channels(mini="room"))
    post = gateway(Room)
    room.put("m-1", "mini", ChatText("抢"))
    assert room.wait_results(1) == [("mini", "done", "id of 抢")]
    until(lambda: any(f"ALARM: {broken.session}" in each for each in post.messages), "it is said of which one")
    broken.client.hdel(shown, "theme")


def test_a_slow_target_keeps_no_other_waiting(evening: Open, gateway: Start) -> None:
    room = evening(channels=channels(slow="room", quick="room"))
    gateway(Room)
    room.put("s-1", "slow", ChatText("slow"))
    until(lambda: Room.sent == ["slow"], "the slow one is under way")
    room.put("s-2", "slow", ChatText("behind it"))
    room.put("q-1", "quick", ChatText("quick"))
    assert room.wait_results(1) == [("quick", "done", "id of quick")]
    Room.go_on.set()
    assert [target for target, _, _ in room.wait_results(3)] == ["quick", "slow", "slow"]


def test_a_text_that_was_put_goes_out_at_once(evening: Open, gateway: Start, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(delivery, "LOOK_EVERY", 60.0)  # nobody would look by himself
    room = evening(channels=channels(mini="room"))
    gateway(Room)
    room.wait_target("channel.mini", "ready")
    room.put("first", "mini", ChatText("first"))
    room.wait_results(1)
    room.put("second", "mini", ChatText("second"))
    until(lambda: "second" in Room.sent, "it is sent", 20)


def test_what_a_connector_raises_is_the_reason_and_the_next_text_goes_out(evening: Open, gateway: Start) -> None:
    room = evening(channels=channels(mini="room"))
    gateway(Room)
    for text in ("refused", "broken", "leave", "lost", "away", "no", "good"):
        room.put(text, "mini", ChatText(text))
    refused, broken, leave, lost, away, no, good = room.wait_results(7)
    assert refused == ("mini", "failed", "links are not allowed here")
    assert broken[1] == "failed"
    for said, remedy in zip(words_in(broken[2]), ("See the gateway's log", "请看网关的日志"), strict=True):
        assert said.startswith("KeyError: 'nick' (gateway/test_delivery.py, line ")
        assert said.splitlines()[1].startswith(remedy)
    assert leave[2].startswith("SystemExit: 1")
    gone, bad = "the platform did not answer", "the platform answers 502"
    assert lost == ("mini", "uncertain", f"{gone}；不知是否送达 / {gone}; nobody knows whether it went out")
    assert away == ("mini", "uncertain", f"{bad}；不知是否送达 / {bad}; nobody knows whether it went out")
    assert no == ("mini", "failed", "the platform answers 403")
    assert good[1] == "done"
    assert Room.sent == ["refused", "broken", "leave", "lost", "away", "no", "good"], "each once"


def test_a_connector_that_blocks_stops_itself_alone(evening: Open, gateway: Start) -> None:
    room = evening(channels=channels(stuck="room", free="room"))
    post = gateway(Room)
    room.put("b-1", "stuck", ChatText("block"))
    status = room.wait_target("channel.stuck", "no_answer")
    assert "the connector blocks: gateway/test_delivery.py, line " in status.reason
    room.put("f-1", "free", ChatText("free"))
    assert room.wait_results(1) == [("free", "done", "id of free")]
    Room.go_on.set()
    assert room.wait_results(2)[1] == ("stuck", "done", "id of block")
    room.wait_target("channel.stuck", "ready")
    assert post.failure is None


def test_what_cannot_be_done_says_why(evening: Open, gateway: Start) -> None:
    room = evening(channels=channels(alone=None, silent="reader", gone="nowhere", bad="ungettable"))
    gateway(Room, Reader, Ungettable)
    set_aside = room.wait_target("channel.gone", "set_aside")
    assert "no plugin has the connector nowhere, which [channel.gone] names" in set_aside.reason
    assert "reader, room, ungettable" in set_aside.remedy
    assert "the licence has run out" in room.wait_target("channel.bad", "set_aside").reason
    for target in ("alone", "silent", "gone", "bad"):
        room.put(target, target, ChatText("hello"))
    why = {target: (status, detail) for target, status, detail in room.wait_results(4)}
    assert {status for status, _ in why.values()} == {"failed"}
    assert words_in(why["alone"][1]).zh.startswith("没有发送：[channel.alone]")
    assert words_in(why["alone"][1]).en.startswith("not sent: [channel.alone]")
    assert why["silent"][1] == "reader 不能发弹幕 / the connector reader cannot write into its chat"
    assert "no plugin has the connector nowhere" in why["gone"][1]
    assert "the licence has run out" in why["bad"][1]


def test_a_text_whose_time_is_over_is_skipped_and_said_so(evening: Open, gateway: Start) -> None:
    room = evening(channels=channels(mini="room"))
    room.put("late", "mini", ChatText("late"), expires_at=int(time.time() * 1000) - 2_000)
    gateway(Room)
    [(target, status, detail)] = room.wait_results(1)
    assert (target, status) == ("mini", "skipped")
    assert "too late by " in detail
    assert Room.sent == []


def test_a_text_that_was_begun_by_a_gateway_that_is_gone_is_uncertain_and_not_repeated(
    evening: Open, gateway: Start, store: StoreServer
) -> None:
    room = evening(channels=channels(mini="room"))
    room.put("begun", "mini", ChatText("begun"))
    room.put("next", "mini", ChatText("next"))

    async def begin_and_die() -> None:
        async with connect_async(store.url) as client:
            lease = Lease(client, lease_key(room.session, "gateway"), "of before")
            assert await lease.take()
            outbox = Outbox(client, outbox_key(room.session), lease.fence_key)
            taken = await outbox.take("channel.mini")
            assert taken.message is not None
            assert (await outbox.start(taken.message, lease.token)).status == "begin"
            await client.delete(lease_key(room.session, "gateway"))  # as it goes by itself after some seconds

    asyncio.run(begin_and_die())
    gateway(Room)
    assert room.wait_results(2) == [
        ("mini", "uncertain", BEGUN),
        ("mini", "done", "id of next"),
    ]
    assert Room.sent == ["next"]


def test_a_text_whose_end_was_noted_by_a_gateway_that_is_gone_keeps_that_end(
    evening: Open, gateway: Start, store: StoreServer
) -> None:
    room = evening(channels=channels(mini="room"))
    room.put("sent", "mini", ChatText("sent"))
    room.put("next", "mini", ChatText("next"))

    async def send_and_die() -> None:
        async with connect_async(store.url) as client:
            lease = Lease(client, lease_key(room.session, "gateway"), "of before")
            assert await lease.take()
            outbox = Outbox(client, outbox_key(room.session), lease.fence_key)
            message = (await outbox.take("channel.mini")).message
            assert message is not None
            await outbox.start(message, lease.token)
            done = ActionDone(
                firing=room.firing, index=0, action="test", target="mini", status="done", detail="it went out"
            )
            noted = Noted(note_id("sent", message.id), done, "connector:mini", room.firing)
            [answer] = await Keeper(client, room.session).note([noted], None)
            assert answer.status == "accepted"
            await client.delete(lease_key(room.session, "gateway"))  # as it goes by itself after some seconds

    asyncio.run(send_and_die())
    gateway(Room)
    assert room.wait_results(2) == [("mini", "done", "it went out"), ("mini", "done", "id of next")]
    assert Room.sent == ["next"]


def test_nothing_leaves_the_room_of_a_play(evening: Open, gateway: Start, ledger: str) -> None:
    room = evening(f"{ledger}-play-1", channels=channels(mini="room"), later=NOTIFIER)
    gateway(Room, Team, secrets={"notifier.robot.token": "t-77"})
    room.put("m-1", "mini", ChatText("one"))
    room.put("n-1", "robot", Notification(text="缺货"))
    assert {(target, status) for target, status, _ in room.wait_results(2)} == {
        ("mini", "skipped"),
        ("robot", "skipped"),
    }
    assert all("a play" in detail for _, _, detail in room.results())
    assert (Room.sent, Team.sent) == ([], [])


def test_a_second_gateway_stands_by_and_takes_over(evening: Open, gateway: Start) -> None:
    room = evening(channels=channels(mini="room"))
    first = gateway(Room)
    until(lambda: f"{room.session}: this gateway leads now" in first.messages, "the first one leads")
    second = gateway(Room)
    room.put("m-1", "mini", ChatText("one"))
    room.wait_results(1)
    assert f"{room.session}: this gateway leads now" not in second.messages
    first.stop()
    room.put("m-2", "mini", ChatText("two"))
    assert room.wait_results(2)[1] == ("mini", "done", "id of two")
    assert Room.sent == ["one", "two"]


NOTIFIER = {"notifier": {"robot": {"plugin": "team", "settings": {"colour": "blue"}}}}


def test_an_alert_is_tried_again_and_has_its_secret(evening: Open, gateway: Start) -> None:
    room = evening(later=NOTIFIER)
    Team.failures = OFTEN
    gateway(Team, secrets={"notifier.robot.token": "t-77"})
    room.put("n-1", "robot", Notification(text="缺货", level="urgent"))
    failing = room.wait_target("notifier.robot", "failing")
    assert failing.reason.startswith("ConnectionError: no route")
    Team.failures = 0
    assert room.wait_results(1) == [("robot", "done", "")]
    assert Team.sent == ["缺货 blue t-77"]


def test_what_to_do_about_an_alert_that_does_not_arrive_is_shown(
    evening: Open, gateway: Start, monkeypatch: pytest.MonkeyPatch
) -> None:
    room = evening(later=NOTIFIER)
    monkeypatch.setattr(Team, "failure", UserError("the signature does not fit", remedy="Check the secret."))
    Team.failures = OFTEN
    gateway(Team, secrets={"notifier.robot.token": "t-77"})
    room.put("n-1", "robot", Notification(text="缺货"))
    failing = room.wait_target("notifier.robot", "failing")
    assert failing.reason.startswith("the signature does not fit")
    assert failing.remedy == "Check the secret."


def test_a_secret_that_nobody_set_is_named_with_how_to_set_it(evening: Open, gateway: Start) -> None:
    room = evening(later=NOTIFIER)
    gateway(Team)
    status = room.wait_target("notifier.robot", "set_aside")
    assert words_in(status.reason) == (
        "[notifier.robot] needs the secret token, and nobody has set it",
        "[notifier.robot] 缺少密钥 token",
    )
    said = words_in(status.remedy)
    assert "OVERLAYKIT_SECRET_NOTIFIER_ROBOT_TOKEN" in said.en
    assert "OVERLAYKIT_SECRET_NOTIFIER_ROBOT_TOKEN" in said.zh
    room.put("n-1", "robot", Notification(text="缺货"))
    [(target, state, detail)] = room.wait_results(1)
    assert (target, state) == ("robot", "failed")
    assert "needs the secret token" in detail
    until(lambda: [letter.message.id for letter in room.dead()] == ["n-1"], "the letter is laid, once the note is said")


def test_a_secret_that_is_set_or_changed_in_the_evening_counts(evening: Open, gateway: Start) -> None:
    kept = {"notifier.other.token": "not this one"}
    room = evening(later={"notifier": {"ops": {"plugin": "team"}}})
    gateway(Team, secrets=kept)
    assert "needs the secret token" in room.wait_target("notifier.ops", "set_aside").reason
    kept["notifier.ops.token"] = "first"
    room.wait_target("notifier.ops", "ready")
    room.put("n-1", "ops", Notification(text="库存不足"))
    room.wait_results(1)
    kept["notifier.ops.token"] = "second"
    for turn in range(2, 60):
        room.put(f"n-{turn}", "ops", Notification(text="还有"))
        room.wait_results(turn)
        if "还有 red second" in Team.sent:
            break
    assert Team.sent[0] == "库存不足 red first"
    assert Team.sent[-1] == "还有 red second"
