"""The log of the desk, in a real browser: what happened in words, searched, and numbers proved."""

from __future__ import annotations

import datetime as dt
import json
import re
from collections.abc import Iterator
from typing import TYPE_CHECKING, Any
from urllib.parse import quote
from zoneinfo import ZoneInfo

import pytest

from overlaykit.model.notes import ForecastUpdated, Noted, ObsHealth, ObsValues
from overlaykit.stock.notes import encode_note, read_answer
from tests.conftest import StoreServer
from tests.web.conftest import Web, serving

if TYPE_CHECKING:
    from playwright.sync_api import Page

    from tests.web.desks import Desks

pytestmark = [pytest.mark.store, pytest.mark.browser]

MANY = 3_000
LINE = ".log-line"


@pytest.fixture(scope="module")
def room(store: StoreServer, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Web]:
    """A room that has seen MANY orders of A, and then a few other things."""
    with serving(store, tmp_path_factory.mktemp("log"), "log", units=10_000) as web:
        line = '{{"type":"order.reserve","id":"n-{0}","order":"n-{0}","lines":[{{"sku":"A","quantity":1}}]}}\n'
        body = "".join(line.format(number) for number in range(MANY)).encode()
        assert web.send(body, type="application/x-ndjson").status == 200
        happen(
            web,
            {"type": "order.reserve", "order": "o-1", "channel": "mini", "lines": [{"sku": "B", "quantity": 2}]},
            {"type": "order.reserve", "order": "o-2", "lines": [{"sku": "B", "quantity": 50_000}]},
            {"type": "stock.adjust", "sku": "B", "location": "la", "delta": -7, "reason": "残次"},
            {"type": "order.record", "order": "d-1", "paid": True, "lines": [{"sku": "B", "quantity": 9_994}]},
            {"type": "announce.show", "text": "<img src=x onerror=alert(1)>"},
        )
        yield web


def happen(web: Web, *commands: dict[str, Any]) -> None:
    for command in commands:
        assert web.send(command).status == 200


def said_of(web: Web, words: str) -> dict[str, Any]:
    """The last entry with these words, as the API tells it."""
    found: dict[str, Any] = web.get(f"/api/v1/sessions/{web.session}/log?text={quote(words)}&limit=1").json["entries"][
        0
    ]
    return found


@pytest.fixture(scope="module")
def page(desks: Desks) -> Page:
    """The page that the stories share."""
    clipboard = ["clipboard-read", "clipboard-write"]
    return desks.open(
        "viewer", view="log", lang="zh-CN", viewport={"width": 1440, "height": 900}, permissions=clipboard
    )


@pytest.fixture
def log(page: Page) -> Page:
    """The log as it is opened: nothing is sought, at the top."""
    page.evaluate("document.querySelectorAll('dialog[open]').forEach((each) => each.close())")
    page.click("button[type=reset]")
    wait(
        page,
        """() => {
          const list = document.querySelector(".log-list");
          return list.ariaBusy === "false" && list.scrollTop === 0 && list.querySelectorAll(".log-line").length > 5;
        }""",
    )
    return page


def wait(page: Page, condition: str, given: Any = None) -> None:
    page.wait_for_function(condition, arg=given)


def texts(page: Page) -> list[str]:
    return page.locator(f"{LINE} .text").all_inner_texts()


def until_shown(page: Page, count: int) -> None:
    wait(page, "(count) => document.querySelectorAll('.log-line').length === count", count)


def test_the_newest_entry_stands_first_and_what_comes_from_outside_stays_text(log: Page) -> None:
    assert texts(log)[0] == "公告：<img src=x onerror=alert(1)>"
    assert texts(log)[1].startswith("平台订单 d-1：9994 件 2号链接 商品 B <b>，已付款")
    assert log.locator(LINE).nth(1).get_attribute("data-emphasis") == "alarm"
    assert "没有执行：订单 o-2 占用 50000 件" in texts(log)[3]
    assert log.locator(f"{LINE} img").count() == 0


def test_it_is_searched_on_the_server(log: Page) -> None:
    log.fill("input[name=text]", "占用 n-2345")
    wait(log, "() => document.querySelector('.log-line .text')?.textContent.startsWith('订单 n-2345 占用')")
    until_shown(log, 1)
    wait(log, "() => document.querySelector('.log-end [role=status]').textContent === '到开头了'")
    log.fill("input[name=text]", "占用　Ｎ－２３４４")  # as an input method may write it
    wait(log, "() => document.querySelector('.log-line .text')?.textContent.startsWith('订单 n-2344 占用')")
    log.fill("input[name=text]", "没有人说过")
    until_shown(log, 0)
    wait(log, "() => document.querySelector('.log-end [role=status]').textContent === '没有符合条件的记录 · 到开头了'")


def test_it_is_filtered_by_kind_item_and_person(log: Page) -> None:
    log.get_by_role("button", name="画面", exact=True).click()
    until_shown(log, 1)
    assert log.get_by_role("button", name="画面", exact=True).get_attribute("aria-pressed") == "true"
    log.get_by_role("button", name="画面", exact=True).click()
    item = log.get_by_role("combobox", name="商品")
    item.fill("shangpin b")
    log.get_by_role("option", name="2号链接 商品 B <b>", exact=True).click()
    until_shown(log, 4)
    log.select_option("select[name=source]", "desk")
    until_shown(log, 0)
    log.click("button[type=reset]")
    wait(log, "() => document.querySelectorAll('.log-line').length > 5")
    assert item.input_value() == ""


def test_only_what_wants_a_look_is_a_press_away(log: Page) -> None:
    log.get_by_role("button", name="需要注意").click()
    until_shown(log, 1)
    assert texts(log)[0].startswith("平台订单 d-1")


def test_what_is_measured_every_few_seconds_is_told_to_whoever_asks_for_it(log: Page, room: Web) -> None:
    happen(room, {"type": "note.set", "text": "慢一点"})
    for cpu in (0.2, 0.3, 0.4):
        fares = ObsHealth(obs="main", values=ObsValues(cpu=cpu))
        pace = ForecastUpdated(items={"A": (60 * cpu, None)})
        measured = [Noted(f"fares-{cpu}", fares, "obs:main"), Noted(f"pace-{cpu}", pace, "clock")]
        for answer in room.engine.decide([encode_note(each, None) for each in measured]):
            assert read_answer(answer).status == "accepted"
    happen(room, {"type": "note.set", "text": "快一点"})
    log.locator(f"{LINE} .text", has_text="快一点").wait_for()
    assert [each.partition("：")[2] for each in texts(log)[:2]] == ["快一点", "慢一点"]
    log.get_by_role("button", name="OBS", exact=True).click()
    until_shown(log, 3)
    assert texts(log)[0] == "OBS main 运行：CPU 40%"
    log.click("button[type=reset]")
    wait(log, "() => document.querySelector('.log-line .text')?.textContent.includes('快一点')")
    log.fill("input[name=text]", "CPU 30%")
    until_shown(log, 1)
    log.fill("input[name=text]", "")
    log.select_option("select[name=source]", "clock")
    log.locator(f"{LINE} .text", has_text="销售速度").nth(2).wait_for()


def test_of_thousands_of_entries_only_those_in_sight_are_on_the_page(log: Page) -> None:
    log.locator(LINE).first.focus()
    log.keyboard.press("Home")
    while "按方案建立" not in texts(log)[-1]:
        log.keyboard.press("End")
        wait(
            log,
            """() => {
              const place = (line) => Number(line.getAttribute("aria-posinset"));
              const chosen = place(document.activeElement);
              const lines = [...document.querySelectorAll(".log-line")];
              return lines.some((line) => place(line) > chosen || line.textContent.includes("按方案建立"));
            }""",
        )
        assert log.locator(LINE).count() < 60
    log.keyboard.press("End")
    last = log.locator(f"{LINE}:focus")
    wait(log, "(count) => Number(document.activeElement.getAttribute('aria-posinset')) > count", MANY)
    assert last.locator(".text").inner_text() == "场次“测试场 <log>”按方案建立：2 款商品"


def test_new_entries_arrive_at_the_top_and_move_nothing_that_is_being_read(log: Page, room: Web) -> None:
    happen(room, {"type": "countdown.set", "name": "coupon", "seconds": 3600})
    wait(log, "() => document.querySelector('.log-line .text')?.textContent === '倒计时 coupon：1 小时'")
    log.locator(".log-list").evaluate("(list) => { list.scrollTop = 1000; }")
    wait(log, "() => Number(document.querySelector('.log-line')?.getAttribute('aria-posinset')) > 5")
    read = texts(log)
    happen(room, {"type": "item.feature", "link": 2}, {"type": "item.feature", "link": 1})
    news = log.locator(".log-news")
    news.wait_for(state="visible")
    wait(log, "() => document.querySelector('.log-news').textContent === '↑ 2 条新记录'")
    assert texts(log) == read
    news.click()
    wait(log, "() => document.querySelector('.log-line .text')?.textContent === '讲解 1号链接 商品 A <b>'")
    assert news.is_hidden()


def test_an_entry_is_opened_by_keyboard_and_says_all_its_fields_in_words(log: Page, room: Web) -> None:
    log.fill("input[name=text]", "残次")
    until_shown(log, 1)
    log.locator(".of-kind").last.focus()
    log.keyboard.press("Tab")
    log.keyboard.press("Enter")
    dialog = log.get_by_role("dialog")
    dialog.locator("dl").wait_for()
    fields = dialog.locator("dl").inner_text()
    at = dt.datetime.fromisoformat(said_of(room, "残次")["at"]).astimezone(ZoneInfo("Asia/Shanghai"))
    assert re.search(rf"时间\s+{at:%Y-%m-%d %H:%M:%S}", fields)
    assert re.search(r"仓库\s+洛杉矶仓", fields)
    assert re.search(r"增减\s+-7", fields)
    assert "{" not in fields
    dialog.get_by_role("button", name="复制 JSON").click()
    dialog.get_by_role("button", name="已复制").wait_for()
    copied = json.loads(log.evaluate("navigator.clipboard.readText()"))
    assert (copied["type"], copied["data"]["delta"]) == ("stock.adjust", -7)
    log.keyboard.press("Escape")
    assert dialog.count() == 0
    assert log.evaluate("document.activeElement.className") == "log-line"


def test_an_address_opens_an_entry_and_from_there_only_its_order(log: Page) -> None:
    log.evaluate("location.hash = '#log/seq-3'")
    dialog = log.get_by_role("dialog")
    dialog.get_by_role("button", name="只看订单 n-0").click()
    until_shown(log, 1)
    assert log.locator(".of-order").inner_text() == "订单 n-0 ✕"
    log.locator(".of-order").click()
    wait(log, "() => document.querySelectorAll('.log-line').length > 5")
    assert log.locator(".of-order").is_hidden()


def test_back_closes_what_was_opened_to_read(log: Page) -> None:
    log.evaluate("location.hash = '#log/seq-3'")
    dialog = log.get_by_role("dialog")
    dialog.locator("dl").wait_for()
    log.go_back()
    dialog.wait_for(state="detached")
    assert log.locator("#view-log").is_visible()
    log.evaluate("location.hash = '#rules'")
    log.locator("#view-rules").wait_for()
    log.keyboard.press("?")
    dialog.wait_for()
    log.go_back()
    dialog.wait_for(state="detached")
    log.locator("#view-log").wait_for()


def test_a_number_is_proved_by_an_unbroken_chain(log: Page, room: Web) -> None:
    log.fill("input[name=text]", "残次")
    until_shown(log, 1)
    log.locator(LINE).click()
    log.get_by_role("button", name="2号链接 商品 B <b> 的可售怎么来的").click()
    proof = log.locator(".log-proof")
    proof.get_by_text("从 0 开始，每一步都在上面").wait_for()
    assert proof.locator("h2").inner_text() == "证明：2号链接 商品 B <b> · 可售"
    steps = [
        tuple(int(step.locator(part).inner_text().replace(",", "")) for part in (".before", ".after"))
        for step in proof.locator(".step").all()
    ]
    assert steps[-1] == (0, 10_000)
    assert [after for _, after in steps[1:]] == [before for before, _ in steps[:-1]]
    assert steps[0][1] == room.board()["items"]["B"]["available"] == 0
    said = proof.get_by_role("button", name="残次")
    said.click()
    proof.locator("dl").wait_for()
    assert said.get_attribute("aria-expanded") == "true"


def test_a_long_proof_is_read_on_and_says_when_the_number_moves(log: Page, room: Web) -> None:
    log.fill("input[name=text]", "n-2999")
    until_shown(log, 1)
    log.locator(LINE).click()
    log.get_by_role("button", name="1号链接 商品 A <b> 的可售怎么来的").click()
    proof = log.locator(".log-proof")
    proof.locator(".change").nth(49).wait_for()
    proof.get_by_role("button", name="更早的").click()
    proof.locator(".change").nth(99).wait_for()
    happen(room, {"type": "order.reserve", "order": "late", "lines": [{"sku": "A", "quantity": 3}]})
    proof.get_by_role("button", name="数字有新变化 · 更新").click()
    proof.get_by_text("订单 late 占用 3 件").wait_for()


@pytest.mark.parametrize("size", [(1440, 900), (1024, 768), (390, 844)])
def test_it_fits_every_screen(log: Page, size: tuple[int, int]) -> None:
    log.set_viewport_size({"width": size[0], "height": size[1]})
    try:
        wide = log.evaluate("document.documentElement.scrollWidth - document.documentElement.clientWidth")
        assert wide == 0
        assert log.locator(".log-list").evaluate("(list) => list.scrollWidth - list.clientWidth") == 0
    finally:
        log.set_viewport_size({"width": 1440, "height": 900})
