"""What the gateway has to know of a ledger before it counts: the items, what platforms' skus are, which connectors rest.

Read from the ledger's entries as they come, so that an item that was added or mapped a moment ago is known to the next order.
"""

from __future__ import annotations

import asyncio
from collections.abc import Sequence
from collections.abc import Set as AbstractSet
from typing import Any, NamedTuple

import msgspec
import redis.asyncio
from msgspec import Struct

from overlaykit.inbox.mapping import SkuMap
from overlaykit.model.entries import has_family, has_type
from overlaykit.model.sessions import Channel, Mapped
from overlaykit.stock import Keeper, ledger_stream_key
from overlaykit.store import tail_read_async

READ_AT_ONCE = 1_000


class Settled(NamedTuple):
    """What an operator said of orders that wait for want of a platform's sku. `counts`: it is mapped; else they are to go."""

    channel: str
    platform_sku: str
    counts: bool


class _Outcome(Struct):
    status: str = ""


class _Line(Struct):
    type: str
    data: dict[str, Any]
    outcome: _Outcome


class Bearings:
    """Of one ledger. Every call raises what the store raises."""

    def __init__(self, client: redis.asyncio.Redis, keeper: Keeper, channels: Sequence[Channel]) -> None:
        self._client, self._keeper = client, keeper
        self._channels = sorted((each.name for each in channels), key=len, reverse=True)
        self._stream = ledger_stream_key(keeper.ledger)
        self._decode = msgspec.json.Decoder(_Line).decode
        self._reading = asyncio.Lock()
        self._seq = -1
        self._epoch = ""
        self._items: set[str] = set()
        self._mapped: dict[str, dict[str, Mapped]] = {}
        self._paused: set[str] = set()
        self.settled: list[Settled] = []
        """What was said since it was asked last; whoever acts on it clears it."""

    @property
    def paused(self) -> AbstractSet[str]:
        """What an operator has stopped, with its section: channel.douyin."""
        return self._paused

    def is_paused(self, channel: str) -> bool:
        return f"channel.{channel}" in self._paused

    def skus_of(self, channel: Channel) -> SkuMap:
        """What a channel's skus are here, now."""
        return SkuMap(channel.skus, self._mapped.get(channel.name, {}), self._items)

    async def catch_up(self) -> None:
        """Knows all that is in the ledger now."""
        async with self._reading:
            await self._catch_up()

    async def _catch_up(self) -> None:
        while True:
            if self._seq < 0 or self._epoch != self._keeper.seen.epoch:
                await self._begin()
            found = await tail_read_async(self._client, self._stream, self._seq, count=READ_AT_ONCE)
            if found and found[0][0] != self._seq + 1:
                self._seq = -1  # entries between were trimmed
                continue
            for seq, line in found:
                self._take(line)
                self._seq = seq
            if len(found) < READ_AT_ONCE:
                return

    async def _begin(self) -> None:
        state = await self._keeper.state()
        self._items = set(state.items)
        self._mapped, self._paused = {}, set()
        for name, value in state.shown.items():
            kind, _, rest = name.partition(" ")
            if kind == "paused":
                self._paused.add(rest)
            elif kind == "map":
                channel = next((each for each in self._channels if rest.startswith(f"{each} ")), "")
                platform_sku = rest[len(channel) + 1 :]
                self._mapped.setdefault(channel, {})[platform_sku] = msgspec.convert(value, Mapped)
                self.settled.append(Settled(channel, platform_sku, True))
        self._seq, self._epoch = state.seq, state.epoch

    def _take(self, line: bytes) -> None:
        if not (has_type(line, "item.add") or has_family(line, "quarantine") or has_family(line, "connector")):
            return
        entry = self._decode(line)
        if entry.outcome.status != "accepted":
            return
        data = entry.data
        match entry.type:
            case "item.add":
                self._items.add(data["sku"])
            case "connector.pause":
                self._paused.add(data["name"])
            case "connector.resume":
                self._paused.discard(data["name"])
            case "quarantine.map":
                mapped = Mapped(data["sku"], data.get("quantity", 1))
                self._mapped.setdefault(data["channel"], {})[data["platform_sku"]] = mapped
                self.settled.append(Settled(data["channel"], data["platform_sku"], True))
            case "quarantine.drop" if data.get("platform_sku"):
                self.settled.append(Settled(data["channel"], data["platform_sku"], False))
