"""Two ways to one board: entry by entry, or from the store's full state. Whatever happened, both show the same, and so does
a client that was told changes alone."""

from __future__ import annotations

import json
import secrets
from typing import Any

import msgspec
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from msgspec import UNSET

from overlaykit.board import Board, BoardView, Fold
from overlaykit.errors import InvalidCommand
from overlaykit.model import notes as n
from overlaykit.model.entries import Entry
from overlaykit.model.notes import Noted
from overlaykit.model.parsing import parse
from overlaykit.model.sessions import Countdown, Drop
from overlaykit.stock import StockEngine
from overlaykit.stock.notes import encode_note
from overlaykit.store import connect
from tests.board.conftest import PLAN
from tests.conftest import StoreServer

pytestmark = pytest.mark.store

START_MS = 1_790_000_000_000
AUDIENCES: list[tuple[str | None, str | None]] = [
    (None, None),
    ("mini", None),
    ("douyin", None),
    (None, "south"),
    ("douyin", "east"),
]


class Client:
    """A client of the feed: it had one whole board, and merges what it is told."""

    def __init__(self, view: BoardView) -> None:
        self.view = view
        self.board = view.board()

    def catch_up(self) -> Board:
        change = self.view.changes_after(self.board.seq)
        assert change is not None
        mine = {name: getattr(self.board, name) for name in Board.__struct_fields__}
        mine["seq"] = change.seq
        mine["items"] = {**self.board.items, **change.items}
        if change.products is not UNSET:
            both = {**self.board.products, **change.products}
            mine["products"] = {name: product for name, product in both.items() if product is not None}
        for name in ("session", "on_air", "on_air_product", "order", "countdowns", "announcements"):
            if (value := getattr(change, name)) is not UNSET:
                mine[name] = value
        self.board = Board(**mine)
        return self.board


class Evening:
    """A ledger on a real store, its fold, and clients that follow."""

    def __init__(self, store: StoreServer) -> None:
        self.ledger = "evening-" + secrets.token_hex(6)
        self.engine = StockEngine(connect(store.url), self.ledger)
        self.now = START_MS
        plan = msgspec.structs.replace(
            PLAN,
            id=self.ledger,
            ledger=self.ledger,
            hold_seconds=60.0,
            split=True,
            locations=tuple(msgspec.structs.replace(each, source=f"wms-{each.name}") for each in PLAN.locations),
            countdowns=(Countdown(name="coupon", sku="coat", seconds=30.0),),
            drops=(
                *PLAN.drops,
                Drop(name="timed", sku="scarf", quantity=5, opens_at="2026-09-21T14:14:00.000Z", closes_after=40.0),
            ),
        )
        self.engine.plan(plan)
        self.fold = Fold.from_first_entry(self.engine.read(0)[0][1])
        self.clients = [Client(BoardView(self.fold, channel=channel, region=region)) for channel, region in AUDIENCES]
        self.seen: set[str] = set()
        self.sent = 0

    def send(self, type: str, **fields: Any) -> None:
        self.sent += 1
        text = json.dumps({"type": type, "id": f"c-{self.sent}", **fields}).encode()
        self.engine.submit([parse(text, "api:test")], now_ms=self.now)

    def note(self, note: n.AnyNote) -> None:
        self.sent += 1
        self.engine.decide([encode_note(Noted(f"n-{self.sent}", note, "clock"), None)], now_ms=self.now)

    def pass_time(self, ms: int) -> None:
        self.now += ms
        self.engine.sweep(now_ms=self.now)

    def take(self, step: dict[str, Any]) -> bool:
        """A step of COMMANDS; whether it made sense."""
        try:
            if "note" in step:
                self.note(step["note"])
            elif "pass" in step:
                self.pass_time(step["pass"])
            else:
                self.send(**step)
        except InvalidCommand:
            return False
        return True

    def compare(self) -> None:
        """Reads on, and holds everything against the full state."""
        for _, line in self.engine.read(self.fold.seq):
            entry = msgspec.json.decode(line, type=Entry)
            if entry.outcome.status == "accepted":
                self.seen.add(entry.type)
            self.fold.apply(line)
        fold = Fold.from_state(self.engine.state())
        for client, (channel, region) in zip(self.clients, AUDIENCES, strict=True):
            held, told = BoardView(fold, channel=channel, region=region), client.view
            board = told.board()
            for sku, item in held.board().items.items():
                assert told.item(sku) == item
            assert board == held.board()
            assert client.catch_up() == board
            assert (list(board.items), board.order) == ([*held.board().items], [*self.fold.items])
            assert list(board.countdowns) == list(held.board().countdowns)
            for item in board.items.values():
                assert 0 <= item.available <= item.opening
                assert 0 <= item.remaining <= 1
        assert self.clients[0].view.desk() == BoardView(fold).desk()
        assert self.clients[0].view.direction() == BoardView(fold).direction()
        assert (self.fold.plan, self.fold.suspended, self.fold.look) == (fold.plan, fold.suspended, fold.look)


def test_a_whole_evening(store: StoreServer) -> None:
    evening = Evening(store)

    def send(type: str, **fields: Any) -> None:
        evening.send(type, **fields)
        evening.compare()

    def buy(order: str, sku: str, quantity: int, **more: Any) -> None:
        line = {"sku": sku, "quantity": quantity, **({"drop": more.pop("drop")} if "drop" in more else {})}
        send("order.reserve", order=order, lines=[line], **more)

    evening.compare()
    send("session.open")
    send("item.feature", product="winter")
    send("item.feature", sku="set", channel="douyin")
    send("allotment.set", sku="coat", channel="douyin", quantity=30)
    buy("o-1", "coat", 5, channel="douyin")
    buy("o-2", "set", 3, channel="mini")
    send("drop.release", drop="first")
    buy("o-3", "coat", 8, channel="mini", drop="first")
    send("order.commit", order="o-3")
    send("order.commit", order="o-2")
    send("order.ship", order="o-3", lines=[{"sku": "coat", "quantity": 2}])
    send("order.refund", order="o-2", lines=[{"sku": "set", "quantity": 1}], restock=True)
    send("order.release", order="o-1", lines=[{"sku": "coat", "quantity": 2}])
    send("session.freeze")
    send("order.record", order="o-4", channel="mini", paid=True, lines=[{"sku": "coat", "quantity": 120}])
    send("drop.close", drop="first")
    send("item.mode", sku="scarf", mode="presale", ship_by="2026-12-05")
    send("session.thaw")
    send("stock.adjust", sku="coat", location="gz", delta=500, reason="补货")
    send("item.update", sku="scarf", presale_limit=12)
    buy("o-5", "scarf", 7, channel="mini")
    send("stock.adjust", sku="scarf", location="gz", bucket="incoming", delta=9, due="2026-12-09", reason="在途")
    send("stock.transfer", sku="scarf", quantity=8, **{"from": "incoming", "to": "available", "location": "gz"})
    send("item.mode", sku="scarf", mode="spot")
    send("stock.count", sku="coat", location="gz", quantity=0, basis="available")
    waiting = evening.fold.seq
    send("stock.confirm", reading=waiting, accept=True)
    send("item.add", sku="hat", title="贝雷帽", product="winter", opening={"gz": 9}, buffer={"gz": 1})
    send("item.add", sku="pair", title="两条围巾", bundle={"scarf": 2}, on_sale=False)
    send("item.open", sku="pair")
    send("item.close", sku="pair")
    send("item.move", sku="hat", position=1)
    send("item.update", sku="hat", product="hats", critical={"units": 8}, price="59.00")
    send("announce.show", text="欢迎", seconds=20)
    send("countdown.set", name="last", sku="hat", seconds=10)
    evening.pass_time(65_000)
    evening.compare()
    evening.now = 1_790_001_000_000
    for _ in range(3):
        evening.pass_time(60_000)
        evening.compare()
    send("overlay.set", theme="neon", options={"accent": "#e4002b"})
    send("overlay.set", options={"accent": None, "rows": 3})
    send("announce.show", text="再见")
    send("announce.clear")
    for note in (
        n.ForecastUpdated(items={"coat": (12.5, "2026-11-11T12:30:00.000Z"), "hat": (0.0, None)}),
        n.SourceStale(source="wms-gz", since="2026-11-11T12:00:00.000Z"),
        n.RuleFired(rule="last", sku="coat", key="k"),
        n.TaskOpened(task="t", text="发券"),
        n.ObsChanged(obs="main", state=n.ObsState(connected=True)),
        n.SourceFresh(source="wms-gz"),
        n.OrderUnmapped(channel="mini", order="mini:1", platform_skus={"3501": 2, "礼 盒": 1}),
        n.OrderUnmapped(channel="mini", order="mini:2", platform_skus={"3501": 1}),
        n.StockPushed(channel="mini", levels={"coat": 40, "hat": 0}),
        n.StockPushed(channel="mini", levels={"hat": 3}, failed={"coat": "商品已下架"}),
    ):
        evening.note(note)
        evening.compare()
    send("rule.set", name="last", enabled=False)
    send("task.done", task="t")
    send("connector.pause", name="channel.mini", reason="平台维护")
    send("connector.pause", name="source.wms")
    send("connector.resume", name="source.wms")
    send("quarantine.map", channel="mini", platform_sku="3501", sku="hat", quantity=2)
    evening.compare()
    send("order.release", order="nobody", fact=True)
    send("session.close")

    commands = {line for line in evening.seen if "." in line}
    assert commands >= {
        *("session.open", "session.freeze", "session.thaw", "session.close"),
        *("order.reserve", "order.commit", "order.release", "order.record", "order.ship", "order.refund"),
        *("stock.adjust", "stock.transfer", "stock.count", "stock.confirm", "allotment.set"),
        *("drop.release", "drop.close", "drop.opened", "drop.closed", "allotment.moved", "oversold.covered"),
        *("item.open", "item.close", "item.mode", "item.add", "item.update", "item.move", "item.feature"),
        *("countdown.set", "countdown.due", "announce.show", "announce.clear", "announce.expired", "hold.expired"),
        *("overlay.set", "rule.set", "task.done", "rule.fired", "task.opened", "obs.changed"),
        *("forecast.updated", "source.stale", "source.fresh", "order.unmapped", "stock.pushed"),
        *("connector.pause", "connector.resume", "quarantine.map"),
    }


SKUS = st.sampled_from(["coat", "scarf", "set", "hat", "pair", "coat"])
CHANNELS = st.sampled_from([None, "mini", "douyin"])
LOCATIONS = st.sampled_from(["hz", "gz"])
ORDERS = st.integers(1, 5).map(lambda n: f"o-{n}")
DROPS = st.sampled_from(["first", "second", "timed"])
UNITS = st.integers(1, 40)
SOURCES = st.sampled_from(["wms-hz", "wms-gz"])
PACES = st.tuples(st.sampled_from([None, 0.5, 9.0]), st.sampled_from([None, "2026-11-11T12:30:00.000Z"]))


def said(type: str, optional: dict[str, Any] | None = None, **fields: Any) -> st.SearchStrategy[dict[str, Any]]:
    return st.fixed_dictionaries({"type": st.just(type), **fields}, optional=optional or {})


def noting(note: n.AnyNote) -> dict[str, Any]:
    return {"note": note}


def passing(ms: int) -> dict[str, Any]:
    return {"pass": ms}


LINES = st.lists(
    st.fixed_dictionaries({"sku": SKUS, "quantity": UNITS}, optional={"drop": DROPS, "location": LOCATIONS}),
    min_size=1,
    max_size=2,
)
PARTS = st.lists(st.fixed_dictionaries({"sku": SKUS, "quantity": st.integers(1, 5)}), min_size=1, max_size=2)
FACT = st.booleans()
LEVEL = st.integers(0, 60).map(lambda units: {"units": units})
COMMANDS: st.SearchStrategy[dict[str, Any]] = st.one_of(
    said("order.reserve", order=ORDERS, channel=CHANNELS, lines=LINES),
    said("order.record", order=ORDERS, channel=CHANNELS, lines=LINES, paid=st.booleans()),
    said("order.commit", order=ORDERS, fact=FACT),
    said("order.release", {"lines": PARTS}, order=ORDERS, fact=FACT),
    said("order.ship", {"lines": PARTS}, order=ORDERS, fact=FACT),
    said("order.refund", {"lines": PARTS}, order=ORDERS, fact=FACT, restock=st.booleans()),
    said("allotment.set", sku=SKUS, channel=CHANNELS, quantity=st.sampled_from([None, 0, 10, 60])),
    said("drop.release", drop=DROPS),
    said("drop.close", drop=DROPS),
    said("stock.adjust", sku=SKUS, location=LOCATIONS, delta=st.integers(-30, 30), reason=st.just("盘点")),
    said(
        "stock.adjust",
        {"due": st.sampled_from(["2026-12-01", "2026-12-24"])},
        sku=SKUS,
        location=LOCATIONS,
        bucket=st.just("incoming"),
        delta=st.integers(-20, 20),
        reason=st.just("在途"),
    ),
    said("stock.count", sku=SKUS, location=LOCATIONS, quantity=st.integers(0, 50), basis=st.just("available")),
    st.fixed_dictionaries(
        {
            "type": st.just("stock.transfer"),
            "sku": SKUS,
            "quantity": UNITS,
            "from": st.just("incoming"),
            "to": st.just("available"),
            "location": LOCATIONS,
        }
    ),
    said("item.mode", sku=SKUS, mode=st.sampled_from(["spot", "presale"])),
    said("item.open", sku=SKUS),
    said("item.close", sku=SKUS),
    said("item.add", sku=st.sampled_from(["hat", "new"]), title=st.just("新品"), opening=st.just({"gz": 9})),
    said(
        "item.update",
        {
            "product": st.sampled_from([None, "winter", "hats"]),
            "low": LEVEL,
            "title": st.sampled_from(["甲", "乙"]),
            "presale_limit": st.sampled_from([None, 3, 12]),
        },
        sku=SKUS,
    ),
    said("item.move", sku=SKUS, position=st.integers(1, 5)),
    said("item.feature", {"channel": CHANNELS}, product=st.sampled_from(["winter", "hats"])),
    said("countdown.set", {"sku": SKUS}, name=st.sampled_from(["first-close", "x"]), seconds=st.just(5)),
    said("session.freeze"),
    said("session.thaw"),
    st.integers(1, 70_000).map(passing),
    st.one_of(
        st.builds(n.ForecastUpdated, items=st.dictionaries(SKUS, PACES, min_size=1, max_size=2)),
        st.builds(n.SourceStale, source=SOURCES, since=st.just("2026-11-11T12:00:00.000Z")),
        st.builds(n.SourceFresh, source=SOURCES),
    ).map(noting),
)


@settings(max_examples=40, deadline=None, suppress_health_check=list(HealthCheck))
@given(steps=st.lists(COMMANDS, min_size=12, max_size=40))
def test_whatever_happens(store: StoreServer, steps: list[dict[str, Any]]) -> None:
    evening = Evening(store)
    evening.send("session.open")
    evening.send("item.add", sku="hat", title="贝雷帽", opening={"gz": 9}, critical={"units": 4})
    evening.send("item.add", sku="pair", title="两条围巾", bundle={"scarf": 2}, product="winter")
    for step in steps:
        if evening.take(step):
            evening.compare()
