"""Made-up platforms: a room with a chat and coupons, a team that is notified, a warehouse that counts.

What they are told they write down, one JSON line each, where people and tests can read it; what they tell stands in files that
people and tests can write, or is invented. Nothing leaves this machine.
"""

from __future__ import annotations

import asyncio
import json
import logging
import random
from collections.abc import AsyncIterator, Sequence
from pathlib import Path
from typing import Any
from uuid import uuid4

from overlaykit.api import (
    Capability,
    ChatMessage,
    Connector,
    Context,
    CouponGift,
    Notification,
    Settings,
    StockLevelObserved,
    UserError,
)

LOOK_EVERY = 0.05
"""Seconds between two looks into a file of chat messages."""
AUTHORS = ("小满", "阿哲", "momo", "Linda", "北方的风", "买买买", "橘子汽水", "Tom")
TEXTS = (
    "怎么买",
    "有黑色吗",
    "扣1",
    "多少钱",
    "包邮吗",
    "1",
    "XL 还有吗",
    "已拍",
    "what size is she wearing",
    "主播好美",
)

log = logging.getLogger(__name__)


class RoomSettings(Settings):
    """
    chat    a file of chat messages, one JSON line each: {"author": "…", "text": "…"}; what is appended is heard. Without it
            messages are invented
    every   seconds between two invented messages, on average
    seed    the same seed invents the same messages
    sent    a file to which what is sent is appended, as JSON lines; without it the log of the process says it
    """

    chat: str = ""
    every: float = 2.0
    seed: int = 1
    sent: str = ""


class SimulatedRoom(Connector[RoomSettings]):
    """A platform's live room: its chat is read and written, coupons are given."""

    name = "simulated_room"
    title = "模拟直播间 Simulated room"
    tested = "itself: there is no such platform"
    capabilities = frozenset({Capability.CHAT_READ, Capability.CHAT_SEND, Capability.COUPON})

    async def chat(self, ctx: Context) -> AsyncIterator[ChatMessage]:
        messages = self._written() if self.settings.chat else self._invented()
        async for message in messages:
            yield message

    async def send_chat(self, text: str, ctx: Context) -> str:
        return await write_down(self.settings.sent, {"chat": text})

    async def give_coupon(self, gift: CouponGift, ctx: Context, *, id: str) -> str:
        return await write_down(self.settings.sent, {"coupon": gift.coupon, "id": id})

    async def _invented(self) -> AsyncIterator[ChatMessage]:
        dice = random.Random(self.settings.seed)
        while True:
            await asyncio.sleep(dice.expovariate(1 / self.settings.every))
            yield ChatMessage(id=uuid4().hex, author=dice.choice(AUTHORS), text=dice.choice(TEXTS))

    async def _written(self) -> AsyncIterator[ChatMessage]:
        """What is appended from now on; a message's id is where its line begins."""
        path = Path(self.settings.chat)
        place = await asyncio.to_thread(_size, path)
        while True:
            for begin, line in await asyncio.to_thread(_lines_from, path, place):
                place = begin + len(line)
                said = json.loads(line)
                yield ChatMessage(id=f"{path.name}:{begin}", author=said["author"], text=said["text"])
            await asyncio.sleep(LOOK_EVERY)


class TeamSettings(Settings):
    """sent: a file to which notifications are appended, as JSON lines; without it the log of the process says them."""

    sent: str = ""


class SimulatedTeam(Connector[TeamSettings]):
    """A team's group robot."""

    name = "simulated_team"
    title = "模拟团队 Simulated team"
    tested = "itself: there is no such platform"
    capabilities = frozenset({Capability.NOTIFY})

    async def notify(self, notification: Notification, ctx: Context) -> str:
        said = {"title": notification.title, "text": notification.text, "level": notification.level}
        return await write_down(self.settings.sent, said)


class WarehouseSettings(Settings):
    """counts: a file {"SKU": units} or {"SKU": {"LOCATION": units}}; the warehouse is silent while it cannot be read."""

    counts: str


class SimulatedWarehouse(Connector[WarehouseSettings]):
    """A warehouse whose counts stand in a file. Take the file away, and it falls silent."""

    name = "simulated_warehouse"
    title = "模拟仓库 Simulated warehouse"
    tested = "itself: there is no such platform"
    capabilities = frozenset({Capability.STOCK_LEVELS})

    async def poll(self, ctx: Context, full: bool) -> Sequence[StockLevelObserved]:
        path = Path(self.settings.counts)
        try:
            text = await asyncio.to_thread(path.read_text, encoding="utf-8")
        except OSError as error:
            raise UserError(
                f"仓库没有数据：{error.strerror}: {path} / the warehouse is silent: {path}: {error.strerror}"
            ) from None
        readings = []
        for sku, units in json.loads(text).items():
            by_location = units if isinstance(units, dict) else {None: units}
            readings += [
                StockLevelObserved(sku=sku, quantity=quantity, location=location)
                for location, quantity in by_location.items()
            ]
        return readings


CONNECTORS = (SimulatedRoom, SimulatedTeam, SimulatedWarehouse)


async def write_down(file: str, said: dict[str, Any]) -> str:
    """Appends it to `file`, or logs it without one. Gives what to show as the result."""
    text = json.dumps(said, ensure_ascii=False)
    if not file:
        log.info("simulated: %s", text)
        return "simulated: see the gateway's log"
    await asyncio.to_thread(_append, Path(file), text)
    return f"simulated: written into {Path(file).name}"


def _append(path: Path, text: str) -> None:
    with path.open("a", encoding="utf-8") as file:
        file.write(text + "\n")


def _size(path: Path) -> int:
    return path.stat().st_size if path.exists() else 0


def _lines_from(path: Path, place: int) -> list[tuple[int, bytes]]:
    """Whole lines from byte `place` on, each with where it begins."""
    if not path.exists():
        return []
    with path.open("rb") as file:
        file.seek(place)
        found = []
        for line in file:
            if not line.endswith(b"\n"):
                break
            found.append((place, line))
            place += len(line)
    return found
