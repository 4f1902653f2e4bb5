"""How numbers, money and times are written: the filters of a template, for one locale, time zone and currency."""

from __future__ import annotations

import datetime as dt
from collections.abc import Callable
from decimal import Decimal, InvalidOperation
from typing import Any
from zoneinfo import ZoneInfo, ZoneInfoNotFoundError

from babel import Locale, UnknownLocaleError
from babel.dates import format_skeleton, format_time
from babel.numbers import format_compact_decimal, format_currency, format_decimal, get_currency_symbol, get_group_symbol

from overlaykit.errors import ThemeError

COMPACT_FROM = 10_000
"""From here on `count` writes 1.2万 or 12K."""

MYRIADS = (10**8, 10**4)
THOUSANDS = (10**9, 10**6, 10**3)


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
        return str(text)

    def symbol(self) -> str:
        """The currency as it is written: ¥."""
        return str(get_currency_symbol(self.currency, locale=self.locale))

    def decimal(self, value: str) -> Decimal:
        """Money as a number. ThemeError when it is none."""
        try:
            return Decimal(value)
        except (InvalidOperation, TypeError, ValueError):
            raise ThemeError(
                f"{value!r} is not an amount of money", remedy="Give a price, such as item.price."
            ) from None

    def filters(self) -> dict[str, Callable[[Any], str]]:
        """Filter by its name in templates."""
        return {"count": self.count, "day": self.day, "clock": self.clock, "money": self.money}

    def _pattern(self, whole: bool) -> str | None:
        if not whole:
            return None
        return str(self.locale.currency_formats["standard"].pattern).replace(".00", "")

    def _at(self, value: str) -> dt.datetime:
        return dt.datetime.fromisoformat(value).astimezone(self.timezone)
