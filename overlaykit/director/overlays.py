"""Looks after the overlays in browser sources of OBS: a page that is silent there is loaded anew, and that is said.

OBS does not try again when a page could not be loaded, and a page that has crashed stays as it is. Pages tell the server each
second how they do (store/overlays.py); a browser source whose address no page answers for is told to load it anew.
"""

from __future__ import annotations

import asyncio
import logging
import time
from collections import defaultdict, deque
from collections.abc import Awaitable, Callable, Iterable, Mapping, Sequence
from importlib import import_module
from typing import Any, NamedTuple, Protocol, TypeVar
from urllib.parse import parse_qsl, urlsplit

import msgspec
from msgspec import Struct

from overlaykit.director.obs.link import ObsLink
from overlaykit.director.obs.said import said_by
from overlaykit.errors import ObsError, StoreError, UserError
from overlaykit.model.entries import has_type
from overlaykit.model.notes import ActionDone, AnyNote, Noted, ObsActed, ObsState
from overlaykit.model.performing import ObsHandle
from overlaykit.store import OverlayPage, overlay_query
from overlaykit.store.waiting import pause
from overlaykit.words import Words

TURN, TURN_WITHOUT_OBS = 0.1, 0.5
"""Seconds between two looks whether somebody wants overlays loaded anew."""
EVERY = 3.0
"""Seconds between two looks."""
SILENT_SECONDS = 10.0
"""Silence after which a page is loaded anew. A web process that starts again takes less, and its pages come back by themselves."""
FIRST_AGAIN, LAST_AGAIN = 30.0, 600.0
"""Seconds until a source that is still silent is loaded anew again: the first time, doubled each time, and at most."""
OBS_SECONDS = 2.0
PROBE_SECONDS = 2.0
ACTION = "overlay.refresh"
SOURCE = "overlays"
_KIND = "browser_source"

T = TypeVar("T")


class _Outcome(Struct):
    status: str


class _Page(Struct):
    page: str | None = None


class _Asked(Struct):
    seq: int
    data: _Page
    outcome: _Outcome


_asked = msgspec.json.Decoder(_Asked)


class WatchedObs(Protocol):
    """An OBS, as far as browser sources go."""

    @property
    def status(self) -> ObsState: ...
    def handle(self, deadline: float) -> ObsHandle: ...
    async def within(self, deadline: float, what: Callable[[ObsLink], Awaitable[T]]) -> T: ...


class BrowserSource(NamedTuple):
    """A browser source with an overlay's address.

    obs       the name of `instance`
    session   whose overlay it is by its address; None for that of the current session
    query     what the address asks for, as pages report it
    rests     whether OBS ends the page while the source is not shown
    """

    obs: str
    instance: WatchedObs
    name: str
    url: str
    session: str | None
    query: str
    rests: bool


class OverlayWatch:
    """The overlays of one session in the browser sources of its OBS instances.

    pages        asks for the overlay pages of the room
    obs          the instances by name; they go when another director leads, at any time
    is_current   asks whether this session is the current one: sources without a session in their address are of that
    serves       asks whether the server of an address answers: a page that is loaded while it does not would be lost
    note         has notes written
    clock        monotonic seconds
    """

    def __init__(
        self,
        session: str,
        *,
        pages: Callable[[], Awaitable[Sequence[OverlayPage]]],
        obs: Mapping[str, WatchedObs],
        is_current: Callable[[], Awaitable[bool]],
        note: Callable[[Sequence[Noted]], None],
        log: logging.Logger,
        serves: Callable[[str], Awaitable[bool]] | None = None,
        clock: Callable[[], float] = time.monotonic,
    ) -> None:
        self._session, self._obs, self._note, self._log, self._clock = session, obs, note, log, clock
        self._pages, self._is_current, self._serves = pages, is_current, serves or server_answers
        self._seen_in_obs: set[str] = set()
        self._silent: dict[tuple[str, str], float] = {}
        self._again: dict[tuple[str, str], tuple[float, float]] = {}
        self._asked: deque[tuple[str | None, int]] = deque()

    def take(self, line: bytes) -> None:
        """An entry that was just written, while this director leads: overlay.refresh is done at the next turn of `run`."""
        if has_type(line, ACTION):
            entry = _asked.decode(line)
            if entry.outcome.status == "accepted":
                self._asked.append((entry.data.page, entry.seq))

    async def run(self, stop: asyncio.Event, leads: Callable[[], bool]) -> None:
        """Looks while this director leads, until `stop`."""
        look_at = 0.0
        while not await pause(stop, TURN if self._obs else TURN_WITHOUT_OBS):
            if not leads():
                self._silent.clear()
                self._asked.clear()
                continue
            try:
                while self._asked:
                    await self.refresh(*self._asked[0])
                    self._asked.popleft()
                if self._clock() >= look_at and any(each.status.connected for each in self._obs.values()):
                    await self.look()
                    look_at = self._clock() + EVERY
            except StoreError as error:  # others say so
                self._log.debug("%s: overlays were not looked at: %s", self._session, error)

    async def look(self) -> None:
        """Finds the sources that are silent now, and loads anew those that have been for too long."""
        sources, pages = await self._sources(), await self._pages()
        self._seen_in_obs.update(page.report.query for page in pages if page.open and page.report.obs)
        answering = {page.report.query for page in pages if self._answers(page)}
        now = self._clock()
        silent = {(each.obs, each.name): each for each in sources if each.query not in answering}
        self._silent = {key: self._silent.get(key, now) for key in silent}
        for key in [key for key in self._again if key not in silent]:
            del self._again[key]
        for key, source in silent.items():
            since, (not_before, wait) = now - self._silent[key], self._again.get(key, (0.0, FIRST_AGAIN))
            if since < SILENT_SECONDS or now < not_before or not await self._may_load(source):
                continue
            self._again[key] = (now + wait, min(LAST_AGAIN, wait * 2))
            words = Words(f"silent for {since:.0f} s, loaded anew", f"页面 {since:.0f} 秒没有回应，已重新加载")
            self._say([await self._load(source, words)], f"{now * 1000:.0f}")

    async def refresh(self, page: str | None, seq: int) -> None:
        """overlay.refresh, the entry `seq`: the page of this name, or all, at once."""
        sources = await self._sources()
        if page is not None:
            query = next((each.report.query for each in await self._pages() if each.id == page), None)
            sources = [each for each in sources if each.query == query]
        notes: list[AnyNote] = [
            await self._load(source, Words("loaded anew", "已重新加载"), firing=seq, index=index)
            for index, source in enumerate(sources)
        ]
        if not notes:
            detail = "没有已连接的 OBS 的浏览器来源显示它 / no browser source of a connected OBS shows it"
            notes = [ActionDone(firing=seq, index=0, action=ACTION, status="failed", detail=detail)]
        self._say(notes, str(seq), cause=seq)

    def _answers(self, page: OverlayPage) -> bool:
        """Whether a page says that the sources of its address are well. A browser that somebody has open says nothing of OBS,
        once a page in OBS has told that it is one."""
        if not page.open or page.state == "late":
            return False
        return page.report.obs or page.report.query not in self._seen_in_obs

    async def _may_load(self, source: BrowserSource) -> bool:
        """Whether a silent page of it is to be loaded anew: it is there to be seen, and its server is there to load it from."""
        if source.rests:

            async def shown(link: ObsLink) -> bool:
                said = await link.ask("GetSourceActive", {"sourceName": source.name})
                return bool(said["videoShowing"])

            try:
                if not await source.instance.within(time.monotonic() + OBS_SECONDS, shown):
                    return False
            except ObsError:
                return False
        return await self._serves(source.url)

    async def _load(
        self, source: BrowserSource, words: Words, *, firing: int | None = None, index: int = 0
    ) -> ObsActed:
        began = time.monotonic()
        try:
            await source.instance.handle(began + OBS_SECONDS).refresh(source.name)
        except ObsError as error:
            status, said = "failed", said_by(error)
        except UserError as error:
            status, said = "failed", error.words
        else:
            status, said = "done", words
        detail = Words(f"{source.name}: {said.en}", f"{source.name}：{said.zh}").both()
        self._log.warning("%s: OBS %s, %s", self._session, source.obs, detail)
        return ObsActed(
            firing=firing,
            index=index,
            action=ACTION,
            target=source.obs,
            status=status,  # type: ignore[arg-type]
            detail=detail[:2000],
            ms=round((time.monotonic() - began) * 1000, 1),
        )

    def _say(self, notes: Iterable[AnyNote], occasion: str, *, cause: int | None = None) -> None:
        self._note([Noted(f"{ACTION}-{occasion}-{place}", note, SOURCE, cause) for place, note in enumerate(notes)])

    # -------------------------------------------------------------------------------------------------------- sources

    async def _sources(self) -> list[BrowserSource]:
        """The browser sources with overlays of this session, of the instances that are connected."""
        found: list[BrowserSource] = []
        for name, instance in list(self._obs.items()):
            if not instance.status.connected:
                continue
            try:
                rows = await instance.within(time.monotonic() + OBS_SECONDS, _browser_settings)
            except ObsError as error:  # lost this moment, or loading: the next look will find them
                self._log.debug("%s: OBS %s was not asked for its overlays: %s", self._session, name, error)
            else:
                found += [
                    each for source, row in rows.items() if (each := _read(name, instance, source, row)) is not None
                ]
        if any(each.session is None for each in found) and not await self._is_current():
            found = [each for each in found if each.session is not None]
        return [each for each in found if each.session in (None, self._session)]


async def server_answers(url: str) -> bool:
    """Whether the server behind an overlay's address is alive."""
    # Few rooms ever ask, so a director need not begin with it; loading takes long enough for rules to wait for it.
    await asyncio.to_thread(import_module, "httpx")
    import httpx

    root = url.partition("/overlay/")[0]
    try:
        # Whether it is there is all that is asked: nothing is told to it, and nothing believed.
        async with httpx.AsyncClient(timeout=PROBE_SECONDS, verify=False) as client:
            return (await client.get(f"{root}/healthz")).is_success
    except (httpx.HTTPError, httpx.InvalidURL):
        return False


async def _browser_settings(link: ObsLink) -> dict[str, Mapping[str, Any]]:
    """Name → settings of each browser source."""
    inputs = (await link.ask("GetInputList", {"inputKind": _KIND}))["inputs"]
    found: dict[str, Mapping[str, Any]] = {}
    for each in inputs:
        answer = await link.ask("GetInputSettings", {"inputName": each["inputName"]})
        found[each["inputName"]] = answer["inputSettings"]
    return found


def _read(obs: str, instance: WatchedObs, name: str, settings: Mapping[str, Any]) -> BrowserSource | None:
    """None when it does not show an overlay."""
    url = str(settings.get("url", ""))
    try:
        parts = urlsplit(url)
    except ValueError:
        return None
    _, found, layout = parts.path.rpartition("/overlay/")
    if not found or not layout or "/" in layout or parts.scheme not in ("http", "https"):
        return None
    given: defaultdict[str, str] = defaultdict(str)
    for key, value in parse_qsl(parts.query):
        given.setdefault(key, value)
    session = given["session"]
    query = overlay_query(layout, given.items())
    return BrowserSource(
        obs, instance, name, url, None if session in ("", "current") else session, query, bool(settings.get("shutdown"))
    )
