"""What the desk sees of the director's work: what the plan has of rules, OBS and sources, and what was noted of them."""

from __future__ import annotations

from collections.abc import Callable

import msgspec
import pytest

from overlaykit.board import BoardView, DirectionNow
from overlaykit.model.sessions import Channel, Location, SessionPlan
from tests.board.conftest import PLAN, Story

Tell = Callable[[SessionPlan], Story]

DIRECTED = msgspec.structs.replace(
    PLAN,
    locations=(
        Location(name="hz", title="杭州仓", serves=("east",), source="wms", backup="csv"),
        Location(name="gz", title="广州仓", serves=("south",), source="wms"),
    ),
    later={
        "rule": [{"name": "last", "when": "available < 5"}, {"name": "off", "when": "sold_out", "enabled": False}],
        "obs": {"main": {"host": "127.0.0.1"}},
        "source": {"erp": {"plugin": "erp"}, "wms": {"plugin": "wms"}},
        "notifier": {"group": {"plugin": "robot"}},
    },
    channels=(
        Channel(name="mini", title="小程序"),
        Channel(name="douyin", title="抖音", connector="some_shop", sells="by_itself"),
    ),
)
SINCE = "2026-11-11T11:59:00.000Z"


@pytest.fixture
def room(tell: Tell) -> Story:
    return tell(DIRECTED)


def now(room: Story) -> DirectionNow:
    return BoardView(room.fold).direction()


def test_rules_are_those_of_the_plan_in_its_order(room: Story) -> None:
    rules = now(room).rules
    assert [(name, rule.enabled, rule.switched, rule.fired) for name, rule in rules.items()] == [
        ("last", True, False, 0),
        ("off", False, False, 0),
    ]
    room.write("rule.set", {"name": "last", "enabled": False})
    room.write("rule.set", {"name": "off", "enabled": True})
    room.write("rule.fired", {"rule": "last", "sku": "coat", "key": "1"})
    room.write("rule.skipped", {"rule": "last", "sku": "coat", "key": "2"})
    room.write("rule.fired", {"rule": "alert-1", "key": "1"})
    rules = now(room).rules
    assert [(name, rule.enabled, rule.switched) for name, rule in rules.items()] == [
        ("last", False, True),
        ("off", True, True),
        ("alert-1", True, False),
    ]
    last = rules["last"]
    assert (last.fired, last.last_at, last.last_seq, last.last_sku) == (1, "2026-11-11T12:00:00.000Z", 5, "coat")
    room.write("rule.set", {"name": "off", "enabled": None})
    assert not now(room).rules["off"].enabled


def test_an_obs_of_the_plan_is_not_connected_until_it_is(room: Story) -> None:
    assert not now(room).obs["main"].connected
    room.write(
        "obs.changed", {"obs": "main", "state": {"connected": True, "scene": "特写", "problems": ["没有文字源"]}}
    )
    room.write("obs.health", {"obs": "main", "values": {"dropped_frames": 0.02, "reconnecting": False}})
    main = now(room).obs["main"]
    assert (main.connected, main.scene, main.problems, main.preview) == (True, "特写", ["没有文字源"], None)
    assert (main.dropped_frames, main.reconnecting, main.cpu) == (0.02, False, None)


def test_sources_say_where_they_count_and_whether_they_are_silent(room: Story) -> None:
    room.write("source.stale", {"source": "wms", "since": SINCE})
    sources = now(room).sources
    assert {name: (each.silent_since, each.locations) for name, each in sources.items()} == {
        "erp": (None, []),
        "wms": (SINCE, ["hz", "gz"]),
        "csv": (None, ["hz"]),
    }


def test_who_asks_what_changed_is_told_of_stale_stock_and_pace(room: Story) -> None:
    before = room.fold.seq
    room.write("source.stale", {"source": "wms", "since": SINCE})
    changed = room.changes(before).items
    assert {sku: item.stale for sku, item in changed.items()} == {"coat": True, "scarf": True, "set": True}
    assert changed["set"].heat == "grey"
    room.write("forecast.updated", {"items": {"coat": [12.5, SINCE]}})
    assert set(room.changes(before + 1).items) == {"coat", "set"}
    assert room.item("coat").pace_per_minute == 12.5
    room.write("chat.heard", {"channel": "mini", "keyword": "价", "text": "价格"})
    assert room.changes(before + 2).items == {}
    assert room.fold.part_seq["direction"] == before + 1


def test_a_refused_command_changes_nothing(room: Story) -> None:
    room.write("task.opened", {"task": "t", "text": "发券"})
    room.write("task.done", {"task": "t"}, status="refused", reason="unknown_task")
    assert [task.task for task in now(room).tasks] == ["t"]
    room.write("task.dropped", {"task": "t"})
    assert now(room).tasks == []


def test_what_connects_the_room_is_paused_and_goes_on(room: Story) -> None:
    assert list(now(room).connectors) == ["channel.douyin", "source.erp", "source.wms", "notifier.group"]
    room.write("connector.pause", {"name": "channel.douyin", "reason": "平台维护"})
    room.write("connector.pause", {"name": "source.erp"})
    found = {name: (each.paused, each.reason, each.since) for name, each in now(room).connectors.items()}
    assert found["channel.douyin"] == (True, "平台维护", "2026-11-11T12:00:00.000Z")
    assert found["source.erp"] == (True, None, "2026-11-11T12:00:00.000Z")
    assert found["source.wms"] == (False, None, None)
    room.write("connector.resume", {"name": "channel.douyin"})
    assert not now(room).connectors["channel.douyin"].paused


def test_orders_that_wait_for_an_item_are_summed_up_until_it_is_said(room: Story) -> None:
    room.write("order.unmapped", {"channel": "douyin", "order": "douyin:1", "platform_skus": {"3501": 2, "礼 盒": 1}})
    room.write("order.unmapped", {"channel": "douyin", "order": "douyin:2", "platform_skus": {"3501": 1}})
    waiting = [(each.channel, each.platform_sku, each.orders, each.quantity, each.order) for each in now(room).unmapped]
    assert waiting == [("douyin", "3501", 2, 3, "douyin:2"), ("douyin", "礼 盒", 1, 1, "douyin:1")]
    room.write("quarantine.map", {"channel": "douyin", "platform_sku": "3501", "sku": "coat", "quantity": 2})
    assert [each.platform_sku for each in now(room).unmapped] == ["礼 盒"]
    mapped = now(room).mappings["douyin"]["3501"]
    assert (mapped.sku, mapped.quantity) == ("coat", 2)
    room.write("quarantine.drop", {"channel": "douyin", "platform_sku": "礼 盒"})
    assert now(room).unmapped == []


def test_the_desk_is_told_which_numbers_platforms_got_since(room: Story) -> None:
    view = BoardView(room.fold)
    room.write("stock.pushed", {"channel": "douyin", "levels": {"coat": 40, "scarf": 9}})
    room.write("stock.pushed", {"channel": "douyin", "levels": {"scarf": 8}, "failed": {"coat": "商品已下架"}})
    told = {sku: (each.quantity, each.failed) for sku, each in view.pushed()["douyin"].items()}
    assert told == {"coat": (40, "商品已下架"), "scarf": (8, None)}
    before = room.fold.seq
    assert view.pushed(before) == {}
    room.write("stock.pushed", {"channel": "douyin", "levels": {"coat": 39}})
    assert {sku: (each.quantity, each.failed) for sku, each in view.pushed(before)["douyin"].items()} == {
        "coat": (39, None)
    }
    assert room.changes(before).items == {}
    assert room.fold.part_seq["direction"] < before
