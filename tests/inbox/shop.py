"""A platform of the tests' own, `shop`: its connector, and how it signs."""

from __future__ import annotations

import datetime as dt
import hashlib
import hmac
import json
import time
from collections.abc import Iterator
from pathlib import Path
from typing import Any

from msgspec import Struct

from overlaykit.api import (
    Arrival,
    Capability,
    ChatMessage,
    Connector,
    Line,
    OrderCancelled,
    OrderPaid,
    OrderRef,
    Reply,
    Request,
    Secret,
    Settings,
    Unknown,
    hmac_hex,
    same,
)

SECRET = "the shop's own"


class ShopSettings(Settings):
    """halt: a file; while it is there, the answer is not given."""

    secret: Secret
    halt: str = ""


class Told(Struct):
    kind: str
    id: str = ""
    order: str = ""
    shop: str = ""
    sku: str = "A"
    quantity: int = 1
    at: int | None = None


class Shop(Connector[ShopSettings]):
    """A signed array of what happened."""

    name = "shop"
    title = "测试商城"
    capabilities = frozenset({Capability.ORDERS})

    def probe(self, request: Request) -> Reply | None:
        if request.method != "GET" or "echo" not in request.query:
            return None
        echo = request.query["echo"]
        genuine = same(
            request.query.get("sign", ""), sign(echo.encode("utf-8", "surrogatepass"), self.settings.secret.reveal())
        )
        return Reply(text=echo) if genuine else Reply(403)

    def verify(self, request: Request) -> bool:
        return hmac_hex("sha256", self.settings.secret, request.body, expected=request.headers["x-signature"])

    def parse(self, request: Request) -> Iterator[Arrival]:
        messages: list[Told] = request.read(list[Told])
        for told in messages:
            at = None if told.at is None else dt.datetime.fromtimestamp(told.at, dt.UTC)
            common: dict[str, Any] = {"delivery": told.id, "shop": told.shop, "at": at}
            match told.kind:
                case "paid":
                    line = Line(platform_sku=told.sku, quantity=told.quantity)
                    yield OrderPaid(order=told.order, lines=(line,), **common)
                case "cancelled":
                    yield OrderCancelled(order=told.order, **common)
                case "changed":
                    yield OrderRef(order=told.order, **common)
                case "chat":
                    yield ChatMessage(id=told.id, author="小红", text=told.order)
                case "bug":
                    raise RuntimeError("a bug")
                case _:
                    yield Unknown(what=told.kind, **common)

    def acknowledge(self, request: Request) -> Reply:
        while self.settings.halt and Path(self.settings.halt).exists():
            time.sleep(0.02)
        return Reply(json={"code": 0, "msg": "success"})


def sign(body: bytes, secret: str = SECRET) -> str:
    """As the platform signs."""
    return hmac.new(secret.encode(), body, hashlib.sha256).hexdigest()


def message(*told: dict[str, Any], secret: str = SECRET) -> tuple[bytes, dict[str, str]]:
    """A message as the platform sends it: its body and headers."""
    body = json.dumps(told, ensure_ascii=False).encode()
    return body, {"X-Signature": sign(body, secret), "Content-Type": "application/json"}


def paid(order: str, **more: Any) -> dict[str, Any]:
    """One thing told: an order was paid."""
    return {"kind": "paid", "id": f"d-{order}", "order": order, **more}
