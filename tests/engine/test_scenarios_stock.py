"""Stories of the shelf: corrections, moves, and readings of somebody else's numbers."""

from __future__ import annotations

import datetime as dt
from collections.abc import Callable

import pytest

from overlaykit.model import commands as c
from tests.engine.scene import Scene, reason

pytestmark = pytest.mark.store
MakeScene = Callable[..., Scene]


def ago(room: Scene, seconds: float) -> dt.datetime:
    return dt.datetime.fromtimestamp(room.now / 1000 - seconds, dt.UTC)


def test_an_adjustment_never_goes_below_zero(scene: MakeScene) -> None:
    room = scene()
    assert reason(room.adjust("nowhere", "hz", 1)) == "unknown_sku"
    assert reason(room.adjust("B", "mars", 1)) == "unknown_location"
    assert reason(room.adjust("B", None, 1)) == "unknown_location"
    assert reason(room.adjust("B", "hz", -5)) == "insufficient"
    assert reason(room.adjust("B", "hz", -4)) == "accepted"
    assert reason(room.adjust("B", "hz", -3, "buffer")) == "insufficient"
    assert reason(room.adjust("B", "hz", 3, "damaged")) == "accepted"
    assert room.row("B", "hz") == {"on_hand": 5, "buffer": 2, "damaged": 3, "opening": 4}


def test_more_on_the_shelf_is_a_larger_opening_and_less_is_not_a_smaller_one(scene: MakeScene) -> None:
    room = scene()
    room.adjust("B", "hz", 3)
    room.adjust("B", "hz", -2)
    assert room.row("B", "hz") == {"on_hand": 7, "available": 5, "buffer": 2, "opening": 7}


def test_incoming_units_have_a_day(scene: MakeScene) -> None:
    room = scene()
    assert room.state.items["P"].due == {"hz": "2026-10-01", "gz": "2026-10-05"}
    room.adjust("B", "gz", 5, "incoming", due="2026-12-01")
    assert room.state.items["B"].due == {"gz": "2026-12-01"}
    assert room.row("B", "gz") == {"incoming": 5}


def test_units_move_between_buckets(scene: MakeScene) -> None:
    room = scene()
    assert reason(room.transfer("B", 1, "buffer", "available", "hz")) == "accepted"
    assert room.row("B", "hz") == {"on_hand": 6, "available": 5, "buffer": 1, "opening": 5}
    assert reason(room.transfer("B", 2, "buffer", "available", "hz")) == "insufficient"
    assert reason(room.transfer("B", 2, "available", "damaged", "hz")) == "accepted"
    assert room.row("B", "hz") == {"on_hand": 6, "available": 3, "buffer": 1, "damaged": 2, "opening": 3}
    assert reason(room.transfer("B", 1, "available", "damaged", None)) == "unknown_location"
    assert reason(room.transfer("nowhere", 1, "available", "damaged", "hz")) == "unknown_sku"


def test_units_move_between_locations(scene: MakeScene) -> None:
    room = scene()
    assert reason(room.transfer("A", 5, "location:hz", "location:bj")) == "accepted"
    assert room.column("A", "available") == {"hz": 15, "gz": 10, "bj": 5}
    assert room.column("A", "opening") == {"hz": 15, "gz": 10, "bj": 5}
    assert reason(room.transfer("A", 16, "location:hz", "location:bj")) == "insufficient"
    assert reason(room.transfer("A", 1, "location:hz", "location:mars")) == "unknown_location"
    assert reason(room.reserve("o1", "A 5/north")) == "accepted"


def test_what_arrives_at_a_location_pays_debts_there(scene: MakeScene) -> None:
    room = scene()
    room.record("o1", "B 6@hz")
    room.adjust("B", "gz", 3)
    assert room.owed("B") == 0
    assert room.row("B", "gz") == {"on_hand": 3, "available": 1, "committed": 2, "opening": 3}


def test_a_reading_of_the_sellable_number_is_taken(scene: MakeScene) -> None:
    room = scene()
    room.reserve("o1", "B 1")
    assert reason(room.count("B", "hz", 7)) == "accepted"
    assert room.row("B", "hz") == {"on_hand": 10, "available": 7, "held": 1, "buffer": 2, "opening": 8}
    assert room.last("stock.drifted").cause == room.last("stock.count").seq


def test_a_reading_that_agrees_drifts_nothing(scene: MakeScene) -> None:
    room = scene()
    room.reserve("o1", "B 1")
    room.count("B", "hz", 3)
    room.count("B", "hz", 6, "on_hand")
    room.count("B", "hz", 5, "on_hand", includes_open_orders=False)
    assert room.count_of("stock.drifted") == 0
    assert room.row("B", "hz") == {"on_hand": 6, "available": 3, "held": 1, "buffer": 2, "opening": 4}


def test_a_reading_of_the_shelf_leaves_what_is_kept_back(scene: MakeScene) -> None:
    room = scene()
    room.buy("o1", "B 1")
    room.count("B", "hz", 9, "on_hand")
    assert room.row("B", "hz") == {"on_hand": 9, "available": 6, "committed": 1, "buffer": 2, "opening": 7}
    room.count("B", "hz", 9, "on_hand", includes_open_orders=False)
    assert room.row("B", "hz") == {"on_hand": 10, "available": 7, "committed": 1, "buffer": 2, "opening": 8}


def test_a_reading_with_expected_is_refused_when_something_changed(scene: MakeScene) -> None:
    room = scene()
    assert reason(room.count("B", "hz", 9, expected=3)) == "changed"
    assert room.available("B") == 4
    assert reason(room.count("B", "hz", 9, expected=4)) == "accepted"
    assert reason(room.count("B", "hz", 9, "on_hand", expected=9)) == "changed"
    assert reason(room.count("B", "hz", 9, "on_hand", expected=11)) == "accepted"
    assert room.available("B") == 7


def test_what_moved_since_a_reading_explains_the_difference(scene: MakeScene) -> None:
    room = scene()
    room.wait(100)
    room.buy("o1", "B 1")
    room.ship("o1")
    room.wait(50)
    assert reason(room.count("B", "hz", 6, "on_hand", as_of=ago(room, 100))) == "accepted"
    assert room.count_of("stock.drifted") == 0
    assert room.row("B", "hz") == {"on_hand": 5, "available": 3, "buffer": 2, "shipped": 1, "opening": 4}
    room.count("B", "hz", 7, "on_hand", as_of=ago(room, 90))
    drifted = room.last("stock.drifted")
    assert drifted.cause == room.last("stock.count").seq
    assert room.row("B", "hz") == {"on_hand": 6, "available": 4, "buffer": 2, "shipped": 1, "opening": 5}


def test_a_correction_is_no_movement(scene: MakeScene) -> None:
    room = scene()
    room.wait(300)
    room.count("B", "hz", 9, as_of=ago(room, 200))
    room.wait(20)
    room.count("B", "hz", 9, as_of=ago(room, 100))
    assert room.count_of("stock.drifted") == 1
    assert room.available("B") == 9


def test_a_reading_has_a_time(scene: MakeScene) -> None:
    room = scene()
    room.wait(8_000)
    assert reason(room.count("B", "hz", 9, as_of=ago(room, -11))) == "in_future"
    assert reason(room.count("B", "hz", 9, as_of=ago(room, 7_201))) == "stale"
    assert reason(room.count("B", "hz", 9, as_of=ago(room, 60))) == "accepted"
    assert reason(room.count("B", "hz", 8, as_of=ago(room, 61))) == "stale"
    assert reason(room.count("B", "gz", 8, as_of=ago(room, 61))) == "accepted"
    assert room.column("B", "available") == {"hz": 9, "gz": 8}


@pytest.mark.parametrize("accept", [True, False])
def test_a_sudden_zero_waits_for_somebody(scene: MakeScene, accept: bool) -> None:
    room = scene()
    found = room.count("B", "hz", 0)
    assert (reason(found), found.unconfirmed) == ("accepted", True)
    assert room.available("B") == 4
    assert room.count_of("stock.drifted") == 0
    assert reason(room.one(c.StockConfirm(reading=1, accept=accept))) == "unknown_reading"
    assert reason(room.one(c.StockConfirm(reading=found.seq or 0, accept=accept))) == "accepted"
    assert room.available("B") == (0 if accept else 4)
    assert reason(room.one(c.StockConfirm(reading=found.seq or 0, accept=accept))) == "unknown_reading"


@pytest.mark.parametrize(("units", "waits"), [(2, False), (1, True), (8, False), (9, True)])
def test_a_reading_far_from_what_is_expected_waits_where_it_says_how_far(
    scene: MakeScene, units: int, waits: bool
) -> None:
    room = scene()
    found = room.count("B", "hz", units, jump=0.5)
    assert (reason(found), found.unconfirmed) == ("accepted", waits)
    assert room.available("B") == (4 if waits else units)
    assert not room.count("B", "hz", units).unconfirmed


def test_what_was_sold_meanwhile_is_no_jump(scene: MakeScene) -> None:
    room = scene()
    room.buy("o1", "B 3")
    assert not room.count("B", "hz", 1, jump=0.5).unconfirmed
    room.wait(30)
    assert not room.count("B", "hz", 4, jump=0.5, as_of=ago(room, 60)).unconfirmed
    assert room.available("B") == 1


def test_a_reading_that_waited_too_long_is_stale(scene: MakeScene) -> None:
    room = scene()
    found = room.count("B", "hz", 0)
    room.wait(7_300)
    assert reason(room.one(c.StockConfirm(reading=found.seq or 0, accept=True))) == "stale"
    assert room.available("B") == 4
    assert reason(room.one(c.StockConfirm(reading=found.seq or 0, accept=False))) == "accepted"
    assert reason(room.one(c.StockConfirm(reading=found.seq or 0, accept=False))) == "unknown_reading"


def test_a_newer_reading_replaces_one_that_waits(scene: MakeScene) -> None:
    room = scene()
    first = room.count("B", "hz", 0)
    assert not room.count("B", "gz", 0).unconfirmed
    assert not room.count("B", "hz", 3).unconfirmed
    assert reason(room.one(c.StockConfirm(reading=first.seq or 0, accept=True))) == "unknown_reading"


def test_a_reading_below_what_was_sold_waits_and_then_empties_the_row(scene: MakeScene) -> None:
    room = scene()
    room.adjust("B", "hz", 1, "damaged")
    room.buy("o1", "B 4")
    found = room.count("B", "hz", 2, "on_hand")
    assert found.unconfirmed
    confirmed = room.one(c.StockConfirm(reading=found.seq or 0, accept=True))
    assert confirmed.excess == 2
    assert room.row("B", "hz") == {"on_hand": 4, "committed": 4, "opening": 4}


def test_a_reading_with_expected_does_not_wait(scene: MakeScene) -> None:
    room = scene()
    found = room.count("B", "hz", 0, expected=4)
    assert not found.unconfirmed
    assert room.available("B") == 0


def test_a_reading_that_finds_more_pays_debts(scene: MakeScene) -> None:
    room = scene()
    room.record("o1", "B 6")
    room.count("B", "hz", 5)
    assert room.owed("B") == 0
    assert room.row("B", "hz") == {"on_hand": 11, "available": 3, "committed": 6, "buffer": 2, "opening": 9}
