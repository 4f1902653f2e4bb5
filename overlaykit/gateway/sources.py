"""Sources of stock: polled, counted into the ledger, and said to be stale when they are silent.

A location takes counts from its `source`, and from its `backup` while that is silent.
"""

from __future__ import annotations

import asyncio
import logging
import time
from collections.abc import Collection, Mapping, Sequence
from typing import Any

import msgspec

from overlaykit.errors import InvalidCommand, OverlaykitError, PluginError, StoreError
from overlaykit.gateway.attempts import no_answer
from overlaykit.gateway.ending import Ended, unless_ended
from overlaykit.gateway.seat import CALL_SECONDS, Seat
from overlaykit.gateway.speaker import Speaker, note_id
from overlaykit.gateway.standing import Standing, StoreClock
from overlaykit.model.commands import Submission
from overlaykit.model.entries import text_of
from overlaykit.model.events import StockLevelObserved
from overlaykit.model.notes import Noted, SourceFresh, SourceStale
from overlaykit.model.parsing import parse
from overlaykit.model.sessions import SOURCE_EVERY, STALE_AFTER, Location, SessionPlan
from overlaykit.stock import Keeper
from overlaykit.store.waiting import pause

FULL_COUNT = 600.0
LOOK_EVERY = 0.2
COUNTS_AT_MOST = 100
"""Readings in one call of the engine."""


class Silence:
    """Which sources of a plan are silent now. `stale`: those of which the ledger says so."""

    def __init__(self, plan: SessionPlan, stale: Collection[str] = ()) -> None:
        self._locations = plan.locations
        self.stale = set(stale)

    def stale_after(self, source: str) -> float:
        """Seconds of silence that the locations of a source bear: the least of them."""
        given = [each.stale_after for each in self._locations if source in (each.source, each.backup)]
        return min((STALE_AFTER if each is None else each for each in given), default=STALE_AFTER)

    def places(self, source: str) -> list[Location]:
        """The locations that take counts from `source` now."""
        return [
            each
            for each in self._locations
            if each.source == source or (each.backup == source and each.source in self.stale)
        ]


class SourcePoller:
    """Polls one source. `form` is its section of the plan."""

    def __init__(
        self,
        name: str,
        form: Mapping[str, Any],
        seat: Seat | None,
        silence: Silence,
        *,
        plan: SessionPlan,
        keeper: Keeper,
        speaker: Speaker,
        standing: Standing,
        clock: StoreClock,
        source: str,
        heard_ms: int,
        log: logging.Logger,
    ) -> None:
        self._name, self._seat, self._silence, self._plan = name, seat, silence, plan
        self._every, self._full = float(form.get("every", SOURCE_EVERY)), float(form.get("full_count", FULL_COUNT))
        self._keeper, self._speaker, self._standing, self._clock = keeper, speaker, standing, clock
        self._source, self._log = source, log
        self._stale_after = silence.stale_after(name)
        standing.heard_ms = heard_ms
        self._silent_since = min(heard_ms, clock.now_ms) if heard_ms else clock.now_ms
        self._counted: dict[tuple[str, str], StockLevelObserved] = {}
        self._full_at = 0.0

    async def run(self, stop: asyncio.Event) -> None:
        """Until `stop`."""
        async with asyncio.TaskGroup() as tasks:
            tasks.create_task(self._poll(stop))
            tasks.create_task(self._watch(stop))

    async def _poll(self, stop: asyncio.Event) -> None:
        seat = self._seat
        while seat is not None and not stop.is_set():
            began = time.monotonic()
            try:
                readings = _checked(
                    await unless_ended(seat.call(lambda connector, ctx: connector.poll(ctx, True)), stop)
                )
                self._silent_since = self._standing.heard_ms = self._clock.now_ms
                self._standing.ready()
                await self._count(readings, stop)
            except TimeoutError as error:
                self._standing.trouble("failing", str(error) or no_answer(CALL_SECONDS))
            except Ended:
                return
            except StoreError:
                pass  # it is asked again, and counted then
            except OverlaykitError as error:
                self._standing.trouble("failing", error.message, error.remedy)
            await pause(stop, max(0.0, self._every - (time.monotonic() - began)))

    async def _watch(self, stop: asyncio.Event) -> None:
        """Says once that it is silent, and once that it speaks again."""
        stale = self._silence.stale
        while not await pause(stop, LOOK_EVERY):
            since = self._silent_since
            silent = (self._clock.now_ms - since) / 1000 > self._stale_after
            if silent == (self._name in stale):
                continue
            note = SourceStale(source=self._name, since=text_of(since)) if silent else SourceFresh(source=self._name)
            noted = Noted(note_id("stale" if silent else "fresh", self._name, since), note, self._source)
            if await self._speaker.say([noted], stop) is None:
                return
            (stale.add if silent else stale.discard)(self._name)
            self._counted.clear()  # what takes its place, or had, counts everything

    async def _count(self, readings: Sequence[StockLevelObserved], stop: asyncio.Event) -> None:
        """Readings that say something new, and all of them now and then, to the engine."""
        if time.monotonic() >= self._full_at:
            self._counted.clear()
            self._full_at = time.monotonic() + self._full
        places = [each.name for each in self._silence.places(self._name)]
        skus = {item.sku for item in self._plan.items}
        fresh: list[tuple[tuple[str, str], StockLevelObserved, Submission]] = []
        for reading in readings:
            location = reading.location or (places[0] if len(places) == 1 else None)
            if location is None:
                raise PluginError(
                    f"it says {reading.quantity} of {reading.sku} and not at which location",
                    remedy=f"Locations that it counts: {', '.join(places) or 'none'}.",
                )
            if reading.sku not in skus or location not in places:
                continue  # the warehouse has more than this session sells
            key = (reading.sku, location)
            if _level(self._counted.get(key)) != _level(reading):
                fresh.append((key, reading, self._submission(reading, location)))
        for begin in range(0, len(fresh), COUNTS_AT_MOST):
            if stop.is_set():
                return
            batch = fresh[begin : begin + COUNTS_AT_MOST]
            await self._keeper.submit([submission for _, _, submission in batch])
            self._counted.update((key, reading) for key, reading, _ in batch)

    def _submission(self, reading: StockLevelObserved, location: str) -> Submission:
        at = text_of(self._clock.now_ms) if reading.observed_at is None else reading.observed_at.isoformat()
        fields = {
            "type": "stock.count",
            "id": note_id("count", self._name, reading.sku, location, at, reading.quantity),
            "sku": reading.sku,
            "location": location,
            "quantity": reading.quantity,
            "basis": reading.basis,
            "includes_open_orders": reading.includes_open_orders,
            "as_of": at,
            "source": self._name,
        }
        try:
            return parse(msgspec.json.encode(fields), self._source)
        except InvalidCommand as error:
            raise PluginError(f"a reading of {reading.sku} cannot be counted: {error}") from None


def _checked(readings: Any) -> Sequence[StockLevelObserved]:
    if not isinstance(readings, Sequence) or not all(isinstance(each, StockLevelObserved) for each in readings):
        raise PluginError("poll() did not return a list of StockLevelObserved")
    return readings


def _level(reading: StockLevelObserved | None) -> object:
    """What a reading says, apart from when."""
    return reading and (reading.quantity, reading.basis, reading.includes_open_orders)
