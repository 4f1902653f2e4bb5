"""The rooms and orders that the engine is measured with, and the way they go through it."""

from __future__ import annotations

import json
import time
from collections.abc import Iterator, Sequence
from itertools import count
from typing import Any, NamedTuple

from overlaykit.errors import StateError
from overlaykit.model.commands import Submission
from overlaykit.model.parsing import parse
from overlaykit.model.sessions import Channel, Item, Location, Rate, SessionPlan, Threshold
from overlaykit.stock import CALL_AT_MOST, Encoded, StockEngine
from overlaykit.stock.keys import script_keys

AHEAD = 4
"""Calls that are sent before the first of them is answered."""
CHANNEL = "shop"
BUYER_LIMIT = 6
HOLD_SECONDS = 900
PLENTY = 10**9
ACCEPTED = b'"status":"accepted"'

_LEVEL = Threshold(share=0.2)
_ledgers = count(1)
_orders = count(1)


class Shape(NamedTuple):
    """What an order says.

    full    a buyer, whose units of the item are limited, a channel and a time to hold; without it only item and units
    """

    name: str
    full: bool


FULL = Shape("full", True)
PLAIN = Shape("plain", False)


class BenchRoom:
    """An open session of its own on a store, with `items` items of a billion units each (or `opening`)."""

    def __init__(self, client: Any, *, items: int = 1, opening: int = PLENTY, attempts: Rate | None = None) -> None:
        ledger = f"bench-own-{next(_ledgers)}"
        self._placed = 0
        self.skus = [f"S{number}" for number in range(items)]
        self.engine = StockEngine(client, ledger)
        self.engine.plan(
            SessionPlan(
                id=ledger,
                ledger=ledger,
                title="Bench (synthetic)",
                hold_seconds=HOLD_SECONDS,
                attempt_rate=attempts,
                items=tuple(
                    Item(
                        sku=sku,
                        title=sku,
                        opening={"default": opening},
                        low=_LEVEL,
                        critical=_LEVEL,
                        buyer_limit=BUYER_LIMIT,
                    )
                    for sku in self.skus
                ),
                locations=(Location(name="default", title="default"),),
                channels=(Channel(name=CHANNEL, title=CHANNEL),),
            )
        )
        self.engine.submit([command({"type": "session.open", "id": "open"})])

    @property
    def keys(self) -> list[str]:
        """Every key of its ledger that the script knows."""
        return script_keys(self.engine.ledger)

    def orders(self, number: int, shape: Shape = FULL) -> list[Submission]:
        """New orders, parsed: one unit each, of all items in turn, each by a new buyer. No id comes twice."""
        start, self._placed = self._placed, self._placed + number
        skus = self.skus
        return [_order(next(_orders), skus[place % len(skus)], shape) for place in range(start, start + number)]


def command(fields: dict[str, Any]) -> Submission:
    """A command as the HTTP edge would have parsed it."""
    return parse(json.dumps(fields).encode(), "api:bench")


def _order(number: int, sku: str, shape: Shape) -> Submission:
    lines = [{"sku": sku, "quantity": 1}]
    fields: dict[str, Any] = {
        "type": "order.reserve",
        "id": f"c-{number:09}",
        "order": f"o-{number:09}",
        "lines": lines,
    }
    if shape.full:
        fields |= {"buyer": f"buyer-{number:09}", "channel": CHANNEL, "hold_seconds": HOLD_SECONDS}
    return command(fields)


def encode_calls(engine: StockEngine, submissions: Sequence[Submission], batch: int) -> Iterator[list[Encoded]]:
    """Calls of `batch` commands, each encoded when it is asked for."""
    for start in range(0, len(submissions), batch):
        yield [engine.encode(each) for each in submissions[start : start + batch]]


def through_engine(engine: StockEngine, submissions: Sequence[Submission], batch: int) -> float:
    """Sends parsed orders through the engine as bulk requests do, encoding included, calls ahead of their answers. Gives
    the seconds until the last was answered; StateError when one was not accepted."""
    accepted = 0
    pipeline = engine.pipeline()
    try:
        started = time.perf_counter()
        for call in encode_calls(engine, submissions, batch):
            pipeline.send(call)
            if pipeline.waiting >= AHEAD:
                accepted += _accepted(pipeline.receive())
        while pipeline.waiting:
            accepted += _accepted(pipeline.receive())
        took = time.perf_counter() - started
    finally:
        pipeline.close()
    expect_all(accepted, len(submissions))
    return took


def one_by_one(engine: StockEngine, submissions: Sequence[Submission]) -> float:
    """The same, each order a call of its own that waits for its answer."""
    started = time.perf_counter()
    accepted = sum(_accepted(engine.submit([each])) for each in submissions)
    took = time.perf_counter() - started
    expect_all(accepted, len(submissions))
    return took


def fill(room: BenchRoom, number: int, shape: Shape = FULL) -> None:
    """Puts `number` orders into the room, by calls as large as they may be."""
    while number > 0:
        part = min(number, 20_000)
        through_engine(room.engine, room.orders(part, shape), CALL_AT_MOST)
        number -= part


def expect_all(accepted: int, sent: int) -> None:
    """StateError unless every order was accepted: a rate of refusals would say nothing."""
    if accepted != sent:
        raise StateError(f"{sent - accepted} of {sent} orders of the benchmark were not accepted")


def _accepted(outcomes: Sequence[bytes]) -> int:
    return sum(ACCEPTED in outcome for outcome in outcomes)
