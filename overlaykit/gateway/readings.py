"""What a source says, on its way into the ledger: readings that say something new become counts.

A source that keeps a cursor says every change once, so nothing that it said may get lost between its answer and the ledger: after
whatever goes wrong it is asked for everything again.
"""

from __future__ import annotations

import asyncio
import datetime as dt
import logging
import time
from collections.abc import Callable, Collection, Mapping, Sequence
from typing import NamedTuple, Protocol

import msgspec

from overlaykit.errors import InvalidCommand
from overlaykit.gateway.speaker import note_id
from overlaykit.model.commands import Submission
from overlaykit.model.entries import text_of
from overlaykit.model.events import StockLevelObserved
from overlaykit.model.outcomes import Outcome
from overlaykit.model.parsing import parse
from overlaykit.wording import of_reason
from overlaykit.words import Words, joined

COUNTS_AT_MOST = 100
"""Readings in one call of the engine."""
AHEAD_MS = 2_000
"""How far in the future a reading may be; one that is further was made by a clock that goes wrong."""
NAMED = 5
"""Skus that are named in a message."""

Key = tuple[str, str]
"""sku, location."""


class Engine(Protocol):
    """What decides counts."""

    async def submit(self, submissions: Sequence[Submission], /) -> Sequence[bytes]:
        """The outcomes, as JSON, in order."""


class Waiting(NamedTuple):
    """A reading that is held until somebody confirms it. `seq` of its entry."""

    reading: StockLevelObserved
    location: str
    seq: int


class Readings:
    """Those of one source.

    source      who says it, in the ledger: connector:NAME
    jump        share by which a reading may differ from what is expected without being held
    full_every  seconds between two counts of everything
    """

    def __init__(
        self,
        name: str,
        source: str,
        engine: Engine,
        *,
        jump: float,
        full_every: float,
        log: logging.Logger,
        clock: Callable[[], float] = time.monotonic,
    ) -> None:
        self._name, self._source, self._engine = name, source, engine
        self._jump, self._full_every, self._log, self._clock = jump, full_every, log, clock
        self._counted: dict[Key, object] = {}
        self._refused: dict[Key, Words] = {}
        self.waiting: dict[Key, Waiting] = {}
        self._told_of: set[int] = set()
        self._places: frozenset[str] = frozenset()
        self._full_at = float("-inf")
        self._warned: set[str] = set()

    def wants_all(self, places: Collection[str]) -> bool:
        """Whether the source is to be asked for everything: at first, now and then, when it counts for other locations than
        before, and after something went wrong."""
        return frozenset(places) != self._places or self._clock() >= self._full_at

    def failed(self) -> None:
        """What the source said may not have been counted."""
        self._full_at = float("-inf")

    def newly_held(self) -> list[Waiting]:
        """Readings that are held since this was asked last."""
        found = [each for each in self.waiting.values() if each.seq not in self._told_of]
        self._told_of = {each.seq for each in self.waiting.values()}
        return found

    async def count(
        self,
        readings: Sequence[StockLevelObserved],
        *,
        full: bool,
        asked_ms: int,
        places: Callable[[], Collection[str]],
        known: Mapping[str, Collection[str]],
        lock: asyncio.Lock,
    ) -> str:
        """Counts what is new. Gives what is wrong, in words, or "".

        full      whether everything was asked for
        asked_ms  when that was: readings that do not say when they were made are as old as that
        places    locations that take counts from this source now
        known     sku → the locations that have it
        lock      held while a batch is counted: who counts for a location does not change under it

        Raises StoreError; then it is not known what was counted, as `failed` says.
        """
        began, mine = self._clock(), frozenset(places())
        if full:
            self._counted.clear()
        problems: list[str] = []
        fresh: dict[Key, tuple[StockLevelObserved, int, Submission]] = {}
        strangers = 0
        for reading in readings:
            location = reading.location or (next(iter(mine)) if len(mine) == 1 else None)
            if reading.sku not in known or (location is not None and location not in known[reading.sku]):
                strangers += 1
            elif location is None:
                if mine:
                    problems.append(_place(reading.sku, _NOWHERE))
            elif location in mine:
                key, as_of = (reading.sku, location), self._as_of(reading, asked_ms)
                fresh.pop(key, None)
                if self._counted.get(key) != self._said(key, reading, as_of):
                    try:
                        fresh[key] = reading, as_of, self._submission(reading, location, as_of)
                    except InvalidCommand as error:
                        problems.append(_place(reading.sku, error.words))
        await self._submit(fresh, places, lock)
        if full:
            self._tell_whole(readings, mine, known, strangers)
            self._full_at, self._places = began + self._full_every, mine
        problems += [_place(f"{sku} ({location})", reason) for (sku, location), reason in self._refused.items()]
        more = [f"… (+{len(problems) - NAMED})"] if len(problems) > NAMED else []
        return joined(problems[:NAMED] + more)

    async def _submit(
        self,
        fresh: Mapping[Key, tuple[StockLevelObserved, int, Submission]],
        places: Callable[[], Collection[str]],
        lock: asyncio.Lock,
    ) -> None:
        keys = list(fresh)
        for begin in range(0, len(keys), COUNTS_AT_MOST):
            async with lock:
                mine = places()
                batch = [key for key in keys[begin : begin + COUNTS_AT_MOST] if key[1] in mine]
                answers = await self._engine.submit([fresh[key][2] for key in batch]) if batch else ()
            for key, answer in zip(batch, answers, strict=True):
                reading, as_of, _ = fresh[key]
                self._note(key, reading, as_of, msgspec.json.decode(answer, type=Outcome))

    def _note(self, key: Key, reading: StockLevelObserved, as_of: int, outcome: Outcome) -> None:
        first = outcome.first or outcome
        self.waiting.pop(key, None)
        if first.status != "accepted":
            self._refused[key] = of_reason(first.reason or first.status)
        else:
            self._refused.pop(key, None)
        self._counted[key] = self._said(key, reading, as_of)
        if first.unconfirmed and first.seq is not None:
            self.waiting[key] = Waiting(reading, key[1], first.seq)

    def _said(self, key: Key, reading: StockLevelObserved, as_of: int) -> object:
        """What a reading says: apart from when, unless the last one was refused. The same again would be refused again, and one
        that was made later is another thing."""
        return (_level(reading), as_of) if key in self._refused else _level(reading)

    def _as_of(self, reading: StockLevelObserved, asked_ms: int) -> int:
        if reading.observed_at is None:
            return asked_ms
        if reading.observed_at.tzinfo is None:
            self._warn("naive", "gives times without an offset: they are taken for the time of asking")
            return asked_ms
        at = _ms(reading.observed_at)
        if at > asked_ms + AHEAD_MS:
            self._warn("ahead", "gives times in the future: its clock goes wrong, and the time of asking counts")
            return asked_ms
        return at

    def _submission(self, reading: StockLevelObserved, location: str, as_of: int) -> Submission:
        at, quantity = text_of(as_of), reading.quantity
        if isinstance(quantity, int) and quantity < 0:
            self._warn(f"below {reading.sku}", f"says {quantity} of {reading.sku}: less than none counts as none")
            quantity = 0
        fields = {
            "type": "stock.count",
            "id": note_id(
                "count", self._name, reading.sku, location, at, quantity, reading.basis, reading.includes_open_orders
            ),
            "sku": reading.sku,
            "location": location,
            "quantity": quantity,
            "basis": reading.basis,
            "includes_open_orders": reading.includes_open_orders,
            "as_of": at,
            "source": self._name,
            "jump": self._jump,
        }
        return parse(msgspec.json.encode(fields), self._source)

    def _tell_whole(
        self,
        readings: Sequence[StockLevelObserved],
        places: Collection[str],
        known: Mapping[str, Collection[str]],
        strangers: int,
    ) -> None:
        if strangers:
            self._warn("strangers", f"knows {strangers} skus that this session does not sell: they are passed over")
        said = {reading.sku for reading in readings}
        missing = sorted(sku for sku, where in known.items() if sku not in said and set(where) & set(places))
        if missing:
            named = ", ".join(missing[:NAMED]) + (f" … (+{len(missing) - NAMED})" if len(missing) > NAMED else "")
            self._warn(f"missing {named}", f"says nothing of {named}, which it counts by the plan")

    def _warn(self, key: str, text: str) -> None:
        if key not in self._warned:
            self._warned.add(key)
            self._log.warning("source.%s %s", self._name, text)


def _level(reading: StockLevelObserved) -> object:
    return reading.quantity, reading.basis, reading.includes_open_orders


def _ms(moment: dt.datetime) -> int:
    return round(moment.timestamp() * 1000)


_NOWHERE = Words("it does not say at which location", "没有写仓库")


def _place(place: str, why: Words) -> str:
    return Words(f"{place}: {why.en}", f"{place}：{why.zh}").both()
