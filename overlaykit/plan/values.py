"""What authors write as text: durations, percentages, times, money. Each reader returns the value or raises Unfit."""

from __future__ import annotations

import datetime as dt
import math
import re
from decimal import Decimal
from zoneinfo import ZoneInfo

from overlaykit.plan.problems import Unfit
from overlaykit.words import Words

MOST_UNITS = 1_000_000_000
LONGEST = 7 * 86_400.0
"""Seconds: the longest duration a plan may name."""

DURATION = r"^([0-9]{1,6}(\.[0-9]{1,3})?h)?([0-9]{1,6}(\.[0-9]{1,3})?m)?([0-9]{1,6}(\.[0-9]{1,3})?s)?$"
PERCENT = r"^[0-9]{1,3}(\.[0-9]{1,4})?%$"
MONEY = r"^[0-9]{1,12}(\.[0-9]{1,4})?$"
CLOCK = r"^([01]?[0-9]|2[0-3]):[0-5][0-9](:[0-5][0-9](\.[0-9]{1,6})?)?$"

_DURATION_PARTS = re.compile(r"([0-9.]+)([hms])")


def seconds_of(value: object) -> float:
    """`"1h30m"`, `"15m"`, `"0.5s"`, or a number of seconds → seconds, more than 0 and at most seven days."""
    if isinstance(value, bool):
        raise Unfit
    if isinstance(value, (int, float)):
        seconds = float(value) if abs(value) <= LONGEST else math.inf
    elif isinstance(value, str) and value and re.fullmatch(DURATION, value):
        weight = {"h": 3600, "m": 60, "s": 1}
        seconds = float(sum(Decimal(number) * weight[unit] for number, unit in _DURATION_PARTS.findall(value)))
    else:
        raise Unfit
    if not 0 < seconds <= LONGEST:
        raise Unfit(Words("a duration is more than 0 and at most 168h", "时长要大于 0，最长 168h"))
    return seconds


def share_of(value: object) -> Decimal:
    """`"20%"` → 0.2 exactly; 0 … 100 %."""
    if not isinstance(value, str) or not re.fullmatch(PERCENT, value):
        raise Unfit
    share = Decimal(value[:-1]) / 100
    if share > 1:
        raise Unfit(Words("more than 100%", "超过了 100%"))
    return share


def units_of(value: object, *, least: int = 0) -> int:
    """A whole number of pieces."""
    if isinstance(value, bool) or not isinstance(value, int):
        raise Unfit
    if not least <= value <= MOST_UNITS:
        raise Unfit(Words(f"outside {least} … 1,000,000,000", f"超出 {least} … 1,000,000,000"))
    return value


def amount_of(value: object) -> int | Decimal:
    """Units, or a share as Decimal when written as a percentage."""
    return share_of(value) if isinstance(value, str) else units_of(value)


def money_of(value: object) -> str:
    """A decimal string; a whole number may stand without quotes."""
    if isinstance(value, float):
        raise Unfit(Words("a price with a decimal point must be in quotes", "带小数点的金额要加引号"))
    if isinstance(value, bool) or not isinstance(value, (int, str)):
        raise Unfit
    text = value if isinstance(value, str) else str(value) if 0 <= value < 10**12 else ""
    if not re.fullmatch(MONEY, text):
        raise Unfit
    return text


def day_of(value: object) -> str:
    """`2026-11-20` as YYYY-MM-DD."""
    if not isinstance(value, str) or not re.fullmatch(r"[0-9]{4}-[0-9]{2}-[0-9]{2}", value):
        raise Unfit
    try:
        return dt.date.fromisoformat(value).isoformat()
    except ValueError:
        raise Unfit(Words("there is no such day", "没有这一天")) from None


def moment_of(value: object) -> dt.datetime | dt.time:
    """RFC 3339 (also without offset: then in the plan's timezone) or `"20:00"`."""
    if not isinstance(value, str):
        raise Unfit
    try:
        if re.fullmatch(CLOCK, value):
            return dt.time.fromisoformat(value if value.index(":") == 2 else f"0{value}")
        if re.fullmatch(r"[0-9]{4}-[0-9]{2}-[0-9]{2}[Tt ][0-9]{2}:[0-9]{2}.{0,24}", value):
            moment = dt.datetime.fromisoformat(value.upper())
            if not 2000 <= moment.year <= 2100:
                raise Unfit(Words("the year must be 2000 … 2100", "年份要在 2000 … 2100 之间"))
            return moment
    except ValueError:
        raise Unfit(Words("there is no such time", "没有这个时间")) from None
    raise Unfit


def absolute(moment: dt.datetime | dt.time, starts: dt.datetime | None, zone: ZoneInfo) -> dt.datetime:
    """The moment with an offset. A time of day is on the day the room starts, or the next when that has passed by then."""
    if isinstance(moment, dt.datetime):
        return moment if moment.tzinfo else moment.replace(tzinfo=zone)
    if starts is None:
        raise Unfit(
            Words(
                "a time of day needs `starts` at the top of the plan, or write date and time",
                "只写几点几分时，方案顶部要有 `starts`（开播时间），否则请写完整日期和时间",
            )
        )
    local = starts.astimezone(zone)
    found = dt.datetime.combine(local.date(), moment, tzinfo=zone)
    return found if found >= local else dt.datetime.combine(local.date() + dt.timedelta(days=1), moment, tzinfo=zone)


def is_template(text: str) -> bool:
    """Whether a text has something to fill in: `{{ … }}` or `{% … %}`."""
    return "{{" in text or "{%" in text


def utc_text(moment: dt.datetime) -> str:
    """RFC 3339 UTC with milliseconds, ending in Z."""
    return moment.astimezone(dt.UTC).isoformat(timespec="milliseconds").replace("+00:00", "Z")
