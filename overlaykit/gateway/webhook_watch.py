"""Whether a platform still sends its messages: some switch a subscription off without a word.

Known by what a poll finds: when it tells again and again what no message had told, and messages came before, they are silent. A
room that never had one, behind NAT for example, lives on its polls.
"""

from __future__ import annotations

import logging
from collections.abc import Mapping

from overlaykit.gateway.standing import Standing, StoreClock
from overlaykit.store.cursors import Cursors

JOB = "messages"
NAME = "message"
MISSED = 3
"""Pieces of news that a poll told first, one after the other, without a message between."""
LATE_MS = 60_000
"""For how long a platform's message may be on its way."""
KEPT_EVERY = 300_000


class MessageWatch:
    """The channels of one ledger. `standings` by channel."""

    def __init__(
        self, cursors: Cursors, standings: Mapping[str, Standing], clock: StoreClock, log: logging.Logger
    ) -> None:
        self._cursors, self._standings, self._clock, self._log = cursors, standings, clock, log
        self._heard: dict[str, int] = {}
        self._kept: dict[str, int] = {}
        self._missed: dict[str, int] = {}

    async def begin(self, channels: list[str]) -> None:
        """Learns when each sent its last message, as far as that was kept. Raises StoreAway."""
        for channel in channels:
            known = await self._cursors.read(f"channel.{channel}", NAME)
            if known is not None and known.isdigit():
                self._heard[channel] = self._kept[channel] = int(known)

    async def heard(self, channel: str, at_ms: int) -> None:
        """A message came. Raises StoreAway."""
        self._heard[channel] = max(self._heard.get(channel, 0), at_ms)
        if self._missed.pop(channel, 0) >= MISSED and (standing := self._standings.get(channel)):
            standing.ready(JOB)
        if self._heard[channel] - self._kept.get(channel, 0) > KEPT_EVERY:
            self._kept[channel] = self._heard[channel]
            await self._cursors.write(f"channel.{channel}", NAME, str(self._heard[channel]))

    def polled(self, channel: str, happened_ms: int) -> None:
        """A poll told something that no message had told. `happened_ms`: when it happened, 0 when nobody knows."""
        last = self._heard.get(channel)
        standing = self._standings.get(channel)
        if last is None or standing is None or self._clock.now_ms - max(last, happened_ms) < LATE_MS:
            return
        self._missed[channel] = self._missed.get(channel, 0) + 1
        if self._missed[channel] == MISSED:
            minutes = (self._clock.now_ms - last) // 60_000
            why = f"平台推送停了 {minutes} 分钟，订单靠轮询 / its webhooks are silent for {minutes} min; the poll brings its orders"
            standing.trouble(
                "failing", why, "检查平台后台的消息订阅 / Look at the subscription in the platform's console.", job=JOB
            )
            self._log.error("ALARM: channel.%s: %s", channel, why)
