"""A trail: how many units of each item were available during the last half hour."""

from __future__ import annotations

from array import array
from collections.abc import Iterable
from math import isnan, nan

EVERY = 5.0
"""Seconds between two samples."""
SAMPLES = 360
"""Samples kept of each item: half an hour. Four bytes each: 10,000 items take 16 MB."""


class Trail:
    """The last samples of a room, in one ring for each item. Single precision: what it cannot tell apart, no line shows."""

    def __init__(self) -> None:
        self._rings: dict[str, array[float]] = {}
        self._taken = 0

    @property
    def taken(self) -> int:
        """Samples taken so far."""
        return self._taken

    def take(self, available: Iterable[tuple[str, int]]) -> None:
        """One more sample: (sku, units). Items that are not in it any more are forgotten.

        `available` may let others run in between: nobody sees half of a sample, which would stand where the oldest does.
        """
        sample = list(available)
        place = self._taken % SAMPLES
        gone = set(self._rings)
        for sku, units in sample:
            ring = self._rings.get(sku)
            if ring is None:
                ring = self._rings[sku] = array("f", (nan,)) * SAMPLES
            ring[place] = units
            gone.discard(sku)
        for sku in gone:
            del self._rings[sku]
        self._taken += 1

    def of(self, sku: str) -> list[int | None]:
        """The samples of an item, oldest first; None where it was not there yet. Empty for an item of which there are none."""
        ring = self._rings.get(sku)
        if ring is None:
            return []
        place = self._taken % SAMPLES
        in_order = ring[place:] + ring[:place]
        return [None if isnan(units) else int(units) for units in in_order[-min(self._taken, SAMPLES) :]]

    @property
    def size(self) -> int:
        """Bytes that the samples take."""
        return sum(ring.itemsize * len(ring) for ring in self._rings.values())
