"""What a board shows: states by threshold, each audience its own numbers, a freeze, merged changes."""

from __future__ import annotations

import json
import secrets
from collections.abc import Callable

import msgspec
import pytest
from msgspec import UNSET

from overlaykit.board import BoardView, Fold
from overlaykit.board.fold import OutOfOrder
from overlaykit.board.types import StockRow
from overlaykit.errors import NotFound
from overlaykit.model.entries import STOCK_COLUMNS
from overlaykit.model.parsing import parse
from overlaykit.stock import StockEngine
from overlaykit.store import connect
from tests.conftest import StoreServer
from tests.engine.evening import make_plan

pytestmark = pytest.mark.store


class Stage:
    """A ledger, and a fold that follows it."""

    def __init__(self, url: str, ledger: str) -> None:
        self.engine = StockEngine(connect(url), ledger)
        self.engine.plan(make_plan(ledger))
        self.fold = Fold.from_first_entry(self.engine.read(0)[0][1])

    def send(self, **fields: object) -> None:
        self.engine.submit([parse(json.dumps(fields).encode(), "api:test")])
        for _, line in self.engine.read(self.fold.seq):
            self.fold.apply(line)

    def sell(self, units: int, sku: str = "A", **line: object) -> None:
        lines = [{"sku": sku, "quantity": units, **line}]
        self.send(type="order.record", order=secrets.token_hex(4), channel="mini", paid=True, lines=lines)


@pytest.fixture
def stage(store: StoreServer, ledger: str) -> Stage:
    return Stage(store.url, ledger)


@pytest.fixture
def item(stage: Stage) -> Callable[..., object]:
    view = BoardView(stage.fold)
    return lambda field, sku="A": getattr(view.board().items[sku], field)


def test_the_state_follows_what_is_left(stage: Stage, item: Callable[..., object]) -> None:
    assert (item("state"), item("heat")) == ("upcoming", "grey")
    stage.send(type="session.open")
    assert (item("state"), item("heat"), item("available"), item("opening")) == ("on_sale", "green", 30, 30)
    stage.sell(15)
    assert (item("state"), item("heat"), item("remaining")) == ("low", "yellow", 0.5)
    stage.sell(13)
    assert (item("state"), item("heat"), item("sold")) == ("critical", "red", 28)
    stage.sell(5)
    assert (item("state"), item("available"), item("oversold"), item("sold")) == ("sold_out", 0, 3, 30)
    stage.send(type="stock.adjust", sku="A", location="hz", delta=100, reason="补货")
    assert (item("state"), item("available"), item("opening"), item("oversold")) == ("on_sale", 97, 130, 0)
    stage.send(type="item.close", sku="A")
    assert (item("state"), item("heat")) == ("closed", "grey")


def test_each_region_sees_what_it_can_buy(stage: Stage) -> None:
    stage.send(type="session.open")
    stage.sell(20, location="hz")
    south = BoardView(stage.fold, region="south").board().items["A"]
    everywhere = BoardView(stage.fold).board().items["A"]
    assert (south.available, south.opening, south.state) == (10, 10, "on_sale")
    assert (everywhere.available, everywhere.state) == (10, "low")
    assert everywhere.regions == {"east": 10, "south": 10}
    with pytest.raises(NotFound, match="south"):
        BoardView(stage.fold, region="mars")
    with pytest.raises(NotFound, match="mini"):
        BoardView(stage.fold, channel="nowhere")


def test_a_freeze_keeps_the_numbers_while_orders_count(stage: Stage, item: Callable[..., object]) -> None:
    stage.send(type="session.open")
    stage.sell(1)
    stage.send(type="session.freeze")
    stage.sell(20)
    assert (item("available"), item("state")) == (29, "on_sale")
    assert BoardView(stage.fold).board().session.status == "frozen"
    late = BoardView(Fold.from_state(stage.engine.state())).board().items["A"]
    assert late.available == 29
    assert sum(row.available for row in BoardView(stage.fold).desk()["A"].locations.values()) == 9
    stage.send(type="session.thaw")
    assert (item("available"), item("state")) == (9, "low")


def test_on_air_by_link_is_the_first_variant_that_can_still_be_bought(stage: Stage) -> None:
    stage.send(type="session.open")
    stage.send(type="item.feature", product="p")
    view = BoardView(stage.fold)
    assert (view.board().on_air, view.board().on_air_product) == ("A", "p")
    assert [sku for sku, item in view.board().items.items() if item.on_air] == ["A", "B"]
    stage.sell(40)
    assert view.board().on_air == "B"
    stage.send(type="item.feature", sku="C", channel="mini")
    assert view.board().on_air == "B"
    assert BoardView(stage.fold, channel="mini").board().on_air == "C"
    stage.send(type="item.feature", sku=None)
    assert view.board().on_air is None


def test_a_countdown_belongs_to_its_item(stage: Stage, item: Callable[..., object]) -> None:
    stage.send(type="session.open")
    board = BoardView(stage.fold).board()
    assert board.countdowns["coupon"].sku == "A"
    assert item("countdown").ends_at == board.countdowns["coupon"].ends_at  # type: ignore[attr-defined]
    stage.send(type="countdown.set", name="coupon", ends_at=None)
    assert item("countdown") is None


def test_announcements_come_and_go(stage: Stage) -> None:
    view = BoardView(stage.fold)
    stage.send(type="announce.show", id="a", text="第一条")
    stage.send(type="announce.show", id="b", text="第二条", level="urgent", seconds=30)
    assert [(each.id, each.text, each.level) for each in view.board().announcements] == [
        ("a", "第一条", "info"),
        ("b", "第二条", "urgent"),
    ]
    stage.send(type="announce.show", id="c", text="第一条", seconds=30)
    stage.send(type="announce.show", id="d", text="第一条", level="urgent")
    assert [each.id for each in view.board().announcements] == ["b", "c", "d"], "what is said again is there once"
    assert Fold.from_state(stage.engine.state()).announcements == stage.fold.announcements
    stage.send(type="announce.clear", announcement="c")
    assert [each.id for each in view.board().announcements] == ["b", "d"]
    stage.send(type="announce.clear")
    assert view.board().announcements == []


def test_changes_are_merged_and_absolute(stage: Stage) -> None:
    stage.send(type="session.open")
    view = BoardView(stage.fold)
    seq = stage.fold.seq
    stage.sell(1)
    stage.sell(2)
    change = view.changes_after(seq)
    assert change is not None
    assert (change.from_seq, change.seq, list(change.items)) == (seq, seq + 2, ["A"])
    assert change.items["A"].available == 27
    assert change.session is UNSET
    assert change.countdowns is UNSET
    nothing = view.changes_after(stage.fold.seq)
    assert nothing is not None
    assert nothing.items == {}
    assert view.changes_after(0) is None
    assert view.changes_after(stage.fold.seq + 1) is None


def test_items_that_did_not_change_are_the_same_objects(stage: Stage) -> None:
    stage.send(type="session.open")
    view = BoardView(stage.fold)
    before = view.board()
    stage.sell(1)
    after = view.board()
    assert after.items["B"] is before.items["B"]
    assert after.items["A"] is not before.items["A"]
    assert (before.items["A"].available, after.items["A"].available) == (30, 29), "a board stays as it was"


def test_the_rows_of_the_desk_are_those_of_the_store(stage: Stage) -> None:
    assert StockRow.__struct_fields__ == STOCK_COLUMNS
    row = BoardView(stage.fold).desk()["A"].locations["hz"]
    assert list(msgspec.to_builtins(row).values()) == stage.fold.items["A"].rows["hz"]


def test_a_fold_takes_entries_only_in_order(stage: Stage) -> None:
    stage.send(type="session.open")
    with pytest.raises(OutOfOrder):
        stage.fold.apply(stage.engine.read(1)[0][1])
    with pytest.raises(OutOfOrder):
        Fold.from_first_entry(stage.engine.read(1)[0][1])
