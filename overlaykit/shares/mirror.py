"""Listings of a channel that asks before it sells: its platform shows our number, and no more than that depends on it."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from math import inf

from overlaykit.shares.listings import Listing, divide, needed
from overlaykit.shares.outlet import FIRST_RETRY, MOST_RETRY, Quota


class Mirror:
    """As `Outlet`, with the newest number always: a wrong one cannot oversell, so nothing is kept back."""

    def __init__(self, listings: Sequence[Listing]) -> None:
        self.listings = listings
        self.skus = tuple(needed({}, listings))
        self.closed: frozenset[str] = frozenset()
        self.numbers: dict[str, int] = {}
        self.failed: dict[str, str] = {}
        self.sent_at = -inf
        self.turn = 0
        self._asked: dict[str, int] | None = None
        self._wanted = True
        self._not_before, self._retry = -inf, FIRST_RETRY

    @property
    def rests(self) -> bool:
        """Whether nothing is due before something changes."""
        return not self._wanted and not self.failed and self._asked is None

    def heard(self, at: float, platform_sku: str, number: int, quotas: Mapping[str, Quota]) -> bool:
        """The platform says that it shows `number`. True when that is not ours: it is pushed again."""
        if self._asked is not None or self.numbers.get(platform_sku) in (None, number):
            return False
        self._wanted = True
        return True

    def push_again(self) -> None:
        """Nobody knows what the platform has."""
        self._wanted, self._not_before = True, -inf

    def due(self, at: float, quotas: Mapping[str, Quota], *, live: bool = True) -> dict[str, int] | None:
        """Numbers to send now; None for nothing."""
        if self._asked is not None or at < self._not_before:
            return None
        numbers = divide({sku: quotas[sku].left for sku in self.skus}, self.listings, self.closed)
        return numbers if self._wanted or self.failed or numbers != self.numbers else None

    def sent(self, at: float, numbers: Mapping[str, int], quotas: Mapping[str, Quota]) -> None:
        """They are on their way now."""
        self._asked, self._wanted, self.sent_at = dict(numbers), False, at

    def answered(self, at: float, results: Mapping[str, str | None]) -> None:
        """What came of them, as `Outlet.answered`."""
        asked, self._asked = self._asked or {}, None
        self.failed = {each: why for each, why in results.items() if why is not None}
        self.numbers |= {each: number for each, number in asked.items() if results.get(each, "") is None}
        unclear = any(each not in results for each in asked)
        self.turn += not unclear
        self._wanted = self._wanted or unclear
        if unclear or self.failed:
            self._not_before, self._retry = at + self._retry, min(MOST_RETRY, self._retry * 2)
        else:
            self._not_before, self._retry = -inf, FIRST_RETRY
