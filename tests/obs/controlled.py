"""A controller that runs in a thread of its own, so that a test can tell what people do to OBS meanwhile."""

from __future__ import annotations

import asyncio
import logging
import threading
import time
from collections.abc import Coroutine
from typing import Any, TypeVar

from overlaykit.director.obs import Address, ObsController, ObsSettings, Reach
from overlaykit.director.obs.wanted import Wanted
from overlaykit.model.notes import ObsChanged, ObsHealth, ObsState, ObsValues
from tests.conftest import until
from tests.obs.fake import FakeObs
from tests.obs.real import RealObs

AnyObs = FakeObs | RealObs
T = TypeVar("T")


class Controlled:
    """Runs from its making to `stop`.

    reach   how OBS is reached; a test may set another
    notes   what the controller told
    """

    def __init__(
        self,
        obs: AnyObs,
        settings: ObsSettings,
        name: str = "main",
        known: ObsState | None = None,
        wanted: Wanted | None = None,
        missed: bool = True,
    ) -> None:
        self.reach = Reach(Address(port=obs.port), obs.password)
        self.notes: list[ObsChanged | ObsHealth] = []
        self._loop = asyncio.new_event_loop()
        self._thread = threading.Thread(target=self._loop.run_forever)
        self._thread.start()

        async def begin() -> tuple[ObsController, asyncio.Event, asyncio.Task[None]]:
            log = logging.getLogger("tests.obs")
            controller = ObsController(
                name,
                settings,
                lambda: self.reach,
                log=log,
                heard=self.notes.append,
                known=known,
                wanted=wanted,
                missed=missed,
            )
            stop = asyncio.Event()
            return controller, stop, asyncio.create_task(controller.run(stop))

        self.controller, self._stop, self._running = self.run(begin())

    def run(self, story: Coroutine[Any, Any, T], seconds: float = 30.0) -> T:
        """Runs something on the controller's loop."""
        return asyncio.run_coroutine_threadsafe(story, self._loop).result(seconds)

    def stop(self) -> None:
        """Ends it in order, once. Raises what it failed with."""
        if not self._thread.is_alive():
            return

        async def end() -> None:
            self._stop.set()
            await self._running

        try:
            self.run(end(), 10)
        finally:
            self._loop.call_soon_threadsafe(self._loop.stop)
            self._thread.join()
            self._loop.close()

    # -------------------------------------------------------------------------------------------- what a test looks at

    @property
    def status(self) -> ObsState:
        async def look() -> ObsState:
            return self.controller.status

        return self.run(look())

    @property
    def problems(self) -> str:
        return "\n".join(self.status.problems)

    def connected(self, seconds: float = 15.0) -> Controlled:
        """Waits until it is."""
        until(lambda: self.status.connected, "the controller is connected", seconds)
        return self

    def told(self) -> list[ObsState]:
        """The states that were told."""
        return [note.state for note in list(self.notes) if isinstance(note, ObsChanged)]

    def health(self) -> list[ObsValues]:
        """How it fared, as it was told."""
        return [note.values for note in list(self.notes) if isinstance(note, ObsHealth)]

    # ----------------------------------------------------------------------------------------------- what a test does

    def hold_text(self, source: str, text: str, *, settle: bool = True) -> None:
        self._hold(lambda: self.controller.hold_text(source, text), settle)

    def hold_visible(self, scene: str | None, source: str, visible: bool) -> None:
        self._hold(lambda: self.controller.hold_visible(scene, source, visible), True)

    def hold_filter(self, source: str, filter: str, enabled: bool) -> None:
        self._hold(lambda: self.controller.hold_filter(source, filter, enabled), True)

    def _hold(self, hold: Any, settle: bool) -> None:
        async def do() -> None:
            hold()
            if settle:
                await self.controller.settled()

        self.run(do())

    def scene(self, scene: str, *, seconds: float | None = None, within: float = 5.0, insist: bool = False) -> str:
        async def do() -> str:
            handle = self.controller.handle(time.monotonic() + within, insist=insist)
            return await handle.switch_scene(scene, seconds=seconds)

        return self.run(do())

    def scene_once_a_person_is_seen(self, scene: str) -> str:
        """At once then, however soon automation has it again."""

        async def do() -> str:
            while self.controller.status.override_until is None:
                await asyncio.sleep(0.01)
            return await self.controller.handle(time.monotonic() + 5.0).switch_scene(scene)

        return self.run(do(), 10)

    def ask(self, what: str, *arguments: Any, within: float = 5.0) -> str:
        """Calls a method of a handle."""

        async def do() -> str:
            answer: str = await getattr(self.controller.handle(time.monotonic() + within), what)(*arguments)
            return answer

        return self.run(do())

    def call(self, what: str) -> None:
        """Calls a method of the controller."""

        async def do() -> None:
            getattr(self.controller, what)()

        self.run(do())
