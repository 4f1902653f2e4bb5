"""Who buys on a made-up platform, and when: invented from a seed. Pure; the same seed, the same crowd.

Interest falls off after something is put on air. A few look at something else, and not everybody pays. All of it is synthetic.
"""

from __future__ import annotations

import heapq
import math
import random
from collections.abc import Mapping, Sequence
from typing import Literal, NamedTuple

PATIENCE = 40.0
"""Seconds in which a third of those who come at first still come."""
BUYERS_FOR_EACH = 1.3
"""Buyers that come for each unit that is offered."""
LEAST = 0.15
"""Buyers a second when nearly nobody comes any more."""
ELSEWHERE = 0.1
PAID, PAYS_WITHIN = 0.9, (0.5, 6.0)
GIVEN_UP_AFTER = 12.0
QUANTITIES, WEIGHTS = (1, 2, 3), (80, 15, 5)

What = Literal["pay", "cancel"]


class Wish(NamedTuple):
    """Somebody wants so many of an item."""

    sku: str
    quantity: int
    buyer: str


class Crowd:
    """The buyers of one platform. `offered`: units of each item that it may sell at first, roughly."""

    def __init__(self, seed: str, offered: Mapping[str, int]) -> None:
        self._chance = random.Random(seed)
        self._offered = dict(offered)
        self._on_air: tuple[str, ...] = ()
        self._since = 0.0
        self._next = 0.0
        self._buyers = 0
        self._later: list[tuple[float, int, What, str]] = []

    def watch(self, on_air: Sequence[str], now: float) -> None:
        """These items are on air now."""
        if tuple(on_air) != self._on_air:
            self._on_air, self._since = tuple(on_air), now
            self._next = now + self._gap(now)

    def wishes(self, now: float) -> list[Wish]:
        """What was wanted until `now`, in seconds."""
        found: list[Wish] = []
        while self._on_air and self._next <= now:
            found.append(self._wish())
            self._next += self._gap(self._next)
        return found

    def ordered(self, order: str, now: float) -> None:
        """A wish became an order: it will be paid, or given up."""
        pays = self._chance.random() < PAID
        at = now + (self._chance.uniform(*PAYS_WITHIN) if pays else GIVEN_UP_AFTER)
        heapq.heappush(self._later, (at, self._buyers, "pay" if pays else "cancel", order))

    def due(self, now: float) -> list[tuple[What, str]]:
        """What becomes of orders until `now`: (pay or cancel, order)."""
        found = []
        while self._later and self._later[0][0] <= now:
            _, _, what, order = heapq.heappop(self._later)
            found.append((what, order))
        return found

    def _wish(self) -> Wish:
        others = [sku for sku in self._offered if sku not in self._on_air]
        pool = others if others and self._chance.random() < ELSEWHERE else list(self._on_air)
        self._buyers += 1
        quantity = self._chance.choices(QUANTITIES, WEIGHTS)[0]
        return Wish(self._chance.choice(pool), quantity, f"buyer-{self._buyers}")

    def _gap(self, now: float) -> float:
        units = sum(self._offered.get(sku, 0) for sku in self._on_air)
        rate = BUYERS_FOR_EACH * units / PATIENCE * math.exp(-(now - self._since) / PATIENCE) + LEAST
        return self._chance.expovariate(rate)
