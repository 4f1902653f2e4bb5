"""An evening with the connectors that come with overlaykit, beside made-up platforms: a shop of one's own, Shopify, a warehouse's
table, a group of Feishu. What they tell is on the board, whichever way it came; what the room says is heard."""

from __future__ import annotations

import json
from collections.abc import Callable, Iterator
from contextlib import ExitStack
from pathlib import Path
from typing import Any, NamedTuple

import pytest

from plugins.feishu.fake import FakeFeishu
from plugins.generic_poll.fake import FakeWarehouse
from plugins.generic_webhook.fake import FakeShop
from plugins.shopify.fake import TOKEN, FakeShopify
from tests.conftest import Room, until

SECRET = "whsec_bmV3IGtleSBvZiB0aGUgc2hvcCwgMzIgYnl0ZXM="
PLAN = """
id = "evening"
title = "三个平台"
item = [{{ link = 1, sku = "coat-m", title = "羊绒大衣", price = "899.00", opening = 100 }}]

[channel.mini]
connector = "generic_webhook"
sells = "by_itself"
share = "30%"
every = "0.5s"
skus = {{ "MINI-001" = "coat-m", "MINI-PACK" = {{ sku = "coat-m", quantity = 2 }} }}
settings = {{ feed = "{mini}/feed", stock = "{mini}/stock" }}

[channel.shopify]
connector = "shopify"
sells = "by_itself"
share = "30%"
every = "0.5s"
skus = {{ COAT = "coat-m" }}
settings = {{ shop = "{domain}", location = "{location}", api = "{shopify}" }}

[location.hz]
source = "wms"

[source.wms]
plugin = "generic_poll"
every = "0.5s"
settings = {{ csv = {{ file = "{table}" }}, skus = {{ "6901" = "coat-m" }} }}

[notifier.team]
plugin = "feishu"

[[rule]]
name = "alarm"
when = "button alarm"
do = [{{ action = "notify", text = "快没货了", level = "urgent" }}]
"""


class Evening(NamedTuple):
    """A room, and the platforms around it."""

    room: Room
    mini: FakeShop
    shopify: FakeShopify
    warehouse: FakeWarehouse
    team: FakeFeishu
    table: Path

    @property
    def coat(self) -> dict[str, Any]:
        items: Any = self.room.board()["items"]
        found: dict[str, Any] = items["coat-m"]
        return found

    def becomes(self, **expected: Any) -> None:
        until(
            lambda: {name: self.coat[name] for name in expected} == expected,
            f"the coat becomes {expected}; it is {self.coat}\n{self.room.logs()}",
            seconds=20,
        )


@pytest.fixture
def evening(room: Callable[..., Room], tmp_path: Path) -> Iterator[Evening]:
    with ExitStack() as open_now:
        mini = open_now.enter_context(FakeShop(secret=SECRET, stock={"MINI-001": 500, "MINI-PACK": 500}))
        shopify = open_now.enter_context(FakeShopify(secret="client-secret", stock={"COAT": 500}))
        warehouse, team = open_now.enter_context(FakeWarehouse()), open_now.enter_context(FakeFeishu(secret="s-1"))
        table = tmp_path / "stock.csv"
        warehouse.count("6901", 100)
        warehouse.write_csv(table)
        folder = tmp_path / "evening"
        folder.mkdir()
        places = {"mini": mini.url, "shopify": shopify.url, "domain": shopify.shop, "location": shopify.location}
        (folder / "session.toml").write_text(PLAN.format(**places, table=table), encoding="utf-8")
        secrets = {
            "CHANNEL_MINI_SECRET": SECRET,
            "CHANNEL_SHOPIFY_SECRET": "client-secret",
            "CHANNEL_SHOPIFY_ACCESS_TOKEN": TOKEN,
            "NOTIFIER_TEAM_HOOK": team.hook,
            "NOTIFIER_TEAM_SIGN_KEY": "s-1",
        }
        environment = {f"OVERLAYKIT_SECRET_{name}": value for name, value in secrets.items()}
        yield Evening(room(folder, environment=environment), mini, shopify, warehouse, team, table)
        for platform in (mini, shopify, warehouse, team):
            assert not platform.failures, platform.failures[0]


def test_an_evening_with_four_platforms(evening: Evening) -> None:
    shops_sell_what_the_room_gives_them(evening)
    what_nobody_signed_moves_nothing(evening)
    what_is_told_by_message_and_when_asked_counts_once(evening)
    a_warehouse_is_counted(evening)
    the_team_is_told(evening)


def what_is_told_by_message_and_when_asked_counts_once(evening: Evening) -> None:
    mini, shopify, hooks = evening.mini, evening.shopify, f"{evening.room.url}/hooks"
    sold, pack = paid(mini, "M-1", "MINI-001", 2), paid(mini, "M-2", "MINI-PACK", 1)
    for _ in range(3):
        assert mini.tell(f"{hooks}/mini", sold).status == 200
    assert mini.tell_as_cloud_event(f"{hooks}/mini", sold, pack).status == 200
    order = shopify.place([("COAT", 3)], paid=True)
    id = str(order["id"])
    assert shopify.tell(f"{hooks}/shopify", "orders/paid", order, "event-1").status == 200
    shopify.place([("COAT", 1)], paid=True)  # which no message tells
    evening.becomes(sold=8)

    refund = shopify.refund(id, [("COAT", 1)])
    assert shopify.tell(f"{hooks}/shopify", "refunds/create", refund, "event-2").status == 200
    cancelled = mini.cancel("M-2")
    assert mini.tell(f"{hooks}/mini", cancelled).status == 200
    evening.becomes(sold=5)

    # A last order, which is found by asking alone: by then everything above was told again.
    shopify.place([("COAT", 1)], paid=True)
    paid(mini, "M-3", "MINI-001", 1)
    evening.becomes(sold=7, oversold=0)


def paid(shop: FakeShop, order: str, sku: str, quantity: int) -> dict[str, Any]:
    """An order that the shop took, whatever it may sell by then."""
    return shop.say("order.paid", {"order": order, "lines": [{"sku": sku, "quantity": quantity}]})


def shops_sell_what_the_room_gives_them(evening: Evening) -> None:
    """Each has 30 of the 100, and what it sells by two names is one number."""
    mini, shopify = evening.mini.stock, evening.shopify.available
    until(lambda: (shopify["COAT"] or 0) <= 30, f"Shopify sells its share; it sells {shopify}", seconds=20)
    until(lambda: mini["MINI-001"] + 2 * mini["MINI-PACK"] <= 30, f"the shop sells its share: {mini}", seconds=20)
    assert mini["MINI-001"] > 0


def what_nobody_signed_moves_nothing(evening: Evening) -> None:
    mini, hooks = evening.mini, f"{evening.room.url}/hooks"
    data = {"order": "X", "lines": [{"sku": "coat-m", "quantity": 9}]}
    body = json.dumps({"type": "order.paid", "timestamp": "2026-11-11T12:00:00Z", "data": data})
    signed_other = mini.headers("m-1", b"{}")
    assert mini.deliver(f"{hooks}/mini", body.encode(), signed_other).status == 401
    assert mini.deliver(f"{hooks}/shopify", body.encode(), signed_other).status == 401
    evening.becomes(sold=0, oversold=0)


def a_warehouse_is_counted(evening: Evening) -> None:
    evening.warehouse.count("6901", 90)
    evening.warehouse.write_csv(evening.table)
    evening.becomes(available=83, sold=7)  # orders that are not shipped lie there still


def the_team_is_told(evening: Evening) -> None:
    evening.room.post("/api/v1/sessions/current/commands", {"type": "button.press", "name": "alarm"})
    (sent,) = until(lambda: evening.team.messages, "the team is told", seconds=20)
    assert sent["card"]["header"]["template"] == "red"
    assert "快没货了" in json.dumps(sent, ensure_ascii=False)
