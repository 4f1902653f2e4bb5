"""An operator without a mouse: palette, forms, questions, sliders, the order and the help, by keys alone."""

from __future__ import annotations

from collections.abc import Callable
from typing import TYPE_CHECKING, Any

import pytest

from tests.conftest import until
from tests.web.conftest import Web
from tests.web.controls.conftest import caught_up, run_action, toast

if TYPE_CHECKING:
    from playwright.sync_api import Page

pytestmark = [pytest.mark.browser, pytest.mark.store]
Told = Callable[[str], dict[str, Any]]


def tab_to(page: Page, selector: str) -> None:
    """Presses Tab until what the selector names has the focus."""
    for _ in range(80):
        if page.evaluate("(selector) => document.activeElement.matches(selector)", selector):
            return
        page.keyboard.press("Tab")
    raise AssertionError(f"no number of Tabs leads to {selector}")


def test_an_evening_by_keys_alone(room: Web, desk: Page, told: Told) -> None:
    keys = desk.keyboard
    keys.press("?")
    help = desk.get_by_role("dialog", name="Keyboard shortcuts")
    said = help.inner_text()
    for shown in ("digits Enter", "Ctrl K", "Freeze the numbers", "G S", "Undo the last action"):
        assert shown in said, shown
    keys.press("Enter")
    help.wait_for(state="detached")

    keys.press("3")
    keys.press("Enter")
    assert told("item.feature")["data"] == {"link": 3}

    run_action(desk, "adjust")  # the palette asks what it has to know
    keys.type("C")
    for text in ("", "", "12", "补货"):
        keys.press("Tab")
        keys.type(text)
    keys.press("Enter")
    assert told("stock.adjust")["data"] == {"sku": "C", "location": "hz", "delta": 12, "reason": "补货"}
    toast(desk, "Adjust stock").wait_for()
    keys.press("Shift+U")
    until(lambda: room.board()["items"]["C"]["available"] == 100, "it was undone", 10)

    keys.press("Shift+F")
    desk.get_by_role("alertdialog").wait_for()
    keys.press("Escape")
    assert room.board()["session"]["status"] == "live"
    keys.press("Shift+F")
    keys.press("Tab")
    keys.press("Enter")
    desk.locator('#status[data-status="frozen"]').wait_for()
    keys.press("Shift+F")
    desk.locator('#status[data-status="live"]').wait_for()

    keys.press("g")
    keys.press("r")
    desk.locator("#view-rules").wait_for()
    keys.press("/")
    desk.locator("#view-stock").wait_for()
    assert desk.evaluate("document.activeElement.type") == "search"
    keys.press("Escape")

    run_action(desk, "商品 D")  # an item opens its panel
    desk.wait_for_function("() => document.querySelector('.item-controls')?.dataset.sku === 'D'")
    tab_to(desk, '.allotment[data-channel="mini"] input[type=checkbox]')
    keys.press("Space")
    tab_to(desk, '.allotment[data-channel="mini"] input[type=range]')
    for _ in range(3):
        keys.press("ArrowRight")
    tab_to(desk, ".allotments .keys .yes")
    keys.press("Enter")
    assert told("allotment.set")["data"] == {"sku": "D", "channel": "mini", "quantity": 3}

    desk.locator("#title").click()
    tab_to(desk, "#running summary")
    keys.press("Enter")
    desk.locator("#running li").first.wait_for()
    tab_to(desk, "#running li")
    keys.press("ArrowDown")
    keys.press("Alt+ArrowUp")
    until(lambda: room.board()["order"] == ["B", "A", "C", "D"], "the second came first", 10)

    run_action(desk, "announce")
    keys.type("加单啦")
    keys.press("Enter")
    assert told("announce.show")["data"] == {"text": "加单啦", "seconds": 10.0}
    caught_up(desk, room)
