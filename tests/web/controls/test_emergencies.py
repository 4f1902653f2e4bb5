"""Emergency plans on the desk: what one will do is named before it runs; then each desk shows what came of it, and a checklist that
stays over a reload."""

from __future__ import annotations

import os
from collections.abc import Callable, Iterator
from typing import TYPE_CHECKING, Any

import pytest

from overlaykit.model import notes as n
from tests.conftest import StoreServer
from tests.web.conftest import Web, serving
from tests.web.controls.emergency_room import note, troubled_plan
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


def test_what_comes_of_each_action_is_told(room: Web, desk: Page, fired: int) -> None:
    assert acts(desk) == ["not heard yet", "not heard yet"]
    assert f"operator-{room.session}" in card(desk).locator(".why").inner_text()
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
    card(desk).get_by_text("wrong secret").wait_for()
    assert acts(desk) == ["done", "failed"]
    assert "密钥不对" not in card(desk).inner_text()


def test_the_checklist_is_ticked_off_and_stays(room: Web, desks: Desks, desk: Page, ran: int) -> None:
    card(desk).get_by_label("先讲别的商品").check()
    card(desk).get_by_text("1 left").wait_for()
    other = desks.open("viewer", lang="zh-CN")
    card(other).get_by_text("还剩 2 项").wait_for()
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


def test_the_answer_goes_on_where_the_last_one_ended(room: Web, ran: int, fired: int) -> None:
    def ask(query: str = "") -> Any:
        return room.get(f"/desk/emergencies?session={room.session}{query}", scope="viewer").json

    first = ask()
    assert [(run["seq"], run["name"]) for run in first["runs"]] == [(ran, "oversold")]
    assert [(act["run"], act["index"], act["status"]) for act in first["acts"]] == [
        (ran, 0, "done"),
        (ran, 1, "failed"),
    ]
    note(room, n.ActionDone(firing=fired, index=1, action="notify", target="group", status="task"), source=PLAN)
    later = ask(f"&after={first['through']}")
    assert (later["runs"], later["through"]) == ([], first["through"] + 1)
    assert [(act["run"], act["status"]) for act in later["acts"]] == [(ran, "task")], (
        "whose it is, is known all the same"
    )
    assert room.get(f"/desk/emergencies?session={room.session}", scope="overlay").status == 403


def test_one_is_run_by_keys_alone(room: Web, desk: Page, told: Callable[[str], dict[str, Any]]) -> None:
    desk.get_by_role("button", name="冻结数字").focus()
    desk.keyboard.press("Enter")
    question = desk.get_by_role("alertdialog")
    question.wait_for()
    desk.keyboard.press("Tab")
    desk.keyboard.press("Enter")
    assert told("emergency.run")["data"] == {"name": "freeze"}
    first = desk.locator("#runs .run", has_text="冻结数字").get_by_role("checkbox").first
    first.focus()
    desk.keyboard.press("Space")
    assert first.is_checked()
