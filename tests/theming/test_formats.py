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


@pytest.mark.parametrize(
    ("currency", "said"),
    [("CNY", "¥1,599.50"), ("USD", "$1,599.50"), ("HKD", "$1,599.50"), ("BRL", "R$1,599.50"), ("CHF", "CHF1,599.50")],
)
def test_money_looks_the_same_in_both_languages(currency: str, said: str) -> None:
    for locale in ("zh-CN", "en"):
        formats = Formats(locale, "Asia/Shanghai", currency)
        assert formats.money("1599.50") == said
        assert formats.money("1599") == said.removesuffix(".50")
        assert said.startswith(formats.symbol())


def test_days_and_times_are_those_of_the_sessions_time_zone() -> None:
    assert ZH.day("2026-11-20") == "11月20日"
    assert EN.day("2026-11-20") == "Nov 20"
    assert ZH.clock("2026-11-11T12:30:00.000Z") == "20:30"
    assert ZH.day("2026-11-11T18:30:00.000Z") == "11月12日"
    assert EN.clock("2026-11-11T12:30:00.000Z") == "07:30"


def test_shares_are_cut_and_only_nothing_is_nothing() -> None:
    assert [ZH.percent(share) for share in (0.0, 0.0001, 0.29, 0.999, 1.0)] == ["0%", "1%", "29%", "99%", "100%"]
    assert EN.percent(0.5) == "50%"


@pytest.mark.parametrize(
    ("seconds", "chinese", "english"),
    [
        (0, "0秒钟", "0 seconds"),
        (59.9, "59秒钟", "59 seconds"),
        (180, "3分钟", "3 minutes"),
        (3900, "1小时5分钟", "1 hour 5 minutes"),
        (3601, "1小时", "1 hour"),  # what is not worth saying is not said
        (90_000, "1天1小时", "1 day 1 hour"),
    ],
)
def test_durations_are_said_in_their_two_largest_units(seconds: float, chinese: str, english: str) -> None:
    assert ZH.duration(seconds) == chinese
    assert EN.duration(seconds) == english


def test_what_is_left_and_what_is_over_is_said_as_people_say_it() -> None:
    assert [ZH.relative(180), ZH.relative(7300), ZH.relative(-180)] == ["还剩3分钟", "还剩2小时", "3分钟前"]
    assert [EN.relative(180), EN.relative(1), EN.relative(-86_400)] == ["3 minutes left", "1 second left", "1 day ago"]
    assert Formats("de", "Europe/Berlin", "EUR").relative(180) == "in 3 Minuten"


def test_regions_have_names_where_the_world_has_agreed_on_one() -> None:
    assert (ZH.territory("CN-SH"), EN.territory("CN-SH"), EN.territory("CN-XX")) == ("上海", "Shanghai", "CN-XX")
    assert (ZH.territory("US"), EN.territory("US"), ZH.territory("华东")) == ("美国", "United States", "华东")


def test_every_filter_writes_a_dash_for_what_is_not_known_and_says_what_it_cannot_write() -> None:
    for name, write in ZH.filters().items():
        assert write(None) == "—"
        with pytest.raises(ThemeError, match=name if name != "money" else "not an amount"):
            write("neither")


def test_unknown_locales_and_time_zones_are_named() -> None:
    with pytest.raises(ThemeError, match="unknown locale 'xx-YY'"):
        Formats("xx-YY", "Asia/Shanghai", "CNY")
    with pytest.raises(ThemeError, match="unknown time zone 'Mars'"):
        Formats("en", "Mars", "CNY")
