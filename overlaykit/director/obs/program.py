"""What an OBS has on program: switching it, going back after a while, and yielding to a person who switches it.

Events of OBS are hints, whose order is not kept: at each, OBS is asked what is on program now. What is then not what we put
there, somebody else did. Our switches and those looks take turns, so that none sees the other's half.
"""

from __future__ import annotations

import asyncio
import contextlib
import datetime as dt
import logging
import time
from collections.abc import Awaitable, Callable, Mapping
from dataclasses import dataclass, replace
from typing import Any

from overlaykit.director.obs.link import NOT_FOUND, NOT_READY, ObsLink, Request
from overlaykit.director.obs.said import not_found
from overlaykit.director.obs.settings import ObsSettings
from overlaykit.errors import ObsAway, ObsRefused, ObsSkipped
from overlaykit.model.notes import ObsState

STUDIO_MODE_OFF = 506
RETURN_LATE = 30.0
"""Seconds after which a scene that could not be left in time is left to people."""
TAKES = 2.0
"""Seconds that OBS may take to do what it has accepted."""
AGAIN = 0.1

LOOKS_AFTER = frozenset(
    {
        "SceneTransitionStarted",
        "CurrentProgramSceneChanged",
        "CurrentPreviewSceneChanged",
        "StudioModeStateChanged",
        "SceneRemoved",
    }
)
"""Events after which something else may be on program."""


@dataclass(frozen=True)
class _Visit:
    """A scene that was put on for a while."""

    scene: str
    until: float
    until_time: dt.datetime


class Program:
    """The program of one OBS while one process controls it; it outlives connections.

    changed     called when a property has another value
    known       what the process that controlled it before said last: what was to come back does, and a person keeps the scene
    clock       monotonic seconds
    """

    def __init__(
        self,
        settings: ObsSettings,
        changed: Callable[[], None],
        log: logging.Logger | logging.LoggerAdapter[logging.Logger],
        known: ObsState | None = None,
        clock: Callable[[], float] = time.monotonic,
    ) -> None:
        self._settings, self._changed, self._log, self._clock = settings, changed, log, clock
        self._turn = asyncio.Lock()
        self._look_wanted = asyncio.Event()
        self._visits: list[_Visit] = []
        self._base: str | None = None
        self._prepared: str | None = None
        """What a person had in preview when we took it."""
        self._ended = False
        self.scene: str | None = None
        self.preview: str | None = None
        self.studio_mode = False
        self._override: tuple[float, dt.datetime] | None = None
        self._left_by_another = known

    @property
    def back(self) -> tuple[str, dt.datetime] | None:
        """The scene that comes back by itself, and when."""
        visit = next((visit for visit in self._visits if visit.scene == self.scene), None)
        if visit is None or self._base is None:
            return None
        later = [other for other in self._visits if other.until > visit.until]
        return (later[-1].scene if later else self._base), visit.until_time

    @property
    def override_left(self) -> float:
        """Seconds for which automation still yields to a person; 0 when it does not."""
        return 0.0 if self._override is None else max(0.0, self._override[0] - self._clock())

    @property
    def override_until(self) -> dt.datetime | None:
        """Until when automation yields."""
        return self._override[1] if self._override is not None and self.override_left else None

    def release(self) -> None:
        """The person gives the scene back to automation."""
        self._override = None
        self._changed()

    # ------------------------------------------------------------------------------------------------------ switching

    async def switch(self, link: ObsLink, scene: str, *, seconds: float | None, insist: bool) -> str:
        """Puts a scene on program; with `seconds` it goes back then. What to show of it. `insist`: a person asks
        for it, and has the scene then. Raises ObsSkipped for automation while a person has it, ObsRefused and ObsAway."""
        async with self._turn:
            if self.override_left and not insist:
                raise self._yields(scene)
            if self.scene is None:
                await self._look(link)
            before = self.scene
            if scene != before:
                await self._put(link, scene)
            self._note_visit(scene, before, seconds)
            if insist:
                self._give_to_person()
        if scene == before:
            return f"{scene} 已在播出 / {scene} is on program already"
        turn = f"{before or '?'} → {scene}"
        return turn if seconds is None else f"{turn}，{seconds:g} 秒后返回 / {turn}, back in {seconds:g} s"

    def _give_to_person(self) -> None:
        if seconds := self._settings.manual_override:
            self._override = self._after(seconds)
            self._log.info("a person switched to %s: automation yields for %g s", self.scene, seconds)
        self._changed()

    def _note_visit(self, scene: str, before: str | None, seconds: float | None) -> None:
        if seconds is None:
            self._visits.clear()
        elif scene != before or any(visit.scene == scene for visit in self._visits):
            if not self._visits:
                self._base = before
            self._visits = [visit for visit in self._visits if visit.scene != scene]
            self._visits.append(_Visit(scene, *self._after(seconds)))
            self._look_wanted.set()

    def _after(self, seconds: float) -> tuple[float, dt.datetime]:
        """A moment that is `seconds` ahead, on both clocks."""
        return self._clock() + seconds, dt.datetime.now(dt.UTC) + dt.timedelta(seconds=seconds)

    async def _put(self, link: ObsLink, scene: str) -> None:
        if self.studio_mode and self.preview not in (scene, self.scene):
            self._prepared, self._ended = self.preview, False  # OBS swaps preview and program
        try:
            if self.studio_mode and self._settings.studio_mode == "preview":
                await self._through_preview(link, scene)
            else:
                await link.ask("SetCurrentProgramScene", {"sceneName": scene})
            await _until_is(link, "Program", scene)
        except (ObsAway, asyncio.CancelledError):
            self.scene = None  # it may have been done
            raise
        except ObsRefused as refused:
            if refused.code == STUDIO_MODE_OFF:
                self.studio_mode = False
                return await self._put(link, scene)
            if refused.code == NOT_FOUND:
                raise await _no_scene(link, scene, refused) from None
            raise
        self.scene = scene
        self._changed()

    async def _through_preview(self, link: ObsLink, scene: str) -> None:
        """As a person does it. OBS answers before the preview has changed: a transition at once would put on program what was
        in preview before."""
        await link.ask("SetCurrentPreviewScene", {"sceneName": scene})
        await _until_is(link, "Preview", scene)
        await link.ask("TriggerStudioModeTransition")

    def _yields(self, scene: str) -> ObsSkipped:
        left = self.override_left
        return ObsSkipped(
            f"a person switched the scene: automation yields for another {left:.0f} s, and {scene!r} is not put on",
            f"有人手动切换了场景：自动切换再让出 {left:.0f} 秒，不切到“{scene}”",
        )

    # -------------------------------------------------------------------------------------------------------- looking

    def heard(self, event: str, data: Mapping[str, Any]) -> None:
        """An event of OBS."""
        if event == "SceneNameChanged":
            self._rename(data["oldSceneName"], data["sceneName"])
        elif event == "SceneTransitionEnded" and self._prepared is not None:
            self._ended = True
            self._look_wanted.set()
        elif event in LOOKS_AFTER:
            self._look_wanted.set()

    def _rename(self, old: str, new: str) -> None:
        self.scene, self.preview, self._base, self._prepared = (
            new if each == old else each for each in (self.scene, self.preview, self._base, self._prepared)
        )
        self._visits = [replace(visit, scene=new) if visit.scene == old else visit for visit in self._visits]
        self._changed()

    async def resync(self, link: ObsLink) -> None:
        """Begins anew with what is there now: after a connect, and after another collection was loaded. Raises ObsRefused
        while OBS is not ready, and ObsAway."""
        async with self._turn:
            known, self._prepared = self.scene, None
            await self._look(link)
            if self.scene != known:
                self._visits.clear()
            if (left := self._left_by_another) is not None:
                self._left_by_another = None
                self._take_over(left)

    def _take_over(self, left: ObsState) -> None:
        if left.back_to is not None and left.back_at is not None and left.scene == self.scene is not None:
            self._base = left.back_to
            self._visits = [_Visit(self.scene, *self._after(_seconds_until(left.back_at)))]
        if left.override_until is not None and (seconds := _seconds_until(left.override_until)) > 0:
            self._override = self._after(seconds)
        self._look_wanted.set()

    async def run(self, link: ObsLink, ready: Callable[[], Awaitable[None]]) -> None:
        """Looks when OBS hints, and goes back when it is time, until it is cancelled."""
        while True:
            await ready()
            due = min((visit.until for visit in self._visits), default=None)
            with contextlib.suppress(TimeoutError):
                async with asyncio.timeout(None if due is None else max(0.0, due - self._clock())):
                    await self._look_wanted.wait()
            await ready()
            self._look_wanted.clear()
            try:
                async with self._turn:
                    await self._follow(link)
                    await self._go_back(link)
                    if self._ended:
                        await self._restore_preview(link)
            except ObsRefused as refused:
                if refused.code != NOT_READY:
                    raise
                self._look_wanted.set()
                await asyncio.sleep(AGAIN)

    async def _follow(self, link: ObsLink) -> None:
        """Looks what is on program, and whether somebody else put it there."""
        known = self.scene
        await self._look(link)
        if known is not None and self.scene != known:
            self._visits.clear()
            self._prepared = None
            self._give_to_person()

    async def _look(self, link: ObsLink) -> None:
        answers = await link.batch([Request("GetStudioModeEnabled"), Request("GetSceneList")])
        for answer in answers:
            if not answer.ok:
                raise answer.refusal()
        scenes = answers[1].data
        found = (
            scenes["currentProgramSceneName"],
            scenes["currentPreviewSceneName"],
            answers[0].data["studioModeEnabled"],
        )
        if found != (self.scene, self.preview, self.studio_mode):
            self.scene, self.preview, self.studio_mode = found
            self._changed()

    async def _go_back(self, link: ObsLink) -> None:
        """Leaves scenes whose time is over: for the latest whose time is not, else for the one before all of them."""
        now = self._clock()
        left = next((visit for visit in self._visits if visit.until <= now and visit.scene == self.scene), None)
        staying = [visit for visit in self._visits if visit.until > now]
        back = staying[-1].scene if staying else self._base
        if left is not None and back is not None and back != self.scene:
            if now - left.until > RETURN_LATE:
                self._log.warning(
                    "stays on %s: it is %.0f s too late to go back to %s", self.scene, now - left.until, back
                )
            else:
                await self._leave(link, back)
        self._visits = staying

    async def _leave(self, link: ObsLink, back: str) -> None:
        try:
            await self._put(link, back)
        except ObsRefused as refused:
            if refused.code == NOT_READY:
                raise
            self._log.warning("stays on %s: cannot go back to %s: %s", self.scene, back, refused.message)

    async def _restore_preview(self, link: ObsLink) -> None:
        """Puts back into preview what a person had prepared there."""
        prepared, self._prepared, self._ended = self._prepared, None, False
        if self.studio_mode and prepared is not None:
            with contextlib.suppress(ObsRefused):  # it was removed, or studio mode left
                await link.ask("SetCurrentPreviewScene", {"sceneName": prepared})


def _seconds_until(time: str) -> float:
    """From now until an RFC 3339 time."""
    return (dt.datetime.fromisoformat(time) - dt.datetime.now(dt.UTC)).total_seconds()


async def _until_is(link: ObsLink, place: str, scene: str) -> None:
    """Waits until OBS has a scene on program, or in preview. Raises ObsAway when it does not come."""
    name = f"Current{place}Scene"
    try:
        async with asyncio.timeout(TAKES):
            while True:
                if (await link.ask(f"Get{name}"))[f"c{name[1:]}Name"] == scene:
                    return
                await asyncio.sleep(0.005)
    except TimeoutError:
        raise ObsAway(f"OBS took {scene!r}, and does not show it", f"OBS 接受了“{scene}”，但没有显示") from None


async def _no_scene(link: ObsLink, scene: str, refused: ObsRefused) -> ObsRefused:
    existing = [each["sceneName"] for each in reversed((await link.ask("GetSceneList"))["scenes"])]
    words = not_found("scene", "场景", scene, existing)
    return ObsRefused(words.en, words.zh, code=refused.code, remedy="Make it in OBS, or name another one in the plan.")
