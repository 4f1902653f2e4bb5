"""Random commands that get into each other's way: few units, few orders at a time, short holds."""

from __future__ import annotations

import random
import threading

from overlaykit.model import commands as c
from overlaykit.model import fields
from overlaykit.model.outcomes import Outcome
from overlaykit.model.sessions import Channel, Drop, Item, Location, SessionPlan, Threshold

SKUS = ("A", "A", "A", "B", "B", "C")
ORDERS_ALIVE = 40
"""Orders that are talked about at the same time."""
STRANGE = 0.15
"""Share of the commands that name an order of which nobody knows."""


def history_plan(ledger: str, *, quotas: bool) -> SessionPlan:
    """Two warehouses, three items and a bundle of two of them; with `quotas`, two drops as well."""
    low, critical = Threshold(share=0.5), Threshold(units=2)
    return SessionPlan(
        id=ledger,
        ledger=ledger,
        title="测试场",
        hold_seconds=0.5,
        split=True,
        items=(
            Item(sku="A", title="甲", opening={"hz": 60, "gz": 40}, low=low, critical=critical),
            Item(sku="B", title="乙", opening={"hz": 20}, buffer={"hz": 5}, low=low, critical=critical, buyer_limit=40),
            Item(sku="C", title="丙", opening={}, low=low, critical=critical),
            Item(sku="AB", title="甲乙", opening={}, bundle={"A": 2, "B": 1}, low=low, critical=critical),
        ),
        locations=(
            Location(name="hz", title="杭州仓", serves=("east",)),
            Location(name="gz", title="广州仓", serves=("south", "east")),
        ),
        channels=(Channel(name="mini", title="小程序"), Channel(name="douyin", title="抖音", sells="by_itself")),
        drops=(Drop(name="first", sku="A", quantity=30), Drop(name="second", sku="B", quantity=10)) if quotas else (),
    )


class Dealer:
    """Deals commands to all clients of a history. `quotas`: allotments and drops too."""

    def __init__(self, seed: int, *, quotas: bool) -> None:
        self._dice = random.Random(seed)
        self._quotas = quotas
        self._orders = 0
        self._alive: list[str] = []
        self._waiting: list[int] = []
        self._aside: list[int] = []
        self._lock = threading.Lock()
        self._kinds, self._weights = zip(*self._shares().items(), strict=True)

    def deal(self) -> c.Command:
        """The next command."""
        with self._lock:
            command: c.Command = self._dice.choices(self._kinds, self._weights)[0]()
            return command

    def note(self, command: c.Command, outcome: Outcome) -> None:
        """An answer: orders taken, readings that wait and facts put aside are talked about later."""
        if isinstance(command, c.OrderReserve | c.OrderRecord) and outcome.status == "accepted":
            self._alive = [*self._alive[1 - ORDERS_ALIVE :], command.order]
        if outcome.unconfirmed and outcome.seq:
            self._waiting = [*self._waiting[-5:], outcome.seq]
        if outcome.quarantined and outcome.seq:
            self._aside = [*self._aside[-5:], outcome.seq]

    def _shares(self) -> dict[object, int]:
        shares: dict[object, int] = {
            self._reserve: 30,
            self._record: 10,
            lambda: c.OrderCommit(order=self._order(), fact=self._now_and_then()): 18,
            lambda: c.OrderRelease(order=self._order(), lines=self._parts(), fact=self._now_and_then()): 10,
            lambda: c.OrderShip(order=self._order(), lines=self._parts(), fact=self._now_and_then()): 6,
            lambda: c.OrderRefund(
                order=self._order(), lines=self._parts(), restock=self._dice.random() < 0.7, fact=self._now_and_then()
            ): 6,
            self._count: 4,
            self._adjust: 7,
            self._transfer: 4,
            lambda: c.StockConfirm(reading=self._of(self._waiting), accept=self._dice.random() < 0.7): 1,
            lambda: c.QuarantineDrop(entry=self._of(self._aside)): 1,
            self._sale: 2,
        }
        if self._quotas:
            shares[
                lambda: c.AllotmentSet(
                    sku=self._dice.choice("AB"),
                    channel=self._dice.choice(("mini", "douyin")),
                    quantity=self._dice.choice((None, 0, 5, 10, 20)),
                )
            ] = 3
            shares[lambda: c.DropRelease(drop=self._drop())] = 1
            shares[lambda: c.DropClose(drop=self._drop())] = 0.05  # type: ignore[assignment]
        return shares

    def _reserve(self) -> c.Command:
        return c.OrderReserve(
            order=self._new_order(),
            channel=self._dice.choice((None, None, "mini", "douyin")),
            buyer=f"buyer-{self._dice.randint(1, 5)}",
            lines=self._lines(self._quotas),
            hold_seconds=self._dice.choice((None, 0.02, 0.02, 0.2, 60.0)),
        )

    def _record(self) -> c.Command:
        order = self._new_order() if self._dice.random() < 0.6 else self._order()
        channel = self._dice.choice(("douyin", "douyin", "douyin", "mini", None))
        return c.OrderRecord(order=order, channel=channel, lines=self._lines(False), paid=self._dice.random() < 0.6)

    def _count(self) -> c.Command:
        return c.StockCount(
            sku=self._dice.choice(SKUS),
            location=self._dice.choice(("hz", "gz")),
            quantity=self._dice.choice((0, 10, 40, 60)),
            basis=self._dice.choice(list(c.Basis)),
            includes_open_orders=self._dice.random() < 0.5,
            expected=self._dice.choice((None, None, self._dice.randint(0, 30))),
            jump=self._dice.choice((None, None, 0.5)),
        )

    def _adjust(self) -> c.Command:
        return c.StockAdjust(
            sku=self._dice.choice(SKUS),
            location=self._dice.choice(("hz", "gz")),
            bucket=self._dice.choice(list(c.Bucket)),
            delta=self._dice.choice((-8, -3, -1, 1, 4, 12)),
            reason="测试",
        )

    def _transfer(self) -> c.Command:
        source, target = self._dice.choice(
            (
                ("available", "damaged"),
                ("buffer", "available"),
                ("incoming", "available"),
                ("location:hz", "location:gz"),
                ("location:gz", "location:hz"),
            )
        )
        place = None if ":" in source else self._dice.choice(("hz", "gz"))
        return c.StockTransfer(
            sku=self._dice.choice(SKUS), quantity=self._dice.randint(1, 6), from_=source, to=target, location=place
        )

    def _sale(self) -> c.Command:
        sku = self._dice.choice(("A", "B", "C", "AB"))
        return c.ItemOpen(sku=sku) if self._dice.random() < 0.93 else c.ItemClose(sku=sku)

    def _lines(self, drops: bool) -> tuple[fields.Line, ...]:
        def line() -> fields.Line:
            sku = self._dice.choice((*SKUS, "AB"))
            place = self._dice.choice((None, None, None, "hz", "gz"))
            region = self._dice.choice((None, None, "east", "south")) if place is None else None
            drop = {"A": "first", "B": "second"}.get(sku) if drops and self._dice.random() < 0.3 else None
            return fields.Line(sku=sku, quantity=self._dice.randint(1, 4), location=place, region=region, drop=drop)

        return tuple(line() for _ in range(self._dice.choice((1, 1, 1, 2, 3))))

    def _parts(self) -> tuple[fields.Part, ...] | None:
        if self._dice.random() < 0.6:
            return None
        return (fields.Part(sku=self._dice.choice((*SKUS, "AB")), quantity=self._dice.randint(1, 3)),)

    def _new_order(self) -> str:
        """Now and then one that somebody else is just making, too, or that has been spoken of before."""
        self._orders += self._dice.random() < 0.9
        return f"o{self._orders}"

    def _order(self) -> str:
        if not self._alive or self._dice.random() < STRANGE:
            return f"o{self._orders + self._dice.randint(1, 5)}"
        return self._dice.choice(self._alive)

    def _drop(self) -> str:
        return self._dice.choice(("first", "second"))

    def _now_and_then(self) -> bool:
        return self._dice.random() < 0.15

    def _of(self, seqs: list[int]) -> int:
        return self._dice.choice(seqs or [1])
