"""Stories of the evening: items that come and change, what is on the screen, and the clock."""

from __future__ import annotations

import datetime as dt
from collections.abc import Callable

import pytest

from overlaykit.model import commands as c
from overlaykit.model.sessions import Threshold
from tests.engine.evening import DROPS
from tests.engine.scene import Scene, line, reason

pytestmark = pytest.mark.store
MakeScene = Callable[..., Scene]


def deadline(room: Scene) -> dt.datetime:
    return dt.datetime.fromisoformat(room.state.shown["countdown coupon"]["ends_at"])


def test_an_item_is_added_and_sells(scene: MakeScene) -> None:
    room = scene()
    added = c.ItemAdd(sku="N", title="新品", link=9, opening={"bj": 5}, buffer={"bj": 1})
    assert reason(room.one(added)) == "accepted"
    assert room.row("N", "bj") == {"on_hand": 5, "available": 4, "buffer": 1, "opening": 4}
    assert [item.sku for item in room.state.plan.items] == ["A", "B", "C", "P", "X", "Y", "N"]
    assert reason(room.reserve("o1", "N 4")) == "accepted"
    assert reason(room.one(added)) == "duplicate_sku"
    assert reason(room.one(c.ItemAdd(sku="M", title="新品", opening={"mars": 5}))) == "unknown_location"
    assert reason(room.one(c.ItemAdd(sku="M", title="新品", bundle={"nowhere": 5}))) == "unknown_sku"


def test_an_item_that_is_added_may_wait(scene: MakeScene) -> None:
    room = scene()
    room.one(c.ItemAdd(sku="N", title="新品", opening={"bj": 5}, on_sale=False))
    assert reason(room.reserve("o1", "N 1")) == "not_on_sale"
    assert reason(room.one(c.ItemOpen(sku="N"))) == "accepted"
    assert reason(room.reserve("o1", "N 1")) == "accepted"
    assert reason(room.one(c.ItemClose(sku="nowhere"))) == "unknown_sku"


def test_an_item_changes_what_is_said_of_it(scene: MakeScene) -> None:
    room = scene()
    assert reason(room.one(c.ItemUpdate(sku="A", title="新名", price="3.00", link=None))) == "accepted"
    item = room.state.plan.items[0]
    assert (item.title, item.price, item.link, item.product) == ("新名", "3.00", None, "p")
    assert reason(room.one(c.ItemFeature(link=1))) == "unknown_item"
    assert reason(room.one(c.ItemUpdate(sku="nowhere", title="新名"))) == "unknown_sku"


def test_a_link_number_is_shared_by_variants_of_one_product_alone(scene: MakeScene) -> None:
    room = scene()
    assert reason(room.one(c.ItemUpdate(sku="B", link=1))) == "accepted"
    assert reason(room.one(c.ItemUpdate(sku="C", link=1))) == "link_taken"
    assert reason(room.one(c.ItemUpdate(sku="C", link=1, product="q"))) == "link_taken"
    assert reason(room.one(c.ItemUpdate(sku="B", product=None))) == "link_taken"
    assert reason(room.one(c.ItemAdd(sku="N", title="新品", link=3))) == "link_taken"
    assert reason(room.one(c.ItemAdd(sku="N", title="新品", link=1, product="p"))) == "accepted"
    assert room.one(c.ItemFeature(link=1)).status == "accepted"
    assert room.state.shown["on_air"] == ["A", "B", "N"]
    assert reason(room.one(c.ItemUpdate(sku="A", product="q", link=9))) == "accepted"


def test_critical_stays_below_low_when_one_of_them_changes(scene: MakeScene) -> None:
    room = scene()
    shares = [Threshold(share=share) for share in (0.1, 0.3, 0.6)]
    assert reason(room.one(c.ItemUpdate(sku="A", low=shares[1], critical=shares[0]))) == "accepted"
    assert reason(room.one(c.ItemUpdate(sku="A", critical=shares[1]))) == "levels_crossed"
    assert reason(room.one(c.ItemUpdate(sku="A", low=shares[0]))) == "levels_crossed"
    assert reason(room.one(c.ItemUpdate(sku="A", low=Threshold(units=1)))) == "accepted", "another kind"
    assert reason(room.one(c.ItemUpdate(sku="A", critical=Threshold(units=1)))) == "levels_crossed"
    assert reason(room.one(c.ItemAdd(sku="N", title="新品", critical=shares[2]))) == "levels_crossed", "the plan's low"
    assert reason(room.one(c.ItemAdd(sku="N", title="新品", critical=shares[0]))) == "accepted"
    assert reason(room.one(c.ItemUpdate(sku="N", low=shares[0]))) == "levels_crossed"


def test_an_item_moves_in_the_running_order(scene: MakeScene) -> None:
    room = scene()
    assert reason(room.one(c.ItemMove(sku="P", position=1))) == "accepted"
    assert [item.sku for item in room.state.plan.items] == ["P", "A", "B", "C", "X", "Y"]
    assert reason(room.one(c.ItemMove(sku="P", position=6))) == "accepted"
    assert [item.sku for item in room.state.plan.items] == ["A", "B", "C", "X", "Y", "P"]
    assert reason(room.one(c.ItemMove(sku="P", position=7))) == "no_such_position"
    assert reason(room.one(c.ItemMove(sku="nowhere", position=1))) == "unknown_sku"


def test_what_is_on_air(scene: MakeScene) -> None:
    room = scene()
    room.one(c.ItemFeature(product="p"))
    assert room.state.shown["on_air"] == ["A", "B"]
    room.one(c.ItemFeature(sku="C", channel="mini"))
    assert room.state.shown["on_air mini"] == ["C"]
    assert reason(room.one(c.ItemFeature(sku="A", channel="radio"))) == "unknown_channel"
    assert reason(room.one(c.ItemFeature(sku="nowhere"))) == "unknown_sku"
    assert reason(room.one(c.ItemFeature(product="nothing"))) == "unknown_item"
    assert room.state.shown["on_air"] == ["A", "B"]


def test_countdowns_and_announcements_come_due_once(scene: MakeScene) -> None:
    room = scene(drops=DROPS)
    room.one(c.AnnounceShow(text="最后几件", seconds=20.0))
    assert room.sweep_after(10) == []
    assert sorted(room.sweep_after(25)) == ["announce.expired", "countdown.due", "drop.opened"]
    assert room.sweep_after(1) == []


def test_everybody_who_extends_a_countdown_gives_the_time(scene: MakeScene) -> None:
    room = scene()
    room.one(c.CountdownSet(name="coupon", sku="B", seconds=60.0))
    begun = deadline(room)
    for _ in range(2):
        room.one(c.CountdownSet(name="coupon", extend=60.0))
    assert (room.state.shown["countdown coupon"]["sku"], deadline(room) - begun) == ("B", dt.timedelta(seconds=120))
    room.one(c.CountdownSet(name="coupon", extend=-60.0))
    assert deadline(room) - begun == dt.timedelta(seconds=60)


def test_a_countdown_that_has_passed_is_extended_from_now(scene: MakeScene) -> None:
    room = scene()
    assert room.sweep_after(100) == ["countdown.due"]
    room.one(c.CountdownSet(name="coupon", extend=30.0))
    assert room.sweep_after(29) == []
    assert room.sweep_after(2) == ["countdown.due"]


def test_a_countdown_made_shorter_ends_now_at_the_earliest(scene: MakeScene) -> None:
    room = scene()
    room.one(c.CountdownSet(name="coupon", extend=-3600.0))
    room.one(c.CountdownSet(name="coupon", extend=30.0))
    assert room.sweep_after(29) == []
    assert room.sweep_after(2) == ["countdown.due"]


def test_what_does_not_run_and_what_a_drop_says_cannot_be_set_longer(scene: MakeScene) -> None:
    room = scene(drops=DROPS)
    assert reason(room.one(c.CountdownSet(name="never", extend=60.0))) == "unknown_countdown"
    for name in ("flash-open", "flash-close"):
        for command in (c.CountdownSet(name=name, extend=60.0), c.CountdownSet(name=name, ends_at=None)):
            assert reason(room.one(command)) == "belongs_to_drop"
    assert "countdown flash-open" in room.state.shown


def test_the_look_of_the_overlays_is_set_and_taken_back(scene: MakeScene) -> None:
    room = scene()
    room.one(c.OverlaySet(theme="neon", options={"accent": "#e4002b", "motion": "bold"}))
    room.one(c.OverlaySet(options={"accent": None, "rows": 3}))
    assert room.fold.look.theme == "neon"
    assert room.fold.look.options == {"motion": "bold", "rows": 3}
    room.one(c.OverlaySet(theme=None))
    assert (room.fold.look.theme, room.fold.theme) == ("classic", None)


def test_a_session_turns_in_its_order(scene: MakeScene) -> None:
    room = scene(opened=False)
    assert reason(room.one(c.SessionFreeze())) == "wrong_state"
    room.open()
    assert reason(room.one(c.SessionOpen())) == "wrong_state"
    assert reason(room.one(c.SessionThaw())) == "wrong_state"
    assert reason(room.one(c.SessionFreeze())) == "accepted"
    room.reserve("o1", "A 5")
    assert reason(room.one(c.SessionThaw())) == "accepted"
    assert reason(room.one(c.SessionClose())) == "accepted"
    assert reason(room.one(c.SessionClose())) == "wrong_state"


def test_the_same_id_again_changes_nothing(scene: MakeScene) -> None:
    room = scene()
    asked = c.OrderReserve(order="o1", lines=(line("B 1"),))
    first = room.one(asked, id="once")
    again = room.one(asked, id="once")
    assert (again.status, again.first, again.seq) == ("duplicate", first, None)
    assert room.available("B") == 3
    other = room.one(c.OrderReserve(order="o1", lines=(line("B 2"),)), id="once")
    assert (other.status, other.seq) == ("conflict", None)
    assert room.available("B") == 3


def test_the_same_id_twice_in_one_call(scene: MakeScene) -> None:
    room = scene()
    one = room.submission(c.OrderReserve(order="o1", lines=(line("B 1"),)))
    other = one._replace(command=c.OrderReserve(order="o2", lines=(line("B 1"),)))
    found = room.submit([one, one, other])
    assert [each.status for each in found] == ["accepted", "duplicate", "conflict"]
    room.check()
    assert room.available("B") == 3


def test_a_refused_command_keeps_its_id(scene: MakeScene) -> None:
    room = scene()
    asked = c.OrderReserve(order="o1", lines=(line("B 9"),))
    assert reason(room.one(asked, id="once")) == "sold_out"
    room.adjust("B", "hz", 9)
    again = room.one(asked, id="once")
    assert again.status == "duplicate"
    assert again.first is not None
    assert again.first.reason == "sold_out"


def test_every_command_has_one_entry_and_no_seq_is_used_twice(scene: MakeScene) -> None:
    room = scene()
    room.reserve("o1", "B 9")
    room.record("o2", "B 6")
    room.adjust("B", "hz", 3)
    room.count("B", "hz", 0)
    assert [(each.seq, each.type, each.cause) for each in room.lines] == [
        (2, "session.open", None),
        (3, "order.reserve", None),
        (4, "order.record", None),
        (5, "stock.adjust", None),
        (6, "oversold.covered", 5),
        (7, "stock.count", None),
    ]
