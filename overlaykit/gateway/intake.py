"""What platforms tell, taken in: for each app of a plan its arrivals, and its poll where the connector can be asked."""

from __future__ import annotations

import asyncio
import logging
from collections.abc import Callable, Coroutine, Mapping
from typing import Any, NamedTuple

import redis.asyncio

from overlaykit.errors import NotFound, StoreError
from overlaykit.gateway.arrivals import Arrivals, HearListing
from overlaykit.gateway.backlog import Backlog
from overlaykit.gateway.bearings import Bearings
from overlaykit.gateway.counting import FactCounter, Identify
from overlaykit.gateway.enriching import Enricher
from overlaykit.gateway.following import Follower
from overlaykit.gateway.polling import OrderPoller
from overlaykit.gateway.seat import Seat
from overlaykit.gateway.speaker import Speaker
from overlaykit.gateway.standing import Standing, StoreClock
from overlaykit.gateway.webhook_watch import MessageWatch
from overlaykit.inbox.apps import App, apps_of
from overlaykit.model.connectors import Capability
from overlaykit.model.events import ChatMessage
from overlaykit.model.sessions import SessionPlan
from overlaykit.shares import Lateness
from overlaykit.stock import Keeper, inbox_key
from overlaykit.store import Inbox, Lease
from overlaykit.store.cursors import Cursors
from overlaykit.store.marks import Marks
from overlaykit.store.waiting import Backoff, pause


class _Place(NamedTuple):
    """Where a channel's connector is."""

    seat: Seat | None
    standing: Standing
    can: frozenset[str]


class Intake:
    """Of one ledger, while its gateway leads. `lateness` by channel: told of what waits. `on_listing` is told what a platform says
    that it still sells."""

    def __init__(
        self,
        plan: SessionPlan,
        *,
        lateness: Mapping[str, Lateness],
        client: redis.asyncio.Redis,
        keeper: Keeper,
        lease: Lease,
        follower: Follower,
        cursors: Cursors,
        speaker: Speaker,
        clock: StoreClock,
        identify: Identify,
        log: logging.Logger,
    ) -> None:
        key = inbox_key(keeper.ledger)
        self._plan, self._clock, self._log, self._cursors = plan, clock, log, cursors
        self._lateness = lateness
        self._inbox = Inbox(client, key)
        self.bearings = Bearings(follower)
        marks = Marks(client, key, lease.fence_key)
        self._counter = FactCounter(keeper, lease, marks, self._inbox, speaker, clock, identify, log)
        self._places: dict[str, _Place] = {}
        self._chats: dict[str, Callable[[ChatMessage], None]] = {}
        self.on_listing: HearListing = lambda channel, listing: True

    def add(self, channel: str, seat: Seat | None, standing: Standing, can: list[str]) -> None:
        """A channel of the plan that has a connector."""
        self._places[channel] = _Place(seat, standing, frozenset(can))

    def listen(self, channel: str, hear: Callable[[ChatMessage], None]) -> None:
        """Somebody wants the chat that a channel's platform sends in its messages."""
        self._chats[channel] = hear

    async def run(self, over: asyncio.Event) -> None:
        """Until `over`."""
        apps = [app for app in apps_of(self._plan).values() if app.target.name in self._places]
        standings = {name: place.standing for name, place in self._places.items()}
        watch = MessageWatch(self._cursors, standings, self._clock, self._log)
        if not apps or not await self._begin(watch, over):
            return
        async with asyncio.TaskGroup() as tasks:
            for app in apps:
                for part in self._parts_of(app, watch, over):
                    tasks.create_task(_all_end(part, over))

    async def _begin(self, watch: MessageWatch, over: asyncio.Event) -> bool:
        backoff = Backoff()
        while not over.is_set():
            try:
                await self.bearings.catch_up()
                await watch.begin(list(self._places))
            except (StoreError, NotFound):
                await pause(over, backoff.next())
            else:
                return True
        return False

    def _parts_of(self, app: App, watch: MessageWatch, over: asyncio.Event) -> list[Coroutine[Any, Any, None]]:
        place = self._places[app.target.name]
        names = [channel.name for channel in app.channels]
        standings = {name: self._places[name].standing for name in names if name in self._places}
        enricher = Enricher(lambda: place.seat, list(standings.values()))
        arrivals = Arrivals(
            app.name,
            app.channels,
            inbox=self._inbox,
            bearings=self.bearings,
            counter=self._counter,
            enricher=enricher,
            standings=standings,
            backlog=Backlog({name: self._lateness[name] for name in names}, standings, enricher.strays),
            clock=self._clock,
            watch=watch,
            on_chat=self._on_chat,
            on_listing=lambda channel, listing: self.on_listing(channel, listing),
            log=self._log,
        )
        parts = [arrivals.run(over)]
        if Capability.ORDERS_POLL.value in place.can and place.seat is not None:
            poller = OrderPoller(
                app,
                lambda: place.seat,
                inbox=self._inbox,
                bearings=self.bearings,
                standings=standings,
                clock=self._clock,
                log=self._log,
            )
            parts.append(poller.run(over))
        return parts

    def _on_chat(self, channel: str, event: Any) -> None:
        hear = self._chats.get(channel)
        if hear is not None and isinstance(event, ChatMessage):
            hear(event)


async def _all_end(running: Coroutine[Any, Any, None], over: asyncio.Event) -> None:
    """One part fails, all end."""
    try:
        await running
    except BaseException:
        over.set()
        raise
