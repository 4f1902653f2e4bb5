"""Ledgers on a real store, with a clock that the test turns."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from typing import TYPE_CHECKING, Any

import pytest

from overlaykit.model.sessions import SessionPlan
from overlaykit.stock import StockEngine
from overlaykit.store import connect
from tests.conftest import StoreServer
from tests.engine.evening import make_evening

if TYPE_CHECKING:
    from tests.engine.scene import Scene

pytest.register_assert_rewrite("tests.engine.pair", "tests.engine.scene")


@pytest.fixture
def planned(store: StoreServer) -> Callable[[SessionPlan], StockEngine]:
    """A StockEngine on a new ledger with this plan."""

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
