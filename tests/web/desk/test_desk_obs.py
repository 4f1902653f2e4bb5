"""An OBS on the desk: its pictures, its scenes, what it is made to say, and switching it, in studio mode by way of the preview."""

from __future__ import annotations

import os
import re
from collections.abc import Callable, Iterator
from typing import TYPE_CHECKING, Any

import pytest

from overlaykit.model import notes as n
from overlaykit.stock import glances_key
from overlaykit.store import connect_async
from overlaykit.store.glances import SIDES, Glance, Side, write_glance
from tests.conftest import StoreServer, until
from tests.web.conftest import Web, in_a_thread, serving
from tests.web.desk.test_desk import note

if TYPE_CHECKING:
    from playwright.sync_api import Browser, Locator, Page, Route

    from tests.web.desks import Desks

pytestmark = [pytest.mark.store, pytest.mark.browser]

SCENES = ("主播全景", "商品特写 <b>", "应急画面")
LATER: dict[str, Any] = {"obs": {"main": {"safe_scene": "应急画面"}, "second": {}}}


@pytest.fixture(scope="module")
def room(store: StoreServer, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Web]:
    """A room with two OBS; nobody has heard of the second one."""
    with serving(store, tmp_path_factory.mktemp("obs"), f"obs-{os.getpid()}-{os.urandom(2).hex()}", later=LATER) as web:
        yield web


@pytest.fixture(scope="module")
def look_at(chromium: Browser, room: Web) -> Callable[..., None]:
    """Writes what a director writes of the OBS `main` while somebody looks, with pictures of 32×18."""
    page = chromium.new_page(viewport={"width": 32, "height": 18})
    picture = page.screenshot(type="jpeg")
    page.close()

    def write(**more: Any) -> None:
        async def told() -> None:
            async with connect_async(room.store_url) as client:
                seconds, micros = await client.time()
                glance = Glance(at_ms=seconds * 1000 + micros // 1000, scenes=SCENES, **more)
                sides: dict[Side, bytes] = {side: picture for side in SIDES if getattr(glance, side) is not None}
                await write_glance(client, glances_key(room.session), "main", glance, sides)

        in_a_thread(told)

    return write


def say(room: Web, **state: Any) -> None:
    note(room, n.ObsChanged(obs="main", state=n.ObsState(connected=True, **state)))


@pytest.fixture(scope="module")
def page(desks: Desks, room: Web) -> Page:
    """An operator's desk with the view of OBS, in English."""
    say(room, scene=SCENES[0])
    page = desks.open(view="obs")
    page.locator("#view-obs li.obs").first.wait_for()
    return page


@pytest.fixture
def main(page: Page) -> Locator:
    return page.locator("#view-obs li.obs", has_text="main")


@pytest.fixture
def asked(room: Web) -> Callable[[], dict[str, Any]]:
    """What the next obs.do of the desk asks for: `asked()`."""
    began = room.board()["seq"]

    def there() -> dict[str, Any] | None:
        entries = room.get(f"/api/v1/sessions/{room.session}/ledger?since={began}").json["entries"]
        return next((entry["data"] for entry in entries if entry["type"] == "obs.do"), None)

    return lambda: until(there, "the desk asks an OBS", 15)


def test_it_is_seen_with_its_scenes_and_texts_and_switched_at_once(
    room: Web, main: Locator, look_at: Callable[..., None], asked: Callable[[], dict[str, Any]]
) -> None:
    look_at(texts={"库存文字": "剩 40 件 <i>"}, program=SCENES[0])
    main.locator(".program img[alt='Program · 主播全景']").wait_for()
    assert main.locator(".program img").evaluate("(image) => image.naturalWidth") == 32
    assert main.locator(".preview").is_hidden()
    assert main.locator(".scenes-of").inner_text() == "Switch to (on air at once)"
    assert main.locator(".scenes button").all_inner_texts() == list(SCENES), "text stays text"
    assert main.locator(".scenes [aria-current]").inner_text() == SCENES[0]
    main.locator(".texts summary").click()
    assert main.locator(".texts dd").inner_text() == "剩 40 件 <i>"
    assert main.locator(".take").is_hidden()
    main.locator(".scenes button", has_text="商品特写").click()
    assert asked() == {"obs": "main", "request": "SetCurrentProgramScene", "data": {"sceneName": SCENES[1]}}


def test_in_studio_mode_a_scene_goes_into_preview_first(
    room: Web, main: Locator, look_at: Callable[..., None], asked: Callable[[], dict[str, Any]]
) -> None:
    say(room, scene=SCENES[0], preview=SCENES[0], studio_mode=True)
    look_at(texts={}, program=SCENES[0], preview=SCENES[0])
    main.locator(".scenes-of", has_text="Put into preview").wait_for()
    assert main.locator(".take").is_hidden(), "there is nothing else to put on air"
    main.locator(".scenes button", has_text="商品特写").click()
    assert asked() == {"obs": "main", "request": "SetCurrentPreviewScene", "data": {"sceneName": SCENES[1]}}


def test_taking_puts_on_air_what_the_button_says(
    room: Web, main: Locator, look_at: Callable[..., None], asked: Callable[[], dict[str, Any]]
) -> None:
    say(room, scene=SCENES[0], preview=SCENES[1], studio_mode=True)
    look_at(texts={}, program=SCENES[0], preview=SCENES[1])
    main.locator(".preview img[alt='Preview · 商品特写 <b>']").wait_for()
    take = main.locator(".take", has_text=f"Take: {SCENES[1]} on air")
    take.wait_for()
    assert main.locator(".scenes [data-next=true]").inner_text() == SCENES[1]
    take.click()
    assert asked() == {"obs": "main", "request": "SetCurrentProgramScene", "data": {"sceneName": SCENES[1]}}
    say(room, scene=SCENES[1], preview=SCENES[0], studio_mode=True)
    main.locator(".take", has_text=f"Take: {SCENES[0]} on air").wait_for()


def test_an_older_picture_that_comes_late_takes_the_place_of_no_newer_one(
    page: Page, main: Locator, look_at: Callable[..., None]
) -> None:
    page.evaluate("""() => {
      const { decode } = HTMLImageElement.prototype;
      window.drawn = [];
      HTMLImageElement.prototype.decode = function () {
        const done = decode.call(this);
        done.then(() => setTimeout(() => window.drawn.push(this.src)));
        return done;
      };
    }""")
    late: list[Route] = []

    def hold_the_first(route: Route) -> None:
        if late:
            route.continue_()
        else:
            late.append(route)

    page.route("**/desk/obs/main/program.jpg*", hold_the_first)
    with page.expect_request("**/desk/obs/main/program.jpg*"):
        look_at(texts={}, program=SCENES[2])
    look_at(texts={}, program=SCENES[1])
    newer = main.locator(".program img[alt='Program · 商品特写 <b>']")
    newer.wait_for()
    [first] = late
    first.continue_()
    page.wait_for_function("(address) => window.drawn.includes(address)", arg=first.request.url)
    page.unroute("**/desk/obs/main/program.jpg*", hold_the_first)
    assert newer.is_visible()


def test_without_a_connection_there_is_nothing_to_switch(room: Web, main: Locator) -> None:
    note(room, n.ObsChanged(obs="main", state=n.ObsState(connected=False, problems=("wrong password",))))
    main.get_by_text("Not connected").wait_for()
    assert main.locator(".scenes button").count() == 0
    assert main.locator(".take").is_hidden()
    assert main.get_by_role("button", name=re.compile("Safe scene")).is_disabled()
    assert main.get_by_role("button", name="Connect now").is_visible()
