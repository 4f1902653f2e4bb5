"""Boards folded from entries that the test writes by hand, one after the other."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import msgspec
import pytest

from overlaykit.board import BoardChange, BoardItem, BoardView, DeskItem, Fold
from overlaykit.model.sessions import Channel, Drop, Incoming, Item, Location, SessionPlan, Threshold

PLAN = SessionPlan(
    id="room",
    ledger="room",
    title="测试场",
    low=Threshold(share=0.5),
    critical=Threshold(units=2),
    items=(
        Item(
            sku="coat",
            link=1,
            product="winter",
            title="羊绒大衣",
            price="899.00",
            opening={"hz": 60, "gz": 40},
            low=Threshold(share=0.2),
            critical=Threshold(units=3),
        ),
        Item(
            sku="scarf",
            link=2,
            product="winter",
            title="羊毛围巾",
            opening={"hz": 50},
            incoming={"gz": Incoming(quantity=30, due="2026-12-01")},
            low=Threshold(share=0.2),
            critical=Threshold(units=3),
        ),
        Item(
            sku="set",
            link=3,
            title="大衣配两条围巾",
            opening={},
            bundle={"coat": 1, "scarf": 2},
            low=Threshold(share=0.2),
            critical=Threshold(units=3),
        ),
    ),
    locations=(
        Location(name="hz", title="杭州仓", serves=("east",)),
        Location(name="gz", title="广州仓", serves=("south",)),
    ),
    channels=(Channel(name="mini", title="小程序"), Channel(name="douyin", title="抖音")),
    drops=(
        Drop(name="first", sku="coat", quantity=20, price="799.00"),
        Drop(name="second", sku="coat", quantity=10),
    ),
)


def row(opening: int = 0, **columns: int) -> list[int]:
    """A stock row; on_hand is what the others make. Without a word about `available`, all of the opening is."""
    names = ("held", "committed", "buffer", "damaged")
    available = columns.get("available", opening)
    inside = [columns.get(name, 0) for name in names]
    outside = [columns.get("incoming", 0), columns.get("shipped", 0), opening]
    presold = [columns.get("presold_held", 0), columns.get("presold_committed", 0)]
    return [available + sum(inside), available, *inside, *outside, *presold]


class Story:
    """A ledger told entry by entry, and what its board says of it."""

    def __init__(self, plan: SessionPlan = PLAN) -> None:
        self.plan = plan
        self.fold = Fold.from_first_entry(self.line(1, "session.planned", msgspec.to_builtins(plan), {}))
        self.view = BoardView(self.fold)

    def write(self, type: str, data: dict[str, Any] | None = None, **outcome: Any) -> None:
        """The next entry: its data, and its outcome beyond `accepted`."""
        self.fold.apply(self.line(self.fold.seq + 1, type, data or {}, outcome))

    def stock(self, sku: str, **rows: list[int]) -> None:
        """An order that leaves these rows, by location."""
        self.write("order.record", stock={sku: rows})

    def item(self, sku: str, channel: str | None = None, region: str | None = None) -> BoardItem:
        found = BoardView(self.fold, channel=channel, region=region).item(sku)
        assert found is not None
        return found

    def desk(self, sku: str) -> DeskItem:
        return self.view.desk()[sku]

    def changes(self, seq: int) -> BoardChange:
        change = self.view.changes_after(seq)
        assert change is not None
        return change

    @staticmethod
    def line(seq: int, type: str, data: dict[str, Any], outcome: dict[str, Any]) -> bytes:
        """A ledger line."""
        entry = {
            "seq": seq,
            "at": "2026-11-11T12:00:00.000Z",
            "type": type,
            "id": f"c-{seq}",
            "source": "api:test",
            "data": data,
            "outcome": {"status": "accepted", **outcome},
        }
        return msgspec.json.encode(entry)


@pytest.fixture
def tell() -> Callable[..., Story]:
    """A new story; live unless `opened` is False."""

    def begin(plan: SessionPlan = PLAN, *, opened: bool = True) -> Story:
        story = Story(plan)
        if opened:
            story.write("session.open")
        return story

    return begin


@pytest.fixture
def story(tell: Callable[..., Story]) -> Story:
    return tell()
