"""Numbers, money and times, as people in Chinese and English write them."""

from __future__ import annotations

import pytest

from overlaykit.errors import ThemeError
from overlaykit.theming import Formats

ZH = Formats("zh-CN", "Asia/Shanghai", "CNY")
EN = Formats("en-US", "America/New_York", "USD")


@pytest.mark.parametrize(
    ("value", "chinese", "english"),
    [
        (0, "0", "0"),
        (9_999, "9,999", "9,999"),
        (12_345, "1.2万", "12.3K"),
        (99_999, "9.9万", "99.9K"),
        (1_000_000, "100万", "1M"),
        (123_456_789, "1.2亿", "123.4M"),
    ],
)
def test_counts_are_short_and_never_more_than_the_truth(value: int, chinese: str, english: str) -> None:
    assert ZH.count(value) == chinese
    assert EN.count(value) == english


def test_numbers_are_in_full() -> None:
    assert ZH.number(5000) == "5,000"
    assert Formats("de", "Europe/Berlin", "EUR").number(5000) == "5.000"
    assert Formats("hi", "Asia/Kolkata", "INR").number(1234567) == "12,34,567"


def test_money_has_its_currency_and_no_empty_decimals() -> None:
    assert ZH.money("899.00") == "¥899"
    assert ZH.money("1599.50") == "¥1,599.50"
    assert EN.money("19.90") == "$19.90"
    with pytest.raises(ThemeError, match="not an amount"):
        ZH.money("free")


def test_days_and_times_are_those_of_the_sessions_time_zone() -> None:
    assert ZH.day("2026-11-20") == "11月20日"
    assert EN.day("2026-11-20") == "Nov 20"
    assert ZH.clock("2026-11-11T12:30:00.000Z") == "20:30"
    assert ZH.day("2026-11-11T18:30:00.000Z") == "11月12日"
    assert EN.clock("2026-11-11T12:30:00.000Z") == "07:30"


def test_unknown_locales_and_time_zones_are_named() -> None:
    with pytest.raises(ThemeError, match="unknown locale 'xx-YY'"):
        Formats("xx-YY", "Asia/Shanghai", "CNY")
    with pytest.raises(ThemeError, match="unknown time zone 'Mars'"):
        Formats("en", "Mars", "CNY")
