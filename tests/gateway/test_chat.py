"""A chat, listened to: what a rule's keyword asks for is heard once, the rest is let go, and a flood stays out of the ledger."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator, Callable
from typing import TYPE_CHECKING, ClassVar

import pytest

from overlaykit.gateway.chat import keywords_of
from overlaykit.model.connectors import Capability, Connector, Context
from overlaykit.model.events import ChatMessage
from overlaykit.model.sessions import Channel
from overlaykit.model.settings import Settings
from overlaykit.plan import words_in
from tests.conftest import until

if TYPE_CHECKING:
    from tests.gateway.conftest import Evening, Post

pytestmark = pytest.mark.store

Open = Callable[..., "Evening"]
Start = Callable[..., "Post"]

CHANNELS = (Channel(name="mini", title="mini", connector="talk"),)
RULES = [
    {"name": "how", "when": 'chat "怎么买"', "do": [{"action": "announce", "text": "x"}]},
    {"name": "size", "when": 'chat "size"', "do": [{"action": "announce", "text": "x"}]},
    {"name": "gone", "when": "sold_out", "do": [{"action": "announce", "text": "x"}]},
]


class Talk(Connector[Settings]):
    """A chat that says what the test writes; "!" ends it, "?" breaks it, at "…" it is silent for too long."""

    name = "talk"
    capabilities = frozenset({Capability.CHAT_READ})
    said: ClassVar[list[tuple[str, str]]] = []
    asked: ClassVar[int] = 0

    async def chat(self, ctx: Context) -> AsyncIterator[ChatMessage]:
        Talk.asked += 1
        place = 0 if Talk.asked == 1 else len(self.said)
        while True:
            while place < len(self.said):
                id, text = self.said[place]
                place += 1
                if text == "!":
                    return
                if text == "?":
                    raise ConnectionError("the platform hung up")
                if text == "…":
                    raise TimeoutError
                if text == "text":
                    yield "text"  # type: ignore[misc]
                yield ChatMessage(id=id, author="小满", text=text)
            await asyncio.sleep(0.01)


@pytest.fixture(autouse=True)
def _forgotten() -> None:
    Talk.said.clear()
    Talk.asked = 0


def heard(room: Evening) -> list[tuple[str, str]]:
    return [(each["data"]["keyword"], each["data"]["text"]) for each in room.entries("chat.heard")]


def test_messages_with_a_keyword_are_heard_once_and_others_are_not(evening: Open, gateway: Start) -> None:
    room = evening(channels=CHANNELS, later={"rule": RULES})
    gateway(Talk)
    Talk.said += [
        ("1", "主播好"),
        ("2", "这个怎么买呀"),
        ("3", "What SIZE is it"),
        ("2", "这个怎么买呀"),
        ("4", "怎么买"),
    ]
    until(lambda: len(heard(room)) >= 3, "three are heard")
    Talk.said.append(("5", "size?"))
    until(lambda: len(heard(room)) >= 4, "and a fourth")
    assert heard(room) == [
        ("怎么买", "这个怎么买呀"),
        ("size", "What SIZE is it"),
        ("怎么买", "怎么买"),
        ("size", "size?"),
    ]
    entry = room.entries("chat.heard")[0]
    assert (entry["source"], entry["data"]["channel"], entry["data"]["author"]) == ("connector:mini", "mini", "小满")


def test_a_flood_is_counted_and_not_written_down(evening: Open, gateway: Start) -> None:
    room = evening(channels=CHANNELS, later={"rule": RULES})
    gateway(Talk)
    Talk.said += [(f"f-{number}", "怎么买") for number in range(500)]

    def dropped() -> int:
        found = room.target("channel.mini")
        return 0 if found is None else found.dropped

    until(lambda: dropped() >= 400, "what is passed over is said")
    assert 0 < len(heard(room)) <= 500 - 400


@pytest.mark.parametrize(
    ("said", "reason"),
    [
        ("?", "ConnectionError: the platform hung up"),
        ("!", "弹幕结束了 / the chat has ended"),
        ("…", "弹幕没有答复 / the chat does not answer"),
        ("text", "chat() 给的 str 不是弹幕 / chat() yielded str, which is no ChatMessage"),
    ],
)
def test_a_chat_that_breaks_is_said_and_asked_for_again(evening: Open, gateway: Start, said: str, reason: str) -> None:
    room = evening(channels=CHANNELS, later={"rule": RULES})
    gateway(Talk)
    until(lambda: Talk.asked, "it is read")
    Talk.said.append(("1", said))
    told = words_in(room.wait_target("channel.mini", "failing").reason)
    assert told.zh.startswith(f"读不到弹幕：{words_in(reason).zh}")
    assert told.en.startswith(f"its chat is not read: {words_in(reason).en}")
    until(lambda: Talk.asked == 2, "it is asked for again")

    def say_and_hear() -> bool:
        Talk.said.append((f"n-{len(Talk.said)}", "怎么买"))
        return bool(heard(room))

    until(say_and_hear, "it is heard again")
    room.wait_target("channel.mini", "ready")


def test_nobody_listens_where_no_rule_asks_for_it(evening: Open, gateway: Start) -> None:
    room = evening(channels=CHANNELS, later={"rule": [RULES[2]]})
    assert keywords_of(room.engine.state().plan) == ()
    gateway(Talk)
    room.wait_target("channel.mini", "ready")
    assert Talk.asked == 0
