"""The full state, decoded from what the store holds: the keys are written here as the script writes them."""

from __future__ import annotations

from typing import Any

import msgspec
import pytest

from overlaykit.board import BoardView, Fold
from overlaykit.errors import NotFound
from overlaykit.model.entries import ItemQuotas
from overlaykit.model.sessions import Threshold
from overlaykit.model.state import State
from overlaykit.stock import StockEngine
from overlaykit.stock.keys import head_key, script_keys
from overlaykit.store import connect
from tests.board.conftest import PLAN, Story, row
from tests.conftest import StoreServer

pytestmark = pytest.mark.store

HAT = {"sku": "hat", "title": "贝雷帽", "product": "winter", "opening": {"gz": 9}}


class Keys:
    """A ledger's keys, written by hand."""

    def __init__(self, store: StoreServer, ledger: str) -> None:
        self.client: Any = connect(store.url)
        self.ledger = ledger
        self.names = {name.rsplit("}:", 1)[1]: name for name in script_keys(ledger)}
        self.client.set(self.names["plan"], msgspec.json.encode(PLAN))
        self.head(seq=7, epoch="e", status="live", frozen=0)
        self.item("coat", rows={"hz": row(60), "gz": row(40)}, drops=self.drops())
        self.item("scarf", rows={"hz": row(50), "gz": [*row(incoming=30), 0, 0, "2026-12-01"]})
        self.item("set", bundle=[["coat", 1], ["scarf", 2]])

    @staticmethod
    def drops(first: str = "pending", used: int = 0) -> dict[str, list[Any]]:
        return {"second": [10, 0, 0, "pending", 0, 0, 2], "first": [20, used, used, first, 3, 60_000, 1]}

    def head(self, **fields: object) -> None:
        self.client.hset(head_key(self.ledger), mapping=fields)

    def shown(self, field: str, value: object) -> None:
        self.client.hset(self.names["shown"], field, msgspec.json.encode(value))

    def item(self, sku: str, **parts: Any) -> None:
        """An item as Lua packs it, where an empty table is an empty list."""
        empty: list[Any] = []
        given = {"sale": "open", "owed": 0, "frozen": False, "mode": "spot", "ship_by": "", "bundles": [0, 0], **parts}
        fields = ["sale", "owed", "rows", "frozen", "mode", "ship_by", "buyer_limit", "presale_limit"]
        fields += ["channels", "drops", "bundle", "bundles", "readings"]
        values = [given.get(name, 0 if name.endswith("limit") else empty) for name in fields]
        self.client.hset(self.names["items"], sku, msgspec.msgpack.encode(values))

    def state(self) -> State:
        return StockEngine(self.client, self.ledger).state()

    def board(self, channel: str | None = None) -> BoardView:
        return BoardView(Fold.from_state(self.state()), channel=channel)


@pytest.fixture
def keys(store: StoreServer, ledger: str) -> Keys:
    return Keys(store, ledger)


def same(story: Story, keys: Keys) -> None:
    """What the entries made and what the store holds show the same."""
    for channel in (None, "mini", "douyin"):
        told, held = BoardView(story.fold, channel=channel), keys.board(channel)
        assert msgspec.structs.replace(told.board(), seq=0) == msgspec.structs.replace(held.board(), seq=0)
        assert told.desk() == held.desk()
        assert list(told.board().items) == list(held.board().items)
    assert keys.state().plan == story.fold.plan


def test_no_ledger_no_state(store: StoreServer, ledger: str) -> None:
    with pytest.raises(NotFound, match=ledger):
        StockEngine(connect(store.url), ledger).state()


def test_a_room_as_planned(keys: Keys, story: Story) -> None:
    state = keys.state()
    assert (state.seq, state.epoch, state.status, state.frozen, state.suspended) == (7, "e", "live", 0, False)
    assert state.items["scarf"].due == {"gz": "2026-12-01"}
    same(story, keys)


def test_quotas_bundles_and_presale(keys: Keys, story: Story) -> None:
    drops = {"first": (20, 5, 5, "open"), "second": (10, 0, 0, "pending")}
    quotas = {"coat": {"channels": {"douyin": (30, 4), "mini": (None, 2)}, "drops": drops}}
    story.write("order.record", quotas=quotas, owed={"coat": 3}, bundles={"set": (2, 1)})
    story.write("item.mode", {"sku": "scarf", "mode": "presale", "ship_by": "2026-12-05"})
    channels = {"mini": [-1, 2], "douyin": [30, 4]}
    keys.item("coat", owed=3, rows={"hz": row(60), "gz": row(40)}, channels=channels, drops=keys.drops("open", 5))
    keys.item(
        "scarf",
        rows={"hz": row(50), "gz": [*row(incoming=30), 0, 0, "2026-12-01"]},
        mode="presale",
        ship_by="2026-12-05",
    )
    keys.item("set", bundle=[["coat", 1], ["scarf", 2]], bundles=[2, 1])
    assert keys.state().items["coat"].units.quotas == msgspec.convert(quotas["coat"], ItemQuotas)
    same(story, keys)


def test_what_a_freeze_keeps(keys: Keys, story: Story) -> None:
    story.write("session.freeze")
    after = {"coat": {"channels": {"douyin": (9, 9)}, "drops": {"first": (20, 20, 20, "closed")}}}
    story.write(
        "order.record", stock={"coat": {"hz": row(60, available=0, committed=60)}}, quotas=after, owed={"coat": 5}
    )
    story.write("order.record", bundles={"set": (0, 4)})
    freeze = story.fold.freeze
    keys.head(frozen=freeze, status="frozen")
    keys.item(
        "coat",
        owed=5,
        rows={"hz": [*row(60, available=0, committed=60), 179, 0, ""], "gz": row(40)},
        channels={"douyin": [9, 9]},
        drops={"first": [20, 20, 20, "closed", 0, 0, 1]},
        frozen=[freeze, {"hz": row(60), "gz": row(40)}, 0, [], keys.drops(), [0, 0]],
    )
    keys.item("set", bundle=[["coat", 1], ["scarf", 2]], bundles=[0, 4], frozen=[freeze, [], 0, [], [], [0, 0]])
    assert keys.board().board().items["coat"].available == 70
    same(story, keys)
    keys.head(frozen=0, status="live")
    story.write("session.thaw")
    assert keys.board().board().items["coat"].available == 40
    same(story, keys)


def test_items_added_changed_and_moved(keys: Keys, story: Story) -> None:
    story.write("item.add", HAT)
    story.write("item.update", {"sku": "coat", "title": "双面呢大衣", "low": {"units": 99}, "facts": {"面料": "羊毛"}})
    story.write("item.update", {"sku": "coat", "price": None})
    story.write("item.move", {"sku": "hat", "position": 1})
    keys.shown("added hat", HAT)
    for name, value in (("title", "双面呢大衣"), ("low", {"units": 99}), ("facts", {"面料": "羊毛"}), ("price", None)):
        keys.shown(f"item {name} coat", value)
    keys.shown("order", ["hat", "coat", "scarf", "set"])
    keys.item("hat", rows={"gz": row(9)})
    assert keys.board().board().items["coat"].price is None
    same(story, keys)
    assert keys.state().plan.items[0].critical == keys.state().plan.critical, "the plan's, since it has none of its own"


def test_a_level_of_its_own_stays(keys: Keys, story: Story) -> None:
    story.write("item.add", HAT)
    story.write("item.update", {"sku": "hat", "low": {"units": 5}})
    keys.shown("added hat", HAT)
    keys.shown("item low hat", {"units": 5})
    keys.shown("order", ["coat", "scarf", "set", "hat"])
    keys.item("hat", rows={"gz": row(9)})
    assert keys.state().plan.items[-1].low == Threshold(units=5)
    same(story, keys)


def test_names_with_spaces_are_names(keys: Keys, story: Story) -> None:
    odd = {"sku": "a b  c", "title": "怪名字"}
    story.write("item.add", odd)
    story.write("item.update", {"sku": "a b  c", "subtitle": "第二行"})
    keys.shown("added a b  c", odd)
    keys.shown("item subtitle a b  c", "第二行")
    keys.shown("order", ["coat", "scarf", "set", "a b  c"])
    keys.item("a b  c")
    same(story, keys)


def test_a_suspended_clock_is_told(keys: Keys) -> None:
    keys.head(suspended=1)
    assert Fold.from_state(keys.state()).suspended
    keys.head(suspended=0)
    assert not Fold.from_state(keys.state()).suspended
