"""A rehearsal: one evening from opening to close, done through the desk alone. After each step the ledger, the board and the pages
that others look at say the same; at the end the recording holds."""

from __future__ import annotations

import json
import re
import subprocess
import sys
import urllib.request
from collections.abc import Iterator
from pathlib import Path
from typing import TYPE_CHECKING, Any

import pytest

from tests.conftest import Room, running_rooms, until

if TYPE_CHECKING:
    from playwright.sync_api import Browser, BrowserContext, Locator, Page

pytestmark = [pytest.mark.browser, pytest.mark.whole_browser, pytest.mark.store]

PLAN = """
id = "rehearsal"
title = "彩排"
item = [
  { link = 1, sku = "coat", title = "羊绒大衣", price = "899.00", opening = { hz = 60, gz = 40 }, buffer = { hz = 10 } },
  { link = 2, sku = "scarf", title = "羊毛围巾", price = "99.00", opening = { hz = 50 } },
  { link = 3, sku = "bag", title = "托特包", price = "199.00", opening = { hz = 80 } },
]
[location.hz]
title = "杭州仓"
[location.gz]
title = "广州仓"
[channel.mini]
title = "小程序"
[channel.live]
title = "直播间"
[obs.main]
port = 1
safe_scene = "应急画面"
[[drop]]
name = "eight"
sku = "scarf"
quantity = 20
price = "79.00"
[[announcement]]
name = "last"
text = "{{ item.title }} 只要 {{ item.price }}"
level = "warning"
seconds = "60s"
[[alert]]
when = "available < 20"
text = "{{ item.title }} 只剩 {{ item.available }} 件"
level = "urgent"
[[rule]]
name = "remind"
when = "button 提醒"
do = [{ action = "chat", text = "{{ item.title }} 快没了", otherwise = "task" }]
[emergency.short]
title = "断货应急"
checklist = ["先讲别的商品", "问仓库"]
do = [{ action = "announce", text = "正在核对库存", level = "urgent", seconds = "60s" }]
"""
ACCENT = "getComputedStyle(document.documentElement).getPropertyValue('--option-accent').trim()"


class Evening:
    """The room, its desk in Chinese, and what others look at: overlays and the presenter's page."""

    def __init__(self, room: Room, context: BrowserContext) -> None:
        self.room = room
        self.context = context
        self.errors: list[str] = []
        self.desk = self.open(f"/desk?token={room.tokens['operator']}")
        self.desk.wait_for_selector('#connection[data-ok="true"]')
        self.presenter = self.open("/presenter")
        self._overlays: dict[str, Page] = {}
        self._told = 0

    def open(self, path: str) -> Page:
        page = self.context.new_page()
        page.set_default_timeout(20_000)
        page.on("pageerror", lambda error: self.errors.append(str(error)))
        page.goto(self.room.url + path)
        return page

    def overlay(self, layout: str) -> Page:
        if layout not in self._overlays:
            page = self._overlays[layout] = self.open(f"/overlay/{layout}?token={self.room.tokens['overlay']}")
            page.wait_for_selector("html[data-link=live]", state="attached")
        return self._overlays[layout]

    def on_overlay(self, layout: str, text: str | re.Pattern[str]) -> None:
        """Waits until the overlay's page says it."""
        self.overlay(layout).get_by_text(text).first.wait_for(state="attached")

    def entries(self) -> list[dict[str, Any]]:
        found: list[dict[str, Any]] = json.loads(
            self.room.get("/api/v1/sessions/current/ledger?since=0&limit=5000")[1]
        )["entries"]
        return found

    def did(self, type: str) -> dict[str, Any]:
        """The next entry of this type that the operator brought about on the desk."""

        def there() -> dict[str, Any] | None:
            ours = (each for each in self.entries() if each["source"] == "desk:operator" and each["seq"] > self._told)
            return next((each for each in ours if each["type"] == type), None)

        entry = until(there, f"an entry {type} of the desk after {self._told}", 20)
        self._told = entry["seq"]
        return entry

    @property
    def board(self) -> Any:
        return self.room.board()

    def units(self, sku: str, location: str = "hz") -> dict[str, int]:
        board = json.loads(self.room.get("/api/v1/sessions/current/board")[1])
        found: dict[str, int] = board["desk"][sku]["locations"][location]
        return found

    def order(self, name: str, sku: str, quantity: int) -> None:
        """A customer's, by the API, paid."""
        lines = [{"sku": sku, "quantity": quantity}]
        reserve = {"type": "order.reserve", "order": name, "channel": "mini", "lines": lines}
        status, body = self.room.post(
            "/api/v1/sessions/current/commands", [reserve, {"type": "order.commit", "order": name}], "connector"
        )
        assert (status, [each["status"] for each in json.loads(body)]) == (200, ["accepted"] * 2), body

    def view(self, name: str) -> Locator:
        self.desk.locator(f'.views a[href="#{name}"]').click()
        return self.desk.locator(f"#view-{name}")

    def of_item(self, sku: str, action: str) -> Locator:
        """Presses what can be done with an item, in its panel, when the desk knows all that was done; the dialog that asks."""
        known = "(seq) => Number(document.getElementById('seq').textContent) >= seq"
        self.desk.wait_for_function(known, arg=self.board["seq"])
        self.panel(sku).locator(f'[data-action="{action}"]').click()
        return self.desk.get_by_role("dialog")

    def panel(self, sku: str) -> Locator:
        self.desk.evaluate("(sku) => { location.hash = 'stock'; location.hash = `stock/${sku}`; }", sku)
        self.desk.wait_for_function("(sku) => document.querySelector('.item-controls')?.dataset.sku === sku", arg=sku)
        return self.desk.locator(".item-controls")

    def ask(self) -> Locator:
        """The question that names what will come of it."""
        return self.desk.get_by_role("alertdialog")

    def answered(self) -> None:
        """Yes to the question."""
        self.ask().locator("button.danger").click()


@pytest.fixture(scope="module")
def evening(chromium: Browser, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Evening]:
    folder = tmp_path_factory.mktemp("rehearsal")
    session = folder / "session"
    session.mkdir()
    (session / "session.toml").write_text(PLAN, encoding="utf-8")
    with running_rooms(folder, session) as start:
        context = chromium.new_context(
            viewport={"width": 1440, "height": 900}, locale="zh-CN", permissions=["clipboard-read", "clipboard-write"]
        )
        found = Evening(start(), context)
        yield found
        context.close()
        assert found.errors == []


def test_before_the_opening_all_connections_are_looked_at(evening: Evening) -> None:
    evening.overlay("product_card")
    evening.view("obs").get_by_text("没有连接").first.wait_for()
    evening.view("overlays").locator("li", has_text="product_card").first.wait_for()
    evening.view("outside").wait_for()
    assert evening.board["session"]["status"] == "live"
    assert evening.desk.locator("#status").inner_text() == "直播中"


def test_an_item_goes_on_air_by_its_link_number(evening: Evening) -> None:
    assert evening.board["on_air"] == "coat", "a session opens with its first item"
    evening.desk.locator("#air .by-link input").fill("2")
    evening.desk.keyboard.press("Enter")
    assert evening.did("item.feature")["data"] == {"link": 2}
    assert evening.board["on_air"] == "scarf"
    evening.on_overlay("product_card", "羊毛围巾")
    evening.presenter.locator("#name", has_text="羊毛围巾").wait_for()


def test_what_the_plan_announces_is_filled_in(evening: Evening) -> None:
    form = evening.desk.locator("#announcements form")
    form.locator("option[value=last]").wait_for(state="attached")
    form.locator("[name=template]").focus()

    def filled() -> bool:
        form.locator("[name=template]").select_option("last")
        return "羊毛围巾 只要" in form.locator("[name=text]").input_value()

    until(filled, "it is about the item on air", 20)
    evening.desk.keyboard.press("Enter")
    entry = evening.did("announce.show")
    assert (entry["data"]["level"], entry["data"]["seconds"]) == ("warning", 60.0)
    [shown] = evening.board["announcements"]
    assert shown["text"] == entry["data"]["text"]
    evening.on_overlay("lower_third", shown["text"])


def test_the_presenter_gets_a_note(evening: Evening) -> None:
    evening.desk.locator("#note input").fill("慢一点，讲讲面料")
    evening.desk.keyboard.press("Enter")
    assert evening.did("note.set")["data"] == {"text": "慢一点，讲讲面料"}
    evening.presenter.locator("#note-text", has_text="慢一点，讲讲面料").wait_for()


def test_a_price_is_changed(evening: Evening) -> None:
    dialog = evening.of_item("scarf", "item.update")
    dialog.locator("[name=price]").fill("88.50")
    evening.desk.keyboard.press("Enter")
    assert evening.did("item.update")["data"]["price"] == "88.50"
    assert evening.board["items"]["scarf"]["price"] == "88.50"
    evening.on_overlay("product_card", re.compile(r"88\.5"))
    evening.presenter.locator("#price", has_text="88.5").wait_for()


def test_a_countdown_starts_gets_longer_and_stops(evening: Evening) -> None:
    evening.desk.locator("#countdowns .presets button", has_text="3 分钟").click()
    assert evening.did("countdown.set")["data"]["seconds"] == 180.0
    evening.on_overlay("countdown", re.compile(r"0?2:[345]\d"))
    line = evening.desk.locator("#countdowns li")
    line.get_by_role("button", name="+1 分").click()
    evening.did("countdown.set")
    evening.on_overlay("countdown", re.compile(r"0?3:[0-5]\d"))
    line.get_by_role("button", name="停止").click()
    assert evening.did("countdown.set")["data"]["ends_at"] is None
    assert evening.board["countdowns"] == {}


def test_a_drop_is_released(evening: Evening) -> None:
    evening.panel("scarf").locator(".drops").get_by_role("button", name="开放").click()
    assert "“羊毛围巾”20 件，价格 79.00" in evening.ask().inner_text()
    evening.answered()
    assert evening.did("drop.release")["data"] == {"drop": "eight"}
    assert evening.board["items"]["scarf"]["drop"]["name"] == "eight"
    evening.panel("scarf").locator(".drops", has_text="进行中").wait_for()


def test_a_channel_gets_units_of_its_own(evening: Evening) -> None:
    row = evening.panel("bag").locator('.allotment[data-channel="mini"]')
    row.get_by_role("checkbox").check()
    row.get_by_role("slider").focus()
    for _ in range(3):
        evening.desk.keyboard.press("ArrowRight")
    wanted = int(row.get_by_role("spinbutton").input_value())
    evening.desk.get_by_role("button", name="保存配额").click()
    assert evening.did("allotment.set")["data"] == {"sku": "bag", "channel": "mini", "quantity": wanted}
    own = evening.open(f"/overlay/number?channel=mini&sku=bag&token={evening.room.tokens['overlay']}")
    own.get_by_text(str(wanted), exact=True).first.wait_for(state="attached")
    own.close()


def test_stock_is_corrected_counted_and_let_go_of_the_buffer(evening: Evening) -> None:
    evening.desk.locator("#air .by-link input").fill("1")
    evening.desk.keyboard.press("Enter")
    evening.did("item.feature")
    evening.on_overlay("number", "90")
    dialog = evening.of_item("coat", "stock.adjust")
    dialog.locator("[name=delta]").fill("-5")
    dialog.locator("[name=reason]").fill("样品")
    evening.desk.keyboard.press("Enter")
    assert evening.did("stock.adjust")["data"]["reason"] == "样品"
    evening.on_overlay("number", "85")

    dialog = evening.of_item("coat", "stock.count")
    dialog.locator("[name=quantity]").fill("43")
    evening.desk.keyboard.press("Enter")
    assert evening.did("stock.count")["data"]["expected"] == 45
    evening.on_overlay("number", "83")

    dialog = evening.of_item("coat", "stock.transfer")
    dialog.locator("[name=quantity]").fill("10")
    evening.desk.keyboard.press("Enter")
    assert evening.did("stock.transfer")["data"]["from"] == "buffer"
    evening.on_overlay("number", "93")
    assert (evening.units("coat")["available"], evening.units("coat")["buffer"]) == (53, 0)


def test_numbers_freeze_and_thaw(evening: Evening) -> None:
    evening.desk.locator("#title").click()
    evening.desk.keyboard.press("Shift+F")
    assert "3 个商品的数字停在现在" in evening.ask().inner_text()
    evening.answered()
    evening.did("session.freeze")
    evening.presenter.locator("#frozen").wait_for()
    evening.order("frozen", "coat", 3)
    assert evening.board["items"]["coat"]["available"] == 93
    assert evening.overlay("number").get_by_text("93").count() > 0
    evening.desk.locator('#whole [data-action="session.thaw"]').click()
    evening.did("session.thaw")
    evening.on_overlay("number", "90")


def test_orders_raise_an_alert_that_is_looked_after(evening: Evening) -> None:
    evening.order("many", "coat", 50)
    evening.order("more", "coat", 21)
    evening.on_overlay("number", "19")
    card = evening.desk.locator("#alerts .alert", has_text="羊绒大衣 只剩 19 件")
    card.get_by_role("button", name="稍后").click()
    card.get_by_role("button", name="15 分钟").click()
    entry = evening.did("alert.snooze")
    assert entry["data"]["seconds"] == 900.0
    handled = evening.desk.locator("#alerts .handled")
    handled.locator("summary", has_text="稍后提醒：").click()
    handled.locator(".alert", has_text="羊绒大衣").get_by_role("button", name="知道了").click()
    assert evening.did("alert.acknowledge")["data"] == {"alert": entry["data"]["alert"]}

    def seen() -> bool:
        alerts = json.loads(evening.room.get("/api/v1/sessions/current/board")[1])["direction"]["alerts"]
        return any(each["alert"] == entry["data"]["alert"] and each["acknowledged_by"] for each in alerts)

    until(seen, "the board says who looks after it", 10)


def test_what_the_plan_cannot_do_by_itself_is_a_task(evening: Evening) -> None:
    evening.desk.locator("#plan-buttons [data-name=提醒]").click()
    evening.did("button.press")
    task = evening.desk.locator("#tasks li", has_text="羊绒大衣 快没了")
    task.get_by_role("button", name="复制").click()
    task.get_by_role("button", name="已复制").wait_for()
    assert evening.desk.evaluate("navigator.clipboard.readText()") == "羊绒大衣 快没了"
    task.get_by_role("button", name="完成").click()
    evening.did("task.done")
    task.wait_for(state="detached")


def test_an_emergency_plan_runs_and_leaves_its_checklist(evening: Evening) -> None:
    evening.desk.locator(".plans [data-name=short]").click()
    evening.ask().get_by_text("问仓库").wait_for()
    evening.answered()
    assert evening.did("emergency.run")["data"] == {"name": "short"}
    evening.on_overlay("lower_third", "正在核对库存")
    run = evening.desk.locator("#runs .run", has_text="断货应急")
    run.locator(".acts .came", has_text="完成").wait_for()
    for step in ("先讲别的商品", "问仓库"):
        run.get_by_label(step).check()
    run.get_by_role("button", name="收起").click()


def test_the_look_changes_when_it_is_applied(evening: Evening) -> None:
    card = evening.overlay("product_card")
    look = evening.view("theme")
    look.locator("[data-option=accent] input[type=text]").fill("#00aa66")
    look.get_by_role("button", name="应用到直播画面").click()
    assert evening.did("overlay.set")["data"] == {"options": {"accent": "#00aa66"}}
    card.wait_for_function(f"() => {ACCENT} === '#00aa66'")


def test_a_rule_is_tried_and_switched_off(evening: Evening) -> None:
    before = evening.board["seq"]
    rule = evening.view("rules").locator("li.rule", has_text="remind")
    rule.locator(".fire summary").click()
    rule.get_by_role("button", name="试运行").click()
    rule.locator(".trial .does li", has_text="羊绒大衣 快没了").wait_for()
    since = {each["type"] for each in evening.entries() if each["seq"] > before}
    assert not since & {"rule.fire", "rule.fired", "task.opened", "action.done"}, "nothing was done"
    rule.get_by_role("switch").uncheck()
    assert evening.did("rule.set")["data"] == {"name": "remind", "enabled": False}
    until(lambda: rule.get_attribute("data-on") == "false", "the desk shows it off", 10)


def test_a_button_from_outside_is_made_and_pressed(evening: Evening) -> None:
    page = evening.open("/desk/buttons")
    page.get_by_label("生成网址: 讲解 3号链接 托特包", exact=True).click()
    page.wait_for_selector("#made[open]")
    [url] = [each for each in page.locator("#made .url").all_text_contents() if each.startswith(evening.room.url)]
    page.close()
    with urllib.request.urlopen(url, timeout=10) as answer:
        assert answer.status == 200
    until(lambda: evening.board["on_air"] == "bag", "it is on air", 10)
    evening.on_overlay("product_card", "托特包")
    evening.desk.locator("#air .title", has_text="托特包").wait_for()


def test_the_log_tells_it_and_a_number_is_proved(evening: Evening) -> None:
    log = evening.view("log")
    log.locator("input[name=text]").fill("样品")
    evening.desk.wait_for_function("() => document.querySelectorAll('.log-line').length === 1")
    evening.panel("coat")
    evening.desk.locator('.item-panel [data-figure="available"] button.prove').click()
    proof = evening.desk.locator(".log-proof")
    proof.get_by_text("从 0 开始，每一步都在上面").wait_for()
    steps = [
        (int(step.locator(".before").inner_text()), int(step.locator(".after").inner_text()))
        for step in proof.locator(".step").all()
    ]
    assert steps[0][1] == evening.board["items"]["coat"]["available"] == 19
    assert [after for _, after in steps[1:]] == [before for before, _ in steps[:-1]], "no step is missing"
    evening.desk.keyboard.press("Escape")


def test_the_session_ends_and_its_recording_holds(evening: Evening) -> None:
    evening.desk.locator('#whole [data-action="session.close"]').click()
    assert "0 件占用中的订单还没付款，74 件已付待发" in evening.ask().inner_text()
    evening.answered()
    evening.did("session.close")
    evening.desk.locator('#status[data-status="closed"]').wait_for()
    assert evening.board["session"]["status"] == "closed"
    last = evening.entries()[-1]["seq"]
    [recording] = evening.room.state.rglob("recording.jsonl")
    until(lambda: f'"seq":{last},' in recording.read_text(encoding="utf-8"), "all of it is recorded", 20)
    assert evening.room.stop() == 0
    for command in (["verify", str(recording)], ["replay", str(recording), "--verify"]):
        said = subprocess.run(
            [sys.executable, "-m", "overlaykit", *command],
            capture_output=True,
            text=True,
            cwd=Path(__file__).parents[2],
        )
        assert said.returncode == 0, said.stdout + said.stderr
