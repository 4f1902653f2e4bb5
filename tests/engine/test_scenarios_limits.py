"""Stories of limits: what one buyer may take, and how often one may try."""

from __future__ import annotations

from collections.abc import Callable

import pytest

from overlaykit.model import commands as c
from tests.engine.evening import DROPS
from tests.engine.scene import Scene, line, reason

pytestmark = pytest.mark.store
MakeScene = Callable[..., Scene]


def test_a_limit_counts_holds_and_paid_orders_of_one_buyer(scene: MakeScene) -> None:
    room = scene(buyer_limit=3)
    assert reason(room.reserve("o1", "A 2", buyer="li")) == "accepted"
    assert reason(room.reserve("o2", "A 2", buyer="li")) == "buyer_limit"
    assert reason(room.reserve("o3", "A 2", buyer="wang")) == "accepted"
    assert reason(room.reserve("o4", "A 4")) == "accepted"
    assert reason(room.reserve("o5", "A 1", buyer="li")) == "accepted"
    room.commit("o1")
    assert reason(room.reserve("o6", "A 1", buyer="li")) == "buyer_limit"


def test_a_limit_counts_the_orders_of_one_call(scene: MakeScene) -> None:
    room = scene(buyer_limit=3)
    found = room.say(
        room.reserving("o1", "A 2", buyer="li"),
        room.reserving("o2", "A 2", buyer="li"),
        room.reserving("o3", "A 1", buyer="li"),
        c.OrderRelease(order="o1"),
        room.reserving("o4", "A 2", buyer="li"),
        room.reserving("o5", "A 3", buyer="wang"),
        c.OrderRelease(order="o5"),
    )
    told = ["accepted", "buyer_limit", "accepted", "accepted", "accepted", "accepted", "accepted"]
    assert [reason(each) for each in found] == told
    room.check()
    assert reason(room.reserve("o6", "A 1", buyer="li")) == "buyer_limit"
    assert reason(room.reserve("o7", "A 3", buyer="wang")) == "accepted"


def test_a_limit_sums_the_lines_of_a_cart(scene: MakeScene) -> None:
    room = scene(buyer_limit=3)
    assert reason(room.reserve("o1", "A 2@hz", "A 2@gz", buyer="li")) == "buyer_limit"


def test_what_came_back_does_not_count(scene: MakeScene) -> None:
    room = scene(buyer_limit=3)
    room.buy("o1", "A 3", buyer="li")
    room.ship("o1", "A 1")
    assert reason(room.reserve("o2", "A 1", buyer="li")) == "buyer_limit"
    room.refund("o1", "A 2", restock=False)
    assert reason(room.reserve("o3", "A 2", buyer="li")) == "accepted"
    assert reason(room.reserve("o4", "A 1", buyer="li")) == "buyer_limit"


def test_a_due_hold_of_the_buyer_makes_room(scene: MakeScene) -> None:
    room = scene(buyer_limit=3)
    room.reserve("o1", "A 3", buyer="li", hold_seconds=1.0)
    room.wait(2)
    assert reason(room.reserve("o2", "A 3", buyer="li")) == "accepted"
    assert room.count_of("hold.expired") == 1


def test_facts_count_and_are_never_refused(scene: MakeScene) -> None:
    room = scene(buyer_limit=3)
    assert reason(room.record("o1", "A 5", buyer="li")) == "accepted"
    assert reason(room.reserve("o2", "A 1", buyer="li")) == "buyer_limit"


def test_a_drop_has_a_limit_of_its_own(scene: MakeScene) -> None:
    room = scene(drops=DROPS)
    room.one(c.DropRelease(drop="flash"))
    assert reason(room.reserve("o1", "A 4!flash", buyer="li")) == "buyer_limit"
    assert reason(room.reserve("o2", "A 3!flash", buyer="li")) == "accepted"
    assert reason(room.reserve("o3", "A 1!flash", buyer="li")) == "buyer_limit"
    assert reason(room.reserve("o4", "A 1", buyer="li")) == "accepted"
    room.release("o2", "A 1")
    assert reason(room.reserve("o5", "A 1!flash", buyer="li")) == "accepted"


def test_a_limit_that_changes_counts_at_once(scene: MakeScene) -> None:
    room = scene()
    room.one(c.ItemUpdate(sku="B", buyer_limit=1))
    assert reason(room.reserve("o1", "B 2", buyer="li")) == "buyer_limit"
    room.one(c.ItemUpdate(sku="B", buyer_limit=None))
    assert reason(room.reserve("o2", "B 2", buyer="li")) == "accepted"


def test_a_bundle_counts_for_itself_and_for_its_parts(scene: MakeScene) -> None:
    room = scene()
    assert reason(room.reserve("o1", "X 3", buyer="li")) == "buyer_limit"
    assert reason(room.reserve("o2", "X 2", buyer="li")) == "accepted"
    assert reason(room.reserve("o3", "A 4", buyer="li")) == "buyer_limit"
    assert reason(room.reserve("o4", "A 3", buyer="li")) == "accepted"
    assert reason(room.reserve("o5", "Y 1", buyer="li")) == "buyer_limit"


def test_a_rate_counts_what_was_taken_whatever_became_of_it(scene: MakeScene) -> None:
    room = scene(rates=True, buyer_limit=None)
    assert reason(room.reserve("o1", "A 10", buyer="li")) == "accepted"
    room.release("o1")
    assert reason(room.reserve("o2", "A 5", buyer="li")) == "buyer_limit"
    assert reason(room.reserve("o3", "A 2", "B 2", buyer="li")) == "accepted"
    room.wait(44)
    assert reason(room.reserve("o4", "A 1", buyer="li")) == "buyer_limit"
    assert reason(room.reserve("o5", "A 1", buyer="wang")) == "accepted"
    room.wait(2)
    assert reason(room.reserve("o6", "A 14", buyer="li")) == "accepted"


def test_too_many_attempts_leave_no_trace(scene: MakeScene) -> None:
    room = scene(rates=True)
    for number in range(4):
        assert reason(room.reserve(f"o{number}", "C 1", buyer="li")) == "sold_out"
    seq = room.state.seq
    found = room.one(c.OrderReserve(order="o9", buyer="li", lines=(line("A 1"),)), id="ninth")
    assert (reason(found), found.seq) == ("too_many_attempts", None)
    assert room.state.seq == seq
    assert reason(room.reserve("o7", "A 1", buyer="wang")) == "accepted"
    assert reason(room.reserve("o8", "A 1")) == "accepted"
    room.wait(30)
    found = room.one(c.OrderReserve(order="o9", buyer="li", lines=(line("A 1"),)), id="ninth")
    assert (found.status, found.first) == ("accepted", None)


def test_a_repeated_command_is_no_attempt(scene: MakeScene) -> None:
    room = scene(rates=True)
    asked = c.OrderReserve(order="o1", buyer="li", lines=(line("A 1"),))
    assert room.one(asked, id="first").status == "accepted"
    for _ in range(8):
        assert room.one(asked, id="first").status == "duplicate"
    assert reason(room.reserve("o2", "A 1", buyer="li")) == "accepted"


def test_a_rate_counts_the_parts_of_bundles(scene: MakeScene) -> None:
    room = scene(rates=True, buyer_limit=None)
    room.record("o1", "A 1", buyer="li")
    room.record("o1", "A 1", "X 4")
    assert reason(room.reserve("o2", "A 2", buyer="li")) == "buyer_limit"
    assert reason(room.reserve("o3", "A 1", buyer="li")) == "accepted"
    assert reason(room.reserve("o4", "X 5", buyer="wang")) == "buyer_limit"
