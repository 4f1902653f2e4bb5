"""A rule is tried on the desk: what it would do, for whom, and nothing of it done."""

from __future__ import annotations

import asyncio
import json
import os
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from threading import Event
from typing import TYPE_CHECKING, Any

import msgspec
import pytest

from overlaykit.rules import Slot
from overlaykit.stock import DIRECTOR, lease_key, recall_key
from overlaykit.store import connect_async
from overlaykit.store.recall import RecallQuestion, answer_recall, recall_questions
from tests.conftest import START_SECONDS, StoreServer
from tests.web.conftest import Answer, Web, serving

if TYPE_CHECKING:
    from playwright.sync_api import Browser

pytestmark = pytest.mark.store

LATER: dict[str, Any] = {
    "rule": [
        {
            "name": "last 50/少",
            "when": "available < 50",
            "if": "item.on_air and item.available > 5",
            "do": [
                {"action": "announce", "text": "最后 {{ item.available }} 件 <b>", "level": "urgent"},
                {"action": "chat", "text": "快抢", "otherwise": "task"},
                {"action": "obs.scene", "scene": "特写"},
                {"action": "next_item", "confirm": "desk", "after": 30},
            ],
        },
        {"name": "红包", "when": "button 红包", "do": [{"action": "task", "text": "发红包"}]},
    ],
    "alert": [{"when": "available < 20%", "level": "warning"}],
    "obs": {"main": {}},
}


@pytest.fixture(scope="module")
def room(store: StoreServer, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Web]:
    """100 units of A and of B; A is on air."""
    with serving(
        store, tmp_path_factory.mktemp("trials"), f"trials-{os.getpid()}-{os.urandom(2).hex()}", units=100, later=LATER
    ) as web:
        web.send({"type": "item.feature", "sku": "A"})
        yield web


def try_rule(room: Web, name: str, body: Any = None, *, scope: str = "operator", lang: str = "en") -> Answer:
    path = f"/desk/rules/{name}/try?session={room.session}&lang={lang}"
    text = body if isinstance(body, bytes) else json.dumps(body or {}).encode()
    return room.ask("POST", path, text, scope=scope, headers={"Content-Type": "application/json"})


def test_a_trial_says_what_would_be_done_and_does_nothing(room: Web) -> None:
    before = room.board()["seq"]
    found = try_rule(room, "last%2050%2F%E5%B0%91").json
    assert (found["sku"], found["fires"], found["seq"]) == ("A", False, before)
    assert [(each["check"], each["right"]) for each in found["checks"]] == [
        ("trigger", False),
        ("rearm", False),
        ("if", True),
        ("if", True),
    ]
    announce, chat, scene, onward = found["actions"]
    available = room.board()["items"]["A"]["available"]
    assert announce["arguments"] == {"text": f"最后 {available} 件 <b>", "level": "urgent"}
    assert (announce["becomes"], announce["why"]) == ("done", None)
    assert (chat["becomes"], chat["why"]) == ("task", "no channel of the plan can do it")
    assert (scene["becomes"], scene["why"]) == ("failed", "OBS main is not connected")
    assert (onward["becomes"], onward["seconds"]) == ("asked", 30)
    assert room.board()["seq"] == before


def test_what_the_director_remembers_is_asked_of_it(room: Web) -> None:
    asked, ready = recall_key(room.session), Event()

    async def lead() -> list[RecallQuestion]:
        async with connect_async(room.store_url) as client:
            await client.ping()
            ready.set()
            found = await recall_questions(client, asked, START_SECONDS)
            await answer_recall(client, asked, {each.id: msgspec.json.encode(Slot(spent=True)) for each in found})
            return found

    leads = lease_key(room.session, DIRECTOR)
    room.client.set(leads, "a director")
    try:
        with ThreadPoolExecutor() as other:
            director = other.submit(asyncio.run, lead())
            assert ready.wait(START_SECONDS)
            found = try_rule(room, "last%2050%2F%E5%B0%91").json
            [question] = director.result()
    finally:
        room.client.delete(leads)
    assert (question.rule, question.sku) == ("last 50/少", "A")
    [rearm] = [each["why"] for each in found["checks"] if each["check"] == "rearm"]
    assert rearm.startswith("it fired, and is not armed again until available is at least 55")


def test_a_rule_is_tried_for_another_item_an_alert_for_none_and_a_button_for_the_room(room: Web) -> None:
    other = try_rule(room, "last%2050%2F%E5%B0%91", {"sku": "B"}, lang="zh-CN").json
    assert [each["why"] for each in other["checks"] if each["check"] == "if" and not each["right"]] == ["item.on_air"]
    assert "现在可售" in other["checks"][0]["why"]
    assert [each["action"] for each in try_rule(room, "alert-1").json["actions"]] == ["alert"]
    button = try_rule(room, "%E7%BA%A2%E5%8C%85").json
    assert (button["sku"], button["fires"], button["actions"][0]["becomes"]) == (None, True, "task")


def test_who_may_not_operate_and_what_is_not_there_is_refused(room: Web) -> None:
    for scope in ("viewer", "connector", "overlay"):
        assert try_rule(room, "alert-1", scope=scope).status == 403
    unknown = try_rule(room, "alert-2", lang="zh-CN")
    assert (unknown.status, "是不是想写 alert-1" in unknown.json["detail"]) == (422, True)
    for body in ({"sku": "NONE"}, {"sku": 3}, {"item": "A"}, [1]):
        answer = try_rule(room, "alert-1", body)
        assert (answer.status, answer.json["type"]) == (422, "urn:overlaykit:invalid"), body
    assert try_rule(room, "alert-1", b'{"sku":"\xff"}').status == 400


@pytest.mark.browser
def test_a_trial_is_read_on_the_desk(room: Web, chromium: Browser) -> None:
    context = chromium.new_context()
    page = context.new_page()
    page.set_default_timeout(15_000)
    try:
        page.goto(
            f"{room.url}/desk?session={room.session}&lang=zh-CN&token={room.tokens['operator']}#rules",
        )
        rule = page.locator("#view-rules li.rule", has_text="last 50/少")
        assert rule.locator(".stands").inner_text() == "待命"
        rule.locator(".fire summary").click()
        before = room.board()["seq"]
        rule.get_by_role("button", name="试运行").click()
        rule.locator(".trial", has_text="商品 A <b>：现在不会自动触发").wait_for()
        actions = rule.locator(".does > li")
        assert actions.first.locator("em").inner_text() == "自动执行"
        assert "件 <b>" in actions.first.inner_text(), "text stays text"
        assert actions.nth(1).locator(".why-not").inner_text() == "方案里没有哪个渠道或通知方式能做这件事"
        assert [each.locator("em").inner_text() for each in actions.all()] == [
            "自动执行",
            "变成待办",
            "做不成",
            "先问人",
        ]
        assert room.board()["seq"] == before
    finally:
        context.close()
