"""What a plan says of a shop of WeChat Channels."""

from __future__ import annotations

from typing import Literal

from overlaykit.api import Secret, Settings

SkuField = Literal["sku_id", "sku_code", "out_sku_id"]


class ChannelsSettings(Settings):
    """
    appid             of the shop, from 服务市场 → 自研 in its back office
    app_secret        of the shop
    token             Token of its message push (消息推送)
    encoding_aes_key  EncodingAESKey of its message push, 43 letters and digits
    sku               which field of an order's line is its platform sku: `sku_id`, written PRODUCT/SKU as stock is set by both;
                      `sku_code` (商家编码) or `out_sku_id`, with which stock cannot be pushed
    base_url          where the API is
    """

    appid: str
    app_secret: Secret
    token: Secret
    encoding_aes_key: Secret
    sku: SkuField = "sku_id"
    base_url: str = "https://api.weixin.qq.com"
