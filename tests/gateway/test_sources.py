"""Sources of stock: counted when they say something new, said to be stale when they are silent, replaced by their backup."""

from __future__ import annotations

import asyncio
import datetime as dt
import time
from collections.abc import Callable, Sequence
from typing import TYPE_CHECKING, ClassVar

import pytest

from overlaykit.gateway import sources
from overlaykit.gateway.sources import Silence
from overlaykit.model.connectors import Capability, Connector, Context
from overlaykit.model.entries import STOCK_COLUMNS
from overlaykit.model.events import StockLevelObserved
from overlaykit.model.sessions import STALE_AFTER, Channel, Location, SessionPlan
from overlaykit.model.settings import Settings
from tests.conftest import until

if TYPE_CHECKING:
    from tests.gateway.conftest import Evening, Post

pytestmark = pytest.mark.store

Open = Callable[..., "Evening"]
Start = Callable[..., "Post"]

LOCATIONS = (Location(name="default", title="default", source="erp", backup="sheet", stale_after=1.0),)
SOURCES = {
    "erp": {"plugin": "counter", "every": 0.1, "settings": {"name": "erp"}},
    "sheet": {"plugin": "counter", "every": 0.1, "settings": {"name": "sheet"}},
}


class CounterSettings(Settings):
    name: str


class Counter(Connector[CounterSettings]):
    """A warehouse that says what the test wrote for it: None is silence, "hang" no answer."""

    name = "counter"
    capabilities = frozenset({Capability.STOCK_LEVELS})
    says: ClassVar[dict[str, dict[str, int] | str | None]] = {}

    async def poll(self, ctx: Context, full: bool) -> Sequence[StockLevelObserved]:
        said = self.says.get(self.settings.name)
        if said is None:
            raise ConnectionError("nobody answers")
        if said == "hang":
            await asyncio.sleep(60)
        if said == "nonsense":
            return "nonsense"  # type: ignore[return-value]
        assert isinstance(said, dict)
        ctx.trouble("a row makes no sense" if "?" in said else "")
        return [StockLevelObserved(sku=sku, quantity=units, basis="available") for sku, units in said.items()]


@pytest.fixture(autouse=True)
def _forgotten() -> None:
    Counter.says.clear()


def counts(room: Evening) -> list[tuple[str, str, int]]:
    return [
        (each["data"]["source"], each["data"]["sku"], each["data"]["quantity"]) for each in room.entries("stock.count")
    ]


def turns(room: Evening) -> list[tuple[str, str]]:
    found = [*room.entries("source.stale"), *room.entries("source.fresh")]
    return [(each["type"], each["data"]["source"]) for each in sorted(found, key=lambda each: int(each["seq"]))]


def counted(room: Evening, source: str, sku: str, units: int) -> None:
    until(lambda: (source, sku, units) in counts(room), f"{source} says that there are {units} of {sku}")


def turned(room: Evening, times: int) -> None:
    until(lambda: len(turns(room)) == times, f"sources fell silent or spoke again {times} times")


def available(room: Evening, sku: str) -> int:
    return room.engine.state().items[sku].units.rows["default"][STOCK_COLUMNS.index("available")]


def test_readings_that_say_something_new_are_counted_and_those_of_other_skus_are_not(
    evening: Open, gateway: Start
) -> None:
    Counter.says = {"erp": {"A": 90, "B": 40, "not in this session": 7}, "sheet": {"A": 1}}
    room = evening(locations=LOCATIONS, later={"source": SOURCES})
    gateway(Counter)
    until(lambda: len(counts(room)) == 2, "both are counted")
    Counter.says["erp"] = {"A": 90, "B": 39, "not in this session": 7}
    until(lambda: len(counts(room)) == 3, "the one that changed is counted again")
    assert counts(room) == [("erp", "A", 90), ("erp", "B", 40), ("erp", "B", 39)]
    assert all(each["outcome"]["status"] == "accepted" for each in room.entries("stock.count"))
    assert room.entries("stock.count")[0]["source"] == "connector:erp"


def test_what_a_source_finds_wrong_is_shown_and_the_rest_counts(evening: Open, gateway: Start) -> None:
    Counter.says["erp"] = {"A": 7, "?": 1}
    room = evening(locations=LOCATIONS, later={"source": SOURCES})
    gateway(Counter)
    assert room.wait_target("source.erp", "failing").reason == "a row makes no sense"
    until(lambda: ("erp", "A", 7) in counts(room), "the rest is counted")
    Counter.says["erp"] = {"A": 6}
    room.wait_target("source.erp", "ready")


def test_a_source_that_falls_silent_is_stale_its_backup_counts_and_it_is_fresh_when_it_speaks_again(
    evening: Open, gateway: Start
) -> None:
    Counter.says = {"erp": {"A": 90}, "sheet": {"A": 80}}
    room = evening(locations=LOCATIONS, later={"source": SOURCES})
    gateway(Counter)
    until(lambda: counts(room), "it is counted")
    Counter.says["erp"] = None
    silent_at = time.time()
    until(lambda: turns(room), "it is said to be stale")
    stale = room.entries("source.stale")[0]
    since = dt.datetime.fromisoformat(stale["data"]["since"]).timestamp()
    assert silent_at - 5 < since < silent_at + 5
    assert "nobody answers" in room.wait_target("source.erp", "failing").reason
    until(lambda: ("sheet", "A", 80) in counts(room), "the backup is counted")
    Counter.says["erp"] = {"A": 85}
    until(lambda: ("source.fresh", "erp") in turns(room), "it is fresh again")
    until(lambda: ("erp", "A", 85) in counts(room), "and counts")
    assert turns(room) == [("source.stale", "erp"), ("source.fresh", "erp")]
    assert room.wait_target("source.erp", "ready").heard_ms > silent_at * 1000


def test_when_the_first_speaks_again_its_counts_win_and_its_backups_stop(evening: Open, gateway: Start) -> None:
    Counter.says = {"erp": None, "sheet": {"A": 80, "B": 70}}
    room = evening(locations=LOCATIONS, later={"source": SOURCES})
    gateway(Counter)
    for turn in range(3):
        counted(room, "sheet", "B", 70 + turn)
        Counter.says |= {"erp": {"A": 85, "B": 95 + turn}, "sheet": {"A": 80, "B": 71 + turn}}
        counted(room, "erp", "B", 95 + turn)
        assert available(room, "B") == 95 + turn
        Counter.says["erp"] = None
        turned(room, 3 + 2 * turn)
    entries = sorted(
        [*room.entries("stock.count"), *room.entries("source.stale"), *room.entries("source.fresh")],
        key=lambda each: int(each["seq"]),
    )
    in_charge = "erp"
    for entry in entries:
        if entry["type"] == "stock.count":
            assert entry["data"]["source"] == in_charge
            assert entry["outcome"]["status"] == "accepted"
        else:
            in_charge = "sheet" if entry["type"] == "source.stale" else "erp"


def test_a_jump_is_held_until_somebody_confirms_it(evening: Open, gateway: Start) -> None:
    Counter.says = {"erp": {"A": 90, "B": 48}}
    room = evening(locations=LOCATIONS, later={"source": {**SOURCES, "erp": {**SOURCES["erp"], "jump": 0.3}}})
    gateway(Counter)
    until(lambda: len(counts(room)) == 2, "they are counted")
    assert room.entries("stock.count")[1]["outcome"]["unconfirmed"], "48 of 100"
    Counter.says["erp"] = {"A": 60, "B": 80}
    until(lambda: len(counts(room)) == 4, "both are counted")
    found = {each["data"]["sku"]: each["outcome"] for each in room.entries("stock.count")[2:]}
    assert found["A"]["unconfirmed"]
    assert (available(room, "A"), available(room, "B")) == (90, 80)
    until(lambda: len(room.entries("task.opened")) == 2, "somebody is asked")
    asked = room.entries("task.opened")[1]
    assert (asked["data"]["sku"], asked["cause"]) == ("A", room.entries("stock.count")[2]["seq"])
    assert asked["data"]["kind"] == "reading"
    assert asked["data"]["params"] == {"source": "erp", "location": "default", "units": 60}
    assert (
        room.send("stock.confirm", reading=room.entries("stock.count")[2]["seq"], accept=True)["status"] == "accepted"
    )
    assert available(room, "A") == 60


def test_an_item_that_is_added_in_the_evening_is_counted(
    evening: Open, gateway: Start, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(sources, "ITEMS_EVERY", 0.2)
    Counter.says = {"erp": {"A": 90, "C": 7}}
    room = evening(locations=LOCATIONS, later={"source": SOURCES})
    gateway(Counter)
    until(lambda: counts(room), "the others are counted")
    assert room.send("item.add", sku="C", title="C", opening={"default": 8})["status"] == "accepted"
    until(lambda: ("erp", "C", 7) in counts(room), "it is counted, too")


@pytest.mark.parametrize("said", ["hang", "nonsense", None])
def test_no_answer_and_nonsense_are_silence_too(evening: Open, gateway: Start, said: str | None) -> None:
    Counter.says = {"erp": said, "sheet": {"A": 80}}
    room = evening(locations=LOCATIONS, later={"source": SOURCES})
    gateway(Counter)
    until(lambda: ("source.stale", "erp") in turns(room), "it is said to be stale")
    assert turns(room) == [("source.stale", "erp")]


def test_a_gateway_that_takes_over_knows_what_is_stale(evening: Open, gateway: Start) -> None:
    Counter.says = {"erp": None, "sheet": {"A": 80}}
    room = evening(locations=LOCATIONS, later={"source": SOURCES})
    first = gateway(Counter)
    until(lambda: turns(room), "it is said to be stale")
    first.stop()
    gateway(Counter)
    Counter.says["erp"] = {"A": 70}
    until(lambda: ("source.fresh", "erp") in turns(room), "the next one says that it is fresh")
    assert turns(room) == [("source.stale", "erp"), ("source.fresh", "erp")]


def test_a_source_whose_connector_cannot_be_made_is_silent(evening: Open, gateway: Start) -> None:
    room = evening(locations=LOCATIONS, later={"source": {"erp": {"plugin": "nowhere"}}})
    gateway(Counter)
    assert "no plugin has the connector nowhere" in room.wait_target("source.erp", "set_aside").reason
    until(lambda: ("source.stale", "erp") in turns(room), "it is said to be stale")


def test_the_shortest_patience_of_its_locations_is_that_of_a_source() -> None:
    def location(name: str, stale_after: float | None, source: str, backup: str | None = None) -> Location:
        return Location(name=name, title=name, stale_after=stale_after, source=source, backup=backup)

    plan = SessionPlan(
        id="p",
        ledger="p",
        title="p",
        items=(),
        locations=(
            location("a", 5.0, "erp", "sheet"),
            location("b", None, "erp"),
            location("c", 30.0, "sheet"),
        ),
        channels=(Channel(name="c", title="c"),),
    )
    silence = Silence(plan)
    assert (silence.stale_after("erp"), silence.stale_after("sheet"), silence.stale_after("x")) == (
        5.0,
        5.0,
        STALE_AFTER,
    )
    assert [each.name for each in silence.places("sheet")] == ["c"]
    assert [each.name for each in Silence(plan, ["erp"]).places("sheet")] == ["a", "c"]
