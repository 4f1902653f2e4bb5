"""What the columns of people's tables are called, and which field of an item each means."""

from __future__ import annotations

import unicodedata
from collections.abc import Sequence

import msgspec

from overlaykit.plan.form import ItemForm
from overlaykit.plan.problems import CHINESE_NAMES

FIELDS = frozenset(info.encode_name for info in msgspec.structs.fields(ItemForm))
NAMES = {
    "链接序号": "link",
    "编号": "sku",
    "商家编码": "sku",
    "商品编号": "sku",
    "sku编码": "sku",
    "品名": "title",
    "商品名": "title",
    "产品名称": "title",
    "宝贝名称": "title",
    "商品规格": "variant",
    "单价": "price",
    "到手价": "price",
    "市场价": "list_price",
    "库存数": "opening",
    "库存量": "opening",
    "库存数量": "opening",
    "可售库存": "opening",
    "限购数": "buyer_limit",
    "限购数量": "buyer_limit",
    "#": "link",
    "no": "link",
    "number": "link",
    "link no": "link",
    "link number": "link",
    "code": "sku",
    "item code": "sku",
    "product code": "sku",
    "item": "title",
    "name": "title",
    "item name": "title",
    "product name": "title",
    "product title": "title",
    "option": "variant",
    "unit price": "price",
    "live price": "price",
    "sale price": "price",
    "list price": "list_price",
    "regular price": "list_price",
    "rrp": "list_price",
    "msrp": "list_price",
    "qty": "opening",
    "quantity": "opening",
    "units": "opening",
    "stock": "opening",
    "in stock": "opening",
    "inventory": "opening",
    "limit": "buyer_limit",
    "buyer limit": "buyer_limit",
    "limit per buyer": "buyer_limit",
    "max per buyer": "buyer_limit",
}
"""Names beside those that a plan itself reads (`plan/problems.py`)."""
TITLES_ALONE = frozenset({"product", "产品"})
"""What a plan calls a group of variants, and people their only column of titles."""


def fields_of(row: Sequence[str]) -> list[str | None]:
    """The field that each cell of a header row means; None where it means none."""
    fields = [_field(cell) for cell in row]
    if "title" not in fields:
        fields = ["title" if _plain(cell) in TITLES_ALONE else field for cell, field in zip(row, fields, strict=True)]
    return fields


def _plain(header: str) -> str:
    return unicodedata.normalize("NFKC", header).strip().lower()


def _field(header: str) -> str | None:
    base, _, rest = unicodedata.normalize("NFKC", header).strip().partition(".")
    plain = " ".join(base.lower().split())
    key = NAMES.get(plain) or CHINESE_NAMES.get(base, plain)
    key = NAMES.get(key, key)
    if key not in FIELDS:
        return None
    return f"{key}.{rest}" if rest else key
