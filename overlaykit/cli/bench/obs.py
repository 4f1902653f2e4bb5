"""A real OBS: how long after an order was sent its text source says the new number, and how long until the request for
another scene is on its way. Beside it what a program that asks for the board every 300 ms would have.

In OBS two scenes and two text sources are made, and taken away again; what was on program is there again at the end.
"""

from __future__ import annotations

import asyncio
import json
import os
import random
import threading
import time
import urllib.request
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager, suppress
from pathlib import Path
from typing import Any

from overlaykit.cli.bench.figures import Figure, quantile, share
from overlaykit.cli.bench.rooms import Target, our_room
from overlaykit.cli.bench.tap import Tap, tap
from overlaykit.config import OBS_PASSWORD
from overlaykit.director.obs import Address, ObsLink, Reach, open_link
from overlaykit.errors import NotFound, ObsRefused, StateError

ORDERS = 150
WARM = 5
PASSWORD = OBS_PASSWORD + "BENCH"
"""The environment's variable with the password: a command line can be seen by everybody on the machine."""
POLL_EVERY = 0.3
"""Seconds between two looks of the program that polls."""
GAP = (0.3, 0.6)
"""Seconds between two orders, at least and at most: a text source gets a new text four times a second."""
LOST_SECONDS = 10.0

SCENES = ("overlaykit bench 1", "overlaykit bench 2")
TEXT, POLLED_TEXT = "overlaykit bench text", "overlaykit bench polled text"

_PLAN = f"""
id = "bench"
title = "Bench (synthetic)"
item = [{{ link = 1, sku = "A", title = "基准商品", price = "9.90", opening = 100000 }}]
[obs.bench]
host = "127.0.0.1"
port = %d
[[obs.bench.text]]
source = "{TEXT}"
template = "{{{{ items[0].available }}}}"
[[rule]]
name = "switch"
when = "sold every 1"
do = [{{ action = "obs.scene", scene = "{{{{ '{SCENES[0]}' if item.available %% 2 else '{SCENES[1]}' }}}}" }}]
"""


def measure(address: Address | None, scale: float, state: Path | None) -> list[Figure]:
    """One run. Raises NotFound without an address, ObsError when OBS is not reached, StateError when nothing comes of orders."""
    if address is None:
        raise NotFound(
            "no OBS is named to be measured",
            remedy=f"Name it with --obs HOST:PORT, and put its password into the environment: {PASSWORD}=…",
        )
    reach = Reach(address, os.environ.get(PASSWORD))
    with (
        _props(reach),
        tap(address) as passing,
        our_room(state, plan=_PLAN % passing.port) as room,
        _polled(room, reach) as polled,
    ):
        return _figures(_Run(room, passing, polled), share(ORDERS, scale))


class _Run:
    """Sends orders one by one, and waits for what they bring about."""

    def __init__(self, room: Target, passing: Tap, polled: Mapping[str, float]) -> None:
        self._room, self._passing, self._polled = room, passing, polled
        self._number = time.time_ns()

    def order(self) -> tuple[float, float, float]:
        """Milliseconds from the sending of an order until text confirmed, scene requested, polled text confirmed. From its answer
        on would be less, and below nothing where the text is there before the answer is read."""
        self._number += 1
        self._passing.scenes.clear()
        order = f"o-{self._number}"
        lines = [{"sku": "A", "quantity": 1}]
        sold = {"type": "order.record", "id": order, "order": order, "lines": lines, "paid": True}
        headers = {**self._room.headers, "Content-Type": "application/json"}
        request = urllib.request.Request(self._room.post, data=json.dumps(sold).encode(), headers=headers)
        sent = time.perf_counter()
        with urllib.request.urlopen(request, timeout=10) as answer:
            outcome = json.loads(answer.read())
        available = outcome["items"]["A"]["available"]
        text, scene = str(available), SCENES[0] if available % 2 else SCENES[1]
        found = (
            _await(lambda: self._passing.texts.get(text), f"the text {text}"),
            _await(lambda: self._passing.scenes.get(scene), f"the scene {scene}"),
            _await(lambda: self._polled.get(text), f"the polled text {text}"),
        )
        rest = sent + random.uniform(*GAP) - time.perf_counter()
        time.sleep(max(0.0, rest))
        return tuple((at - sent) * 1000 for at in found)  # type: ignore[return-value]


def _await(look: Callable[[], float | None], what: str) -> float:
    deadline = time.monotonic() + LOST_SECONDS
    while time.monotonic() < deadline:
        if (found := look()) is not None:
            return found
        time.sleep(0.002)
    raise StateError(
        f"{what} did not come within {LOST_SECONDS:.0f} s of its order", remedy="Is somebody else at this OBS?"
    )


def _figures(run: _Run, orders: int) -> list[Figure]:
    for _ in range(WARM):
        run.order()
    columns = list(zip(*(run.order() for _ in range(orders)), strict=True))
    names = ("text confirmed", "scene request sent", f"text confirmed, polled every {POLL_EVERY * 1000:.0f} ms")
    return [
        Figure(f"order sent → {name} {label}", quantile(column, at), "ms", more_is_better=False)
        for name, column in zip(names, columns, strict=True)
        for label, at in (("p50", 0.5), ("p99", 0.99))
    ]


@contextmanager
def _props(reach: Reach) -> Iterator[None]:
    """The scenes and sources of the measurement, for as long as it takes."""

    async def make(link: ObsLink) -> str:
        await _clear(link)
        program: str = (await link.ask("GetCurrentProgramScene"))["currentProgramSceneName"]
        for name in SCENES:
            await link.ask("CreateScene", {"sceneName": name})
        kinds = (await link.ask("GetInputKindList", {"unversioned": False}))["inputKinds"]
        kind = max((each for each in kinds if each.startswith("text_")), default=None)
        if kind is None:
            raise StateError(
                "this OBS has no text sources", remedy="Install its text plugin (text-freetype2, obs-text)."
            )
        for name in (TEXT, POLLED_TEXT):
            about = {"sceneName": SCENES[0], "inputName": name, "inputKind": kind, "inputSettings": {"text": ""}}
            await link.ask("CreateInput", about)
        return program

    async def restore(link: ObsLink) -> None:
        with suppress(ObsRefused):
            await link.ask("SetCurrentProgramScene", {"sceneName": program})
        await _clear(link)

    program = asyncio.run(_with_link(reach, make))
    try:
        yield
    finally:
        asyncio.run(_with_link(reach, restore))


async def _clear(link: ObsLink) -> None:
    for name in (TEXT, POLLED_TEXT):
        with suppress(ObsRefused):
            await link.ask("RemoveInput", {"inputName": name})
    for name in SCENES:
        with suppress(ObsRefused):
            await link.ask("RemoveScene", {"sceneName": name})


async def _with_link(reach: Reach, what: Callable[[ObsLink], Any]) -> Any:
    link, _ = await open_link(reach, lambda name, data: None)
    try:
        return await what(link)
    finally:
        await link.close()


@contextmanager
def _polled(room: Target, reach: Reach) -> Iterator[dict[str, float]]:
    """A program that asks for the board every 300 ms and writes what it finds: text → when OBS has confirmed it."""
    found: dict[str, float] = {}
    stop = threading.Event()
    request = urllib.request.Request(f"{room.url}/api/v1/sessions/bench/board", headers=dict(room.headers))

    def ask() -> str:
        with urllib.request.urlopen(request, timeout=10) as answer:
            return str(json.loads(answer.read())["items"]["A"]["available"])

    async def poll(link: ObsLink) -> None:
        while not stop.is_set():
            text = await asyncio.to_thread(ask)
            if text not in found:
                await link.ask("SetInputSettings", {"inputName": POLLED_TEXT, "inputSettings": {"text": text}})
                found[text] = time.perf_counter()
            await asyncio.to_thread(stop.wait, POLL_EVERY)

    poller = threading.Thread(target=lambda: asyncio.run(_with_link(reach, poll)))
    poller.start()
    try:
        yield found
    finally:
        stop.set()
        poller.join()
