"""The keys of a ledger. All carry the hash tag `{ledger}`, so they share one slot of a cluster.

lua/prelude.lua says what each holds.
"""

from __future__ import annotations

PREFIX = "overlaykit"

_SCRIPT_KEYS = (
    "head",
    "config",
    "items",
    "orders",
    "holds",
    "timers",
    "queues",
    "buyers",
    "ids:a",
    "ids:b",
    "shown",
    "links",
    "plan",
    "ledger",
    "attempts",
    "history",
    "aside",
)


def _key(ledger: str, name: str) -> str:
    return f"{PREFIX}:{{{ledger}}}:{name}"


def script_keys(ledger: str) -> list[str]:
    """KEYS of the script, in its order."""
    return [_key(ledger, name) for name in _SCRIPT_KEYS]


def head_key(ledger: str) -> str:
    """Hash with seq, epoch, status and the times of planning and opening."""
    return _key(ledger, "head")


def buyer_key(ledger: str) -> str:
    """The secret with which buyers of this ledger are hashed, 32 bytes."""
    return _key(ledger, "buyer-key")


def orders_key(ledger: str) -> str:
    """Hash: order → msgpack list that begins with state, channel, buyer, and the end of its hold (ms, 0 without one)."""
    return _key(ledger, "orders")


def ledger_stream_key(ledger: str) -> str:
    """The stream of entries: entry n has the id n-0 and one field `e`, its line."""
    return _key(ledger, "ledger")


def recorders_key(ledger: str) -> str:
    """Hash: name of a recorder → the last seq that it has on disk."""
    return _key(ledger, "recorders")


def heard_key(ledger: str) -> str:
    """Hash: name of a recorder → when it was heard of last, ms on the store's clock."""
    return _key(ledger, "recorders:heard")


def overlays_key(ledger: str) -> str:
    """The overlay pages that are open on this ledger's room; `overlaykit.store.overlays` says what it holds."""
    return _key(ledger, "overlays")


def decisions_key(ledger: str) -> str:
    """What was decided of each rule lately; `overlaykit.store.decisions` says what it holds."""
    return _key(ledger, "decisions")


def recall_key(ledger: str) -> str:
    """Questions about what rules remember; `overlaykit.store.recall` says what it holds."""
    return _key(ledger, "recall")


def glances_key(ledger: str) -> str:
    """What each OBS looks like just now; `overlaykit.store.glances` says what it holds."""
    return _key(ledger, "glances")


def outbox_key(ledger: str) -> str:
    """What waits to leave the room; `overlaykit.store.outbox` says what it holds."""
    return _key(ledger, "out")


def inbox_key(ledger: str) -> str:
    """What came from platforms and is not counted yet; `overlaykit.store.inbox` says what it holds."""
    return _key(ledger, "in")


def fold_key(ledger: str, name: str) -> str:
    """The checkpoint of a fold over this ledger, such as `rules`."""
    return _key(ledger, f"fold:{name}")


def lease_key(ledger: str, job: str) -> str:
    """The lease of a job that one process at a time does for this ledger, such as DIRECTOR."""
    return _key(ledger, f"lease:{job}")


DIRECTOR = "director"
"""The job of leading a session: its clock, its recording, its rules."""


SESSIONS_KEY = f"{PREFIX}:sessions"
"""Hash: session id → its ledger."""
