"""What an evening is made of: steps, in acts. Pure data."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any


@dataclass(frozen=True)
class Step:
    """A command and when it is sent.

    at          seconds after its act begins; in a `then`, after the step before it was accepted
    then        what follows when it was accepted: nobody pays for what was refused
    follows     id of a command that must have been accepted by then
    while_left  sent only while the room says that units of this sku are left: a platform stops selling at zero
    """

    at: float
    command: Mapping[str, Any]
    then: tuple[Step, ...] = ()
    follows: str | None = None
    while_left: str | None = None


@dataclass(frozen=True)
class Act:
    """One thing on air, and what the crowd does from then on.

    begins   seconds after the start, at the latest
    cue      skus: once nothing is left of all of them, the act begins REACTION seconds later
    steps    in order of time
    if_cued  what is sent besides, first, when the act began by its cue
    """

    begins: float
    cue: tuple[str, ...]
    steps: tuple[Step, ...]
    if_cued: tuple[Step, ...] = ()


@dataclass(frozen=True)
class Evening:
    """The acts in order. Requests come until `selling` seconds; an act that begins early takes the time it gained.

    by_the_clock   steps that belong to no act: `at` counts from the start of the evening
    """

    acts: tuple[Act, ...]
    selling: float
    by_the_clock: tuple[Step, ...] = ()
