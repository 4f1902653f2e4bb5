"""What platforms told of one app and nobody has counted yet: how much it is, and since when it waits."""

from __future__ import annotations

import time
from collections.abc import Collection, Iterable, Mapping
from typing import NamedTuple

from overlaykit.gateway.standing import Standing
from overlaykit.model.events import OrderEvent, OrderFact, OrderPaid, OrderPlaced
from overlaykit.shares import Lateness
from overlaykit.store import Batch, Received

JOB = "news"
LOOK_EVERY = 0.25
OLD_NEWS = 300.0
"""Seconds between what happened and its being counted; more is a catching up after hours, or a platform's clock that is wrong."""
WORD_FROM = 5.0
LATE = "消息积压超过 {seconds} 秒 / its news are more than {seconds} s behind"
CALM = "消息都在，数完之前它的份额不动 / Nothing is lost. Its share stays as it is until they are counted."


class Waiting(NamedTuple):
    """A delivery that was taken and has no end yet. `since_ms`: when it began to wait."""

    received: Received
    since_ms: int


class Backlog:
    """`lateness` and `standings` by channel: they are told. `strays`: (shop, order) of orders that the platform does not tell,
    though it tells others: one such says nothing of how late the news are."""

    def __init__(
        self, lateness: Mapping[str, Lateness], standings: Mapping[str, Standing], strays: Collection[tuple[str, str]]
    ) -> None:
        self._lateness, self._standings, self._strays = lateness, standings, strays
        self._heard_ms = self._in_store = 0
        self._look_at = 0.0

    def since_ms(self, received: Received) -> int:
        """When a delivery that was just taken began to wait: not before the queue was seen without it, as one that is replayed."""
        return max(received.at_ms, self._heard_ms)

    def took(self, batch: Batch, limit: int, held: int) -> None:
        """So much was taken from the queue, where `limit` was the most; `held` wait outside it now."""
        if len(batch.taken) < limit:
            self._heard_ms = max(self._heard_ms, batch.now_ms)
        else:
            self._heard_ms = max(self._heard_ms, batch.taken[-1][1].at_ms)
        self._in_store = max(0, batch.waiting - held)

    def counted(self, waiting: Waiting, event: OrderFact, now_ms: int) -> None:
        """A fact that was news is counted: by how much it was late."""
        if not isinstance(event, OrderPlaced | OrderPaid) or self._is_stray(waiting.received):
            return
        late = (now_ms - waiting.since_ms) / 1000
        if event.at is not None:
            granularity = 0.0 if event.at.microsecond else 1.0
            since = now_ms / 1000 - event.at.timestamp() - granularity
            late = max(late, since) if since < OLD_NEWS else late
        if late < OLD_NEWS:
            self._lateness[waiting.received.channel].measured(now_ms / 1000, late)

    def look(self, held: Iterable[Waiting], now_ms: int) -> None:
        """Says how far behind each channel is, now and then. What is still in the store is said of the app's first channel."""
        if time.monotonic() < self._look_at:
            return
        self._look_at = time.monotonic() + LOOK_EVERY
        unread = dict.fromkeys(self._lateness, 0)
        oldest: dict[str, int] = {}
        known = dict.fromkeys(self._lateness, self._heard_ms)
        for each in held:
            channel = each.received.channel
            unread[channel] = unread.get(channel, 0) + 1
            oldest[channel] = min(oldest.get(channel, now_ms), each.received.at_ms)
            if each.since_ms < known.get(channel, 0) and not self._is_stray(each.received):
                known[channel] = each.since_ms
        first = next(iter(self._lateness))
        unread[first] += self._in_store
        for name, lateness in self._lateness.items():
            lateness.counted_until(known[name] / 1000)
        for name, standing in self._standings.items():
            standing.unread = unread.get(name, 0)
            standing.behind_ms = max(0, now_ms - oldest[name]) if name in oldest else 0
            self._say(standing, self._lateness[name], now_ms / 1000)

    def _say(self, standing: Standing, lateness: Lateness, now: float) -> None:
        """In steps that double, so that it is no new word every second."""
        behind = lateness.behind(now)
        if lateness.is_behind(now) and not standing.paused:
            seconds = int(WORD_FROM)
            while seconds * 2 <= behind:
                seconds *= 2
            standing.trouble("failing", LATE.format(seconds=seconds), CALM, job=JOB)
        elif behind < WORD_FROM / 2 or standing.paused:
            standing.ready(JOB)

    def _is_stray(self, received: Received) -> bool:
        return bool(self._strays) and any(
            isinstance(each, OrderEvent) and (each.shop, each.order) in self._strays for each in received.arrivals
        )
