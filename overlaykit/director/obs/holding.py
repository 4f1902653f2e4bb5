"""State that is to be true in OBS while it is connected: what text sources say, what is visible, which filters are on.

The latest value wins. Changes of one source go out a few times a second at most, the first at once and the last always; all
that is due goes in one serial batch, and only one batch is under way. What OBS holds otherwise after a reconnect, a change of
the collection or a person's hand is written again.
"""

from __future__ import annotations

import asyncio
import contextlib
import time
from collections.abc import Awaitable, Callable, Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import NamedTuple

from overlaykit.director.obs.link import AMISS, NOT_FOUND, NOT_READY, Answer, ObsLink, Request
from overlaykit.director.obs.said import not_found
from overlaykit.errors import ObsAway
from overlaykit.words import Words

EVERY = 0.25
"""Seconds between two writes of the same thing."""
LOOK_EVERY = 10.0
"""Seconds between two looks whether texts still say what they should."""
AGAIN = 0.1
"""Seconds until what OBS was not ready for is written again."""
BATCH = 50
"""Things written in one batch at most."""


class Text(NamedTuple):
    """What a text source says."""

    source: str


class Visible(NamedTuple):
    """Whether a source is shown in a scene; in all that have it where `scene` is None."""

    scene: str | None
    source: str


class Filter(NamedTuple):
    """Whether a filter of a source is on."""

    source: str
    filter: str


Key = Text | Visible | Filter


@dataclass
class _Held:
    """`shown` is what OBS confirmed last; None: not known, or nothing. `again`: what was broken may be whole by now."""

    wanted: str | bool
    shown: str | bool | None = None
    not_before: float = 0.0
    broken: Words | None = None
    again: bool = False

    @property
    def due(self) -> bool:
        return self.wanted != self.shown and (self.broken is None or self.again)


class Holding:
    """What is wanted, and how far OBS has it. `changed` is called when something broke, or is whole again."""

    def __init__(self, changed: Callable[[], None], clock: Callable[[], float] = time.monotonic) -> None:
        self._held: dict[Key, _Held] = {}
        self._changed, self._clock = changed, clock
        self._wake = asyncio.Event()
        self._rest = asyncio.Condition()
        self._look_at = 0.0

    def hold(self, key: Key, wanted: str | bool) -> None:
        """This is to be so from now on."""
        held = self._held.get(key)
        if held is None:
            self._held[key] = _Held(wanted)
            self._look_at = 0.0
        elif held.wanted == wanted:
            return
        else:
            held.wanted = wanted
        self._wake.set()

    @property
    def broken(self) -> list[Words]:
        """What cannot be written, and why."""
        return [each.broken for each in self._held.values() if each.broken is not None]

    def texts(self) -> dict[str, str]:
        """The text sources that are looked after, and what each is made to say."""
        return {key.source: str(held.wanted) for key, held in self._held.items() if isinstance(key, Text)}

    def forget_shown(self) -> None:
        """Nothing is known of what OBS shows: all of it is written again."""
        for held in self._held.values():
            held.shown, held.not_before, held.again = None, 0.0, True
        self.look_again()

    def look_again(self, names: Collection[object] = ()) -> None:
        """Sources, scenes or filters have come, gone or got other names: what is known of those in `names` is not any more."""
        self._look_at = 0.0
        for key, held in self._held.items():
            if not isinstance(key, Text) and (key[0] is None or key[0] in names or key[1] in names):
                held.shown = None
        self._wake.set()

    async def settled(self) -> None:
        """Waits until OBS shows all that is wanted, but for what is broken."""
        async with self._rest:
            await self._rest.wait_for(lambda: not any(held.due for held in self._held.values()) and self._look_at > 0)

    async def run(self, link: ObsLink, ready: Callable[[], Awaitable[None]]) -> None:
        """Writes what is wanted, until it is cancelled. `ready` waits until requests make sense."""
        while True:
            await ready()
            self._wake.clear()
            if self._clock() >= self._look_at:
                await self._look(link)
            now = self._clock()
            due = [key for key, held in self._held.items() if held.due and held.not_before <= now]
            if due:
                await self._write(link, due[:BATCH])
            async with self._rest:
                self._rest.notify_all()
            if len(due) <= BATCH:
                await self._sleep()

    async def _sleep(self) -> None:
        """Until something is due, or comes in."""
        until = min([self._look_at, *(held.not_before for held in self._held.values() if held.due)])
        with contextlib.suppress(TimeoutError):
            async with asyncio.timeout(max(0.0, until - self._clock())):
                await self._wake.wait()

    # ------------------------------------------------------------------------------------------------------- looking

    async def _look(self, link: ObsLink) -> None:
        """Compares what OBS has with what is wanted."""
        self._look_at = self._clock() + LOOK_EVERY
        texts = [key for key in self._held if isinstance(key, Text)]
        kinds: dict[str, str] = {}
        if texts:
            [answer] = await link.batch([Request("GetInputList")])
            if not answer.ok:
                self._look_at = self._clock() + AGAIN
                return
            kinds = {each["inputName"]: each["unversionedInputKind"] for each in answer.data["inputs"]}
        before = self.broken
        for key, held in self._held.items():
            wrong = _wrong_kind(key.source, kinds) if isinstance(key, Text) else None
            held.again = wrong is None and held.broken is not None
            if wrong is not None or held.again:
                held.broken, held.shown = wrong or held.broken, None
        if before != self.broken:
            self._changed()
        await self._compare(link, [key for key in texts if self._held[key].broken is None])

    async def _compare(self, link: ObsLink, texts: Sequence[Text]) -> None:
        known = [key for key in texts if self._held[key].shown is not None]
        answers = await link.batch([Request("GetInputSettings", {"inputName": key.source}) for key in known])
        for key, answer in zip(known, answers, strict=True):
            if answer.ok and answer.data["inputSettings"].get("text", "") != self._held[key].shown:
                self._held[key].shown = None

    # ------------------------------------------------------------------------------------------------------- writing

    async def _write(self, link: ObsLink, keys: Sequence[Key]) -> None:
        written = {key: self._held[key].wanted for key in keys}
        scenes = await _scenes_with(link, [key.source for key in keys if key[0] is None])
        requests = {key: _requests(key, wanted, scenes, at) for at, (key, wanted) in enumerate(written.items())}
        sent = self._clock()
        for key in keys:
            self._held[key].not_before = sent + EVERY
        try:
            answers = iter(await link.batch([each for some in requests.values() for each in some]))
        except ObsAway:
            for key in keys:
                self._held[key].shown = None
            raise
        before = self.broken
        for key, made in requests.items():
            self._take(key, written[key], [next(answers) for _ in made])
        if before != self.broken:
            self._changed()

    def _take(self, key: Key, written: str | bool, answers: Sequence[Answer]) -> None:
        held = self._held[key]
        held.again = False
        refused = next((each for each in answers if not each.ok), None)
        if refused is None and answers:
            held.shown, held.broken = written, None
        elif refused is not None and refused.code == NOT_READY:
            held.not_before, held.again = self._clock() + AGAIN, True
        else:
            held.broken = _broken(key, refused)


def _requests(key: Key, wanted: str | bool, scenes: Mapping[str, Sequence[str]], at: int) -> list[Request]:
    match key:
        case Text(source):
            return [
                Request("SetInputSettings", {"inputName": source, "inputSettings": {"text": wanted}, "overlay": True})
            ]
        case Filter(source, name):
            return [
                Request("SetSourceFilterEnabled", {"sourceName": source, "filterName": name, "filterEnabled": wanted})
            ]
        case Visible(scene, source):
            inside = scenes[source] if scene is None else [scene]
    return [request for n, scene in enumerate(inside) for request in _show(scene, source, wanted, f"item_{at}_{n}")]


def _show(scene: str, source: str, wanted: str | bool, variable: str) -> Iterable[Request]:
    """The item's id is asked for in the same batch: it is another one after a source was taken away and put back."""
    yield Request("GetSceneItemId", {"sceneName": scene, "sourceName": source}, gives={variable: "sceneItemId"})
    about = {"sceneName": scene, "sceneItemEnabled": wanted}
    yield Request("SetSceneItemEnabled", about, takes={"sceneItemId": variable})


async def _scenes_with(link: ObsLink, sources: Sequence[str]) -> dict[str, list[str]]:
    """Source → the scenes that have it."""
    if not sources:
        return {}
    names = [each["sceneName"] for each in (await link.ask("GetSceneList"))["scenes"]]
    answers = await link.batch([Request("GetSceneItemList", {"sceneName": name}) for name in names])
    found: dict[str, list[str]] = {source: [] for source in sources}
    for name, answer in zip(names, answers, strict=True):
        if answer.code == AMISS:
            raise answer.refusal()
        for source in {each["sourceName"] for each in answer.data.get("sceneItems", ())} & found.keys():
            found[source].append(name)
    return found


def _wrong_kind(source: str, kinds: Mapping[str, str]) -> Words | None:
    """What is wrong with a text source."""
    if source not in kinds:
        return not_found("text source", "文字来源", source, [name for name, kind in kinds.items() if _is_text(kind)])
    if not _is_text(kinds[source]):
        return Words(
            f"{source!r} is no text source but {kinds[source]}", f"“{source}”不是文字来源，而是 {kinds[source]}"
        )
    return None


def _is_text(kind: str) -> bool:
    # text_ft2_source on Linux and macOS, text_gdiplus on Windows, text_pango_source of a plugin.
    return kind.startswith("text_")


def _broken(key: Key, refused: Answer | None) -> Words:
    match key:
        case Visible(None, source):
            what = not_found("source in any scene", "任何场景里的来源", source, [])
        case Visible(scene, source):
            what = Words(f"there is no source {source!r} in scene {scene!r}", f"场景“{scene}”里没有来源“{source}”")
        case Filter(source, name):
            what = Words(f"source {source!r} has no filter {name!r}", f"来源“{source}”没有滤镜“{name}”")
        case Text(source):
            what = not_found("text source", "文字来源", source, [])
    if refused is None or refused.code == NOT_FOUND:
        return what
    return Words(f"{refused.request} of {key.source!r}: {refused.comment}", f"“{key.source}”：{refused.comment}")
