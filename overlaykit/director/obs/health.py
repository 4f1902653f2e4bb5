"""How an OBS fares, from its counters: shares over a short and a long window, and when they have moved."""

from __future__ import annotations

from collections import deque
from collections.abc import Mapping
from typing import Any, NamedTuple

import msgspec

from overlaykit.model.notes import ObsValues

SHORT, LONG = 10.0, 60.0
"""Seconds over which shares of frames are taken."""
REPEAT_EVERY = 10.0
"""Seconds after which values that did not move are told again."""
MOVED = {"dropped_frames": 0.001, "lagged_frames": 0.001, "congestion": 0.02, "cpu": 0.02, "disk_gb": 0.1, "fps": 0.5}
"""What counts as moved, at least; of more than twenty times that, a twentieth."""


class _Counters(NamedTuple):
    """Counters of OBS at a moment, each with what was lost of it."""

    at: float
    sent: int
    dropped: int
    rendered: int
    lagged: int
    encoded: int
    skipped: int


class Health:
    """Takes what OBS says once a second."""

    def __init__(self) -> None:
        self._seen: deque[_Counters] = deque()
        self._told: ObsValues | None = None
        self._told_at = 0.0
        self._renders = False

    def forget(self) -> None:
        """Another OBS may count from here on."""
        self._seen.clear()
        self._renders = False

    def take(self, now: float, stats: Mapping[str, Any], stream: Mapping[str, Any]) -> ObsValues:
        """The values now, from GetStats and GetStreamStatus; `now` in monotonic seconds."""
        streaming = bool(stream["outputActive"])
        counters = _Counters(
            now,
            stream["outputTotalFrames"] if streaming else 0,
            stream["outputSkippedFrames"] if streaming else 0,
            stats["renderTotalFrames"],
            stats["renderSkippedFrames"],
            stats["outputTotalFrames"],
            stats["outputSkippedFrames"],
        )
        if self._seen and any(new < old for new, old in zip(counters[1:], self._seen[-1][1:], strict=True)):
            self._seen.clear()  # a counter began anew: the stream was started again
        self._seen.append(counters)
        while self._seen[0].at < now - LONG:
            self._seen.popleft()
        self._renders = self._renders or stats["activeFps"] > 0  # OBS says 0 until it has measured
        short = next(each for each in self._seen if each.at >= now - SHORT)
        long = self._seen[0]
        return ObsValues(
            dropped_frames=_dropped(short, counters) if streaming else None,
            dropped_frames_1m=_dropped(long, counters) if streaming else None,
            lagged_frames=_lagged(short, counters),
            lagged_frames_1m=_lagged(long, counters),
            congestion=round(min(1.0, max(0.0, stream["outputCongestion"])), 3) if streaming else None,
            cpu=round(min(1.0, max(0.0, stats["cpuUsage"] / 100)), 3),
            disk_gb=round(stats["availableDiskSpace"] / 1024, 2),
            fps=round(stats["activeFps"], 1) if self._renders else None,
            reconnecting=bool(stream["outputReconnecting"]),
        )

    def worth_telling(self, now: float, values: ObsValues) -> bool:
        """Whether they moved noticeably since they were told, or were told long ago. If so they count as told."""
        if self._told is not None and now - self._told_at < REPEAT_EVERY and not _moved(self._told, values):
            return False
        self._told, self._told_at = values, now
        return True


def _share(lost: int, of: int) -> float | None:
    return round(min(1.0, lost / of), 4) if of > 0 else None


def _dropped(then: _Counters, now: _Counters) -> float | None:
    return _share(now.dropped - then.dropped, now.sent - then.sent)


def _lagged(then: _Counters, now: _Counters) -> float | None:
    shares = (
        _share(now.lagged - then.lagged, now.rendered - then.rendered),
        _share(now.skipped - then.skipped, now.encoded - then.encoded),
    )
    return max((share for share in shares if share is not None), default=None)


def _moved(then: ObsValues, now: ObsValues) -> bool:
    before, after = msgspec.structs.asdict(then), msgspec.structs.asdict(now)
    return any(_differs(name.removesuffix("_1m"), before[name], after[name]) for name in after)


def _differs(name: str, then: float | bool | None, now: float | bool | None) -> bool:
    if then is None or now is None or name not in MOVED:
        return then is not now and then != now
    return abs(now - then) > max(MOVED[name], abs(then) / 20)
