"""A plan's dates are moved together, so that an old evening can be played now."""

from __future__ import annotations

import datetime as dt

import pytest

from overlaykit.api import UserError
from plugins.simulator.dating import moved_to

PLAN = """\
# 2026-11-11T19:00:00+08:00 was the day
starts = 2026-11-11T20:00:00+08:00
item = [{ incoming = { hz = { quantity = 1, due = 2026-12-01 } } }]
[[drop]]
name = "a"
opens_at = 2026-11-11T20:00:20+08:00
[[drop]]
name = "b"
opens_at = "2026-11-12T00:30:00+08:00"
[[countdown]]
name = "c"
ends_at = 2026-11-11T12:10:00Z
"""
NOW = dt.datetime(2027, 1, 5, 9, 30, 0, tzinfo=dt.UTC)


def test_every_moment_keeps_its_distance_and_days_stay() -> None:
    moved = moved_to(PLAN, NOW)
    assert "starts = 2027-01-05T17:30:00+08:00" in moved
    assert "opens_at = 2027-01-05T17:30:20+08:00" in moved
    assert 'opens_at = "2027-01-05T22:00:00+08:00"' in moved
    assert "ends_at = 2027-01-05T09:40:00+00:00" in moved
    assert "due = 2026-12-01" in moved
    assert moved_to(moved, NOW) == moved


def test_a_moment_without_offset_is_one_of_the_plans_timezone() -> None:
    text = 'timezone = "America/New_York"\nstarts = 2026-11-11T20:00:00\n'
    assert "starts = 2027-01-05T04:30:00" in moved_to(text, NOW)


def test_a_plan_without_starts_stays_as_it_is() -> None:
    text = PLAN.replace("starts =", "# starts =")
    assert moved_to(text, NOW) == text


@pytest.mark.parametrize("written", ['"20:30"', "20:30:00"])
def test_times_of_day_cannot_be_moved(written: str) -> None:
    with pytest.raises(UserError, match="time of day"):
        moved_to(PLAN.replace("2026-11-11T12:10:00Z", written), NOW)
