"""Countdowns, announcements, freezing, emergencies and the end: on desks and overlays, named before they are done."""

from __future__ import annotations

import datetime as dt
import re
from collections.abc import Callable
from typing import TYPE_CHECKING, Any

import pytest

from tests.conftest import until
from tests.web.conftest import Web
from tests.web.controls.conftest import caught_up, held_back, put_on_air, run_action, toast
from tests.web.desks import Desks

if TYPE_CHECKING:
    from playwright.sync_api import Page, Route

pytestmark = [pytest.mark.browser, pytest.mark.store]
Told = Callable[[str], dict[str, Any]]


def test_a_countdown_is_started_extended_stopped_and_put_back(room: Web, desks: Desks, desk: Page, told: Told) -> None:
    overlay = desks.overlay("countdown")
    desk.locator("#countdowns .presets button", has_text="3 min").click()
    assert told("countdown.set")["data"] == {"name": "Countdown", "seconds": 180.0}
    toast(desk, "Countdown 3:00").wait_for()
    line = desk.locator("#countdowns li", has_text="Countdown")
    line.locator(".left", has_text=re.compile(r"2:[345]\d")).wait_for()
    overlay.get_by_text(re.compile(r"0?2:[345]\d")).first.wait_for()
    ends = room.board()["countdowns"]["Countdown"]["ends_at"]
    line.get_by_role("button", name="+30 s").click()
    line.locator(".left", has_text=re.compile(r"3:[012]\d")).wait_for()
    overlay.get_by_text(re.compile(r"0?3:[012]\d")).first.wait_for()
    line.get_by_role("button", name="Stop").click()
    line.wait_for(state="detached")
    assert desk.evaluate("document.activeElement.id") == "countdowns-title", "whoever pressed it stays where it stood"
    assert room.board()["countdowns"] == {}
    toast(desk, "Stop a countdown").get_by_role("button", name="Undo").click()
    line.wait_for()
    desk.locator("#done li", has_text="Countdown +0:30").first.get_by_role("button", name="Undo").click()
    until(lambda: room.board()["countdowns"]["Countdown"]["ends_at"] == ends, "it ends as before it was extended", 10)


def test_a_countdown_that_is_over_says_so_and_is_taken_down(room: Web, desk: Page) -> None:
    soon = [{"type": "countdown.set", "name": name, "seconds": 0.2} for name in ("first", "second", "third")]
    room.send([*soon, {"type": "countdown.set", "name": "runs", "seconds": 600}])
    desk.locator("#countdowns li[data-over=true]").nth(2).wait_for()
    over = desk.locator("#countdowns li").evaluate_all("(lines) => lines.map((each) => each.dataset.over)")
    assert over == sorted(over), "what runs stands first"
    first = desk.locator("#countdowns li", has_text="first")
    assert first.locator(".left").inner_text() == "Time is up"
    first.get_by_role("button", name="+1 min").click()
    first.locator(".left", has_text="0:5").wait_for()
    third = desk.locator("#countdowns li", has_text="third")
    third.get_by_role("button", name="Take down").click()
    third.wait_for(state="detached")
    clear = desk.locator("#countdowns").get_by_role("button", name="Take down what is over")
    assert clear.is_hidden(), "there is one alone"
    room.send(soon[2])
    clear.click()
    until(lambda: not {"second", "third"} & room.board()["countdowns"].keys(), "both are gone from the overlays", 10)
    assert {"first", "runs"} <= room.board()["countdowns"].keys()
    room.send([{"type": "countdown.set", "name": name, "ends_at": None} for name in ("first", "runs")])


def test_two_who_extend_a_countdown_give_it_both_minutes_and_take_back_their_own(
    room: Web, desks: Desks, desk: Page, told: Told
) -> None:
    other = desks.open("operator")
    room.send({"type": "countdown.set", "name": "both", "seconds": 600})
    ends = dt.datetime.fromisoformat(room.board()["countdowns"]["both"]["ends_at"])

    def later() -> float:
        return (dt.datetime.fromisoformat(room.board()["countdowns"]["both"]["ends_at"]) - ends).total_seconds()

    for page in (desk, other):
        page.locator("#countdowns li", has_text="both").get_by_role("button", name="+1 min").click()
    until(lambda: later() == 120, "both minutes are there", 10)
    desk.locator("#done li", has_text="Extend").first.get_by_role("button", name="Undo").click()
    until(lambda: later() == 60, "one minute is taken back, without a question", 10)
    room.send([{"type": "countdown.set", "name": "both", **each} for each in ({"ends_at": None}, {"seconds": 50})])
    caught_up(other, room)
    other.locator("#done li", has_text="Extend").first.get_by_role("button", name="Undo").click()
    question = other.get_by_role("alertdialog")
    assert "Somebody has changed it since" in question.inner_text()
    other.keyboard.press("Enter")
    room.send({"type": "countdown.set", "name": "both", "ends_at": None})


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


def test_a_countdown_of_hours_is_typed_and_read_with_its_hours(desk: Page, told: Told) -> None:
    desk.locator("#countdowns .presets button", has_text="Other").click()
    dialog = desk.get_by_role("dialog")
    dialog.get_by_label("For (seconds").fill("2:05:00")
    dialog.get_by_label("Name").fill("evening")
    desk.keyboard.press("Enter")
    assert told("countdown.set")["data"]["seconds"] == 7500.0
    toast(desk, "evening 2:05:00").wait_for()
    line = desk.locator("#countdowns li", has_text="evening")
    line.locator(".left", has_text=re.compile(r"^2:0[45]:\d\d$")).wait_for()
    line.get_by_role("button", name="Stop").click()
    line.wait_for(state="detached")


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


@pytest.mark.parametrize(("part", "button"), [("announcements", "Announce"), ("note", "Send")])
def test_a_text_that_is_missing_is_asked_for(room: Web, desk: Page, part: str, button: str) -> None:
    before = room.board()["seq"]
    desk.locator(f"#{part} input[name=text]").fill("  ")
    desk.locator(f"#{part}").get_by_role("button", name=button, exact=True).click()
    desk.wait_for_function("part => document.activeElement.matches(`#${part} input[name=text]:invalid`)", arg=part)
    assert room.board()["seq"] == before


def test_what_was_led_back_in_part_is_not_led_back_twice(room: Web, desk: Page) -> None:
    texts = ["一号库补货", "二号库补货", "三号库补货"]
    for text in texts:
        room.send({"type": "announce.show", "text": text})
    caught_up(desk, room)
    run_action(desk, "Take an announcement down")
    desk.get_by_role("dialog").get_by_role("button", name="Take an announcement down").click()
    desk.locator("#announcements li").first.wait_for(state="detached")

    def refuse(route: Route) -> None:
        if texts[1] in (route.request.post_data or ""):
            route.fulfill(status=422, json={"detail": "not now"})
        else:
            route.continue_()

    desk.route("**/desk/commands*", refuse)
    again = desk.locator("#done li", has_text="Take an announcement down").first.get_by_role("button", name="Undo")
    again.click()
    toast(desk, "not now").wait_for()
    desk.unroute("**/desk/commands*", refuse)
    again.click()
    toast(desk, "Undone: Take an announcement down").wait_for()
    caught_up(desk, room)
    assert [each["text"] for each in room.board()["announcements"]] == texts
    room.send({"type": "announce.clear"})


def test_what_is_announced_twice_stands_there_once(room: Web, desk: Page) -> None:
    field = desk.locator("#announcements input[name=text]")
    began = room.board()["seq"]
    for _ in range(2):
        with desk.expect_response("**/desk/commands*"):
            field.fill("正在核对库存")
            desk.keyboard.press("Enter")
            desk.keyboard.press("Enter")  # nobody knows yet whether it was heard
        until(lambda: field.input_value() == "", "it was heard", 10)
    caught_up(desk, room)
    assert room.board()["seq"] == began + 2
    line = desk.locator("#announcements li", has_text="正在核对库存")
    assert line.count() == 1
    line.get_by_role("button", name="Take down").click()
    line.wait_for(state="detached")
    assert room.board()["announcements"] == []


def test_what_is_being_typed_waits_for_nobody_and_is_not_lost(room: Web, desk: Page) -> None:
    texts = [desk.locator(f"{place} input[name=text]") for place in ("#announcements", "#note")]
    link = desk.locator("#air .by-link input")
    with held_back(desk):
        for text in texts:
            text.fill("先说的")
            with desk.expect_request("**/desk/commands*"):
                text.press("Enter")
            text.fill("后说的，还没说完")
    toast(desk, "先说的").nth(1).wait_for()
    assert [text.input_value() for text in texts] == ["后说的，还没说完"] * 2
    link.fill("3")
    desk.reload()  # as when another session begins, or the login has ended
    desk.wait_for_selector('#connection[data-ok="true"]')
    assert [text.input_value() for text in texts] == ["后说的，还没说完"] * 2
    assert link.input_value() == "3"
    for field in (*texts, link):
        field.fill("")
    room.send([{"type": "announce.clear"}, {"type": "note.set", "text": None}])
    caught_up(desk, room)


def test_another_session_waits_for_whoever_fills_in_a_form(desk: Page) -> None:
    run_action(desk, "Announce")
    dialog = desk.get_by_role("dialog")
    dialog.get_by_label("Text").fill("还没写完")
    desk.evaluate("window.before = true; import('/static/desk/typed.js').then(({ loadAnew }) => loadAnew())")
    dialog.get_by_label("Text").fill("写完了")
    assert desk.evaluate("window.before")
    with desk.expect_navigation():
        desk.keyboard.press("Escape")
    desk.wait_for_selector('#connection[data-ok="true"]')
    assert desk.evaluate("window.before") is None


def test_what_has_the_focus_in_a_list_stays_where_it_is(desk: Page) -> None:
    found = desk.evaluate("""async () => {
      const { keepChildren } = await import("/static/desk/dom.js");
      const list = document.body.appendChild(document.createElement("ul"));
      const make = (name) => {
        const line = document.createElement("li");
        line.append(name, document.createElement("input"));
        return line;
      };
      const show = (names) => keepChildren(list, [...names], { key: (name) => name, make, update() {} });
      show("abc");
      const typed = list.children[1].lastChild;
      let left = 0;
      typed.addEventListener("blur", () => (left += 1));
      typed.focus();
      const orders = ["bc", "cb", "xcybaz", "zab", "b", "bac"].map((names) => {
        show(names);
        return list.textContent === names;
      });
      const found = { orders, left };
      list.remove();
      return found;
    }""")
    assert found == {"orders": [True] * 6, "left": 0}


def test_a_template_of_the_plan_is_filled_in_and_announced(room: Web, desk: Page, told: Told) -> None:
    put_on_air(desk, room, "C")
    form = desk.locator("#announcements form")
    form.locator("[name=template] option", has_text="last-units").wait_for(state="attached")

    def chosen() -> bool:
        form.locator("[name=template]").focus()  # whoever goes to it gets the texts as they read now
        form.locator("[name=template]").select_option("last-units")
        return form.locator("[name=text]").input_value() == "商品 C <b> 最后 100 件"

    until(chosen, "it is about the item on air", 10)
    desk.keyboard.press("Enter")
    assert told("announce.show")["data"] == {"text": "商品 C <b> 最后 100 件", "level": "warning", "seconds": 20.0}


def test_templates_are_about_what_is_on_air_also_when_that_has_just_changed(room: Web, desks: Desks) -> None:
    desk = desks.open()
    desk.clock.set_fixed_time(desk.evaluate("new Date()"))  # all that follows is within one moment
    template = desk.locator("#announcements [name=template] option", has_text="last-units")
    for sku, to_choose in ((None, "[disabled]"), ("B", ":not([disabled])"), (None, "[disabled]")):
        room.send({"type": "item.feature", "sku": sku})
        caught_up(desk, room)
        template.and_(desk.locator(f"option{to_choose}")).wait_for(state="attached")


def test_freezing_asks_and_says_what_it_means_and_the_overlay_stands_still(room: Web, desks: Desks, desk: Page) -> None:
    put_on_air(desk, room, "B")
    overlay = desks.overlay("number")
    overlay.get_by_text("90").first.wait_for(state="attached")
    desk.locator("#title").click()
    desk.keyboard.press("Shift+F")
    question = desk.get_by_role("alertdialog", name="Freeze the numbers")
    assert "The numbers of 4 items stand still" in question.inner_text()
    desk.keyboard.press("Enter")
    question.wait_for(state="hidden")
    assert room.board()["session"]["status"] == "live", "what is safe has the focus"
    desk.keyboard.press("Shift+F")
    question.get_by_role("button", name="Freeze the numbers").click()
    desk.locator('#status[data-status="frozen"]').wait_for()
    room.reserve("while-frozen", 30, "B")
    assert room.board()["items"]["B"]["available"] == 90
    assert overlay.get_by_text("90").count() > 0
    desk.locator("#whole").get_by_role("button", name="Thaw").click()
    overlay.get_by_text("60").first.wait_for(state="attached")
    desk.locator('#status[data-status="live"]').wait_for()
    assert desk.locator("#whole").get_by_role("button", name="Freeze").count() == 0, "it is an emergency plan's button"
    assert desk.locator('#emergencies [data-name="freeze"]').is_visible()


def test_the_countdown_of_a_drop_goes_with_the_drop(room: Web, desk: Page) -> None:
    room.send({"type": "drop.release", "drop": "nine"})
    line = desk.locator("#countdowns li", has_text="Drop nine closes")
    line.locator(".left", has_text=re.compile(r"9:5\d|10:00")).wait_for()
    assert line.get_by_role("button").count() == 0, "whoever takes it away would take away what is true"
    outcome = room.send({"type": "countdown.set", "name": "nine-close", "ends_at": None}).json
    assert outcome["reason"] == "belongs_to_drop"
    room.send({"type": "drop.close", "drop": "nine"})
    line.wait_for(state="detached")


def test_the_presenter_gets_a_note(room: Web, desk: Page, told: Told) -> None:
    send = desk.locator("#note").get_by_role("button", name="Send")
    assert desk.locator("#note").get_by_role("button", name="Clear").is_disabled()
    desk.locator("#note input").fill("慢一点 <b>")
    stands = send.evaluate("button => button.getBoundingClientRect().x")
    send.click()
    assert told("note.set")["data"] == {"text": "慢一点 <b>"}
    desk.locator("#note .text", has_text="慢一点 <b>").wait_for()
    assert send.evaluate("button => button.getBoundingClientRect().x") == stands, "a second click is on the same button"
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
    seq = room.board()["seq"]
    desk.locator("#title").click()
    desk.keyboard.press("Shift+U")
    toast(desk, "cannot be undone").wait_for()
    assert room.board()["seq"] == seq, "what was done before it is not undone instead"


def test_a_double_click_presses_nothing_that_came_up_under_it(room: Web, desk: Page) -> None:
    clicks = """([first, second]) => {
        for (const [place, detail] of [[first, 1], [second, 2]]) {
            document.querySelector(place).dispatchEvent(new MouseEvent("click", { bubbles: true, detail }));
        }
    }"""
    seq = room.board()["seq"]
    desk.evaluate(clicks, ["#alerts .sound", "#countdowns .presets button"])
    assert desk.locator("#countdowns .presets button").first.get_attribute("data-busy") is None
    desk.evaluate(clicks, ["#countdowns .presets button", "#countdowns .presets button"])
    until(lambda: room.board()["seq"] > seq, "what was clicked twice itself is pressed", 10)
    assert room.board()["seq"] == seq + 1
    room.send({"type": "countdown.set", "name": "Countdown", "ends_at": None})


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
    desk.locator("#whole .over", has_text="The session is over").wait_for()
    viewer = desks.open("viewer", lang="zh-CN")
    viewer.locator("#whole .over", has_text=f"recordings/{room.session}").wait_for()


def test_after_the_end_nothing_is_offered_that_belongs_to_a_running_session(room: Web, desks: Desks) -> None:
    room.send({"type": "item.feature", "sku": "A"})
    room.send({"type": "session.close"})
    desk = desks.open()
    desk.locator('#status[data-status="closed"]').wait_for()
    before = room.board()["seq"]
    desk.locator("#air .over", has_text="The session is over: nothing more goes on air").wait_for()
    for part in (".steps", ".by-link", ".up-next"):
        assert desk.locator(f"#air {part}").is_hidden(), part
    desk.evaluate("() => { location.hash = 'stock/A'; }")
    controls = desk.locator(".item-controls[data-sku=A]")
    controls.get_by_text("The session is over. Titles, prices and stock").wait_for()
    buttons = controls.locator(".keys [data-action]:visible")
    offered = buttons.evaluate_all("(buttons) => buttons.map((each) => each.dataset.action)")
    assert offered == ["stock.adjust", "stock.count", "stock.transfer", "item.update"]
    assert controls.locator(".allotments").is_hidden()
    assert controls.get_by_role("button", name="Release", exact=True).count() == 0

    for keys in (("Shift+N",), ("3", "Enter")):
        for key in keys:
            desk.keyboard.press(key)
        toast(desk, "The session is over").last.wait_for()
        toast(desk, "The session is over").last.get_by_role("button", name="Close").click()
        toast(desk, "The session is over").wait_for(state="detached")
    desk.keyboard.press("Control+k")
    desk.locator("dialog.palette input").fill("on air")
    titles = desk.locator("dialog.palette li .title").all_inner_texts()
    assert "Nothing on air" in titles
    assert not {"Put on air", "Put a link on air"} & set(titles)
    desk.keyboard.press("Escape")
    assert room.board()["seq"] == before, "nothing was sent"

    chinese = desks.open(lang="zh-CN")
    chinese.locator("#air .over", has_text="本场已结束，不再讲解商品").wait_for()
