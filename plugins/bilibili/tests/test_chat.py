"""The chat of a room of Bilibili: joined, heard, kept alive, and left."""

from __future__ import annotations

import asyncio
import time
from collections.abc import Awaitable, Callable, Iterator
from contextlib import aclosing
from typing import Any, TypeVar, cast

import pytest

from overlaykit.api import ChatMessage, OverlaykitError, PlatformAway, PlatformRefused, Secret
from overlaykit.testing import TestContext
from plugins.bilibili import Bilibili, BilibiliSettings, listening
from plugins.bilibili.client import signed_headers
from plugins.bilibili.fake import APP_ID, CODE, KEY_ID, KEY_SECRET, FakeBilibili
from plugins.bilibili.frames import MESSAGE, ZLIB, packed

T = TypeVar("T")


@pytest.fixture
def room() -> Iterator[FakeBilibili]:
    with FakeBilibili() as room:
        yield room
        assert room.failures == []


def settings(room: FakeBilibili, **changes: Any) -> BilibiliSettings:
    fields: dict[str, Any] = {
        "app_id": APP_ID,
        "access_key_id": KEY_ID,
        "access_key_secret": Secret(KEY_SECRET),
        "code": Secret(CODE),
        "base_url": room.url,
    }
    return BilibiliSettings(**fields | changes)


def run(story: Callable[[TestContext], Awaitable[T]]) -> T:
    async def told() -> T:
        async with TestContext("channel.bilibili") as ctx, asyncio.timeout(20):
            return await story(ctx)

    return asyncio.run(told())


def wait_until(what: Callable[[], object]) -> None:
    deadline = time.monotonic() + 15.0
    while not what():
        assert time.monotonic() < deadline, "it does not happen"
        time.sleep(0.005)


async def heard(room: FakeBilibili, ctx: TestContext, count: int, happening: Callable[[], None]) -> list[ChatMessage]:
    """The first `count` messages, of what happens once somebody listens."""
    found: list[ChatMessage] = []

    async def happen() -> None:
        await asyncio.to_thread(wait_until, lambda: room.inside)
        await asyncio.to_thread(happening)

    try:
        async with aclosing(cast(Any, Bilibili(settings(room)).chat(ctx))) as messages:
            happens = asyncio.create_task(happen())
            async for message in messages:
                found.append(message)
                if len(found) == count:
                    break
            await happens
    finally:  # else whoever listens next would be taken for inside already, and miss what happens
        await asyncio.to_thread(wait_until, lambda: not room.inside)
    return found


async def ends(room: FakeBilibili, ctx: TestContext, happening: Callable[[], None]) -> OverlaykitError:
    """The error with which the chat ends when something happens."""
    with pytest.raises(OverlaykitError) as error:
        await heard(room, ctx, 1_000, happening)
    return error.value


def test_a_call_is_signed_over_its_headers() -> None:
    """Expected values: openssl."""
    headers = signed_headers(b'{"app_id":1}', "key-id", Secret("key-secret"), nonce="n-1", seconds=1624594467)
    assert headers["x-bili-content-md5"] == "9531e062cc94e68b5ba708eec735ff95"
    assert headers["Authorization"] == "b9b74cebed3a171995a207198cf0c22d24400c8e659c44add1a1aa72abac2b4a"


def test_what_viewers_write_is_heard_plain_and_compressed(room: FakeBilibili) -> None:
    def write() -> None:
        room.write("怎么买", author="小满", id="m-1")
        room.write("有黑色吗", author="阿哲", id="m-2", compressed=ZLIB)
        room.send("LIVE_OPEN_PLATFORM_SEND_GIFT", {"msg_id": "g-1", "uname": "momo", "gift_name": "小心心"})
        room.write("别的直播间", is_mirror=True)
        room.send(
            "LIVE_OPEN_PLATFORM_SUPER_CHAT",
            {"msg_id": "sc-1", "uname": "Linda", "message": "最后一件", "timestamp": 1794400000},
        )

    first, second, paid = run(lambda ctx: heard(room, ctx, 3, write))
    assert [(each.id, each.author, each.text) for each in (first, second, paid)] == [
        ("m-1", "小满", "怎么买"),
        ("m-2", "阿哲", "有黑色吗"),
        ("sc-1", "Linda", "最后一件"),
    ]
    assert paid.at is not None
    assert paid.at.timestamp() == 1794400000


def test_a_round_is_ended_when_the_room_listens_no_more(room: FakeBilibili) -> None:
    run(lambda ctx: heard(room, ctx, 1, lambda: room.write("1")))
    assert room.rounds == set()
    assert [call.path for call in room.calls] == ["/v2/app/start", "/v2/app/end"]
    assert room.inside == 0


def test_a_message_that_cannot_be_read_ends_nothing(room: FakeBilibili) -> None:
    def write() -> None:
        room.send_bytes(packed(MESSAGE, b"{"))
        room.send("LIVE_OPEN_PLATFORM_DM", {"uname": "nobody"})
        room.send("LIVE_OPEN_PLATFORM_DM", {"msg_id": "m", "uname": "x", "msg": "y", "timestamp": 10**30})
        room.write("扣1")

    (message,) = run(lambda ctx: heard(room, ctx, 1, write))
    assert message.text == "扣1"


def test_it_is_kept_alive(room: FakeBilibili, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(listening, "BEAT_EVERY", 0.02)

    def wait() -> None:
        wait_until(lambda: len(room.beats) >= 3 and room.socket_beats >= 3)
        room.write("1")

    run(lambda ctx: heard(room, ctx, 1, wait))
    assert len(set(room.beats)) == 1


def test_a_round_that_is_over_ends_the_chat_and_the_next_is_another(room: FakeBilibili) -> None:
    ended = run(lambda ctx: ends(room, ctx, room.end_round))
    assert isinstance(ended, PlatformAway)
    assert "ended the round" in ended.message
    (message,) = run(lambda ctx: heard(room, ctx, 1, lambda: room.write("又来了")))
    assert message.text == "又来了"


def test_a_round_whose_heartbeat_is_refused_ends_the_chat(room: FakeBilibili, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(listening, "BEAT_EVERY", 0.02)
    ended = run(lambda ctx: ends(room, ctx, room.rounds.clear))
    assert isinstance(ended, PlatformRefused)
    assert "心跳过期" in ended.message


def test_some_heartbeats_may_find_the_platform_away(room: FakeBilibili, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(listening, "BEAT_EVERY", 0.02)

    def stumble() -> None:
        room.refuses += [5000, 5000]
        wait_until(lambda: len(room.beats) >= 2)
        room.write("还在")

    (message,) = run(lambda ctx: heard(room, ctx, 1, stumble))
    assert message.text == "还在"

    def fall() -> None:
        room.refuses += [5000] * 10

    assert isinstance(run(lambda ctx: ends(room, ctx, fall)), PlatformAway)


def test_a_connection_that_ends_or_falls_silent_is_away(room: FakeBilibili, monkeypatch: pytest.MonkeyPatch) -> None:
    dropped = run(lambda ctx: ends(room, ctx, room.drop))
    assert isinstance(dropped, PlatformAway)
    assert "closed the chat" in dropped.message
    monkeypatch.setattr(listening, "SILENT_AFTER", 0.1)
    silent = run(lambda ctx: ends(room, ctx, lambda: None))
    assert isinstance(silent, PlatformAway)
    assert "is silent" in silent.message


def test_who_may_not_come_in_hears_why(room: FakeBilibili) -> None:
    async def join(ctx: TestContext, **changes: Any) -> None:
        async with aclosing(cast(Any, Bilibili(settings(room, **changes)).chat(ctx))) as messages:
            await anext(messages)

    with pytest.raises(PlatformRefused, match="身份码错误") as wrong:
        run(lambda ctx: join(ctx, code=Secret("OLD")))
    assert "identity code has changed" in str(wrong.value)
    with pytest.raises(PlatformRefused, match="签名异常"):
        run(lambda ctx: join(ctx, access_key_secret=Secret("another")))
    room.refuses.append(7002)
    with pytest.raises(PlatformAway, match="made-up refusal"):
        run(join)
    room.lets_in = False
    with pytest.raises(PlatformRefused, match="-101"):
        run(join)
    assert room.rounds == set(), "a round that was not joined is ended, too"
    room.down = True
    with pytest.raises(PlatformAway):
        run(join)
