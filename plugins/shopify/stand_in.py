"""The made-up Shopify shop in the place of a real one, in a play (synthetic)."""

from __future__ import annotations

from collections.abc import Mapping

from overlaykit.testing import Happening, ShopStandIn
from plugins.shopify.fake import TOKEN, FakeShopify

SECRET, SHOP, LOCATION = "synthetic-secret", "made-up.myshopify.com", "655441491"


class MadeUpShopify(ShopStandIn[FakeShopify]):
    connector = "shopify"

    @classmethod
    def settings(cls, url: str) -> Mapping[str, str]:
        return {"secret": SECRET, "shop": SHOP, "access_token": TOKEN, "location": LOCATION, "api": url}

    def open(self) -> FakeShopify:
        stock = dict.fromkeys(self.skus, 0)
        return FakeShopify(secret=SECRET, stock=stock, shop=SHOP, location=LOCATION, port=self.port)

    def left(self, platform_sku: str) -> int:
        return self.platform.available[platform_sku] or 0

    def place(self, platform_sku: str, quantity: int, buyer: str) -> str:
        return str(self.platform.place([(platform_sku, quantity)])["id"])

    def change(self, what: Happening, order: str) -> None:
        if what == "paid":
            self.platform.pay(order)
            return
        for line in self.platform.orders[order]["line_items"]:
            self.platform.available[line["sku"]] = self.left(line["sku"]) + line["quantity"]
        self.platform.cancel(order)

    def tell(self, what: Happening, order: str) -> None:
        topic = {"created": "create"}.get(what, what)
        self.platform.tell(self.hook, f"orders/{topic}", self.platform.orders[order], f"made-up-{order}-{what}")
