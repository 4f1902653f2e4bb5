"""How the overlays of a session look: what its plan says, and what overlay.set says since."""

from __future__ import annotations

from typing import NamedTuple

OptionValue = str | int | float | bool


class Look(NamedTuple):
    """The theme, and what is said of its options, by name; others have their defaults."""

    theme: str
    options: dict[str, OptionValue]
