"""A room with a shop outside, from its first message on: the secret is set, packs are counted, an unknown sku waits for a person,
a pause keeps what comes."""

from __future__ import annotations

import json
import urllib.request
from collections.abc import Callable
from pathlib import Path
from typing import TYPE_CHECKING, Any

import pytest

from plugins.generic_webhook.fake import FakeShop
from tests.conftest import PLAN, until

if TYPE_CHECKING:
    from tests.conftest import Room

pytestmark = pytest.mark.store

StartRoom = Callable[..., "Room"]

SECRET = "whsec_MfKQ9r8GKYqrTwjUPD8ILPZIo2LaLaSwMfKQ9r8G"
SHOP = """
[channel.shop]
title = "自营商城"
connector = "generic_webhook"
unmapped = "quarantine"
skus = { "A-双件装" = { sku = "A", quantity = 2 } }
"""


def put_secret(running: Room, path: str, text: str) -> int:
    request = urllib.request.Request(
        f"{running.url}/api/v1/secrets/{path}", data=json.dumps({"secret": text}).encode(), method="PUT"
    )
    request.add_header("Content-Type", "application/json")
    request.add_header("Authorization", f"Bearer {running.tokens['admin']}")
    with urllib.request.urlopen(request, timeout=10) as answer:
        return int(answer.status)


def sold(running: Room, sku: str) -> int:
    items: Any = running.board()["items"]
    return int(items[sku]["sold"])


def send(running: Room, **command: object) -> None:
    status, body = running.post("/api/v1/sessions/current/commands", command)
    assert (status, json.loads(body)["status"]) == (200, "accepted"), body


def test_an_evening_with_a_shop(room: StartRoom, plan_folder: Path) -> None:
    (plan_folder / "session.toml").write_text(PLAN + SHOP, encoding="utf-8")
    running = room(plan_folder)
    address = f"{running.url}/hooks/shop"
    with FakeShop(secret=SECRET) as shop:
        first = shop.sell("A-双件装", order="1")
        assert first is not None
        assert shop.tell(address, first).status == 503, "without its secret nobody can say that it is genuine"
        wanted = json.loads(running.get("/api/v1/sessions/current/secrets", "viewer")[1])["secrets"]
        assert [(each["section"], each["name"], each["field"]) for each in wanted if each["required"]] == [
            ("channel", "shop", "secret")
        ]
        assert put_secret(running, "channel/shop/secret", SECRET) == 200
        until(lambda: shop.tell(address, first).status == 200, "web knows the secret without a restart")
        until(lambda: sold(running, "A") == 2, "a pack of two counts twice")

        unknown = shop.sell("礼盒", order="2")
        assert unknown is not None
        assert shop.tell(address, unknown).status == 200

        def waiting() -> list[dict[str, Any]]:
            direction: Any = running.board()["direction"]
            found: list[dict[str, Any]] = direction["unmapped"]
            return found

        [line] = until(waiting, "the desk shows what nobody knows")
        assert (line["channel"], line["platform_sku"], line["orders"], line["quantity"]) == ("shop", "礼盒", 1, 1)
        send(running, type="quarantine.map", channel="shop", platform_sku="礼盒", sku="B", quantity=3)
        until(lambda: sold(running, "B") == 3, "what waited counts once it is mapped")
        assert waiting() == []

        send(running, type="connector.pause", name="channel.shop", reason="盘点")
        third = shop.sell("B", order="3")
        assert third is not None
        assert shop.tell(address, third).status == 200, "the platform is answered all the same"
        inbox = json.loads(running.get("/api/v1/sessions/current/inbox")[1])
        assert inbox["apps"][0]["waiting"] == 1
        assert sold(running, "B") == 3
        send(running, type="connector.resume", name="channel.shop")
        until(lambda: sold(running, "B") == 4, "it counts once the pause is over")
    for name in ("web", "gateway", "director"):
        assert SECRET not in (running.state / "logs" / f"{name}.log").read_text(encoding="utf-8")
    assert running.stop() == 0
