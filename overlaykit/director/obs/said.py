"""What is said of an OBS to people, in both languages."""

from __future__ import annotations

from collections.abc import Sequence

from overlaykit.errors import ObsError
from overlaykit.plan.problems import nearest_name
from overlaykit.words import Words

SHOWN = 8
"""Names that a message lists."""


def said_by(error: ObsError) -> Words:
    """What an error says, without what to do."""
    return Words(error.message, error.chinese)


def not_found(kind: str, art: str, name: str, existing: Sequence[str]) -> Words:
    """There is no `kind` (in Chinese `art`) of this name; which there are, and the nearest."""
    en, zh = f"there is no {kind} {name!r}", f"没有{art}“{name}”"
    if (nearest := nearest_name(name, existing)) is not None:
        return Words(f"{en}; did you mean {nearest!r}?", f"{zh}；是否指“{nearest}”？")
    if not existing:
        return Words(en, zh)
    more = " …" if len(existing) > SHOWN else ""
    listed = existing[:SHOWN]
    return Words(f"{en}; there are {', '.join(listed)}{more}", f"{zh}；现有：{'、'.join(listed)}{more}")
