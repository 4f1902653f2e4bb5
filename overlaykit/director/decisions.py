"""The last decisions of each rule: what fired, what nearly did, and what held it back. The leading director shows them."""

from __future__ import annotations

import asyncio
from collections import deque
from collections.abc import Callable

import msgspec
from msgspec.structs import replace

from overlaykit.errors import StoreAway
from overlaykit.rules import Decision, Firing
from overlaykit.store import AsyncStoreClient, read_decisions_async, write_decisions
from overlaykit.store.waiting import pause

OF_EACH = 30
"""Decisions that are kept of a rule."""
EVERY = 1.0
"""Seconds between two looks whether there is anything new to show."""

_encode = msgspec.json.Encoder().encode
_decode = msgspec.json.Decoder(list[Decision]).decode


class Decisions:
    """Those of one session. `hear` is given each as it is made; every director hears them, the one that leads writes them."""

    def __init__(self, client: AsyncStoreClient, key: str) -> None:
        self._client, self._key = client, key
        self._last: dict[str, deque[Decision]] = {}
        self._news: set[str] = set()

    def hear(self, decision: Decision) -> None:
        self._last.setdefault(decision.rule, deque(maxlen=OF_EACH)).append(decision)
        self._news.add(decision.rule)

    def too_late(self, firing: Firing) -> None:
        """A firing comes so late that nothing is done."""
        known = self._last.get(firing.rule, ())
        for place, each in enumerate(known):
            if each.key == firing.key and each.held is None:
                self._last[firing.rule][place] = replace(each, held="late")
                self._news.add(firing.rule)

    async def run(self, stop: asyncio.Event, leads: Callable[[], bool]) -> None:
        """Shows them until `stop`, while `leads()`."""
        recalled = False
        while not await pause(stop, EVERY):
            if not leads() or not self._news:
                continue
            try:
                if not recalled:
                    await self._recall()
                    recalled = True
                news, self._news = self._news, set()
                await write_decisions(self._client, self._key, {rule: _encode(list(self._last[rule])) for rule in news})
            except StoreAway:
                self._news = set(self._last)

    async def _recall(self) -> None:
        """What was decided before this process began: another one showed it."""
        for rule, text in (await read_decisions_async(self._client, self._key)).items():
            own = self._last.setdefault(rule, deque(maxlen=OF_EACH))
            first = own[0].seq if own else None
            before = [each for each in _decode(text) if first is None or each.seq < first]
            own.extendleft(reversed(before[len(own) - OF_EACH :] if len(own) < OF_EACH else []))
