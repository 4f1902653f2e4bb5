"""What platforms told of one app, out of the inbox and into the ledger.

A delivery stays in the inbox until all that it says has its end: counted, or nothing to the room, or on a pile for a person. So a
gateway may be killed anywhere; what comes again then has the same ids. Facts are counted in the order in which they came, many in
one call. One that has to be looked up first keeps back what came later of its own order, and nothing else.
"""

from __future__ import annotations

import asyncio
import logging
from collections import deque
from collections.abc import Callable, Iterable, Mapping, Sequence
from typing import NamedTuple

from overlaykit.errors import NotFound, OverlaykitError, StoreError
from overlaykit.gateway.backlog import Backlog
from overlaykit.gateway.bearings import Bearings
from overlaykit.gateway.counting import End, Fact, FactCounter
from overlaykit.gateway.ending import Ended, either
from overlaykit.gateway.ends import Ends, Pending
from overlaykit.gateway.enriching import Enricher, GivenUp, Told, united
from overlaykit.gateway.polling import BY_POLL
from overlaykit.gateway.standing import Standing, StoreClock
from overlaykit.gateway.webhook_watch import MessageWatch
from overlaykit.model.events import ChatDeleted, ChatMessage, ListingObserved, OrderFact, OrderRef, Unknown
from overlaykit.model.sessions import Channel
from overlaykit.store import Inbox, LeaseLost, Received
from overlaykit.store.waiting import Backoff, pause

TAKE_AT_MOST = 500
COUNT_AT_MOST = 200
"""Facts in one call of the engine."""
HELD_AT_MOST = 20_000
"""Deliveries that are taken and wait for something: a platform's answer, an operator. Later ones stay in the store meanwhile."""
WAIT_SECONDS = 0.3
LOOK_SECONDS = 0.05
"""Seconds between two looks into the store while something is being looked up at the platform."""

HearChat = Callable[[str, ChatMessage | ChatDeleted], None]
"""Gets a channel's name and what was written there."""
HearListing = Callable[[str, ListingObserved], bool]
"""Gets a channel's name and what it says that it sells. False: it is none of the channel's listings."""


class _Work(NamedTuple):
    """Something about an order, in a delivery."""

    pending: Pending
    event: OrderFact | OrderRef


class _Ready(NamedTuple):
    """A fact that can be counted."""

    pending: Pending
    event: OrderFact


class Arrivals:
    """One app. `standings` by channel. `on_chat` and `on_listing` are told what is no order."""

    def __init__(
        self,
        app: str,
        channels: Sequence[Channel],
        *,
        inbox: Inbox,
        bearings: Bearings,
        counter: FactCounter,
        enricher: Enricher,
        standings: Mapping[str, Standing],
        backlog: Backlog,
        clock: StoreClock,
        watch: MessageWatch,
        on_chat: HearChat,
        on_listing: HearListing,
        log: logging.Logger,
    ) -> None:
        self._app, self._channels = app, {each.name: each for each in channels}
        self._inbox, self._bearings, self._counter, self._enricher = inbox, bearings, counter, enricher
        self._standings, self._backlog, self._clock, self._watch, self._log = standings, backlog, clock, watch, log
        self._on_chat, self._on_listing = on_chat, on_listing
        self._position = 0
        self._ends = Ends(app, self._channels, inbox=inbox, bearings=bearings, log=log)
        self._ready: deque[_Ready] = deque()
        self._resting: dict[str, deque[_Ready]] = {}
        self._lanes: dict[tuple[str, str], deque[_Work]] = {}
        self._told = Told()
        self._tasks: set[asyncio.Task[None]] = set()
        self._moved, self._resumed = asyncio.Event(), asyncio.Event()
        self._rested: set[str] = set()
        self._failure: BaseException | None = None

    async def run(self, stop: asyncio.Event) -> None:
        """Until `stop`; then nothing of it runs any more."""
        backoff = Backoff()
        try:
            while not stop.is_set():
                try:
                    busy = await self._step(stop)
                    backoff.reset()
                    if not busy:
                        await self._wait(stop)
                except Ended:
                    return
                except (StoreError, NotFound, LeaseLost) as error:
                    self._log.warning("%s: what came from it waits: %s", self._app, error.message)
                    await pause(stop, backoff.next())
        finally:
            for task in self._tasks:
                task.cancel()
            await asyncio.gather(*self._tasks, return_exceptions=True)

    async def _step(self, stop: asyncio.Event) -> bool:
        """Takes, counts, says the end. False when there was nothing to do."""
        self._moved.clear()
        if self._failure is not None:
            raise self._failure
        await self._bearings.catch_up()
        await self._ends.settle()
        self._wake_rested()
        taken = 0
        if len(self._ends.pending) < HELD_AT_MOST and len(self._ready) < TAKE_AT_MOST:
            batch = await self._inbox.take(self._app, after=self._position, limit=TAKE_AT_MOST)
            self._clock.note(batch.now_ms)
            for position, received in batch.taken:
                if not _is_polled(received):
                    await self._watch.heard(received.channel, received.at_ms)
                self._admit(received, stop)
                self._position = position
            taken = len(batch.taken)
            self._backlog.took(batch, TAKE_AT_MOST, len(self._ends.pending))
        counted = await self._count(stop)
        await self._ends.say()
        self._backlog.look((each.waiting for each in self._ends.pending.values()), self._clock.now_ms)
        return bool(taken or counted)

    def _admit(self, received: Received, stop: asyncio.Event) -> None:
        pending = self._ends.begin(received, self._backlog.since_ms(received))
        standing = self._standings.get(received.channel)
        if standing is not None:
            standing.heard_ms = max(standing.heard_ms, received.at_ms)
        for event in received.arrivals:
            match event:
                case ChatMessage() | ChatDeleted():
                    self._on_chat(received.channel, event)
                    self._ends.end(pending)
                case ListingObserved():
                    if not self._on_listing(received.channel, event):
                        self._ends.unlisted[received.channel] += 1
                    self._ends.end(pending)
                case Unknown():
                    self._ends.end(pending)
                case _ if received.channel not in self._channels:
                    self._ends.dead(
                        pending, event, f"方案里没有这个渠道了 / the plan has no channel {received.channel} any more"
                    )
                case _:
                    self._queue(_Work(pending, event), stop)
        if not received.arrivals:
            self._ends.end(pending)

    def _queue(self, work: _Work, stop: asyncio.Event) -> None:
        """Behind what has to be looked up of its order, else at once."""
        lane = (work.pending.received.channel, work.event.order)
        if lane in self._lanes:
            self._lanes[lane].append(work)
        elif isinstance(work.event, OrderRef):
            self._lanes[lane] = deque([work])
            task = asyncio.create_task(self._follow(lane, stop))
            self._tasks.add(task)
            task.add_done_callback(self._followed)
        else:
            self._ready.append(_Ready(work.pending, work.event))

    def _followed(self, task: asyncio.Task[None]) -> None:
        self._tasks.discard(task)
        if not task.cancelled() and task.exception() is not None:
            self._failure = task.exception()
            self._moved.set()

    async def _follow(self, lane: tuple[str, str], stop: asyncio.Event) -> None:
        """Works off a lane, in order."""
        waiting = self._lanes[lane]
        while waiting and not stop.is_set():
            pending, event = waiting[0]
            if isinstance(event, OrderRef):
                while self._bearings.is_paused(lane[0]) and not stop.is_set():
                    await either(self._resumed, stop, WAIT_SECONDS * 20)
                if not await self._look_up(waiting, stop):
                    return
            else:
                self._ready.append(_Ready(pending, event))
                waiting.popleft()
            self._moved.set()
        if not waiting:
            del self._lanes[lane]

    async def _look_up(self, waiting: deque[_Work], stop: asyncio.Event) -> bool:
        """Asks the platform about what waits first of an order: the answer says how the order is now, so one is enough for all
        that had come by then, up to where something else happened to it. False when the gateway ends."""
        channel, asked = waiting[0].pending.received.channel, list[int]()

        def question() -> OrderRef:
            refs = _together(work.event for work in waiting)
            asked.append(len(refs))
            return united(refs)

        try:
            if self._told.covers(channel, question()):
                facts = []
            else:
                facts = await self._enricher.enrich(question, self._came(waiting[0].pending), stop)
        except Ended:
            return False
        except GivenUp as error:
            # Those that came between the attempts have attempts of their own: some tell of an order before they know it.
            for work in [waiting.popleft() for _ in range(asked[0])]:
                self._ends.dead(work.pending, work.event, error.message)
            return True
        *earlier, (pending, _) = served = [waiting.popleft() for _ in range(asked[-1])]
        if facts:
            self._told.add(channel, united([event for _, event in served if isinstance(event, OrderRef)]))
        # What the messages told is now these facts: they have their end when the last of them has.
        pending.earlier += [each for each, _ in earlier if each is not pending]
        pending.left += len(facts) - sum(each is pending for each, _ in earlier)
        self._ready.extend(_Ready(pending, fact) for fact in facts)
        self._ends.end(pending)
        return True

    def _came(self, pending: Pending) -> Callable[[], float]:
        return lambda: (self._clock.now_ms - pending.received.at_ms) / 1000

    async def _count(self, stop: asyncio.Event) -> int:
        """Some facts into the ledger. Those of a channel that rests are laid by."""
        works: list[_Ready] = []
        while self._ready and len(works) < COUNT_AT_MOST:
            work = self._ready.popleft()
            channel = work.pending.received.channel
            if self._bearings.is_paused(channel):
                self._resting.setdefault(channel, deque()).append(work)
            else:
                works.append(work)
        if not works:
            return 0
        facts = [Fact(self._channels[pending.received.channel], event, pending.received.id) for pending, event in works]
        try:
            ends = await self._ends_of(facts, stop)
        except BaseException:
            self._ready.extendleft(reversed(works))
            raise
        for (pending, event), end in zip(works, ends, strict=True):
            if end.dead is not None:
                self._ends.dead(pending, event, end.dead)
                continue
            if end.aside:
                pending.aside.append((event, end.aside))
                pending.aside_seq = max(pending.aside_seq, end.seq)
            if end.news:
                self._backlog.counted(pending.waiting, event, self._clock.now_ms)
            if end.news and _is_polled(pending.received):
                self._watch.polled(pending.received.channel, round(event.at.timestamp() * 1000) if event.at else 0)
            self._ends.end(pending)
        return len(works)

    async def _ends_of(self, facts: Sequence[Fact], stop: asyncio.Event) -> list[End]:
        """What becomes of them. One at which the counting itself breaks does not keep the others back."""
        try:
            return await self._counter.count(facts, self._bearings, stop)
        except OverlaykitError:
            raise
        except Exception as error:
            if len(facts) == 1:
                self._log.exception("%s: counting order %s broke", facts[0].channel.name, facts[0].event.order)
                return [End(dead=f"计数出错 / counting it broke: {type(error).__name__}: {error}")]
            return [end for fact in facts for end in await self._ends_of([fact], stop)]

    def _wake_rested(self) -> None:
        """What was laid by while its channel rested comes first again."""
        for channel in [each for each in self._resting if not self._bearings.is_paused(each)]:
            self._ready.extendleft(reversed(self._resting.pop(channel)))
        paused = {each for each in self._channels if self._bearings.is_paused(each)}
        if self._rested - paused:
            self._resumed.set()
            self._resumed = asyncio.Event()
        self._rested = paused

    async def _wait(self, stop: asyncio.Event) -> None:
        """Until something was put or looked up; not for long, since an operator may have said something."""
        if self._lanes:
            await either(self._moved, stop, LOOK_SECONDS)
        else:
            await self._inbox.wait(self._app, WAIT_SECONDS)


def _together(events: Iterable[OrderFact | OrderRef]) -> list[OrderRef]:
    """The first of them, and those after it that are about the same happening, or about no certain one."""
    refs: list[OrderRef] = []
    for each in events:
        if not isinstance(each, OrderRef) or (
            refs and (each.shop, each.transition) != (refs[0].shop, refs[0].transition)
        ):
            break
        refs.append(each)
    return refs


def _is_polled(received: Received) -> bool:
    """Whether a poll told it, and no message of the platform."""
    return received.id.startswith(f"{received.channel}:{BY_POLL}")
