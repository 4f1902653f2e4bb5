"""What a measurement gives, and how rounds of them are summed up."""

from __future__ import annotations

from collections.abc import Sequence
from statistics import median
from typing import NamedTuple


class Figure(NamedTuple):
    """One measured value. `more_is_better` says which way a ratio to a peer should go."""

    name: str
    value: float
    unit: str
    more_is_better: bool = True


class Summary(NamedTuple):
    """A figure over several rounds: ours and the peer's median, and the median of the ratios ours ÷ peer by round."""

    name: str
    unit: str
    ours: float
    peer: float | None
    ratio: float | None
    more_is_better: bool


def share(whole: int, scale: float) -> int:
    """`scale` of the work, but some of it."""
    return max(1, round(whole * scale))


def quantile(values: Sequence[float], share: float) -> float:
    """The value below which `share` (0 … 1) of the sorted values lie."""
    ordered = sorted(values)
    return ordered[min(len(ordered) - 1, int(len(ordered) * share))]


def summarise(ours: Sequence[Sequence[Figure]], peers: Sequence[Sequence[Figure]]) -> list[Summary]:
    """Rounds of figures, in the same order in each round; `peers` has as many rounds, or none."""
    found = []
    for column, first in enumerate(ours[0]):
        mine = [figures[column].value for figures in ours]
        theirs = [next((f.value for f in figures if f.name == first.name), None) for figures in peers]
        both = [(a, b) for a, b in zip(mine, theirs, strict=False) if b]
        found.append(
            Summary(
                name=first.name,
                unit=first.unit,
                ours=median(mine),
                peer=median(b for _, b in both) if both else None,
                ratio=median(a / b for a, b in both) if both else None,
                more_is_better=first.more_is_better,
            )
        )
    return found
