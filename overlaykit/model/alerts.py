"""What notes say of alerts: which they raise, and which are over. Pure data; board/alerts.py says what else raises them."""

from __future__ import annotations

from typing import Literal

from msgspec import Struct

from overlaykit.model import notes as n
from overlaykit.model.messages import Level

AlertKind = Literal["oversold", "rule", "source", "obs", "reading", "quarantined", "unmapped", "store", "clock"]
AT_MOST = 500
"""Alerts of a session; with one more the oldest that somebody has seen leaves, else the oldest."""


class About(Struct, frozen=True):
    """What an alert is about: `params` are what its words are made of, `text` is what the plan says, or OBS."""

    kind: AlertKind
    sku: str | None
    params: dict[str, str | int]
    text: str | None


class AlertTurn(Struct, frozen=True):
    """An alert is raised or, without `about`, over. `count`: how many there are of what it is about now; None: once more."""

    alert: str
    level: Level = "info"
    count: int | None = None
    about: About | None = None


def alert_turn(note: n.AnyNote) -> AlertTurn | None:
    """What a note says of an alert; None where it says nothing of any."""
    match note:
        case n.SourceStale():
            about = About("source", None, {"source": note.source, "since": note.since}, None)
            return AlertTurn(f"source:{note.source}", "warning", 1, about)
        case n.SourceFresh():
            return AlertTurn(f"source:{note.source}")
        case n.ObsChanged():
            alert, problems = f"obs:{note.obs}", note.state.problems
            troubles = len(problems) + (not note.state.connected)
            if not troubles or not note.state.wanted:
                return AlertTurn(alert)
            params: dict[str, str | int] = {"obs": note.obs, "connected": int(note.state.connected)}
            return AlertTurn(alert, "warning", troubles, About("obs", None, params, "\n".join(problems) or None))
        case n.AlertRaised():
            alert = f"rule:{note.rule}" if note.sku is None else f"rule:{note.rule}:{note.sku}"
            return AlertTurn(alert, note.level, None, About("rule", note.sku, {"rule": note.rule}, note.text))
    return None
