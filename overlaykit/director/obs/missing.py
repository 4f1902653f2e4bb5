"""What a plan names and OBS does not have: said as soon as it is so, and not when an action needs it."""

from __future__ import annotations

import asyncio
import contextlib
from collections.abc import Awaitable, Callable, Collection, Sequence

from overlaykit.director.obs.link import ObsLink, Request
from overlaykit.director.obs.said import not_found
from overlaykit.director.obs.wanted import Wanted
from overlaykit.words import Words

LOOK_EVERY = 30.0
"""Seconds between two looks when OBS says nothing of its scenes and sources."""
REST = 0.5
"""Seconds after a look: a collection that changes says many things at once."""
ANSWER_SECONDS = 5.0
_LISTS = [Request(kind) for kind in ("GetSceneList", "GetInputList", "GetGroupList", "GetSceneTransitionList")]


class Missing:
    """Looks while there is a connection. `changed` is called when something is missing, or there again."""

    def __init__(self, wanted: Wanted, changed: Callable[[], None]) -> None:
        self._wanted, self._changed = wanted, changed
        self._wake = asyncio.Event()
        self._texts: dict[str, Words] = {}
        self._others: list[Words] = []

    @property
    def anything(self) -> bool:
        """Whether there is anything to look for."""
        return self._wanted.anything

    def problems(self, held: Collection[str]) -> list[Words]:
        """What is missing. `held`: text sources that somebody else looks after."""
        return [*(words for text, words in self._texts.items() if text not in held), *self._others]

    def look_again(self) -> None:
        """Scenes, sources, filters or transitions have come, gone or got other names."""
        self._wake.set()

    async def run(self, link: ObsLink, ready: Callable[[], Awaitable[None]]) -> None:
        """Until it is cancelled. `ready` waits until requests make sense."""
        while True:
            await ready()
            self._wake.clear()
            before = self._texts, self._others
            await self._look(link)
            if before != (self._texts, self._others):
                self._changed()
            await asyncio.sleep(REST)
            with contextlib.suppress(TimeoutError):
                async with asyncio.timeout(LOOK_EVERY):
                    await self._wake.wait()

    async def _look(self, link: ObsLink) -> None:
        wanted = self._wanted
        answers = await link.batch(_LISTS, seconds=ANSWER_SECONDS)
        if not all(answer.ok for answer in answers):  # it is loading, and says so when it is there
            return
        scenes = [each["sceneName"] for each in answers[0].data["scenes"]]
        inputs = [each["inputName"] for each in answers[1].data["inputs"]]
        sources = [*scenes, *inputs, *answers[2].data["groups"]]
        transitions = [each["transitionName"] for each in answers[3].data["transitions"]]
        safe = () if wanted.safe_scene is None else (wanted.safe_scene,)
        others = [
            *self._absent("scene", "场景", (*wanted.scenes, *safe), scenes).values(),
            *self._absent("source", "来源", wanted.sources, sources).values(),
            *self._absent("transition", "转场", wanted.transitions, transitions).values(),
        ]
        for source in dict.fromkeys(source for source, _ in wanted.filters if source in sources):
            asked = Request("GetSourceFilterList", {"sourceName": source})
            (answer,) = await link.batch([asked], seconds=ANSWER_SECONDS)
            if answer.ok:
                filters = [each["filterName"] for each in answer.data["filters"]]
                here = [name for of, name in wanted.filters if of == source]
                others += self._absent(f"filter on {source!r} called", f"“{source}”的滤镜", here, filters).values()
        self._texts, self._others = self._absent("text source", "文字来源", wanted.texts, inputs), others

    def _absent(self, kind: str, art: str, names: Sequence[str], existing: Sequence[str]) -> dict[str, Words]:
        found = {}
        for name in names:
            if name not in existing:
                words, by = not_found(kind, art, name, existing), self._wanted.by.get(name)
                found[name] = Words(f"{words.en} ({by})", f"{words.zh}（{by}）") if by else words
        return found
