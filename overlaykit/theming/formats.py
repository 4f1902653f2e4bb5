"""How numbers, money and times are written: the filters of a template, for one locale, time zone and currency."""

from __future__ import annotations

import datetime as dt
import math
import re
from collections.abc import Callable
from decimal import Decimal, InvalidOperation
from typing import Any, Literal
from zoneinfo import ZoneInfo, ZoneInfoNotFoundError

from babel import Locale, UnknownLocaleError
from babel.dates import format_skeleton, format_time, format_timedelta
from babel.numbers import (
    format_compact_decimal,
    format_currency,
    format_decimal,
    format_percent,
    get_currency_symbol,
    get_group_symbol,
)

from overlaykit.errors import ThemeError
from overlaykit.theming.provinces import PROVINCES

COMPACT_FROM = 10_000
"""From here on `count` writes 1.2万 or 12K."""

MOST_DIGITS = 30
"""Digits of an amount of money."""

UNKNOWN = "—"
"""What stands where a value is not known. Never 0: that would be a value."""

MYRIADS = (10**8, 10**4)
THOUSANDS = (10**9, 10**6, 10**3)
SPANS: tuple[tuple[Literal["day", "hour", "minute", "second"], int], ...] = (
    ("day", 86400),
    ("hour", 3600),
    ("minute", 60),
    ("second", 1),
)
WHOSE = re.compile(r"^(?!R\$)[A-Z]+(?=[¥$])")
"""The letters that say whose ¥ or $ it is: CN¥, US$. A session has one currency, and whoever watches knows which. The R of the
real is its own: it is written R$ where it is paid with."""
LEFT = {"zh": "还剩{}", "en": "{} left"}
"""How time that is left is said where people do not say "in 3 minutes" of it."""


class Formats:
    """The filters. `locale` is a BCP 47 tag such as zh-CN, `timezone` an IANA name, `currency` an ISO 4217 code."""

    def __init__(self, locale: str, timezone: str, currency: str) -> None:
        try:
            self.locale = Locale.parse(locale, sep="-")
        except (UnknownLocaleError, ValueError):
            raise ThemeError(f"unknown locale {locale!r}", remedy="Write a language tag such as zh-CN or en.") from None
        try:
            self.timezone = ZoneInfo(timezone)
        except (ZoneInfoNotFoundError, ValueError):
            raise ThemeError(f"unknown time zone {timezone!r}", remedy="Write one such as Asia/Shanghai.") from None
        self.tag = locale
        self.currency = currency
        grouping = self.locale.decimal_formats[None].grouping
        self._group = get_group_symbol(self.locale) if grouping == (3, 3) else None

    def number(self, value: float) -> str:
        """5000 → 5,000. What `ui.number` writes."""
        if self._group is not None and isinstance(value, int):
            return f"{int(value):,}".replace(",", self._group)
        return str(format_decimal(value, locale=self.locale))

    def count(self, value: float) -> str:
        """A count in the short form: 4,200, then 1.2万 in Chinese and 12K in English."""
        if abs(value) < COMPACT_FROM:
            return self.number(value)
        # Cut, not rounded: 99,999 sold are 9.9万, never 10万.
        units = MYRIADS if self.locale.language in ("zh", "ja", "ko") else THOUSANDS
        step = next(unit for unit in units if unit <= abs(value)) // 10
        cut = int(value / step) * step
        return str(format_compact_decimal(cut, locale=self.locale, fraction_digits=1))

    def percent(self, share: float | None) -> str:
        """A share as a percentage, cut: 0.999 is 99 %, and only nothing is 0 %."""
        if share is None:
            return UNKNOWN
        # A share that floats cannot say, such as 0.29, must not become 28 %.
        whole = math.floor(round(share * 100, 6))
        return str(format_percent((1 if share > 0 and whole == 0 else whole) / 100, locale=self.locale))

    def duration(self, seconds: float) -> str:
        """A span of time in its two largest units: 1小时5分钟, 1 hour 5 minutes."""
        said: list[str] = []
        left = int(abs(seconds))
        for unit, length in SPANS:
            count, rest = divmod(left, length)
            if count or (unit == "second" and not said):
                said.append(self._span(count, unit))
                left = rest
            elif said:
                break
            if len(said) == 2:
                break
        return ("" if self.locale.language in ("zh", "ja") else " ").join(said)

    def relative(self, seconds: float) -> str:
        """So many seconds from now: 还剩 3 分钟, 3 minutes left; below zero 3分钟前, 3 minutes ago."""
        unit, length = next((each for each in SPANS if each[1] <= abs(seconds)), SPANS[-1])
        count = int(abs(seconds) // length)
        if seconds >= 0 and self.locale.language in LEFT:
            return LEFT[self.locale.language].format(self._span(count, unit))
        away = dt.timedelta(seconds=math.copysign(count * length, seconds))
        return str(format_timedelta(away, granularity=unit, threshold=1e9, add_direction=True, locale=self.locale))

    def territory(self, code: str) -> str:
        """The name of a country or Chinese province by its ISO 3166 code (US → 美国, CN-SH → 上海); anything else as it is."""
        if code in PROVINCES:
            return PROVINCES[code][self.locale.language != "zh"]
        return str(self.locale.territories.get(code, code))

    def day(self, value: str) -> str:
        """A day (YYYY-MM-DD, or a full time in the session's time zone) as 11月20日 or Nov 20."""
        day = dt.date.fromisoformat(value) if len(value) == 10 else self._at(value).date()
        return str(format_skeleton("MMMd", dt.datetime(day.year, day.month, day.day), locale=self.locale))

    def clock(self, value: str) -> str:
        """A time (RFC 3339) as 20:30 in the session's time zone."""
        return str(format_time(self._at(value), "HH:mm", locale=self.locale))

    def money(self, value: str) -> str:
        """Money (a decimal string) with its currency; whole amounts without decimals: ¥899, ¥99.50."""
        amount = self.decimal(value)
        whole = amount == amount.to_integral_value()
        text = format_currency(
            amount, self.currency, locale=self.locale, currency_digits=not whole, format=self._pattern(whole)
        )
        return str(text).replace(self._full_symbol(), self.symbol(), 1)

    def symbol(self) -> str:
        """The currency as it is written, the same in every language: ¥."""
        return WHOSE.sub("", self._full_symbol())

    def decimal(self, value: str) -> Decimal:
        """Money as a number. ThemeError when it is none."""
        try:
            amount = Decimal(value)
        except (InvalidOperation, TypeError, ValueError):
            amount = Decimal("nan")
        # A few characters of text can name a number of a billion digits.
        if not amount.is_finite() or amount.adjusted() > MOST_DIGITS or len(str(value)) > MOST_DIGITS:
            raise ThemeError(f"{value!r} is not an amount of money", remedy="Give a price, such as item.price.")
        return amount

    def filters(self) -> dict[str, Callable[[Any], str]]:
        """Filter by its name in templates. Each writes — for None and raises ThemeError for what it cannot write."""
        numbers = {
            "number": self.number,
            "count": self.count,
            "percent": self.percent,
            "duration": self.duration,
            "relative": self.relative,
        }
        times = {"day": self.day, "clock": self.clock}
        return {
            **{name: _known(name, write, "a number") for name, write in numbers.items()},
            **{name: _known(name, write, "a day or time, such as item.ship_by") for name, write in times.items()},
            "money": _known("money", self.money, "money, such as item.price"),
        }

    def _span(self, count: int, unit: Literal["day", "hour", "minute", "second"]) -> str:
        length = dict(SPANS)[unit]
        return str(
            format_timedelta(dt.timedelta(seconds=count * length), granularity=unit, threshold=1e9, locale=self.locale)
        )

    def _full_symbol(self) -> str:
        return str(get_currency_symbol(self.currency, locale=self.locale))

    def _pattern(self, whole: bool) -> str | None:
        if not whole:
            return None
        return str(self.locale.currency_formats["standard"].pattern).replace(".00", "")

    def _at(self, value: str) -> dt.datetime:
        return dt.datetime.fromisoformat(value).astimezone(self.timezone)


def _known(name: str, write: Callable[[Any], str], wanted: str) -> Callable[[Any], str]:
    def filter(value: Any) -> str:
        if value is None:
            return UNKNOWN
        try:
            return write(value)
        except (TypeError, ValueError, ArithmeticError):
            raise ThemeError(f"the filter {name!r} needs {wanted}, not {value!r}", remedy="Give it a field.") from None

    filter.__qualname__ = name  # Python says it when there are too many arguments
    return filter
