"""Commands about what the overlays show beside the items."""

from __future__ import annotations

from enum import StrEnum

from msgspec import UNSET, UnsetType, field

from overlaykit.model.commands.base import Command
from overlaykit.model.fields import Id, Longer, Moment, Name, Option, Seconds, Text


class CountdownSet(Command, frozen=True, kw_only=True, tag="countdown.set"):
    """A deadline: exactly one of `ends_at`, `seconds` from now, `extend` (so many seconds later than it is set for, or than now
    when that has passed; below 0 sooner, at the earliest now), or `ends_at: null` to take the countdown away."""

    name: Name
    sku: Name | None = None
    ends_at: Moment | UnsetType | None = UNSET
    seconds: Seconds | UnsetType = UNSET
    extend: Longer | UnsetType = UNSET


class Level(StrEnum):
    """How loud an announcement is."""

    INFO = "info"
    WARNING = "warning"
    URGENT = "urgent"


class AnnounceShow(Command, frozen=True, kw_only=True, tag="announce.show"):
    """A banner, until `seconds` have passed or `announce.clear`. The command's id names it. It takes the place of one that says
    the same of the same item, as loud: what is said again is there once."""

    text: Text
    level: Level = Level.INFO
    seconds: Seconds | None = None
    sku: Name | None = None


class AnnounceClear(Command, frozen=True, kw_only=True, tag="announce.clear"):
    """Takes down the announcement that the command `announcement` put up, or all."""

    announcement: Id | None = None


class OverlaySet(Command, frozen=True, kw_only=True, tag="overlay.set"):
    """How the overlays look from now on, over what the plan says: their theme, and options of it by name; null goes back to the
    plan. What is not named stays as it is. What no theme knows is refused where the command comes in; an option that was said for
    another theme is kept, and has no effect."""

    theme: Name | UnsetType | None = UNSET
    options: dict[Name, Option | None] = field(default_factory=dict)
