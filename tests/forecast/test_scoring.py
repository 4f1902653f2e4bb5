"""The bundled evenings, forecast second by second, against whoever just counts the last minute, or the last five seconds.

They are synthetic, and short: what is found here is that the forecast does not fall behind the naive one, not how good it is
in a room.
"""

from __future__ import annotations

from bisect import bisect_right
from collections import deque
from math import exp, log
from pathlib import Path
from typing import NamedTuple

import pytest

from overlaykit.board import BoardView, Fold
from overlaykit.config import bundled_folder
from overlaykit.forecast import Forecaster
from overlaykit.model.entries import time_of

NEVER = 600.0
"""Seconds for an end that a forecast does not see; the evenings are half as long."""


class Moment(NamedTuple):
    """An item after an entry."""

    at: float
    available: int
    sold: int


class Asked(NamedTuple):
    """A second in which the forecast said when an item will be sold out."""

    sku: str
    at: float
    says: float
    last: dict[int, float]


class Evening:
    """A recording, read once: what the forecast said in each second, and what came of it."""

    def __init__(self, path: Path) -> None:
        lines = path.read_bytes().splitlines()
        self._fold = Fold.from_first_entry(lines[0])
        self._board = BoardView(self._fold)
        self._forecaster = Forecaster(self._fold, time_of(lines[0]))
        self._moments: dict[str, list[Moment]] = {}
        self._counts: dict[str, deque[tuple[float, int]]] = {}
        self.asked: list[Asked] = []
        second = time_of(lines[0])
        for line in lines[1:]:
            at = time_of(line)
            while second <= at:
                self._ask(second)
                second += 1000
            seq = self._fold.seq
            self._fold.apply(line)
            self._forecaster.entry(at)
            change = self._board.changes_after(seq)
            for item in change.items.values() if change else ():
                self._see(item.sku, Moment(at / 1000, item.available, item.sold + item.held + item.oversold))

    def mistakes(self, window: int | None) -> list[float]:
        """How wrong the forecast was, or with `window` the count of the last so many seconds: e to it is the factor by which the
        time to the end was too long or too short. Of the seconds after which the item did sell out."""
        found = []
        for each in self.asked:
            moments = self._moments[each.sku]
            after = moments[bisect_right(moments, each.at, key=lambda moment: moment.at) :]
            end = next((moment.at for moment in after if moment.available <= 0), None)
            if end is not None:
                said = each.says if window is None else each.last[window]
                found.append(abs(log(max(said, 1.0) / max(end - each.at, 1.0))))
        return found

    def _see(self, sku: str, moment: Moment) -> None:
        moments = self._moments.setdefault(sku, [])
        taken = moment.sold - moments[-1].sold if moments else moment.sold
        if taken > 0:
            self._counts.setdefault(sku, deque()).append((moment.at, taken))
        moments.append(moment)

    def _ask(self, now_ms: int) -> None:
        now = now_ms / 1000
        for sku in self._forecaster.skus:
            said = self._forecaster.forecast(sku, now_ms)
            item = self._board.item(sku)
            if said.pace_per_minute is None or item is None or item.available <= 0:
                continue
            sold = self._counts.get(sku, deque())
            while sold and sold[0][0] <= now - 60:
                sold.popleft()
            last = {}
            for window in (5, 60):
                pace = sum(units for at, units in sold if at > now - window) / window
                last[window] = min(NEVER, item.available / pace) if pace else NEVER
            says = NEVER if said.sells_out_at is None else min(NEVER, said.sells_out_at / 1000 - now)
            self.asked.append(Asked(sku, now, says, last))


@pytest.mark.parametrize("sample", ["brand_room", "cross_border", "flash_sale"])
def test_the_forecast_of_the_end_beats_the_count_of_the_last_window(sample: str) -> None:
    evening = Evening(bundled_folder() / "sample_sessions" / sample / "recording.jsonl")
    ours, minute, moment = (_typical(evening.mistakes(window)) for window in (None, 60, 5))
    print(f"{sample}: off by a factor of {exp(ours):.2f}; last 60 s {exp(minute):.2f}, last 5 s {exp(moment):.2f}")
    assert len(evening.asked) > 200
    assert ours < minute
    assert ours < moment


def _typical(mistakes: list[float]) -> float:
    assert len(mistakes) > 100
    return sum(mistakes) / len(mistakes)
