"""When a buyer who tried too often may try again."""

from __future__ import annotations

import math
import time
from collections.abc import Callable

from overlaykit.web.services import Services


class AttemptWindows:
    """The windows of attempts by ledger: whole spans of the plan's `limits.attempts.per`, counted from 1970."""

    def __init__(self, services: Services, clock: Callable[[], float] = time.time) -> None:
        self._services = services
        self._clock = clock
        self._spans: dict[str, float] = {}

    def retry_after(self, ledger: str) -> int:
        """Whole seconds until the next window begins. Raises StoreAway the first time for a ledger."""
        span = self._spans.get(ledger)
        if span is None:
            rate = self._services.engine(ledger).state().plan.attempt_rate
            span = self._spans[ledger] = rate.per if rate is not None else 1.0
        return max(1, math.ceil(span - self._clock() % span))
