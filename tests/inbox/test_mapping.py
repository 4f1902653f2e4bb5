"""A platform's skus and money, as the plan has them."""

from __future__ import annotations

import pytest

from overlaykit.inbox.mapping import OwnLine, SkuMap, own_lines
from overlaykit.inbox.money import each_of, price_of
from overlaykit.model.events import Line
from overlaykit.model.sessions import Mapped

PLAN = {"P-coat": Mapped("coat"), "P-socks-3": Mapped("socks", 3), "P-set": Mapped("gift-set")}
ITEMS = {"coat", "socks", "gift-set", "scarf"}


def skus(operator: dict[str, Mapped] | None = None) -> SkuMap:
    return SkuMap(PLAN, operator or {}, ITEMS)


def test_a_name_of_the_plan_needs_no_mapping_and_a_strange_one_is_nobodys() -> None:
    assert skus().find("scarf") == Mapped("scarf")
    assert skus().find("P-coat") == Mapped("coat")
    assert skus().find("P-other") is None


def test_what_the_operator_says_counts_before_the_plan() -> None:
    assert skus({"P-coat": Mapped("scarf", 2)}).find("P-coat") == Mapped("scarf", 2)
    assert skus({"P-other": Mapped("coat")}).find("P-other") == Mapped("coat")


def test_lines_of_one_item_are_one_and_packs_are_units() -> None:
    lines = [
        Line(platform_sku="P-socks-3", quantity=2, unit_price=3000, currency="CNY"),
        Line(platform_sku="socks", quantity=1, unit_price=1000, currency="CNY"),
        Line(platform_sku="P-other", quantity=4),
        Line(platform_sku="coat", quantity=1),
        Line(platform_sku="P-coat", quantity=1),
        Line(platform_sku="P-other", quantity=1),
    ]
    own, unknown = own_lines(lines, skus())
    assert own == [OwnLine("coat", 2, None, None), OwnLine("socks", 7, "10.00", "CNY")]
    assert unknown == {"P-other": 5}


def test_a_bundle_is_an_item_of_its_own() -> None:
    own, _ = own_lines([Line(platform_sku="P-set", quantity=2)], skus())
    assert own == [OwnLine("gift-set", 2, None, None)]


def test_the_platforms_order_of_lines_changes_nothing() -> None:
    lines = [Line(platform_sku=sku, quantity=1, unit_price=price) for sku in ("coat", "scarf") for price in (1, 2)]
    assert own_lines(lines, skus()) == own_lines(lines[::-1], skus())


@pytest.mark.parametrize(
    ("minor", "currency", "pack", "price", "code"),
    [
        (9900, "CNY", 1, "99.00", "CNY"),
        (9900, " cny", 1, "99.00", "CNY"),
        (500, "JPY", 1, "500", "JPY"),
        (1234, "KWD", 1, "1.234", "KWD"),
        (1000, "CNY", 3, "3.3333", "CNY"),
        (0, "CNY", 1, "0.00", "CNY"),
        (100, "¥", 1, "1.00", None),
        (100, None, 1, "1.00", None),
        (-100, "CNY", 1, None, None),
        (None, "CNY", 1, None, None),
        (10**15, "CNY", 1, None, None),
    ],
)
def test_money_in_minor_units(minor: int | None, currency: str | None, pack: int, price: str | None, code: str) -> None:
    whole, found = price_of(minor, currency)
    assert (each_of(whole, pack), found) == (price, code)
