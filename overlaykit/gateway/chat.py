"""The chat of a channel, listened to: messages with a keyword of a rule become `chat.heard`, all others are let go."""

from __future__ import annotations

import asyncio
import logging
import threading
import time
from collections import OrderedDict, defaultdict
from collections.abc import Sequence
from contextlib import aclosing
from functools import partial
from typing import Any, cast

import msgspec

from overlaykit.errors import OverlaykitError, PluginError
from overlaykit.gateway.seat import Seat
from overlaykit.gateway.speaker import Speaker, note_id
from overlaykit.gateway.standing import Standing
from overlaykit.model.connectors import Connector, Context
from overlaykit.model.events import ChatMessage
from overlaykit.model.notes import ChatHeard, Noted
from overlaykit.model.sessions import SessionPlan
from overlaykit.model.triggers import ChatSaid
from overlaykit.plan.triggers import TriggerError, read_trigger
from overlaykit.store.waiting import Backoff, pause
from overlaykit.words import in_both

HEARD_A_SECOND = 5
"""Messages with one keyword that are noted in a second: thousands may write it at once, and each would be an entry."""
WAITING_AT_MOST = 200
HANDED_AT_MOST = 200
"""Messages on their way from a connector's thread to the gateway's."""
BREATH_EVERY = 50
"""Messages after which a chat that never waits lets its own loop do something else."""
KNOWN_AT_MOST = 5_000
"""Ids of messages that are remembered, so that one delivered again is not heard again."""
STEADY_SECONDS = 2.0
TEXT_AT_MOST, AUTHOR_AT_MOST = 500, 100


def keywords_of(plan: SessionPlan) -> tuple[str, ...]:
    """What rules and alerts of the plan listen for in the chat."""
    found: dict[str, None] = {}
    for row in (*plan.later.get("rule", ()), *plan.later.get("alert", ())):
        try:
            trigger = read_trigger(row["when"])
        except TriggerError:  # a plan of an earlier version; its rule does not run either
            continue
        if isinstance(trigger, ChatSaid):
            found[trigger.keyword] = None
    return tuple(found)


class ChatReader:
    """Reads the chat of one channel: from `seat`, where its connector can; `hear` is told what comes in messages."""

    def __init__(
        self,
        channel: str,
        source: str,
        seat: Seat | None,
        keywords: Sequence[str],
        speaker: Speaker,
        standing: Standing,
        log: logging.Logger,
    ) -> None:
        self._channel, self._source, self._seat = channel, source, seat
        self._speaker, self._standing, self._log = speaker, standing, log
        self._keywords = [(keyword, keyword.casefold()) for keyword in keywords]
        self._waiting: asyncio.Queue[Noted] = asyncio.Queue(WAITING_AT_MOST)
        self._known: OrderedDict[str, None] = OrderedDict()
        self._heard: defaultdict[str, list[float]] = defaultdict(list)
        self._handed = threading.BoundedSemaphore(HANDED_AT_MOST)
        self._lost, self._losing = 0, threading.Lock()

    async def run(self, stop: asyncio.Event) -> None:
        """Until `stop`."""
        async with asyncio.TaskGroup() as tasks:
            if self._seat is not None:
                tasks.create_task(self._listen(self._seat, stop))
            tasks.create_task(self._write(stop))

    def hear(self, message: ChatMessage) -> None:
        """A message that came some other way."""
        for keyword in self._keywords_in(message):
            self._take(message, keyword)

    def _keywords_in(self, message: ChatMessage) -> list[str]:
        text = message.text.casefold()
        return [keyword for keyword, folded in self._keywords if folded in text]

    async def _listen(self, seat: Seat, stop: asyncio.Event) -> None:
        backoff = Backoff(1.0, 30.0)
        follow = partial(self._follow, home=asyncio.get_running_loop())
        while not stop.is_set():
            began = time.monotonic()
            following = asyncio.ensure_future(seat.follow(follow, stop))
            done, _ = await asyncio.wait({following}, timeout=STEADY_SECONDS)
            if not done and seat.blocked is None:
                self._standing.ready("chat")
            try:
                await following
                reason, remedy = "弹幕结束了 / the chat has ended", None
            except OverlaykitError as error:
                reason, remedy = error.message, error.remedy
            except TimeoutError as error:
                reason, remedy = str(error) or "弹幕没有答复 / the chat does not answer", None
            if stop.is_set():
                return
            if time.monotonic() - began > STEADY_SECONDS * 5:
                backoff.reset()
            self._standing.trouble(
                "failing", in_both("its chat is not read: {why}", "读不到弹幕：{why}", why=reason), remedy, job="chat"
            )
            await pause(stop, backoff.next())

    async def _follow(self, connector: Connector[Any], ctx: Context, home: asyncio.AbstractEventLoop) -> None:
        """On the connector's loop: only what has a keyword goes on to ours."""
        said = 0
        async with aclosing(cast(Any, connector.chat(ctx))) as messages:
            async for message in messages:
                if not isinstance(message, ChatMessage):
                    kind = type(message).__name__
                    raise PluginError(f"chat() 给的 {kind} 不是弹幕 / chat() yielded {kind}, which is no ChatMessage")
                said += 1
                if said % BREATH_EVERY == 0:
                    await asyncio.sleep(0)
                keywords = self._keywords_in(message)
                if not keywords:
                    continue
                kept = _shortened(message)
                if self._handed.acquire(blocking=False):
                    home.call_soon_threadsafe(self._take_over, kept, keywords)
                else:
                    with self._losing:
                        self._lost += 1

    def _take_over(self, message: ChatMessage, keywords: Sequence[str]) -> None:
        """From the connector's thread."""
        self._handed.release()
        with self._losing:
            self._standing.dropped += self._lost
            self._lost = 0
        for keyword in keywords:
            self._take(message, keyword)

    def _take(self, message: ChatMessage, keyword: str) -> None:
        if self._standing.paused:
            return
        key = note_id("chat", self._channel, message.id, keyword)
        if key in self._known:
            return
        self._known[key] = None
        if len(self._known) > KNOWN_AT_MOST:
            self._known.popitem(last=False)
        now = time.monotonic()
        recent = self._heard[keyword] = [at for at in self._heard[keyword] if now - at < 1.0]
        if len(recent) >= HEARD_A_SECOND or self._waiting.full():
            self._standing.dropped += 1
            return
        recent.append(now)
        heard = ChatHeard(
            channel=self._channel,
            keyword=keyword,
            text=message.text[:TEXT_AT_MOST],
            author=message.author[:AUTHOR_AT_MOST],
        )
        self._waiting.put_nowait(Noted(key, heard, self._source))

    async def _write(self, stop: asyncio.Event) -> None:
        ended = asyncio.ensure_future(stop.wait())
        try:
            while not stop.is_set():
                first = asyncio.ensure_future(self._waiting.get())
                await asyncio.wait({first, ended}, return_when=asyncio.FIRST_COMPLETED)
                if not first.done():
                    first.cancel()
                    return
                notes = [first.result()]
                while not self._waiting.empty():
                    notes.append(self._waiting.get_nowait())
                await self._speaker.say(notes, stop)
        finally:
            ended.cancel()


def _shortened(message: ChatMessage) -> ChatMessage:
    """What is kept of it. Raises PluginError for one that cannot be written."""
    try:
        found = ChatMessage(id=message.id, author=message.author[:AUTHOR_AT_MOST], text=message.text[:TEXT_AT_MOST])
        return msgspec.json.decode(msgspec.json.encode(found), type=ChatMessage)
    except (ValueError, TypeError) as error:
        raise PluginError(
            f"chat() 给的弹幕格式不对：{error} / chat() yielded a message that does not fit: {error}"
        ) from None
