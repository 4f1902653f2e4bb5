"""What an action is given to work with outlasts a store that is away for a moment."""

from __future__ import annotations

import asyncio
from typing import Any, cast

import pytest

from overlaykit.director.performance import Performance
from overlaykit.errors import StoreAway
from overlaykit.model.messages import Message, Notification
from overlaykit.model.performing import Occasion

NOW = 1_000_000


class Around:
    """A store that answers only from the third call on; its clock goes on with each look."""

    def __init__(self) -> None:
        self.keeper = self.outbox = self
        self.queued: list[Message] = []
        self.calls, self.now = 0, NOW

    async def line(self, seq: int) -> None:
        self._answer()

    async def put(self, message: Message) -> str:
        self._answer()
        self.queued.append(message)
        return "queued"

    def now_ms(self) -> int:
        self.now += 1
        return self.now

    def _answer(self) -> None:
        self.calls += 1
        if self.calls < 3:
            raise StoreAway("the store is away")


def send(until_ms: int) -> Around:
    around = Around()
    occasion = Occasion(seq=7, rule="last-50", at_ms=NOW)
    performance = Performance(cast(Any, around), occasion, 0, "notify", until_ms)
    asyncio.run(performance.send("team", Notification(text="售罄")))
    return around


def test_a_message_is_queued_once_the_store_is_back() -> None:
    assert [message.target for message in send(NOW + 10_000).queued] == ["team"]


def test_what_is_too_late_by_then_is_not() -> None:
    with pytest.raises(StoreAway):
        send(NOW + 1)
