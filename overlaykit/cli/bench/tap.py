"""A relay between a room and an OBS, which notes when requests pass on their way there, and their answers on the way back."""

from __future__ import annotations

import asyncio
import threading
import time
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from typing import Any

import msgpack
from websockets import Subprotocol
from websockets.asyncio.client import ClientConnection, connect
from websockets.asyncio.server import ServerConnection, serve
from websockets.exceptions import ConnectionClosed

from overlaykit.director.obs import Address

_PROTOCOL = Subprotocol("obswebsocket.msgpack")


class Tap:
    """What has passed so far; times are of `time.perf_counter`.

    port     where the relay listens on 127.0.0.1
    scenes   scene → when the first request to put it on program passed, since it was last cleared
    texts    text → when the answer to the first request that sets it passed, since it was last cleared
    """

    def __init__(self, obs: Address) -> None:
        self.port = 0
        self.scenes: dict[str, float] = {}
        self.texts: dict[str, float] = {}
        self._obs = obs
        self._waiting: dict[str, list[str]] = {}

    async def relay(self, room: ServerConnection) -> None:
        """One connection of the room, until either end closes it."""
        async with connect(self._obs.url, subprotocols=[_PROTOCOL], max_size=None, proxy=None) as obs:
            both = [asyncio.create_task(self._there(room, obs)), asyncio.create_task(self._back(obs, room))]
            await asyncio.wait(both, return_when=asyncio.FIRST_COMPLETED)
            for task in both:
                task.cancel()
            await asyncio.gather(*both, return_exceptions=True)

    async def _there(self, room: ServerConnection, obs: ClientConnection) -> None:
        async for message in room:
            self._note_request(msgpack.unpackb(message)["d"])
            await obs.send(message)

    async def _back(self, obs: ClientConnection, room: ServerConnection) -> None:
        async for message in obs:
            now = time.perf_counter()
            for text in self._waiting.pop(msgpack.unpackb(message)["d"].get("requestId", ""), ()):
                self.texts.setdefault(text, now)
            await room.send(message)

    def _note_request(self, said: Mapping[str, Any]) -> None:
        for each in said.get("requests", (said,)):
            data = each.get("requestData") or {}
            if each.get("requestType") == "SetCurrentProgramScene":
                self.scenes.setdefault(data["sceneName"], time.perf_counter())
            elif each.get("requestType") == "SetInputSettings":
                self._waiting.setdefault(said["requestId"], []).append(data["inputSettings"]["text"])


@contextmanager
def tap(obs: Address) -> Iterator[Tap]:
    """A relay to this OBS that runs in a thread of its own."""
    found = Tap(obs)
    started, stop, loop = threading.Event(), asyncio.Event(), asyncio.new_event_loop()

    async def relay(room: ServerConnection) -> None:
        try:
            await found.relay(room)
        except (OSError, ConnectionClosed):
            await room.close(1011, "OBS is away")

    async def run() -> None:
        async with serve(relay, "127.0.0.1", 0, subprotocols=[_PROTOCOL], max_size=None) as server:
            found.port = next(iter(server.sockets)).getsockname()[1]
            started.set()
            await stop.wait()

    thread = threading.Thread(target=lambda: loop.run_until_complete(run()))
    thread.start()
    try:
        started.wait(10)
        yield found
    finally:
        loop.call_soon_threadsafe(stop.set)
        thread.join()
        loop.close()
