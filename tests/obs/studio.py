"""What a fake OBS consists of: collections, scenes, sources, a program, and what requests do to them.

Written by hand after obs-websocket's protocol page and after what a real OBS 29 answered; the contract tests run on both.
"""

from __future__ import annotations

import base64
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from typing import Any

KINDS = {
    "text_ft2_source_v2": "text_ft2_source",
    "browser_source": "browser_source",
    "color_source_v3": "color_source",
    "ffmpeg_source": "ffmpeg_source",
    "image_source": "image_source",
}
"""Kind of input → the same without its version."""

NO_PICTURE = b"\xff\xd8\xff\xd9"
"""Begins and ends like a JPEG, with nothing between."""

Emit = Callable[[str, Mapping[str, Any]], None]
Data = Mapping[str, Any]


class No(Exception):
    """A request is refused with a status."""

    def __init__(self, code: int, comment: str) -> None:
        super().__init__(comment)
        self.code, self.comment = code, comment


@dataclass
class Item:
    id: int
    source: str
    enabled: bool = True
    transform: dict[str, Any] = field(default_factory=dict)


@dataclass
class Input:
    kind: str
    settings: dict[str, Any]
    filters: dict[str, bool] = field(default_factory=dict)
    pressed: list[str] = field(default_factory=list)
    media: list[str] = field(default_factory=list)


@dataclass
class Collection:
    scenes: dict[str, list[Item]] = field(default_factory=lambda: {"Scene": []})
    inputs: dict[str, Input] = field(default_factory=dict)
    program: str = "Scene"
    preview: str = "Scene"
    transition: str = "Fade"
    milliseconds: int = 300


class Studio:
    """Answers requests: each is a method by its name in the protocol, which returns the response data or raises No.

    emit    tells an event; later(seconds, what) calls `what` after a while
    stats   fields of GetStats; stream: fields of GetStreamStatus; the test sets them
    """

    def __init__(self, emit: Emit, later: Callable[[float, Callable[[], None]], Callable[[], None]]) -> None:
        self._emit, self._later = emit, later
        self.collections = {"Untitled": Collection()}
        self.current = "Untitled"
        self.studio_mode = False
        self.loading = False
        """Every request is answered with 207."""
        self.amiss: dict[str, dict[str, Any]] = {}
        """Request → what it is answered instead, against the protocol."""
        self.hotkeys: list[str] = []
        self.stats: dict[str, Any] = {
            "activeFps": 30.0,
            "availableDiskSpace": 51200.0,
            "averageFrameRenderTime": 1.5,
            "cpuUsage": 12.5,
            "memoryUsage": 250.0,
            "outputSkippedFrames": 0,
            "outputTotalFrames": 0,
            "renderSkippedFrames": 0,
            "renderTotalFrames": 0,
        }
        self.stream: dict[str, Any] = {
            "outputActive": False,
            "outputReconnecting": False,
            "outputCongestion": 0.0,
            "outputTimecode": "00:00:00.000",
            "outputSkippedFrames": 0,
            "outputTotalFrames": 0,
        }
        self.recording = False
        self._number = 0
        self._ending: Callable[[], None] = lambda: None

    @property
    def now(self) -> Collection:
        return self.collections[self.current]

    def perform(self, request: str, data: Data) -> Mapping[str, Any]:
        """One request. Raises No."""
        if self.loading:
            raise No(207, "OBS is not ready to perform the request.")
        if request in self.amiss:
            return self.amiss[request]
        found = getattr(self, request, None) if request[:1].isupper() else None
        if found is None:
            raise No(204, "The request type is not valid.")
        try:
            done: Mapping[str, Any] | None = found(data)
        except KeyError as missing:
            raise No(300, f"Your request is missing the `{missing.args[0]}` field.") from None
        return done or {}

    # ------------------------------------------------------------------------------------------------------- general

    def GetVersion(self, data: Data) -> Data:
        requests = [name for name in dir(self) if name[0].isupper()]
        return {
            "obsVersion": "29.0.2",
            "obsWebSocketVersion": "5.1.0",
            "rpcVersion": 1,
            "availableRequests": requests,
            "platform": "debian",
        }

    def GetStats(self, data: Data) -> Data:
        return self.stats

    def GetStreamStatus(self, data: Data) -> Data:
        return self.stream

    def GetRecordStatus(self, data: Data) -> Data:
        return {"outputActive": self.recording, "outputPaused": False}

    def GetSourceScreenshot(self, data: Data) -> Data:
        self._scene(data["sourceName"])
        return {"imageData": f"data:image/jpg;base64,{base64.b64encode(NO_PICTURE).decode()}"}

    def GetVideoSettings(self, data: Data) -> Data:
        return {"baseWidth": 640, "baseHeight": 360, "outputWidth": 640, "outputHeight": 360}

    def TriggerHotkeyByName(self, data: Data) -> None:
        if not data["hotkeyName"].startswith("OBSBasic."):
            raise No(600, "No hotkeys were found by that name.")
        self.hotkeys.append(data["hotkeyName"])

    # ---------------------------------------------------------------------------------------------------- collections

    def GetSceneCollectionList(self, data: Data) -> Data:
        return {"currentSceneCollectionName": self.current, "sceneCollections": list(self.collections)}

    def CreateSceneCollection(self, data: Data) -> None:
        if data["sceneCollectionName"] in self.collections:
            raise No(601, "A scene collection with that name already exists.")
        self.collections[data["sceneCollectionName"]] = Collection()
        self.SetCurrentSceneCollection(data)

    def SetCurrentSceneCollection(self, data: Data) -> None:
        name = data["sceneCollectionName"]
        if name not in self.collections:
            raise No(600, f"No scene collection was found by the name of `{name}`.")
        if name == self.current:
            return
        self._emit("CurrentSceneCollectionChanging", {"sceneCollectionName": self.current})
        self.current = name
        self._emit("CurrentSceneCollectionChanged", {"sceneCollectionName": name})

    # --------------------------------------------------------------------------------------------------------- scenes

    def GetSceneList(self, data: Data) -> Data:
        names = list(reversed(self.now.scenes))
        return {
            "currentProgramSceneName": self.now.program,
            "currentPreviewSceneName": self.now.preview if self.studio_mode else None,
            "scenes": [{"sceneIndex": at, "sceneName": name} for at, name in enumerate(names)],
        }

    def GetGroupList(self, data: Data) -> Data:
        return {"groups": []}

    def CreateScene(self, data: Data) -> None:
        if data["sceneName"] in (*self.now.scenes, *self.now.inputs):
            raise No(601, "A source already exists by that scene name.")
        self.now.scenes[data["sceneName"]] = []
        self._emit("SceneCreated", {"sceneName": data["sceneName"], "isGroup": False})

    def RemoveScene(self, data: Data) -> None:
        name = self._scene(data["sceneName"])
        del self.now.scenes[name]
        if self.now.program == name:
            self.now.program = next(iter(self.now.scenes))
            self._emit("CurrentProgramSceneChanged", {"sceneName": self.now.program})
        self._emit("SceneRemoved", {"sceneName": name, "isGroup": False})

    def SetSceneName(self, data: Data) -> None:
        old, new = self._scene(data["sceneName"]), data["newSceneName"]
        now = self.now
        now.scenes = {new if name == old else name: items for name, items in now.scenes.items()}
        now.program, now.preview = (new if each == old else each for each in (now.program, now.preview))
        self._emit("SceneNameChanged", {"oldSceneName": old, "sceneName": new})

    def GetCurrentProgramScene(self, data: Data) -> Data:
        return {"currentProgramSceneName": self.now.program}

    def SetCurrentProgramScene(self, data: Data) -> None:
        self._transition_to(self._scene(data["sceneName"]))

    def GetCurrentPreviewScene(self, data: Data) -> Data:
        self._in_studio_mode()
        return {"currentPreviewSceneName": self.now.preview}

    def SetCurrentPreviewScene(self, data: Data) -> None:
        """Answered before it is done, as a real OBS does."""
        self._in_studio_mode()
        scene, now = self._scene(data["sceneName"]), self.now

        def show() -> None:
            now.preview = scene
            self._emit("CurrentPreviewSceneChanged", {"sceneName": scene})

        self._later(0.01, show)

    def GetStudioModeEnabled(self, data: Data) -> Data:
        return {"studioModeEnabled": self.studio_mode}

    def SetStudioModeEnabled(self, data: Data) -> None:
        if self.studio_mode != data["studioModeEnabled"]:
            self.studio_mode, self.now.preview = data["studioModeEnabled"], self.now.program
            self._emit("StudioModeStateChanged", {"studioModeEnabled": self.studio_mode})

    def TriggerStudioModeTransition(self, data: Data) -> None:
        self._in_studio_mode()
        self._transition_to(self.now.preview)

    def _transition_to(self, scene: str) -> None:
        """The program is the new scene at once; that it changed is told when the transition ends. In studio mode the one before
        then is in preview."""
        now = self.now
        if scene == now.program:
            return
        self._ending()
        before, now.program = now.program, scene
        self._emit("SceneTransitionStarted", {"transitionName": now.transition})

        def end() -> None:
            if self.studio_mode:
                now.preview = before
                self._emit("CurrentPreviewSceneChanged", {"sceneName": before})
            self._emit("SceneTransitionVideoEnded", {"transitionName": now.transition})
            self._emit("CurrentProgramSceneChanged", {"sceneName": scene})
            self._emit("SceneTransitionEnded", {"transitionName": now.transition})

        self._ending = self._later(0.0 if now.transition == "Cut" else now.milliseconds / 1000, end)

    def _in_studio_mode(self) -> None:
        if not self.studio_mode:
            raise No(506, "Studio mode is not active.")

    def _scene(self, name: str) -> str:
        if name not in self.now.scenes:
            if name in self.now.inputs:
                raise No(602, "The specified source is not a scene.")
            raise No(600, f"No source was found by the name of `{name}`.")
        return name

    # ---------------------------------------------------------------------------------------------------- transitions

    def GetSceneTransitionList(self, data: Data) -> Data:
        return {
            "currentSceneTransitionName": self.now.transition,
            "transitions": [{"transitionName": name} for name in ("Cut", "Fade")],
        }

    def SetCurrentSceneTransition(self, data: Data) -> None:
        if data["transitionName"] not in ("Cut", "Fade"):
            raise No(600, "No scene transition was found by that name.")
        self.now.transition = data["transitionName"]
        self._emit("CurrentSceneTransitionChanged", {"transitionName": self.now.transition})

    def SetCurrentSceneTransitionDuration(self, data: Data) -> None:
        if not 50 <= data["transitionDuration"] <= 20000:
            raise No(402, "The field value of `transitionDuration` is out of range.")
        self.now.milliseconds = data["transitionDuration"]

    # --------------------------------------------------------------------------------------------------------- inputs

    def GetInputKindList(self, data: Data) -> Data:
        return {"inputKinds": list(KINDS.values() if data.get("unversioned") else KINDS)}

    def GetInputList(self, data: Data) -> Data:
        rows = [
            {"inputName": name, "inputKind": each.kind, "unversionedInputKind": KINDS[each.kind]}
            for name, each in self.now.inputs.items()
        ]
        return {"inputs": [row for row in rows if data.get("inputKind") in (None, row["inputKind"])]}

    def CreateInput(self, data: Data) -> Data:
        scene, name, kind = self._scene(data["sceneName"]), data["inputName"], data["inputKind"]
        if name in (*self.now.inputs, *self.now.scenes):
            raise No(601, "A source already exists by that input name.")
        if kind not in KINDS:
            raise No(605, "Your specified input kind is not supported by OBS.")
        self.now.inputs[name] = Input(kind, dict(data.get("inputSettings") or {}))
        about = {"inputKind": kind, "unversionedInputKind": KINDS[kind]}
        self._emit("InputCreated", {"inputName": name, **about, "inputSettings": self.now.inputs[name].settings})
        return self._add_item(scene, name, data.get("sceneItemEnabled", True))

    def RemoveInput(self, data: Data) -> None:
        name = self._name_of_input(data)
        del self.now.inputs[name]
        self._emit("InputRemoved", {"inputName": name})
        for scene, items in self.now.scenes.items():
            for item in [each for each in items if each.source == name]:
                items.remove(item)
                self._emit("SceneItemRemoved", {"sceneName": scene, "sourceName": name, "sceneItemId": item.id})

    def SetInputName(self, data: Data) -> None:
        old, new = self._name_of_input(data), data["newInputName"]
        self.now.inputs[new] = self.now.inputs.pop(old)
        for items in self.now.scenes.values():
            for item in items:
                item.source = new if item.source == old else item.source
        self._emit("InputNameChanged", {"oldInputName": old, "inputName": new})

    def GetInputSettings(self, data: Data) -> Data:
        found = self._input(data)
        return {"inputKind": found.kind, "inputSettings": found.settings}

    def SetInputSettings(self, data: Data) -> None:
        found = self._input(data)
        found.settings = {**(found.settings if data.get("overlay", True) else {}), **data["inputSettings"]}

    def PressInputPropertiesButton(self, data: Data) -> None:
        found = self._input(data)
        if found.kind != "browser_source" or data["propertyName"] != "refreshnocache":
            raise No(600, "Unable to find a property by that name.")
        found.pressed.append(data["propertyName"])

    def GetSourceActive(self, data: Data) -> Data:
        name = data["sourceName"]
        if name not in (*self.now.inputs, *self.now.scenes):
            raise No(600, f"No source was found by the name of `{name}`.")
        on = name == self.now.program or any(
            each.source == name and each.enabled for each in self.now.scenes[self.now.program]
        )
        return {"videoActive": on, "videoShowing": on}

    def TriggerMediaInputAction(self, data: Data) -> None:
        self._input(data).media.append(data["mediaAction"])

    def _name_of_input(self, data: Data) -> str:
        name: str = data["inputName"]
        if name not in self.now.inputs:
            raise No(600, f"No source was found by the name of `{name}`.")
        return name

    def _input(self, data: Data) -> Input:
        return self.now.inputs[self._name_of_input(data)]

    # -------------------------------------------------------------------------------------------------- scene items

    def GetSceneItemList(self, data: Data) -> Data:
        items = self.now.scenes[self._scene(data["sceneName"])]
        return {
            "sceneItems": [
                {
                    "sceneItemId": each.id,
                    "sourceName": each.source,
                    "sceneItemEnabled": each.enabled,
                    "inputKind": self.now.inputs[each.source].kind if each.source in self.now.inputs else None,
                }
                for each in items
            ]
        }

    def CreateSceneItem(self, data: Data) -> Data:
        scene, source = self._scene(data["sceneName"]), data["sourceName"]
        if source not in (*self.now.inputs, *self.now.scenes):
            raise No(600, f"No source was found by the name of `{source}`.")
        return self._add_item(scene, source, data.get("sceneItemEnabled", True))

    def GetSceneItemId(self, data: Data) -> Data:
        for item in self.now.scenes[self._scene(data["sceneName"])]:
            if item.source == data["sourceName"]:
                return {"sceneItemId": item.id}
        raise No(600, "No scene items were found in the specified scene by that name or offset.")

    def GetSceneItemEnabled(self, data: Data) -> Data:
        return {"sceneItemEnabled": self._item(data).enabled}

    def SetSceneItemEnabled(self, data: Data) -> None:
        found = self._item(data)
        found.enabled = data["sceneItemEnabled"]
        about = {"sceneName": data["sceneName"], "sceneItemId": found.id, "sceneItemEnabled": found.enabled}
        self._emit("SceneItemEnableStateChanged", about)

    def SetSceneItemTransform(self, data: Data) -> None:
        self._item(data).transform |= data["sceneItemTransform"]

    def _add_item(self, scene: str, source: str, enabled: bool) -> Data:
        self._number += 1
        self.now.scenes[scene].append(Item(self._number, source, enabled))
        self._emit("SceneItemCreated", {"sceneName": scene, "sourceName": source, "sceneItemId": self._number})
        return {"sceneItemId": self._number}

    def _item(self, data: Data) -> Item:
        for item in self.now.scenes[self._scene(data["sceneName"])]:
            if item.id == data["sceneItemId"]:
                return item
        raise No(600, "No scene items were found in the specified scene by that ID.")

    # -------------------------------------------------------------------------------------------------------- filters

    def CreateSourceFilter(self, data: Data) -> None:
        self._filters(data)[data["filterName"]] = True
        self._emit("SourceFilterCreated", {"sourceName": data["sourceName"], "filterName": data["filterName"]})

    def GetSourceFilterList(self, data: Data) -> Data:
        return {"filters": [{"filterName": each, "filterEnabled": on} for each, on in self._filters(data).items()]}

    def GetSourceFilter(self, data: Data) -> Data:
        return {"filterEnabled": self._filters(data)[self._filter(data)]}

    def SetSourceFilterEnabled(self, data: Data) -> None:
        self._filters(data)[self._filter(data)] = data["filterEnabled"]

    def _filter(self, data: Data) -> str:
        if data["filterName"] not in self._filters(data):
            raise No(600, f"No filter was found in the source `{data['sourceName']}` with that name.")
        return str(data["filterName"])

    def _filters(self, data: Data) -> dict[str, bool]:
        return self._input({"inputName": data["sourceName"]}).filters
