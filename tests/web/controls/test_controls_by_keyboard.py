"""An operator without a mouse: palette, forms, questions, sliders, the order and the help, by keys alone."""

from __future__ import annotations

import json
from collections.abc import Callable, Iterator
from typing import TYPE_CHECKING, Any

import pytest

from tests.conftest import until
from tests.web.conftest import Web
from tests.web.controls.conftest import caught_up, held_back, put_on_air, run_action, tab_to, toast

if TYPE_CHECKING:
    from playwright.sync_api import Page, Request

pytestmark = [pytest.mark.browser, pytest.mark.store]
Told = Callable[[str], dict[str, Any]]


@pytest.fixture
def sent(desk: Page) -> Iterator[list[dict[str, Any]]]:
    """The commands that the desk sends from now on."""
    commands: list[dict[str, Any]] = []

    def note(request: Request) -> None:
        if "/desk/commands" in request.url:
            commands.append(json.loads(request.post_data or "{}"))

    desk.on("request", note)
    yield commands
    desk.remove_listener("request", note)


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


def test_an_item_is_found_by_whatever_it_is_called(room: Web, desk: Page) -> None:
    put_on_air(desk, room, "C")
    run_action(desk, "adjust")
    keys, dialog = desk.keyboard, desk.get_by_role("dialog")
    field, options = dialog.get_by_role("combobox", name="Item"), dialog.get_by_role("option")
    keys.press("ArrowDown")
    assert field.get_attribute("aria-expanded") == "true"
    assert options.first.inner_text() == "link 3 商品 C <b>", "what is on air stands first"
    keys.press("ArrowDown")
    marked = dialog.locator(f"#{field.get_attribute('aria-activedescendant')}")
    [first, *_] = room.board()["order"]
    assert marked.inner_text().endswith(f"商品 {first} <b>"), "then come the others, in running order"
    assert marked.get_attribute("aria-selected") == "true"
    keys.press("Escape")
    assert (field.get_attribute("aria-expanded"), dialog.is_visible()) == ("false", True), "the list alone is closed"
    keys.type("shangp")
    dialog.get_by_role("status").filter(has_text="4 found").wait_for()
    keys.press("Enter")
    assert field.input_value().endswith(f"商品 {first} <b>")
    assert field.get_attribute("aria-expanded") == "false"
    field.fill("4")
    assert options.first.inner_text() == "link 4 商品 D <b>"
    keys.press("Tab")
    assert field.input_value() == "link 4 商品 D <b>", "it is meant, by that alone"
    field.fill("nobody calls it so")
    dialog.get_by_text("Nothing found; try another word").wait_for()
    keys.press("Enter")
    assert field.evaluate("(input) => input.validationMessage") == "There is no such item; choose one from the list."
    assert field.input_value() == "nobody calls it so"
    keys.press("Escape")
    dialog.wait_for(state="detached")


def test_a_link_number_and_enter_mean_nothing_to_the_row_that_has_the_focus(
    room: Web, desk: Page, sent: list[dict[str, Any]]
) -> None:
    running = desk.locator("#running")
    if running.get_attribute("open") is None:
        running.locator("summary").click()
    running.locator("li", has_text="商品 C").focus()
    desk.keyboard.press("2")
    desk.keyboard.press("Enter")
    toast(desk, "link 2").last.wait_for()
    assert [each["link"] for each in sent] == [2]


def test_enter_that_is_held_down_presses_once(desk: Page) -> None:
    desk.get_by_role("button", name="Keyboard shortcuts").focus()
    desk.keyboard.down("Enter")
    desk.keyboard.down("Enter")  # it repeats
    desk.keyboard.up("Enter")
    assert desk.get_by_role("dialog", name="Keyboard shortcuts").is_visible()
    desk.keyboard.press("Escape")


def test_whoever_scrolls_over_a_number_does_not_change_it(desk: Page) -> None:
    link = desk.locator(".by-link input")
    link.fill("12")
    link.hover()
    desk.evaluate("() => document.addEventListener('wheel', () => (window.turned = true), { passive: true })")
    desk.mouse.wheel(0, 120)
    desk.wait_for_function("() => window.turned")
    desk.evaluate("() => new Promise((drawn) => requestAnimationFrame(() => requestAnimationFrame(drawn)))")
    assert link.input_value() == "12"
    link.fill("")


def test_enter_twice_before_an_answer_is_there_is_meant_once(desk: Page, sent: list[dict[str, Any]]) -> None:
    link = desk.locator(".by-link input")
    with held_back(desk):
        link.fill("3")
        with desk.expect_request("**/desk/commands*"):
            link.press("Enter")
        link.press("Enter")
    toast(desk, "link 3").last.wait_for()
    assert [each["link"] for each in sent] == [3]


def test_an_address_that_cannot_be_read_leads_to_the_stock(desk: Page) -> None:
    desk.evaluate("() => { location.hash = 'rules'; }")
    desk.locator("#view-rules").wait_for()
    desk.evaluate("() => { location.hash = 'stock/50%'; }")
    desk.locator("#view-stock").wait_for()


def test_however_a_list_is_put_in_order_the_focus_stays(desk: Page) -> None:
    lost = desk.evaluate("""async () => {
      const { element, keepChildren } = await import("/static/desk/dom.js");
      const list = document.body.appendChild(element("ul"));
      list.append(element("li", "", "not theirs"));
      const make = (name) => {
        const line = element("li");
        line.append(element("button", "", name));
        return line;
      };
      const show = (names) => keepChildren(list, names, { key: (name) => name, make, update() {} });
      const first = (name, names) => orders(names.filter((each) => each !== name)).map((rest) => [name, ...rest]);
      const orders = (names) => (names.length ? names.flatMap((name) => first(name, names)) : [[]]);
      const amiss = [];
      for (const order of orders(["a", "b", "c", "new"])) {
        for (const name of ["a", "b", "c"]) {
          show(["gone", "a", "b", "gone too", "c"]);
          const button = [...list.querySelectorAll("button")].find((each) => each.textContent === name);
          button.focus();
          show(order);
          const there = [...list.children].map((each) => each.textContent).join();
          const right = there === ["not theirs", ...order].join() && document.activeElement === button;
          if (!right) amiss.push(`${name}: ${order} is ${there}`);
        }
      }
      list.remove();
      return amiss;
    }""")
    assert lost == []
