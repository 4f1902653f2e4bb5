"""Small ledgers and orders of one unit, for tests that break what lies below them."""

from __future__ import annotations

import json
from collections import Counter
from collections.abc import Sequence

from overlaykit.model import commands as c
from overlaykit.model import fields
from overlaykit.model.commands import Submission
from overlaykit.model.sessions import Channel, Item, Location, SessionPlan, Threshold
from overlaykit.stock import StockEngine
from overlaykit.store import StoreClient

UNITS = 100_000


def plan(ledger: str, units: int = UNITS) -> SessionPlan:
    """One item `A` in one place."""
    item = Item(
        sku="A", title="羊绒大衣", opening={"main": units}, low=Threshold(share=0.5), critical=Threshold(units=2)
    )
    return SessionPlan(
        id=ledger,
        ledger=ledger,
        title="测试场",
        items=(item,),
        locations=(Location(name="main", title="主仓"),),
        channels=(Channel(name="mini", title="小程序"),),
    )


def started(client: StoreClient, ledger: str, units: int = UNITS) -> StockEngine:
    """An engine of a new ledger that is open: entries 1 and 2."""
    engine = StockEngine(client, ledger)
    engine.plan(plan(ledger, units))
    engine.submit([Submission("open", c.SessionOpen(), "api:test")])
    return engine


def order(number: int | str, *, hold_seconds: float | None = None) -> Submission:
    """A reserve of one unit, always with the same id for the same number."""
    reserve = c.OrderReserve(order=f"o{number}", lines=(fields.Line(sku="A", quantity=1),), hold_seconds=hold_seconds)
    return Submission(f"c{number}", reserve, "api:test")


def statuses(outcomes: Sequence[bytes]) -> list[str]:
    """What each outcome says first."""
    return [json.loads(each)["status"] for each in outcomes]


def check_ledger(engine: StockEngine) -> list[str]:
    """No gap, no id twice, and the numbers are those of the orders in it. Gives the ids that were accepted."""
    lines = [json.loads(line) for _, line in engine.read(0, count=1_000_000)]
    assert [line["seq"] for line in lines] == list(range(1, len(lines) + 1))
    ids = Counter(line["id"] for line in lines if line["source"] == "api:test")
    assert not ids or max(ids.values()) == 1
    accepted = [
        line["id"] for line in lines if line["type"] == "order.reserve" and line["outcome"]["status"] == "accepted"
    ]
    expired = sum(line["type"] == "hold.expired" for line in lines)
    state = engine.state()
    assert state.seq == len(lines)
    row = state.items["A"].units.rows["main"]
    assert row[2] == len(accepted) - expired
    assert row[0] == row[1] + row[2]
    return accepted
