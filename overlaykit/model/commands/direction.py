"""Commands to the director: rules, buttons, emergency plans, tasks, OBS and the overlays that it looks after; and what is said
of alerts and to the presenter.

Whether the plan has a rule, a button, an emergency plan or an OBS of this name is for those to check who take a command in: the
engine does not know them.
"""

from __future__ import annotations

from typing import Annotated, Any

from msgspec import Meta, field

from overlaykit.model.commands.base import Command
from overlaykit.model.fields import AlertId, Id, Name, Quiet, Text

Request = Annotated[str, Meta(pattern=r"^[A-Za-z]{1,64}(?![\s\S])")]


class RuleSet(Command, frozen=True, kw_only=True, tag="rule.set"):
    """Switches a rule on or off for the rest of the session; null: as the plan says."""

    name: Name
    enabled: bool | None


class RuleFire(Command, frozen=True, kw_only=True, tag="rule.fire"):
    """Fires a rule by hand, for the item `sku` or for none: once, whatever its conditions say."""

    name: Name
    sku: Name | None = None


class ButtonPress(Command, frozen=True, kw_only=True, tag="button.press"):
    """A button of the desk: rules wait for it by its name."""

    name: Name


class EmergencyRun(Command, frozen=True, kw_only=True, tag="emergency.run"):
    """Runs an emergency plan."""

    name: Name


class TaskDone(Command, frozen=True, kw_only=True, tag="task.done"):
    """A person has done the task, or will not. `declined`: what waits for a person to agree shall not be done."""

    task: Id
    declined: bool = False


class AlertAcknowledge(Command, frozen=True, kw_only=True, tag="alert.acknowledge"):
    """Somebody has seen the alert and looks after it. When it gets worse or comes again it rings again."""

    alert: AlertId


class AlertSnooze(Command, frozen=True, kw_only=True, tag="alert.snooze"):
    """The alert is quiet for `seconds`, 24 h at the most, unless it gets worse or comes again."""

    alert: AlertId
    seconds: Quiet


class NoteSet(Command, frozen=True, kw_only=True, tag="note.set"):
    """What the operator tells the presenter, in place of what was told before; null: nothing."""

    text: Text | None


class ObsDo(Command, frozen=True, kw_only=True, tag="obs.do"):
    """A request to the OBS of this name, such as SetCurrentProgramScene, with its `data`; or one of ours: `Reconnect` tries to
    reach it at once, `ReleaseScene` gives the scene that a person has taken back to the rules."""

    obs: Name
    request: Request
    data: dict[str, Any] = field(default_factory=dict)


class OverlayRefresh(Command, frozen=True, kw_only=True, tag="overlay.refresh"):
    """Loads an overlay page anew where it is shown: the one that calls itself `page`, or all."""

    page: Id | None = None
