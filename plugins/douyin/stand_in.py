"""The made-up 抖店 in the place of the real one, in a play (synthetic)."""

from __future__ import annotations

from collections.abc import Mapping

from overlaykit.testing import Happening, ShopStandIn
from plugins.douyin.fake import APP_KEY, APP_SECRET, SHOP, FakeDouyin


class MadeUpDouyin(ShopStandIn[FakeDouyin]):
    connector = "douyin"
    shop = SHOP

    @classmethod
    def settings(cls, url: str) -> Mapping[str, str]:
        return {"app_key": APP_KEY, "app_secret": APP_SECRET, "base_url": url}

    def open(self) -> FakeDouyin:
        return FakeDouyin(dict.fromkeys(self.skus, 0), port=self.port)

    def left(self, platform_sku: str) -> int:
        return self.platform.stock[platform_sku]

    def place(self, platform_sku: str, quantity: int, buyer: str) -> str:
        return self.platform.place({platform_sku: quantity}, buyer=buyer)

    def change(self, what: Happening, order: str) -> None:
        (self.platform.pay if what == "paid" else self.platform.cancel)(order)

    def tell(self, what: Happening, order: str) -> None:
        self.platform.tell(self.hook, self.platform.message(what, order))
