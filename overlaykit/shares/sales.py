"""What a channel has told of its sales of one item: how much it may have sold that it has not told yet, and how fast it sells.

All of it goes by the news' own time (`Lateness.known_until`): while news wait, silence says nothing, and those that are counted in
a rush were not sold in one.
"""

from __future__ import annotations

from collections import deque
from math import ceil, inf, sqrt

from overlaykit.shares.lateness import Lateness

DEMAND_SECONDS = 60.0
"""Selling time over which the demand of a channel is measured."""
_SPREAD = 1.25
_DEVIATIONS = 4.0
_LEAST_SECONDS = 1.0
_SURE = 6.0
"""Units that its demand would have brought in the time of its silence, if that is to say that nothing was sold."""


class Sales:
    """Of one item on one channel. Times in seconds, on one clock."""

    __slots__ = ("_lateness", "_open_since", "_selling", "_since", "_told", "_told_at", "_units", "listed")

    def __init__(self, lateness: Lateness) -> None:
        self._lateness = lateness
        self._told: deque[tuple[float, int]] = deque()
        self._selling: deque[tuple[float, int]] = deque()
        self._told_at = -inf
        self._units = 0
        self._since: float | None = None
        self._open_since: float | None = None
        self.listed = 0.0

    def take(self, at: float, units: int) -> None:
        """It told of so many units sold."""
        now = self._told_at = self._now(at)
        self._told.append((now, units))
        self._selling.append((self.listed, units))
        self._units += units
        while self._told and self._told[0][0] < now - 2 * self._windows(at)[-1]:
            self._told.popleft()
        while self._selling and self._selling[0][0] < self.listed - DEMAND_SECONDS:
            self._units -= self._selling.popleft()[1]

    def pass_time(self, at: float, could_sell: bool) -> None:
        """The time is `at`; since the last call it could sell, or could not. Time in which it could not says nothing of its
        demand."""
        now = self._now(at)
        if self._since is not None and could_sell:
            self.listed += now - self._since
        self._since = now
        self._open_since = (now if self._open_since is None else self._open_since) if could_sell else None

    def listed_again(self, at: float) -> None:
        """It took a number: it may have had none to sell until now, so its silence before says nothing."""
        self._open_since = self._now(at)

    def told(self, at: float, seconds: float) -> int:
        """Units told in the last so many seconds."""
        now = self._now(at)
        return sum(units for when, units in self._told if when > now - seconds)

    def pace(self, at: float) -> float:
        """Units a second of late: the most of several windows, so that what begins fast is seen at once, and what ends fast is
        believed when it has been silent for as long as its news may be on their way."""
        found, now, windows = 0.0, self._now(at), self._windows(at)
        for window in windows:
            begun = next((when for when, _ in self._told if when > now - window), None)
            if begun is not None:
                found = max(found, self.told(at, window) / max(_LEAST_SECONDS, min(window, now - begun)))
        if self._open_since is not None and (rate := self.rate(at)):
            silent = now - max(self._open_since, self._told_at)
            if silent < max(windows[-1], _SURE / rate):
                found = max(found, rate)  # its silence may be chance
        return found

    def guard(self, at: float) -> int:
        """Units that it may have sold, or will have sold by the time at which a number that is sent now takes effect, and that
        are not counted yet: twice its lag, and as long as its news wait here, at its pace, and what chance may add."""
        expected = self.pace(at) * (2 * self._lateness.lag(at) + at - self._now(at))
        return ceil(_SPREAD * expected + _DEVIATIONS * sqrt(expected))

    def demand(self, at: float, expected: float) -> float:
        """Units a second that its buyers want, over the time in which it could sell; `expected`, what one would think before
        anything is known, counts for as long as its news take."""
        before = self._lateness.lag(at) + 2.0
        known = max(0.0, self._known_seconds(at))
        return (self._units + expected * before) / (known + before)

    def known(self, at: float) -> bool:
        """Whether it has had the time to tell how it sells."""
        return self.listed > 2 * self._lateness.lag(at)

    def rate(self, at: float) -> float:
        """Units a second told, over the time in which it could sell; 0 while nothing is known."""
        return self._units / max(self._known_seconds(at), _LEAST_SECONDS) if self._units else 0.0

    def _known_seconds(self, at: float) -> float:
        return min(self.listed, DEMAND_SECONDS) - self._lateness.least

    def _windows(self, at: float) -> tuple[float, float]:
        lag = self._lateness.lag(at)
        return max(1.0, lag), max(2.0, 3 * lag)

    def _now(self, at: float) -> float:
        """In the news' own time, which never runs back."""
        return max(self._lateness.known_until(at), self._since if self._since is not None else -inf)
