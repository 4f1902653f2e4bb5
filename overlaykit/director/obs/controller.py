"""One OBS under control: kept connected, made to show what is held, asked for moments, and said how it is."""

from __future__ import annotations

import asyncio
import contextlib
import datetime as dt
import logging
import time
from collections.abc import Awaitable, Callable, Mapping
from typing import Any, TypeVar

from overlaykit.director.obs.attempts import Attempts
from overlaykit.director.obs.handle import Handle
from overlaykit.director.obs.health import Health
from overlaykit.director.obs.holding import Filter, Holding, Text, Visible
from overlaykit.director.obs.link import NOT_READY, ObsLink, Reach, Request, open_link
from overlaykit.director.obs.missing import Missing
from overlaykit.director.obs.program import Program
from overlaykit.director.obs.said import said_by
from overlaykit.director.obs.settings import ObsSettings
from overlaykit.director.obs.wanted import Wanted
from overlaykit.errors import ObsAway, ObsError, ObsRefused, ObsSkipped, UserError
from overlaykit.model.notes import ObsChanged, ObsHealth, ObsState
from overlaykit.words import Words

HEALTH_EVERY = 1.0
HEALTH_ANSWER = 3.0
SILENT_LOOKS = 2
"""Looks at its health without an answer after which a connection is given up."""
COLLECTION_SECONDS = 60.0
"""Seconds after which a change of the collection whose end nobody told counts as over."""
AGAIN = 0.1
"""Seconds between two attempts while OBS is not ready."""
TELL_EVERY = 0.1
MOST_PROBLEMS = 50

_STRUCTURE = frozenset(
    {
        *("InputCreated", "InputRemoved", "InputNameChanged", "SceneCreated", "SceneRemoved", "SceneNameChanged"),
        *("SceneItemCreated", "SceneItemRemoved"),
        *("SourceFilterCreated", "SourceFilterRemoved", "SourceFilterNameChanged"),
    }
)
"""Events after which what could not be written may be there, and the other way round."""
_OUTPUTS = {"StreamStateChanged": "streaming", "RecordStateChanged": "recording"}

Heard = Callable[[ObsChanged | ObsHealth], None]
T = TypeVar("T")


class ObsController:
    """Controls one OBS from `run` on, until its `stop`. All of it belongs to one event loop.

    name       as in [obs.NAME]
    reach      how it is reached; asked before each attempt, since `obs setup` may change it while a room runs
    heard      gets the notes obs.changed and obs.health
    known      what another process, which controlled it before, said of it last
    missed     whether it is told that it is away; False until it has been there once, or somebody has asked for it
    """

    def __init__(
        self,
        name: str,
        settings: ObsSettings,
        reach: Callable[[], Reach],
        *,
        log: logging.Logger,
        heard: Heard,
        known: ObsState | None = None,
        wanted: Wanted | None = None,
        missed: bool = True,
    ) -> None:
        self.name = name
        self._reach, self._heard = reach, heard
        self._attempts = Attempts(reach)
        self._log = _Named(log, {"obs": name})
        self._program = Program(settings, self._change, self._log, known)
        self._holding = Holding(self._change)
        self._missing = Missing(wanted or Wanted(), self._change)
        self._health = Health()
        self._outputs = {"streaming": False, "recording": False}
        self._link: ObsLink | None = None
        self._away: Words | None = None
        self._connected_at: float | None = None
        self.missed = missed or known is not None
        self._ready = asyncio.Event()
        self._changed = asyncio.Event()
        self._events: asyncio.Queue[tuple[str, Mapping[str, Any]]] = asyncio.Queue()

    # ------------------------------------------------------------------------------------------------- what is wanted

    def hold_text(self, source: str, text: str) -> None:
        """The text source says this from now on: also after a reconnect, until something else is held."""
        self._holding.hold(Text(source), text)

    def hold_visible(self, scene: str | None, source: str, visible: bool) -> None:
        """The source is shown in a scene, or not; without one in every scene that has it now."""
        self._holding.hold(Visible(scene, source), visible)

    def hold_filter(self, source: str, filter: str, enabled: bool) -> None:
        """A filter of a source is on, or off."""
        self._holding.hold(Filter(source, filter), enabled)

    async def settled(self) -> None:
        """Waits until OBS has confirmed all that is held, but for what the status names as broken."""
        await self._holding.settled()

    def handle(self, deadline: float, *, insist: bool = False) -> Handle:
        """What an action works with that has until `deadline` (monotonic seconds). `insist`: a person asked for it, so that it
        does not yield to a person."""
        return Handle(self, self._program, deadline, insist=insist)

    def release(self) -> None:
        """Ends the manual override: automation switches scenes again."""
        self._program.release()

    def reconnect(self) -> None:
        """Tries again at once, also where OBS has turned us away. Whoever asks for that wants to hear what came of it."""
        self.missed = True
        self._attempts.again()

    # ---------------------------------------------------------------------------------------------------- what it is

    @property
    def held_texts(self) -> dict[str, str]:
        """Text source → what it is made to say."""
        return self._holding.texts()

    @property
    def _connected(self) -> bool:
        return self._connected_at is not None

    @property
    def status(self) -> ObsState:
        """As it stands."""
        program, up = self._program, self._connected
        problems = (
            self._away,
            *((*self._holding.broken, *self._missing.problems(self._holding.texts())) if up else ()),
        )
        until, back = program.override_until, program.back if up else None
        return ObsState(
            connected=up,
            scene=program.scene if up else None,
            preview=program.preview if up and program.studio_mode else None,
            studio_mode=up and program.studio_mode,
            streaming=up and self._outputs["streaming"],
            recording=up and self._outputs["recording"],
            back_to=back[0] if back is not None else None,
            back_at=_shown(back[1]) if back is not None else None,
            override_until=_shown(until) if up and until is not None else None,
            problems=tuple(each.both() for each in problems if each is not None)[:MOST_PROBLEMS],
        )

    # --------------------------------------------------------------------------------------------------- what happens

    async def run(self, stop: asyncio.Event) -> None:
        """Keeps it connected until `stop` is set."""
        telling = asyncio.create_task(self._tell())
        try:
            await self._keep_connected(stop)
        finally:
            telling.cancel()
            await asyncio.gather(telling, return_exceptions=True)

    async def within(self, deadline: float, what: Callable[[ObsLink], Awaitable[T]]) -> T:
        """Does something once, as soon as it can be done before `deadline` (monotonic seconds). Raises ObsSkipped when it is too
        late, ObsRefused, and ObsAway where nobody knows whether it was done."""
        while True:
            link = await self._link_before(deadline)
            try:
                async with asyncio.timeout_at(_loop_time(deadline)):
                    return await what(link)
            except TimeoutError:
                raise ObsAway(
                    "OBS did not answer in time: it may have been done", "OBS 没有及时应答：也许已经执行"
                ) from None
            except ObsRefused as refused:
                if refused.code != NOT_READY:
                    raise
            await asyncio.sleep(AGAIN)

    async def _link_before(self, deadline: float) -> ObsLink:
        try:
            async with asyncio.timeout_at(_loop_time(deadline)):
                while True:
                    await self._ready.wait()
                    if self._link is not None:
                        break
        except TimeoutError:
            raise self._too_late() from None
        if time.monotonic() >= deadline:
            raise self._too_late()
        return self._link

    def _too_late(self) -> ObsSkipped:
        if self._away is not None:
            why = self._away
        elif not self._ready.is_set():
            why = Words("OBS was loading, or changed its scene collection", "OBS 正在加载，或在切换场景集合")
        else:
            why = Words("its time was over", "时间已过")
        return ObsSkipped(f"too late, not done: {why.en}", f"已过时，不再执行：{why.zh}")

    async def _keep_connected(self, stop: asyncio.Event) -> None:
        while not stop.is_set():
            reach, error = await self._connect_once(stop)
            if stop.is_set():
                return
            if self._connected_at is not None:
                self._attempts.went_well(self._connected_at)
            self._lose(error)
            await self._attempts.wait(error, reach, stop)

    async def _connect_once(self, stop: asyncio.Event) -> tuple[Reach | None, UserError]:
        """Connects, and stays as long as it goes; how it was reached, and why it ended."""
        reach: Reach | None = None
        try:
            reach = self._reach()
            link, version = await open_link(reach, lambda *event: self._events.put_nowait(event))
        except UserError as error:
            return reach, error
        self._log.info("connected to OBS %s at %s", version.get("obsVersion", "?"), reach.address)
        try:
            return reach, await self._stay(link, stop)
        finally:
            await link.close()

    def _lose(self, why: UserError) -> None:
        words = said_by(why) if isinstance(why, ObsError) else Words(why.message, why.message)
        if words != self._away:
            self._log.warning("%s%s", why.message, f" {why.remedy}" if why.remedy else "")
        self._away, self._link, self._connected_at = words, None, None
        self._ready.clear()
        self._change()

    async def _stay(self, link: ObsLink, stop: asyncio.Event) -> ObsError:
        """Works with a connection while it is there; why it ended."""
        while not self._events.empty():
            self._events.get_nowait()
        self._link = link
        self._health.forget()
        self._holding.forget_shown()
        parts = [
            self._hear(link),
            self._measure(link),
            self._persist(lambda: self._holding.run(link, self._wait_ready)),
            self._persist(lambda: self._program.run(link, self._wait_ready)),
        ]
        if self._missing.anything:
            parts.append(self._persist(lambda: self._missing.run(link, self._wait_ready)))
        tasks = [asyncio.create_task(part) for part in parts]
        ends: list[asyncio.Task[Any]] = [asyncio.create_task(stop.wait()), asyncio.create_task(link.wait_lost())]
        try:
            await asyncio.wait((*tasks, *ends), return_when=asyncio.FIRST_COMPLETED)
            for task in tasks:
                if task.done():
                    task.result()
        except ObsError as error:
            return link.lost or error
        finally:
            self._ready.clear()
            for task in (*tasks, *ends):
                task.cancel()
            await asyncio.gather(*tasks, *ends, return_exceptions=True)
        return link.lost or ObsAway("overlaykit ends", "overlaykit 正在结束")

    async def _wait_ready(self) -> None:
        await self._ready.wait()

    async def _persist(self, part: Callable[[], Awaitable[None]]) -> None:
        """Begins a part again when OBS did not answer it in time, or refused what it needs."""
        while True:
            try:
                await part()
            except ObsError as error:
                self._log.warning("%s", error.message)
                await asyncio.sleep(HEALTH_EVERY)

    # ---------------------------------------------------------------------------------------------------------- events

    async def _hear(self, link: ObsLink) -> None:
        await self._resync(link)
        while True:
            event, data = await self._events.get()
            self._program.heard(event, data)
            if event in _STRUCTURE:
                self._holding.look_again(data.values())
                self._missing.look_again()
            elif event in _OUTPUTS:
                self._outputs[_OUTPUTS[event]] = bool(data["outputActive"])
                self._change()
            elif event == "CurrentSceneCollectionChanging":
                await self._change_collection(link)

    async def _change_collection(self, link: ObsLink) -> None:
        """OBS is left alone until the other collection is there; then all that is held goes into it."""
        self._ready.clear()
        try:
            async with asyncio.timeout(COLLECTION_SECONDS):
                while (await self._events.get())[0] != "CurrentSceneCollectionChanged":
                    pass
        except TimeoutError:
            self._log.warning("OBS did not say that its scene collection has changed")
        self._holding.forget_shown()
        self._missing.look_again()
        await self._resync(link)

    async def _resync(self, link: ObsLink) -> None:
        """Begins with what is there, once OBS is ready."""
        while True:
            try:
                await self._program.resync(link)
                break
            except ObsRefused as refused:
                if refused.code != NOT_READY:
                    raise
                await asyncio.sleep(AGAIN)
        self._away = None
        if self._connected_at is None:
            self._connected_at = time.monotonic()
        self.missed = True
        self._ready.set()
        self._change()

    async def _measure(self, link: ObsLink) -> None:
        """Looks how it fares once a second. A connection on which nothing is answered any more is given up."""
        silent = 0
        while True:
            await self._ready.wait()
            try:
                stats, stream, record = await link.batch(
                    [Request("GetStats"), Request("GetStreamStatus"), Request("GetRecordStatus")],
                    seconds=HEALTH_ANSWER,
                )
                silent = 0
            except ObsAway:
                silent += 1
                if silent == SILENT_LOOKS:
                    raise
                continue
            if stats.ok and stream.ok:
                self._take_health(stats.data, stream.data, record.data)
            await asyncio.sleep(HEALTH_EVERY)

    def _take_health(self, stats: Mapping[str, Any], stream: Mapping[str, Any], record: Mapping[str, Any]) -> None:
        outputs = {"streaming": bool(stream["outputActive"]), "recording": bool(record.get("outputActive"))}
        if outputs != self._outputs:
            self._outputs = outputs
            self._change()
        now = time.monotonic()
        values = self._health.take(now, stats, stream)
        if self._health.worth_telling(now, values):
            self._heard(ObsHealth(obs=self.name, values=values))

    # --------------------------------------------------------------------------------------------------------- telling

    def _change(self) -> None:
        self._changed.set()

    async def _tell(self) -> None:
        """Says how it is when that is another way, a few times a second at most; first when the first attempt to connect is
        over, so that a director that starts does not say of an OBS that it is away before it looked, and of one that nobody
        misses when it is there."""
        told: ObsState | None = None
        while True:
            known = self._connected or (self.missed and self._away is not None)
            if known and (status := self.status) != told:
                told = status
                self._heard(ObsChanged(obs=self.name, state=status))
                await asyncio.sleep(TELL_EVERY)
            else:
                await self._until_changed()

    async def _until_changed(self) -> None:
        left = self._program.override_left
        with contextlib.suppress(TimeoutError):
            async with asyncio.timeout(left + 0.001 if left else None):
                await self._changed.wait()
        self._changed.clear()


class _Named(logging.LoggerAdapter[logging.Logger]):
    """Says which OBS a line is about."""

    def process(self, msg: Any, kwargs: Any) -> tuple[Any, Any]:
        return f"obs {self.extra['obs'] if self.extra else ''}: {msg}", kwargs


def _shown(time: dt.datetime) -> str:
    return time.isoformat(timespec="milliseconds").replace("+00:00", "Z")


def _loop_time(monotonic: float) -> float:
    return asyncio.get_running_loop().time() + monotonic - time.monotonic()
