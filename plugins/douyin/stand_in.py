"""The made-up 抖店 in the place of the real one, in a play (synthetic)."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

from overlaykit.api import StandIn
from plugins.douyin.fake import APP_KEY, APP_SECRET, SHOP, FakeDouyin


class MadeUpDouyin(StandIn):
    connector = "douyin"
    shop = SHOP

    def __init__(self, port: int, hook: str, skus: Sequence[str]) -> None:
        super().__init__(port, hook, skus)
        self._shop = FakeDouyin(dict.fromkeys(skus, 0), port=port)

    @classmethod
    def settings(cls, url: str) -> Mapping[str, str]:
        return {"app_key": APP_KEY, "app_secret": APP_SECRET, "base_url": url}

    def buy(self, platform_sku: str, quantity: int, buyer: str) -> str | None:
        with self._shop.lock:
            if self._shop.stock[platform_sku] < quantity:
                return None
            order = self._shop.place({platform_sku: quantity}, buyer=buyer)
        self._tell("created", order)
        return order

    def pay(self, order: str) -> None:
        with self._shop.lock:
            self._shop.pay(order)
        self._tell("paid", order)

    def cancel(self, order: str) -> None:
        with self._shop.lock:
            self._shop.cancel(order)
        self._tell("cancelled", order)

    def close(self) -> None:
        self._shop.close()

    def _tell(self, what: str, order: str) -> None:
        self._shop.tell(self.hook, self._shop.message(what, order))
