"""A button from the page to the picture: made, pressed as a Stream Deck does and on a phone, seen on an overlay, revoked."""

from __future__ import annotations

import urllib.error
import urllib.request
from collections.abc import Iterator
from typing import TYPE_CHECKING

import pytest

from overlaykit.store import Tokens
from tests.conftest import until
from tests.web.conftest import Web, until_refused

if TYPE_CHECKING:
    from playwright.sync_api import Browser, BrowserContext, Page

pytestmark = [pytest.mark.store, pytest.mark.browser]

WIDTH, HEIGHT = 390, 844
"""Of a phone."""


@pytest.fixture(scope="module")
def operator(chromium: Browser, room: Web) -> Iterator[BrowserContext]:
    """A browser in which somebody is logged in as operator; what its pages complain of fails the story."""
    context, errors = chromium.new_context(), list[str]()
    context.on("weberror", lambda error: errors.append(str(error.error)))
    page = context.new_page()
    page.goto(f"{room.url}/desk?session={room.session}&token={room.tokens['operator']}")
    page.close()
    yield context
    context.close()
    assert errors == []


def open_buttons(operator: BrowserContext, room: Web, lang: str = "zh-CN") -> Page:
    page = operator.new_page()
    page.goto(f"{room.url}/desk/buttons?session={room.session}&lang={lang}")
    page.wait_for_selector(".offer")
    return page


def make(page: Page, room: Web, title: str) -> str:
    """Presses "make URL" beside the action, and gives the address that this machine reaches."""
    page.get_by_label(f"生成网址: {title}", exact=True).click()
    page.wait_for_selector("#made[open]")
    [url] = [text for text in page.locator("#made .url").all_text_contents() if text.startswith(room.url)]
    page.locator("#made form button").click()
    return url


def get(url: str) -> int:
    try:
        with urllib.request.urlopen(url, timeout=10) as answer:
            return int(answer.status)
    except urllib.error.HTTPError as error:
        with error:
            return error.code


def test_a_button_is_made_pressed_seen_and_revoked(operator: BrowserContext, room: Web) -> None:
    room.send({"type": "item.feature", "link": 1})
    overlay = operator.new_page()
    overlay.goto(f"{room.url}/overlay/product_card?session={room.session}&token={room.tokens['overlay']}")
    overlay.get_by_text("商品 A <b>").first.wait_for()
    page = open_buttons(operator, room)
    page.locator("#search").fill("2号链接")
    page.locator("#groups").get_by_text("下一款", exact=True).wait_for(state="detached")
    found = page.locator(".offer:visible .name").all_text_contents()
    assert found == [f"{does} 2号链接 商品 B <b>" for does in ("讲解", "上架", "下架")]
    url = make(page, room, "讲解 2号链接 商品 B <b>")
    line = page.locator("#existing li", has_text="item-feature-2")
    line.get_by_text("从未").wait_for()

    assert get(url) == 200
    assert room.board()["on_air"] == "B"
    overlay.get_by_text("商品 B <b>").first.wait_for()
    line.get_by_text("从未").wait_for(state="detached")

    revoke = line.get_by_role("button")
    revoke.click()
    assert revoke.text_content() == "再按一次撤销"
    page.wait_for_timeout(600)  # a double click is one press
    revoke.click()
    line.wait_for(state="detached")
    until_refused(lambda: get(url) == 401, 2.0)
    overlay.close()
    page.close()


def test_a_phone_presses_when_it_scans_and_not_when_it_opens_its_tabs_again(
    chromium: Browser, operator: BrowserContext, room: Web
) -> None:
    page = open_buttons(operator, room)
    url = make(page, room, "冻结 / 恢复数字")
    page.close()
    context = chromium.new_context(viewport={"width": WIDTH, "height": HEIGHT}, locale="zh-CN")
    phone = context.new_page()
    phone.goto(url)
    assert phone.get_by_role("status").text_content() == "已执行"
    assert room.board()["session"]["status"] == "frozen"
    phone.wait_for_url("**/press/again**")
    assert phone.evaluate("document.documentElement.scrollWidth") <= WIDTH

    seq = room.board()["seq"]
    phone.reload()
    phone.get_by_role("button", name="再按一次").wait_for()
    assert room.board()["seq"] == seq, "loading the page anew presses nothing"

    def pressed_again() -> bool:
        with phone.expect_response("**/press?**"):
            phone.get_by_role("button", name="再按一次").click()
        return bool(room.board()["session"]["status"] == "live")

    until(pressed_again, "it is pressed once more, as soon as that does not count with the first", 10)

    bare = context.new_page()
    bare.goto(f"{room.url}/press/again?lang=en")
    bare.get_by_text("scan the code again").wait_for()
    assert bare.get_by_role("button").count() == 0
    context.close()


def test_what_is_dangerous_is_made_with_two_presses_and_says_so(operator: BrowserContext, room: Web) -> None:
    page = open_buttons(operator, room, "en")
    button = page.get_by_label("Make URL: Emergency: 超卖应急")
    button.click()
    assert button.text_content() == "Dangerous: press again"
    assert page.locator("#made[open]").count() == 0
    page.wait_for_timeout(600)
    button.click()
    page.locator("#made .danger-note").wait_for()
    page.keyboard.press("Escape")
    page.locator("#made .url").first.wait_for(state="detached")  # an address is shown once
    page.close()


def test_whose_token_is_revoked_is_asked_to_log_in(chromium: Browser, room: Web) -> None:
    tokens = Tokens(room.client)
    context = chromium.new_context()
    try:
        page = context.new_page()
        page.goto(f"{room.url}/desk?session={room.session}&token={tokens.create('operator', '小王')}")
        page = open_buttons(context, room)
        tokens.revoke("小王")
        page.wait_for_url("**/login?next=%2Fdesk%2Fbuttons*")
    finally:
        context.close()
