"""A room with two shops and a chat, all made up: one stock, whoever sells of it, however the room hears of it."""

from __future__ import annotations

import json
from collections.abc import Callable, Iterator
from contextlib import ExitStack
from pathlib import Path
from typing import Any

import pytest

from plugins.bilibili import fake as bilibili
from plugins.bilibili.fake import FakeBilibili
from plugins.douyin import fake as douyin
from plugins.douyin.fake import FakeDouyin
from plugins.wechat_channels import fake as channels
from plugins.wechat_channels.fake import COAT, FakeChannels
from tests.conftest import Room, until

pytestmark = pytest.mark.store

PLAN = """
id = "room"
title = "三个平台"
item = [
  {{ link = 1, sku = "coat", title = "大衣", price = "99.00", opening = 100 }},
  {{ link = 2, sku = "scarf", title = "围巾", price = "9.00", opening = 100 }},
]

[channel.douyin]
connector = "douyin"
sells = "by_itself"
share = "50%"
every = "1s"
shop = "{shop}"
settings = {{ app_key = "{app_key}", base_url = "{douyin}" }}
skus = {{ "HZ-COAT" = "coat", "HZ-SCARF-2" = {{ sku = "scarf", quantity = 2 }} }}

[channel.shipinhao]
connector = "wechat_channels"
sells = "by_itself"
share = "50%"
every = "1s"
settings = {{ appid = "{appid}", base_url = "{channels}" }}
skus = {{ "{coat}" = "coat" }}

[channel.bilibili]
connector = "bilibili"
settings = {{ app_id = {app_id}, access_key_id = "{key_id}", base_url = "{bilibili}" }}

[[rule]]
name = "how-to-buy"
when = 'chat "怎么买"'
do = [{{ action = "announce", text = "点左下角小黄车" }}]
"""
SECRETS = {
    "DOUYIN_APP_SECRET": douyin.APP_SECRET,
    "SHIPINHAO_APP_SECRET": channels.APP_SECRET,
    "SHIPINHAO_TOKEN": channels.TOKEN,
    "SHIPINHAO_ENCODING_AES_KEY": channels.ENCODING_AES_KEY,
    "BILIBILI_ACCESS_KEY_SECRET": bilibili.KEY_SECRET,
    "BILIBILI_CODE": bilibili.CODE,
}


@pytest.fixture
def platforms() -> Iterator[tuple[FakeDouyin, FakeChannels, FakeBilibili]]:
    with ExitStack() as stack:
        found = (
            stack.enter_context(FakeDouyin({"HZ-COAT": 500, "HZ-SCARF-2": 500})),
            stack.enter_context(FakeChannels({COAT: 500})),
            stack.enter_context(FakeBilibili()),
        )
        yield found
        assert [platform.failures for platform in found] == [[], [], []]


def available(room: Room) -> dict[str, int]:
    items: Any = room.board()["items"]
    return {sku: item["available"] for sku, item in items.items()}


def entries(room: Room) -> list[dict[str, Any]]:
    found: list[dict[str, Any]] = json.loads(room.get("/api/v1/sessions/current/ledger?limit=1000")[1])["entries"]
    return found


def test_two_shops_sell_of_one_stock_and_a_chat_is_heard(
    platforms: tuple[FakeDouyin, FakeChannels, FakeBilibili], room: Callable[..., Room], tmp_path: Path
) -> None:
    first, second, chat = platforms
    names = {
        "shop": douyin.SHOP,
        "app_key": douyin.APP_KEY,
        "douyin": first.url,
        "appid": channels.APPID,
        "channels": second.url,
        "coat": COAT,
        "app_id": bilibili.APP_ID,
        "key_id": bilibili.KEY_ID,
        "bilibili": chat.url,
    }
    (tmp_path / "session.toml").write_text(PLAN.format(**names), encoding="utf-8")
    secrets = {f"OVERLAYKIT_SECRET_CHANNEL_{name}": value for name, value in SECRETS.items()}
    running = room(tmp_path, environment=secrets)
    hooks = f"{running.url}/hooks"

    def comes_to(coat: int, scarf: int) -> None:
        wanted = {"coat": coat, "scarf": scarf}
        until(lambda: available(running) == wanted, f"{wanted} are left, not {available(running)}")

    # Pushed: placed, paid, told twice.
    assert first.probe(f"{hooks}/douyin").status == 200
    order = first.place({"HZ-COAT": 2, "HZ-SCARF-2": 1})
    assert first.tell(f"{hooks}/douyin", first.message("created", order)).status == 200
    first.pay(order)
    paid = first.message("paid", order)
    assert [first.tell(f"{hooks}/douyin", paid).status for _ in range(2)] == [200, 200]
    comes_to(98, 98)

    # Asked for: nobody tells the room of these.
    assert second.probe(f"{hooks}/shipinhao").body == b"4375120948345356249"
    other = second.place({COAT: 3})
    second.pay(other)
    comes_to(95, 98)

    # Given back before it left: told in a message, and found by the next poll as well.
    after = first.refund(order, lines={"HZ-COAT": 1})
    assert first.tell(f"{hooks}/douyin", first.message("refunded", after)).status == 200
    comes_to(96, 98)
    assert second.tell(f"{hooks}/shipinhao", second.event("cancelled", other)).status == 200
    second.cancel(other)
    comes_to(99, 98)

    # A message that nobody signed counts nothing.
    forged = json.dumps([first.message("cancelled", order)]).encode()
    assert first.deliver(f"{hooks}/douyin", forged, douyin.signed(b"[]")).status == 401

    # What happened while the gateway was dead is there when it lives again, and what was there counts no second time.
    running.kill("gateway")
    late = first.place({"HZ-COAT": 4})
    first.pay(late)
    comes_to(95, 98)

    # Each is given its part of what is left, whatever it thought that it had.
    def promised() -> int:
        return first.stock["HZ-COAT"] + second.stock[COAT]

    until(lambda: 0 < promised() <= 95, f"at most 95 coats are sold on platforms, not {promised()}")
    until(lambda: 0 < first.stock["HZ-SCARF-2"] * 2 <= 98, "at most 98 scarves are sold on a platform")

    until(lambda: chat.inside, "somebody listens to the chat")
    chat.write("这个怎么买", author="小满")
    heard = until(lambda: [each for each in entries(running) if each["type"] == "announce.show"], "a banner is shown")
    assert heard[0]["data"]["text"] == "点左下角小黄车"
    counted = [
        each["type"] for each in entries(running) if each["source"] in ("connector:douyin", "connector:shipinhao")
    ]
    assert counted.count("order.refund") == counted.count("order.release") == 1
    assert available(running) == {"coat": 95, "scarf": 98}
