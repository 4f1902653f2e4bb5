"""The script against the plain model: whatever is asked, in whatever order, both say and hold the same.

After each step the store's rows are the model's, no bucket is negative, and the fold of the ledger is the fold of the state.
At the end the ledger, replayed into an empty one, gives the same lines again.
"""

from __future__ import annotations

import secrets
from typing import Any

import msgspec
import pytest
from hypothesis import HealthCheck, settings
from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, invariant, rule, run_state_machine_as_test

from overlaykit.board import BoardView, Fold
from overlaykit.model import commands as c
from overlaykit.model.commands import Submission
from overlaykit.model.outcomes import Outcome
from overlaykit.stock import StockEngine
from overlaykit.store import connect
from tests.conftest import StoreServer
from tests.engine.conftest import START_MS, make_plan
from tests.engine.model import Model, Stock

SKUS = st.sampled_from(["A", "A", "B", "C", "nowhere"])
LOCATIONS = st.sampled_from([None, None, None, "hz", "gz", "mars"])
REGIONS = st.sampled_from([None, None, "east", "south", "north"])
ORDERS = st.integers(1, 12).map(lambda n: f"order-{n}")
UNITS = st.integers(1, 9)


@st.composite
def lines(draw: st.DrawFn) -> tuple[c.Line, ...]:
    return tuple(
        c.Line(
            draw(SKUS),
            draw(UNITS),
            location=(place := draw(LOCATIONS)),
            region=draw(REGIONS) if place is None else None,
        )
        for _ in range(draw(st.integers(1, 3)))
    )


class Room(RuleBasedStateMachine):
    """One ledger and one model beside it."""

    store_url = ""
    split = False

    def __init__(self) -> None:
        super().__init__()
        self.ledger = "model-" + secrets.token_hex(6)
        self.client: Any = connect(self.store_url)
        self.engine = StockEngine(self.client, self.ledger)
        plan = make_plan(self.ledger, split=self.split)
        self.engine.plan(plan)
        stock = {
            "A": {"hz": Stock(available=20, opening=20), "gz": Stock(available=10, opening=10)},
            "B": {"hz": Stock(available=4, buffer=2, opening=4)},
            "C": {},
        }
        self.model = Model({"hz": ("east",), "gz": ("south", "east")}, stock, split=self.split, hold_ms=60_000)
        self.model.now = START_MS
        self.fold = Fold.from_state(self.engine.state())
        self.count = 0
        self.said: list[tuple[Submission, bytes]] = []

    def send(self, command: c.Command) -> None:
        self.count += 1
        submission = Submission(f"c-{self.count}", command, "api:test")
        text = self.engine.submit([submission], now_ms=self.model.now)[0]
        self.said.append((submission, text))
        outcome = msgspec.json.decode(text, type=Outcome)
        verdict = self.model.decide(command)
        assert (outcome.status, outcome.reason or "") == ("refused" if verdict.reason else "accepted", verdict.reason)
        assert outcome.oversold == verdict.oversold
        assert outcome.excess == verdict.excess
        for sku, numbers in outcome.items.items():
            assert msgspec.structs.asdict(numbers) == self.model.totals(sku)

    @rule()
    def open(self) -> None:
        self.send(c.SessionOpen())

    @rule(
        kind=st.sampled_from([c.SessionFreeze, c.SessionThaw, c.SessionFreeze, c.SessionThaw, c.SessionClose]),
        sure=st.integers(0, 3),
    )
    def turn(self, kind: type[c.Command], sure: int) -> None:
        if kind is not c.SessionClose or sure == 0:
            self.send(kind())

    @rule(order=ORDERS, asked=lines(), hold=st.sampled_from([None, 1.0, 5.0]))
    def reserve(self, order: str, asked: tuple[c.Line, ...], hold: float | None) -> None:
        self.send(c.OrderReserve(order=order, lines=asked, hold_seconds=hold, buyer="li"))

    @rule(order=ORDERS)
    def commit(self, order: str) -> None:
        self.send(c.OrderCommit(order=order))

    @rule(order=ORDERS)
    def release(self, order: str) -> None:
        self.send(c.OrderRelease(order=order))

    @rule(order=ORDERS, asked=lines(), paid=st.booleans())
    def record(self, order: str, asked: tuple[c.Line, ...], paid: bool) -> None:
        self.send(c.OrderRecord(order=order, channel="mini", lines=asked, paid=paid))

    @rule(
        sku=SKUS,
        location=LOCATIONS,
        units=st.integers(0, 30),
        basis=st.sampled_from(c.Basis),
        orders=st.booleans(),
        expected=st.sampled_from([None, None, 0, 4, 20]),
    )
    def count_stock(
        self, sku: str, location: str | None, units: int, basis: c.Basis, orders: bool, expected: int | None
    ) -> None:
        self.send(
            c.StockCount(
                sku=sku, location=location, quantity=units, basis=basis, includes_open_orders=orders, expected=expected
            )
        )

    @rule(sku=SKUS, location=LOCATIONS, bucket=st.sampled_from(c.Bucket), delta=st.integers(-9, 9).filter(bool))
    def adjust(self, sku: str, location: str | None, bucket: c.Bucket, delta: int) -> None:
        self.send(c.StockAdjust(sku=sku, location=location, bucket=bucket, delta=delta, reason="测试"))

    @rule(sku=SKUS, opens=st.booleans())
    def sale(self, sku: str, opens: bool) -> None:
        self.send(c.ItemOpen(sku=sku) if opens else c.ItemClose(sku=sku))

    @rule(sku=st.one_of(st.none(), SKUS), link=st.sampled_from([None, 1, 3]), channel=st.sampled_from([None, "mini"]))
    def feature(self, sku: str | None, link: int | None, channel: str | None) -> None:
        self.send(
            c.ItemFeature(sku=sku, channel=channel) if link is None else c.ItemFeature(link=link, channel=channel)
        )

    @rule(
        name=st.sampled_from(["coupon", "second", "third"]),
        sku=st.one_of(st.none(), SKUS),
        seconds=st.sampled_from([None, 1.0, 40.0]),
    )
    def countdown(self, name: str, sku: str | None, seconds: float | None) -> None:
        if seconds is None:
            self.send(c.CountdownSet(name=name, sku=sku, ends_at=None))
        else:
            self.send(c.CountdownSet(name=name, sku=sku, seconds=seconds))

    @rule(sku=st.one_of(st.none(), SKUS), seconds=st.sampled_from([None, 2.0]))
    def announce(self, sku: str | None, seconds: float | None) -> None:
        self.send(c.AnnounceShow(text="最后几件", sku=sku, seconds=seconds))

    @rule(back=st.integers(0, 6))
    def clear(self, back: int) -> None:
        shown = [each.id for each, _ in self.said if isinstance(each.command, c.AnnounceShow)]
        self.send(c.AnnounceClear(announcement=shown[-back] if back and len(shown) >= back else None))

    @rule(seconds=st.sampled_from([0.5, 1, 3, 30, 61]))
    def wait(self, seconds: float) -> None:
        self.model.now += round(seconds * 1000)

    @rule()
    def sweep(self) -> None:
        due = self.model.sweep()
        before = self.engine.state().seq
        self.engine.sweep(now_ms=self.model.now)
        expired = [line for _, line in self.engine.read(before) if b'"type":"hold.expired"' in line]
        assert len(expired) == due

    @rule(back=st.integers(0, 20), change=st.booleans())
    def repeat(self, back: int, change: bool) -> None:
        """The same id again: the first outcome with the same body, a conflict with another, nothing new either way."""
        if not self.said:
            return
        submission, first = self.said[-1 - back % len(self.said)]
        if change:
            submission = submission._replace(command=c.OrderCommit(order="another"))
        answer = msgspec.json.decode(self.engine.submit([submission], now_ms=self.model.now)[0], type=Outcome)
        if change:
            assert answer.status in ("conflict", "duplicate")
            assert (answer.status == "duplicate") == (
                self.said[-1 - back % len(self.said)][0].command == submission.command
            )
        else:
            assert answer.status == "duplicate"
            assert answer.first == msgspec.json.decode(first, type=Outcome)

    @invariant()
    def store_is_model(self) -> None:
        state = self.engine.state()
        for sku, item in state.items.items():
            expected = {name: stock.row() for name, stock in self.model.stock[sku].items()}
            assert item.rows == expected, sku
            assert item.owed == self.model.owed(sku)
            assert all(units >= 0 for row in item.rows.values() for units in row)
            held = sum(
                sum(line.served.values())
                for o in self.model.orders.values()
                if o.state == "held"
                for line in o.lines
                if line.sku == sku
            )
            assert sum(row[2] for row in item.rows.values()) == held

    @invariant()
    def fold_is_state(self) -> None:
        for _, line in self.engine.read(self.fold.seq):
            self.fold.apply(line)
        state = self.engine.state()
        assert self.fold.seq == state.seq
        for channel, region in ((None, None), ("mini", None), (None, "south")):
            folded = BoardView(self.fold, channel=channel, region=region).board()
            assert folded == BoardView(Fold.from_state(state), channel=channel, region=region).board()

    def teardown(self) -> None:
        lines = [line for _, line in self.engine.read(0, count=100_000)]
        again = StockEngine(self.client, self.ledger + "-again")
        assert again.reapply(lines) == lines
        self.client.close()


def compare(store: StoreServer, *, split: bool, examples: int, steps: int) -> None:
    machine = type("Room", (Room,), {"store_url": store.url, "split": split})
    quiet = settings(
        max_examples=examples, stateful_step_count=steps, deadline=None, suppress_health_check=list(HealthCheck)
    )
    run_state_machine_as_test(machine, settings=quiet)


@pytest.mark.store
@pytest.mark.parametrize("split", [False, True], ids=["whole", "split"])
def test_whatever_is_asked_script_and_model_agree(any_store: StoreServer, split: bool) -> None:
    compare(any_store, split=split, examples=25, steps=40)


@pytest.mark.soak
@pytest.mark.timeout(7200)
@pytest.mark.parametrize("split", [False, True], ids=["whole", "split"])
def test_a_hundred_thousand_steps(store: StoreServer, split: bool) -> None:
    compare(store, split=split, examples=1000, steps=100)
