"""When a session starts, as people say it: 20:00, 明天20:00, 今晚8点半, 周六 20:00, 11-11 20:00, tomorrow 8pm."""

from __future__ import annotations

import datetime as dt
import re
import unicodedata

from overlaykit.errors import UserError

DIGITS = {"〇": 0, "零": 0, "一": 1, "二": 2, "两": 2, "三": 3, "四": 4, "五": 5, "六": 6, "七": 7, "八": 8, "九": 9}
DAYS = {"今": 0, "明": 1, "后": 2, "大后": 3, "today": 0, "tonight": 0, "tomorrow": 1}
WEEKDAYS = {
    **{name: day for day, name in enumerate("一二三四五六日")},
    **{name: day for day, name in enumerate(("mon", "tue", "wed", "thu", "fri", "sat", "sun"))},
    "天": 6,
}
MINUTES = {"": 0, "整": 0, "钟": 0, "一刻": 15, "半": 30, "三刻": 45}
PARTS = {
    "凌晨": range(6),
    **dict.fromkeys(("清晨", "早上", "早晨", "早"), range(4, 12)),
    "上午": range(6, 13),
    "中午": range(11, 15),
    "下午": range(12, 19),
    "傍晚": range(16, 21),
    **dict.fromkeys(("晚上", "晚", "tonight"), range(17, 25)),
    "am": range(12),
    "pm": range(12, 24),
}
"""Part of the day → its hours. Those that may be of one day or the next, as 晚上1点, are no time."""

_NUMBER = rf"(?:\d{{1,2}}|[{''.join(DIGITS)}十]{{1,3}})"
_DAY = rf"""
    (?: (?P<year>\d{{4}}) [-/.年] )? (?P<month>{_NUMBER}) [-/.月] (?P<day>{_NUMBER}) [日号]?
  | (?P<date>{_NUMBER}) [日号]
  | (?P<near>大后|后|明|今) (?: [天日] | (?=[早晚]) )
  | (?P<which>本|这|下)? (?: 周|星期|礼拜 ) (?P<weekday>[一二三四五六日天])
  | (?P<soon>today|tonight|tomorrow)
  | (?P<named>mon|tue|wed|thu|fri|sat|sun) (?: day|sday|nesday|rsday|urday )?
"""
_CLOCK = rf"""
    (?P<hour>{_NUMBER})
    (?: (?P<mark>:) (?P<minutes>\d{{2}}) (?: :00 )? | (?P<point>[点时]) (?P<said>半|一刻|三刻|整|钟|{_NUMBER})? 分? )?
    \s* (?P<half>am|pm)?
"""
_PART = "|".join(part for part in PARTS if not part.isascii())
WHEN = re.compile(rf"(?:{_DAY})? [\s,t]* (?P<part>{_PART})? \s* {_CLOCK}", re.VERBOSE)


def read_starts(text: str, now: dt.datetime) -> dt.datetime | None:
    """The next time that this is, seen from `now`; None for no words. Raises UserError, which says what is understood."""
    plain = unicodedata.normalize("NFKC", text).strip().lower()
    if not plain:
        return None
    found = WHEN.fullmatch(plain)
    now = now.replace(second=0, microsecond=0, tzinfo=None)
    try:
        if found is None:
            raise ValueError
        said = found.groupdict(default="")
        return _day_and_time(said, _clock(said), now)
    except (ValueError, KeyError):
        raise UserError(
            f"{text.strip()!r} 不是开播时间 / {text.strip()!r} is no time to start",
            remedy="20:00, 今晚8点, 明天20:00, 周六 20:00, 11-11 20:00, 2026-11-11 20:00, tomorrow 8pm",
        ) from None


def _clock(said: dict[str, str]) -> dt.timedelta:
    """Since midnight; 24 hours for that at the end of the day. Raises ValueError and KeyError."""
    part = said["half"] or said["part"] or ("tonight" if said["soon"] == "tonight" else "")
    if not (said["mark"] or said["point"] or said["half"]):
        raise ValueError
    hour = _number(said["hour"])
    if part:
        meant = (hour % 12, hour % 12 + 12, hour % 12 + 24) if hour <= 12 else (hour,)
        hour = next((each for each in meant if each in PARTS[part]), 25)
    minute = _number(said["minutes"]) if said["mark"] else MINUTES.get(said["said"])
    minute = _number(said["said"]) if minute is None else minute
    if minute > 59 or hour * 60 + minute > 24 * 60:
        raise ValueError
    return dt.timedelta(hours=hour, minutes=minute)


def _day_and_time(said: dict[str, str], time: dt.timedelta, now: dt.datetime) -> dt.datetime:
    """Raises ValueError for a day that there is not, or that is over."""
    today = now.replace(hour=0, minute=0)
    if near := said["near"] or said["soon"]:
        return today + dt.timedelta(days=DAYS[near]) + time
    if said["month"]:
        return _date(said, today) + time
    if said["date"]:
        return _next_date(_number(said["date"]), today) + time
    if weekday := said["weekday"] or said["named"]:
        at = today + dt.timedelta(days=WEEKDAYS[weekday] - today.weekday() + 7 * (said["which"] == "下")) + time
        if at < now and said["which"]:
            raise ValueError
        return at if at >= now else at + dt.timedelta(days=7)
    at = today + time
    return at if at >= now else at + dt.timedelta(days=1)


def _date(said: dict[str, str], today: dt.datetime) -> dt.datetime:
    month, day = _number(said["month"]), _number(said["day"])
    if said["year"]:
        return today.replace(year=int(said["year"]), month=month, day=day)
    found = today.replace(month=month, day=day)
    return found if found >= today else found.replace(year=today.year + 1)


def _next_date(day: int, today: dt.datetime) -> dt.datetime:
    found = today.replace(day=day)
    return found if found >= today else (today.replace(day=1) + dt.timedelta(days=31)).replace(day=day)


def _number(text: str) -> int:
    """Of 20, 二十, 八, 零五, 二〇."""
    if text.isdecimal():
        return int(text)
    tens, ten, ones = text.partition("十")
    if ten:
        return (DIGITS[tens] if tens else 1) * 10 + (DIGITS[ones] if ones else 0)
    return int("".join(str(DIGITS[each]) for each in text))
