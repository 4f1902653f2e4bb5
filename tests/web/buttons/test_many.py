"""The page of buttons in a room of very many items: it stays small, begins with what is next, and finds every one of them."""

from __future__ import annotations

import os
from collections.abc import Iterator
from typing import TYPE_CHECKING, Any
from urllib.parse import urlencode

import pytest

from overlaykit.model.sessions import Item, Location, SessionPlan, Threshold
from tests.conftest import StoreServer, until
from tests.web.conftest import Web, serving

if TYPE_CHECKING:
    from playwright.sync_api import Browser

pytestmark = pytest.mark.store

MANY = 1_500
TITLES = {
    0: ("coat-m", 1, "羊毛大衣", "黑 M"),
    1: ("coat-l", 1, "羊毛大衣", "黑 L"),
    2: ("jeans", 2, "加绒牛仔裤", None),
    1_498: ("gift", None, "Opening gift", None),
    1_499: ("last", 1498, "压轴礼盒", None),
}
"""Place in the running order → sku, link, title and variant, where they are not as usual."""


def plan(session: str) -> SessionPlan:
    return SessionPlan(
        id=session,
        ledger=session,
        title="大货盘",
        items=tuple(
            Item(
                sku=sku,
                link=link,
                title=title,
                variant=variant,
                product="coat" if variant else None,
                aliases=("皇家",) if sku == "jeans" else (),
                opening={"hz": 5},
                low=Threshold(share=0.2),
                critical=Threshold(share=0.05),
            )
            for sku, link, title, variant in (
                TITLES.get(place, (f"x-{place:04}", place, f"Socks {place:04}", None)) for place in range(MANY)
            )
        ),
        locations=(Location(name="hz", title="杭州仓"),),
        channels=(),
    )


@pytest.fixture(scope="module")
def room(store: StoreServer, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Web]:
    session = f"many-{os.getpid()}-{os.urandom(2).hex()}"
    with serving(store, tmp_path_factory.mktemp("many"), session, plan=plan(session)) as web:
        yield web


def groups(room: Web, lang: str = "zh-CN", *, first: int = 0, **query: str) -> dict[str, Any]:
    asked = {"session": room.session, "lang": lang, "only": "offers", "from": first, **query}
    answer = room.get(f"/desk/buttons.json?{urlencode(asked)}")
    assert answer.status == 200, answer.body
    assert answer.json["buttons"] == []
    return {group["key"]: group for group in answer.json["groups"]}


def titles(group: dict[str, Any]) -> list[str]:
    return [offer["title"] for offer in group["offers"]]


def test_it_begins_with_what_comes_first_and_says_how_much_there_is(room: Web) -> None:
    page = room.get(f"/desk/buttons.json?session={room.session}&lang=zh-CN")
    assert len(page.body) < 40_000
    found = groups(room)
    assert found["on_air"]["count"] == 3 + MANY - 1, "of two items with one link one is offered"
    assert titles(found["on_air"])[:6] == [
        "下一款",
        "上一款",
        "暂不讲解",
        "讲解 1号链接 羊毛大衣",
        "讲解 2号链接 加绒牛仔裤",
        "讲解 3号链接 Socks 0003",
    ]
    assert (found["items"]["count"], len(found["items"]["offers"])) == (2 * MANY, 20)
    assert titles(found["items"])[:3] == [
        "上架 1号链接 羊毛大衣 黑 M",
        "下架 1号链接 羊毛大衣 黑 M",
        "上架 1号链接 羊毛大衣 黑 L",
    ]


def test_every_offer_can_be_had_page_by_page(room: Web) -> None:
    seen: list[str] = []
    while len(seen) < 250:
        seen += titles(groups(room, group="on_air", first=len(seen))["on_air"])
    assert len(set(seen)) == len(seen)
    last = len(seen) - 3
    assert (seen[3], seen[-1]) == ("讲解 1号链接 羊毛大衣", f"讲解 {last}号链接 Socks {last:04}")
    end = groups(room, "en", group="items", first=2 * MANY - 3)["items"]
    assert titles(end) == ["Close Opening gift", "Open link 1498 压轴礼盒", "Close link 1498 压轴礼盒"]
    assert titles(groups(room, group="items", first=2 * MANY)["items"]) == []
    assert room.get(f"/desk/buttons.json?session={room.session}&group=item").status == 400


@pytest.mark.parametrize(
    ("typed", "first", "how_many"),
    [
        ("1498", "讲解 1498号链接 压轴礼盒", 1),
        ("１号链接", "讲解 1号链接 羊毛大衣", None),
        ("JIARONG", "讲解 2号链接 加绒牛仔裤", 1),
        ("yzlh", "讲解 1498号链接 压轴礼盒", 1),
        ("皇家", "讲解 2号链接 加绒牛仔裤", 1),
        ("coat-l", "讲解 1号链接 羊毛大衣", 1),
        ("讲解 牛仔", "讲解 2号链接 加绒牛仔裤", 1),
        ("gift", "讲解 Opening gift", 1),
        ("socks 0077", "讲解 77号链接 Socks 0077", 1),
        ("暂不", "暂不讲解", 1),
        ("xiayikuan", "下一款", 1),
    ],
)
def test_an_item_is_found_as_on_the_desk(room: Web, typed: str, first: str, how_many: int | None) -> None:
    found = groups(room, q=typed)["on_air"]
    assert titles(found)[0] == first
    assert how_many in (None, found["count"])


def test_what_is_done_may_be_typed_too(room: Web) -> None:
    found = groups(room, "en", q="close link 2")
    assert titles(found["items"])[0] == "Close link 2 加绒牛仔裤"
    assert all(title.startswith("Close") for title in titles(found["items"]))
    found = groups(room, "en", q="open gift")
    assert titles(found["items"]) == ["Open Opening gift", "Close Opening gift"]
    assert "on_air" in found, "the item is called so"
    assert titles(groups(room, q="下架")["items"])[:2] == ["下架 1号链接 羊毛大衣 黑 M", "下架 1号链接 羊毛大衣 黑 L"]
    assert groups(room, q="there is no such thing") == {}


@pytest.mark.browser
def test_more_is_shown_when_asked_for_and_what_is_typed_is_searched(chromium: Browser, room: Web) -> None:
    page = chromium.new_page(viewport={"width": 1440, "height": 900})
    page.goto(f"{room.url}/desk/buttons?session={room.session}&lang=zh-CN&token={room.tokens['operator']}")
    on_air = page.locator('[data-group="on_air"]')
    on_air.locator(".offer").nth(19).wait_for()
    assert on_air.locator(".count").inner_text() == "1,502"
    more = on_air.get_by_role("button", name="再显示一些（还有 1,482 个）")
    more.press("Enter")
    on_air.locator(".offer").nth(119).wait_for()
    focused = page.wait_for_function("document.activeElement.closest('.offer')?.textContent").json_value()
    assert focused.startswith("讲解 18号链接"), "the first of those that came"
    assert page.locator(".offer").count() < 400, "groups that are closed hold what is shown at first"

    page.locator("#search").press_sequentially("yzlh", delay=5)
    wanted = [f"{does} 1498号链接 压轴礼盒" for does in ("讲解", "上架", "下架")]
    until(lambda: page.locator(".offer:visible .name").all_text_contents() == wanted, "the search by pinyin", 10)
    page.locator("#search").fill("没有这种东西")
    page.locator("#nothing").wait_for()
    page.locator("#search").fill("")
    on_air.locator(".offer").nth(119).wait_for()
    assert page.locator('[data-group="items"]').get_attribute("open") is None
    page.close()
