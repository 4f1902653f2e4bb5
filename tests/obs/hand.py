"""A person's hand on an OBS: requests over obs-websocket's JSON protocol, written by hand and apart from the code under test."""

from __future__ import annotations

import base64
import hashlib
import json
from types import TracebackType
from typing import Any, Self

from websocket import create_connection


class Refusal(Exception):
    """OBS said no; `code` is its status."""

    def __init__(self, request: str, code: int, comment: str) -> None:
        super().__init__(f"{request}: {code} {comment}")
        self.code = code


SCENES = 1 << 2
"""The events about scenes, in the protocol's subscriptions."""


class Hand:
    """Asks one thing after the other. Events are not subscribed to."""

    def __init__(self, port: int, password: str, events: int = 0) -> None:
        self._socket = create_connection(f"ws://127.0.0.1:{port}", timeout=10, subprotocols=["obswebsocket.json"])
        hello = json.loads(self._socket.recv())["d"]
        identify: dict[str, object] = {"rpcVersion": 1, "eventSubscriptions": events}
        if "authentication" in hello:
            asked = hello["authentication"]
            identify["authentication"] = _digest(_digest(password + asked["salt"]) + asked["challenge"])
        self._send(1, identify)
        assert json.loads(self._socket.recv())["op"] == 2
        self._count = 0

    def ask(self, request: str, **data: Any) -> dict[str, Any]:
        """The response data. Raises Refusal."""
        self._count += 1
        self._send(6, {"requestType": request, "requestId": str(self._count), "requestData": data})
        answer = json.loads(self._socket.recv())["d"]
        assert answer["requestId"] == str(self._count)
        status = answer["requestStatus"]
        if not status["result"]:
            raise Refusal(request, status["code"], status.get("comment", ""))
        return answer.get("responseData") or {}

    @property
    def program(self) -> str:
        return str(self.ask("GetCurrentProgramScene")["currentProgramSceneName"])

    @property
    def preview(self) -> str:
        return str(self.ask("GetCurrentPreviewScene")["currentPreviewSceneName"])

    @property
    def transition(self) -> str:
        return str(self.ask("GetSceneTransitionList")["currentSceneTransitionName"])

    def text(self, source: str) -> str:
        """What a text source says."""
        return str(self.ask("GetInputSettings", inputName=source)["inputSettings"].get("text", ""))

    def visible(self, scene: str, source: str) -> bool:
        item = self.ask("GetSceneItemId", sceneName=scene, sourceName=source)["sceneItemId"]
        return bool(self.ask("GetSceneItemEnabled", sceneName=scene, sceneItemId=item)["sceneItemEnabled"])

    def scenes(self, *names: str) -> None:
        """Makes scenes."""
        for name in names:
            self.ask("CreateScene", sceneName=name)

    def text_source(self, scene: str, source: str, text: str = "", **settings: Any) -> None:
        """Makes a text source, of the kind that this OBS has."""
        kinds = self.ask("GetInputKindList", unversioned=False)["inputKinds"]
        kind = max(each for each in kinds if each.startswith("text_"))
        self.ask(
            "CreateInput", sceneName=scene, inputName=source, inputKind=kind, inputSettings={"text": text, **settings}
        )

    def switch(self, scene: str) -> None:
        self.ask("SetCurrentProgramScene", sceneName=scene)

    def close(self) -> None:
        self._socket.close()

    def __enter__(self) -> Self:
        return self

    def __exit__(self, kind: type[BaseException] | None, error: BaseException | None, at: TracebackType | None) -> None:
        self.close()

    def _send(self, op: int, data: dict[str, object]) -> None:
        self._socket.send(json.dumps({"op": op, "d": data}))


class Viewer(Hand):
    """Sees each scene that comes on program for some pictures: a cut is told with the next one, a fade when it has ended."""

    def __init__(self, port: int, password: str) -> None:
        super().__init__(port, password, SCENES)

    def sees(self, *scenes: str) -> None:
        """Comes back once these were on program one after the other. Fails where nothing happens for ten seconds."""
        seen: list[str] = []
        while seen[-len(scenes) :] != [*scenes]:
            told = json.loads(self._socket.recv())["d"]
            if told["eventType"] == "CurrentProgramSceneChanged":
                seen.append(told["eventData"]["sceneName"])


def _digest(text: str) -> str:
    return base64.b64encode(hashlib.sha256(text.encode()).digest()).decode()
