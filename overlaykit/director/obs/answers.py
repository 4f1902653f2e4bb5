"""What of the answers and events of obs-websocket is read here: looked at once, where they come in, and relied on from there.

An OBS of another version, a plugin of it, or what only looks like one may say something else. Fields that nobody reads are no
matter; a field that is read and missing, or of another kind, makes the whole answer one that is no use.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, TypedDict

import msgspec


class _Scene(TypedDict):
    sceneName: str


class _SceneList(TypedDict):
    currentProgramSceneName: str | None
    currentPreviewSceneName: str | None
    scenes: list[_Scene]


class _Program(TypedDict):
    currentProgramSceneName: str


class _Preview(TypedDict):
    currentPreviewSceneName: str


class _StudioMode(TypedDict):
    studioModeEnabled: bool


class _Groups(TypedDict):
    groups: list[str]


class _Input(TypedDict):
    inputName: str
    unversionedInputKind: str


class _Inputs(TypedDict):
    inputs: list[_Input]


class _InputKinds(TypedDict):
    inputKinds: list[str]


class _InputSettings(TypedDict):
    inputSettings: dict[str, Any]


class _Filter(TypedDict):
    filterName: str


class _Filters(TypedDict):
    filters: list[_Filter]


class _Transition(TypedDict):
    transitionName: str


class _Transitions(TypedDict):
    transitions: list[_Transition]


class _SceneItem(TypedDict):
    sourceName: str


class _SceneItems(TypedDict):
    sceneItems: list[_SceneItem]


class _SceneItemId(TypedDict):
    sceneItemId: int


class _Shown(TypedDict):
    videoShowing: bool


class _Picture(TypedDict):
    imageData: str


class _Canvas(TypedDict):
    baseWidth: float
    baseHeight: float


class _Version(TypedDict):
    obsVersion: str
    obsWebSocketVersion: str
    platform: str


class _Output(TypedDict):
    outputActive: bool


class _Stream(TypedDict):
    outputActive: bool
    outputReconnecting: bool
    outputCongestion: float
    outputSkippedFrames: float
    outputTimecode: str
    outputTotalFrames: float


class _Stats(TypedDict):
    activeFps: float
    availableDiskSpace: float
    cpuUsage: float
    outputSkippedFrames: float
    outputTotalFrames: float
    renderSkippedFrames: float
    renderTotalFrames: float


class _NewName(TypedDict):
    oldSceneName: str
    sceneName: str


_ANSWERS: Mapping[str, Any] = {
    "CreateInput": _SceneItemId,
    "GetCurrentPreviewScene": _Preview,
    "GetCurrentProgramScene": _Program,
    "GetGroupList": _Groups,
    "GetInputKindList": _InputKinds,
    "GetInputList": _Inputs,
    "GetInputSettings": _InputSettings,
    "GetRecordStatus": _Output,
    "GetSceneItemList": _SceneItems,
    "GetSceneList": _SceneList,
    "GetSceneTransitionList": _Transitions,
    "GetSourceActive": _Shown,
    "GetSourceFilterList": _Filters,
    "GetSourceScreenshot": _Picture,
    "GetStats": _Stats,
    "GetStreamStatus": _Stream,
    "GetStudioModeEnabled": _StudioMode,
    "GetVersion": _Version,
    "GetVideoSettings": _Canvas,
}
_EVENTS: Mapping[str, Any] = {
    "RecordStateChanged": _Output,
    "SceneNameChanged": _NewName,
    "StreamStateChanged": _Output,
}
_ANYTHING = dict[str, Any]


def amiss_in_answer(request: str, data: Any) -> str | None:
    """What is wrong with the response data of a request, as far as it is read; None when nothing is."""
    return _amiss(data, _ANSWERS.get(request, _ANYTHING))


def amiss_in_event(event: str, data: Any) -> str | None:
    """The same of an event."""
    return _amiss(data, _EVENTS.get(event, _ANYTHING))


def _amiss(data: Any, shape: Any) -> str | None:
    try:
        msgspec.convert(data, shape)
    except msgspec.ValidationError as error:
        return str(error)
    return None
