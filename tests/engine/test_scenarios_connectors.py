"""Stories of what connects the room with platforms: pauses, platforms' skus that nobody knows, and numbers that they have."""

from __future__ import annotations

from collections.abc import Callable

import pytest

from overlaykit.board import BoardView
from overlaykit.board.connections import Connections
from overlaykit.model import commands as c
from overlaykit.model import notes as n
from tests.engine.scene import Scene, reason

pytestmark = pytest.mark.store
MakeScene = Callable[..., Scene]


def unmapped(room: Scene) -> list[tuple[str, int, int]]:
    return [(name.sku, each.orders, each.quantity) for name, each in room.fold.connections.unmapped.items()]


def test_a_connector_is_paused_with_a_reason(scene: MakeScene) -> None:
    room = scene()
    assert reason(room.one(c.ConnectorPause(name="channel.mini", reason='维护 "今晚"'))) == "accepted"
    assert reason(room.one(c.ConnectorPause(name="source.wms"))) == "accepted"
    assert {name: pause.reason for name, pause in room.fold.connections.paused.items()} == {
        "channel.mini": '维护 "今晚"',
        "source.wms": None,
    }
    for _ in range(2):
        assert reason(room.one(c.ConnectorResume(name="channel.mini"))) == "accepted"
    assert list(room.fold.connections.paused) == ["source.wms"]


def test_orders_wait_for_a_sku_that_nobody_knows_until_it_is_mapped(scene: MakeScene) -> None:
    room = scene()
    first = n.OrderUnmapped(channel="mini", order="mini:1", platform_skus={"3501": 2, "礼 盒": 1})
    room.tell(first, "one")
    assert room.tell(first, "one").status == "duplicate", "it is said once"
    room.tell(n.OrderUnmapped(channel="mini", order="mini:2", platform_skus={"3501": 3}))
    assert unmapped(room) == [("3501", 2, 5), ("礼 盒", 1, 1)]
    assert reason(room.one(c.QuarantineMap(channel="radio", platform_sku="3501", sku="A"))) == "unknown_channel"
    assert reason(room.one(c.QuarantineMap(channel="mini", platform_sku="3501", sku="nowhere"))) == "unknown_sku"
    assert reason(room.one(c.QuarantineMap(channel="mini", platform_sku="3501", sku="A", quantity=2))) == "accepted"
    assert unmapped(room) == [("礼 盒", 1, 1)]
    assert reason(room.one(c.QuarantineDrop(channel="mini", platform_sku="3501"))) == "nothing_aside"
    assert reason(room.one(c.QuarantineDrop(channel="mini", platform_sku="礼 盒"))) == "accepted"
    assert unmapped(room) == []


def test_channels_and_skus_may_have_spaces(scene: MakeScene) -> None:
    room = scene()
    room.tell(n.OrderUnmapped(channel="我的 店", order="1", platform_skus={"礼 盒": 1}))
    room.tell(n.StockPushed(channel="我的 店", levels={"A 1": 7}, failed={"B 1": "商品已下架"}))
    found = Connections.from_shown(room.state.shown)
    assert [*found.unmapped, *found.pushed, *found.unpushed] == [
        ("我的 店", "礼 盒"),
        ("我的 店", "A 1"),
        ("我的 店", "B 1"),
    ]
    assert found == room.fold.connections


def test_two_hundred_skus_are_shown_as_unmapped_at_the_most(scene: MakeScene) -> None:
    room = scene()
    many = {f"sku-{number}": 1 for number in range(150)}
    room.tell(n.OrderUnmapped(channel="mini", order="mini:1", platform_skus=many))
    room.tell(n.OrderUnmapped(channel="douyin", order="douyin:1", platform_skus=many))
    assert len(unmapped(room)) == 200
    room.one(c.QuarantineDrop(channel="mini", platform_sku="sku-7"))
    room.tell(n.OrderUnmapped(channel="douyin", order="douyin:2", platform_skus={"sku-149": 4, "sku-0": 1}))
    assert (len(unmapped(room)), unmapped(room)[-1]) == (200, ("sku-149", 1, 4))
    room.check()


def test_a_number_that_could_not_be_written_leaves_the_one_before(scene: MakeScene) -> None:
    room = scene()
    room.tell(n.StockPushed(channel="mini", levels={"A": 7, "B": 0}))
    room.tell(n.StockPushed(channel="mini", failed={"A": "商品已下架", "P": "no such product"}))

    def pushed(sku: str) -> tuple[int | None, str | None]:
        found = BoardView(room.fold).pushed()["mini"][sku]
        return found.quantity, found.failed

    assert pushed("A") == (7, "商品已下架")
    assert (pushed("B"), pushed("P")) == ((0, None), (None, "no such product"))
    room.tell(n.StockPushed(channel="mini", levels={"A": 6}))
    assert pushed("A") == (6, None)
    room.check()
