"""How an attempt to deliver may end without success, and when the next one is due."""

from __future__ import annotations

import random
from collections.abc import Callable

from msgspec import Struct

from overlaykit.errors import OverlaykitError

DAY = 86_400.0


class Refused(OverlaykitError):
    """It cannot be delivered, and another attempt would not change that."""


class Withheld(OverlaykitError):
    """It is not to go out at all."""


class Again(OverlaykitError):
    """It was not delivered; another attempt may. `wait` is what the other side asked for, in seconds."""

    def __init__(self, message: str, wait: float | None = None, *, remedy: str | None = None) -> None:
        super().__init__(message, remedy=remedy)
        self.wait = wait


class Patience(Struct, frozen=True):
    """How often something is tried, and in which gaps.

    attempts   how often at most
    first      seconds after the first failure; each later gap is four times as long as the one before
    most       seconds of a gap at most
    within     seconds since the message was taken up first, after which it is given up
    """

    attempts: int
    first: float
    most: float = 3_600.0
    within: float = DAY

    def gap(self, attempt: int, asked: float | None, spread: Callable[[float, float], float] = random.uniform) -> float:
        """Seconds to wait after attempt number `attempt` failed; at least what the other side asked for."""
        own = min(self.most, self.first * 4.0 ** (attempt - 1)) * spread(0.75, 1.25)
        return max(own, min(asked or 0.0, self.within))


def no_answer(seconds: float) -> str:
    """In words."""
    return f"{seconds:g} 秒内没有答复 / no answer within {seconds:g} s"


ONCE = Patience(attempts=1, first=0.0)
NOTIFIER = Patience(attempts=3, first=1.0, most=10.0, within=300.0)
WEBHOOK = Patience(attempts=10, first=1.0)
