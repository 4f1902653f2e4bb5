"""What a plan says of a Doudian app."""

from __future__ import annotations

from typing import Literal

from overlaykit.api import Secret, Settings

SkuField = Literal["code", "out_sku_id", "sku_id"]


class DouyinSettings(Settings):
    """
    app_key     of the app, from its page in the open platform's console
    app_secret  of the app
    service_id  of a tool app (工具型应用), which shops authorise in a browser; "": the shop's own app (自用型应用), which needs no
                browser, but the `shop` of its channel
    sku         which field of an order's line is its platform sku: `code` (商家编码), `out_sku_id`, or `sku_id`, which is
                written PRODUCT/SKU, as a sku's id says nothing without its product's
    warehouse   out_warehouse_id to which stock is pushed, where the shop sells by regional stock (区域库存); "": ordinary stock
    base_url    where the API is
    authorise_base  where shops authorise a tool app
    """

    app_key: str
    app_secret: Secret
    service_id: str = ""
    sku: SkuField = "code"
    warehouse: str = ""
    base_url: str = "https://openapi-fxg.jinritemai.com"
    authorise_base: str = "https://fuwu.jinritemai.com/authorize"
