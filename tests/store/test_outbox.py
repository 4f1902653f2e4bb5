"""Messages that leave the room: put once, taken in order, begun before they go out, and seen when they have no end."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import asynccontextmanager
from typing import TYPE_CHECKING

import pytest

from overlaykit.errors import StoreAway, UserError
from overlaykit.model.messages import ChatText, CouponGift, Message, Notification, WebhookEvent
from overlaykit.store import (
    DeadLetter,
    Lease,
    Outbox,
    TargetStatus,
    connect,
    connect_async,
    read_outbox,
)
from overlaykit.store.outbox import BYTES_AT_MOST, DEAD_SHOWN, QUEUE_AT_MOST

if TYPE_CHECKING:
    from tests.conftest import StoreServer

pytestmark = pytest.mark.store


def chat(id: str, text: str = "最后机会!", *, target: str = "douyin", expires_at: int | None = None) -> Message:
    body = ChatText(text)
    return Message(id=id, firing=7, index=2, action="chat", target=target, body=body, expires_at=expires_at)


def webhook(id: str) -> Message:
    body = WebhookEvent(type="rule.fired", timestamp="2026-11-11T12:00:00Z", data={"sku": "A"})
    return Message(id=id, firing=7, index=0, action="webhook", target="crm", body=body)


class Room:
    """An outbox and the lease of the gateway that serves it."""

    def __init__(self, url: str, ledger: str, holder: str = "first", ttl: float = 30) -> None:
        self.client = connect_async(url)
        self.key = f"overlaykit:{{{ledger}}}:out"
        self.lease = Lease(self.client, f"overlaykit:{{{ledger}}}:lease:gateway", holder, ttl=ttl)
        self.outbox = Outbox(self.client, self.key, self.lease.fence_key)


@asynccontextmanager
async def opened(room: Room) -> AsyncIterator[Room]:
    async with room.client:
        assert await room.lease.take()
        yield room


def tell(url: str, ledger: str, story: Callable[[Room], Awaitable[None]]) -> None:
    async def told() -> None:
        async with opened(Room(url, ledger)) as room:
            await story(room)

    asyncio.run(told())


def test_a_queue_names_the_section_of_its_target() -> None:
    assert chat("a").queue == "channel.douyin"
    assert webhook("a").queue == "webhook.crm"
    gift = Message(id="g", firing=1, index=0, action="coupon", target="mini", body=CouponGift("满300减50"))
    alert = Message(id="n", firing=1, index=0, action="notify", target="feishu", body=Notification(text="缺货"))
    assert (gift.queue, alert.queue) == ("channel.mini", "notifier.feishu")
    assert [each.once for each in (chat("a"), gift, alert, webhook("a"))] == [True, True, False, False]


def test_messages_of_a_queue_go_out_in_the_order_they_were_put(any_store: StoreServer, ledger: str) -> None:
    async def story(room: Room) -> None:
        names = [f"m-{number:03}" for number in range(120, 0, -1)]
        for name in names:
            assert await room.outbox.put(chat(name)) == "queued"
        assert await room.outbox.put(chat("elsewhere", target="kuaishou")) == "queued"
        seen: list[str] = []
        while (taken := await room.outbox.take("channel.douyin")).message:
            assert taken.waiting == len(names) - len(seen)
            assert (await room.outbox.start(taken.message, room.lease.token)).status == "begin"
            assert await room.outbox.finish(taken.message, room.lease.token)
            seen.append(taken.message.id)
        assert seen == names
        assert (await room.outbox.take("channel.kuaishou")).message == chat("elsewhere", target="kuaishou")

    tell(any_store.url, ledger, story)


def test_a_message_is_queued_once_also_after_its_end(any_store: StoreServer, ledger: str) -> None:
    async def story(room: Room) -> None:
        assert await room.outbox.put(chat("m")) == "queued"
        assert await room.outbox.put(chat("m", "another text")) == "duplicate"
        await room.outbox.start(chat("m"), room.lease.token)
        await room.outbox.finish(chat("m"), room.lease.token)
        assert await room.outbox.put(chat("m")) == "duplicate"
        taken = await room.outbox.take("channel.douyin")
        assert (taken.message, taken.waiting, taken.due_ms) == (None, 0, None)

    tell(any_store.url, ledger, story)


def test_what_was_begun_and_has_no_end_is_seen_so_and_a_chat_text_does_not_begin_again(
    any_store: StoreServer, ledger: str
) -> None:
    async def story(room: Room) -> None:
        for message in (chat("m"), webhook("w")):
            await room.outbox.put(message)
            assert await room.outbox.start(message, room.lease.token) == ("begin", 1)
        found = await room.outbox.take("channel.douyin")
        assert (found.message, found.begun, found.attempts) == (chat("m"), True, 1)
        assert (await room.outbox.start(chat("m"), room.lease.token)).status == "begun"
        assert await room.outbox.start(webhook("w"), room.lease.token) == ("begin", 2), "a webhook may go out twice"

    tell(any_store.url, ledger, story)


def test_a_gateway_that_does_not_lead_any_more_begins_and_ends_nothing(any_store: StoreServer, ledger: str) -> None:
    async def story(room: Room) -> None:
        for name in ("begun", "waits"):
            await room.outbox.put(chat(name))
        old = room.lease.token
        await room.outbox.start(chat("begun"), old)
        await room.lease.leave()
        async with opened(Room(any_store.url, ledger, "second")) as second:
            assert second.lease.token > old
            assert (await room.outbox.start(chat("waits"), old)).status == "fenced"
            assert not await room.outbox.finish(chat("begun"), old)
            assert not await room.outbox.defer(chat("begun"), old, 1)
            assert (await second.outbox.start(chat("begun"), second.lease.token)).status == "begun"
            assert (await second.outbox.start(chat("waits"), second.lease.token)).status == "begin"

    tell(any_store.url, ledger, story)


def test_what_has_expired_does_not_begin(any_store: StoreServer, ledger: str) -> None:
    async def story(room: Room) -> None:
        late = chat("late", expires_at=(await room.outbox.take("channel.douyin")).now_ms - 1)
        await room.outbox.put(late)
        assert (await room.outbox.start(late, room.lease.token)).status == "expired"
        in_time = chat("in-time", expires_at=(await room.outbox.take("channel.douyin")).now_ms + 60_000)
        await room.outbox.put(in_time)
        assert (await room.outbox.start(in_time, room.lease.token)).status == "begin"

    tell(any_store.url, ledger, story)


def test_a_later_attempt_lets_the_next_message_go_first(any_store: StoreServer, ledger: str) -> None:
    async def story(room: Room) -> None:
        await room.outbox.put(webhook("first"))
        await room.outbox.put(webhook("second"))
        await room.outbox.start(webhook("first"), room.lease.token)
        assert await room.outbox.defer(webhook("first"), room.lease.token, 60)
        assert (await room.outbox.take("webhook.crm")).message == webhook("second")
        await room.outbox.finish(webhook("second"), room.lease.token)
        waits = await room.outbox.take("webhook.crm")
        assert (waits.message, waits.waiting) == (None, 1)
        assert waits.due_ms is not None
        assert 58_000 < waits.due_ms - waits.now_ms <= 60_000
        await room.outbox.defer(webhook("first"), room.lease.token, 0)
        again = await room.outbox.take("webhook.crm")
        assert (again.message, again.begun, again.attempts) == (webhook("first"), False, 1)

    tell(any_store.url, ledger, story)


def test_a_queue_that_is_full_says_so_and_the_others_go_on(any_store: StoreServer, ledger: str) -> None:
    async def story(room: Room) -> None:
        for number in range(QUEUE_AT_MOST):
            await room.outbox.put(chat(f"m-{number}"))
        assert await room.outbox.put(chat("one more")) == "full"
        assert await room.outbox.put(chat("other", target="kuaishou")) == "queued"
        with pytest.raises(UserError, match=r"the message to douyin has 65,\d+ bytes"):
            await room.outbox.put(chat("long", "长" * (BYTES_AT_MOST // 3)))

    tell(any_store.url, ledger, story)


def test_whoever_waits_is_woken_by_the_next_message(any_store: StoreServer, ledger: str) -> None:
    async def story(room: Room) -> None:
        assert not await room.outbox.wait(0.05)
        waiting = asyncio.create_task(room.outbox.wait(30))
        async with Room(any_store.url, ledger).client as director:
            await Outbox(director, room.key).put(chat("m"))
        async with asyncio.timeout(10):
            assert await waiting

    tell(any_store.url, ledger, story)


def test_dead_letters_and_targets_are_there_for_the_desk(any_store: StoreServer, ledger: str) -> None:
    async def story(room: Room) -> None:
        for name in ("one", "two"):
            await room.outbox.put(webhook(name))
            await room.outbox.start(webhook(name), room.lease.token)
            letter = DeadLetter(webhook(name), 10, "HTTP 500")
            await room.outbox.finish(webhook(name), room.lease.token, dead=letter)
        ready = TargetStatus(name="channel.douyin", plugin="simulator_room", can=("chat_send",))
        lost = TargetStatus(name="webhook.crm", state="failing", reason="HTTP 500", remedy="Look there.", waiting=2)
        await room.outbox.say_targets({each.name: each for each in (ready, lost)})
        with connect(any_store.url) as desk:
            letters = read_outbox(desk, room.key).dead
            assert {letter.message.id for letter in letters} == {"one", "two"}
            assert all(letter.at_ms > 1_700_000_000_000 and letter.why == "HTTP 500" for letter in letters)
            assert read_outbox(desk, room.key).targets == [ready, lost]
        await room.outbox.say_targets({}, gone=("webhook.crm",))
        with connect(any_store.url) as desk:
            assert read_outbox(desk, room.key).targets == [ready]

    tell(any_store.url, ledger, story)


def test_of_many_dead_letters_the_last_ones_are_read(store: StoreServer, ledger: str) -> None:
    async def story(room: Room) -> None:
        names = [f"letter-{number}" for number in range(DEAD_SHOWN + 5)]
        for name in names:
            await room.outbox.put(webhook(name))
            await room.outbox.finish(webhook(name), room.lease.token, dead=DeadLetter(webhook(name), 10, "HTTP 500"))
        with connect(store.url) as desk:
            shown = [letter.message.id for letter in read_outbox(desk, room.key).dead]
        assert len(shown) == DEAD_SHOWN
        assert set(shown) <= set(names)
        assert names[-1] in shown

    tell(store.url, ledger, story)


def test_a_store_that_is_away_says_so(ledger: str, free_port: int) -> None:
    async def story() -> None:
        room = Room(f"redis://127.0.0.1:{free_port}/0", ledger)
        async with room.client:
            with pytest.raises(StoreAway):
                await room.outbox.put(chat("m"))

    asyncio.run(story())
