"""Sources of stock: polled, counted into the ledger, and said to be stale when they are silent.

A location takes counts from its `source`, and from its `backup` while that is silent. When it speaks again, that is said first, and
then its counts win: between both nobody counts.
"""

from __future__ import annotations

import asyncio
import logging
import time
from collections.abc import Collection, Mapping, Sequence
from typing import Any

from overlaykit.errors import OverlaykitError, PluginError, StoreError
from overlaykit.gateway.attempts import no_answer
from overlaykit.gateway.ending import Ended, unless_ended
from overlaykit.gateway.readings import Readings, Waiting
from overlaykit.gateway.seat import CALL_SECONDS, Seat
from overlaykit.gateway.speaker import Speaker, note_id
from overlaykit.gateway.standing import Standing, StoreClock
from overlaykit.model.entries import text_of
from overlaykit.model.events import StockLevelObserved
from overlaykit.model.notes import Noted, SourceFresh, SourceStale, TaskOpened
from overlaykit.model.sessions import SOURCE_EVERY, SOURCE_JUMP, STALE_AFTER, Location, SessionPlan
from overlaykit.stock import Keeper
from overlaykit.store.waiting import pause
from overlaykit.words import in_both

FULL_COUNT = 600.0
LOOK_EVERY = 0.2
ITEMS_EVERY = 60.0
"""Seconds between two looks at whether a sku that a source knows, and the session did not, is sold by now."""


class Silence:
    """Which sources of a plan are silent now. `stale`: those of which the ledger says so.

    turning   held while that changes, and while counts are on their way
    """

    def __init__(self, plan: SessionPlan, stale: Collection[str] = ()) -> None:
        self._locations = plan.locations
        self.stale = set(stale)
        self.turning = asyncio.Lock()

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
        self._name, self._seat, self._silence = name, seat, silence
        self._every = float(form.get("every", SOURCE_EVERY))
        self._keeper, self._speaker, self._standing, self._clock = keeper, speaker, standing, clock
        self._source = source
        self._stale_after = silence.stale_after(name)
        standing.heard_ms = heard_ms
        self._silent_since = min(heard_ms, clock.now_ms) if heard_ms else clock.now_ms
        self._known, self._items_at = _located(plan), time.monotonic() + ITEMS_EVERY
        self._readings = Readings(
            name,
            source,
            keeper,
            jump=float(form.get("jump", SOURCE_JUMP)),
            full_every=float(form.get("full_count", FULL_COUNT)),
            log=log,
        )

    async def run(self, stop: asyncio.Event) -> None:
        """Until `stop`."""
        async with asyncio.TaskGroup() as tasks:
            tasks.create_task(self._poll(stop))
            tasks.create_task(self._watch(stop))

    async def _poll(self, stop: asyncio.Event) -> None:
        while self._seat is not None and not stop.is_set():
            began = time.monotonic()
            if self._standing.paused:
                self._readings.failed()  # the next one is about everything
                await pause(stop, self._every)
                continue
            try:
                await self._once(self._seat, stop)
            except TimeoutError as error:
                self._failed(str(error) or no_answer(CALL_SECONDS))
            except Ended:
                return
            except StoreError:
                self._readings.failed()  # it is asked again, and counted then
            except OverlaykitError as error:
                self._failed(error.message, error.remedy)
            await pause(stop, max(0.0, self._every - (time.monotonic() - began)))

    async def _once(self, seat: Seat, stop: asyncio.Event) -> None:
        asked_ms, full = self._clock.now_ms, self._readings.wants_all(self._places())
        readings = _checked(await unless_ended(seat.call(lambda connector, ctx: connector.poll(ctx, full)), stop))
        self._silent_since = self._standing.heard_ms = self._clock.now_ms
        if not await self._turn(False, self._silent_since, stop):
            return
        await self._look_for_items({reading.sku for reading in readings})
        wrong = await self._readings.count(
            readings,
            full=full,
            asked_ms=asked_ms,
            places=self._places,
            known=self._known,
            lock=self._silence.turning,
        )
        held = [_task(self._name, each, self._source) for each in self._readings.newly_held()]
        if held and await self._speaker.say(held, stop) is None:
            return
        if wrong:
            self._standing.trouble(
                "failing", in_both("readings are not counted: {why}", "读数没有计入：{why}", why=wrong), job="poll"
            )
        else:
            self._standing.ready("poll")

    def _failed(self, reason: str, remedy: str | None = None) -> None:
        self._readings.failed()
        self._standing.trouble("failing", reason, remedy, job="poll")

    def _places(self) -> list[str]:
        return [each.name for each in self._silence.places(self._name)]

    async def _look_for_items(self, skus: set[str]) -> None:
        """An item may be added in the evening: then the source is asked for everything."""
        if skus <= self._known.keys() or time.monotonic() < self._items_at:
            return
        plan = (await self._keeper.state()).plan
        before, self._known = self._known, _located(plan)
        self._items_at = time.monotonic() + ITEMS_EVERY
        if self._known != before:
            self._readings.failed()

    async def _watch(self, stop: asyncio.Event) -> None:
        """Says once that it is silent."""
        while not await pause(stop, LOOK_EVERY):
            since = self._silent_since
            if (self._clock.now_ms - since) / 1000 > self._stale_after and not await self._turn(True, since, stop):
                return

    async def _turn(self, silent: bool, since_ms: int, stop: asyncio.Event) -> bool:
        """Says that it is silent, or speaks again, where the ledger does not know that yet. False when `stop` came first."""
        stale = self._silence.stale
        async with self._silence.turning:
            if silent == (self._name in stale):
                return True
            note = SourceStale(source=self._name, since=text_of(since_ms)) if silent else SourceFresh(source=self._name)
            noted = Noted(note_id("stale" if silent else "fresh", self._name, since_ms), note, self._source)
            if await self._speaker.say([noted], stop) is None:
                return False
            (stale.add if silent else stale.discard)(self._name)
            return True


def _located(plan: SessionPlan) -> dict[str, list[str]]:
    """sku → the locations that may have units of it. A bundle has none of its own."""
    places = [each.name for each in plan.locations]
    return {item.sku: places for item in plan.items if not item.bundle}


def _task(source: str, held: Waiting, said_by: str) -> Noted:
    """A person is asked whether a reading is right."""
    sku = held.reading.sku
    task = TaskOpened(
        task=note_id("reading", source, held.location, sku),  # the next one takes its place
        kind="reading",
        params={"source": source, "location": held.location, "units": held.reading.quantity},
        level="urgent",
        sku=sku,
    )
    return Noted(note_id("held", source, held.seq), task, said_by, held.seq)


def _checked(readings: Any) -> Sequence[StockLevelObserved]:
    if not isinstance(readings, Sequence) or not all(isinstance(each, StockLevelObserved) for each in readings):
        raise PluginError(
            "poll() 返回的不是 StockLevelObserved 列表 / poll() did not return a list of StockLevelObserved"
        )
    return readings
