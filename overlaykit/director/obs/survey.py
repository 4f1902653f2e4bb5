"""Looks at what an OBS has, and takes the steps of `setup.py` there."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from msgspec import Struct

from overlaykit.director.obs.link import ObsLink
from overlaykit.director.obs.setup import (
    BROWSER,
    Found,
    Input,
    MakeInput,
    MakeScene,
    Nest,
    SetInput,
    Step,
)
from overlaykit.director.obs.wanted import Wanted


class Running(Struct, frozen=True, kw_only=True):
    """What an OBS does now: the scene on air, studio mode, and its outputs. `timecode` is that of the stream."""

    scene: str
    studio_mode: bool
    streaming: bool
    reconnecting: bool
    recording: bool
    timecode: str | None


async def look(link: ObsLink, version: Mapping[str, Any], wanted: Wanted) -> Found:
    """What it has, as far as it matters for `wanted`; `version` is its answer to GetVersion, empty where it was
    still loading then. Reads only.

    Raises ObsAway and ObsRefused.
    """
    video = await link.ask("GetVideoSettings")
    version = version or await link.ask("GetVersion")
    listed = (await link.ask("GetInputList"))["inputs"]
    inputs = {each["inputName"]: Input(each["unversionedInputKind"]) for each in listed}
    for name, found in inputs.items():
        if found.kind == BROWSER:
            answer = await link.ask("GetInputSettings", {"inputName": name})
            inputs[name] = Input(found.kind, answer["inputSettings"])
    scenes = tuple(each["sceneName"] for each in (await link.ask("GetSceneList"))["scenes"])
    groups = tuple((await link.ask("GetGroupList"))["groups"])
    filters = {}
    for source in {source for source, _ in wanted.filters} & {*inputs, *scenes, *groups}:
        listed = (await link.ask("GetSourceFilterList", {"sourceName": source}))["filters"]
        filters[source] = tuple(each["filterName"] for each in listed)
    transitions = (await link.ask("GetSceneTransitionList"))["transitions"]
    kinds = (await link.ask("GetInputKindList"))["inputKinds"]
    return Found(
        version=version["obsVersion"],
        websocket=version["obsWebSocketVersion"],
        platform=version["platform"],
        width=int(video["baseWidth"]),
        height=int(video["baseHeight"]),
        scenes=scenes,
        inputs=inputs,
        kinds=tuple(kinds),
        groups=groups,
        filters=filters,
        transitions=tuple(each["transitionName"] for each in transitions),
    )


async def look_at_outputs(link: ObsLink) -> Running:
    """What it does now. Raises ObsAway and ObsRefused."""
    stream = await link.ask("GetStreamStatus")
    streaming = bool(stream["outputActive"])
    return Running(
        scene=(await link.ask("GetCurrentProgramScene"))["currentProgramSceneName"],
        studio_mode=bool((await link.ask("GetStudioModeEnabled"))["studioModeEnabled"]),
        streaming=streaming,
        reconnecting=bool(stream["outputReconnecting"]),
        recording=bool((await link.ask("GetRecordStatus"))["outputActive"]),
        timecode=stream["outputTimecode"] if streaming else None,
    )


async def take(link: ObsLink, step: Step) -> None:
    """Takes one step. Raises ObsAway and ObsRefused; a source that could not be placed is there nevertheless."""
    match step:
        case MakeScene(scene):
            await link.ask("CreateScene", {"sceneName": scene})
        case Nest(scene, inner):
            await link.ask("CreateSceneItem", {"sceneName": scene, "sourceName": inner})
        case SetInput(source, settings):
            await link.ask("SetInputSettings", {"inputName": source, "inputSettings": dict(settings), "overlay": True})
        case MakeInput():
            await _make_input(link, step)


async def _make_input(link: ObsLink, step: MakeInput) -> None:
    made = {
        "sceneName": step.scene,
        "inputName": step.source,
        "inputKind": step.kind,
        "inputSettings": dict(step.settings),
        "sceneItemEnabled": step.shown,
    }
    answer = await link.ask("CreateInput", made)
    if step.transform is not None:
        item = {"sceneName": step.scene, "sceneItemId": answer["sceneItemId"]}
        await link.ask("SetSceneItemTransform", {**item, "sceneItemTransform": dict(step.transform)})
