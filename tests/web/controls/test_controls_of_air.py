"""What is on air, and the running order: by link number, keys and dragging; two desks and an overlay see the same."""

from __future__ import annotations

import json
from collections.abc import Callable
from typing import TYPE_CHECKING, Any

import pytest

from tests.conftest import until
from tests.web.conftest import Web
from tests.web.controls.conftest import caught_up, held_back, put_on_air, toast
from tests.web.desks import Desks

if TYPE_CHECKING:
    from playwright.sync_api import Page, Route

pytestmark = [pytest.mark.browser, pytest.mark.store]
Told = Callable[[str], dict[str, Any]]


def test_a_link_number_puts_its_item_on_air_on_desk_and_overlay(
    room: Web, desks: Desks, desk: Page, told: Told
) -> None:
    overlay = desks.overlay("product_card")
    desk.locator("#air .by-link input").fill("2")
    desk.keyboard.press("Enter")
    entry = told("item.feature")
    assert (entry["data"], entry["source"]) == ({"link": 2}, f"desk:operator-{room.session}")
    assert room.board()["on_air"] == "B"
    desk.locator("#air .link", has_text="2").wait_for()
    assert desk.locator("#air .title").first.inner_text() == "商品 B <b>"
    assert desk.locator("#air .available").inner_text() == "90", "ten are kept for a drop"
    assert desk.locator("#air .up-next").inner_text() == "Next: 3 商品 C <b>"
    overlay.get_by_text("商品 B <b>").first.wait_for()


def test_digits_and_enter_next_and_previous_and_undo_go_by_key(room: Web, desk: Page, told: Told) -> None:
    desk.locator("#title").click()
    desk.keyboard.type("4")
    desk.get_by_text("Link 4 · Enter puts it on air").wait_for()
    desk.keyboard.press("Enter")
    assert told("item.feature")["data"] == {"link": 4}
    desk.locator("#air .link", has_text="4").wait_for()
    desk.keyboard.press("Shift+P")
    desk.locator("#air .link", has_text="3").wait_for()
    before = room.board()["seq"]
    desk.keyboard.press("n")
    desk.keyboard.press("Shift+N")
    desk.locator("#air .link", has_text="4").wait_for()
    assert room.board()["seq"] == before + 1, "a letter by itself changes nothing"
    toast(desk, "Done: Next").wait_for()
    desk.keyboard.press("Shift+U")
    desk.locator("#air .link", has_text="3").wait_for()
    toast(desk, "Undone: Next").wait_for()
    assert room.board()["on_air"] == "C"
    desk.locator("#air .by-link input").focus()
    before = room.board()["seq"]
    desk.keyboard.type("n1e")
    assert room.board()["seq"] == before, "what is typed is no hotkey"
    desk.locator("#air .by-link input").fill("")


def test_what_is_not_there_is_said_with_what_was_meant(room: Web, desk: Page) -> None:
    before = room.board()["seq"]
    desk.locator("#air .by-link input").fill("9")
    desk.keyboard.press("Enter")
    toast(desk, "there is no link '9' in the plan; it has 1, 2, 3, 4").wait_for()
    assert room.board()["seq"] == before
    desk.locator("#air .by-link input").fill("")


def test_a_scanned_bar_code_puts_nothing_on_air_by_its_last_digits(room: Web, desk: Page) -> None:
    before = room.board()["on_air"]
    desk.locator("#title").click()
    for scanned in ("690123", "6901234500002"):
        desk.keyboard.type(scanned)
        desk.keyboard.press("Enter")
        toast(desk, f"There is no link {scanned}: link numbers go up to 9999.").wait_for()
    assert room.board()["on_air"] == before


def test_a_link_number_that_is_typed_while_an_answer_is_on_its_way_stays(room: Web, desk: Page) -> None:
    field = desk.locator("#air .by-link input")
    with held_back(desk) as held:
        field.fill("1")
        desk.keyboard.press("Enter")
        desk.keyboard.type("3")
        assert field.input_value() == "3", "what was sent gives way to what is typed"
        until(lambda: desk.evaluate("true") and held, "the first is on its way", 10)
    toast(desk, "link 1").wait_for()
    assert field.input_value() == "3"
    desk.keyboard.press("Enter")
    desk.locator("#air .link", has_text="3").wait_for()
    until(lambda: field.input_value() == "", "it is empty for the next", 10)


def test_what_is_pressed_again_after_something_else_counts_also_while_its_first_answer_is_on_its_way(
    room: Web, desk: Page
) -> None:
    put_on_air(desk, room, "C")
    before = room.board()["seq"]
    desk.locator("#title").click()
    with held_back(desk) as held:
        for keys in (("4", "Enter"), ("4", "Enter"), ("Shift+P",), ("4", "Enter")):
            for key in keys:
                desk.keyboard.press(key)
        until(lambda: desk.evaluate("true") and len(held) == 3, "the second was the first once more", 10)
        assert [json.loads(each.request.post_data or "")["link"] for each in held] == [4, 2, 4]
    until(lambda: room.board()["seq"] == before + 3, "all three are done", 10)
    caught_up(desk, room)


def test_undo_means_what_was_pressed_last_also_while_its_answer_is_on_its_way(room: Web, desk: Page) -> None:
    put_on_air(desk, room, "C")
    put_on_air(desk, room, "B")
    before = room.board()["seq"]
    desk.locator("#title").click()
    with held_back(desk) as held:
        desk.keyboard.press("4")
        desk.keyboard.press("Enter")
        desk.keyboard.press("Shift+U")
        until(lambda: desk.evaluate("true") and held, "it is on its way", 10)
    toast(desk, "Undone").filter(has_text="link 4").wait_for()
    assert room.board()["on_air"] == "B"
    assert room.board()["seq"] == before + 2
    put_on_air(desk, room, "C")


def test_what_was_not_answered_is_sent_again_as_the_same_command(room: Web, desk: Page, told: Told) -> None:
    sent: list[Any] = []

    def first_in_vain(route: Route) -> None:
        sent.append(route.request.post_data_json)
        if len(sent) == 1:
            route.fulfill(status=503, json={"detail": "the store is away"})
        else:
            route.continue_()

    desk.route("**/desk/commands**", first_in_vain)
    desk.locator("#air .by-link input").fill("2")
    desk.keyboard.press("Enter")
    desk.locator("#air .link", has_text="2").wait_for()
    assert told("item.feature")["id"] == sent[0]["id"] == sent[1]["id"]
    desk.unroute("**/desk/commands**")
    behind = {"type": "urn:overlaykit:store_behind", "detail": "the store is behind"}
    desk.route("**/desk/commands**", lambda route: route.fulfill(status=503, json=behind))
    desk.locator("#air .by-link input").fill("3")
    desk.keyboard.press("Enter")
    toast(desk, "the store is behind").wait_for()
    desk.unroute("**/desk/commands**")
    desk.locator("#air .by-link input").fill("")


def test_a_channel_may_have_an_item_of_its_own(room: Web, desk: Page, told: Told) -> None:
    put_on_air(desk, room, "C")
    desk.locator("#air .for-channel").select_option(label="直播间")
    desk.locator("#air .by-link input").fill("1")
    desk.keyboard.press("Enter")
    assert told("item.feature")["data"] == {"link": 1, "channel": "live"}
    desk.locator("#air .channels li", has_text="直播间: link 1 商品 A <b>").wait_for()
    assert room.board("?channel=live")["on_air"] == "A"
    assert room.board()["on_air"] == "C"
    desk.locator("#air .for-channel").select_option(value="")


def test_nobody_undoes_over_what_another_has_done_since_without_being_asked(
    room: Web, desks: Desks, desk: Page
) -> None:
    put_on_air(desk, room, "C")
    desk.locator("#air .by-link input").fill("1")
    desk.keyboard.press("Enter")
    desk.locator("#air .link", has_text="1").wait_for()
    other = desks.open(lang="zh-CN")
    other.locator("#air .link", has_text="1").wait_for()
    other.locator("#air .by-link input").fill("2")
    other.get_by_role("button", name="讲解", exact=True).first.click()
    desk.locator("#air .link", has_text="2").wait_for()
    caught_up(desk, room)
    desk.locator("#done li", has_text="link 1").first.get_by_role("button", name="Undo").click()
    question = desk.get_by_role("alertdialog")
    assert "Somebody has changed it since" in question.inner_text()
    assert question.get_by_role("button", name="Cancel").evaluate("each => each === document.activeElement")
    desk.keyboard.press("Enter")
    assert room.board()["on_air"] == "B", "it was left as it is"
    desk.locator("#done li", has_text="link 1").first.get_by_role("button", name="Undo").click()
    question.get_by_role("button", name="Undo anyway").click()
    other.locator("#air .link", has_text="3").wait_for()
    assert room.board()["on_air"] == "C"


def test_the_running_order_is_moved_by_keyboard_and_by_dragging(
    room: Web, desks: Desks, desk: Page, told: Told
) -> None:
    desk.locator("#running summary").click()
    desk.locator("#running li", has_text="商品 A <b>").focus()
    desk.keyboard.press("Alt+ArrowDown")
    assert told("item.move")["data"] == {"sku": "A", "position": 2}
    desk.wait_for_function("() => document.querySelector('#running li').dataset.sku === 'B'")
    rows = desk.locator("#running li")
    desk.locator('#running li[data-sku="D"]').drag_to(desk.locator('#running li[data-sku="B"]'))
    desk.wait_for_function("() => document.querySelector('#running li').dataset.sku === 'D'")
    assert room.board()["order"] == ["D", "B", "A", "C"]
    assert [each.get_attribute("data-sku") for each in rows.all()] == ["D", "B", "A", "C"]
    toast(desk, "Move in the order · 商品 D <b>").get_by_role("button", name="Undo").click()
    desk.wait_for_function("() => document.querySelector('#running li').dataset.sku === 'B'")
    assert room.board()["order"] == ["B", "A", "C", "D"]


def test_what_comes_next_is_named_as_next_puts_it_on_air_with_all_its_variants(room: Web, desk: Page) -> None:
    scarf = {"type": "item.add", "link": 5, "title": "围巾", "product": "scarf", "opening": {"hz": 4}}
    for sku, variant in (("E1", "红"), ("E2", "蓝")):
        answer = room.send({**scarf, "sku": sku, "variant": variant})
        assert answer.status == 200, answer
    put_on_air(desk, room, "D")
    caught_up(desk, room)
    assert desk.locator("#air .up-next").inner_text() == "Next: 5 围巾"
    desk.locator("#air .next").click()
    desk.locator("#air .variants li").nth(1).wait_for()
    assert desk.locator("#air .variants li").all_inner_texts() == ["红\n4", "蓝\n4"]


def test_on_air_without_a_number_asks_for_it(room: Web, desk: Page) -> None:
    before = room.board()["seq"]
    desk.locator("#air .by-link input").fill("")
    desk.locator("#air .by-link button").click()
    desk.wait_for_function("() => document.activeElement.matches('#air .by-link input:invalid')")
    assert room.board()["seq"] == before


def test_what_was_undone_elsewhere_is_not_offered_for_undoing_by_its_toast(room: Web, desk: Page) -> None:
    put_on_air(desk, room, "A")
    caught_up(desk, room)
    desk.locator("#air .by-link input").fill("3")
    desk.keyboard.press("Enter")
    done = toast(desk, "link 3").get_by_role("button", name="Undo")
    done.wait_for()
    desk.locator("#done li", has_text="link 3").first.get_by_role("button", name="Undo").click()
    toast(desk, "Undone").filter(has_text="link 3").wait_for()
    assert done.count() == 0


def test_on_a_phone_only_the_last_thing_done_lies_over_the_page(room: Web, desks: Desks) -> None:
    phone = desks.open(viewport={"width": 390, "height": 844})
    field = phone.locator("#air .by-link input")
    for link in (1, 3, 4):
        field.fill(str(link))
        phone.keyboard.press("Enter")
        toast(phone, f"link {link}").wait_for()
    assert [each.is_visible() for each in phone.locator(".toast").all()] == [False, False, True]
    assert phone.locator("#done li", has_text="link 1").get_by_role("button", name="Undo").count() == 1
