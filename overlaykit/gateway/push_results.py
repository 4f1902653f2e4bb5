"""What came of the numbers that one channel's platform was given, into the ledger: once a second, and of a refusal once."""

from __future__ import annotations

import asyncio
from collections.abc import Mapping, Sequence

from overlaykit.gateway.speaker import Speaker, note_id
from overlaykit.model.notes import BRIEF_AT_MOST, ITEMS_AT_MOST, Noted, StockPushed
from overlaykit.shares import Listing
from overlaykit.store.waiting import pause

SAY_EVERY = 1.0


class PushResults:
    """Of one channel, while this gateway leads, which is its `tenure`."""

    def __init__(self, channel: str, *, tenure: str, speaker: Speaker, source: str) -> None:
        self._channel, self._tenure, self._speaker, self._source = channel, tenure, speaker, source
        self._levels: dict[str, int] = {}
        self._failed: dict[str, str] = {}
        self._refused: dict[str, str] = {}
        self._said = 0

    def note(self, listings: Sequence[Listing], numbers: Mapping[str, int], known: Mapping[str, str | None]) -> None:
        """Of one push. `numbers`: those that were sent, by the platform's skus; `known`: those with an answer, None or why not."""
        for sku in {each.sku for each in listings}:
            mine = [each for each in listings if each.sku == sku]
            refused = next((why for each in mine if (why := known.get(each.platform_sku)) is not None), None)
            if refused is not None:
                if self._refused.get(sku) != refused:
                    self._failed[sku] = self._refused[sku] = refused
            elif all(each.platform_sku in known for each in mine):
                self._refused.pop(sku, None)
                self._failed.pop(sku, None)
                self._levels[sku] = sum(each.units * numbers[each.platform_sku] for each in mine)

    async def say(self, stop: asyncio.Event) -> None:
        """Until `stop`."""
        while not await pause(stop, SAY_EVERY):
            while (self._levels or self._failed) and not stop.is_set():
                levels = {sku: self._levels.pop(sku) for sku in [*self._levels][:ITEMS_AT_MOST]}
                failed = {sku: self._failed.pop(sku)[:BRIEF_AT_MOST] for sku in [*self._failed][:ITEMS_AT_MOST]}
                self._said += 1
                note = StockPushed(channel=self._channel, levels=levels, failed=failed)
                id = note_id("pushed", self._channel, self._tenure, self._said)
                if await self._speaker.say([Noted(id, note, self._source)], stop) is None:
                    return
