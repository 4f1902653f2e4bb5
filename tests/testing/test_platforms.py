"""The made-up platform that connectors are tested against."""

from __future__ import annotations

import asyncio
from collections.abc import Iterator

import pytest

from overlaykit.api import PlatformAway, PlatformRefused, Reply, Secret, hash_hex, hmac_base64, hmac_hex
from overlaykit.testing import (
    Call,
    FakePlatform,
    TestContext,
    sign_hash_hex,
    sign_hmac_base64,
    sign_hmac_hex,
    sign_standard_webhook,
)


class FakeShop(FakePlatform):
    def __init__(self) -> None:
        self.stock = {"coat": 7}
        super().__init__()

    def answer(self, call: Call) -> Reply:
        if call.path == "/stock" and call.method == "POST":
            self.stock.update(call.json())
            return Reply(json={"code": 0})
        if call.path == "/stock":
            return Reply(json={"units": self.stock[call.query["sku"]]})
        return super().answer(call)


@pytest.fixture
def shop() -> Iterator[FakeShop]:
    with FakeShop() as shop:
        yield shop


def test_it_answers_a_connector(shop: FakeShop) -> None:
    async def ask() -> None:
        async with TestContext() as ctx:
            assert await ctx.http.get(f"{shop.url}/stock", params={"sku": "coat"}) == {"units": 7}
            assert await ctx.http.post(f"{shop.url}/stock", json={"coat": 3}, token="t-1") == {"code": 0}
            with pytest.raises(PlatformRefused, match="404"):
                await ctx.http.get(f"{shop.url}/nowhere")

    asyncio.run(ask())
    assert shop.stock == {"coat": 3}
    assert [(call.method, call.path) for call in shop.calls] == [
        ("GET", "/stock"),
        ("POST", "/stock"),
        ("GET", "/nowhere"),
    ]
    assert shop.calls[1].headers["authorization"] == "Bearer t-1"


def test_it_can_be_down_forget_its_answer_and_fail(shop: FakeShop) -> None:
    async def ask() -> None:
        async with TestContext() as ctx:
            shop.down = True
            with pytest.raises(PlatformAway, match="503"):
                await ctx.http.get(f"{shop.url}/stock", params={"sku": "coat"})
            shop.down, shop.forgets = False, True
            with pytest.raises(PlatformAway, match="no answer"):
                await ctx.http.post(f"{shop.url}/stock", json={"coat": 5})
            shop.forgets = False
            assert shop.stock == {"coat": 5}, "it was done, though nobody was told"
            with pytest.raises(PlatformAway, match="500"):
                await ctx.http.get(f"{shop.url}/stock", params={"sku": "unheard of"})

    asyncio.run(ask())
    assert "KeyError" in shop.failures[0]


def test_it_delivers_what_it_says_as_it_stands() -> None:
    class Room(FakePlatform):
        def answer(self, call: Call) -> Reply:
            return Reply(202, text=f"{call.method} {call.path} {call.query.get('shop')} {call.body!r}")

    with Room() as room, FakePlatform() as platform:
        answer = platform.deliver(f"{room.url}/hooks/acme?shop=9", b"\xff\x00", {"X-Sign": "s"})
        assert answer == (202, b"POST /hooks/acme 9 b'\\xff\\x00'")
        assert room.calls[0].headers.get("x-sign") == "s"
        assert platform.deliver(f"{room.url}/hooks/acme", b"", method="GET").body.startswith(b"GET /hooks/acme")


def test_signatures_are_those_that_the_api_checks() -> None:
    secret, body = Secret("geheim"), "订单".encode()
    assert hmac_hex("sha256", secret, body, expected=sign_hmac_hex("sha256", "geheim", body))
    assert hmac_base64("sha1", secret, body, expected=sign_hmac_base64("sha1", "geheim", body))
    assert hash_hex("md5", ["app", body, secret], expected=sign_hash_hex("md5", ["app", body, "geheim"]))


def test_a_standard_webhook_is_signed_as_its_specification_shows() -> None:
    """The values of the specification's own example."""
    headers = sign_standard_webhook(
        ["whsec_MfKQ9r8GKYqrTwjUPD8ILPZIo2LaLaSw"],
        "msg_p5jXN8AQM9LWM0D4loKWxJek",
        b'{"test": 2432232314}',
        at=1614265330,
    )
    assert headers["webhook-signature"] == "v1,g0hM9SsE+OTPJTGt/tmIKtSyZlE3uFJELVlNIOLJ1OE="
