"""The audit: silent over a ledger that is right, whatever was done to it, and exact over one that is not."""

import json
import random
import threading
from collections.abc import Iterator
from typing import Any

import msgspec
import pytest

from overlaykit.board import Fold
from overlaykit.errors import StoreAway
from overlaykit.model.entries import ItemQuotas
from overlaykit.model.parsing import parse
from overlaykit.model.sessions import Channel, Drop, Incoming, Item, Location, SessionPlan, Threshold
from overlaykit.model.state import ShownUnits
from overlaykit.recording import disagreements
from overlaykit.stock import Auditor, OrderSums, StockEngine, Violation, check_items, check_orders, last_touch
from overlaykit.store import connect

pytestmark = pytest.mark.store
LOW = Threshold(share=0.2)
SKUS = ("A", "B", "P", "K")


def plan(ledger: str) -> SessionPlan:
    """Two places, two channels, a drop, a bundle of two A and one B, and P, whose units are still on their way."""

    def item(sku: str, **more: Any) -> Item:
        return Item(sku=sku, title=sku, low=LOW, critical=LOW, **{"opening": {}, **more})

    return SessionPlan(
        id=ledger,
        ledger=ledger,
        title="稽核",
        split=True,
        items=(
            item("A", opening={"hz": 60, "gz": 30}, buyer_limit=5),
            item("B", opening={"hz": 40}),
            item("P", incoming={"hz": Incoming(quantity=50, due="2027-01-01")}),
            item("K", bundle={"A": 2, "B": 1}),
        ),
        locations=(
            Location(name="hz", title="杭州", serves=("CN",)),
            Location(name="gz", title="广州", serves=("CN", "US")),
        ),
        channels=(Channel(name="mini", title="小程序"), Channel(name="douyin", title="抖音", sells="by_itself")),
        drops=(Drop(name="d", sku="A", quantity=10),),
    )


class Life:
    """Does whatever can be done, at random, with a seed."""

    def __init__(self, engine: StockEngine, seed: int) -> None:
        self.engine, self.dice, self._count = engine, random.Random(seed), 0
        self._seed = seed

    def send(self, type: str, **fields: object) -> dict[str, Any]:
        self._count += 1
        text = json.dumps({"type": type, "id": f"{self._seed}-{self._count}", **fields}).encode()
        found: dict[str, Any] = json.loads(self.engine.submit([parse(text, "api:life")])[0])
        return found

    def begin(self) -> None:
        self.send("session.open")
        self.send("item.mode", sku="P", mode="presale", ship_by="2027-01-10")
        self.send("allotment.set", sku="A", channel="douyin", quantity=20)
        self.send("drop.release", drop="d")

    def live(self, steps: int) -> None:
        for _ in range(steps):
            self.step()

    def step(self) -> None:
        dice = self.dice
        order, sku = f"o-{dice.randrange(40)}", dice.choice(SKUS)
        place = dice.choice(("hz", "gz"))
        line: dict[str, object] = {"sku": sku, "quantity": dice.randrange(1, 6)}
        if sku == "A" and dice.random() < 0.3:
            line["drop"] = "d"
        lines = [line] if dice.random() < 0.7 else [line, {"sku": dice.choice(SKUS), "quantity": 1}]
        channel = dice.choice(("mini", "douyin"))
        part = {"lines": [{"sku": sku, "quantity": dice.randrange(1, 3)}]} if dice.random() < 0.5 else {}
        fact = {"fact": True} if dice.random() < 0.5 else {}
        match dice.randrange(10):
            case 0 | 1 | 2:
                hold = {"hold_seconds": 0.01} if dice.random() < 0.3 else {}
                buyer = f"b-{dice.randrange(5)}"
                self.send("order.reserve", order=order, channel=channel, buyer=buyer, lines=lines, **hold)
            case 3 | 4:
                paid = dice.random() < 0.7
                self.send("order.record", order=order, channel=channel, lines=lines, paid=paid)
            case 5:
                self.send("order.commit", order=order, **fact)
            case 6:
                self.send("order.release", order=order, **part, **fact)
            case 7:
                self.send("order.ship", order=order, **part, **fact)
            case 8:
                self.send("order.refund", order=order, restock=dice.random() < 0.5, **part, **fact)
            case _:
                self.warehouse(dice.choice("ABP"), place)

    def warehouse(self, sku: str, place: str) -> None:
        dice = self.dice
        match dice.randrange(5):
            case 0:
                self.send("stock.adjust", sku=sku, location=place, delta=dice.randrange(-3, 9) or 1, reason="盘点")
            case 1:
                few = dice.randrange(1, 8)
                self.send(
                    "stock.transfer", sku=sku, location=place, quantity=few, **{"from": "incoming", "to": "available"}
                )
            case 2:
                self.send("stock.count", sku=sku, location=place, quantity=dice.randrange(1, 30), basis="available")
            case 3:
                wanted = dice.choice((None, 5, 25))
                self.send("allotment.set", sku=sku, channel=dice.choice(("mini", "douyin")), quantity=wanted)
            case _:
                self.engine.sweep()


@pytest.fixture
def life(any_store: Any, ledger: str) -> Iterator[Life]:
    with connect(any_store.url) as client:
        engine = StockEngine(client, ledger)
        engine.plan(plan(ledger))
        found = Life(engine, 1)
        found.begin()
        yield found


def audit(auditor: Auditor) -> list[str]:
    summed = auditor.sum_orders()
    units = {sku: item.units for sku, item in summed.state.items.items()}
    wrong = [*check_items(units), *check_orders(units, summed.sums, retired=summed.retired, moving=summed.moving)]
    fold = Fold.from_first_entry(next(auditor.lines(0, 1)))
    for line in auditor.lines(1, summed.state.seq):
        fold.apply(line)
    return [
        *map(str, wrong),
        *auditor.problems_of_ledger(),
        *(f"{a}: {b}" for a, b in disagreements(fold, summed.state)),
    ]


@pytest.mark.parametrize("seed", range(4))
def test_a_ledger_that_only_overlaykit_wrote_has_nothing_wrong(life: Life, any_store: Any, seed: int) -> None:
    life.dice.seed(seed)
    life.live(300)
    with connect(any_store.url) as client:
        assert audit(Auditor(client, life.engine.ledger)) == []


def test_orders_that_change_while_they_are_read_are_read_again(life: Life, any_store: Any) -> None:
    life.live(100)
    busy = threading.Event()

    def go_on() -> None:
        with connect(any_store.url) as client:
            other = Life(StockEngine(client, life.engine.ledger), 2)
            while not busy.is_set():
                other.step()

    worker = threading.Thread(target=go_on)
    worker.start()
    try:
        with connect(any_store.url) as client:
            for _ in range(5):
                assert audit(Auditor(client, life.engine.ledger)) == []
    finally:
        busy.set()
        worker.join()


def change_row(life: Life, client: Any, sku: str, place: str, column: int, delta: int) -> None:
    """Somebody at the store, behind overlaykit's back."""
    key = f"overlaykit:{{{life.engine.ledger}}}:items"
    packed = msgspec.msgpack.decode(client.hget(key, sku))
    packed[2][place][column] += delta
    client.hset(key, sku, msgspec.msgpack.encode(packed))


def test_a_number_changed_behind_our_back_is_found_and_its_last_entry_named(life: Life, any_store: Any) -> None:
    with connect(any_store.url) as client:
        auditor = Auditor(client, life.engine.ledger)
        life.send("order.record", order="x", channel="mini", paid=True, lines=[{"sku": "B", "quantity": 3}])
        last = life.send("stock.adjust", sku="A", location="hz", delta=1, reason="found")
        life.send("stock.adjust", sku="A", location="gz", delta=1, reason="found")

        change_row(life, client, "B", "hz", 3, -1)  # committed, without on_hand
        change_row(life, client, "A", "hz", 1, 7)

        found = audit(auditor)
        assert "B at hz: on_hand is 40, must be 39, the sum of available, held, committed, buffer, damaged" in found
        assert "B at hz: committed is 2, must be 3, what orders have of it" in found
        assert any(text.startswith("A at hz: on_hand") for text in found)
        assert any("the row at hz is" in text and text.startswith("A") for text in found)
        touch = last_touch(auditor.lines_back(life.engine.state().seq), "A", "hz")
        assert touch is not None
        assert touch.seq == last["seq"]
        assert str(touch).startswith(f"entry {last['seq']} (stock.adjust, id 1-")


def test_bundles_that_were_sold_may_exceed_the_orders_that_are_still_there() -> None:
    units = ShownUnits({"hz": [0, 0, 0, 0, 0, 0, 0, 5, 5, 0, 0]}, 0, ItemQuotas(channels={"mini": (9, 5)}), (0, 2))
    assert check_orders({"A": units}, OrderSums(), retired=True) == []
    assert check_orders({"A": units}, OrderSums(), retired=False) == [
        Violation("A", "", "bundles sold", 2, "0, what orders have of it")
    ]


def test_figures_say_what_an_order_takes_and_how_long_the_memory_lasts(life: Life, any_store: Any) -> None:
    life.live(300)
    with connect(any_store.url) as client:
        figures = Auditor(client, life.engine.ledger).figures()
        assert figures.orders == client.hlen(f"overlaykit:{{{life.engine.ledger}}}:orders") > 0
        assert figures.entries == life.engine.state().seq
        assert figures.bytes_per_order == figures.bytes / figures.orders > 100
        assert 0 < figures.entries_per_second <= figures.entries
        assert figures.hours_left is not None
        assert figures.hours_left > 0
        assert figures.memory_left > 0


def test_an_audit_of_a_store_that_is_away_says_so(new_store: Any, ledger: str) -> None:
    store = new_store()
    with connect(store.url) as client:
        StockEngine(client, ledger).plan(plan(ledger))
        store.kill()
        with pytest.raises(StoreAway):
            Auditor(client, ledger).sum_orders()
