"""Alerts on the desk: each kind says what is the matter and offers what may be done; who has seen it is seen by all; they ring by
level, and again when it gets worse."""

from __future__ import annotations

import os
from collections.abc import Callable, Iterator
from typing import TYPE_CHECKING, Any

import pytest

from tests.conftest import StoreServer, until
from tests.web.conftest import Web, serving
from tests.web.controls.conftest import caught_up, run_action
from tests.web.controls.emergency_room import (
    jump,
    lose_entries,
    lose_obs,
    lose_source,
    not_map,
    oversell,
    quarantine,
    read_oddly,
    run_low,
    sent,
    troubled_plan,
)
from tests.web.desks import Desks

if TYPE_CHECKING:
    from playwright.sync_api import Locator, Page

pytestmark = [pytest.mark.browser, pytest.mark.store]
Told = Callable[[str], dict[str, Any]]

# Sounds are told to the test: by how many tones, 1 info, 2 warning, 4 urgent.
LOUDSPEAKER = """
window.rung = [];
window.AudioContext = class {
  constructor() { this.state = "suspended"; this.currentTime = 0; this.destination = {}; }
  async resume() { this.state = "running"; }
  createGain() {
    const ramp = { setValueAtTime() {}, linearRampToValueAtTime() {} };
    return { gain: ramp, connect: (next) => next };
  }
  createOscillator() {
    let begins = 0;
    return {
      frequency: {}, connect: (next) => next, stop() {},
      start(at) { if (at === 0) window.rung.push(0); window.rung[window.rung.length - 1] += 1; },
    };
  }
};
"""


@pytest.fixture(scope="module")
def room(store: StoreServer, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Web]:
    """A room in which much goes wrong (emergency_room.py)."""
    session = f"alerts-{os.getpid()}-{os.urandom(2).hex()}"
    with serving(store, tmp_path_factory.mktemp("alerts"), session, plan=troubled_plan(session)) as web:
        yield web


@pytest.fixture(scope="module")
def desk(desks: Desks) -> Page:
    """An operator's desk, in English, whose sounds are counted."""
    return desks.open(script=LOUDSPEAKER)


def alert(page: Page, text: str) -> Locator:
    """The open alert that says so."""
    return page.locator("#alerts .open .alert", has_text=text)


def step(card: Locator, name: str) -> Locator:
    return card.locator(".steps").get_by_role("button", name=name, exact=True)


def rung(page: Page) -> list[int]:
    found: list[int] = page.evaluate("window.rung.splice(0)")
    return found


def test_the_page_says_that_it_is_silent_until_it_is_clicked(room: Web, desk: Page) -> None:
    caught_up(desk, room)
    assert desk.locator("#alerts .alerts-head .summary").inner_text() == "all is well"
    button = desk.locator("#alerts .sound")
    assert button.inner_text() == "Turn sound on"
    assert desk.locator("#alerts .why-silent").is_visible()
    lose_source(room)
    alert(desk, "Source erp has been silent for").wait_for()
    assert rung(desk) == [], "no browser would let it"
    button.click()
    desk.get_by_role("button", name="Sound: on").wait_for()
    assert rung(desk) == [1], "it lets hear that it works"
    assert desk.locator("#alerts .why-silent").is_hidden()


def test_a_silent_source_leads_to_the_connections(room: Web, desk: Page) -> None:
    card = alert(desk, "Source erp")
    assert card.locator(".steps button").all_inner_texts() == ["Connections", "Freeze the numbers", "Plan: 数据源断了"]
    step(card, "Connections").click()
    desk.wait_for_url("**#outside")
    desk.go_back()


def test_an_oversold_item_is_urgent_and_rings_again_when_it_gets_worse(room: Web, desk: Page, told: Told) -> None:
    oversell(room, "A", "o-1", 103)
    card = alert(desk, "商品 A <b>: 3 oversold")
    card.wait_for()
    assert desk.locator("#alerts .open .alert").first.get_attribute("data-kind") == "oversold", "the urgent first"
    assert desk.locator('#alerts > [role="alert"]').inner_text() == "link 1 商品 A <b>: 3 oversold"
    assert rung(desk) == [4]
    assert desk.title().startswith("(2) ")
    assert desk.locator('link[rel="icon"]').get_attribute("href").startswith("data:image/png")  # type: ignore[union-attr]
    card.get_by_role("button", name="Seen").click()
    card.wait_for(state="detached")
    assert told("alert.acknowledge")["data"] == {"alert": "oversold:A"}
    assert desk.title().startswith("(1) ")
    assert rung(desk) == []
    oversell(room, "A", "o-2", 2)
    alert(desk, "商品 A <b>: 5 oversold").wait_for()
    assert rung(desk) == [4]


def test_an_oversold_item_is_opened_and_taken_off_sale(room: Web, desk: Page, told: Told) -> None:
    card = alert(desk, "商品 A <b>: 5 oversold")
    assert card.locator(".steps button").all_inner_texts() == ["The item", "Plan: 超卖 <b>应急", "Take off sale"]
    step(card, "The item").click()
    desk.locator("#item-title", has_text="商品 A <b>").wait_for()
    step(card, "Take off sale").click()
    desk.get_by_role("alertdialog").get_by_role("button", name="Take off sale").click()
    assert told("item.close")["data"] == {"sku": "A"}
    step(card, "Take off sale").wait_for(state="detached")


def test_what_one_desk_has_seen_or_silenced_another_sees(room: Web, desks: Desks, desk: Page, told: Told) -> None:
    other = desks.open("viewer", lang="zh-CN")
    mine = alert(other, "商品 A <b> 超卖 5 件")
    mine.wait_for()
    assert mine.get_by_role("button").all_inner_texts() == ["看商品"], "who only looks may look"
    card = alert(desk, "商品 A <b>: 5 oversold")
    card.get_by_role("button", name="Later").click()
    card.get_by_role("button", name="15 min").click()
    assert told("alert.snooze")["data"] == {"alert": "oversold:A", "seconds": 900}
    mine.wait_for(state="detached")
    alert(desk, "Source erp").get_by_role("button", name="Seen").click()
    other.get_by_text("已有人管：1 条 · 稍后提醒：1 条").click()
    handled = other.locator("#alerts .handled .alert")
    handled.get_by_text(f"operator-{room.session} 设为").wait_for()
    handled.get_by_text("已知道").wait_for()
    assert other.title()[0] != "("


def test_many_items_that_run_low_are_one_line_that_opens(room: Web, desk: Page) -> None:
    run_low(room, "B", "E", "F", "G")
    opens = desk.locator("#alerts .group-head .opens")
    opens.get_by_text("Low stock: 4 items").wait_for()
    assert rung(desk) == [2], "together they ring once"
    assert desk.locator("#alerts .open .alert:visible").count() == 0
    opens.click()
    card = alert(desk, "商品 B <b> 只剩 12 件")
    assert card.locator(".steps button").all_inner_texts() == ["The item", "Release buffer (10)", "The rule"]
    step(card, "Release buffer (10)").click()
    dialog = desk.get_by_role("dialog")
    assert dialog.locator('[name="move"]').input_value() == "release"
    dialog.locator('[name="quantity"]').fill("10")
    desk.keyboard.press("Enter")
    until(lambda: room.board(scope="viewer")["desk"]["B"]["locations"]["hz"]["buffer"] == 0, "it is let go", 10)
    step(card, "Release buffer (10)").wait_for(state="detached")
    desk.get_by_role("button", name="All 4 seen").click()
    opens.wait_for(state="detached")
    alerts = room.board(scope="viewer")["direction"]["alerts"]
    assert sum(each["kind"] == "rule" and each["acknowledged_by"] is not None for each in alerts) == 4


def test_an_item_that_runs_low_on_air_is_followed_by_the_next(room: Web, desk: Page, told: Told) -> None:
    sent(room, {"type": "item.feature", "sku": "E"})
    run_low(room, "E")
    card = alert(desk, "商品 E <b> 只剩 12 件")
    card.get_by_text("2 times").wait_for()
    step(card, "On to the next").click()
    assert told("item.feature")["data"] == {"link": 6}
    card.get_by_role("button", name="Seen").click()
    card.wait_for(state="detached")


def test_an_obs_that_is_lost_is_connected_anew(room: Web, desk: Page, told: Told) -> None:
    lose_obs(room)
    card = alert(desk, "OBS main is not connected")
    step(card, "Connect now").click()
    assert told("obs.do")["data"] == {"obs": "main", "request": "Reconnect"}
    step(card, "OBS").click()
    desk.wait_for_url("**#obs")
    assert step(card, "Plan: OBS 断了").is_visible()
    desk.locator("#title").click()
    desk.keyboard.press("Shift+K")
    card.wait_for(state="detached")
    assert told("alert.acknowledge")["data"] == {"alert": "obs:main"}


def test_a_strange_reading_is_taken_or_the_old_number_kept(room: Web, desk: Page, told: Told) -> None:
    first = read_oddly(room, "D", 4)
    card = alert(desk, "商品 D <b> (杭州仓): 4 counted, 50 in the books; waits for you")
    step(card, "Keep 50").click()
    assert told("stock.confirm")["data"] == {"reading": first, "accept": False}
    card.wait_for(state="detached")
    read_oddly(room, "D", 5)
    step(alert(desk, "5 counted, 50 in the books"), "Take 5").click()
    until(lambda: room.board(scope="viewer")["desk"]["D"]["locations"]["hz"]["available"] == 5, "it counts", 10)


def test_an_order_that_is_not_counted_is_looked_at_and_let_go(room: Web, desk: Page, told: Told) -> None:
    entry = quarantine(room, "q-1")
    card = alert(desk, "Order q-1 is not counted: it was cancelled before")
    step(card, "The entry").click()
    desk.get_by_role("dialog").get_by_text("q-1").first.wait_for()
    assert desk.url.endswith(f"#log/seq-{entry}")
    desk.keyboard.press("Escape")
    step(card, "Do not count").click()
    desk.get_by_role("alertdialog").get_by_role("button", name="Do not count").click()
    assert told("quarantine.drop")["data"] == {"entry": entry}
    card.wait_for(state="detached")


def test_what_a_platform_calls_something_is_mapped_where_the_alert_leads(room: Web, desk: Page) -> None:
    not_map(room, "礼盒/3501")
    card = alert(desk, "测试商城: nobody knows 礼盒/3501; orders that wait: 1, units: 2")
    step(card, "Map it").click()
    row = desk.locator("#unmapped li", has_text="礼盒/3501")
    row.locator("input[role=combobox]:focus").wait_for()
    desk.keyboard.type("16")
    desk.keyboard.press("Enter")
    row.get_by_role("button", name="That is it").click()
    card.wait_for(state="detached")
    mapped = room.board(scope="viewer")["direction"]["mappings"]
    assert mapped == {"mall": {"礼盒/3501": {"sku": "P", "quantity": 1}}}


def test_a_clock_that_jumped_is_accepted(room: Web, desk: Page, told: Told) -> None:
    jump(room)
    card = alert(desk, "The store's clock jumped by 1 h")
    step(card, "The time is right, go on").click()
    question = desk.get_by_role("alertdialog")
    assert "holds, drops and countdowns that are due end at once" in question.inner_text()
    question.get_by_role("button", name="The store's clock is right").click()
    told("clock.accept")
    card.wait_for(state="detached")


def test_quiet_hours_let_only_urgent_ones_through(room: Web, desks: Desks) -> None:
    desk = desks.open(script=LOUDSPEAKER, timezone_id="Asia/Shanghai")
    desk.clock.set_fixed_time("2026-11-11T23:30:00+08:00")
    desk.get_by_role("button", name="Turn sound on").click()
    desk.locator("#alerts .sound").click()
    panel = desk.locator("#sound-settings")
    panel.get_by_label("Quiet hours").check()
    panel.get_by_label("From").fill("23:00")
    panel.get_by_label("to", exact=True).fill("08:00")
    desk.get_by_role("button", name="Sound: quiet").wait_for()
    rung(desk)
    run_low(room, "H")
    alert(desk, "商品 H <b>").wait_for()
    oversell(room, "C", "o-3", 101)
    alert(desk, "商品 C <b>: 1 oversold").wait_for()
    assert rung(desk) == [4], "the other one kept quiet"
    panel.get_by_label("Urgent ones ring all the same").uncheck()
    oversell(room, "C", "o-4", 1)
    alert(desk, "商品 C <b>: 2 oversold").wait_for()
    assert rung(desk) == []
    desk.clock.set_fixed_time("2026-11-12T08:00:00+08:00")
    desk.get_by_role("button", name="Sound: on").wait_for()
    oversell(room, "C", "o-5", 1)
    alert(desk, "商品 C <b>: 3 oversold").wait_for()
    assert 4 in rung(desk), "the night is over"
    desk.reload()
    desk.locator("#alerts .sound", has_text="Turn sound on").click()
    desk.locator("#alerts .sound").click()
    assert desk.get_by_label("Urgent ones ring all the same").is_checked() is False, "this browser keeps it"


def test_alerts_are_handled_by_the_palette_too(room: Web, desk: Page, told: Told) -> None:
    run_action(desk, "The first alert is seen")
    assert told("alert.acknowledge")["data"]["alert"].startswith("oversold:")


def test_a_store_that_lost_entries_says_which(room: Web, desk: Page) -> None:
    lose_entries(room)
    card = alert(desk, "The store lost entries 3 to 5; check the numbers")
    assert card.locator(".tier").inner_text() == "Urgent"
    step(card, "The entry").click()
    desk.wait_for_url("**#log/seq-3")
