"""What becomes of the deliveries that were taken out of an app's inbox: they leave it, or lie on a pile for a person."""

from __future__ import annotations

import logging
from collections import Counter as Tally
from collections.abc import Container
from typing import Any

import msgspec

from overlaykit.gateway.backlog import Waiting
from overlaykit.gateway.bearings import Bearings
from overlaykit.model.events import OrderFact, OrderRef
from overlaykit.store import Inbox, Letter, Received
from overlaykit.store.deliveries import PileName


class Pending:
    """A delivery that was taken. `left`: how much of it has no end yet; `dead`, `aside`: what goes onto a pile, with the reason;
    `aside_seq`: the last entry that says so; `earlier`: deliveries that were asked about with this one, and end with it."""

    def __init__(self, received: Received, since_ms: int) -> None:
        self.received = received
        self.waiting = Waiting(received, since_ms)
        self.left = len(received.arrivals)
        self.dead: list[tuple[Any, str]] = []
        self.aside: list[tuple[Any, tuple[str, ...]]] = []
        self.aside_seq = 0
        self.earlier: list[Pending] = []


class Ends:
    """Of one app. `channels`: the names of those that it has.

    pending   deliveries that were taken and have no end yet, by id
    unlisted  by channel, numbers that the platform told of things that are no listing of it
    """

    def __init__(
        self, app: str, channels: Container[str], *, inbox: Inbox, bearings: Bearings, log: logging.Logger
    ) -> None:
        self._app, self._channels, self._inbox, self._bearings, self._log = app, channels, inbox, bearings, log
        self.pending: dict[str, Pending] = {}
        self.unlisted: Tally[str] = Tally()
        self._ended: list[str] = []
        self._laid: list[tuple[PileName, Letter]] = []
        self._failed: dict[tuple[str, str], list[str]] = {}

    def begin(self, received: Received, since_ms: int) -> Pending:
        """It was taken. `since_ms`: from when on it waits."""
        pending = self.pending[received.id] = Pending(received, since_ms)
        return pending

    def dead(self, pending: Pending, event: OrderFact | OrderRef, why: str) -> None:
        """One thing of a delivery cannot be counted: it waits for a person."""
        pending.dead.append((event, why))
        self._failed.setdefault((pending.received.channel, why), []).append(event.order)
        self.end(pending)

    def end(self, pending: Pending) -> None:
        """One thing of a delivery has its end; with the last of them the delivery leaves the queue."""
        pending.left -= 1
        if pending.left > 0:
            return
        received = pending.received
        self.pending.pop(received.id, None)  # a store that lost everything may have taken it a second time
        skus = tuple(dict.fromkeys(sku for _, missing in pending.aside for sku in missing))
        if pending.dead:
            # Both in one letter: what waits for a mapping goes aside when the letter is replayed.
            events = (*(event for event, _ in pending.dead), *(event for event, _ in pending.aside))
            why = "; ".join(dict.fromkeys(why for _, why in pending.dead))
            letter = Letter(received=msgspec.structs.replace(received, arrivals=events), why=why)
            self._laid.append(("dead", letter))
        elif pending.aside:
            events = tuple(event for event, _ in pending.aside)
            why = f"方案里没有这些商品 / the plan has no item for {', '.join(skus)}"
            rest = msgspec.structs.replace(received, arrivals=events)
            letter = Letter(received=rest, why=why, platform_skus=skus, seq=pending.aside_seq)
            if self._is_dropped(letter):
                self._ended.append(received.id)
            else:
                self._laid.append(("aside", letter))
        else:
            self._ended.append(received.id)
        for each in pending.earlier:
            self.end(each)

    async def say(self) -> None:
        """Says the ends to the inbox, and to the log what did not end well."""
        for (channel, why), orders in self._failed.items():
            more = f" and {len(orders) - 1} more" if len(orders) > 1 else ""
            self._log.error("ALARM: %s: order %s%s: not counted: %s", channel, orders[0], more, why)
        self._failed.clear()
        while self._laid:
            pile, letter = self._laid[0]
            if not await self._inbox.lay(pile, letter):
                self._log.error(
                    "ALARM: %s: the pile of %s is full; work it off: %s waits in its queue until the gateway starts again",
                    letter.received.channel,
                    "dead letters" if pile == "dead" else "unmapped orders",
                    letter.received.id,
                )
            self._laid.pop(0)
        for channel in [each for each, count in self.unlisted.items() if count]:
            await self._inbox.count(channel, unlisted=self.unlisted[channel])
            del self.unlisted[channel]
        if self._ended:
            ended = self._ended[:]
            await self._inbox.done(self._app, ended)
            del self._ended[: len(ended)]

    async def settle(self) -> None:
        """Does what an operator said of orders that wait for want of an item: they count now, or go."""
        mine = [each for each in self._bearings.settled if each.channel in self._channels]
        if not mine:
            return
        letters = [each for each in await self._inbox.letters("aside") if each.received.channel in self._channels]
        for said in mine:
            wanting = [
                each
                for each in letters
                if each.received.channel == said.channel and said.platform_sku in each.platform_skus
            ]
            if said.counts:
                await self._inbox.replay("aside", wanting)
            else:
                await self._inbox.drop("aside", [each.received.id for each in wanting if self._is_dropped(each)])
        self._bearings.settled[:] = [each for each in self._bearings.settled if each not in mine]

    def _is_dropped(self, letter: Letter) -> bool:
        """Whether an operator has let go, since it was said to wait, each platform's sku that it wants."""
        channel = letter.received.channel
        return all(self._bearings.is_dropped(channel, each, letter.seq) for each in letter.platform_skus)
