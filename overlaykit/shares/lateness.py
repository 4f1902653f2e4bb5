"""How late a channel's news are: the plan says the least, the room knows the rest."""

from __future__ import annotations

from math import inf

BEHIND_LAGS, BEHIND_SECONDS = 3.0, 5.0
"""News that wait for longer than so many lags, and so many seconds, are behind: nobody knows what the channel has sold."""
HALF_LIFE = 5.0
"""Seconds after which half of what was measured is believed still."""


class Lateness:
    """Of one channel. Times in seconds, on one clock.

    least   the plan's lag: seconds by which its news, and what is pushed to it, are late at worst, if all goes well
    """

    def __init__(self, least: float) -> None:
        self.least = least
        self._counted_until: float | None = None
        self._measured, self._measured_at = 0.0, -inf

    def counted_until(self, until: float) -> None:
        """Everything that came to the room before `until` is counted; what came later may wait."""
        self._counted_until = until

    def measured(self, at: float, seconds: float) -> None:
        """Something that was counted now, or a number that was answered now, was so late."""
        if seconds > self._lately(at):
            self._measured, self._measured_at = seconds, at

    def lag(self, at: float) -> float:
        """What the plan says, or what was measured lately where that is more."""
        return max(self.least, self._lately(at))

    def known_until(self, at: float) -> float:
        """The news' own time: what came to the room before is counted. It stands still while they wait."""
        return at if self._counted_until is None else min(at, self._counted_until)

    def behind(self, at: float) -> float:
        """Seconds for which the oldest of its news has waited."""
        return at - self.known_until(at)

    def is_behind(self, at: float) -> bool:
        """Whether they have waited for so long that nothing may be taken from it, or given to it."""
        return self.behind(at) > max(BEHIND_SECONDS, BEHIND_LAGS * self.least)

    def _lately(self, at: float) -> float:
        return self._measured * 0.5 ** (max(0.0, at - self._measured_at) / HALF_LIFE) if self._measured else 0.0
