"""Overlays in browser sources of an OBS that speaks the protocol."""

from __future__ import annotations

import logging
import time
from collections.abc import Callable, Sequence

from overlaykit.director.overlays import SILENT_SECONDS, OverlayWatch
from overlaykit.model.notes import Noted
from overlaykit.store import OverlayPage
from tests.conftest import until
from tests.obs.controlled import AnyObs, Controlled
from tests.obs.fake import FakeObs


def test_a_source_says_whether_it_is_shown(any_obs: AnyObs) -> None:
    with any_obs.hand() as hand:
        hand.text_source("Scene", "字")
        item = hand.ask("GetSceneItemId", sceneName="Scene", sourceName="字")["sceneItemId"]
        until(lambda: hand.ask("GetSourceActive", sourceName="字")["videoShowing"], "it is shown", 5)
        hand.ask("SetSceneItemEnabled", sceneName="Scene", sceneItemId=item, sceneItemEnabled=False)
        until(lambda: not hand.ask("GetSourceActive", sourceName="字")["videoShowing"], "it is shown no more", 5)


def test_a_silent_overlay_is_loaded_anew_where_it_is_shown(
    fake_obs: FakeObs, controlled: Callable[..., Controlled]
) -> None:
    address = "http://127.0.0.1:8080/overlay/bar?session=room&token=x"
    with fake_obs.hand() as hand:
        for name, url, rests in (("条", address, False), ("休", address, True), ("网", "https://example.org/", False)):
            settings = {"url": url, "width": 1080, "height": 1920, "shutdown": rests}
            hand.ask(
                "CreateInput", sceneName="Scene", inputName=name, inputKind="browser_source", inputSettings=settings
            )
        item = hand.ask("GetSceneItemId", sceneName="Scene", sourceName="休")["sceneItemId"]
        hand.ask("SetSceneItemEnabled", sceneName="Scene", sceneItemId=item, sceneItemEnabled=False)
    room = controlled(fake_obs)
    said: list[Noted] = []
    ahead = 0.0

    async def nobody() -> Sequence[OverlayPage]:
        return []

    async def yes(*about: str) -> bool:
        return True

    watch = OverlayWatch(
        "room",
        pages=nobody,
        obs={"main": room.controller},
        is_current=yes,
        serves=yes,
        note=said.extend,
        log=logging.getLogger("test"),
        clock=lambda: time.monotonic() + ahead,
    )
    room.run(watch.look())
    ahead = SILENT_SECONDS + 1
    room.run(watch.look())
    pressed = {name: each.pressed for name, each in fake_obs.studio.now.inputs.items()}
    assert pressed == {"条": ["refreshnocache"], "休": [], "网": []}
    assert [each.note.status for each in said] == ["done"]  # type: ignore[union-attr]
