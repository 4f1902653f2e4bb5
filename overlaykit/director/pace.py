"""What the leading director says of pace: how fast items sell and when they are sold out, where it changed noticeably.

Every director keeps the forecast beside its fold, so the one that takes over goes on where the other stopped. One that has just
started knows nothing yet: what the ledger says stays for as long as it takes to know better, then it is taken back.
"""

from __future__ import annotations

from collections.abc import Iterator

from overlaykit.board import Fold
from overlaykit.forecast import ENOUGH_SECONDS, Forecaster
from overlaykit.model.entries import ms_of, text_of
from overlaykit.model.notes import ITEMS_AT_MOST, ForecastUpdated, Noted, Pace

EVERY_MS = 1000
"""Between two looks, at least."""
LOOKS_AT_MOST = 1000
"""Items looked at for one note; with more that sell, they take turns."""
NOTICEABLE = 0.1
"""Share by which a pace, or the time that is left, has moved when it is said again."""
LEAST_PACE, LEAST_MS = 0.5, 1000
"""Units a minute and milliseconds of less than which no viewer would want to know."""

_UNKNOWN: Pace = (None, None)


class PaceKeeper:
    """The forecasts of one session: of what `fold` has at `at_ms`, and of each entry that it is given after that."""

    def __init__(self, fold: Fold, at_ms: int) -> None:
        self._fold, self._began_ms = fold, at_ms
        self._forecaster = Forecaster(fold, at_ms)
        self._next_ms = 0
        self._turn = 0

    def entry(self, at_ms: int) -> None:
        """Takes the entry that the fold has just applied."""
        self._forecaster.entry(at_ms)

    def due(self, now_ms: int) -> Noted | None:
        """What is to be said at `now_ms` on the store's clock; None for nothing. Only the leading director asks.

        While a session is frozen nothing is: its numbers stay as they are.
        """
        if now_ms < self._next_ms or self._fold.status == "frozen":
            return None
        self._next_ms = now_ms + EVERY_MS
        items: dict[str, Pace] = {}
        for sku in self._in_turn():
            said, known = self._fold.direction.paces.get(sku, _UNKNOWN), self._pace(sku, now_ms)
            if self._is_news(said, known, now_ms):
                items[sku] = known
            if len(items) == ITEMS_AT_MOST:
                break
        if not items:
            return None
        return Noted(f"forecast-{self._fold.seq}-{now_ms}", ForecastUpdated(items=items), "clock")

    def _in_turn(self) -> Iterator[str]:
        """Those on air, then others from where the last time ended."""
        fold = self._fold
        on_air = dict.fromkeys(sku for skus in fold.on_air.values() for sku in skus)
        yield from on_air
        others = [*dict.fromkeys((*self._forecaster.skus, *fold.direction.paces))]
        for _ in range(min(LOOKS_AT_MOST, len(others))):
            sku = others[self._turn % len(others)]
            self._turn = (self._turn + 1) % len(others)
            if sku not in on_air:
                yield sku

    def _pace(self, sku: str, now_ms: int) -> Pace:
        known = self._forecaster.forecast(sku, now_ms)
        return known.pace_per_minute, None if known.sells_out_at is None else text_of(known.sells_out_at)

    def _is_news(self, said: Pace, known: Pace, now_ms: int) -> bool:
        if known == _UNKNOWN and now_ms < self._began_ms + ENOUGH_SECONDS * 1000:
            return False
        return _moved(said[0], known[0], LEAST_PACE) or _moved(_left(said, now_ms), _left(known, now_ms), LEAST_MS)


def _moved(said: float | None, known: float | None, least: float) -> bool:
    if said is None or known is None:
        return said is not known
    return abs(known - said) > max(least, NOTICEABLE * abs(said))


def _left(pace: Pace, now_ms: int) -> float | None:
    """Milliseconds until it is sold out."""
    return None if pace[1] is None else ms_of(pace[1]) - now_ms
