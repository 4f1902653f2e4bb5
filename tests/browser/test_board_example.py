"""The example that follows the board feed does what its readers will copy: the true number at once, and no old one unsaid."""

from __future__ import annotations

import random
from collections.abc import Callable
from contextlib import closing
from pathlib import Path
from typing import TYPE_CHECKING, Any
from urllib.parse import parse_qs, urlencode, urlsplit

import pytest

import overlaykit.web
from tests.browser.crossroads import Crossroads

if TYPE_CHECKING:
    from playwright.sync_api import Page

pytestmark = [pytest.mark.browser, pytest.mark.store]

Open = Callable[..., "Page"]
Until = Callable[..., None]
STATIC = Path(overlaykit.web.__file__).parent / "static"
SHOWN = """([left, part, stale]) => document.querySelector("output").value === left
  && document.querySelector("progress").position === part && document.documentElement.dataset.stale === String(stale)"""


def address(live: Any, **query: object) -> str:
    return f"/board_example.html?{urlencode({'token': live.room.tokens['overlay'], 'session': live.session, **query})}"


def order(quantity: int) -> dict[str, object]:
    return {"type": "order.reserve", "order": f"of {quantity}", "lines": [{"sku": "A", "quantity": quantity}]}


def test_it_is_short_enough_to_be_read() -> None:
    assert len((STATIC / "board_example.js").read_text(encoding="utf-8").splitlines()) <= 60


def test_it_shows_the_number_and_the_bar_of_an_item(live: Any, open_page: Open, until_page: Until) -> None:
    page = open_page(live.room.url + "/static" + address(live, sku="A"))
    until_page(page, SHOWN, ["100", 1, False])
    live.order(quantity=25)
    until_page(page, SHOWN, ["75", 0.75, False])
    assert page.inner_text("span") == "羊绒大衣"
    assert page.said == []  # type: ignore[attr-defined]


def test_without_an_item_it_shows_what_is_on_air(live: Any, open_page: Open, until_page: Until) -> None:
    page = open_page(live.room.url + "/static" + address(live))
    until_page(page, SHOWN, ["100", 1, False])
    live.send({"type": "item.feature", "sku": "B"})
    until_page(page, SHOWN, ["50", 1, False])
    live.send({"type": "item.feature", "sku": None})
    until_page(page, "() => document.querySelector('output').value === '–'")


def test_it_works_from_a_file_as_obs_opens_it(live: Any, open_page: Open, until_page: Until, tmp_path: Path) -> None:
    for name in ("board_example.html", "board_example.js"):
        (tmp_path / name).write_bytes((STATIC / name).read_bytes())
    page = open_page(tmp_path.as_uri() + address(live, sku="B", room=live.room.url))
    live.order("B")
    until_page(page, SHOWN, ["49", 0.98, False])


@pytest.mark.faults
def test_after_a_break_it_says_so_and_goes_on_where_it_was(alone: Any, open_page: Open, until_page: Until) -> None:
    page = open_page(alone.room.url + "/static" + address(alone, sku="A", session="room"))
    until_page(page, SHOWN, ["100", 1, False])
    asked: list[str] = []
    page.on("websocket", lambda socket: asked.append(socket.url))
    [before] = alone.send(order(10))
    until_page(page, SHOWN, ["90", 0.9, False])

    page.context.set_offline(True)  # stops new connections; the open one goes with the server
    alone.room.kill("web")
    until_page(page, SHOWN, ["90", 0.9, True])
    assert "数据获取中" in page.inner_text("span")
    alone.room.wait_ready()
    [after] = alone.send(order(40))
    page.context.set_offline(False)

    until_page(page, SHOWN, ["50", 0.5, False])
    [since] = {int(parse_qs(urlsplit(url).query)["since"][0]) for url in asked}
    assert before["seq"] <= since < after["seq"]  # a forecast may have come after the first


def test_a_network_that_swallows_everything_is_not_waited_for(live: Any, open_page: Open, until_page: Until) -> None:
    with closing(Crossroads(random.Random(1), [live.room.port])) as way:
        page = open_page(f"http://127.0.0.1:{way.port}/static" + address(live, sku="A"))
        until_page(page, SHOWN, ["100", 1, False])
        way.swallow()
        until_page(page, SHOWN, ["100", 1, True])
        live.order(quantity=30)
        way.let_through()
        until_page(page, SHOWN, ["70", 0.7, False])


def test_a_room_that_does_not_reach_its_store_is_believed(live: Any, open_page: Open, until_page: Until) -> None:
    tampered = """
      const Real = WebSocket;
      WebSocket = class extends Real {
        constructor(...given) { super(...given); window.socket = this; }
      };
    """
    page = open_page(live.room.url + "/static" + address(live, sku="A"), script=tampered)
    until_page(page, SHOWN, ["100", 1, False])
    said = page.evaluate("""() => {
      window.socket.dispatchEvent(new MessageEvent("message", { data: '{"type":"tick","server_time":"","stale":true}' }));
      return document.documentElement.dataset.stale;
    }""")
    assert said == "true"
    until_page(page, SHOWN, ["100", 1, False])  # the room's own next tick
