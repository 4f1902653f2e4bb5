"""The made-up 视频号小店 in the place of the real one, in a play (synthetic)."""

from __future__ import annotations

from collections.abc import Mapping

from overlaykit.testing import Happening, ShopStandIn
from plugins.wechat_channels.fake import APP_SECRET, APPID, ENCODING_AES_KEY, TOKEN, FakeChannels


class MadeUpChannels(ShopStandIn[FakeChannels]):
    connector = "wechat_channels"

    @classmethod
    def settings(cls, url: str) -> Mapping[str, str]:
        return {
            "appid": APPID,
            "app_secret": APP_SECRET,
            "token": TOKEN,
            "encoding_aes_key": ENCODING_AES_KEY,
            "base_url": url,
        }

    def open(self) -> FakeChannels:
        return FakeChannels(dict.fromkeys(self.skus, 0), port=self.port)

    def left(self, platform_sku: str) -> int:
        return self.platform.stock[platform_sku]

    def place(self, platform_sku: str, quantity: int, buyer: str) -> str:
        return self.platform.place({platform_sku: quantity}, buyer=buyer)

    def change(self, what: Happening, order: str) -> None:
        (self.platform.pay if what == "paid" else self.platform.cancel)(order)

    def tell(self, what: Happening, order: str) -> None:
        self.platform.tell(self.hook, self.platform.event(what, order))
