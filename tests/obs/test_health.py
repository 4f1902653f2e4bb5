"""How an OBS fares, counter by counter."""

from __future__ import annotations

from typing import Any

import pytest

from overlaykit.director.obs.health import REPEAT_EVERY, Health
from overlaykit.model.notes import ObsValues

STATS = {
    "activeFps": 30.0,
    "availableDiskSpace": 51200.0,
    "cpuUsage": 12.5,
    "renderTotalFrames": 0,
    "renderSkippedFrames": 0,
    "outputTotalFrames": 0,
    "outputSkippedFrames": 0,
}
STREAM = {
    "outputActive": True,
    "outputReconnecting": False,
    "outputCongestion": 0.25,
    "outputTotalFrames": 0,
    "outputSkippedFrames": 0,
}


def stream(sent: int, dropped: int, **more: Any) -> dict[str, Any]:
    return {**STREAM, "outputTotalFrames": sent, "outputSkippedFrames": dropped, **more}


def test_lost_frames_are_shares_of_ten_seconds_and_of_a_minute() -> None:
    health = Health()
    for second in range(61):
        lost = 0 if second <= 50 else (second - 50) * 15  # half of them in the last ten seconds
        values = health.take(float(second), STATS, stream(second * 30, lost))
    assert values.dropped_frames == 0.5
    assert values.dropped_frames_1m == pytest.approx(150 / 1800, abs=1e-4)


def test_a_stream_that_starts_again_begins_to_count_again() -> None:
    health = Health()
    health.take(0.0, STATS, stream(9000, 0))
    assert health.take(1.0, STATS, stream(9030, 30)).dropped_frames == 1.0
    assert health.take(2.0, STATS, stream(30, 0)).dropped_frames is None
    assert health.take(3.0, STATS, stream(60, 3)).dropped_frames == 0.1


def test_without_a_stream_nothing_is_dropped_and_nothing_congested() -> None:
    health = Health()
    for second in range(2):
        values = health.take(float(second), STATS, stream(0, 0, outputActive=False))
    assert (values.dropped_frames, values.dropped_frames_1m, values.congestion) == (None, None, None)


def test_the_worse_of_rendering_and_encoding_counts_as_lag() -> None:
    health = Health()
    health.take(0.0, STATS, STREAM)
    rendering = {**STATS, "renderTotalFrames": 100, "renderSkippedFrames": 5}
    assert health.take(1.0, rendering, STREAM).lagged_frames == 0.05
    encoding = {**rendering, "outputTotalFrames": 50, "outputSkippedFrames": 10}
    assert health.take(2.0, encoding, STREAM).lagged_frames == 0.2


def test_values_are_shares_and_gigabytes() -> None:
    values = Health().take(0.0, STATS, STREAM)
    assert values == ObsValues(congestion=0.25, cpu=0.125, disk_gb=50.0, fps=30.0, reconnecting=False)


def test_a_rate_that_was_not_measured_yet_is_not_known() -> None:
    health = Health()
    assert health.take(0.0, {**STATS, "activeFps": 0.0}, STREAM).fps is None
    assert health.take(1.0, STATS, STREAM).fps == 30.0
    assert health.take(2.0, {**STATS, "activeFps": 0.0}, STREAM).fps == 0.0  # now it hangs
    health.forget()
    assert health.take(3.0, {**STATS, "activeFps": 0.0}, STREAM).fps is None


def test_only_what_moved_is_told_or_what_was_not_told_for_long() -> None:
    health = Health()
    calm = ObsValues(cpu=0.10, fps=30.0, disk_gb=50.0, reconnecting=False)
    assert health.worth_telling(0.0, calm)
    assert not health.worth_telling(1.0, ObsValues(cpu=0.11, fps=29.9, disk_gb=49.99, reconnecting=False))
    assert health.worth_telling(2.0, ObsValues(cpu=0.20, fps=30.0, disk_gb=50.0, reconnecting=False))
    assert health.worth_telling(3.0, ObsValues(cpu=0.20, fps=30.0, disk_gb=50.0, reconnecting=True))
    assert not health.worth_telling(4.0, ObsValues(cpu=0.20, fps=30.0, disk_gb=50.0, reconnecting=True))
    assert health.worth_telling(3.0 + REPEAT_EVERY, ObsValues(cpu=0.20, fps=30.0, disk_gb=50.0, reconnecting=True))


def test_the_first_lost_frame_is_told() -> None:
    health = Health()
    assert health.worth_telling(0.0, ObsValues(dropped_frames=0.0))
    assert health.worth_telling(1.0, ObsValues(dropped_frames=0.0033))
    assert health.worth_telling(2.0, ObsValues(dropped_frames=None))
