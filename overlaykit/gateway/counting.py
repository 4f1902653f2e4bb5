"""Facts of platforms into the ledger: what each is here, what the engine says of it, and what a person has to see."""

from __future__ import annotations

import asyncio
import logging
import time
from collections import Counter as Tally
from collections import deque
from collections.abc import Callable, Mapping, Sequence
from typing import NamedTuple

import msgspec

from overlaykit.errors import InvalidCommand
from overlaykit.gateway.bearings import Bearings
from overlaykit.gateway.ending import Ended
from overlaykit.gateway.speaker import Speaker, note_id
from overlaykit.gateway.standing import StoreClock
from overlaykit.inbox.asides import as_told_last, kept_once
from overlaykit.inbox.translating import OrderMark, Teller, Translation, name_of, settled_keys, translate
from overlaykit.model.events import OrderFact, OrderPaid, OrderPlaced, Refunded
from overlaykit.model.fields import MAX_LINES
from overlaykit.model.notes import Noted, OrderUnmapped, TaskKind, TaskOpened
from overlaykit.model.outcomes import Outcome
from overlaykit.model.sessions import Channel
from overlaykit.stock import Keeper
from overlaykit.store import Inbox, Lease
from overlaykit.store.marks import Marks
from overlaykit.wording import of_reason
from overlaykit.words import in_both

LINES_AT_MOST = 300
"""Characters of an order's lines that a task names."""
TASKS_A_MINUTE = 20
"""Refunds of a channel that a person is asked about one by one; further ones of the same minute are one task together."""

SLOW_SECONDS = 0.005
"""For one identity; after such a one others have a turn."""
CHAIN_AT_MOST = 50
"""Ids that one command may use up, refused again and again."""

Identify = Callable[[str | None, str], str]

_outcome = msgspec.json.Decoder(Outcome).decode
_mark = msgspec.msgpack.Decoder(OrderMark).decode
_pack = msgspec.msgpack.Encoder().encode


class Fact(NamedTuple):
    """What a channel told, and the id of the delivery in which it did."""

    channel: Channel
    event: OrderFact
    delivery: str


class End(NamedTuple):
    """What became of a fact: counted, or nothing to the room, unless it says more.

    dead   why it cannot be counted
    aside  platforms' skus in it that are no item of the plan, and may be mapped yet
    seq    the entry that says so of those
    news   whether nobody had told it before
    """

    dead: str | None = None
    aside: tuple[str, ...] = ()
    seq: int = 0
    news: bool = False


class _Told(NamedTuple):
    """A fact on its way: its order, and what it is here, or why it is nothing."""

    fact: Fact
    order: str
    said: Translation | str


class FactCounter:
    """Counts the facts of one ledger. Used on one event loop."""

    def __init__(
        self,
        keeper: Keeper,
        lease: Lease,
        marks: Marks,
        inbox: Inbox,
        speaker: Speaker,
        clock: StoreClock,
        identify: Identify,
        log: logging.Logger,
    ) -> None:
        self._keeper, self._lease, self._marks, self._inbox, self._speaker = keeper, lease, marks, inbox, speaker
        self._clock, self._identify, self._log = clock, identify, log
        self._asked: dict[str, deque[float]] = {}
        self._more: Tally[str] = Tally()
        self._odd: Tally[str] = Tally()

    async def count(self, facts: Sequence[Fact], bearings: Bearings, stop: asyncio.Event) -> list[End]:
        """Counts them, in order, and says of each what became of it. Raises StoreError, NotFound, LeaseLost, and Ended after
        `stop`: to count them again is right then.

        What is remembered of an order is written last, so that whatever is cut off in the middle happens again, under its ids.
        """
        token = self._lease.token  # from before the marks are read: whoever leads meanwhile may write newer ones
        marks, told = await self._translated(facts, bearings)
        outcomes = await self._decided(told)
        ends: list[End] = []
        notes: list[Noted] = []
        unmapped: dict[int, int] = {}
        oversold: Tally[tuple[str, str]] = Tally()
        odd: dict[str, tuple[str, _Odd]] = {}
        for each, outcome in zip(told, outcomes, strict=True):
            end = _end(each, outcome)
            if end.aside:
                unmapped[len(ends)] = len(notes)
            ends.append(end)
            notes += self._notes(each, outcome, end)
            if outcome is not None and outcome.status == "accepted":
                channel = each.fact.channel.name
                oversold.update({(channel, sku): units for sku, units in outcome.oversold.items()})
                if what := _oddity(outcome):
                    self._odd[channel] += 1
                    odd[channel] = (each.order, what)
        # A rush of them is one word a call: a log and a list of tasks that can still be read.
        for (channel, sku), units in oversold.items():
            self._log.error("ALARM: %s has sold %d units of %s more than there were", channel, units, sku)
        for channel, (order, what) in odd.items():
            self._log.error("ALARM: %s: order %s: %s (%d such in all)", channel, order, what.said, self._odd[channel])
            notes.append(self._odd_task(channel, order, what))
        answers = await self._speaker.say(notes, stop) if notes else []
        if answers is None:
            raise Ended("the gateway ends")
        for place, note in unmapped.items():
            ends[place] = ends[place]._replace(seq=answers[note].seq or 0)
        await self._remember(told, outcomes, ends, marks, token)
        return ends

    async def _translated(self, facts: Sequence[Fact], bearings: Bearings) -> tuple[dict[str, OrderMark], list[_Told]]:
        """The orders' marks after the facts, and what each fact is here, given what was told before it, in this call or earlier."""
        now = self._clock.now_ms
        channels = {fact.channel.name: fact.channel for fact in facts}
        tellers = {
            name: Teller(name, channel.shop, bearings.skus_of(channel), now, channel.unmapped == "ignore")
            for name, channel in channels.items()
        }
        facts = [fact._replace(event=await self._identified(fact)) for fact in facts]
        orders = [name_of(fact.event, tellers[fact.channel.name]) for fact in facts]
        keys = [key for fact in facts for key in settled_keys(fact.event, tellers[fact.channel.name])]
        known = await self._marks.orders(list(dict.fromkeys(orders)))
        marks = {order: _mark(mark) for order, mark in known.items()}
        settled = await self._marks.settled(keys)
        told = []
        for fact, order in zip(facts, orders, strict=True):
            said: Translation | str
            mark = marks.get(order, OrderMark())
            fact = fact._replace(event=as_told_last(fact.event, fact.delivery, mark))
            try:
                said = translate(fact.event, tellers[fact.channel.name], mark, settled)
            except InvalidCommand as error:
                said = in_both("it is no command: {why}", "引擎不收：{why}", why=error.words.both())
            else:
                if said.unknown and fact.channel.unmapped == "quarantine":
                    said = kept_once(said, fact.event, fact.delivery)
                marks[order] = said.mark
                settled.update(said.settled)
                said = f"与之前说的矛盾 / {said.clash}" if said.clash else said
            told.append(_Told(fact, order, said))
        return marks, told

    async def _identified(self, fact: Fact) -> OrderFact:
        """With the identity of the buyer, which is the same on every channel. A plugin that takes its time over each must not keep
        the loop for all of them."""
        event = fact.event
        if not isinstance(event, OrderPlaced | OrderPaid) or not event.buyer:
            return event
        began = time.monotonic()
        buyer = self._identify(fact.channel.name, event.buyer)
        if time.monotonic() - began > SLOW_SECONDS:
            await asyncio.sleep(0)
        return msgspec.structs.replace(event, buyer=buyer)

    async def _decided(self, told: Sequence[_Told]) -> list[Outcome | None]:
        """What the engine says of each that has a command.

        A command that was refused has used up its id. When it comes again, since somebody has mended what was wrong, it has the
        next one: of this chain of ids exactly one is ever accepted.
        """
        outcomes: list[Outcome | None] = [None] * len(told)
        asked = {
            place: each.said.submission
            for place, each in enumerate(told)
            if isinstance(each.said, Translation) and each.said.submission is not None
        }
        for attempt in range(CHAIN_AT_MOST):
            if not asked:
                break
            submissions = [each._replace(id=f"{each.id}:{attempt}") if attempt else each for each in asked.values()]
            answers = await self._keeper.submit(submissions)
            for place, answer in zip(asked, answers, strict=True):
                outcomes[place] = _outcome(answer)
            asked = {place: each for place, each in asked.items() if _was_refused(outcomes[place])}
        return outcomes

    def _notes(self, told: _Told, outcome: Outcome | None, end: End) -> list[Noted]:
        """What a person has to do about it."""
        channel, event = told.fact.channel.name, told.fact.event
        source, notes = f"connector:{channel}", []
        if end.aside and isinstance(told.said, Translation):
            unknown = dict(list(told.said.unknown.items())[:MAX_LINES])
            note = OrderUnmapped(channel=channel, order=told.order, platform_skus=unknown)
            notes.append(Noted(note_id("unmapped", told.fact.delivery, told.order, *unknown), note, source))
        if outcome is None or end.dead is not None:
            return notes
        first = outcome.first or outcome
        if isinstance(event, Refunded) and event.restock is None and (first.items or first.early):
            notes.append(Noted(note_id("asked", first.id), self._ask(channel, told), source))
        return notes

    def _ask(self, channel: str, told: _Told) -> TaskOpened:
        """Whether units came back, which the platform does not say. A rush of refunds must not push out all other tasks."""
        now = time.monotonic()
        recent = self._asked.setdefault(channel, deque(maxlen=TASKS_A_MINUTE))
        if len(recent) == TASKS_A_MINUTE and now - recent[0] < 60.0:
            self._more[channel] += 1
            return TaskOpened(
                task=f"returns {channel}",
                kind="returns",
                params={"channel": channel, "order": told.order, "others": self._more[channel]},
            )
        recent.append(now)
        task = note_id("return", told.order, told.fact.event.transition)
        return TaskOpened(
            task=task,
            kind="returned",
            params={"channel": channel, "order": told.order, "lines": _lines(told.said)[:LINES_AT_MOST]},
        )

    def _odd_task(self, channel: str, order: str, odd: _Odd) -> Noted:
        """One task for each channel, which says how many there are by now."""
        count = self._odd[channel]
        task = TaskOpened(
            task=f"odd facts {channel}",
            kind=odd.kind,
            params={"channel": channel, "order": order, "count": count, **odd.params},
            level="warning",
        )
        told = (channel, order, odd.kind, *odd.params.values(), count, self._clock.now_ms)
        return Noted(note_id("odd", *told), task, f"connector:{channel}")

    async def _remember(
        self,
        told: Sequence[_Told],
        outcomes: Sequence[Outcome | None],
        ends: Sequence[End],
        marks: Mapping[str, OrderMark],
        token: int,
    ) -> None:
        """An order of which something was not taken keeps its old mark: what comes again is looked at anew."""
        failed = {each.order for each, end in zip(told, ends, strict=True) if end.dead is not None}
        counted = {each.order: _pack(marks[each.order]) for each in told if each.order not in failed}
        settled: dict[bytes, int] = {}
        ignored: Tally[str] = Tally()
        for each, outcome, end in zip(told, outcomes, ends, strict=True):
            if not isinstance(each.said, Translation):
                continue
            if outcome is not None and end.dead is None:
                settled.update(each.said.settled)
            if not end.aside:
                ignored[each.fact.channel.name] += len(each.said.unknown)
        await self._marks.write(counted, settled, token)
        for channel, count in ignored.items():
            if count:
                await self._inbox.count(channel, ignored=count)


def _was_refused(outcome: Outcome | None) -> bool:
    """Whether its id was used up before by a refusal."""
    return (
        outcome is not None
        and outcome.status == "duplicate"
        and outcome.first is not None
        and outcome.first.status == "refused"
    )


def _why(outcome: Outcome | None) -> str:
    return of_reason((outcome and outcome.reason) or "").both()


def _end(told: _Told, outcome: Outcome | None) -> End:
    if isinstance(told.said, str):
        return End(dead=told.said)
    if outcome is not None and outcome.status not in ("accepted", "duplicate"):
        why = "同一件事说法不同 / it was told before in other words" if outcome.status == "conflict" else _why(outcome)
        return End(dead=in_both("refused: {why}", "引擎不收：{why}", why=why))
    if outcome is not None and _was_refused(outcome):
        return End(
            dead=in_both(
                "refused again and again: {why}",
                "引擎一再不收：{why}",
                why=_why(outcome.first),
            )
        )
    if told.said.unknown and told.fact.channel.unmapped == "quarantine":
        return End(aside=tuple(told.said.unknown))
    return End(news=outcome is not None and outcome.status == "accepted")


class _Odd(NamedTuple):
    """Why an accepted fact has to be looked at: for the log, and for the task that asks somebody to."""

    said: str
    kind: TaskKind
    params: dict[str, str | int]


def _oddity(outcome: Outcome) -> _Odd | None:
    if outcome.excess:
        return _Odd(f"{outcome.excess} units more than it has", "excess", {"units": outcome.excess})
    if outcome.quarantined:
        said = f"contradicts what is known: {outcome.quarantined}"
        return _Odd(said, "contradicts", {"reason": outcome.quarantined})
    return None


def _lines(said: Translation | str) -> str:
    """The lines of a command; "" for the whole order."""
    lines = (
        getattr(said.submission.command, "lines", None) if isinstance(said, Translation) and said.submission else None
    )
    return ", ".join(f"{each.sku} × {each.quantity}" for each in lines or ())
