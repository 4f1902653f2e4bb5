"""What the leading director says of pace, and what it leaves out."""

from __future__ import annotations

import msgspec
import pytest

from overlaykit.director.pace import PaceKeeper
from overlaykit.model.notes import ITEMS_AT_MOST, ForecastUpdated, Noted, Pace
from overlaykit.model.sessions import Item, SessionPlan, Threshold
from tests.board.conftest import PLAN, Story, row

LEVEL = Threshold(units=1)


class Room:
    """A session whose director leads: what it says goes into the ledger a moment later."""

    def __init__(self, plan: SessionPlan = PLAN) -> None:
        self.now = 1_000_000
        self.story = Story(plan)
        self.keeper = PaceKeeper(self.story.fold, self.now)
        self.sold: dict[str, int] = {}
        self.notes: list[dict[str, Pace]] = []
        self.write("session.open")

    def write(self, type: str, data: object = None, **outcome: object) -> None:
        self.story.write(type, msgspec.to_builtins(data or {}), **outcome)
        self.keeper.entry(self.now)

    def order(self, sku: str, units: int = 1, of: int = 1000) -> None:
        sold = self.sold[sku] = self.sold.get(sku, 0) + units
        self.write("order.record", stock={sku: {"hz": row(of, available=of - sold, committed=sold)}})

    def tick(self) -> Noted | None:
        """Asks what is to be said, and says it."""
        noted = self.keeper.due(self.now)
        if noted is not None:
            assert isinstance(noted.note, ForecastUpdated)
            self.notes.append(dict(noted.note.items))
            self.write("forecast.updated", {"items": noted.note.items})
        return noted

    def sell(self, sku: str, *, per_second: int, seconds: int) -> None:
        """An even pace; the director looks ten times a second."""
        for tenth in range(seconds * 10):
            self.now += 100
            if tenth * per_second // 10 != (tenth + 1) * per_second // 10:
                self.order(sku)
            self.tick()

    def wait(self, seconds: int) -> None:
        self.sell("coat", per_second=0, seconds=seconds)


@pytest.fixture
def room() -> Room:
    return Room()


def test_the_board_has_what_was_said(room: Room) -> None:
    room.sell("coat", per_second=2, seconds=60)
    item = room.story.item("coat")
    assert item.pace_per_minute == pytest.approx(120, rel=0.1)
    assert item.sells_out_at is not None
    assert room.story.item("scarf").pace_per_minute is None


def test_it_is_said_once_a_second_at_most_and_only_what_moved(room: Room) -> None:
    room.sell("coat", per_second=5, seconds=60)
    assert 1 <= len(room.notes) <= 60
    settled = len(room.notes)
    room.sell("coat", per_second=5, seconds=60)
    assert len(room.notes) - settled <= 3, "an even pace is no news"


def test_a_rush_and_its_end_are_said_within_seconds(room: Room) -> None:
    room.sell("coat", per_second=1, seconds=60)
    room.sell("coat", per_second=10, seconds=4)
    assert room.story.item("coat").pace_per_minute > 200  # type: ignore[operator]
    room.wait(600)
    item = room.story.item("coat")
    assert item.pace_per_minute is not None
    assert item.pace_per_minute < 1
    assert item.sells_out_at is None


def test_nothing_is_said_while_frozen_and_all_of_it_after(room: Room) -> None:
    room.sell("coat", per_second=1, seconds=30)
    room.write("session.freeze")
    said = len(room.notes)
    room.sell("coat", per_second=10, seconds=10)
    assert len(room.notes) == said
    room.write("session.thaw")
    room.wait(1)
    assert room.story.item("coat").pace_per_minute > 200  # type: ignore[operator]


def test_a_closed_session_takes_it_back(room: Room) -> None:
    room.sell("coat", per_second=1, seconds=30)
    room.write("session.close")
    room.wait(2)
    assert room.story.item("coat").pace_per_minute is None
    assert room.notes[-1] == {"coat": (None, None)}


def test_a_director_that_has_just_started_leaves_what_was_said_until_it_knows_better(room: Room) -> None:
    room.sell("coat", per_second=2, seconds=60)
    before = room.story.item("coat").pace_per_minute
    room.keeper = PaceKeeper(room.story.fold, room.now)
    room.wait(9)
    assert room.story.item("coat").pace_per_minute == before
    room.wait(2)
    assert room.story.item("coat").pace_per_minute is None, "it has seen nothing of it: it does not know"


def test_with_many_items_a_note_has_two_hundred_and_all_get_their_turn() -> None:
    items = tuple(
        Item(sku=f"s{place}", title=f"{place}", opening={"hz": 1000}, low=LEVEL, critical=LEVEL) for place in range(450)
    )
    room = Room(msgspec.structs.replace(PLAN, items=items, drops=()))
    for _ in range(12):
        room.now += 1000
        for item in items:
            room.order(item.sku)
    room.write("item.feature", {"sku": "s300"}, on_air=["s300"])
    for _ in range(3):
        assert room.tick() is not None
        room.now += 1000
    assert [len(each) for each in room.notes[:2]] == [ITEMS_AT_MOST, ITEMS_AT_MOST]
    assert next(iter(room.notes[0])) == "s300", "the one on air comes first"
    assert set().union(*room.notes) == {item.sku for item in items}
