"""The made-up Shopify shop in the place of a real one, in a play (synthetic)."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from itertools import count
from typing import Any

from overlaykit.api import StandIn
from plugins.shopify.fake import TOKEN, FakeShopify

SECRET, SHOP, LOCATION = "synthetic-secret", "made-up.myshopify.com", "655441491"


class MadeUpShopify(StandIn):
    connector = "shopify"

    def __init__(self, port: int, hook: str, skus: Sequence[str]) -> None:
        super().__init__(port, hook, skus)
        self._shop = FakeShopify(secret=SECRET, stock=dict.fromkeys(skus, 0), shop=SHOP, location=LOCATION, port=port)
        self._events = count(1)

    @classmethod
    def settings(cls, url: str) -> Mapping[str, str]:
        return {"secret": SECRET, "shop": SHOP, "access_token": TOKEN, "location": LOCATION, "api": url}

    def buy(self, platform_sku: str, quantity: int, buyer: str) -> str | None:
        with self._shop.lock:
            if (self._shop.available[platform_sku] or 0) < quantity:
                return None
            order = self._shop.place([(platform_sku, quantity)])
        self._tell("orders/create", order)
        return str(order["id"])

    def pay(self, order: str) -> None:
        with self._shop.lock:
            paid = self._shop.pay(order)
        self._tell("orders/paid", paid)

    def cancel(self, order: str) -> None:
        with self._shop.lock:
            for line in self._shop.orders[order]["line_items"]:
                self._shop.available[line["sku"]] = (self._shop.available[line["sku"]] or 0) + line["quantity"]
            cancelled = self._shop.cancel(order)
        self._tell("orders/cancelled", cancelled)

    def close(self) -> None:
        self._shop.close()

    def _tell(self, topic: str, payload: Mapping[str, Any]) -> None:
        self._shop.tell(self.hook, topic, payload, f"made-up-{next(self._events)}")
