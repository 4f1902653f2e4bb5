"""One queue of the outbox: its messages out of the room, one after another, and what came of each into the ledger.

A chat text or coupon goes out once at most: `started` is in the store before it is sent, and one that is found started and
without an end is uncertain, not repeated. Everything else is tried again while its patience lasts, under the same id.
"""

from __future__ import annotations

import asyncio
import logging
import time
from collections.abc import Awaitable, Callable
from typing import Literal, NamedTuple

from overlaykit.errors import StoreAway, UserError
from overlaykit.gateway.attempts import Again, Patience, Refused, Withheld, no_answer
from overlaykit.gateway.bell import Bell
from overlaykit.gateway.ending import Ended, either, unless_ended
from overlaykit.gateway.seat import Blocked
from overlaykit.gateway.speaker import Speaker, note_id
from overlaykit.gateway.standing import Standing, StoreClock
from overlaykit.model.messages import Message
from overlaykit.model.notes import ActionDone, Noted
from overlaykit.store import DeadLetter, Lease, LeaseLost, Outbox, Taken
from overlaykit.store.waiting import Backoff, pause
from overlaykit.words import in_both

LOOK_EVERY = 1.0
"""Seconds without a word of the bell after which a queue is looked at all the same."""
BEGUN = "已开始发送，不知是否送达 / begun, and nobody knows whether it went out"
GRACE = 2.0
"""Seconds that what is on its way has when the gateway ends."""
DETAIL_AT_MOST = 500

Perform = Callable[[Message], Awaitable[str | None]]
"""Sends a message and gives a detail to show. Raises Refused, Again, TimeoutError or Blocked (nobody knows), UserError (it
failed)."""


class End(NamedTuple):
    """What came of a message, at last. `dead`: it is kept among the dead letters."""

    status: Literal["done", "failed", "skipped", "uncertain"]
    detail: str
    ms: float = 0.0
    dead: bool = False


class Delivery:
    """The queue `standing.name`. `unfit` says why nothing can go out now, before anything is begun; None when it can."""

    def __init__(
        self,
        *,
        source: str,
        perform: Perform,
        unfit: Callable[[], str | None],
        patience: Patience,
        outbox: Outbox,
        lease: Lease,
        speaker: Speaker,
        standing: Standing,
        clock: StoreClock,
        bell: Bell,
        log: logging.Logger,
    ) -> None:
        self._source, self._perform, self._unfit, self._patience = source, perform, unfit, patience
        self._outbox, self._lease, self._speaker = outbox, lease, speaker
        self._standing, self._clock, self._bell, self._log = standing, clock, bell, log

    async def run(self, stop: asyncio.Event) -> None:
        """Until `stop`; what is on its way then has GRACE."""
        backoff = Backoff()
        while not stop.is_set():
            try:
                rung = self._bell.listen()
                taken = await self._outbox.take(self._standing.name)
                self._clock.note(taken.now_ms)
                self._standing.waiting = taken.waiting
                if taken.message is not None and not self._standing.paused:
                    await self._handle(taken.message, taken, stop)
                else:
                    due = LOOK_EVERY if taken.due_ms is None else (taken.due_ms - taken.now_ms) / 1000
                    await either(rung, stop, min(LOOK_EVERY, max(0.0, due)))
                backoff.reset()
            except StoreAway:
                await pause(stop, backoff.next())
            except LeaseLost:
                await pause(stop, LOOK_EVERY)

    async def _handle(self, message: Message, taken: Taken, stop: asyncio.Event) -> None:
        if taken.begun and message.once:
            await self._end(message, taken.attempts, End("uncertain", BEGUN), stop)
            return
        unfit = self._unfit()
        if unfit is not None and message.once:
            await self._end(
                message, taken.attempts, End("failed", in_both("not sent: {why}", "没有发送：{why}", why=unfit)), stop
            )
            return
        start = await self._outbox.start(message, self._lease.token)
        if start.status == "fenced":
            raise LeaseLost("another gateway leads")
        if start.status == "gone":
            return
        if start.status == "begun":
            end = End("uncertain", BEGUN)
        elif start.status == "expired":
            late = (self._clock.now_ms - (message.expires_at or 0)) / 1000
            end = End("skipped", f"晚了 {late:.1f} 秒 / too late by {late:.1f} s")
        else:
            self._lease.token  # noqa: B018 - raises when the lease ran out while the store answered
            began = time.monotonic()
            try:
                detail = await unless_ended(self._performed(message), stop, GRACE)
            except Ended:
                return  # the next gateway finds it begun
            except Again as again:
                if await self._wait_again(message, start.attempt, taken.first_ms, again, stop):
                    return
                end = End("failed", _tried(again.message, start.attempt), _ms(began), dead=not message.once)
            except Withheld as error:
                end = End("skipped", error.message)
            except Refused as error:
                end = End("failed", error.message, _ms(began), dead=not message.once)
                self._standing.trouble("failing", error.message, error.remedy)
            except (TimeoutError, Blocked) as error:
                text = str(error) or no_answer(round(time.monotonic() - began))
                unknown = in_both("{why}; nobody knows whether it went out", "{why}；不知是否送达", why=text)
                end = End("uncertain", unknown, _ms(began))
                self._standing.trouble("failing", text)
            except UserError as error:
                end = End("failed", error.words.both(), _ms(began))
                self._standing.trouble("failing", error.message, error.remedy)
            else:
                end = End("done", detail or "", _ms(began))
                self._standing.ready()
        await self._end(message, start.attempt, end, stop)

    async def _performed(self, message: Message) -> str | None:
        return await self._perform(message)

    async def _wait_again(
        self, message: Message, attempt: int, first_ms: int, again: Again, stop: asyncio.Event
    ) -> bool:
        """Puts it back for another attempt; False when there is none left."""
        gap = self._patience.gap(attempt, again.wait)
        since = (self._clock.now_ms - first_ms) / 1000
        if attempt >= self._patience.attempts or since + gap > self._patience.within:
            self._standing.trouble("failing", again.message, again.remedy)
            return False
        en, zh = f"{{why}}; attempt {attempt + 1} in {gap:.0f} s", f"{{why}}；{gap:.0f} 秒后再试"
        retry = in_both(en, zh, why=again.message)
        self._standing.trouble("failing", retry, again.remedy)
        await self._outbox.defer(message, self._lease.token, gap)
        return True

    async def _end(self, message: Message, attempts: int, end: End, stop: asyncio.Event) -> None:
        """The note first: a message that is noted and still in the queue is noted again, under the same id, and leaves."""
        if end.status != "done":
            self._log.warning("%s: %s %s: %s", self._standing.name, message.action, end.status, end.detail)
        if message.firing is not None:
            done = ActionDone(
                firing=message.firing,
                index=message.index,
                action=message.action,
                target=message.target,
                status=end.status,
                detail=end.detail[:DETAIL_AT_MOST],
                ms=end.ms,
            )
            noted = Noted(note_id("sent", message.id), done, self._source, message.firing)
            if await self._speaker.say([noted], stop) is None:
                return
        dead = DeadLetter(message, attempts, end.detail[:DETAIL_AT_MOST]) if end.dead else None
        await self._outbox.finish(message, self._lease.token, dead=dead)


def _tried(why: str, attempts: int) -> str:
    if attempts == 1:
        return why
    return in_both(f"{{why}} ({attempts} attempts)", f"{{why}}（共 {attempts} 次）", why=why)


def _ms(began: float) -> float:
    return round((time.monotonic() - began) * 1000, 1)
