"""What [obs.NAME] of a plan says."""

from __future__ import annotations

from typing import Literal

import msgspec
from msgspec import Struct

from overlaykit.model.sessions import SessionPlan

MANUAL_OVERRIDE = 60.0
"""Seconds that automation yields after a person switched a scene, where the plan does not say."""


class TextBinding(Struct, frozen=True):
    """A text source that follows the board."""

    source: str
    template: str


class ObsSettings(Struct, frozen=True, kw_only=True):
    """One OBS of a plan.

    host, port        where it is, when the plan says so
    manual_override   seconds that automation yields after a person switched the scene; 0: it does not
    studio_mode       how a scene comes on program while studio mode is on: `direct`, or through `preview` and its transition
    """

    host: str | None = None
    port: int | None = None
    manual_override: float = MANUAL_OVERRIDE
    studio_mode: Literal["direct", "preview"] = "direct"
    safe_scene: str | None = None
    text: tuple[TextBinding, ...] = ()


def obs_settings(plan: SessionPlan) -> dict[str, ObsSettings]:
    """The OBS instances of a resolved plan, by name."""
    return msgspec.convert(plan.later.get("obs", {}), dict[str, ObsSettings])
