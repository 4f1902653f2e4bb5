"""What the gateway has to know of a ledger before it counts: the items, what platforms' skus are, which connectors rest.

Read off the fold, so that an item that was added or mapped a moment ago is known to the next order.
"""

from __future__ import annotations

from collections.abc import Collection
from typing import NamedTuple

import msgspec

from overlaykit.board.connections import Named
from overlaykit.gateway.following import Follower
from overlaykit.inbox.mapping import SkuMap
from overlaykit.model.commands import QuarantineDrop, QuarantineMap
from overlaykit.model.entries import Entry, has_family
from overlaykit.model.sessions import Channel


class Settled(NamedTuple):
    """What an operator said of orders that wait for want of a platform's sku. `counts`: it is mapped; else they are to go."""

    channel: str
    platform_sku: str
    counts: bool


class Bearings:
    """Of the ledger that `follower` follows."""

    def __init__(self, follower: Follower) -> None:
        self._follower = follower
        self._entry = msgspec.json.Decoder(Entry)
        self.settled: list[Settled] = []
        """What was said since it was asked last; whoever acts on it clears it."""
        self._settle_all()
        follower.listen_to_lines(self._hear)

    @property
    def paused(self) -> Collection[str]:
        """What an operator has stopped, with its section: channel.douyin."""
        return self._follower.fold.connections.paused

    def is_paused(self, channel: str) -> bool:
        return f"channel.{channel}" in self.paused

    def is_dropped(self, channel: str, platform_sku: str, seq: int) -> bool:
        """Whether an operator has let go, after the entry `seq`, what waited for want of a platform's sku."""
        return 0 < seq < self._follower.fold.connections.dropped.get(Named(channel, platform_sku), 0)

    def skus_of(self, channel: Channel) -> SkuMap:
        """What a channel's skus are here, now."""
        fold = self._follower.fold
        mapped = {name.sku: to for name, to in fold.connections.mapped.items() if name.channel == channel.name}
        return SkuMap(channel.skus, mapped, fold.items.keys())

    async def catch_up(self) -> None:
        """Knows all that is in the ledger now. Raises what the store raises."""
        await self._follower.catch_up()

    def _settle_all(self) -> None:
        dropped, mapped = self._follower.fold.connections.dropped, self._follower.fold.connections.mapped
        self.settled += [Settled(name.channel, name.sku, False) for name in dropped]
        self.settled += [Settled(name.channel, name.sku, True) for name in mapped]

    def _hear(self, line: bytes | None) -> None:
        if line is None:
            self._settle_all()
        elif has_family(line, "quarantine"):
            entry = self._entry.decode(line)
            if entry.outcome.status != "accepted":
                return
            if entry.type == "quarantine.map":
                mapped = msgspec.json.decode(entry.data, type=QuarantineMap)
                self.settled.append(Settled(mapped.channel, mapped.platform_sku, True))
                return
            dropped = msgspec.json.decode(entry.data, type=QuarantineDrop)
            if dropped.channel and dropped.platform_sku:
                self.settled.append(Settled(dropped.channel, dropped.platform_sku, False))
