"""Plays an evening to a room in real time: sends each step when it is due, and goes on by what the room answers."""

from __future__ import annotations

import heapq
import time
from collections.abc import Callable, Iterable, Iterator, Mapping
from itertools import count
from typing import Any, Protocol

from overlaykit.api import Outcome
from plugins.simulator.behaviour import REACTION
from plugins.simulator.steps import Act, Evening, Step

TICK = 0.03
"""Seconds between two looks at what is due; what is due together is sent together, in order."""


class Room(Protocol):
    """What is asked of a room."""

    def send_all(self, commands: Iterable[Mapping[str, Any]]) -> Iterator[Outcome]: ...


class Play:
    """One evening, played. `report` is told, about once a second of it, how it stands.

    sent, accepted, refused   commands so far
    """

    def __init__(
        self,
        room: Room,
        evening: Evening,
        *,
        report: Callable[[Play], None] = lambda play: None,
        clock: Callable[[], float] = time.monotonic,
        sleep: Callable[[float], None] = time.sleep,
    ) -> None:
        self._room = room
        self._evening = evening
        self._report = report
        self._clock = clock
        self._sleep = sleep
        self._waiting: list[tuple[float, int, Step]] = []
        self._numbers = count()
        self._accepted: set[str] = set()
        self._left: dict[str, int] = {}
        self._gone_at: dict[str, float] = {}
        self.seconds = 0.0
        self.act = -1
        self.sent = self.accepted = self.refused = 0

    def run(self) -> None:
        """Until every step has been sent or has become pointless. Raises what the room's client raises."""
        start = self._clock()
        acts = list(self._evening.acts)
        reported = 0.0
        for step in self._evening.by_the_clock:
            self._schedule(step.at, step)
        while acts or self._waiting:
            self.seconds = self._clock() - start
            while acts and (begins := self._begins(acts[0])) is not None:
                self._begin(acts.pop(0), begins)
            if due := self._due():
                self._send(due)
            if self.seconds >= reported:
                self._report(self)
                reported = self.seconds + 1
            self._sleep(TICK)
        self._report(self)

    def _begins(self, act: Act) -> bool | None:
        """Whether the act begins now by its cue (True) or because it is time (False); None: not yet."""
        if act.cue and all(self.seconds >= self._gone_at.get(sku, self.seconds) + REACTION for sku in act.cue):
            return True
        return False if self.seconds >= act.begins else None

    def _begin(self, act: Act, by_cue: bool) -> None:
        """Schedules the act's steps. One that begins early is stretched over the time that it gained."""
        self.act += 1
        selling = self._evening.selling
        stretch = max((selling - self.seconds) / (selling - act.begins), 0.0)
        for step in act.if_cued if by_cue else ():
            self._schedule(self.seconds, step)
        for step in act.steps:
            self._schedule(self.seconds + step.at * stretch, step)

    def _schedule(self, at: float, step: Step) -> None:
        heapq.heappush(self._waiting, (at, next(self._numbers), step))

    def _due(self) -> list[Step]:
        due = []
        while self._waiting and self._waiting[0][0] <= self.seconds:
            step = heapq.heappop(self._waiting)[2]
            paid_for = step.follows is None or step.follows in self._accepted
            if paid_for and (step.while_left is None or self._left.get(step.while_left) != 0):
                due.append(step)
        return due

    def _send(self, due: list[Step]) -> None:
        for step, outcome in zip(due, self._room.send_all([step.command for step in due]), strict=True):
            self.sent += 1
            for sku, numbers in outcome.items.items():
                self._left[sku] = numbers.available
                if numbers.available == 0:
                    self._gone_at.setdefault(sku, self.seconds)
            if outcome.status != "accepted":
                self.refused += 1
                continue
            self.accepted += 1
            self._accepted.add(step.command["id"])
            for next_step in step.then:
                self._schedule(self.seconds + next_step.at, next_step)
