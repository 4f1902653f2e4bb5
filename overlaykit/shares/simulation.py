"""Platforms that sell by themselves, on simulated time: what the shares, the guard and the pushes of a room come to.

The platforms are made up: buyers come at random at a steady pace, every number takes effect, and every sale is told, after the
platform's whole lag. The decisions are those of a real room, `Outlet` and `Balance`; only the ledger is a small one of its own.
"""

from __future__ import annotations

import random
from collections import deque
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from typing import NamedTuple

from overlaykit.shares.balance import Balance, Part, Pool
from overlaykit.shares.lateness import Lateness
from overlaykit.shares.listings import Listing
from overlaykit.shares.outlet import Outlet, Quota

SKU = "A"
STEP = 0.05
"""Seconds of a step; decisions are taken in each."""
BEFORE = 30.0
"""Seconds before the first buyer in which the numbers are pushed."""
AT_MOST = 1200.0
QUIET = 120.0
"""Seconds without a sale after which it is over."""


class Jam(NamedTuple):
    """From `begin` to `end`, seconds since the first buyer, news that have come to the room wait there before they are counted:
    `seconds`, and later ones as long as those before them."""

    begin: float
    end: float
    seconds: float


class Platform(NamedTuple):
    """`lag` seconds late; `pace` buyers a second; `share` of the stock in the plan."""

    name: str
    lag: float
    pace: float
    share: float
    floor: float = 0.0
    jam: Jam | None = None


class Found(NamedTuple):
    """What came of a run.

    oversold  units that platforms sold beyond what there was
    unsold    units that are left when buyers have found nothing for a long time, or the time is over
    seconds   from the first buyer until 99 % are sold; None when it did not come to that
    pushes    numbers that were sent
    """

    oversold: int
    unsold: int
    seconds: float | None
    pushes: int


@dataclass
class _Shop:
    """A platform at work: what it sells, and what is on its way to it and from it.

    news  when it comes to the room, when it is counted there, units
    late  by how many seconds the oldest of what was counted last was late
    """

    platform: Platform
    stock: int = 0
    sold: int = 0
    coming: deque[tuple[float, int]] = field(default_factory=deque)
    news: deque[tuple[float, float, int]] = field(default_factory=deque)
    late: float = 0.0
    pushes: int = 0

    def pass_time(self, at: float, buyers: int) -> None:
        while self.coming and self.coming[0][0] <= at:
            self.stock = self.coming.popleft()[1]
        units = min(buyers, self.stock)
        if units:
            self.stock -= units
            self.sold += units
            comes = at + self.platform.lag
            jam = self.platform.jam
            waits = jam.seconds if jam is not None and jam.begin <= comes < jam.end else 0.0
            counted = max(comes + waits, self.news[-1][1] if self.news else 0.0)
            self.news.append((comes, counted, units))

    def push(self, at: float, number: int) -> None:
        self.pushes += 1
        self.coming.append((at + self.platform.lag, number))

    def told(self, at: float) -> int:
        units, self.late = 0, 0.0
        while self.news and self.news[0][1] <= at:
            came, _, more = self.news.popleft()
            units, self.late = units + more, max(self.late, at - came + self.platform.lag)
        return units

    def counted_until(self, at: float) -> float:
        """All that came before is counted."""
        return min(at, self.news[0][0]) if self.news else at


Told = Callable[[float, Mapping[str, int]], None]
"""One step of a room: the time, and what each platform has told since the last."""


def shared_pool(shops: Sequence[_Shop], units: int) -> Told:
    """The naive way: all that is left is pushed to everybody, whenever it changes."""
    said = dict.fromkeys((shop.platform.name for shop in shops), -1)
    left = units

    def step(at: float, told: Mapping[str, int]) -> None:
        nonlocal left
        left = max(0, left - sum(told.values()))
        for shop in shops:
            if said[shop.platform.name] != left:
                said[shop.platform.name] = left
                shop.push(at, left)

    return step


class GuardedShares:
    """A room's way."""

    def __init__(self, shops: Sequence[_Shop], units: int) -> None:
        self._shops = {shop.platform.name: shop for shop in shops}
        self._available = self._units = units
        self._allotted = {shop.platform.name: int(units * shop.platform.share) for shop in shops}
        self._used = dict.fromkeys(self._shops, 0)
        listing = Listing(SKU, SKU, 1, {SKU: 1})
        self._lateness = {name: Lateness(shop.platform.lag) for name, shop in self._shops.items()}
        self._outlets = {name: Outlet([listing], lateness) for name, lateness in self._lateness.items()}
        self._answers: list[tuple[float, str]] = []
        self._balance = Balance()

    def __call__(self, at: float, told: Mapping[str, int]) -> None:
        for name, units in told.items():
            self._lateness[name].counted_until(self._shops[name].counted_until(at))
            self._lateness[name].measured(at, self._shops[name].late)
            if units:
                self._record(name, units)
                self._outlets[name].take(at, SKU, units)
        for when, name in [*self._answers]:
            if when <= at:
                self._answers.remove((when, name))
                self._outlets[name].answered(at, {SKU: None})
        for name, outlet in self._outlets.items():
            quotas = {SKU: self._quota(name)}
            numbers = outlet.due(at, quotas, live=at >= 0)
            if numbers is not None:
                outlet.sent(at, numbers, quotas)
                self._shops[name].push(at, numbers[SKU])
                self._answers.append((at + self._shops[name].platform.lag, name))
        if at >= 0:
            self._allotted.update(self._balance.step(at, Pool(self._pool, 0.0), self._parts(at)))

    @property
    def _pool(self) -> int:
        return self._available - sum(max(0, self._allotted[name] - self._used[name]) for name in self._shops)

    def _quota(self, name: str) -> Quota:
        allotted = min(self._allotted[name], self._balance.cuts.get(name, self._allotted[name]))
        return Quota(min(allotted, self._used[name] + self._available), self._used[name])

    def _parts(self, at: float) -> dict[str, Part]:
        rate = sum(outlet.sales(SKU).rate(at) for outlet in self._outlets.values())
        return {
            name: Part(
                allotted=self._allotted[name],
                used=self._used[name],
                high=outlet.high(SKU),
                settled=outlet.settled,
                sent_at=outlet.sent_at,
                moves=not outlet.lateness.is_behind(at),
                known=outlet.sales(SKU).known(at),
                floor=int(self._shops[name].platform.floor * self._units),
                demand=outlet.sales(SKU).demand(at, rate * self._shops[name].platform.share),
                lag=outlet.lateness.lag(at),
            )
            for name, outlet in self._outlets.items()
        }

    def _record(self, name: str, units: int) -> None:
        """As the engine takes a fact: its own quota, the pool, the others' quotas."""
        taken = min(units, self._available)
        self._available -= taken
        self._used[name] += taken
        missing = -self._pool
        for other in self._shops:
            if missing > 0 and other != name:
                moved = min(missing, max(0, self._allotted[other] - self._used[other]))
                self._allotted[other] -= moved
                missing -= moved


def simulate(
    platforms: Sequence[Platform], units: int, seed: int, way: Callable[[Sequence[_Shop], int], Told] = GuardedShares
) -> Found:
    """One evening with one item."""
    chance = random.Random(seed)
    shops = [_Shop(platform) for platform in platforms]
    step = way(shops, units)
    tick, sold_out_at, last_sale = -round(BEFORE / STEP), None, 0.0
    while (at := tick * STEP) < AT_MOST:
        told = {}
        for shop in shops:
            before = shop.sold
            shop.pass_time(at, _buyers(chance, shop.platform.pace * STEP) if tick >= 0 else 0)
            last_sale = at if shop.sold > before else last_sale
            told[shop.platform.name] = shop.told(at)
        step(at, told)
        sold = sum(shop.sold for shop in shops)
        if sold_out_at is None and sold >= 0.99 * units:
            sold_out_at = at
        over = sold >= units and not any(shop.stock or shop.coming for shop in shops)
        if over or at > last_sale + QUIET:
            break
        tick += 1
    sold = sum(shop.sold for shop in shops)
    return Found(max(0, sold - units), max(0, units - sold), sold_out_at, sum(shop.pushes for shop in shops))


def _buyers(chance: random.Random, expected: float) -> int:
    """Poisson, by the time between buyers."""
    count, passed = 0, chance.expovariate(1.0)
    while passed < expected:
        count += 1
        passed += chance.expovariate(1.0)
    return count
