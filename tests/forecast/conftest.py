"""An evening of one seller, told second by second, and what is forecast of it."""

from __future__ import annotations

from typing import Any

import pytest

from overlaykit.forecast import Forecast, Forecaster
from tests.board.conftest import Story, row


class Evening:
    """A session of a coat, a scarf, and a set of one coat and two scarves, one order after the other."""

    def __init__(self, *, coats: int = 1000, scarves: int = 1000, already_on: bool = False) -> None:
        self.story = Story()
        self._left = {"coat": coats, "scarf": scarves}
        self._sold = {"coat": 0, "scarf": 0}
        self._owed = {"coat": 0, "scarf": 0}
        self._sets = 0
        self.now = 0.0
        self.forecaster = Forecaster(self.story.fold, 0)
        for sku in self._left:
            self._count(sku)
        self.write("session.open")
        if already_on:
            self.forecaster = Forecaster(self.story.fold, 0)

    def write(self, type: str, data: dict[str, Any] | None = None, **outcome: Any) -> None:
        self.story.write(type, data, **outcome)
        self.forecaster.entry(round(self.now * 1000))

    def order(self, sku: str, units: int = 1) -> None:
        """A fact: what there is not is owed."""
        short = max(0, units - self._left[sku])
        self._left[sku] -= units - short
        self._sold[sku] += units - short
        self._owed[sku] += short
        self.write("order.record", stock=self._rows(sku), owed={sku: self._owed[sku]} if short else {})

    def order_set(self) -> None:
        self._sets += 1
        for sku, units in (("coat", 1), ("scarf", 2)):
            self._left[sku] -= units
            self._sold[sku] += units
        self.write("order.record", stock=self._rows("coat") | self._rows("scarf"), bundles={"set": [0, self._sets]})

    def give_back(self, sku: str, units: int, *, restock: bool = True) -> None:
        self._sold[sku] -= units
        self._left[sku] += units if restock else 0
        self.write("order.refund", stock=self._rows(sku))

    def supply(self, sku: str, units: int) -> None:
        self._left[sku] = units
        self._count(sku)

    def sell(self, sku: str, *, every: float, seconds: float, units: int = 1) -> None:
        """Orders come at an even pace for a time."""
        for _ in range(round(seconds / every)):
            self.now += every
            self.order(sku, units)

    def forecast(self, sku: str = "coat") -> Forecast:
        return self.forecaster.forecast(sku, round(self.now * 1000))

    def pace(self, sku: str = "coat") -> float | None:
        return self.forecast(sku).pace_per_minute

    def seconds_left(self, sku: str = "coat") -> float | None:
        """Until it is sold out."""
        end = self.forecast(sku).sells_out_at
        return None if end is None else end / 1000 - self.now

    def _count(self, sku: str) -> None:
        reading = {"sku": sku, "location": "hz", "quantity": self._left[sku], "basis": "available"}
        self.write("stock.count", reading, stock=self._rows(sku))

    def _rows(self, sku: str) -> dict[str, Any]:
        return {
            sku: {"hz": row(self._left[sku] + self._sold[sku], available=self._left[sku], committed=self._sold[sku])}
        }


@pytest.fixture
def evening() -> Evening:
    return Evening()
