"""Ledgers on a real store, with a clock that the test turns."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from typing import TYPE_CHECKING, Any

import pytest

from overlaykit.model.sessions import Channel, Countdown, Item, Location, SessionPlan, Threshold
from overlaykit.stock import StockEngine
from tests.conftest import StoreServer

if TYPE_CHECKING:
    from tests.engine.scene import Scene

pytest.register_assert_rewrite("tests.engine.pair", "tests.engine.scene")

START_MS = 1_790_000_000_000


def make_plan(ledger: str, *, split: bool = False, opening: int = 20) -> SessionPlan:
    """Three skus over two locations: `A` in both, `B` in the first with a buffer, `C` nowhere yet."""
    low, critical = Threshold(share=0.5), Threshold(units=2)
    return SessionPlan(
        id=ledger,
        ledger=ledger,
        title="测试场",
        hold_seconds=60,
        split=split,
        items=(
            Item(
                sku="A",
                link=1,
                product="p",
                title="甲",
                opening={"hz": opening, "gz": opening // 2},
                low=low,
                critical=critical,
            ),
            Item(
                sku="B",
                link=2,
                product="p",
                title='乙 "/" \\',
                opening={"hz": 6},
                buffer={"hz": 2},
                low=low,
                critical=critical,
            ),
            Item(sku="C", link=3, title="丙", opening={}, low=low, critical=critical),
        ),
        locations=(
            Location(name="hz", title="杭州仓", serves=("east",)),
            Location(name="gz", title="广州仓", serves=("south", "east")),
        ),
        channels=(Channel(name="mini", title="小程序"),),
        countdowns=(Countdown(name="coupon", sku="A", seconds=30.0),),
    )


@pytest.fixture
def planned(store: StoreServer) -> Callable[[SessionPlan], StockEngine]:
    """A StockEngine on a new ledger with this plan."""
    from overlaykit.store import connect

    def make(plan: SessionPlan) -> StockEngine:
        engine = StockEngine(connect(store.url), plan.ledger)
        engine.plan(plan)
        return engine

    return make


@pytest.fixture
def scene(store: StoreServer, ledger: str) -> Iterator[Callable[..., Scene]]:
    """Makes rooms of the evening's plan that are open: `scene()`, `scene(drops=DROPS, split=True, opening=5)`. At the end
    the ledger is replayed."""
    with scenes(store.url, ledger) as make:
        yield make


@contextmanager
def scenes(url: str, ledger: str) -> Iterator[Callable[..., Scene]]:
    """The same for whoever runs stories without pytest."""
    from tests.engine.evening import make_evening
    from tests.engine.scene import Scene

    made: list[Scene] = []

    def make(*, opened: bool = True, **options: Any) -> Scene:
        options.setdefault("drops", ())
        made.append(Scene(url, make_evening(f"{ledger}-{len(made)}", **options)))
        return made[-1].open() if opened else made[-1]

    try:
        yield make
        for each in made:
            each.check_replay()
    finally:
        for each in made:
            each.close()
