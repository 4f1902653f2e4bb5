"""What an action works with, in a test: everything it does is written down."""

from __future__ import annotations

import time
from collections.abc import Collection, Mapping
from typing import Any

from overlaykit.errors import UserError
from overlaykit.model.messages import Body, Level
from overlaykit.model.outcomes import Outcome
from overlaykit.model.performing import ObsHandle, Occasion
from overlaykit.model.sessions import Location, SessionPlan

PLAN = SessionPlan(
    id="test",
    ledger="test",
    title="测试场",
    items=(),
    locations=(Location(name="default", title="default"),),
    channels=(),
)


class TestStage:
    """A stage without a room.

    submitted, sent, tasks, alerts, paused   what the action did, in order
    refuses                          why the room refuses commands from now on; None: it accepts them
    targets_by_name                  channels, notifiers and webhooks that can deliver everything
    handles                          the OBS instances, by name
    """

    __test__ = False

    def __init__(
        self,
        *,
        occasion: Occasion | None = None,
        plan: SessionPlan = PLAN,
        targets: Collection[str] = (),
        handles: Mapping[str, ObsHandle] | None = None,
    ) -> None:
        self.occasion = occasion or Occasion(seq=1, rule="test", why="a test", at_ms=int(time.time() * 1000))
        self.plan = plan
        self.targets_by_name = tuple(targets)
        self.handles = dict(handles or {})
        self.submitted: list[dict[str, Any]] = []
        self.sent: list[tuple[str, Body]] = []
        self.tasks: list[str] = []
        self.alerts: list[tuple[Level, str]] = []
        self.paused: list[float] = []
        self.refuses: str | None = None

    def render(self, text: str) -> str:
        """As it is: arguments come filled in already."""
        return text

    async def submit(self, command: Mapping[str, Any]) -> Outcome:
        self.submitted.append(dict(command))
        id = str(command.get("id", f"command-{len(self.submitted)}"))
        if self.refuses is not None:
            return Outcome(id=id, status="refused", seq=len(self.submitted), reason=self.refuses)
        return Outcome(id=id, status="accepted", seq=len(self.submitted))

    def obs(self, name: str | None = None) -> ObsHandle:
        found = self.handles.get(name) if name is not None else next(iter(self.handles.values()), None)
        if found is None:
            raise UserError(f"there is no OBS {name or ''}".strip(), remedy="Give TestStage(handles={…}).")
        return found

    def targets(self, body: Body, among: Collection[str] | None = None) -> list[str]:
        return [name for name in self.targets_by_name if among is None or name in among]

    async def send(self, target: str, body: Body) -> None:
        if target not in self.targets_by_name:
            raise UserError(f"there is no target {target}", remedy='Give TestStage(targets=["…"]).')
        self.sent.append((target, body))

    async def task(self, text: str, *, why: str = "", level: Level = "info", copy: bool = False) -> None:
        self.tasks.append(text)

    async def alert(self, text: str, *, level: Level = "warning") -> None:
        self.alerts.append((level, text))

    async def pause(self, seconds: float) -> None:
        """At once."""
        self.paused.append(seconds)
