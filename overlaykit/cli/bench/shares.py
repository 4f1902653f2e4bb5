"""Three platforms that sell by themselves, on simulated time: with shares and a guard, and with one pool that all are pushed.

What counts here is how much is oversold and left over; nothing of this machine is measured.
"""

from __future__ import annotations

from overlaykit.cli.bench.figures import Figure, share
from overlaykit.shares.simulation import Platform, shared_pool, simulate

UNITS = 1000
LAGS = (1.0, 3.0, 10.0)
_PACES: dict[str, tuple[float, float, float]] = {
    "5/s": (3, 1.5, 0.5),
    "17/s": (10.2, 5.1, 1.7),
    "50/s": (30, 15, 5),
    "5+17+50/s": (5, 17, 50),
}
"""Orders a second of the platforms, by their lag."""
_SHARES = (0.34, 0.33, 0.33)
"""Nobody knew beforehand where it would sell."""


def measure(seed: int, scale: float) -> list[Figure]:
    """One evening for each pace."""
    units = share(UNITS, scale)
    figures = []
    for name, paces in _PACES.items():
        platforms = [
            Platform(f"{lag:g} s", lag, pace, part) for lag, pace, part in zip(LAGS, paces, _SHARES, strict=True)
        ]
        ours, naive = simulate(platforms, units, seed), simulate(platforms, units, seed, shared_pool)
        figures += [
            Figure(f"{name}: oversold", ours.oversold, "units", more_is_better=False),
            Figure(f"{name}: oversold from a shared pool", naive.oversold, "units", more_is_better=False),
            Figure(f"{name}: unsold", ours.unsold, "units", more_is_better=False),
            Figure(f"{name}: until 99 % are sold", ours.seconds or 0.0, "s", more_is_better=False),
            Figure(f"{name}: 99 % from a shared pool", naive.seconds or 0.0, "s", more_is_better=False),
            Figure(f"{name}: numbers pushed", ours.pushes, "", more_is_better=False),
            Figure(f"{name}: pushed from a shared pool", naive.pushes, "", more_is_better=False),
        ]
    return figures
