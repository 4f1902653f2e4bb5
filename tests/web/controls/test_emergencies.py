"""Emergency plans on the desk: what one will do is named before it runs; then each desk shows what came of it, and a checklist that
stays over a reload."""

from __future__ import annotations

import json
import os
import re
from collections.abc import Callable, Iterator
from typing import TYPE_CHECKING, Any

import pytest

from overlaykit.model import notes as n
from overlaykit.web.desk.emergencies import LOOKED_AT_MOST
from tests.conftest import StoreServer, until
from tests.web.conftest import Web, serving
from tests.web.controls.emergency_room import lead, lose_obs, note, troubled_plan
from tests.web.desks import Desks

if TYPE_CHECKING:
    from playwright.sync_api import Locator, Page

pytestmark = [pytest.mark.browser, pytest.mark.store]
PLAN = "rule:emergency.oversold"


@pytest.fixture(scope="module")
def room(store: StoreServer, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Web]:
    """A room whose emergency plan `oversold` freezes the numbers and tells the team."""
    session = f"emergencies-{os.getpid()}-{os.urandom(2).hex()}"
    with serving(store, tmp_path_factory.mktemp("emergencies"), session, plan=troubled_plan(session)) as web:
        lead(web)
        yield web


@pytest.fixture(scope="module")
def ran(room: Web, desk: Page) -> int:
    """The entry with which an operator ran the plan, by its button and a yes."""
    began = room.board()["seq"]
    desk.get_by_role("button", name="超卖 <b>应急").click()
    question = desk.get_by_role("alertdialog")
    lines = question.locator("li").all_inner_texts()
    assert lines == [
        "the numbers on screen freeze, orders still count",
        "the team is told",
        "先讲别的商品",
        "联系 <i>仓库</i>",
    ]
    desk.keyboard.press("Enter")
    question.wait_for(state="detached")
    assert room.board()["seq"] == began, "what is safe has the focus"
    desk.get_by_role("button", name="超卖 <b>应急").click()
    question.get_by_role("button", name="Run an emergency plan").click()
    card(desk).wait_for()
    return int(began) + 1


def card(page: Page) -> Locator:
    """The checklist of the plan."""
    return page.locator("#runs .run", has_text="超卖 <b>应急")


def acts(page: Page) -> list[Any]:
    return [line.locator(".came").inner_text() for line in card(page).locator(".acts li").all()]


@pytest.fixture(scope="module")
def fired(room: Web, ran: int) -> int:
    """The entry with which the director made it a firing."""
    note(room, n.RuleFired(rule="emergency.oversold", key=f"hand {ran}"), source=PLAN, cause=ran)
    return int(room.board()["seq"])


@pytest.fixture(scope="module")
def acted(room: Web, desk: Page, fired: int) -> int:
    """The firing, after the director has said what came of both actions."""
    assert acts(desk) == ["not heard yet", "not heard yet"]
    note(
        room,
        n.ActionDone(firing=fired, index=0, action="stock", status="done"),
        n.ActionDone(
            firing=fired, index=1, action="notify", target="group", status="failed", detail="密钥不对 / wrong secret"
        ),
        n.ActionDone(firing=fired + 999, index=0, action="stock", status="failed"),
        source=PLAN,
    )
    note(room, n.ActionDone(firing=fired, index=0, action="stock", status="failed"), source="rule:last-50")
    return fired


@pytest.mark.usefixtures("acted")
def test_what_comes_of_each_action_is_told(room: Web, desk: Page) -> None:
    assert f"operator-{room.session}" in card(desk).locator(".why").inner_text()
    card(desk).get_by_text("wrong secret").wait_for()
    assert acts(desk) == ["done", "failed"]
    assert "密钥不对" not in card(desk).inner_text()
    told = [line.locator(".instead").text_content() for line in card(desk).locator(".acts li").all()]
    assert told == ["", "Call them, or write to them yourself."]


def test_the_checklist_is_ticked_off_and_stays(room: Web, desks: Desks, desk: Page, ran: int) -> None:
    card(desk).get_by_label("先讲别的商品").check()
    card(desk).get_by_text("1 left").wait_for()
    other = desks.open("viewer", lang="zh-CN")
    card(other).get_by_text("还剩 2 项").wait_for()
    tab = desk.context.new_page()
    tab.goto(desk.url)
    card(tab).get_by_label("联系 <i>仓库</i>").check()
    card(desk).get_by_text("all done").wait_for()
    card(tab).get_by_label("联系 <i>仓库</i>").uncheck()
    tab.close()
    card(desk).get_by_text("1 left").wait_for()
    desk.reload()
    card(desk).get_by_text("1 left").wait_for()
    assert card(desk).get_by_label("先讲别的商品").is_checked()
    card(desk).get_by_label("联系 <i>仓库</i>").check()
    card(desk).get_by_text("all done").wait_for()
    card(desk).get_by_role("button", name="Put away").click()
    card(desk).wait_for(state="detached")
    desk.reload()
    desk.locator("#alerts .alerts-head").wait_for()
    desk.wait_for_function("document.getElementById('connection').dataset.ok === 'true'")
    assert card(desk).count() == 0, "what was put away stays away"
    assert card(other).is_visible(), "on this browser alone"


def test_the_answer_goes_on_where_the_last_one_ended(room: Web, ran: int, acted: int) -> None:
    def ask(query: str = "") -> Any:
        return room.get(f"/desk/emergencies?session={room.session}{query}", scope="viewer").json

    first = ask()
    assert [(run["seq"], run["name"]) for run in first["runs"]] == [(ran, "oversold")]
    assert [(act["run"], act["index"], act["status"]) for act in first["acts"]] == [
        (ran, 0, "done"),
        (ran, 1, "failed"),
    ]
    note(room, n.ActionDone(firing=acted, index=1, action="notify", target="group", status="task"), source=PLAN)
    later = ask(f"&after={first['through']}")
    assert (later["runs"], later["through"]) == ([], first["through"] + 1)
    assert [(act["run"], act["status"]) for act in later["acts"]] == [(ran, "task")], (
        "whose it is, is known all the same"
    )
    assert room.get(f"/desk/emergencies?session={room.session}", scope="overlay").status == 403


@pytest.mark.usefixtures("acted")
def test_a_run_is_told_however_many_orders_came_since(room: Web, ran: int) -> None:
    lines = [{"sku": "nobody-has-this", "quantity": 1}]
    orders = [
        {"type": "order.reserve", "id": f"rush-{n}", "order": f"rush-{n}", "lines": lines}
        for n in range(LOOKED_AT_MOST)
    ]
    refused = room.send("\n".join(map(json.dumps, orders)).encode(), type="application/x-ndjson")
    assert refused.body.count(b'"unknown_sku"') == LOOKED_AT_MOST

    def told() -> bool:
        answer = room.get(f"/desk/emergencies?session={room.session}", scope="viewer").json
        runs = [run["seq"] for run in answer["runs"]]
        acts = {(act["run"], act["index"]) for act in answer["acts"]}
        return (runs, acts, answer["more"]) == ([ran], {(ran, 0), (ran, 1)}, False)

    until(told, "a desk that is opened later has the run and what came of it")


def test_one_is_run_by_keys_alone(room: Web, desk: Page, told: Callable[[str], dict[str, Any]]) -> None:
    desk.locator("#emergencies").get_by_role("button", name="Freeze the numbers").focus()
    desk.keyboard.press("Enter")
    question = desk.get_by_role("alertdialog")
    question.wait_for()
    desk.keyboard.press("Tab")
    desk.keyboard.press("Enter")
    assert told("emergency.run")["data"] == {"name": "freeze"}
    first = desk.locator(f'#runs .run[data-key="{told("emergency.run")["seq"]}"]').get_by_role("checkbox").first
    first.focus()
    desk.keyboard.press("Space")
    assert first.is_checked()


def run_plan(page: Page, title: str, told: Callable[[str], dict[str, Any]]) -> Locator:
    """Runs it from the desk. The checklist of this run, whatever others there are."""
    page.locator("#emergencies").get_by_role("button", name=title, exact=True).click()
    page.get_by_role("alertdialog").get_by_role("button", name="执行应急预案").click()
    run = page.locator(f'#runs .run[data-key="{told("emergency.run")["seq"]}"]')
    run.get_by_role("heading", name=title, exact=True).wait_for()
    return run


@pytest.mark.parametrize("name", ["安全画面", "超卖 <b>应急", "数据源断了", "OBS 断了", "冻结数字"])
def test_without_a_director_each_plan_says_that_people_have_to_do_it(
    room: Web, open_desk: Callable[..., Page], told: Callable[[str], dict[str, Any]], name: str
) -> None:
    lead(room, there=False)
    desk = open_desk(lang="zh-CN")
    run = run_plan(desk, name, told)
    run.get_by_text("执行预案的程序没有运行").wait_for()
    lines = run.locator(".acts li").all()
    assert [line.locator(".came").inner_text() for line in lines] == ["没有回应"] * len(lines)
    for line in lines:
        next_step = line.locator(".instead, .by-hand:visible").all_inner_texts()
        assert "请" in "".join(next_step) or "冻结数字" in next_step
    assert run.get_by_role("checkbox").first.is_visible(), "the checklist is there all the same"
    lead(room)
    run.get_by_text("执行预案的程序没有运行").wait_for(state="hidden")


def test_two_who_run_one_plan_at_the_same_time_have_one_checklist(room: Web, open_desk: Callable[..., Page]) -> None:
    desk = open_desk(lang="zh-CN")
    first, second = (
        desk.locator(f'#runs .run[data-key="{outcome["seq"]}"]')
        for outcome in room.send([{"type": "emergency.run", "name": "source-lost"} for _ in range(2)]).json
    )
    room.send({"type": "note.set", "text": "to be seen after them"})
    first.wait_for()
    assert second.count() == 0


def test_without_a_director_the_numbers_are_frozen_and_thawed_from_the_checklist(
    room: Web, open_desk: Callable[..., Page], told: Callable[[str], dict[str, Any]]
) -> None:
    lead(room, there=False)
    desk = open_desk(lang="zh-CN")
    acts = run_plan(desk, "超卖 <b>应急", told).locator(".acts")
    freeze, thaw = (acts.get_by_role("button", name=name) for name in ("冻结数字", "恢复数字"))
    freeze.click()
    desk.get_by_role("alertdialog").get_by_role("button", name="冻结数字").click()
    told("session.freeze")
    freeze.wait_for(state="hidden")
    thaw.click()
    told("session.thaw")
    thaw.wait_for(state="hidden")
    lead(room)


def test_a_plan_that_leaves_nobody_anything_to_do_is_a_line(room: Web, open_desk: Callable[..., Page]) -> None:
    desk = open_desk(lang="zh-CN")
    ran = room.send({"type": "emergency.run", "name": "pause"}).json["seq"]
    run = desk.locator(f'#runs .run[data-key="{ran}"]')
    acts = run.locator(".acts")
    acts.wait_for()
    source = "rule:emergency.pause"
    note(room, n.RuleFired(rule="emergency.pause", key=f"hand {ran}"), source=source, cause=ran)
    done = n.ActionDone(firing=room.board()["seq"], index=0, action="announce", target="session", status="done")
    note(room, done, source=source)
    acts.wait_for(state="hidden")
    assert run.get_by_role("heading", name="先停一停").is_visible()


def test_while_obs_is_away_the_safe_scene_waits_and_is_then_told_as_not_done(
    room: Web, open_desk: Callable[..., Page], told: Callable[[str], dict[str, Any]]
) -> None:
    lose_obs(room)
    desk = open_desk(lang="zh-CN")
    desk.locator("#alerts .alert", has_text="OBS main 没连上").wait_for()  # whether it ever was, nobody knows
    run = run_plan(desk, "安全画面", told)
    began = told("emergency.run")["seq"]
    run.get_by_text("OBS main 没连上：马上连上才会执行。").wait_for()
    assert run.locator(".instead").inner_text() == "请到推流电脑的 OBS 里手动操作。"
    source = "rule:emergency.safe-scene"
    note(room, n.RuleFired(rule="emergency.safe-scene", key=f"hand {began}"), source=source, cause=began)
    firing = room.board()["seq"]
    late = "已过时，不再执行：OBS 没有连上 / too late, not done: OBS is not connected"
    note(
        room,
        n.ObsActed(firing=firing, index=0, action="obs.scene", target="main", status="skipped", detail=late),
        source=source,
    )
    run.get_by_text("已过时，不再执行").wait_for()
    assert run.locator(".came").inner_text() == "没有执行"
    assert run.locator(".instead").inner_text() == "请到推流电脑的 OBS 里手动操作。"
    assert run.get_by_role("checkbox").count() == 3


def test_an_english_desk_reads_the_usual_ones_in_english(room: Web, open_desk: Callable[..., Page]) -> None:
    room.send([{"type": "emergency.run", "name": name} for name in ("freeze", "oversold")])
    desk = open_desk(lang="en")
    buttons = desk.locator("#emergencies .control")
    assert buttons.all_inner_texts()[-4:] == ["Source lost", "OBS lost", "Freeze the numbers", "Safe scene"]
    assert buttons.first.inner_text() == "超卖 <b>应急", "as its author wrote it"
    buttons.get_by_text("Source lost").click()
    question = desk.get_by_role("alertdialog")
    question.get_by_text("When the source speaks again, thaw the numbers").wait_for()
    assert "Source lost" in question.inner_text()
    desk.keyboard.press("Escape")
    checklist = desk.locator("#runs .run", has=desk.get_by_role("heading", name="Freeze the numbers")).first
    checklist.get_by_role("checkbox", name="Say no exact numbers meanwhile").wait_for()
    own = desk.locator("#runs .run", has=desk.get_by_role("heading", name="超卖 <b>应急")).first
    own.get_by_role("checkbox", name="先讲别的商品").wait_for()


def test_alerts_are_a_press_away_where_they_are_out_of_sight(room: Web, open_desk: Callable[..., Page]) -> None:
    order = {"type": "order.record", "order": "too-many", "channel": "mini", "paid": True}
    assert room.send({**order, "lines": [{"sku": "A", "quantity": 5000}]}).status == 200
    desk = open_desk(lang="zh-CN")
    mark = desk.locator('#alerts-mark[data-level="urgent"]')
    mark.wait_for()
    assert re.fullmatch(r"\d+ 条预警", mark.inner_text())
    desk.set_viewport_size({"width": 1440, "height": 420})
    mark.click()
    desk.wait_for_function("document.activeElement.id === 'alerts-title'")
    desk.wait_for_function("""() => {
      const { top } = document.getElementById("alerts-title").getBoundingClientRect();
      return top >= 0 && top < innerHeight / 2;
    }""")
