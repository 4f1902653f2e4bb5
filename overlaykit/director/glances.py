"""Pictures of each OBS for the desk, taken while somebody looks at them there."""

from __future__ import annotations

import asyncio
import base64
import binascii
import contextlib
import time
from collections.abc import Awaitable, Callable, Mapping
from typing import Any

from overlaykit.director.obs import ObsController, ObsLink
from overlaykit.errors import ObsError, StoreAway
from overlaykit.model.notes import ObsState
from overlaykit.store import AsyncStoreClient
from overlaykit.store.glances import Glance, Side, glances_wanted, write_glance
from overlaykit.store.waiting import pause

EVERY = 1.0
"""Seconds between two looks whether anybody looks, and between two pictures."""
ANSWER = 3.0
PICTURE = {"imageFormat": "jpg", "imageWidth": 480, "imageCompressionQuality": 70}
MOST_SCENES = 200


class Glances:
    """Those of one session. `obs`: its instances by name, while this director leads."""

    def __init__(
        self, client: AsyncStoreClient, key: str, obs: Mapping[str, ObsController], now_ms: Callable[[], int]
    ) -> None:
        self._client, self._key, self._obs, self._now_ms = client, key, obs, now_ms

    async def run(self, stop: asyncio.Event, leads: Callable[[], bool]) -> None:
        """Takes them until `stop`, while this director leads."""
        while not await pause(stop, EVERY):
            if not leads() or not self._obs:
                continue
            with contextlib.suppress(StoreAway):  # whoever looks sees that nothing comes
                if await glances_wanted(self._client, self._key):
                    await asyncio.gather(*(self._take(name, each) for name, each in list(self._obs.items())))

    async def _take(self, name: str, controller: ObsController) -> None:
        state = controller.status
        if not state.connected:
            return
        try:
            scenes = await self._ask(controller, lambda link: link.ask("GetSceneList", seconds=ANSWER))
            pictures = {
                side: picture
                for side, scene in _sides(state)
                if (picture := await self._picture(controller, scene)) is not None
            }
        except ObsError:
            return  # it went away, is busy, or said what is no use, which the log tells: the next look tries again
        shown = {side: scene for side, scene in _sides(state) if side in pictures}
        glance = Glance(
            at_ms=self._now_ms(),
            scenes=tuple(each["sceneName"] for each in reversed(scenes["scenes"]))[:MOST_SCENES],
            texts=controller.held_texts,
            program=shown.get("program"),
            preview=shown.get("preview"),
        )
        await write_glance(self._client, self._key, name, glance, pictures)

    async def _picture(self, controller: ObsController, scene: str) -> bytes | None:
        """None where OBS cannot draw it, as of a scene that has just gone."""
        asked = {"sourceName": scene, **PICTURE}
        try:
            answer = await self._ask(controller, lambda link: link.ask("GetSourceScreenshot", asked, seconds=ANSWER))
            return base64.b64decode(str(answer["imageData"]).partition("base64,")[2], validate=True)
        except (ObsError, binascii.Error):
            return None

    @staticmethod
    async def _ask(
        controller: ObsController, what: Callable[[ObsLink], Awaitable[Mapping[str, Any]]]
    ) -> Mapping[str, Any]:
        return await controller.within(time.monotonic() + ANSWER, what)


def _sides(state: ObsState) -> list[tuple[Side, str]]:
    sides: list[tuple[Side, str | None]] = [("program", state.scene), ("preview", state.preview)]
    return [(side, scene) for side, scene in sides if scene]
