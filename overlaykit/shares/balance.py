"""Shares that move: units of one item go from channels that have plenty to channels that will soon have none.

What a platform may still sell cannot be given to another before it is sure that it does not sell it. So a move begins with a `cut`:
the giver is pushed a lower number, and its allotment stays as it is. Once that number has been taken, and everything that was sold
before is told, it is known what the giver may come to at most; then, in one call of the engine, its allotment falls to that, and
the others' rise. The room's pool is never larger than what is really free.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import NamedTuple

REST_SECONDS = 3.0
"""Between two moves of an item."""
PATIENCE_SECONDS = 15.0
"""And four lags: how long a cut is waited for."""
SCARCE = 0.8
"""A channel is in need when it has less than this share of what its demand would give it."""
AMPLE = 1.25
"""A channel gives when it has more than this many times what its demand would give it."""
LEAST_MOVE = 0.05
"""Share of a channel's units below which nothing is cut from it."""
MARGIN_SECONDS = 5.0


class Part(NamedTuple):
    """A channel, as far as one item is concerned.

    allotted, used   its quota
    high     units that it will have sold in all, at most (`Outlet.high`)
    settled  whether `high` takes into account all that was pushed
    sent_at  when a number was sent to it last
    moves    whether its share may be moved: its numbers are pushed, and it is not paused
    known    whether it has had the time to tell how it sells
    floor    units that it may sell in all, at least
    demand   units a second
    lag      its own
    """

    allotted: int
    used: int
    high: float
    settled: bool
    sent_at: float
    moves: bool
    known: bool
    floor: int
    demand: float
    lag: float

    @property
    def left(self) -> int:
        return max(0, self.allotted - self.used)


class Pool(NamedTuple):
    """Units that no channel and no drop has for itself; below 0, the item is over-allotted. `demand` of those who sell from it."""

    units: int
    demand: float


class Balance:
    """Of one item. `cuts`: channel → the allotment that it will have, while it is waited for."""

    def __init__(self) -> None:
        self.cuts: dict[str, int] = {}
        self._began = 0.0
        self._next = 0.0

    def step(self, at: float, pool: Pool, parts: Mapping[str, Part]) -> dict[str, int]:
        """Allotments to set now, all in one call; {} for nothing."""
        if pool.units < 0:
            self.cuts.clear()
            return _shrink(-pool.units, parts)
        self.cuts = {name: cut for name, cut in self.cuts.items() if name in parts and cut < parts[name].allotted}
        if self.cuts:
            return self._collect(at, pool, parts)
        if at < self._next:
            return {}
        wanted = _targets(pool, parts)
        needy = _needy(parts, wanted)
        if not needy:
            return {}
        free = pool.units - wanted.pool
        if free > 0:
            self._next = at + REST_SECONDS
            return _give(free, needy, parts)
        for name, part in parts.items():
            keep = max(wanted.channels[name], part.floor - part.used, 0)
            if (
                part.moves
                and part.known
                and part.settled
                and part.left > AMPLE * keep
                and part.left - keep >= max(1.0, LEAST_MOVE * part.left)
            ):
                self.cuts[name] = part.used + keep
        if self.cuts:
            self._began = at
            return self._collect(at, pool, parts)
        return {}

    def _collect(self, at: float, pool: Pool, parts: Mapping[str, Part]) -> dict[str, int]:
        """What the cuts have brought so far goes to those who need it most now."""
        found: dict[str, int] = {}
        for name, cut in [*self.cuts.items()]:
            part = parts[name]
            floor = max(part.floor, part.used)
            if part.high <= cut or (part.settled and part.sent_at >= self._began and part.high < part.allotted):
                found[name] = max(cut, floor, int(min(part.high, part.allotted)))
                del self.cuts[name]
            elif at > self._began + PATIENCE_SECONDS + 4 * part.lag or not part.moves:
                del self.cuts[name]
        if not self.cuts:
            self._next = at + REST_SECONDS
        freed = sum(parts[name].allotted - allotted for name, allotted in found.items())
        if freed <= 0:
            return {}
        after = {**parts, **{name: parts[name]._replace(allotted=allotted) for name, allotted in found.items()}}
        wanted = _targets(pool._replace(units=pool.units + freed), after)
        needy = {name: units for name, units in _needy(after, wanted).items() if name not in found}
        return {**found, **_give(freed, needy, after)}


class _Targets(NamedTuple):
    channels: dict[str, int]
    pool: int


def _targets(pool: Pool, parts: Mapping[str, Part]) -> _Targets:
    """What each would have if all that is left were divided by demand, floors kept."""
    left = {name: part.left for name, part in parts.items()}
    total = sum(left[name] for name, part in parts.items() if part.moves) + max(0, pool.units)
    floors = {name: max(0, part.floor - part.used) for name, part in parts.items() if part.moves}
    fixed: set[str] = set()
    while True:
        open_ = [name for name in floors if name not in fixed]
        demand = sum(parts[name].demand for name in open_) + pool.demand
        rest = max(0, total - sum(floors[name] for name in fixed))
        each = {name: rest * parts[name].demand / demand if demand else 0.0 for name in open_}
        below = {name for name in open_ if each[name] < floors[name]}
        if not below:
            break
        fixed |= below
    if not demand:
        return _Targets(left, max(0, pool.units))
    whole = {name: int(units) for name, units in each.items()}
    for_pool = int(rest * pool.demand / demand)
    if whole:  # what rounding leaves over is gathered where most is sold
        best = max(whole, key=lambda name: parts[name].demand)
        whole[best] += rest - sum(whole.values()) - for_pool
    return _Targets({**left, **{name: floors[name] for name in fixed}, **whole}, for_pool)


def _needy(parts: Mapping[str, Part], wanted: _Targets) -> dict[str, int]:
    """Who will have sold everything before a move could be through, though there is more: channel → units that it lacks."""
    slowest = max((part.lag for part in parts.values() if part.moves), default=0.0)
    return {
        name: wanted.channels[name] - part.left
        for name, part in parts.items()
        if part.moves
        and part.left < SCARCE * wanted.channels[name]
        and part.left < part.demand * (3 * slowest + 2 * part.lag + MARGIN_SECONDS)
    }


def _give(units: int, needy: Mapping[str, int], parts: Mapping[str, Part]) -> dict[str, int]:
    """Allotments of those who need units, when so many are free: by what they lack, and what is over to who lacks most."""
    lacking = sum(needy.values())
    found: dict[str, int] = {}
    for name, lacks in sorted(needy.items(), key=lambda each: each[1]):
        given = min(lacks, units * lacks // lacking, units)
        units, lacking = units - given, lacking - lacks
        if given:
            found[name] = parts[name].allotted + given
    return found


def _shrink(units: int, parts: Mapping[str, Part]) -> dict[str, int]:
    """Allotments that together are so many units less, by what each has left: there are not as many as were promised."""
    found: dict[str, int] = {}
    left = sum(part.left for part in parts.values())
    for name, part in sorted(parts.items(), key=lambda each: each[1].left):
        taken = min(part.left, -(-units * part.left // left) if left else 0, units)
        units, left = units - taken, left - part.left
        if taken:
            found[name] = part.allotted - taken
    return found
