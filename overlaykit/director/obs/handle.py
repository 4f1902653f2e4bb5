"""What an action works with: one OBS, until the action's deadline."""

from __future__ import annotations

import json
from collections.abc import Awaitable, Callable, Mapping
from typing import Any, Literal, Protocol, TypeVar

from overlaykit.director.obs.link import NOT_FOUND, ObsLink, Request
from overlaykit.director.obs.program import Program
from overlaykit.director.obs.said import not_found
from overlaykit.errors import ObsRefused

T = TypeVar("T")

RECONNECT, RELEASE_SCENE = "Reconnect", "ReleaseScene"
_SHOWN = 500
"""Characters of an answer that are shown."""
_MEDIA = "OBS_WEBSOCKET_MEDIA_INPUT_ACTION_"


class Controls(Protocol):
    """What a handle needs of its controller."""

    @property
    def name(self) -> str: ...
    def release(self) -> None: ...
    def reconnect(self) -> None: ...
    def hold_text(self, source: str, text: str) -> None: ...
    def hold_visible(self, scene: str | None, source: str, visible: bool) -> None: ...
    def hold_filter(self, source: str, filter: str, enabled: bool) -> None: ...
    async def within(self, deadline: float, what: Callable[[ObsLink], Awaitable[T]]) -> T: ...


class Handle:
    """An ObsHandle (model/performing.py). Raises ObsSkipped for what comes too late or yields to a person, ObsRefused for what
    OBS will not do, ObsAway where nobody knows whether it was done."""

    def __init__(self, controls: Controls, program: Program, deadline: float, *, insist: bool) -> None:
        self._controls, self._program = controls, program
        self._deadline, self._insist = deadline, insist

    @property
    def name(self) -> str:
        return self._controls.name

    def hold_text(self, source: str, text: str) -> None:
        self._controls.hold_text(source, text)

    def hold_visible(self, scene: str | None, source: str, visible: bool) -> None:
        self._controls.hold_visible(scene, source, visible)

    def hold_filter(self, source: str, filter: str, enabled: bool) -> None:
        self._controls.hold_filter(source, filter, enabled)

    async def switch_scene(self, scene: str, *, seconds: float | None = None) -> str:
        async def switch(link: ObsLink) -> str:
            return await self._program.switch(link, scene, seconds=seconds, insist=self._insist)

        return await self._controls.within(self._deadline, switch)

    async def play_media(self, source: str, act: Literal["restart", "play", "pause", "stop"] = "restart") -> str:
        about = {"inputName": source, "mediaAction": _MEDIA + act.upper()}
        await self._ask("TriggerMediaInputAction", about, source)
        return f"{source}: {act}"

    async def set_transition(self, transition: str, milliseconds: int | None = None) -> str:
        requests = [Request("SetCurrentSceneTransition", {"transitionName": transition})]
        if milliseconds is not None:
            requests.append(Request("SetCurrentSceneTransitionDuration", {"transitionDuration": milliseconds}))

        async def choose(link: ObsLink) -> None:
            for answer in await link.batch(requests, halt=True):
                if answer.code == NOT_FOUND:
                    listed = (await link.ask("GetSceneTransitionList"))["transitions"]
                    words = not_found("transition", "转场", transition, [each["transitionName"] for each in listed])
                    raise ObsRefused(words.en, words.zh, code=answer.code)
                if not answer.ok:
                    raise answer.refusal()

        await self._controls.within(self._deadline, choose)
        return transition if milliseconds is None else f"{transition}, {milliseconds} ms"

    async def press_hotkey(self, hotkey: str) -> str:
        await self._ask("TriggerHotkeyByName", {"hotkeyName": hotkey})
        return hotkey

    async def refresh(self, source: str) -> str:
        about = {"inputName": source, "propertyName": "refreshnocache"}
        await self._ask("PressInputPropertiesButton", about, source)
        return source

    async def request(self, request: str, data: Mapping[str, Any]) -> str:
        """Also two that are ours: `Reconnect`, and `ReleaseScene`, by which a person gives the scene back to the rules."""
        if request == RECONNECT:
            self._controls.reconnect()
            return ""
        if request == RELEASE_SCENE:
            self._controls.release()
            return ""
        if request == "SetCurrentProgramScene" and isinstance(scene := data.get("sceneName"), str):
            return await self.switch_scene(scene)
        answered = await self._ask(request, data)
        return json.dumps(answered, ensure_ascii=False)[:_SHOWN] if answered else ""

    async def _ask(self, request: str, data: Mapping[str, Any], source: str | None = None) -> Mapping[str, Any]:
        async def ask(link: ObsLink) -> Mapping[str, Any]:
            try:
                return await link.ask(request, data)
            except ObsRefused as refused:
                if refused.code != NOT_FOUND or source is None:
                    raise
                names = [each["inputName"] for each in (await link.ask("GetInputList"))["inputs"]]
                if source in names:
                    raise
                words = not_found("source", "来源", source, names)
                raise ObsRefused(words.en, words.zh, code=refused.code) from None

        return await self._controls.within(self._deadline, ask)
