"""Whoever works by keyboard is never thrown out of the page: what has the focus may go, and what is nearest to it has it then."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from tests.web.conftest import Web
from tests.web.controls.conftest import caught_up, put_on_air, toast

if TYPE_CHECKING:
    from playwright.sync_api import Locator, Page

pytestmark = [pytest.mark.browser, pytest.mark.store]


def press(button: Locator) -> None:
    """By keyboard."""
    button.focus()
    button.press("Enter")


def focus_is(page: Page, selector: str) -> None:
    """Waits until what the selector names has the focus, in itself or in one of its parts."""
    page.wait_for_function("(selector) => document.activeElement.closest(selector) !== null", arg=selector)


def is_focused(each: Locator) -> bool:
    return bool(each.evaluate("(each) => each === document.activeElement"))


def two_toasts(page: Page, room: Web) -> None:
    """What was done from this desk stands in two toasts."""
    put_on_air(page, room, "A")
    page.evaluate("for (const toast of document.querySelectorAll('.toast')) toast.remove()")
    for link in ("2", "3"):
        page.locator(".by-link input").fill(link)
        page.keyboard.press("Enter")
        toast(page, f"link {link}").wait_for()


def test_after_a_toast_the_focus_is_where_it_was(room: Web, desk: Page) -> None:
    two_toasts(desk, room)
    field = desk.locator(".by-link input")
    field.focus()
    press(toast(desk, "link 2").get_by_role("button", name="Close"))
    toast(desk, "link 2").wait_for(state="detached")
    assert is_focused(field)
    press(toast(desk, "link 3").get_by_role("button", name="Undo"))
    toast(desk, "Undone").wait_for()
    assert is_focused(field)


def test_a_toast_to_which_one_came_from_nowhere_leaves_the_focus_in_the_view(room: Web, desk: Page) -> None:
    two_toasts(desk, room)
    desk.evaluate("document.activeElement.blur()")
    desk.evaluate("new Promise((go) => setTimeout(go))")
    press(toast(desk, "link 3").last.get_by_role("button", name="Close"))
    focus_is(desk, "#view-stock h2")


def test_what_is_said_meanwhile_takes_no_toast_from_under_a_hand(room: Web, desk: Page) -> None:
    two_toasts(desk, room)
    kept = toast(desk, "link 3").last
    undo = kept.get_by_role("button", name="Undo")
    undo.focus()
    for _ in range(4):
        desk.keyboard.press("9")
        desk.keyboard.press("9")
        desk.keyboard.press("Enter")  # there is no such link
        toast(desk, "99").last.wait_for()
    assert desk.locator(".toast").count() <= 3
    assert is_focused(undo)
    undo.press("Enter")
    focus_is(desk, "#air")
    toast(desk, "Undone").wait_for()


def test_the_last_item_leaves_the_focus_beside_next(room: Web, desk: Page) -> None:
    put_on_air(desk, room, "C")
    press(desk.locator("#air .next"))
    desk.locator("#air .next:disabled").wait_for()
    focus_is(desk, "#air .steps")
    desk.keyboard.press("Tab")
    assert is_focused(desk.locator("#air .previous")), "the keyboard goes on from there"


def test_a_button_that_has_done_its_work_leaves_the_focus_beside_itself(room: Web, desk: Page) -> None:
    note = desk.locator("#note")
    note.get_by_role("textbox").fill("先催付款")
    note.get_by_role("textbox").press("Enter")
    clear = note.get_by_role("button", name="Clear")
    desk.locator("#note .clear:enabled").wait_for()
    press(clear)
    desk.locator("#note .clear:disabled").wait_for()
    focus_is(desk, "#note form")

    desk.evaluate("() => { location.hash = 'stock/B'; }")
    controls = desk.locator(".item-controls[data-sku=B]")
    press(controls.get_by_role("button", name="Take off sale"))
    press(desk.get_by_role("alertdialog").get_by_role("button", name="Take off sale"))
    controls.get_by_role("button", name="Put on sale").wait_for()
    focus_is(desk, ".item-controls .keys")
    press(controls.get_by_role("button", name="Put on sale"))
    controls.get_by_role("button", name="Take off sale").wait_for()
    focus_is(desk, ".item-controls .keys")

    chip = desk.locator(".chips button").nth(1)
    chip.click()
    press(desk.locator(".chips .clear"))
    desk.locator(".chips .clear").wait_for(state="hidden")
    focus_is(desk, ".chips")

    desk.evaluate("() => { location.hash = 'rules'; }")
    rule = desk.locator("#view-rules .rule").first
    rule.get_by_role("switch").click()
    back = rule.locator(".back")
    back.wait_for()
    press(back)
    back.wait_for(state="hidden")
    focus_is(desk, "#view-rules .rule")


def test_a_dialog_leads_back_beside_what_opened_it_where_that_is_gone(room: Web, desk: Page) -> None:
    desk.evaluate("() => { location.hash = 'stock/C'; }")
    press(desk.locator(".item-controls[data-sku=C]").get_by_role("button", name="Take off sale"))
    question = desk.get_by_role("alertdialog")
    question.wait_for()
    room.send({"type": "item.close", "sku": "C"})
    caught_up(desk, room)
    desk.keyboard.press("Escape")
    question.wait_for(state="detached")
    focus_is(desk, ".item-controls .keys")
    room.send({"type": "item.open", "sku": "C"})


def test_the_numbers_thaw_and_the_keyboard_goes_on_from_there(room: Web, desk: Page) -> None:
    room.send({"type": "session.freeze"})
    press(desk.locator("#whole").get_by_role("button", name="Thaw the numbers"))
    desk.locator('#status[data-status="live"]').wait_for()
    focus_is(desk, "#whole .keys")


def test_whoever_pressed_beside_everything_is_called_back_by_nothing(room: Web, desk: Page) -> None:
    put_on_air(desk, room, "C")
    desk.locator("#air .next").focus()
    desk.evaluate("document.activeElement.blur()")
    desk.evaluate("new Promise((go) => setTimeout(go))")
    put_on_air(desk, room, "D")
    desk.locator("#air .next:disabled").wait_for()
    assert desk.evaluate("document.activeElement === document.body")
