"""Countdowns, announcements, freezing, emergencies and the end: on desks and overlays, named before they are done."""

from __future__ import annotations

import re
from collections.abc import Callable
from typing import TYPE_CHECKING, Any

import pytest

from tests.conftest import until
from tests.web.conftest import Web
from tests.web.controls.conftest import caught_up, put_on_air, run_action, toast
from tests.web.desks import Desks

if TYPE_CHECKING:
    from playwright.sync_api import Page

pytestmark = [pytest.mark.browser, pytest.mark.store]
Told = Callable[[str], dict[str, Any]]


def test_a_countdown_is_started_extended_stopped_and_put_back(room: Web, desks: Desks, desk: Page, told: Told) -> None:
    overlay = desks.overlay("countdown")
    desk.locator("#countdowns .presets button", has_text="3 min").click()
    assert told("countdown.set")["data"] == {"name": "Countdown", "seconds": 180.0}
    line = desk.locator("#countdowns li", has_text="Countdown")
    line.locator(".left", has_text=re.compile(r"2:5\d")).wait_for()
    overlay.get_by_text(re.compile(r"0?2:5\d")).first.wait_for()
    ends = room.board()["countdowns"]["Countdown"]["ends_at"]
    line.get_by_role("button", name="+30 s").click()
    line.locator(".left", has_text=re.compile(r"3:2\d")).wait_for()
    overlay.get_by_text(re.compile(r"0?3:2\d")).first.wait_for()
    line.get_by_role("button", name="Stop").click()
    line.wait_for(state="detached")
    assert room.board()["countdowns"] == {}
    toast(desk, "Stop a countdown").get_by_role("button", name="Undo").click()
    line.wait_for()
    desk.locator("#done li", has_text="Extend").first.get_by_role("button", name="Undo").click()
    until(lambda: room.board()["countdowns"]["Countdown"]["ends_at"] == ends, "it ends as before it was extended", 10)


def test_a_countdown_may_belong_to_the_item_on_air(room: Web, desk: Page, told: Told) -> None:
    put_on_air(desk, room, "A")
    desk.locator("#countdowns .for-item input").check()
    desk.locator("#countdowns .presets button", has_text="Other").click()
    dialog = desk.get_by_role("dialog")
    dialog.get_by_label("For (seconds").fill("1:30")
    desk.keyboard.press("Enter")
    assert told("countdown.set")["data"]["seconds"] == 90.0
    desk.locator("#countdowns .presets button", has_text="1 min").first.click()
    until(lambda: room.board()["items"]["A"]["countdown"], "the item has one", 10)


def test_an_announcement_is_text_wherever_it_stands(room: Web, desks: Desks, desk: Page, told: Told) -> None:
    put_on_air(desk, room, "A")
    overlay = desks.overlay("lower_third")
    text = '<img src=x onerror="window.hurt=1">满 300 减 50'
    desk.locator("#announcements input[name=text]").fill(text)
    desk.locator("#announcements select[name=level]").select_option("urgent")
    desk.locator("#announcements select[name=seconds]").select_option("60")
    desk.get_by_role("button", name="Announce", exact=True).click()
    entry = told("announce.show")
    assert entry["data"] == {"text": text, "level": "urgent", "seconds": 60.0}
    desk.locator("#announcements li", has_text="满 300 减 50").wait_for()
    overlay.get_by_text("满 300 减 50").first.wait_for()
    for page in (desk, overlay):
        assert page.evaluate("window.hurt") is None
        assert page.locator("img[src=x]").count() == 0
    toast(desk, "Announce").last.get_by_role("button", name="Undo").click()
    desk.locator("#announcements li").wait_for(state="detached")
    assert told("announce.clear")["data"] == {"announcement": entry["id"]}


def test_a_template_of_the_plan_is_filled_in_and_announced(room: Web, desk: Page, told: Told) -> None:
    put_on_air(desk, room, "C")
    form = desk.locator("#announcements form")
    form.locator("[name=template] option", has_text="last-units").wait_for(state="attached")
    form.locator("[name=template]").focus()
    until(
        lambda: (
            form.locator("[name=template]").select_option("last-units")
            and form.locator("[name=text]").input_value() == "商品 C <b> 最后 100 件"
        ),
        "it is about the item on air",
        10,
    )
    desk.keyboard.press("Enter")
    assert told("announce.show")["data"] == {"text": "商品 C <b> 最后 100 件", "level": "warning", "seconds": 20.0}


def test_freezing_asks_and_says_what_it_means_and_the_overlay_stands_still(room: Web, desks: Desks, desk: Page) -> None:
    put_on_air(desk, room, "B")
    overlay = desks.overlay("number")
    overlay.get_by_text("90").first.wait_for(state="attached")
    desk.locator("#title").click()
    desk.keyboard.press("Shift+F")
    question = desk.get_by_role("alertdialog", name="Freeze the numbers")
    assert "The numbers of 4 items stand still" in question.inner_text()
    desk.keyboard.press("Enter")
    assert room.board()["session"]["status"] == "live", "what is safe has the focus"
    desk.keyboard.press("Shift+F")
    question.get_by_role("button", name="Freeze the numbers").click()
    desk.locator('#status[data-status="frozen"]').wait_for()
    room.reserve("while-frozen", 30, "B")
    assert room.board()["items"]["B"]["available"] == 90
    assert overlay.get_by_text("90").count() > 0
    desk.locator("#whole").get_by_role("button", name="Thaw").click()
    overlay.get_by_text("60").first.wait_for(state="attached")
    desk.locator("#whole").get_by_role("button", name="Freeze").wait_for()


def test_the_presenter_gets_a_note(room: Web, desk: Page, told: Told) -> None:
    desk.locator("#note input").fill("慢一点 <b>")
    desk.locator("#note").get_by_role("button", name="Send").click()
    assert told("note.set")["data"] == {"text": "慢一点 <b>"}
    desk.locator("#note .text", has_text="慢一点 <b>").wait_for()
    desk.locator("#note").get_by_role("button", name="Clear").click()
    desk.locator("#note .text", has_text="No note").wait_for()
    toast(desk, "No note").get_by_role("button", name="Undo").click()
    desk.locator("#note .text", has_text="慢一点 <b>").wait_for()


def test_buttons_and_emergencies_of_the_plan_are_in_the_palette(room: Web, desk: Page, told: Told) -> None:
    run_action(desk, "Press a button")
    desk.keyboard.press("Enter")
    assert told("button.press")["data"] == {"name": "红包"}
    desk.get_by_role("dialog").wait_for(state="detached")
    run_action(desk, "panic")
    desk.keyboard.press("Enter")
    question = desk.get_by_role("alertdialog")
    assert "超卖应急" in question.inner_text()
    assert "the numbers on screen freeze, orders still count" in question.inner_text()
    question.get_by_role("button", name="Run an emergency plan").click()
    assert told("emergency.run")["data"] == {"name": "oversold"}


def test_who_may_only_look_sees_it_all_and_has_no_control(room: Web, desks: Desks, desk: Page) -> None:
    put_on_air(desk, room, "C")
    viewer = desks.open("viewer", lang="zh-CN")
    viewer.locator("#air .available", has_text="100").wait_for()
    pressable = viewer.locator("aside > :not(#alerts, #runs) :is(button, input, select):visible:enabled")
    assert pressable.count() == 0, pressable.all_inner_texts()
    before = room.board()["seq"]
    viewer.locator("#title").click()
    for key in ("1", "Enter", "n", "f", "u"):
        viewer.keyboard.press(key)
    viewer.keyboard.press("Control+k")
    titles = viewer.locator("dialog.palette li").all_inner_texts()
    assert titles
    assert not any("冻结" in title or "讲解商品" in title for title in titles), titles
    viewer.keyboard.press("Escape")
    answer = viewer.evaluate(
        """async () => (await fetch(`/desk/commands${location.search}`, {
            method: "POST", headers: { "Content-Type": "application/json" }, body: '{"type":"session.freeze"}' })).status"""
    )
    assert answer == 403
    assert room.board()["seq"] == before


def test_the_end_names_what_is_still_open(room: Web, desks: Desks, desk: Page, told: Told) -> None:
    room.reserve("at-the-end", 12, "D")
    chinese = desks.open(lang="zh-CN")
    caught_up(chinese, room)
    held = sum(item["held"] for item in room.board()["items"].values())
    chinese.locator("#whole").get_by_role("button", name="结束本场").click()
    question = chinese.get_by_role("alertdialog")
    assert f"{held} 件占用中的订单还没付款，0 件已付待发" in question.inner_text()
    assert "规则停止" in question.inner_text()
    chinese.keyboard.press("Escape")
    question.wait_for(state="detached")
    assert chinese.evaluate("document.activeElement.textContent") == "结束本场", "the focus is where it was"
    assert room.board()["session"]["status"] == "live"
    chinese.locator("#whole").get_by_role("button", name="结束本场").click()
    question.get_by_role("button", name="结束本场").click()
    assert told("session.close")["source"] == f"desk:operator-{room.session}"
    desk.locator('#status[data-status="closed"]').wait_for()
    assert desk.locator("#whole").get_by_role("button", name="End the session").is_hidden()
