"""A pair with short words for stories: `scene.reserve("o1", "A 3@hz", "B 1")` says a line of A from hz and one of B.

A line is `SKU UNITS`, then at will `@LOCATION`, `/REGION`, `!DROP`. Every word gives the Outcome; `reason` makes it short.
"""

from __future__ import annotations

import re
from typing import Any

from overlaykit.model import commands as c
from overlaykit.model import fields
from overlaykit.model.entries import STOCK_COLUMNS
from overlaykit.model.notes import AnyNote, NoteAnswer
from overlaykit.model.outcomes import Outcome
from tests.engine.pair import Line, Pair

_LINE = re.compile(r"(\w+) (\d+)(?:@(\w+))?(?:/(\w+))?(?:!(\w+))?")


def line(text: str) -> fields.Line:
    found = _LINE.fullmatch(text)
    assert found is not None, text
    sku, units, location, region, drop = found.groups()
    return fields.Line(sku, int(units), location=location, region=region, drop=drop)


def parts(texts: tuple[str, ...]) -> tuple[fields.Part, ...] | None:
    return tuple(fields.Part(each.sku, each.quantity) for each in map(line, texts)) or None


def reason(outcome: Outcome) -> str:
    """Why it was refused, else its status."""
    return outcome.reason or outcome.status


class Scene(Pair):
    """After each word everything is compared and checked."""

    def one(self, command: c.Command, id: str | None = None) -> Outcome:
        outcome = self.submit([self.submission(command, id)])[0]
        self.check()
        return outcome

    # Words

    def open(self) -> Scene:
        assert self.one(c.SessionOpen()).status == "accepted"
        return self

    def reserve(self, order: str, *lines: str, **more: Any) -> Outcome:
        return self.one(self.reserving(order, *lines, **more))

    def reserving(self, order: str, *lines: str, **more: Any) -> c.OrderReserve:
        return c.OrderReserve(order=order, lines=tuple(map(line, lines)), **more)

    def record(self, order: str, *lines: str, paid: bool = True, **more: Any) -> Outcome:
        return self.one(c.OrderRecord(order=order, lines=tuple(map(line, lines)), paid=paid, **more))

    def commit(self, order: str, *, fact: bool = False) -> Outcome:
        return self.one(c.OrderCommit(order=order, fact=fact))

    def release(self, order: str, *lines: str, fact: bool = False) -> Outcome:
        return self.one(c.OrderRelease(order=order, lines=parts(lines), fact=fact))

    def ship(self, order: str, *lines: str, fact: bool = False) -> Outcome:
        return self.one(c.OrderShip(order=order, lines=parts(lines), fact=fact))

    def refund(self, order: str, *lines: str, restock: bool = True, fact: bool = False) -> Outcome:
        return self.one(c.OrderRefund(order=order, lines=parts(lines), restock=restock, fact=fact))

    def buy(self, order: str, *lines: str, **more: Any) -> None:
        """Reserved and paid."""
        assert reason(self.reserve(order, *lines, **more)) == "accepted"
        assert reason(self.commit(order)) == "accepted"

    def adjust(self, sku: str, place: str | None, delta: int, bucket: str = "available", **more: Any) -> Outcome:
        return self.one(
            c.StockAdjust(sku=sku, location=place, bucket=c.Bucket(bucket), delta=delta, reason="测试", **more)
        )

    def transfer(self, sku: str, units: int, source: str, target: str, place: str | None = None) -> Outcome:
        return self.one(c.StockTransfer(sku=sku, quantity=units, from_=source, to=target, location=place))

    def count(self, sku: str, place: str | None, units: int, basis: str = "available", **more: Any) -> Outcome:
        return self.one(c.StockCount(sku=sku, location=place, quantity=units, basis=c.Basis(basis), **more))

    def allot(self, sku: str, channel: str, units: int | None) -> Outcome:
        return self.one(c.AllotmentSet(sku=sku, channel=channel, quantity=units))

    def tell(
        self, note: AnyNote, id: str | None = None, token: int | None = None, cause: int | None = None
    ) -> NoteAnswer:
        answer = self.note([self.noting(note, id, cause)], token)[0]
        self.check()
        return answer

    def sweep_after(self, seconds: float) -> list[str]:
        self.wait(seconds)
        types = self.sweep()
        self.check()
        return types

    # Looking

    def row(self, sku: str, place: str) -> dict[str, int]:
        """Column → units, the columns that are not 0."""
        row = self.state.items[sku].units.rows.get(place, [])
        return {name: units for name, units in zip(STOCK_COLUMNS, row, strict=False) if units}

    def column(self, sku: str, name: str) -> dict[str, int]:
        """Location → units, where there are some."""
        index = STOCK_COLUMNS.index(name)
        return {place: row[index] for place, row in self.state.items[sku].units.rows.items() if row[index]}

    def available(self, sku: str) -> int:
        return sum(self.column(sku, "available").values())

    def owed(self, sku: str) -> int:
        return self.state.items[sku].units.owed

    def allotment(self, sku: str, channel: str) -> tuple[int | None, int]:
        """Allotted and used."""
        allotted, used = self.state.items[sku].units.quotas.channels[channel]
        return allotted, used

    def drop(self, sku: str, name: str) -> tuple[int, int, int, str]:
        """Allotted, used, sold, status."""
        allotted, used, sold, status = self.state.items[sku].units.quotas.drops[name]
        return allotted, used, sold, status

    def bundles(self, sku: str) -> tuple[int, int]:
        """Held, sold."""
        held, sold = self.state.items[sku].units.bundles
        return held, sold

    def last(self, type: str) -> Line:
        """The last entry of a type."""
        return next(line for line in reversed(self.lines) if line.type == type)

    def count_of(self, type: str) -> int:
        return sum(line.type == type for line in self.lines)
