"""The made-up platforms: what is written for them is heard, what they are told is written down, and one can fall silent."""

from __future__ import annotations

import asyncio
import json
from pathlib import Path
from typing import Any

import pytest

from overlaykit.api import ChatMessage, CouponGift, Notification, UserError
from overlaykit.testing import TestContext
from plugins.simulator.connectors import (
    RoomSettings,
    SimulatedRoom,
    SimulatedTeam,
    SimulatedWarehouse,
    TeamSettings,
    WarehouseSettings,
)

CONTEXT = TestContext()


def written(path: Path) -> list[dict[str, Any]]:
    return [json.loads(line) for line in path.read_text(encoding="utf-8").splitlines()]


async def hear(room: SimulatedRoom, count: int) -> list[ChatMessage]:
    heard: list[ChatMessage] = []
    async with asyncio.timeout(10):
        async for message in room.chat(CONTEXT):
            heard.append(message)
            if len(heard) == count:
                break
    return heard


def test_a_chat_in_a_file_is_heard_from_now_on_and_line_by_line(tmp_path: Path) -> None:
    file = tmp_path / "chat.jsonl"
    file.write_text('{"author": "早", "text": "before"}\n', encoding="utf-8")
    room = SimulatedRoom(RoomSettings(chat=str(file)))

    async def story() -> list[ChatMessage]:
        hearing = asyncio.create_task(hear(room, 2))
        await asyncio.sleep(0)
        while not hearing.done():
            with file.open("a", encoding="utf-8") as chat:
                chat.write('{"author": "小满", "text": "怎么买"}\n')
            await asyncio.sleep(0.02)
        return await hearing

    first, second = asyncio.run(story())
    assert (first.author, first.text) == ("小满", "怎么买")
    assert first.id != second.id


def test_the_same_seed_invents_the_same_messages() -> None:
    def invent(seed: int) -> list[tuple[str, str]]:
        room = SimulatedRoom(RoomSettings(every=0.001, seed=seed))
        return [(message.author, message.text) for message in asyncio.run(hear(room, 20))]

    assert invent(7) == invent(7)
    assert invent(7) != invent(8)


def test_what_they_are_told_is_written_down(tmp_path: Path) -> None:
    sent = tmp_path / "sent.jsonl"

    async def story() -> None:
        room = SimulatedRoom(RoomSettings(sent=str(sent)))
        await room.send_chat("最后机会!", CONTEXT)
        await room.give_coupon(CouponGift("满300减50"), CONTEXT, id="g-1")
        team = SimulatedTeam(TeamSettings(sent=str(sent)))
        assert (
            await team.notify(Notification(text="库存不足", level="urgent"), CONTEXT)
            == "simulated: written into sent.jsonl"
        )

    asyncio.run(story())
    assert written(sent) == [
        {"chat": "最后机会!"},
        {"coupon": "满300减50", "id": "g-1"},
        {"title": "", "text": "库存不足", "level": "urgent"},
    ]


def test_a_warehouse_says_what_stands_in_its_file_and_is_silent_without(tmp_path: Path) -> None:
    counts = tmp_path / "counts.json"
    warehouse = SimulatedWarehouse(WarehouseSettings(counts=str(counts)))
    with pytest.raises(UserError, match="the warehouse is silent"):
        asyncio.run(warehouse.poll(CONTEXT, full=True))
    counts.write_text('{"A": 120, "B": {"hz": 80, "gz": 40}}', encoding="utf-8")
    readings = asyncio.run(warehouse.poll(CONTEXT, full=True))
    assert [(each.sku, each.location, each.quantity) for each in readings] == [
        ("A", None, 120),
        ("B", "hz", 80),
        ("B", "gz", 40),
    ]
