"""Actions on OBS. `obs` names the instance; it may be left out when the plan has one."""

from __future__ import annotations

from typing import Annotated, Any, Literal, TypeVar

from msgspec import field

from overlaykit.director.actions.arguments import Arguments, said, says
from overlaykit.errors import UserError
from overlaykit.model.performing import Effect, ObsHandle, Performing
from overlaykit.model.plugins import Action
from overlaykit.plan.kinds import Duration, Flag, Name, Text
from overlaykit.plan.kinds import Template as Words
from overlaykit.plan.values import seconds_of

Which = Annotated[Name | None, says("the [obs.NAME]; may be left out when there is one")]


class ObsArguments(Arguments, kw_only=True):
    """What all actions on OBS have."""

    obs: Which = None


A = TypeVar("A", bound=ObsArguments)


class ObsAction(Action[A]):
    """One thing at a time on each OBS, in the order of its queue."""

    def target(self, stage: Performing) -> str:
        return f"obs {stage.obs(self.arguments.obs).name}"

    def link(self, stage: Performing) -> ObsHandle:
        """The OBS that is meant."""
        return stage.obs(self.arguments.obs)


class Scene(ObsArguments):
    scene: Annotated[Text, says("the scene that program shows")]
    for_: Annotated[Duration | None, says("how long; then back, unless somebody touched the scene meanwhile")] = field(
        name="for", default=None
    )


class SwitchScene(ObsAction[Scene]):
    """Switches the program scene."""

    name = "obs.scene"

    async def do(self, stage: Performing) -> str:
        seconds = None if self.arguments.for_ is None else seconds_of(self.arguments.for_)
        return await self.link(stage).switch_scene(self.arguments.scene, seconds=seconds)


class TextOf(ObsArguments):
    source: Annotated[Text, says("the text source")]
    text: Annotated[Words, says("what it says from now on")]


class SetText(ObsAction[TextOf]):
    """Writes a text source, and keeps it so."""

    name = "obs.text"
    effect = Effect.STATE

    async def do(self, stage: Performing) -> str:
        self.link(stage).hold_text(self.arguments.source, self.arguments.text)
        return f"{self.arguments.source}: {self.arguments.text}"


class Source(ObsArguments):
    source: Annotated[Text, says("the source")]
    scene: Annotated[Text | None, says("the scene that it is in; default: every scene that has it")] = None


class Show(ObsAction[Source]):
    """Shows a source, and keeps it so."""

    name = "obs.show"
    effect = Effect.STATE

    async def do(self, stage: Performing) -> str:
        self.link(stage).hold_visible(self.arguments.scene, self.arguments.source, True)
        return self.arguments.source


class Hide(ObsAction[Source]):
    """Hides a source, and keeps it so."""

    name = "obs.hide"
    effect = Effect.STATE

    async def do(self, stage: Performing) -> str:
        self.link(stage).hold_visible(self.arguments.scene, self.arguments.source, False)
        return self.arguments.source


class Filter(ObsArguments):
    source: Annotated[Text, says("the source")]
    filter: Annotated[Text, says("the filter of this source")]
    enabled: Annotated[Flag, says("on or off")] = True


class SetFilter(ObsAction[Filter]):
    """Switches a filter on or off, and keeps it so."""

    name = "obs.filter"
    effect = Effect.STATE

    async def do(self, stage: Performing) -> str:
        said = self.arguments
        self.link(stage).hold_filter(said.source, said.filter, said.enabled)
        return f"{said.source}: {said.filter} {'on' if said.enabled else 'off'}"


class Media(ObsArguments):
    source: Annotated[Text, says("the media source")]
    act: Annotated[Literal["restart", "play", "pause", "stop"], says("what it does; restart: from its beginning")] = (
        "restart"
    )


class PlayMedia(ObsAction[Media]):
    """Plays a media source."""

    name = "obs.media"

    async def do(self, stage: Performing) -> str:
        return await self.link(stage).play_media(self.arguments.source, self.arguments.act)


class Transition(ObsArguments):
    transition: Annotated[Text, says("the transition, by its name in OBS")]
    duration: Annotated[Duration | None, says("how long it takes; default: as OBS has it")] = None


class SetTransition(ObsAction[Transition]):
    """Chooses the transition of the switches that follow."""

    name = "obs.transition"
    effect = Effect.STATE

    async def do(self, stage: Performing) -> str:
        given = self.arguments.duration
        milliseconds = None if given is None else round(seconds_of(given) * 1000)
        return await self.link(stage).set_transition(self.arguments.transition, milliseconds)


class Hotkey(ObsArguments):
    hotkey: Annotated[Text, says("the hotkey's name in OBS, such as OBSBasic.StartRecording")]


class PressHotkey(ObsAction[Hotkey]):
    """Triggers a hotkey of OBS."""

    name = "obs.hotkey"

    async def do(self, stage: Performing) -> str:
        return await self.link(stage).press_hotkey(self.arguments.hotkey)


class Request(ObsArguments):
    request: Annotated[Text, says("a request of the obs-websocket protocol, such as StartRecord")]
    data: Annotated[dict[str, Any], says("its fields")] = field(default_factory=dict)


class SendRequest(ObsAction[Request]):
    """Sends any request of the obs-websocket protocol."""

    name = "obs.request"

    async def do(self, stage: Performing) -> str:
        if self.arguments.request == "Sleep":
            raise UserError(
                "Sleep 只用于批量请求 / Sleep is for batches alone",
                remedy='请改用 { action = "wait", seconds = "2s" }。 / '
                'Use { action = "wait", seconds = "2s" } instead.',
            )
        answer = await self.link(stage).request(self.arguments.request, self.arguments.data)
        return answer or said(self.arguments.data)


OBS_ACTIONS = (
    SwitchScene,
    SetText,
    Show,
    Hide,
    SetFilter,
    PlayMedia,
    SetTransition,
    PressHotkey,
    SendRequest,
)
