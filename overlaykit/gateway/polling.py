"""Orders of platforms that are asked for them: what a poll tells goes into the same inbox as what is delivered.

So a room that no webhook reaches has its orders all the same, and what both tell counts once. A poll that finds what the webhooks
should have brought says that they are silent.
"""

from __future__ import annotations

import asyncio
import logging
import time
from collections.abc import Awaitable, Callable, Mapping, Sequence
from contextlib import aclosing
from functools import partial
from hashlib import blake2b
from typing import Any, cast, get_args

import msgspec

from overlaykit.errors import OverlaykitError, PlatformAway, PluginError, StoreError
from overlaykit.gateway.bearings import Bearings
from overlaykit.gateway.ending import Ended
from overlaykit.gateway.enriching import sound
from overlaykit.gateway.seat import Seat
from overlaykit.gateway.standing import Standing, StoreClock
from overlaykit.inbox.apps import App
from overlaykit.model.connectors import Connector, Context
from overlaykit.model.events import OrderFact, OrderRef
from overlaykit.store import Inbox, Received, delivery_id
from overlaykit.store.waiting import Backoff, pause
from overlaykit.words import in_both

JOB = "poll"
PUT_AT_ONCE = 100
STILL_SECONDS = 30.0
"""For one step of a poll, such as a page; the whole may take as long as it takes."""
FULL_PAUSE = 1.0
LONGEST_PAUSE = 60.0
"""Seconds between two polls of a platform that is away, if the plan does not say more."""
BY_POLL = "poll:"
"""How the platform's id of what a poll told begins."""


class PollContext:
    """The connector's context while it is polled: what it remembers is kept when all that it told before is safe."""

    def __init__(self, context: Context, told: Callable[[], Awaitable[None]]) -> None:
        self._context, self._told = context, told

    def __getattr__(self, name: str) -> Any:
        return getattr(self._context, name)

    async def remember(self, value: str, name: str = "cursor") -> None:
        await self._told()
        await self._context.remember(value, name)


class OrderPoller:
    """Asks for the orders of one app. `seat`: where its connector is now. `standings` by channel."""

    def __init__(
        self,
        app: App,
        seat: Callable[[], Seat | None],
        *,
        inbox: Inbox,
        bearings: Bearings,
        standings: Mapping[str, Standing],
        clock: StoreClock,
        log: logging.Logger,
    ) -> None:
        self._app, self._seat, self._inbox, self._bearings = app, seat, inbox, bearings
        self._standings, self._clock, self._log = standings, clock, log
        self._every = min(channel.every for channel in app.channels)
        self._strange: set[str] = set()

    async def run(self, stop: asyncio.Event) -> None:
        """Until `stop`."""
        backoff = Backoff(self._every, max(self._every, LONGEST_PAUSE))
        while not stop.is_set():
            began, wait = time.monotonic(), None
            seat = self._seat()
            if seat is not None and not all(self._bearings.is_paused(each.name) for each in self._app.channels):
                try:
                    await seat.follow(partial(self._poll, home=asyncio.get_running_loop(), stop=stop), stop)
                    self._say(None)
                    backoff.reset()
                except Ended:
                    return
                except StoreError:
                    wait = backoff.next()
                except PlatformAway as error:
                    self._say(error)
                    wait = max(backoff.next(), error.after or 0.0)
                except (OverlaykitError, TimeoutError) as error:
                    self._say(error)
                    wait = backoff.next()
            await pause(stop, self._every - (time.monotonic() - began) if wait is None else wait)

    async def _poll(
        self, connector: Connector[Any], ctx: Context, home: asyncio.AbstractEventLoop, stop: asyncio.Event
    ) -> None:
        """On the connector's loop; what it tells goes to ours."""
        waiting: list[OrderFact | OrderRef] = []

        async def told() -> None:
            if waiting:
                events, waiting[:] = waiting[:], []
                await asyncio.wrap_future(asyncio.run_coroutine_threadsafe(self._put(events, stop), home))

        polled = connector.poll_orders(cast(Context, PollContext(ctx, told)))
        async with aclosing(cast(Any, polled)) as events:
            while True:
                try:
                    async with asyncio.timeout(STILL_SECONDS):
                        event = await anext(events)
                except StopAsyncIteration:
                    break
                if not isinstance(event, get_args(OrderFact | OrderRef)):
                    kind = type(event).__name__
                    raise PluginError(
                        f"poll_orders() 给的 {kind} 不是订单事件 / poll_orders() yielded {kind}, which is no event of an order"
                    )
                waiting.append(sound(event, "poll_orders()"))
                if len(waiting) >= PUT_AT_ONCE:
                    await told()
        await told()

    async def _put(self, events: Sequence[OrderFact | OrderRef], stop: asyncio.Event) -> None:
        """Keeps them. A full inbox is waited for: the cursor stays behind what is not kept."""
        now = self._clock.now_ms
        deliveries = []
        for event in events:
            channel = self._app.channel_of(event.shop)
            if channel is None:
                self._stranger(event.shop)
                continue
            deliveries.append(
                Received(
                    id=delivery_id(channel.name, BY_POLL + _digest(event, now)),
                    app=self._app.name,
                    channel=channel.name,
                    at_ms=now,
                    arrivals=(event,),
                )
            )
        while (await self._inbox.put(self._app.name, deliveries)).full:
            if await pause(stop, FULL_PAUSE):
                raise Ended("the gateway ends")

    def _stranger(self, shop: str) -> None:
        if shop not in self._strange and len(self._strange) < 100:
            self._strange.add(shop)
            self._log.warning(
                "%s: its poll tells of the shop %s, which no channel of the plan is", self._app.name, shop
            )

    def _say(self, error: BaseException | None) -> None:
        for standing in self._standings.values():
            if error is None:
                standing.ready(JOB)
            else:
                reason = error.message if isinstance(error, OverlaykitError) else str(error) or "no word for too long"
                remedy = error.remedy if isinstance(error, OverlaykitError) else None
                standing.trouble(
                    "failing",
                    in_both("orders cannot be polled: {why}", "拉取订单失败：{why}", why=reason),
                    remedy,
                    job=JOB,
                )


def _digest(event: OrderFact | OrderRef, now_ms: int) -> str:
    """What a poll says, as an id: overlapping polls tell the same. That something happened to an order, and not when or what, is
    news each time."""
    said = msgspec.json.encode(msgspec.structs.replace(event, delivery=""))
    if isinstance(event, OrderRef) and event.at is None and not event.transition:
        said += b"%d" % now_ms
    return blake2b(said, digest_size=16).hexdigest()
