"""Flashes are counted as WCAG says: how large, how dark, how much of the picture, how many a second."""

from __future__ import annotations

from collections.abc import Sequence

import pytest

from overlaykit.theming.checking.flashes import Frame, most_flashes

CELLS = 400


def frames(values: Sequence[float], *, rate: float, area: float = 1.0) -> list[Frame]:
    """One value a frame in `area` of the picture; the rest stays as it is."""
    lit = round(CELLS * area)
    return [Frame(number / rate, [value] * lit + [0.2] * (CELLS - lit)) for number, value in enumerate(values)]


def blinking(times: int, low: float = 0.1, high: float = 0.9) -> list[float]:
    """`times` pairs of changes up and down."""
    return [low, *([high, low] * times)]


@pytest.mark.parametrize("times", [1, 2, 3, 4, 6])
def test_each_pair_of_changes_within_a_second_is_a_flash(times: int) -> None:
    assert most_flashes(frames(blinking(times), rate=2 * times + 1)) == times


def test_the_worst_second_counts() -> None:
    slow = frames(blinking(5), rate=2)
    assert most_flashes(slow) == 1
    fast = [Frame(each.at + 10, each.luminance) for each in frames(blinking(5), rate=20)]
    assert most_flashes([*slow, *fast]) == 5


def test_small_changes_small_places_and_bright_pictures_are_none() -> None:
    assert most_flashes(frames(blinking(8, 0.30, 0.38), rate=20)) == 0
    assert most_flashes(frames(blinking(8, 0.85, 1.0), rate=20)) == 0
    assert most_flashes(frames(blinking(8), rate=20, area=0.02)) == 0
    assert most_flashes(frames(blinking(8), rate=20, area=0.05)) == 8


def test_a_flash_that_takes_several_frames_is_one() -> None:
    slope = [0.1, 0.3, 0.5, 0.7, 0.9, 0.7, 0.5, 0.3, 0.1]
    assert most_flashes(frames(slope * 2, rate=30)) == 2
    assert most_flashes(frames([0.1, 0.4, 0.9, 0.9, 0.9, 0.9], rate=10)) == 0
    assert most_flashes([]) == 0
