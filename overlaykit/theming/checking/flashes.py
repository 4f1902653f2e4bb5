"""How often a picture flashes, counted over frames as WCAG 2 defines a flash (2.3.1, three flashes).

A flash is a pair of opposing changes of relative luminance by a tenth or more, the darker of the two below 0.8, over an
area as large as a quarter of the ten degrees in the middle of a viewer's sight. The video around is not known, so the
whole picture is taken to be looked at from near.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import NamedTuple

MOST = 3
"""Flashes that any second may have."""
CHANGE = 0.1
DARK = 0.8
AREA = 341 * 256 / 4 / (1024 * 768)
"""Share of the picture that has to flash together: WCAG's rectangle on its screen."""
TOGETHER = 0.12
"""Seconds within which changes of several places are one change."""


class Frame(NamedTuple):
    """Seconds since any beginning, and the relative luminance (0 to 1) of each cell, in one order throughout."""

    at: float
    luminance: Sequence[float]


def most_flashes(frames: Sequence[Frame]) -> int:
    """The most flashes within one second."""
    turns = _turns(frames)
    most = 0
    for first, (began, _) in enumerate(turns):
        within = [each for each in turns[first:] if each[0] < began + 1]
        most = max(most, len(within) // 2)
    return most


def _turns(frames: Sequence[Frame]) -> list[tuple[float, int]]:
    """Changes of the picture as a whole, each in the other direction than the one before: when, and +1 or -1."""
    if not frames:
        return []
    cells = [_Cell(value) for value in frames[0].luminance]
    needed = max(1.0, AREA * len(cells))
    recent: list[tuple[float, int, int]] = []  # when, direction, cell
    turns: list[tuple[float, int]] = []
    for frame in frames[1:]:
        for index, value in enumerate(frame.luminance):
            if direction := cells[index].see(value):
                recent.append((frame.at, direction, index))
        recent = [each for each in recent if frame.at - each[0] <= TOGETHER]
        for direction in (1, -1):
            if turns and turns[-1][1] == direction:
                continue
            changed = {index for _, turned, index in recent if turned == direction}
            if len(changed) >= needed:
                turns.append((frame.at, direction))
                recent = []
    return turns


class _Cell:
    """One place of the picture: tells each change that is large enough, once for each direction."""

    __slots__ = ("direction", "high", "low")

    def __init__(self, value: float) -> None:
        self.low = self.high = value
        self.direction = 0

    def see(self, value: float) -> int:
        """+1 or -1 when the luminance has now risen or fallen enough since it last turned; else 0."""
        if self.direction >= 0:
            self.high = max(self.high, value)
            if self.high - value >= CHANGE and value < DARK:
                self.direction, self.low = -1, value
                return -1
        if self.direction <= 0:
            self.low = min(self.low, value)
            if value - self.low >= CHANGE and self.low < DARK:
                self.direction, self.high = 1, value
                return 1
        return 0
