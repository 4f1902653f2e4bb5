"""A RuleBasedStateMachine over every command, and how to run it."""

from __future__ import annotations

import datetime as dt
import secrets
from typing import ClassVar

from hypothesis import HealthCheck, Phase, settings
from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, invariant, rule, run_state_machine_as_test

from overlaykit.model import commands as c
from overlaykit.model import fields
from overlaykit.model.notes import AnyNote, TaskOpened
from tests.engine import asking
from tests.engine.evening import make_evening
from tests.engine.model.world import Order
from tests.engine.pair import Pair

COUNTDOWNS = ["coupon", "second", "flash-close"]
"""Of the plan, made by somebody, and of a drop."""
LONGEST_MS = 20 * 3_600_000
"""Shorter than what ids and orders are remembered for."""


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
        self.pair.say(
            c.SessionOpen(),
            c.ItemMode(sku="P", mode=c.Mode.PRESALE, ship_by="2026-10-08"),
            c.AllotmentSet(sku="A", channel="mini", quantity=8),
            c.DropRelease(drop="hand"),
        )

    def say(self, *commands: c.Command) -> None:
        self.pair.say(*commands)

    # Orders that get through

    @rule(data=st.data())
    def sell(self, data: st.DataObject) -> None:
        """A new order of things that are on sale, through drops that are open."""
        world = self.pair.model.world
        free = [name for name in asking.ORDER_NAMES if name not in world.orders] or asking.ORDER_NAMES
        self.say(
            c.OrderReserve(
                order=free[0],
                channel=data.draw(asking.CHANNELS),
                buyer=data.draw(asking.BUYERS),
                lines=tuple(self._line(data) for _ in range(data.draw(st.integers(1, 3)))),
                hold_seconds=data.draw(st.sampled_from([None, 1.0, 5.0, 20.0])),
                personal=data.draw(st.booleans()),
            )
        )

    @rule(data=st.data(), paid=st.booleans())
    def sold_elsewhere(self, data: st.DataObject, paid: bool) -> None:
        """A new order that a platform tells of."""
        world = self.pair.model.world
        free = [name for name in asking.ORDER_NAMES if name not in world.orders] or asking.ORDER_NAMES
        lines = tuple(self._line(data) for _ in range(data.draw(st.integers(1, 3))))
        buyer, channel = data.draw(asking.BUYERS), data.draw(asking.CHANNELS)
        self.say(c.OrderRecord(order=free[0], channel=channel, buyer=buyer, lines=lines, paid=paid))

    def _line(self, data: st.DataObject) -> fields.Line:
        world = self.pair.model.world
        on_sale = [sku for sku, item in world.items.items() if item.sale == "open"] or ["A"]
        sku = data.draw(st.sampled_from(["A", "B", *on_sale]))
        drops = [name for name, drop in world.drops.items() if drop.status == "open" and drop.planned.sku == sku]
        place = data.draw(st.sampled_from([None, None, None, None, "hz", "gz"]))
        region = data.draw(st.sampled_from([None, None, None, "east", "south"])) if place is None else None
        drop = data.draw(st.sampled_from([None, *drops])) if drops else None
        return fields.Line(
            sku, data.draw(st.sampled_from([1, 1, 2, 2, 3, 5, 8])), location=place, region=region, drop=drop
        )

    @rule(data=st.data())
    def go_on(self, data: st.DataObject) -> None:
        self._go_on(data)

    @rule(data=st.data())
    def go_on_again(self, data: st.DataObject) -> None:
        self._go_on(data)

    def _go_on(self, data: st.DataObject) -> None:
        """The next thing that may happen to an order, as it stands."""
        known = [order for order in self.pair.model.world.orders.values() if order.lines]
        if not known:
            return
        order = known[data.draw(st.integers(0, len(known) - 1))]
        name, fact = order.name, data.draw(st.integers(0, 3)) == 0
        choices = {
            "held": ["commit", "commit", "release", "record"],
            "committed": ["ship", "ship", "refund", "release", "record"],
            "expired": ["commit", "commit", "record", "ship"],
            "released": ["commit", "refund", "record", "release"],
        }[order.state]
        parts = self._parts(data, order)
        match data.draw(st.sampled_from(choices)):
            case "commit":
                self.say(c.OrderCommit(order=name, fact=fact))
            case "release":
                self.say(c.OrderRelease(order=name, lines=parts, fact=fact))
            case "ship":
                self.say(c.OrderShip(order=name, lines=parts, fact=fact))
            case "refund":
                self.say(c.OrderRefund(order=name, lines=parts, fact=fact, restock=data.draw(st.booleans())))
            case "record":
                self._record_again(data, order)

    def _parts(self, data: st.DataObject, order: Order) -> tuple[fields.Part, ...] | None:
        """Everything, or some of what the order has, by item or by bundle."""
        skus = sorted({sku for line in order.lines for sku in (line.sku, line.ordered)})
        count = data.draw(st.integers(0, 2))
        return (
            tuple(fields.Part(data.draw(st.sampled_from(skus)), data.draw(st.integers(1, 3))) for _ in range(count))
            or None
        )

    def _record_again(self, data: st.DataObject, order: Order) -> None:
        """The same lines, with one of them more or less than it was."""
        asked: dict[str, int] = {}
        for line in order.lines:
            if line.of is None:
                asked[line.sku] = asked.get(line.sku, 0) + line.asked
        for bundles in order.bundles:
            asked[bundles.sku] = asked.get(bundles.sku, 0) + bundles.asked
        changed = data.draw(st.sampled_from([*sorted(asked), "A", "X"]))
        asked[changed] = asked.get(changed, 0) + data.draw(st.integers(-3, 3))
        lines = tuple(fields.Line(sku, units) for sku, units in asked.items() if units > 0) or (fields.Line("A", 1),)
        channel = data.draw(st.sampled_from([order.channel, order.channel, None, "shop"]))
        self.say(c.OrderRecord(order=order.name, channel=channel, lines=lines, paid=data.draw(st.booleans())))

    @rule(count=st.integers(1, 3), unit=st.integers(1, 3), seconds=st.sampled_from([0.5, 1.5]))
    def rush(self, count: int, unit: int, seconds: float) -> None:
        """Several ask for the last units at once, and hold them for a moment."""
        world = self.pair.model.world
        free = [name for name in asking.ORDER_NAMES if name not in world.orders][:count]
        if free:
            self.say(*(c.OrderReserve(order=name, lines=(fields.Line("B", unit),), hold_seconds=1.0) for name in free))
        self.pair.wait(seconds)

    # Anything else about orders

    @rule(command=asking.ORDER_COMMANDS)
    def order(self, command: c.Command) -> None:
        self.say(command)

    @rule(commands=st.lists(asking.MIXED, min_size=2, max_size=5))
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

    @rule(command=asking.ORDER_COMMANDS)
    def twice_in_one_call(self, command: c.Command) -> None:
        submission = self.pair.submission(command)
        self.pair.submit([submission, submission])

    @rule(
        sku=asking.STRAY, order=asking.ORDERS, where=st.sampled_from(["location", "channel", "drop"]), fact=asking.FACTS
    )
    def stray(self, sku: str, order: str, where: str, fact: bool) -> None:
        """Something that the room does not know."""
        location = "mars" if where == "location" else None
        channel = "radio" if where == "channel" else "mini"
        line = fields.Line(sku, 1, location=location, drop="nothing" if where == "drop" else None)
        if fact:
            self.say(c.OrderRecord(order=order, channel=channel, lines=(line,), paid=True))
        else:
            self.say(c.OrderReserve(order=order, channel=channel, lines=(line,)))

    # Stock

    @rule(command=asking.ADJUSTS)
    def adjust(self, command: c.StockAdjust) -> None:
        self.say(command)

    @rule(command=asking.TRANSFERS)
    def transfer(self, command: c.StockTransfer) -> None:
        self.say(command)

    @rule(units=st.integers(1, 8), place=st.sampled_from(["hz", "gz"]))
    def presale_arrives(self, units: int, place: str) -> None:
        self.say(c.StockTransfer(sku="P", quantity=units, from_="incoming", to="available", location=place))

    @rule(
        sku=asking.PLAIN,
        place=asking.PLACES,
        units=st.sampled_from([0, 0, 1, 3, 8, 20, 30]),
        basis=st.sampled_from(c.Basis),
        orders=st.booleans(),
        expected=st.sampled_from([None, None, None, "right", 4]),
        jump=st.sampled_from([None, None, 0.0, 0.5, 0.9]),
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
        jump: float | None,
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
                jump=jump,
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

    # The rest of the evening

    @rule(command=asking.ALLOTMENTS)
    def allot(self, command: c.AllotmentSet) -> None:
        self.say(command)

    @rule(command=asking.TURNS_OF_DROPS)
    def turn_drop(self, command: c.Command) -> None:
        self.say(command)

    @rule(stray=st.integers(0, 4), data=st.data())
    def drop_quarantined(self, stray: int, data: st.DataObject) -> None:
        world = self.pair.model.world
        if stray == 0:
            self.say(c.QuarantineDrop(entry=world.seq))
        elif world.quarantine:
            self.say(c.QuarantineDrop(entry=data.draw(st.sampled_from(sorted(world.quarantine)))))

    @rule(command=asking.CATALOGUE)
    def change_catalogue(self, command: c.Command) -> None:
        self.say(command)

    @rule(
        name=st.sampled_from(COUNTDOWNS),
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

    @rule(
        name=st.sampled_from([*COUNTDOWNS, "never"]),
        by=st.sampled_from([30.0, 0.001, -10.0, -3600.0]),
    )
    def extend_countdown(self, name: str, by: float) -> None:
        self.say(c.CountdownSet(name=name, extend=by))

    @rule(sku=st.sampled_from([None, "A", "nowhere"]), seconds=st.sampled_from([None, 2.0, 50.0]), data=st.data())
    def announce(self, sku: str | None, seconds: float | None, data: st.DataObject) -> None:
        shown = [None, "never", *sorted(self.pair.model.world.announcements)]
        if data.draw(st.booleans()):
            text = data.draw(st.sampled_from(["最后几件", "欢迎"]))
            self.say(c.AnnounceShow(text=text, sku=sku, seconds=seconds))
        else:
            self.say(c.AnnounceClear(announcement=data.draw(st.sampled_from(shown))))

    @rule(command=asking.LOOKS)
    def set_look(self, command: c.OverlaySet) -> None:
        self.say(command)

    # The director

    @rule(command=asking.DIRECTION)
    def direct(self, command: c.Command) -> None:
        self.say(command)

    @rule(
        notes=st.lists(asking.NOTES, min_size=1, max_size=4),
        token=st.sampled_from([None, None, 1, 2, 2, 3]),
        caused=st.booleans(),
    )
    def note(self, notes: list[AnyNote], token: int | None, caused: bool) -> None:
        cause = self.pair.model.world.seq if caused else None
        self.pair.note([self.pair.noting(note, cause=cause) for note in notes], token)

    @rule(note=asking.NOTES, data=st.data(), token=st.sampled_from([None, 1, 3]), command=st.booleans())
    def note_again(self, note: AnyNote, data: st.DataObject, token: int | None, command: bool) -> None:
        """An id that a note used, or a command, twice in a call: who says it now, and what, changes nothing."""
        used = [said.id for said, _ in self.pair.said[-20:]] if command else [said.id for said in self.pair.noted[-20:]]
        if used:
            noted = self.pair.noting(note, data.draw(st.sampled_from(used)))
            self.pair.note([noted, noted], token)

    @rule(count=st.integers(60, 120))
    def open_many_tasks(self, count: int) -> None:
        first = self.pair.model.world.seq
        self.pair.note([self.pair.noting(TaskOpened(task=f"{first}-{nth}", text="做")) for nth in range(count)])

    @rule(command=asking.TURNS, close=st.integers(0, 40))
    def turn(self, command: c.Command, close: int) -> None:
        self.say(c.SessionClose() if close == 0 else command)

    @rule(seconds=st.sampled_from([0.5, 1, 3, 12, 30, 61, 600, 5_400]))
    def wait(self, seconds: float) -> None:
        if self.pair.now + seconds * 1000 < self.started + LONGEST_MS:
            self.pair.wait(seconds)

    @rule(seconds=st.sampled_from([0, 6, 21, 35]))
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
