"""The OBS instances of one session, controlled while this director leads: their text sources follow the board."""

from __future__ import annotations

import asyncio
import logging
import time
from collections.abc import Callable, Mapping
from typing import Any
from uuid import uuid4

from overlaykit.director.equipment import Equipment
from overlaykit.director.obs import ObsController, obs_settings
from overlaykit.director.obs.wanted import wanted_of
from overlaykit.errors import UserError
from overlaykit.model.notes import AnyNote, ObsChanged, ObsState
from overlaykit.model.performing import ObsHandle
from overlaykit.model.sessions import SessionPlan
from overlaykit.store.waiting import pause

TEXTS_EVERY = 0.02
"""Seconds between two renderings of the texts, at the least."""
TEXTS_AGAIN = 1.0
"""Seconds after which they are rendered though no entry came: they may say the time."""
AWAY = 3.0
"""Seconds within which a controller has to end."""


class Instances:
    """Made for a plan. `render` fills in a text; `say` has a note written, by its id and source."""

    def __init__(
        self,
        plan: SessionPlan,
        equipment: Equipment,
        render: Callable[[str], str],
        say: Callable[[str, AnyNote, str], None],
        log: logging.Logger,
    ) -> None:
        self._sections: Mapping[str, Mapping[str, Any]] = plan.later.get("obs") or {}
        self._settings = obs_settings(plan)
        self._later = plan.later
        self._reach, self._render, self._say, self._log = equipment.obs_reach, render, say, log
        self._session = plan.id
        self._missed = not plan.is_play  # who watches a play need not have the OBS of its plan
        self._controllers: dict[str, ObsController] = {}
        self._running: list[asyncio.Task[None]] = []
        self._stop = asyncio.Event()
        self._news = asyncio.Event()
        self._wrong: set[tuple[str, str]] = set()

    @property
    def controllers(self) -> Mapping[str, ObsController]:
        """By name, while this director leads; else none."""
        return self._controllers

    def start(self, known: Mapping[str, ObsState]) -> None:
        """This director leads: it connects. `known`: what the ledger says of each OBS."""
        self._stop = asyncio.Event()
        for name, settings in self._settings.items():
            controller = ObsController(
                name,
                settings,
                lambda name=name: self._reach(name, self._sections[name]),  # type: ignore[misc]
                log=self._log,
                heard=lambda note, name=name: self._say(f"obs-{uuid4().hex}", note, f"obs:{name}"),  # type: ignore[misc]
                known=known.get(name),
                wanted=wanted_of(self._later, name),
                missed=self._missed,
            )
            self._controllers[name] = controller
            self._running.append(asyncio.create_task(self._control(name, controller, self._stop)))
        self.board_changed()

    async def rest(self) -> None:
        """Another one leads, or all ends: OBS is let go."""
        self._stop.set()
        running, self._running = self._running, []
        if running:
            await asyncio.wait(running, timeout=AWAY)
        for task in running:
            task.cancel()
        self._controllers.clear()

    async def let_go(self, known: Mapping[str, ObsState]) -> None:
        """The session needs OBS no more, and says so: also of one that another director, or this one before, had `known`."""
        controlled = (name for name, controller in self._controllers.items() if controller.missed)
        names = dict.fromkeys([*controlled, *(name for name, state in known.items() if state.wanted)])
        await self.rest()
        for name in names:
            self._say(
                f"obs-{uuid4().hex}", ObsChanged(obs=name, state=ObsState(connected=False, wanted=False)), f"obs:{name}"
            )

    def handle(self, name: str, deadline_ms: int, now_ms: int, *, insist: bool = False) -> ObsHandle:
        """What an action works with that has until `deadline_ms`. Raises UserError while another director leads."""
        controller = self._controllers.get(name)
        if controller is None:
            raise UserError(f"现在没有控制 OBS {name} / this director does not control the OBS {name} now")
        return controller.handle(time.monotonic() + (deadline_ms - now_ms) / 1000, insist=insist)

    def board_changed(self) -> None:
        """Texts may say something else."""
        self._news.set()

    async def run(self, stop: asyncio.Event) -> None:
        """Keeps the texts true until `stop`."""
        while not stop.is_set():
            try:
                async with asyncio.timeout(TEXTS_AGAIN):
                    await self._news.wait()
            except TimeoutError:
                pass
            self._news.clear()
            for name, controller in self._controllers.items():
                self._hold_texts(name, controller)
            await pause(stop, TEXTS_EVERY)

    def _hold_texts(self, name: str, controller: ObsController) -> None:
        for binding in self._settings[name].text:
            place = name, binding.source
            try:
                controller.hold_text(binding.source, self._render(binding.template))
                self._wrong.discard(place)
            except UserError as error:
                if place not in self._wrong:
                    self._wrong.add(place)
                    self._log.warning(
                        "%s: the text %s of OBS %s stays as it is: %s", self._session, binding.source, name, error
                    )

    async def _control(self, name: str, controller: ObsController, stop: asyncio.Event) -> None:
        while not stop.is_set():
            try:
                await controller.run(stop)
            except Exception:  # one OBS must not end the rules
                self._log.exception("ALARM: %s: controlling the OBS %s failed", self._session, name)
                await pause(stop, AWAY)
