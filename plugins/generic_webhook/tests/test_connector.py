"""The connector and a made-up shop: orders told and asked for, numbers pushed, and the guide's own example."""

from __future__ import annotations

import asyncio
import json
import os
import re
import shutil
import subprocess
from pathlib import Path

import pytest

from overlaykit.api import (
    BadMessage,
    OrderCancelled,
    OrderFact,
    OrderPaid,
    OrderRef,
    PlatformAway,
    Reply,
    Secret,
    StockLevel,
    StockPushResult,
    UserError,
)
from overlaykit.testing import Call, FakePlatform, TestContext, load_plugin
from plugins.generic_webhook.connector import GenericWebhook, ShopSettings
from plugins.generic_webhook.fake import FakeShop

HERE = Path(__file__).parents[1]
SECRET = "whsec_bmV3IGtleSBvZiB0aGUgc2hvcCwgMzIgYnl0ZXM="


def connector(shop: FakePlatform, *, feed: bool = True, stock: bool = True) -> GenericWebhook:
    feeds, takes = f"{shop.url}/feed" if feed else "", f"{shop.url}/stock" if stock else ""
    return GenericWebhook(ShopSettings(secret=(Secret(SECRET),), feed=feeds, stock=takes, feed_token=Secret("t-1")))


def poll(made: GenericWebhook, kept: dict[str, str] | None = None, *, only: int = 1_000) -> list[OrderFact | OrderRef]:
    """What it tells, in a process of its own; `kept` is what it remembers, `only` when it is killed."""

    async def story() -> list[OrderFact | OrderRef]:
        async with TestContext("channel.mini") as ctx:
            ctx.kept = {} if kept is None else kept
            found: list[OrderFact | OrderRef] = []
            async for event in made.poll_orders(ctx):
                found.append(event)
                if len(found) == only:
                    break
            return found

    return asyncio.run(story())


def push(made: GenericWebhook, levels: list[StockLevel]) -> list[StockPushResult]:
    async def story() -> list[StockPushResult]:
        async with TestContext("channel.mini") as ctx:
            return [result async for result in made.push_stock(levels, ctx)]

    return asyncio.run(story())


class Door(FakePlatform):
    """What a room's address for messages is, in a test: it keeps them."""

    def answer(self, call: Call) -> Reply:
        return Reply(200)


def test_what_the_shop_tells_is_verified_and_read() -> None:
    with FakeShop(secret=SECRET, stock={"MINI-001": 3}) as shop, Door() as door:
        made = connector(shop)
        sold = shop.sell("MINI-001", 2, order="M-1", buyer="u-7")
        assert sold is not None
        assert shop.sell("MINI-001", 2) is None, "one is left"
        cancelled = shop.cancel("M-1")
        assert shop.tell(f"{door.url}/hooks/mini", sold).status == 200
        shop.tell_as_cloud_event(f"{door.url}/hooks/mini", sold, cancelled)
        one, batch = door.calls
        assert made.verify(one)
        assert made.verify(batch)
        assert [type(event) for event in made.parse(one)] == [OrderPaid]
        assert [type(event) for event in made.parse(batch)] == [OrderPaid, OrderCancelled]
        assert shop.stock == {"MINI-001": 3}


def test_a_feed_is_read_page_by_page_and_gone_on_with_after_a_restart() -> None:
    with FakeShop(secret=SECRET) as shop:
        kept: dict[str, str] = {}
        for number in range(250):
            shop.sell("MINI-001", order=f"M-{number}")
        assert [event.order for event in poll(connector(shop), kept)] == [f"M-{number}" for number in range(250)]
        assert poll(connector(shop), kept) == []
        shop.cancel("M-7")
        (cancelled,) = poll(connector(shop), kept)
        assert isinstance(cancelled, OrderCancelled)
        assert {call.headers["authorization"] for call in shop.calls} == {"Bearer t-1"}


def test_the_cursor_moves_only_when_a_page_was_told_whole() -> None:
    with FakeShop(secret=SECRET) as shop:
        kept: dict[str, str] = {}
        shop.sell("MINI-001", order="M-1")
        shop.sell("MINI-001", order="M-2")
        assert [event.order for event in poll(connector(shop), kept, only=1)] == ["M-1"]
        assert [event.order for event in poll(connector(shop), kept)] == ["M-1", "M-2"]


def test_what_happened_long_before_the_first_look_does_not_count() -> None:
    with FakeShop(secret=SECRET) as shop:
        shop.sell("MINI-001", order="last-year")
        shop.history[0]["time"] = "2025-11-11T12:00:00Z"
        shop.sell("MINI-001", order="today")
        assert [event.order for event in poll(connector(shop))] == ["today"]


def test_an_event_that_makes_no_sense_is_shown_and_stops_no_other() -> None:
    async def story(made: GenericWebhook) -> tuple[list[str], str]:
        async with TestContext("channel.mini") as ctx:
            return [event.order async for event in made.poll_orders(ctx)], ctx.wrong

    with FakeShop(secret=SECRET) as shop:
        shop.say("order.paid", {"order": "M-1", "lines": []})
        shop.say("com.example.order.paid", {"order": "M-2", "lines": [{"sku": "A", "quantity": 1}]})
        shop.sell("MINI-001", order="M-3")
        orders, wrong = asyncio.run(story(connector(shop)))
        assert orders == ["M-3"]
        assert "e-1: " in wrong
        assert "e-2: com.example.order.paid" in wrong


def test_without_a_feed_nobody_is_asked() -> None:
    with FakeShop(secret=SECRET) as shop:
        assert poll(connector(shop, feed=False)) == []
        assert shop.calls == []


def test_a_feed_that_is_away_or_none_is_said() -> None:
    with FakeShop(secret=SECRET) as shop:
        shop.history = [{"id": "e-1", "specversion": "1.0"}]
        with pytest.raises(BadMessage, match=r"the feed is none: .* missing required field `source`"):
            poll(connector(shop))
        shop.down = True
        with pytest.raises(PlatformAway):
            poll(connector(shop))


def test_numbers_are_pushed_signed_and_each_has_its_answer() -> None:
    with FakeShop(secret=SECRET, stock={"MINI-001": 99}) as shop:
        levels = [
            StockLevel(sku="coat-m", platform_sku="MINI-001", quantity=37, key="k-1"),
            StockLevel(sku="scarf", platform_sku="NONE", quantity=5, key="k-2"),
        ]
        good, bad = push(connector(shop), levels)
        assert (good.level, good.ok) == (levels[0], True)
        assert (bad.level, bad.ok, bad.reason) == (levels[1], False, "no such sku")
        assert shop.stock == {"MINI-001": 37}
        assert push(connector(shop), levels) == [good, bad], "the same again changes nothing"


def test_a_push_whose_answer_was_lost_is_away_and_done_once_more() -> None:
    with FakeShop(secret=SECRET, stock={"MINI-001": 99}) as shop:
        level = StockLevel(sku="coat-m", platform_sku="MINI-001", quantity=37, key="k-1")
        shop.forgets = True
        with pytest.raises(PlatformAway):
            push(connector(shop), [level])
        shop.forgets = False
        assert [each.ok for each in push(connector(shop), [level])] == [True]
        assert shop.stock == {"MINI-001": 37}


def test_a_shop_that_takes_no_numbers_is_said_with_what_to_write() -> None:
    with FakeShop(secret=SECRET) as shop, pytest.raises(UserError, match=r"\[channel.mini\]") as caught:
        push(connector(shop, stock=False), [StockLevel(sku="a", platform_sku="a", quantity=1, key="k")])
    assert "push = false" in str(caught.value.remedy)


def test_the_guides_command_sends_a_message_that_counts() -> None:
    for tool in ("bash", "curl", "openssl"):
        if shutil.which(tool) is None:
            missing = f"{tool} is not installed: apt install {tool}"
            pytest.fail(missing) if os.environ.get("CI") == "true" else pytest.skip(missing)
    guide = (HERE / "README.md").read_text(encoding="utf-8")
    script = re.search(r"```bash\n(.*?)```", guide, re.DOTALL)
    assert script is not None
    secret = re.search(r"^SECRET=(\S+)$", script[1], re.MULTILINE)
    assert secret is not None
    with Door() as door:
        command = script[1].replace("http://127.0.0.1:8080", door.url)
        subprocess.run(["bash", "-euc", command], check=True, timeout=30, capture_output=True)
        (call,) = door.calls
        made = GenericWebhook(ShopSettings(secret=(Secret(secret[1]),)))
        assert made.verify(call)
        (event,) = made.parse(call)
        assert isinstance(event, OrderPaid)
        assert (event.order, event.delivery) == ("M-1001", "msg-1")


def test_the_guide_names_each_setting_and_its_examples_are_json() -> None:
    guide = (HERE / "README.md").read_text(encoding="utf-8")
    (made,) = load_plugin(HERE).connectors.values()
    for field in made.settings_type.__struct_fields__:
        assert f"\n| `{field}` |" in guide
    for example in re.findall(r"```json\n(.*?)```", guide, re.DOTALL):
        assert json.loads(example)
