"""A RuleBasedStateMachine over every command, and how to run it."""

from __future__ import annotations

import datetime as dt
import secrets
from typing import Any, ClassVar

from hypothesis import HealthCheck, Phase, settings
from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, invariant, rule, run_state_machine_as_test

from overlaykit.model import commands as c
from overlaykit.model.sessions import Threshold
from tests.engine.evening import make_evening
from tests.engine.pair import Pair

SKUS = st.sampled_from(["A", "A", "A", "B", "C", "P", "X", "Y"])
PLAIN = st.sampled_from(["A", "A", "B", "C", "P"])
STRAY = st.sampled_from(["A", "B", "P", "X", "N", "nowhere"])
LOCATIONS = st.sampled_from([None, None, None, None, "hz", "gz", "bj"])
REGIONS = st.sampled_from([None, None, "east", "south", "north", "west"])
PLACES = st.sampled_from(["hz", "hz", "gz", "bj", None])
ORDERS = st.integers(1, 9).map(lambda n: f"order-{n}")
CHANNELS = st.sampled_from([None, "mini", "mini", "douyin", "shop"])
BUYERS = st.sampled_from([None, None, "li", "wang"])
DROPS = st.sampled_from([None, None, None, "flash", "hand", "small"])
UNITS = st.sampled_from([1, 1, 2, 2, 3, 4, 6, 9, 14])
FACTS = st.booleans()
LONGEST_MS = 20 * 3_600_000


@st.composite
def _line(draw: st.DrawFn) -> c.Line:
    sku, place = draw(SKUS), draw(LOCATIONS)
    drop = draw(DROPS) if sku in ("A", "B") else None
    return c.Line(sku, draw(UNITS), location=place, region=draw(REGIONS) if place is None else None, drop=drop)


LINES = st.lists(_line(), min_size=1, max_size=3).map(tuple)
PARTS = st.one_of(
    st.none(),
    st.lists(st.builds(c.Part, SKUS, UNITS), min_size=1, max_size=2).map(tuple),
)
RESERVES = st.builds(
    c.OrderReserve,
    order=ORDERS,
    channel=CHANNELS,
    buyer=BUYERS,
    lines=LINES,
    hold_seconds=st.sampled_from([None, None, 1.0, 5.0]),
    personal=st.booleans(),
)
RECORDS = st.builds(c.OrderRecord, order=ORDERS, channel=CHANNELS, buyer=BUYERS, lines=LINES, paid=st.booleans())
COMMITS = st.builds(c.OrderCommit, order=ORDERS, fact=FACTS)
RELEASES = st.builds(c.OrderRelease, order=ORDERS, lines=PARTS, fact=FACTS)
SHIPS = st.builds(c.OrderShip, order=ORDERS, lines=PARTS, fact=FACTS)
REFUNDS = st.builds(c.OrderRefund, order=ORDERS, lines=PARTS, restock=st.booleans(), fact=FACTS)
ADJUSTS = st.builds(
    c.StockAdjust,
    sku=PLAIN,
    location=PLACES,
    bucket=st.sampled_from([c.Bucket.AVAILABLE, *c.Bucket]),
    delta=st.integers(-6, 9).filter(bool),
    reason=st.just("测试"),
)
BUCKETS = st.sampled_from([str(bucket) for bucket in c.Bucket])


@st.composite
def _transfer(draw: st.DrawFn) -> c.StockTransfer:
    source, target = draw(BUCKETS), draw(BUCKETS)
    if source == target:
        source, target = (f"location:{draw(st.sampled_from(['hz', 'gz', 'bj']))}" for _ in range(2))
        if source == target:
            source, target = "incoming", "available"
    sku = "P" if source == "incoming" else draw(PLAIN)
    return c.StockTransfer(sku=sku, quantity=draw(UNITS), from_=source, to=target, location=draw(PLACES))


ORDER_COMMANDS = st.one_of(RESERVES, RESERVES, RECORDS, COMMITS, RELEASES, SHIPS, REFUNDS)
MIXED = st.one_of(ORDER_COMMANDS, ORDER_COMMANDS, ADJUSTS, _transfer())


class Evening(RuleBasedStateMachine):
    """One ledger and one model beside it. `steps` counts the steps of all machines of this run."""

    store_url: ClassVar[str] = ""
    split: ClassVar[bool] = False
    rates: ClassVar[bool] = False
    steps: ClassVar[int] = 0

    def __init__(self) -> None:
        super().__init__()
        ledger = "evening-" + secrets.token_hex(6)
        self.pair = Pair(self.store_url, make_evening(ledger, split=self.split, rates=self.rates))
        self.started = self.pair.now
        self.pair.say(c.SessionOpen())

    def say(self, *commands: c.Command) -> None:
        self.pair.say(*commands)

    # Orders

    @rule(command=RESERVES)
    def reserve(self, command: c.OrderReserve) -> None:
        self.say(command)

    @rule(command=RECORDS)
    def record(self, command: c.OrderRecord) -> None:
        self.say(command)

    @rule(command=st.one_of(COMMITS, RELEASES, SHIPS, REFUNDS))
    def change_order(self, command: c.Command) -> None:
        self.say(command)

    @rule(data=st.data())
    def change_known_order(self, data: st.DataObject) -> None:
        """A part that the order has, as it was ordered, so that requests get through."""
        known = [order for order in self.pair.model.world.orders.values() if order.lines]
        if not known:
            return
        order = known[data.draw(st.integers(0, len(known) - 1))]
        skus = [sku for line in order.lines for sku in (line.sku, line.ordered)]
        parts = (c.Part(data.draw(st.sampled_from(skus)), data.draw(st.integers(1, 3))),)
        fact, kind = data.draw(FACTS), data.draw(st.sampled_from(["release", "ship", "restock", "refund"]))
        if kind == "release":
            self.say(c.OrderRelease(order=order.name, lines=parts, fact=fact))
        elif kind == "ship":
            self.say(c.OrderShip(order=order.name, lines=parts, fact=fact))
        else:
            self.say(c.OrderRefund(order=order.name, lines=parts, fact=fact, restock=kind == "restock"))

    @rule(data=st.data())
    def record_known_order_again(self, data: st.DataObject) -> None:
        """The same lines, with one of them more or less than it was."""
        known = [order for order in self.pair.model.world.orders.values() if order.lines]
        if not known:
            return
        order = known[data.draw(st.integers(0, len(known) - 1))]
        asked: dict[str, int] = {}
        for line in order.lines:
            if line.of is None:
                asked[line.sku] = asked.get(line.sku, 0) + line.asked
        for bundles in order.bundles:
            asked[bundles.sku] = asked.get(bundles.sku, 0) + bundles.asked
        changed = data.draw(st.sampled_from(sorted(asked)))
        asked[changed] += data.draw(st.integers(-3, 3))
        lines = tuple(c.Line(sku, units) for sku, units in asked.items() if units > 0) or (c.Line("A", 1),)
        self.say(c.OrderRecord(order=order.name, channel=order.channel, lines=lines, paid=data.draw(st.booleans())))

    @rule(commands=st.lists(MIXED, min_size=2, max_size=5))
    def several_in_one_call(self, commands: list[c.Command]) -> None:
        self.say(*commands)

    @rule(data=st.data(), change=st.booleans(), again=st.booleans())
    def repeat(self, data: st.DataObject, change: bool, again: bool) -> None:
        """The same id again, once or twice in a call: nothing new, whether it says the same or not."""
        if not self.pair.said:
            return
        submission, _ = self.pair.said[-data.draw(st.integers(1, min(20, len(self.pair.said))))]
        if change:
            submission = submission._replace(command=c.OrderCommit(order="another"))
        self.pair.submit([submission] * (2 if again else 1))

    @rule(command=ORDER_COMMANDS)
    def twice_in_one_call(self, command: c.Command) -> None:
        submission = self.pair.submission(command)
        self.pair.submit([submission, submission])

    @rule(
        sku=STRAY,
        order=ORDERS,
        where=st.sampled_from(["location", "channel", "drop"]),
        fact=FACTS,
    )
    def stray(self, sku: str, order: str, where: str, fact: bool) -> None:
        """Something that the room does not know."""
        location = "mars" if where == "location" else None
        channel = "radio" if where == "channel" else "mini"
        line = c.Line(sku, 1, location=location, drop="nothing" if where == "drop" else None)
        if fact:
            self.say(c.OrderRecord(order=order, channel=channel, lines=(line,), paid=True))
        else:
            self.say(c.OrderReserve(order=order, channel=channel, lines=(line,)))

    # Stock

    @rule(command=ADJUSTS)
    def adjust(self, command: c.StockAdjust) -> None:
        self.say(command)

    @rule(command=_transfer())
    def transfer(self, command: c.StockTransfer) -> None:
        self.say(command)

    @rule(units=st.integers(1, 8), place=st.sampled_from(["hz", "gz"]))
    def presale_arrives(self, units: int, place: str) -> None:
        self.say(c.StockTransfer(sku="P", quantity=units, from_="incoming", to="available", location=place))

    @rule(
        sku=PLAIN,
        place=PLACES,
        units=st.sampled_from([0, 0, 1, 3, 8, 20, 30]),
        basis=st.sampled_from(c.Basis),
        orders=st.booleans(),
        expected=st.sampled_from([None, None, None, "right", 4]),
        ago=st.sampled_from([None, None, 3, 14, 47, 130, 3_000, 8_000, -60]),
    )
    def count(
        self,
        sku: str,
        place: str | None,
        units: int,
        basis: c.Basis,
        orders: bool,
        expected: str | int | None,
        ago: int | None,
    ) -> None:
        if expected == "right":
            rows = self.pair.model.rows(sku).get(place or "hz", [0, 0])
            expected = rows[0] if basis == "on_hand" else rows[1]
        as_of = None if ago is None else dt.datetime.fromtimestamp(self.pair.now / 1000 - ago, dt.UTC)
        self.say(
            c.StockCount(
                sku=sku,
                location=place,
                quantity=units,
                basis=basis,
                includes_open_orders=orders,
                expected=None if expected is None else int(expected),
                as_of=as_of,
            )
        )

    @rule(accept=st.booleans(), stray=st.integers(0, 6), data=st.data())
    def confirm(self, accept: bool, stray: int, data: st.DataObject) -> None:
        world = self.pair.model.world
        waiting = sorted(seq for seq, _ in world.waiting.values())
        if stray == 0:
            self.say(c.StockConfirm(reading=max(1, world.seq - 1), accept=accept))
        elif waiting:
            self.say(c.StockConfirm(reading=data.draw(st.sampled_from(waiting)), accept=accept))

    # Quotas

    @rule(
        sku=st.sampled_from(["A", "A", "B", "P", "X", "nowhere"]),
        channel=st.sampled_from(["mini", "mini", "douyin", "shop", "radio"]),
        units=st.sampled_from([None, 0, 2, 4, 8, 15]),
    )
    def allot(self, sku: str, channel: str, units: int | None) -> None:
        self.say(c.AllotmentSet(sku=sku, channel=channel, quantity=units))

    @rule(drop=st.sampled_from(["flash", "hand", "hand", "small", "nothing"]), close=st.integers(0, 3))
    def turn_drop(self, drop: str, close: int) -> None:
        self.say(c.DropClose(drop=drop) if close == 0 else c.DropRelease(drop=drop))

    @rule(stray=st.integers(0, 4), data=st.data())
    def drop_quarantined(self, stray: int, data: st.DataObject) -> None:
        world = self.pair.model.world
        if stray == 0:
            self.say(c.QuarantineDrop(entry=world.seq))
        elif world.quarantine:
            self.say(c.QuarantineDrop(entry=data.draw(st.sampled_from(sorted(world.quarantine)))))

    # Items

    @rule(sku=st.sampled_from(["A", "B", "C", "X", "nowhere"]), opens=st.integers(0, 2))
    def sale(self, sku: str, opens: int) -> None:
        self.say(c.ItemOpen(sku=sku) if opens else c.ItemClose(sku=sku))

    @rule(sku=st.sampled_from(["P", "P", "P", "A", "X", "nowhere"]), presale=st.integers(0, 3))
    def mode(self, sku: str, presale: int) -> None:
        if presale and sku != "A":
            self.say(c.ItemMode(sku=sku, mode=c.Mode.PRESALE, ship_by="2026-10-08"))
        else:
            self.say(c.ItemMode(sku=sku, mode=c.Mode.SPOT))

    @rule(
        sku=st.sampled_from(["N", "N", "A", "Z"]),
        place=st.sampled_from(["hz", "bj", "mars"]),
        bundle=st.sampled_from([{}, {}, {"A": 1, "C": 2}, {"nowhere": 1}]),
        on_sale=st.booleans(),
    )
    def add(self, sku: str, place: str, bundle: dict[str, int], on_sale: bool) -> None:
        opening = {} if bundle else {place: 5}
        buffer = {} if bundle else {place: 1}
        self.say(
            c.ItemAdd(sku=sku, title="新品", link=9, opening=opening, buffer=buffer, bundle=bundle, on_sale=on_sale)
        )

    @rule(
        sku=st.sampled_from(["A", "B", "P", "X", "nowhere"]),
        limit=st.sampled_from([None, 1, 5, 9]),
        what=st.sampled_from(["buyer_limit", "presale_limit", "title", "link", "low"]),
    )
    def update(self, sku: str, limit: int | None, what: str) -> None:
        choices: dict[str, dict[str, Any]] = {
            "buyer_limit": {"buyer_limit": limit},
            "presale_limit": {"presale_limit": limit},
            "title": {"title": "改", "price": "1.50", "subtitle": None},
            "link": {"link": limit, "product": "q"},
            "low": {"low": Threshold(units=3)},
        }
        self.say(c.ItemUpdate(sku=sku, **choices[what]))

    @rule(sku=st.sampled_from(["A", "B", "P", "nowhere"]), position=st.integers(1, 8))
    def move(self, sku: str, position: int) -> None:
        self.say(c.ItemMove(sku=sku, position=position))

    @rule(
        sku=st.sampled_from([None, "A", "B", "nowhere"]),
        link=st.sampled_from([None, None, 1, 5, 77]),
        product=st.sampled_from([None, None, "p", "q"]),
        channel=st.sampled_from([None, None, "mini", "radio"]),
    )
    def feature(self, sku: str | None, link: int | None, product: str | None, channel: str | None) -> None:
        if link is not None:
            self.say(c.ItemFeature(link=link, channel=channel))
        elif product is not None:
            self.say(c.ItemFeature(product=product, channel=channel))
        else:
            self.say(c.ItemFeature(sku=sku, channel=channel))

    # The room

    @rule(
        name=st.sampled_from(["coupon", "second"]),
        sku=st.sampled_from([None, "A", "nowhere"]),
        seconds=st.sampled_from([None, 1.0, 40.0, "past"]),
    )
    def countdown(self, name: str, sku: str | None, seconds: float | str | None) -> None:
        if seconds is None:
            self.say(c.CountdownSet(name=name, sku=sku, ends_at=None))
        elif isinstance(seconds, str):
            past = dt.datetime.fromtimestamp(self.pair.now / 1000 - 5, dt.UTC)
            self.say(c.CountdownSet(name=name, sku=sku, ends_at=past))
        else:
            self.say(c.CountdownSet(name=name, sku=sku, seconds=seconds))

    @rule(sku=st.sampled_from([None, "A", "nowhere"]), seconds=st.sampled_from([None, 2.0, 50.0]))
    def announce(self, sku: str | None, seconds: float | None) -> None:
        self.say(c.AnnounceShow(text="最后几件", sku=sku, seconds=seconds))

    @rule(data=st.data())
    def clear(self, data: st.DataObject) -> None:
        shown = [None, "never", *sorted(self.pair.model.world.announcements)]
        self.say(c.AnnounceClear(announcement=data.draw(st.sampled_from(shown))))

    @rule(kind=st.sampled_from([c.SessionFreeze, c.SessionThaw, c.SessionClose, c.SessionOpen]), sure=st.integers(0, 4))
    def turn(self, kind: type[c.Command], sure: int) -> None:
        if kind is not c.SessionClose or sure == 0:
            self.say(kind())

    @rule(seconds=st.sampled_from([0.5, 1, 3, 12, 30, 61, 61, 600, 5_400]))
    def wait(self, seconds: float) -> None:
        if self.pair.now + seconds * 1000 < self.started + LONGEST_MS:
            self.pair.wait(seconds)

    @rule(seconds=st.sampled_from([0, 6, 35]))
    def sweep(self, seconds: float) -> None:
        self.pair.wait(seconds)
        self.pair.sweep()

    # What holds at each step

    @invariant()
    def both_hold_the_same(self) -> None:
        type(self).count_step()
        self.pair.check()

    @classmethod
    def count_step(cls) -> None:
        Evening.steps += 1

    def teardown(self) -> None:
        try:
            self.pair.check_replay()
        finally:
            self.pair.close()


def run_machine(
    store_url: str,
    *,
    split: bool,
    rates: bool,
    examples: int,
    steps: int,
    shrink: bool = True,
    derandomize: bool = False,
) -> int:
    """Runs the machine and gives the number of steps. With `derandomize`, always the same steps, and none are remembered."""
    machine = type("Evening", (Evening,), {"store_url": store_url, "split": split, "rates": rates})
    phases = [Phase.explicit, Phase.reuse, Phase.generate, Phase.target] + ([Phase.shrink] if shrink else [])
    before = Evening.steps
    quiet = settings(
        max_examples=examples,
        stateful_step_count=steps,
        deadline=None,
        suppress_health_check=list(HealthCheck),
        phases=phases,
        derandomize=derandomize,
        report_multiple_bugs=False,
    )
    if derandomize:
        quiet = settings(quiet, database=None)
    run_state_machine_as_test(machine, settings=quiet)
    return Evening.steps - before
