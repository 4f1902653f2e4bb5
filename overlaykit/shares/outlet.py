"""One channel's listings that draw on the same items: when which numbers are pushed to a platform that sells by itself.

A platform sells the number that it was given, and tells us afterwards. A number is absolute: it also covers up what the platform
sold before it took effect and has not told yet. So it is known of each item

    high   how many units the channel will have sold in all, when its platform has sold everything it may: at most
    low    the same, at least

and both follow from the numbers and the news alone. When a number N is sent, `low` becomes what was told until then + N; and once
its lag has passed after the answer, in the news' own time (`lateness.py`), everything that was sold before N took effect is told,
so `high` becomes what is told then + N, or what `high` was before + N, whichever is less. The platform's own sales change neither:
they are no reason to push.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from math import inf
from typing import NamedTuple

from overlaykit.shares.lateness import Lateness
from overlaykit.shares.listings import Listing, divide, needed
from overlaykit.shares.sales import Sales

RAISE_SHARE = 0.25
"""Of what is left: a number that would rise by less is left alone."""
FIRST_RETRY, MOST_RETRY = 1.0, 60.0
_REMEMBERED = 16


class Quota(NamedTuple):
    """Units of an item that a channel may sell in all, and those that it has sold as far as it told."""

    allotted: int
    used: int

    @property
    def left(self) -> int:
        return max(0, self.allotted - self.used)


class Outlet:
    """Of one channel. Times in seconds, on one clock; `quotas` are those of all items that the listings take.

    closed    platform's skus that are not to be sold
    numbers   the platform's sku → the number that it took last
    failed    the platform's sku → why it did not take the last one
    sent_at   when numbers were sent last
    """

    def __init__(self, listings: Sequence[Listing], lateness: Lateness) -> None:
        self.listings, self.lateness = listings, lateness
        self.skus = tuple(needed({}, listings))
        self.closed: frozenset[str] = frozenset()
        self.numbers: dict[str, int] = {}
        self.failed: dict[str, str] = {}
        self.sent_at = -inf
        self.turn = 0
        self._sales = {sku: Sales(lateness) for sku in self.skus}
        self._high: dict[str, float] = dict.fromkeys(self.skus, inf)
        self._low: dict[str, int] = {}
        self._before = self._high, self._low
        self._said: list[tuple[str, int]] = []
        self._asked: dict[str, int] | None = None
        self._used: dict[str, int] = {}
        self._answered_at: float | None = None
        self._wanted, self._complete, self._doubted = True, False, False
        self._not_before, self._retry = -inf, FIRST_RETRY

    # -------------------------------------------------------------------------------------------------------------- news

    def take(self, at: float, sku: str, units: int) -> None:
        """The channel told of units sold; below 0, returned. Whether the platform offers those again itself is not known."""
        if units > 0:
            self._sales[sku].take(at, units)
        elif sku in self._low:
            self._low[sku] += units

    def heard(self, at: float, platform_sku: str, number: int, quotas: Mapping[str, Quota]) -> bool:
        """The platform says that it still sells `number`. False when that is an echo of ours, less what it has sold; True when
        somebody else wrote it: then ours is pushed again, at once or when what is on its way has settled."""
        if self._wanted:
            return False
        if self._asked is not None or self._answered_at is not None:
            ours = [units for name, units in self._said if name == platform_sku]
            ours.append((self._asked or self.numbers).get(platform_sku, 0))
            # How many of ours are left is not known now; what is more than we ever said lately is somebody else's.
            doubted = bool(self.numbers) and number > max(ours)
            self._doubted = self._doubted or doubted
            return doubted
        listing = next(each for each in self.listings if each.platform_sku == platform_sku)
        if self.numbers.get(platform_sku) is None:
            return False
        most = least = self.numbers[platform_sku]
        for sku, per in listing.parts.items():
            q, sales = quotas[sku], self._sales[sku]
            most = min(most, int(max(0.0, self._high[sku] - q.used) + sales.told(at, 2 * self.lateness.lag(at))) // per)
            least = min(least, max(0, self._low[sku] - q.used - sales.guard(at)) // per)
        if least <= number <= most:
            return False
        self._wanted = True
        return True

    def push_again(self, not_before: float = -inf) -> None:
        """Nobody knows what the platform has: everything is pushed, as soon as that may be."""
        self._wanted = True
        self._not_before = not_before

    def taken_over(self, at: float, numbers: Mapping[str, int]) -> None:
        """The platform was given these numbers before by somebody else. What it has sold since is not known here: its news are
        heard for three lags before it is pushed anything, so that enough is kept back."""
        self.numbers = dict(numbers)
        self.push_again(at + 3 * self.lateness.lag(at))

    # ---------------------------------------------------------------------------------------------------------- decisions

    def due(self, at: float, quotas: Mapping[str, Quota], *, live: bool = True) -> dict[str, int] | None:
        """Numbers to send now, for all listings; None for nothing. To be asked at every change and now and then. `live`: buyers
        are there."""
        self._settle(at, quotas)
        for sku, sales in self._sales.items():
            sales.pass_time(at, live and bool(self.numbers) and self._can_sell(sku, quotas[sku]))
        if self._asked is not None or at < self._not_before:
            return None
        numbers = self.aim(at, quotas)
        if self._wanted or self.failed:
            return numbers
        if self._too_high(quotas):
            return numbers if numbers != self.numbers else None
        if self._answered_at is None and not self.lateness.is_behind(at) and self._worth_raising(numbers, quotas):
            return numbers
        self._complete = bool(self.closed) or all(self._low[sku] >= quotas[sku].allotted for sku in self.skus)
        return None

    def aim(self, at: float, quotas: Mapping[str, Quota]) -> dict[str, int]:
        """The numbers that are right if they are sent now: what is left, less what may be sold and not told by then."""
        units = {sku: quotas[sku].left - self._guard(at, sku, quotas[sku]) for sku in self.skus}
        return divide(units, self.listings, self.closed)

    def _guard(self, at: float, sku: str, quota: Quota) -> int:
        """No more can have been sold untold than the platform was given."""
        return int(min(self._sales[sku].guard(at), max(0.0, self._high[sku] - quota.used)))

    def _too_high(self, quotas: Mapping[str, Quota]) -> bool:
        bound: Mapping[str, float] = self._low if self._answered_at is not None else self._high
        offered = needed(self.numbers, self.listings)
        return any(self.numbers.get(each) for each in self.closed) or any(
            offered[sku] and bound[sku] > quotas[sku].allotted for sku in self.skus
        )

    def _worth_raising(self, numbers: Mapping[str, int], quotas: Mapping[str, Quota]) -> bool:
        units = needed(numbers, self.listings)
        return any(
            (gain := quota.used + units[sku] - max(quota.used, self._low[sku])) >= 1
            and gain >= RAISE_SHARE * quota.left
            for sku in self._low
            for quota in (quotas[sku],)
        )

    def _can_sell(self, sku: str, quota: Quota) -> bool:
        return min(self._high[sku], quota.allotted) > quota.used

    # -------------------------------------------------------------------------------------------------------------- sending

    def sent(self, at: float, numbers: Mapping[str, int], quotas: Mapping[str, Quota]) -> None:
        """They are on their way now."""
        units = needed(numbers, self.listings)
        self._asked, self._wanted, self._answered_at, self.sent_at = dict(numbers), False, None, at
        self._doubted = False
        self._before = self._high, self._low
        self._used = {sku: quotas[sku].used for sku in self.skus}
        self._high = {sku: self._high[sku] + units[sku] for sku in self.skus}
        low = {sku: self._used[sku] + units[sku] for sku in self.skus}
        self._low = {sku: min(self._low.get(sku, low[sku]), low[sku]) for sku in self.skus}

    def answered(self, at: float, results: Mapping[str, str | None]) -> None:
        """What came of them: the platform's sku → None when it took the number, else why not. Of one that is missing nobody knows:
        it is sent again, under the same key while its number is the same."""
        asked, self._asked = self._asked or {}, None
        self.lateness.measured(at, at - self.sent_at)
        unclear = [each for each in asked if each not in results]
        self.failed = {each: why for each, why in results.items() if why is not None}
        for each in asked:
            if each not in self.failed:
                self.numbers[each] = max(asked[each], self.numbers.get(each, 0)) if each in unclear else asked[each]
                self._said = [*self._said, (each, asked[each])][-_REMEMBERED * len(self.listings) :]
        if self.failed.keys() == asked.keys():
            self._high, self._low = self._before
        elif unclear:
            self._wanted = True  # it may take effect at any time from now on, or have done so
        else:
            self._answered_at = at
            for sales in self._sales.values():
                sales.listed_again(at)
            self._low = {sku: self._used[sku] + units for sku, units in needed(self.numbers, self.listings).items()}
        self.turn += not unclear
        if unclear or self.failed:
            self._not_before, self._retry = at + self._retry, min(MOST_RETRY, self._retry * 2)
        else:
            self._not_before, self._retry = -inf, FIRST_RETRY

    def _settle(self, at: float, quotas: Mapping[str, Quota]) -> None:
        if self._answered_at is None:
            return
        if self.lateness.known_until(at) < self._answered_at + self.lateness.lag(at):
            return
        self._answered_at, before = None, self._before[0]
        self._wanted, self._doubted = self._wanted or self._doubted, False
        for sku, units in needed(self.numbers, self.listings).items():
            self._high[sku] = min(before[sku], quotas[sku].used) + units

    # -------------------------------------------------------------------------------------------------- what others may know

    @property
    def rests(self) -> bool:
        """Whether nothing is due before something changes: the platform has all that it may sell."""
        return self.settled and not self._wanted and self._complete

    @property
    def settled(self) -> bool:
        """Whether `high` says what the platform may come to: nothing is on its way, and all that was sold before is told."""
        return bool(self.numbers) and self._asked is None and self._answered_at is None and not self.failed

    def high(self, sku: str) -> float:
        """Units that the channel will have sold in all, at most; infinite while that is not known."""
        return self._high[sku]

    def sales(self, sku: str) -> Sales:
        """What it told of its sales of an item."""
        return self._sales[sku]
