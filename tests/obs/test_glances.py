"""The desk sees what an OBS looks like, and OBS is asked for it only while somebody looks."""

from __future__ import annotations

import asyncio
from collections.abc import Callable, Iterator

import pytest

from overlaykit.director.glances import Glances
from overlaykit.store import connect, connect_async
from overlaykit.store.glances import Glance, read_glances, read_picture
from tests.conftest import StoreServer, until
from tests.obs.controlled import AnyObs, Controlled
from tests.obs.fake import FakeObs

KEY = "overlaykit:{glances}:glances"
Take = Callable[..., Controlled]

pytestmark = pytest.mark.obs


@pytest.fixture(scope="module")
def store(tmp_path_factory: pytest.TempPathFactory) -> Iterator[StoreServer]:
    server = StoreServer("valkey9", tmp_path_factory.mktemp("glances")).start()
    yield server
    server.stop()


@pytest.fixture
def looked_at(store: StoreServer) -> Iterator[Callable[[Controlled], None]]:
    """Has the pictures of a controller taken, as a leading director does, until the test ends."""
    begun: list[tuple[Controlled, asyncio.Event, asyncio.Task[None]]] = []

    def begin(room: Controlled) -> None:
        async def start() -> tuple[asyncio.Event, asyncio.Task[None]]:
            stop = asyncio.Event()

            async def run() -> None:
                async with connect_async(store.url) as client:
                    await Glances(client, KEY, {"main": room.controller}, lambda: 7).run(stop, lambda: True)

            return stop, asyncio.create_task(run())

        begun.append((room, *room.run(start())))

    yield begin
    for room, stop, task in begun:

        async def end(stop: asyncio.Event = stop, task: asyncio.Task[None] = task) -> None:
            stop.set()
            await task

        room.run(end(), 10)


def test_pictures_scenes_and_texts_are_there_once_somebody_looks(
    any_obs: AnyObs, controlled: Take, store: StoreServer, looked_at: Callable[[Controlled], None]
) -> None:
    with any_obs.hand() as hand:
        hand.scenes("商品特写", "应急画面")
        hand.text_source("Scene", "库存文字")
    room = controlled(any_obs)
    room.hold_text("库存文字", "仅剩 3 件")
    looked_at(room)
    with connect(store.url) as client:

        def seen() -> Glance | None:
            glance = read_glances(client, KEY, ["main", "other"]).get("main")
            return glance if glance is not None and glance.program is not None else None

        glance = until(seen, "a picture of the program", 15)
        assert (glance.at_ms, glance.program, glance.preview) == (7, room.status.scene, None)
        assert {"Scene", "商品特写", "应急画面"} <= set(glance.scenes)
        assert glance.texts == {"库存文字": "仅剩 3 件"}
        picture = read_picture(client, KEY, "main", "program")
        assert picture is not None
        assert picture.startswith(b"\xff\xd8\xff"), "a JPEG"
        assert read_picture(client, KEY, "main", "preview") is None


def test_pictures_come_again_after_a_list_of_scenes_that_is_no_use(
    fake_obs: FakeObs, controlled: Take, store: StoreServer, looked_at: Callable[[Controlled], None]
) -> None:
    room = controlled(fake_obs)
    fake_obs.studio.amiss["GetSceneList"] = {"scenes": [{}]}
    with connect(store.url) as client:
        client.delete(KEY)
        read_glances(client, KEY, ["main"])
        looked_at(room)
        asked = fake_obs.count("GetSceneList")
        until(lambda: fake_obs.count("GetSceneList") > asked + 1, "it is asked again after the first", 10)
        assert read_glances(client, KEY, ["main"]) == {}
        fake_obs.studio.amiss.clear()
        until(lambda: "main" in read_glances(client, KEY, ["main"]), "a picture after all", 10)


def test_an_obs_at_which_nobody_looks_is_asked_for_no_picture(
    fake_obs: FakeObs, controlled: Take, store: StoreServer, looked_at: Callable[[Controlled], None]
) -> None:
    with connect(store.url) as client:
        client.delete(f"{KEY}:wanted")
        room = controlled(fake_obs)
        looked_at(room)
        asked = fake_obs.count("GetStats")
        until(lambda: fake_obs.count("GetStats") > asked + 2, "some seconds have passed", 15)
        assert fake_obs.count("GetSourceScreenshot") == 0
        read_glances(client, KEY, ["main"])
        until(lambda: fake_obs.count("GetSourceScreenshot") > 0, "somebody looks", 15)
