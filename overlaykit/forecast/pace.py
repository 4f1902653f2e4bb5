"""The pace of one item: units that orders take, over the time in which they could.

Two exponentially weighted windows, a long and a short one, each a sum of units and a sum of selling time that fade together
as the clock of the ledger goes on. Time in which nothing could be sold adds to neither, so an item that is sold out or closed
does not look slow afterwards; what was known of it fades, and then it is not known. The sums fade at every entry by as much
time as has passed, which is what bins come to as they get narrower, and needs none.
"""

from __future__ import annotations

from math import exp
from typing import NamedTuple

LONG_SECONDS, SHORT_SECONDS = 60.0, 5.0
"""Time constants of the windows: what was so long ago counts 37 %."""
ENOUGH_SECONDS = 10.0
"""Selling time in the long window below which no pace is known: one order more or less would change it by half."""
ENOUGH_UNITS = 3.0
"""Units in the long window below which no end is forecast: of so few, chance is as large as the number."""
_DOUBT = 2.0
"""Standard deviations by which the short window must differ from the long one to count as much as it."""
_LEAST_VARIANCE = 2.0
"""Of the units in the short window: a single order of a slow item is no news."""
_LEAST_SHORT_SECONDS = 1.0
"""Selling time in the short window below which it says nothing."""
_BACK_SECONDS = 5.0
"""A clock that goes back further than this was set; entries that are merely out of order differ by less."""


class _Sums(NamedTuple):
    """Units taken and seconds of selling time in each window, and units that came back, in the long one; all faded."""

    long: float = 0.0
    long_time: float = 0.0
    short: float = 0.0
    short_time: float = 0.0
    back: float = 0.0


class ItemPace:
    """What is known of one item.

    at     seconds since 1970 up to which it is known
    left   units that could be bought from then on; 0: it could not be sold
    """

    __slots__ = ("_sums", "at", "left")

    def __init__(self, at: float, left: int) -> None:
        self.at, self.left = at, left
        self._sums = _Sums()

    def take(self, at: float, units: int, left: int) -> None:
        """An entry: orders took `units`, below 0 gave them back, and `left` can be bought now.

        Units taken while nothing could be sold say nothing of the pace: others who would have bought could not. Units given back
        count as far as they can be sold again. A clock that was set back begins it anew.
        """
        if not units and bool(left) is bool(self.left):
            self.left = left  # paid, shipped, brought: it goes on as before
            return
        if at < self.at - _BACK_SECONDS:
            self.at, self._sums = at, _Sums()
        long, long_time, short, short_time, back = self._after(at)
        if units > 0 and self.left:
            long, short = long + units, short + units
        elif units < 0:
            back += min(-units, max(0, left - self.left))
        self._sums, self.at, self.left = _Sums(long, long_time, short, short_time, back), max(at, self.at), left

    def per_second(self, at: float) -> float | None:
        """Units that orders take a second; None while too little is known.

        The long window, unless the short one differs by more than chance explains; then the more of the short one, the more.
        """
        return _pace(self._after(at))

    def drain_per_second(self, at: float) -> float | None:
        """Units by which the stock falls a second: the pace less the share of units that come back; None while no end can be
        told from what is known, 0 where as much comes back as is taken."""
        sums = self._after(at)
        pace = _pace(sums)
        if pace is None or sums.long < ENOUGH_UNITS:
            return None
        return pace * max(0.0, 1 - sums.back / sums.long)

    def _after(self, at: float) -> _Sums:
        passed = at - self.at
        if passed <= 0:
            return self._sums
        long, long_time, short, short_time, back = self._sums
        of_long, of_short = exp(-passed / LONG_SECONDS), exp(-passed / SHORT_SECONDS)
        long_time, short_time = long_time * of_long, short_time * of_short
        if self.left:
            long_time += LONG_SECONDS * (1 - of_long)
            short_time += SHORT_SECONDS * (1 - of_short)
        return _Sums(long * of_long, long_time, short * of_short, short_time, back * of_long)


def _pace(sums: _Sums) -> float | None:
    if sums.long_time < ENOUGH_SECONDS:
        return None
    long = sums.long / sums.long_time
    if sums.short_time < _LEAST_SHORT_SECONDS:
        return long
    expected = long * sums.short_time
    # An exponential window has half the variance of a plain one of its length.
    surprise = (sums.short - expected) ** 2 / max(expected / 2, _LEAST_VARIANCE)
    weight = surprise / (surprise + _DOUBT**2)
    return weight * sums.short / sums.short_time + (1 - weight) * long
