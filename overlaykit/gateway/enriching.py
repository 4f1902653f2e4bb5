"""Thin messages made whole: what happened to an order, asked from its platform by the connector.

A platform that is away is asked by one message at a time, until it answers again; nothing is given up for hours. An answer that
cannot be read is for some minutes the same: a proxy or a maintenance page speaks in the platform's place. One message that the
platform or the plugin cannot answer is given up after some attempts, and waits among the dead letters.
"""

from __future__ import annotations

import asyncio
import datetime as dt
import time
from collections.abc import Callable, Iterable, Sequence
from itertools import islice
from typing import Any, TypeVar, cast, get_args

import msgspec

from overlaykit.errors import (
    BadMessage,
    OverlaykitError,
    PlatformAway,
    PlatformError,
    PluginError,
    StoreError,
    UserError,
)
from overlaykit.gateway.attempts import no_answer
from overlaykit.gateway.ending import Ended, unless_ended
from overlaykit.gateway.seat import CALL_SECONDS, Blocked, Seat
from overlaykit.gateway.standing import Standing
from overlaykit.model.connectors import Connector, Context
from overlaykit.model.events import OrderFact, OrderRef
from overlaykit.store.waiting import Backoff, pause
from overlaykit.words import in_both

JOB = "orders"
AT_ONCE = 16
"""Calls of one app that are under way at the same time."""
AWAY_AFTER = 4
"""Failures one after the other, of whatever messages, after which the platform counts as away."""
AWAY_FIRST, AWAY_MOST = 0.5, 30.0
"""Seconds between attempts while it does."""
AGAIN_FIRST, AGAIN_MOST = 0.5, 60.0
"""Seconds between attempts of one message."""
REFUSALS_AT_MOST = 3
"""Answers that asking again should not change; some platforms tell of an order before they know it."""
UNREADABLE_FOR = 600.0
"""Seconds from a message's first answer that could not be read, after which such answers count as refusals."""
GIVEN_UP_AFTER = 4 * 3600.0
"""Seconds since a message came after which it is given up, where the platform has answered others meanwhile."""
GIVEN_UP_AT_LAST = 24 * 3600.0
"""The same, where it has answered nobody."""
ATTEMPTS_AT_LEAST = 5
REMEMBERED = 20_000
FACTS_AT_MOST = 1_000
"""Events in one answer."""
LINES_AT_MOST = 10_000
EVENT_AT_MOST = 1_000_000
"""Bytes of one event, as it is written."""

E = TypeVar("E", bound=OrderFact | OrderRef)

_event = msgspec.json.Decoder(OrderFact | OrderRef)


class GivenUp(OverlaykitError):
    """What happened cannot be learnt: the message waits for a person."""


class Enricher:
    """Of one app. `seat`: where its connector is now, None without one. `standings`: of the app's channels.

    strays   (shop, order) of those that the platform did not tell when it was asked, though it has told others since
    """

    def __init__(self, seat: Callable[[], Seat | None], standings: Sequence[Standing]) -> None:
        self._seat, self._standings = seat, standings
        self.strays: set[tuple[str, str]] = set()
        self._places = asyncio.Semaphore(AT_ONCE)
        self._probing = asyncio.Lock()
        self._failures = 0
        self._backoff = Backoff(AWAY_FIRST, AWAY_MOST)
        self._try_at = self._answered_at = 0.0

    async def enrich(
        self, question: Callable[[], OrderRef], came: Callable[[], float], stop: asyncio.Event
    ) -> list[OrderFact]:
        """What happened. `question`: what to ask about an order, called right before it is asked; `came`: seconds since the message
        came. Raises GivenUp; Ended after `stop`."""
        ref = question()
        order = (ref.shop, ref.order)
        try:
            return await self._insist(question, order, came, stop)
        finally:
            self.strays.discard(order)

    async def _insist(
        self, question: Callable[[], OrderRef], order: tuple[str, str], came: Callable[[], float], stop: asyncio.Event
    ) -> list[OrderFact]:
        attempts, refusals, began = 0, 0, time.monotonic()
        unreadable_since: float | None = None
        backoff = Backoff(AGAIN_FIRST, AGAIN_MOST)
        while not stop.is_set():
            attempts += 1
            wait = None
            try:
                found = await self._ask(question, stop)
            except (PlatformAway, UserError, StoreError, Blocked, TimeoutError) as error:
                if isinstance(error, PluginError):
                    refusals, why = refusals + 1, error.message
                else:
                    wait = error.after if isinstance(error, PlatformAway) else None
                    why = error.message if isinstance(error, OverlaykitError) else str(error) or no_answer(CALL_SECONDS)
            except BadMessage as error:
                unreadable_since, why = unreadable_since or time.monotonic(), error.message
                refusals += time.monotonic() - unreadable_since >= UNREADABLE_FOR
            except PlatformError as error:
                refusals, why = refusals + 1, error.message
            else:
                return found
            if refusals >= REFUSALS_AT_MOST:
                raise GivenUp(why)
            if self._answered_at > began:
                self.strays.add(order)
            longest = GIVEN_UP_AFTER if self._answered_at > began else GIVEN_UP_AT_LAST
            if came() > longest and attempts >= ATTEMPTS_AT_LEAST:
                raise GivenUp(in_both(f"{{why}}; {attempts} attempts", f"{{why}}；共试 {attempts} 次", why=why))
            await pause(stop, max(wait or 0.0, backoff.next()))
        raise Ended("the gateway ends")

    async def _ask(self, question: Callable[[], OrderRef], stop: asyncio.Event) -> list[OrderFact]:
        """One attempt, when it is this message's turn."""
        while True:
            if self._failures >= AWAY_AFTER:
                async with self._probing:
                    if self._failures >= AWAY_AFTER:  # nobody else has found it back meanwhile
                        await pause(stop, self._try_at - time.monotonic())
                        return await self._call(question(), stop)
            async with self._places:
                if self._failures < AWAY_AFTER:  # it has not gone away while this one waited
                    return await self._call(question(), stop)

    async def _call(self, ref: OrderRef, stop: asyncio.Event) -> list[OrderFact]:
        async def ask(connector: Connector[Any], ctx: Context) -> list[OrderFact]:
            # What it gave is looked at on its own loop, too: nobody knows how much it is.
            return whole_facts(ref, await connector.enrich(ref, ctx))

        try:
            seat = self._seat()
            if seat is None:
                raise UserError("没有连接器可用 / there is no connector to ask")
            found = await unless_ended(seat.call(ask), stop)
        except Ended:
            raise
        except (PlatformAway, BadMessage, UserError, StoreError, Blocked, TimeoutError) as error:
            if not isinstance(error, PluginError):
                self._away(error)
            raise
        except PlatformError:
            self._there()
            raise
        self._there()
        return found

    def _away(self, error: BaseException) -> None:
        self._failures += 1
        self._try_at = time.monotonic() + self._backoff.next()
        if self._failures >= AWAY_AFTER:
            reason = error.message if isinstance(error, OverlaykitError) else str(error) or no_answer(CALL_SECONDS)
            remedy = (error.remedy if isinstance(error, OverlaykitError) else None) or (
                "订单消息在等，恢复后自动补上 / Messages wait, and are counted when it answers again."
            )
            for standing in self._standings:
                standing.trouble(
                    "failing",
                    in_both("orders cannot be looked up: {why}", "查不到订单详情：{why}", why=reason),
                    remedy,
                    job=JOB,
                )

    def _there(self) -> None:
        self._failures, self._answered_at = 0, time.monotonic()
        self._backoff.reset()
        for standing in self._standings:
            standing.ready(JOB)


class Told:
    """Happenings with a name of their own (`transition`) that a platform has told when it was asked, the last REMEMBERED. One that
    a message and a poll tell is asked about once."""

    def __init__(self) -> None:
        self._at: dict[tuple[str, str, str, str], dt.datetime] = {}

    def add(self, channel: str, ref: OrderRef) -> None:
        """It answered `ref`."""
        if ref.transition and ref.at is not None:
            key = (channel, ref.shop, ref.order, ref.transition)
            self._at.pop(key, None)
            self._at[key] = ref.at
            if len(self._at) > REMEMBERED:
                del self._at[next(iter(self._at))]

    def covers(self, channel: str, ref: OrderRef) -> bool:
        """Whether what `ref` says is no later than what was answered already."""
        known = self._at.get((channel, ref.shop, ref.order, ref.transition))
        return known is not None and ref.at is not None and ref.at <= known


def united(refs: Sequence[OrderRef]) -> OrderRef:
    """One question for several of one order: as the last, at the latest time, with all hints; of one name the last."""
    times = [each.at for each in refs if each.at is not None]
    hint = {name: text for each in refs for name, text in each.hint.items()}
    return msgspec.structs.replace(refs[-1], at=max(times, default=None), hint=hint)


def whole_facts(ref: OrderRef, answer: Any) -> list[OrderFact]:
    """What `enrich` gave, checked, with what it left out taken from the message. Raises PluginError."""
    if answer is None:
        return []
    if isinstance(answer, str | bytes | msgspec.Struct) or not isinstance(answer, Iterable):
        answer = [answer]
    found = list(islice(answer, FACTS_AT_MOST + 1))
    if len(found) > FACTS_AT_MOST:
        raise PluginError(
            f"enrich() 一次给了超过 {FACTS_AT_MOST} 个事件 / enrich() gave more than {FACTS_AT_MOST} events at once"
        )
    facts: list[OrderFact] = []
    for each in found:
        if not isinstance(each, get_args(OrderFact)):
            kind = type(each).__name__
            raise PluginError(
                f"enrich() 给的 {kind} 不是订单事件 / enrich() gave {kind}, which is no event of an order"
            )
        facts.append(
            msgspec.structs.replace(
                each,
                delivery=each.delivery or ref.delivery,
                shop=each.shop or ref.shop,
                transition=each.transition or ref.transition,
                at=each.at or ref.at,
            )
        )
    return [sound(each, "enrich()") for each in facts]


def sound(event: E, method: str) -> E:
    """The same, as it can be written and read again: what a plugin builds is checked only there. Raises PluginError. For the
    connector's own thread, since it may be anything."""
    try:
        if len(getattr(event, "lines", ())) > LINES_AT_MOST:
            raise PluginError(
                f"{method} 给的订单超过 {LINES_AT_MOST:,} 行 / {method} gave an order with more than {LINES_AT_MOST:,} lines"
            )
        text = msgspec.json.encode(event)
        if len(text) > EVENT_AT_MOST:
            raise PluginError(
                f"{method} 给的事件超过 {EVENT_AT_MOST:,} 字节 / {method} gave an event with more than {EVENT_AT_MOST:,} bytes"
            )
        again = _event.decode(text)
    except (ValueError, TypeError, OverflowError, RecursionError) as error:  # msgspec.ValidationError is a ValueError
        raise PluginError(
            f"{method} 给的事件格式不对：{error} / {method} gave an event that does not fit: {error}"
        ) from None
    if again.at is not None and again.at.tzinfo is None:
        raise PluginError(f"{method} 给的事件时间没有时区 / {method} gave an event with a time that has no offset")
    return cast(E, again)
