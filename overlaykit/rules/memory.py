"""What a watcher knows beyond the fold, as plain data: with it and the fold of the same seq another one goes on."""

from __future__ import annotations

from typing import Any, Literal

from msgspec import Struct, field

from overlaykit.model.notes import firing_id
from overlaykit.rules.facts import ObsFacts


class Firing(Struct, frozen=True, kw_only=True, omit_defaults=True):
    """A rule fires.

    sku        the item that it is about
    key        what makes it one of its kind: whoever finds the same edge finds the same key
    cause      seq of the entry that made the edge; None for a time of day
    at_ms      when the edge was, ms since 1970; of `sustained`, its end
    why        what happened, in the language of the plan
    values     what the rule saw, by name
    deadline   ms: after it, it is too late
    by_hand    whether somebody asked for it
    """

    rule: str
    sku: str | None = None
    key: str
    cause: int | None = None
    at_ms: int
    why: str
    values: dict[str, Any] = {}
    deadline: int
    by_hand: bool = False

    @property
    def id(self) -> str:
        """The id of its note, rule.fired or rule.skipped: so it is one of them, and once."""
        return firing_id(self.rule, self.key)

    def late(self, now_ms: int) -> bool:
        """Whether it is too late to do anything."""
        return now_ms > self.deadline


Held = Literal["session", "disabled", "rearm", "once", "cooldown", "storm", "if", "short", "near", "late"]
"""What held a rule back: the session is not open; it is off; not back at `rearm`; fired before with `once`; `cooldown`; it fired
too often within seconds, as rules do that set each other off; `if` did not hold or could not be told; what it waits for did not
last (`sustained`); the number came near the level, no further; the director was too late to do anything (a watcher never says
this one)."""


class Decision(Struct, frozen=True, kw_only=True, omit_defaults=True):
    """An edge, or what was nearly one, and what came of it.

    held   what held it back; None: it fired
    why    in words, in both languages as plan.Words.both has them
    seq    the entry after which it was decided
    """

    rule: str
    sku: str | None = None
    held: Held | None = None
    seq: int
    at_ms: int
    why: str
    key: str = ""
    values: dict[str, Any] = {}


class Slot(Struct, omit_defaults=True):
    """What is remembered of one rule, of each item by itself for a rule about items.

    side     whether what lasts goes on, where the fold does not say it (sells_out_in, sold_out, restocked)
    since, cause, key   an edge that has to be `sustained`: when it was, its entry, the key of its firing
    due      when time does something, ms: `sustained` is over, a level in time is crossed
    end      deadline of a countdown as it was seen last, ms
    spent    fired, and not back at `rearm` since
    last     when it fired last, ms
    times    how often it fired by itself
    mark     the highest multiple of `sold every` that was reached
    fired    key of its last firing
    window, burst   since when it is counted how often it fires in a short time, ms, and how often it did
    """

    side: bool = False
    since: int | None = None
    cause: int | None = None
    key: str | None = None
    due: int | None = None
    end: int | None = None
    spent: bool = False
    last: int | None = None
    times: int = 0
    mark: int = 0
    fired: str | None = None
    window: int = 0
    burst: int = 0


class Memory(Struct, omit_defaults=True):
    """Everything of a watcher after one entry.

    begun      whether it knows what time it is
    slots      rule → sku, or "" for the room → what is remembered
    pending    id → firings of which the ledger says nothing yet
    obs        OBS → what it said of itself; of its stream what it said last, also while it is not connected
    """

    begun: bool = False
    slots: dict[str, dict[str, Slot]] = field(default_factory=dict)
    pending: dict[str, Firing] = field(default_factory=dict)
    obs: dict[str, ObsFacts] = field(default_factory=dict)
