"""What somebody at the desk has to see: raised, worse, seen, silenced, over."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import pytest

from overlaykit.board import AlertNow, BoardView, Fold
from overlaykit.model.alerts import AT_MOST
from tests.board.conftest import Story, row

SINCE = "2026-11-11T11:59:00.000Z"


def alerts(story: Story) -> dict[str, AlertNow]:
    """As the desk sees them, and as it would after a restart."""
    found = BoardView(story.fold).direction().alerts
    assert BoardView(Fold.from_state(story.fold.to_state())).direction().alerts == found
    return {each.alert: each for each in found}


def owe(story: Story, units: int, type: str = "order.record") -> None:
    story.write(type, stock={"coat": {"hz": row(60)}}, owed={"coat": units})


def test_units_that_were_sold_and_are_not_there_ring_until_they_are(story: Story) -> None:
    owe(story, 3)
    alert = alerts(story)["oversold:coat"]
    assert (alert.kind, alert.level, alert.sku, alert.count, alert.params) == (
        "oversold",
        "urgent",
        "coat",
        3,
        {"units": 3},
    )
    owe(story, 1, "stock.adjust")
    assert alerts(story)["oversold:coat"].count == 1
    owe(story, 0, "stock.adjust")
    assert alerts(story) == {}


def test_what_was_seen_is_seen_until_it_gets_worse(story: Story) -> None:
    owe(story, 3)
    story.write("alert.acknowledge", {"alert": "oversold:coat"})
    alert = alerts(story)["oversold:coat"]
    assert (alert.acknowledged_by, alert.acknowledged_at) == ("api:test", "2026-11-11T12:00:00.000Z")
    owe(story, 2, "stock.adjust")
    assert alerts(story)["oversold:coat"].acknowledged_by == "api:test", "less of it is no news"
    owe(story, 4)
    assert alerts(story)["oversold:coat"].acknowledged_by is None
    story.write("alert.acknowledge", {"alert": "oversold:coat"})
    owe(story, 0, "stock.adjust")
    owe(story, 1)
    assert alerts(story)["oversold:coat"].acknowledged_by is None, "it came again"


def test_what_was_silenced_is_quiet_until_its_time_or_until_it_gets_worse(story: Story) -> None:
    story.write("alert.raised", {"rule": "alert-1", "sku": "coat", "text": "羊绒大衣只剩 12 件", "level": "urgent"})
    story.write("alert.snooze", {"alert": "rule:alert-1:coat", "seconds": 300.0}, ends_at="2026-11-11T12:05:00.000Z")
    alert = alerts(story)["rule:alert-1:coat"]
    assert (alert.text, alert.level) == ("羊绒大衣只剩 12 件", "urgent")
    assert (alert.snoozed_by, alert.snoozed_until) == ("api:test", "2026-11-11T12:05:00.000Z")
    story.write("alert.raised", {"rule": "alert-1", "sku": "coat", "text": "羊绒大衣只剩 9 件", "level": "urgent"})
    alert = alerts(story)["rule:alert-1:coat"]
    assert (alert.text, alert.count, alert.snoozed_until) == ("羊绒大衣只剩 9 件", 2, None)
    story.write("alert.raised", {"rule": "alert-1", "text": "全场"})
    assert set(alerts(story)) == {"rule:alert-1:coat", "rule:alert-1"}


@pytest.mark.parametrize(
    ("alert", "params", "count", "raised", "over"),
    [
        (
            "source:wms",
            {"source": "wms", "since": SINCE},
            1,
            ("source.stale", {"source": "wms", "since": SINCE}),
            ("source.fresh", {"source": "wms"}),
        ),
        (
            "obs:main",
            {"obs": "main", "connected": 0},
            1,
            ("obs.changed", {"obs": "main", "state": {"connected": False}}),
            ("obs.changed", {"obs": "main", "state": {"connected": False, "wanted": False}}),
        ),
        (
            "obs:main",
            {"obs": "main", "connected": 1},
            2,
            (
                "obs.changed",
                {"obs": "main", "state": {"connected": True, "problems": ["没有场景 特写", "没有来源 计数"]}},
            ),
            ("obs.changed", {"obs": "main", "state": {"connected": True}}),
        ),
        (
            "unmapped:mini:35 01",
            {"channel": "mini", "platform_sku": "35 01", "quantity": 2, "order": "mini:1"},
            1,
            ("order.unmapped", {"channel": "mini", "order": "mini:1", "platform_skus": {"35 01": 2}}),
            ("quarantine.map", {"channel": "mini", "platform_sku": "35 01", "sku": "coat"}),
        ),
        (
            "unmapped:mini:3501",
            {"channel": "mini", "platform_sku": "3501", "quantity": 2, "order": "mini:1"},
            1,
            ("order.unmapped", {"channel": "mini", "order": "mini:1", "platform_skus": {"3501": 2}}),
            ("quarantine.drop", {"channel": "mini", "platform_sku": "3501"}),
        ),
        ("clock", {"step_ms": 3_600_000}, 1, ("clock.suspended", {"step_ms": 3_600_000}), ("clock.accept", {})),
        ("clock", {"step_ms": -5_000}, 1, ("clock.suspended", {"step_ms": -5_000}), ("clock.resumed", {})),
    ],
)
def test_it_is_there_until_it_is_over(
    story: Story,
    alert: str,
    params: dict[str, Any],
    count: int,
    raised: tuple[str, dict[str, Any]],
    over: tuple[str, dict[str, Any]],
) -> None:
    story.write(*raised)
    [(found, said)] = alerts(story).items()
    assert (found, said.params, said.count) == (alert, params, count)
    story.write(*over)
    assert alerts(story) == {}


def test_a_reading_waits_with_what_stood_there_and_what_was_read(story: Story) -> None:
    reading = {"sku": "coat", "location": "gz", "quantity": 3, "basis": "on_hand"}
    story.write("stock.count", reading, unconfirmed=True)
    first = story.fold.seq
    alert = alerts(story)[f"reading:{first}"]
    assert (alert.sku, alert.params) == ("coat", {"seq": first, "location": "gz", "old": 40, "new": 3})
    story.write("stock.count", {**reading, "quantity": 2}, unconfirmed=True)
    second = story.fold.seq
    assert list(alerts(story)) == [f"reading:{second}"], "a newer reading takes its place"
    story.write("stock.count", {**reading, "location": "hz"}, unconfirmed=True)
    story.write("stock.confirm", {"reading": second, "accept": True})
    assert list(alerts(story)) == [f"reading:{story.fold.seq - 1}"]


def test_an_order_that_was_put_aside_waits_for_a_decision(story: Story) -> None:
    story.write("order.ship", {"order": "mini:9", "fact": True}, quarantined="cancelled")
    seq = story.fold.seq
    assert alerts(story)[f"quarantined:{seq}"].params == {
        "entry": seq,
        "type": "order.ship",
        "order": "mini:9",
        "reason": "cancelled",
    }
    story.write("quarantine.drop", {"entry": seq})
    assert alerts(story) == {}


def test_a_store_that_lost_entries_says_which(story: Story) -> None:
    story.write("session.resumed", {"epoch": "e2", "intact": 90, "lost": None, "given_back": {"from": 80, "to": 90}})
    assert (alerts(story)["store"].level, alerts(story)["store"].params) == ("warning", {})
    story.write("alert.acknowledge", {"alert": "store"})
    story.write("session.resumed", {"epoch": "e3", "intact": 92, "lost": {"from": 93, "to": 97}})
    alert = alerts(story)["store"]
    assert (alert.level, alert.params, alert.count, alert.acknowledged_by) == (
        "urgent",
        {"from": 93, "to": 97},
        2,
        None,
    )


def test_the_desk_is_told_only_when_something_changed(story: Story) -> None:
    seq = story.fold.part_seq["direction"]
    story.write("stock.count", {"sku": "coat", "location": "gz", "quantity": 40, "basis": "on_hand"})
    story.write("stock.confirm", {"reading": 1, "accept": False})
    assert story.fold.part_seq["direction"] == seq
    owe(story, 1)
    assert story.fold.part_seq["direction"] == story.fold.seq


def test_the_oldest_that_was_seen_leaves_when_there_are_too_many(tell: Callable[..., Story]) -> None:
    story = tell()
    for nth in range(AT_MOST):
        story.write("source.stale", {"source": f"s{nth}", "since": SINCE})
    story.write("alert.acknowledge", {"alert": "source:s7"})
    story.write("alert.acknowledge", {"alert": "source:s5"})
    owe(story, 1)
    found = BoardView(story.fold).direction()
    assert (len(found.alerts), found.alerts_left_out) == (AT_MOST, 1)
    assert "source:s5" not in alerts(story)
    owe(story, 0, "stock.adjust")
    story.write("source.stale", {"source": "t", "since": SINCE})
    assert {"source:s0", "source:s7"} <= set(alerts(story)), "there was room"
    story.write("source.stale", {"source": "u", "since": SINCE})
    story.write("source.stale", {"source": "v", "since": SINCE})
    assert not {"source:s0", "source:s7"} & set(alerts(story)), "one that was seen, then the oldest"


def test_the_presenter_is_told_something_until_it_is_taken_back(story: Story) -> None:
    story.write("note.set", {"text": "讲慢一点"})
    note = BoardView(Fold.from_state(story.fold.to_state())).direction().note
    assert note is not None
    assert (note.text, note.by, note.at) == ("讲慢一点", "api:test", "2026-11-11T12:00:00.000Z")
    story.write("note.set", {"text": None})
    assert BoardView(story.fold).direction().note is None
