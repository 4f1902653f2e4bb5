"""An overlay is added: its address, its size and its code, for whoever may hand them out."""

from __future__ import annotations

import json
import os
from collections.abc import Callable, Iterator
from typing import TYPE_CHECKING
from urllib.parse import urlencode

import pytest

from tests.conftest import StoreServer
from tests.web.conftest import Answer, Web, serving

if TYPE_CHECKING:
    from playwright.sync_api import Page

    from tests.web.desks import Desks

pytestmark = pytest.mark.store


@pytest.fixture(scope="module")
def room(store: StoreServer, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Web]:
    """A room whose machine keeps its tokens; A is on air."""
    folder = tmp_path_factory.mktemp("adding")
    with serving(store, folder, f"adding-{os.getpid()}-{os.urandom(2).hex()}") as web:
        (folder / "tokens.json").write_text(json.dumps(web.tokens), encoding="utf-8")
        web.send({"type": "item.feature", "sku": "A"})
        yield web


def ask(room: Web, scope: str = "operator", lang: str = "en", **asked: str) -> Answer:
    return room.get(f"/desk/overlay.json?{urlencode({'session': room.session, 'lang': lang, **asked})}", scope=scope)


def test_an_overlay_has_an_address_on_every_way_and_its_sizes(room: Web) -> None:
    found = ask(room, layout="product_card", link="2", channel="live", region="US").json
    assert (found["title"], found["sizes"]) == ("Product card", ["1080x1920", "1920x1080"])
    others, here = found["ways"]
    token = room.tokens["overlay"]
    asked = f"token={token}&session={room.session}&link=2&channel=live&region=US"
    assert here["url"] == f"{room.url}/overlay/product_card?{asked}"
    assert (here["here"], here["elsewhere"]) == (True, False)
    assert (others["address"], others["elsewhere"]) == (f"http://192.0.2.9:{room.port}", True)
    assert others["qr"].startswith("data:image/svg+xml")
    page = room.get(here["url"].removeprefix(room.url), scope=None)
    assert (page.status, "商品 B" in page.body.decode()) == (200, True)


def test_who_may_not_operate_gets_no_token(room: Web) -> None:
    for scope in ("viewer", "overlay", "connector"):
        answer = ask(room, scope, layout="number")
        assert answer.status == 403
        assert room.tokens["overlay"].encode() not in answer.body


@pytest.mark.parametrize(
    ("asked", "said"),
    [
        ({"layout": "numbr"}, "是不是想写 number？"),
        ({"layout": "number", "sku": "AA"}, "没有名为 AA 的商品"),
        ({"layout": "number", "link": "7"}, "没有名为 7 的链接"),
        ({"layout": "number", "channel": "lvie"}, "是不是想写 live？"),
        ({"layout": "number", "region": "MARS"}, "没有名为 MARS 的地区"),
        ({"layout": "number", "theme": "wall"}, "没有名为 number 的画面"),
        ({"layout": "number", "locale": "chinese"}, "chinese 不是语言代码"),
        ({"layout": "number", "locale": "x" * 3000}, "xxx… 不是语言代码"),
    ],
)
def test_names_that_are_not_there_are_said_with_what_was_meant(room: Web, asked: dict[str, str], said: str) -> None:
    answer = ask(room, lang="zh-CN", **asked)
    assert answer.status == 422
    assert said in answer.json["detail"]


def test_a_theme_that_is_not_there_and_two_items_at_once_are_refused(room: Web) -> None:
    assert ask(room, layout="number", theme="clasic").status == 404
    assert ask(room, layout="number", sku="A", link="1").status == 400


@pytest.mark.browser
def test_an_operator_adds_an_overlay_and_sees_it_open(open_desk: Callable[..., Page], room: Web) -> None:
    page = open_desk(view="overlays", lang="zh-CN")
    page.locator("#view-overlays .summary", has_text="没有打开的画面").wait_for()
    page.locator(".add summary").click()
    page.locator(".add .url").wait_for()
    page.locator(".add select[name=layout]").select_option("bar")
    about = page.locator(".add").get_by_role("combobox", name="显示")
    about.fill("shangpin b")
    about.dispatch_event("blur")  # of the window, not of the field
    assert about.input_value() == "shangpin b"
    page.get_by_role("option", name="2号链接 商品 B <b>", exact=True).click()
    page.locator(".add .url", has_text="sku=B").wait_for()
    about.fill("2")
    page.get_by_role("option", name="2号链接（现在是 商品 B <b>）").click()
    page.locator(".add .url", has_text="link=2").wait_for()
    assert page.locator(".add .size").inner_text() == "OBS 浏览器来源的宽×高：1080×1920 或 1920×1080"
    assert page.locator(".add .qr").is_hidden(), "nobody else reaches this computer's own address"
    assert "请在上面选别的地址" in page.locator(".add .local").inner_text(), "the room is open to the network already"
    page.locator(".add select[name=way]").select_option(f"http://192.0.2.9:{room.port}")
    page.locator(".add .qr").wait_for()
    page.locator(".add select[name=way]").select_option(room.url)
    with page.context.expect_page() as opened:
        page.get_by_role("link", name="打开看看").click()
    overlay = opened.value
    overlay.wait_for_selector("html[data-link=live]", state="attached")
    line = page.locator("#view-overlays > ul > li")
    line.wait_for()
    said = [line.locator(each).inner_text() for each in (".name", ".theme", ".where")]
    assert said == ["库存进度条 · 链接 2", "classic", "浏览器"]
    room.send({"type": "overlay.set", "theme": "neon"})


@pytest.mark.browser
def test_an_overlay_is_called_as_its_theme_calls_it_also_after_another_theme_was_chosen(
    desks: Desks, room: Web
) -> None:
    page = desks.open(view="overlays", lang="zh-CN")
    card = page.locator("#view-overlays > ul > li .name")
    desks.overlay("bar")
    card.get_by_text("库存进度条", exact=True).wait_for()  # the one of the test before is listed, too, as closed
    assert room.send({"type": "overlay.set", "theme": "wall"}).status == 200
    desks.overlay("parts")
    card.get_by_text("零件墙").wait_for()
    room.send({"type": "overlay.set", "theme": None})


@pytest.mark.browser
def test_who_may_only_look_is_offered_no_address(open_desk: Callable[..., Page]) -> None:
    page = open_desk("viewer", view="overlays")
    page.locator("#view-overlays .summary").wait_for()
    assert page.locator("#view-overlays .add").count() == 0
    assert page.locator("#view-overlays button").count() == 0
