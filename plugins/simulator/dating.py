"""A plan's dates, moved so that its evening begins now: what opens at a time then opens during the recording. Pure."""

from __future__ import annotations

import datetime as dt
import re
import tomllib
from typing import Any
from zoneinfo import ZoneInfo

from overlaykit.api import UserError

MOMENT = re.compile(r"\b\d{4}-\d{2}-\d{2}[T ]\d{2}:\d{2}(?::\d{2}(?:\.\d+)?)?(?:Z|[+-]\d{2}:\d{2})?")
_TIMED = (("countdown", "ends_at"), ("drop", "opens_at"))


def moved_to(text: str, begins: dt.datetime) -> str:
    """The plan with `starts` at `begins` and every other date and time moved by as much; without `starts` as it is.

    Days without a time, such as those of deliveries, stay. Raises UserError for a plan with times of day alone: they
    would fall on other distances.
    """
    data = tomllib.loads(text)
    if "starts" not in data:
        return text
    for section, key in _TIMED:
        for row in data.get(section, ()):
            if isinstance(row.get(key), str | dt.time) and not MOMENT.fullmatch(str(row[key])):
                raise UserError(
                    f"The {section} {row.get('name')!r} has the time of day {row[key]}, which cannot be moved to now.",
                    remedy=f"Write {key} with its date, such as 2026-11-11T20:00:00+08:00.",
                )
    zone = ZoneInfo(data.get("timezone", "Asia/Shanghai"))
    delta = begins - _moment(data["starts"], zone)
    return MOMENT.sub(lambda found: _moved(found[0], delta), text)


def _moment(value: Any, zone: ZoneInfo) -> dt.datetime:
    moment = dt.datetime.fromisoformat(value) if isinstance(value, str) else value
    assert isinstance(moment, dt.datetime)
    return moment if moment.tzinfo else moment.replace(tzinfo=zone)


def _moved(written: str, delta: dt.timedelta) -> str:
    moment = dt.datetime.fromisoformat(written) + delta
    return moment.replace(microsecond=0).isoformat()
