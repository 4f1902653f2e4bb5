"""Readings of a source: whatever goes wrong in between, what is counted at the end is what the warehouse has."""

from __future__ import annotations

import asyncio
import datetime as dt
import json
import logging
from collections.abc import Sequence
from typing import Any

import msgspec
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from overlaykit.errors import StoreAway
from overlaykit.gateway.readings import Readings
from overlaykit.model.commands import StockCount, Submission
from overlaykit.model.events import StockLevelObserved
from overlaykit.words import words_in

KNOWN = {"A": ["hz", "gz"], "B": ["hz", "gz"]}
NOW = 1_800_000_000_000

STALE = "A (hz)：读数太旧 / A (hz): the reading is too old"


class Engine:
    """Takes a count unless it is older than the last; told so, it is away, before or after it has counted."""

    def __init__(self) -> None:
        self.levels: dict[tuple[str, str], int] = {}
        self.read_at: dict[tuple[str, str], dt.datetime] = {}
        self.seen: list[StockCount] = []
        self.trouble: str | None = None

    async def submit(self, submissions: Sequence[Submission], /) -> Sequence[bytes]:
        if self.trouble == "before":
            raise StoreAway("away")
        answers = [self._decide(each) for each in submissions]
        if self.trouble == "after":
            raise StoreAway("away")
        return answers

    def _decide(self, submission: Submission) -> bytes:
        command = submission.command
        assert isinstance(command, StockCount)
        assert command.as_of is not None
        self.seen.append(command)
        key = (command.sku, command.location or "")
        said: dict[str, Any] = {"id": command.id or "", "status": "accepted", "seq": len(self.seen)}
        if command.as_of < self.read_at.get(key, command.as_of):
            said |= {"status": "refused", "reason": "stale"}
        elif command.quantity == 0 and self.levels.get(key, 0) > 0:
            said["unconfirmed"] = True
        else:
            self.levels[key], self.read_at[key] = command.quantity, command.as_of
        return json.dumps(said).encode()


class Source:
    """A source `erp` and its engine. `at`: the time, in seconds; `places`: what it counts for."""

    def __init__(self, jump: float = 0.5) -> None:
        self.engine, self.at, self.places = Engine(), 0.0, ["hz"]
        self.messages: list[str] = []
        log = logging.Logger("readings")
        handler = logging.Handler()
        handler.emit = lambda record: self.messages.append(record.getMessage())  # type: ignore[method-assign]
        log.addHandler(handler)
        self.readings = Readings(
            "erp", "connector:erp", self.engine, jump=jump, full_every=600, log=log, clock=lambda: self.at
        )

    @property
    def full(self) -> bool:
        return self.readings.wants_all(self.places)

    def count(self, *readings: StockLevelObserved) -> str:
        full = self.full
        self.at += 1
        return asyncio.run(
            self.readings.count(
                readings,
                full=full,
                asked_ms=NOW + round(self.at * 1000),
                places=lambda: self.places,
                known=KNOWN,
                lock=asyncio.Lock(),
            )
        )


def units(sku: str, quantity: int, location: str | None = None, **more: Any) -> StockLevelObserved:
    return StockLevelObserved(sku=sku, quantity=quantity, location=location, **more)


def when(seconds: float) -> dt.datetime:
    return dt.datetime.fromtimestamp(NOW / 1000 + seconds, dt.UTC)


def test_everything_is_asked_for_at_first_now_and_then_after_trouble_and_for_other_locations() -> None:
    source = Source()
    assert source.full
    source.count(units("A", 5))
    assert not source.full
    source.readings.failed()
    assert source.full
    source.count(units("A", 5))
    source.at += 700
    assert source.full
    source.count()
    source.places = ["hz", "gz"]
    assert source.full


def test_what_changed_is_counted_and_what_did_not_is_not() -> None:
    source = Source()
    source.count(units("A", 5), units("B", 7))
    source.count(units("A", 5), units("B", 6))
    source.count(units("A", 5, basis="available"))
    assert [(each.sku, each.quantity, str(each.basis)) for each in source.engine.seen] == [
        ("A", 5, "on_hand"),
        ("B", 7, "on_hand"),
        ("B", 6, "on_hand"),
        ("A", 5, "available"),
    ]
    assert {each.jump for each in source.engine.seen} == {0.5}


def test_of_two_readings_of_one_thing_the_last_counts() -> None:
    source = Source()
    source.count(units("A", 5), units("A", 9))
    source.count(units("A", 3), units("A", 9))
    assert [each.quantity for each in source.engine.seen] == [9]


def test_stale_stock_after_fresh_is_told_and_counted_when_a_later_one_comes() -> None:
    source = Source()
    source.at = 200
    source.engine.levels["A", "hz"], source.engine.read_at["A", "hz"] = 4, when(100)
    assert source.count(units("A", 5, observed_at=when(50))) == STALE
    assert source.count(units("A", 5, observed_at=when(50))) == STALE
    assert len(source.engine.seen) == 1, "the same is not sent again"
    assert source.count(units("A", 5, observed_at=when(60))) == STALE
    assert len(source.engine.seen) == 2
    assert source.count(units("A", 5, observed_at=when(150))) == ""
    assert source.engine.levels["A", "hz"] == 5


def test_clock_skew_a_time_that_is_ahead_or_has_no_zone_does_not_decide() -> None:
    source = Source()
    naive = when(-600).replace(tzinfo=None)
    source.count(units("A", 5, observed_at=when(3_600)), units("B", 7, observed_at=naive))
    assert [each.as_of for each in source.engine.seen] == [when(1), when(1)]
    assert any("in the future" in message for message in source.messages)
    assert any("without an offset" in message for message in source.messages)


def test_negative_available_counts_as_none_and_is_told() -> None:
    source = Source()
    assert source.count(units("A", -3)) == ""
    assert [each.quantity for each in source.engine.seen] == [0]
    assert "says -3 of A: less than none counts as none" in source.messages[0]


def test_a_bad_reading_is_told_and_does_not_keep_the_others_back() -> None:
    source = Source()
    source.places = ["hz", "gz"]
    wrong = units("A", "many", "hz")  # type: ignore[arg-type]
    said = source.count(wrong, units("A", 3), units("B", 7, "gz"), units("A", 10**12, "gz"))
    assert source.engine.levels == {("B", "gz"): 7}
    assert "A：没有写仓库" in words_in(said).zh
    assert "A: it does not say at which location" in words_in(said).en
    assert said.count("A: ") == 3


def test_skus_of_others_and_missing_ones_are_told_once() -> None:
    source = Source()
    source.count(units("A", 5), units("X", 5), units("Y", 5), units("A", 7, "elsewhere"))
    source.readings.failed()
    source.count(units("A", 5), units("X", 5), units("Y", 5), units("A", 7, "elsewhere"))
    assert [message.partition(" ")[2] for message in source.messages] == [
        "knows 3 skus that this session does not sell: they are passed over",
        "says nothing of B, which it counts by the plan",
    ]


def test_a_reading_that_is_held_is_remembered_until_another_comes() -> None:
    source = Source()
    source.count(units("A", 5))
    source.count(units("A", 0))
    (held,) = source.readings.waiting.values()
    assert (held.reading.sku, held.location, held.seq) == ("A", "hz", 2)
    source.count(units("A", 4))
    assert source.readings.waiting == {}


class Warehouse:
    """A warehouse that tells of changes since a cursor, or of everything."""

    def __init__(self) -> None:
        self.levels = {("A", "hz"): 100, ("B", "hz"): 100, ("A", "gz"): 50, ("B", "gz"): 50}
        self.changed: set[tuple[str, str]] = set()

    def answer(self, full: bool) -> list[StockLevelObserved]:
        keys = self.levels.keys() if full else self.changed
        found = [units(sku, self.levels[sku, location], location) for sku, location in sorted(keys)]
        self.changed = set()  # the cursor has moved, whatever becomes of the answer
        return found


MOVES = st.lists(
    st.one_of(
        st.tuples(
            st.just("sell"), st.sampled_from([("A", "hz"), ("B", "hz"), ("A", "gz"), ("B", "gz")]), st.integers(1, 200)
        ),
        st.tuples(st.just("poll"), st.sampled_from(["well", "well", "before", "after", "lost"]), st.just(0)),
        st.tuples(st.just("places"), st.sampled_from([("hz",), ("hz", "gz"), ("gz",), ()]), st.just(0)),
        st.tuples(st.just("rest"), st.just(""), st.sampled_from([10, 700])),
    ),
    max_size=40,
)


@settings(max_examples=300, deadline=None)
@given(moves=MOVES)
def test_no_change_is_lost_whatever_goes_wrong(moves: list[tuple[str, Any, int]]) -> None:
    source, warehouse = Source(), Warehouse()

    def poll(how: str) -> None:
        found = warehouse.answer(source.full)
        if how == "lost":  # the answer never came
            source.readings.failed()
            return
        source.engine.trouble = how if how != "well" else None
        try:
            assert source.count(*found) == ""
        except StoreAway:
            source.readings.failed()

    for move, what, number in moves:
        if move == "sell":
            warehouse.levels[what] = number
            warehouse.changed.add(what)
        elif move == "poll":
            poll(what)
        elif move == "places":
            source.places = list(what)
        else:
            source.at += number
    poll("well")
    counted = {key: level for key, level in warehouse.levels.items() if key[1] in source.places}
    assert {key: source.engine.levels.get(key) for key in counted} == counted


def test_a_batch_of_a_source_that_lost_its_location_is_not_counted() -> None:
    source = Source()
    many = {f"S{number}": ["hz"] for number in range(250)}
    calls = 0

    def places() -> list[str]:
        nonlocal calls
        calls += 1
        return ["hz"] if calls <= 2 else []

    asyncio.run(
        source.readings.count(
            [units(sku, 1) for sku in many], full=True, asked_ms=NOW, places=places, known=many, lock=asyncio.Lock()
        )
    )
    assert len(source.engine.seen) == 100


@pytest.mark.parametrize(
    "body", [b'{"id":"x","status":"duplicate","first":{"id":"x","status":"refused","reason":"stale"}}']
)
def test_a_count_that_was_there_before_is_what_it_was_then(body: bytes) -> None:
    source = Source()

    async def submit(submissions: Sequence[Submission], /) -> Sequence[bytes]:
        return [body for _ in submissions]

    source.engine.submit = submit  # type: ignore[method-assign]
    assert source.count(units("A", 5)) == STALE
    assert msgspec.json.decode(body)["status"] == "duplicate"
