"""The desk of a room with rules: what it shows, what may be pressed on it, and by whom."""

from __future__ import annotations

import datetime as dt
import json
import os
import re
import secrets
from collections.abc import Callable, Iterator
from typing import TYPE_CHECKING, Any

import msgspec
import pytest
import websocket

from overlaykit.director.actions.builtin import ACTIONS
from overlaykit.model import notes as n
from overlaykit.model.notes import AnyNote, Noted, firing_id
from overlaykit.rules import Decision
from overlaykit.stock import decisions_key, outbox_key
from overlaykit.stock.notes import encode_note, read_answer
from overlaykit.store import TargetStatus, Tokens, connect, read_outbox
from overlaykit.web.desk.pages import VIEWS
from overlaykit.web.words import words
from tests.conftest import StoreServer, until
from tests.web.conftest import Answer, Visitor, Web, say_outside, serving, watch
from tests.web.controls.conftest import HOLDS_THE_FEED
from tests.web.desks import BREAKABLE

if TYPE_CHECKING:
    from playwright.sync_api import Browser, Page

LATER: dict[str, Any] = {
    "rule": [
        {
            "name": "last-50",
            "when": "available < 50",
            "if": "item.on_air",
            "rearm": 80,
            "do": [{"action": "announce", "text": "最后 {{ item.available }} 件"}],
        },
        {"name": "红包", "when": "button 红包", "do": [{"action": "coupon", "coupon": "满300减50"}]},
        {"name": "asleep", "when": "sold_out", "enabled": False, "do": [{"action": "next_item"}]},
    ],
    "alert": [{"when": "available < 20%", "level": "warning"}],
    "emergency": {"oversold": {"title": "超卖应急", "do": [{"action": "stock", "command": "session.freeze"}]}},
    "obs": {"main": {"safe_scene": "应急画面"}, "second": {}},
    "source": {"erp": {"plugin": "generic_poll"}},
}


def note(web: Web, *notes: AnyNote) -> None:
    """What a director or a gateway would say."""
    encoded = [encode_note(Noted(_id(each), each, "clock"), None) for each in notes]
    answers = [read_answer(answer) for answer in web.engine.decide(encoded)]
    assert {answer.status for answer in answers} == {"accepted"}, answers


def _id(note: AnyNote) -> str:
    match note:
        case n.RuleFired(rule=rule, key=key):
            return firing_id(rule, key)
        case n.TaskOpened(task=task):
            return f"opened-{task}"
    return f"{type(note).__name__}-{secrets.token_hex(4)}"


@pytest.fixture(scope="module")
def room(store: StoreServer, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Web]:
    """A room with rules, an emergency plan and two OBS; 100 units of A and of B."""
    with serving(
        store, tmp_path_factory.mktemp("desk"), f"desk-{os.getpid()}-{os.urandom(2).hex()}", units=100, later=LATER
    ) as web:
        yield web


class Desk(Visitor):
    """Somebody who is logged in, without a screen, and presses things."""

    def __init__(self, web: Web, scope: str = "operator") -> None:
        super().__init__(web)
        self.log_in(scope)

    def press(self, command: dict[str, Any], *, lang: str = "en", **headers: str) -> Answer:
        headers = {"Origin": self.web.url, "Content-Type": "application/json", **headers}
        path = f"/desk/commands?session={self.web.session}&lang={lang}"
        headers["Cookie"] = self.cookie_header
        return self.web.ask("POST", path, json.dumps(command).encode(), scope=None, headers=headers)


def last_entry(web: Web) -> dict[str, Any]:
    seq = web.board()["seq"]
    entry: dict[str, Any] = web.get(f"/api/v1/sessions/{web.session}/ledger?since={seq - 1}").json["entries"][0]
    return entry


def test_what_is_pressed_on_the_desk_is_an_entry_with_the_operators_name(room: Web) -> None:
    desk = Desk(room)
    answer = desk.press({"type": "rule.set", "id": "p-1", "name": "last-50", "enabled": False})
    assert (answer.status, answer.json["status"]) == (200, "accepted")
    entry = last_entry(room)
    assert (entry["type"], entry["source"]) == ("rule.set", f"desk:operator-{room.session}")
    assert (
        desk.press({"type": "rule.set", "id": "p-1", "name": "last-50", "enabled": False}).json["status"] == "duplicate"
    )
    rules = room.board(scope="viewer")["direction"]["rules"]
    assert (rules["last-50"]["enabled"], rules["last-50"]["switched"]) == (False, True)


def test_the_desk_presses_what_it_has_buttons_for_and_no_more(room: Web) -> None:
    desk = Desk(room)
    refused = desk.press({"type": "order.record", "order": "o", "lines": [{"sku": "A", "quantity": 1}], "paid": True})
    assert (refused.status, refused.json["type"]) == (403, "urn:overlaykit:not_allowed")
    press = {"type": "button.press", "name": "红包"}
    for headers in ({"Origin": "http://evil.example"}, {"Origin": "null"}, {"Content-Type": "text/plain"}):
        assert desk.press(press, **headers).status == 403, headers
    token = {"Authorization": f"Bearer {room.tokens['operator']}", "Content-Type": "application/json"}
    assert room.ask("POST", "/desk/commands", json.dumps(press).encode(), scope=None, headers=token).status == 403
    viewer = Desk(room, "viewer")
    assert viewer.press(press).json["type"] == "urn:overlaykit:wrong_scope"
    assert desk.press(press).status == 200


def test_what_went_wrong_is_said_in_the_operators_language(room: Web) -> None:
    desk = Desk(room)
    gone = {"type": "task.done", "task": "no-such-task"}
    assert desk.press(gone).json["detail"] == "Not done: this task is not open any more."
    assert desk.press(gone, lang="zh-CN").json["detail"] == "没有执行：这项待办已经不在了。"
    near = desk.press({"type": "emergency.run", "name": "oversol"}, lang="zh-CN")
    assert (near.status, near.json["detail"]) == (
        422,
        "方案里没有名为 oversol 的应急预案；有：oversold、source-lost、obs-lost、freeze、safe-scene；是不是想写 oversold？",
    )


@pytest.mark.parametrize(
    ("command", "path", "said"),
    [
        ({"type": "rule.set", "name": "last-5", "enabled": True}, "name", "did you mean last-50?"),
        ({"type": "rule.fire", "name": "alert-2"}, "name", "did you mean alert-1?"),
        ({"type": "button.press", "name": "紅包"}, "name", "it has 红包"),
        ({"type": "emergency.run", "name": "oversell"}, "name", "there is no emergency plan 'oversell'"),
        ({"type": "obs.do", "obs": "mian", "request": "GetStats"}, "obs", "did you mean main?"),
    ],
)
def test_a_name_that_the_plan_does_not_have_is_found_at_the_edge(
    room: Web, command: dict[str, Any], path: str, said: str
) -> None:
    before = room.board()["seq"]
    alone = room.send({"id": "wrong", **command})
    assert (alone.status, alone.json["outcome"]["status"]) == (422, "invalid")
    assert alone.json["errors"][0]["path"] == path
    assert said in alone.json["errors"][0]["message"]
    [in_bulk] = room.send([{"id": "wrong", **command}]).json
    assert (in_bulk["id"], in_bulk["status"], in_bulk["errors"]) == ("wrong", "invalid", alone.json["errors"])
    assert room.board()["seq"] == before


def test_a_button_token_presses_its_own_button(room: Web) -> None:
    tokens = Tokens(room.client)
    room.tokens["red"] = tokens.create("button", f"red-{room.session}")
    other = room.send({"type": "button.press", "name": "红包"}, scope="red")
    assert (other.status, other.json["outcome"]["reason"]) == (403, "not_allowed")
    assert room.send({"type": "rule.fire", "name": "红包"}, scope="red").status == 403
    room.tokens["red"] = tokens.create("button", "红包")
    try:
        assert room.send({"type": "button.press", "name": "红包"}, scope="red").json["status"] == "accepted"
    finally:
        tokens.revoke("红包")


def test_the_feed_of_the_desk_tells_how_the_directors_work_stands(room: Web) -> None:
    with watch(room, "&desk=1", scope="viewer") as desk, watch(room) as public:
        assert list(desk.take_kind("board")["direction"]["rules"]) == ["last-50", "红包", "asleep"]
        assert "direction" not in public.take_kind("board")
        note(room, n.TaskOpened(task="t-1", text="请在弹幕里说一声", copy=True))
        seq = room.board()["seq"]
        desk.take_until(seq)
        public.take_until(seq)
        [task] = desk.board["direction"]["tasks"]
        assert (task["task"], task["text"], task["copy"]) == ("t-1", "请在弹幕里说一声", True)
        assert "direction" not in public.board
        room.reserve("order")
        desk.take_until(seq + 1)
        assert "direction" not in desk.last, "an order changes nothing of it"
        Desk(room).press({"type": "task.done", "task": "t-1"})
        desk.take_until(seq + 2)
        assert desk.board["direction"]["tasks"] == []


def test_every_rule_says_how_it_stands_and_why(room: Web) -> None:
    fired = n.RuleFired(rule="last-50", sku="A", key="A why", why="可售 58 → 49，低于 50", values={"available": 49})
    note(room, fired)
    seq = room.board()["seq"]
    near = Decision(rule="last-50", sku="B", held="near", seq=seq, at_ms=1_762_862_400_000, why="52，差 2 件")
    held = Decision(rule="last-50", sku="A", held="cooldown", seq=seq, at_ms=1_762_862_401_000, why="才过了 3 秒")
    room.client.hset(decisions_key(room.session), "last-50", msgspec.json.encode([near, held]))
    note(room, n.RuleFired(rule="红包", key="red why", why="场次开播", values={}))
    answer = room.get(f"/api/v1/sessions/{room.session}/rules", scope="viewer")
    assert answer.status == 200, answer.body
    assert answer.json["rules"]["红包"]["last_why"] == "场次开播"
    assert list(answer.json["rules"]) == ["last-50", "红包", "asleep", "alert-1"]
    rule = answer.json["rules"]["last-50"]
    assert (rule["when"], rule["condition"]) == ("available < 50", "item.on_air")
    assert (rule["last_seq"], rule["last_why"], rule["last_values"]) == (seq, fired.why, {"available": 49})
    assert [(each["sku"], each["held"], each["at"]) for each in rule["decisions"]] == [
        ("A", "cooldown", "2025-11-11T12:00:01.000Z"),
        ("B", "near", "2025-11-11T12:00:00.000Z"),
    ]
    assert answer.json["rules"]["alert-1"]["last_why"] is None
    assert room.get(f"/api/v1/sessions/{room.session}/rules", scope="overlay").status == 403
    assert room.get("/api/v1/sessions/none/rules").status == 404


def test_the_metrics_count_firings_actions_and_obs(room: Web) -> None:
    def metrics() -> dict[str, float]:
        lines = room.get("/metrics", scope="viewer").body.decode().splitlines()
        mark = f'session="{room.session}"'
        return {
            name.replace(f"{mark},", "").replace(f",{mark}", "").replace(mark, ""): float(value)
            for name, _, value in (line.rpartition(" ") for line in lines if mark in line)
        }

    room.board()
    before = metrics()
    note(
        room,
        n.RuleFired(rule="红包", key="metrics"),
        n.ActionDone(firing=3, index=0, action="announce", status="done"),
        n.ObsActed(firing=3, index=1, action="obs.scene", target="main", status="uncertain"),
        n.ObsActed(firing=3, index=2, action="obs.scene", target="main", status="uncertain"),
        n.ObsChanged(obs="second", state=n.ObsState(connected=True)),
        n.SourceStale(source="erp", since="2026-11-11T12:00:00.000Z"),
    )
    room.board()
    now = metrics()
    fired = 'overlaykit_rule_firings_total{rule="红包"}'
    assert now[fired] == before[fired] + 1
    assert now['overlaykit_actions_total{action="announce",status="done"}'] == 1
    assert now['overlaykit_actions_total{action="obs.scene",status="uncertain"}'] == 2
    assert (now['overlaykit_obs_connected{obs="second"}'], now['overlaykit_obs_connected{obs="main"}']) == (1, 0)
    assert (now['overlaykit_source_silent{source="erp"}'], now["overlaykit_tasks_open{}"]) == (1, 0)
    note(room, n.SourceFresh(source="erp"), n.ObsChanged(obs="second", state=n.ObsState(connected=False)))


def test_the_desk_knows_every_action_of_ours_by_a_name_for_people() -> None:
    said = {key.removeprefix("action_") for key in words("zh-CN") if key.startswith("action_")}
    assert said == {action.name for action in ACTIONS} - {"wait", "task"}, "these two neither wait for anybody nor fail"


def test_the_public_may_not_follow_the_desk(room: Web) -> None:
    with pytest.raises(websocket.WebSocketBadStatusException) as caught, watch(room, "&desk=1"):
        pass
    assert caught.value.status_code == 403


# ------------------------------------------------------------------------------------------------------------ in Chromium


def entry_of(web: Web, type: str) -> dict[str, Any]:
    """The last entry of this type, once there is one."""

    def found() -> dict[str, Any] | None:
        entries = web.get(f"/api/v1/sessions/{web.session}/ledger?limit=5000").json["entries"]
        return next((entry for entry in reversed(entries) if entry["type"] == type), None)

    return until(found, f"an entry {type}", 10)


@pytest.mark.browser
def test_a_task_is_copied_without_https_and_done(room: Web, open_desk: Callable[..., Page]) -> None:
    page = open_desk(script="Object.defineProperty(navigator, 'clipboard', { value: undefined })")
    note(room, n.TaskOpened(task="say", text="羊绒大衣 <b>最后</b> 3 件", why="last-50: 没有弹幕渠道", copy=True))
    task = page.locator("#tasks li", has_text="羊绒大衣 <b>最后</b> 3 件")
    task.get_by_role("button", name="Copy").click()
    task.get_by_role("button", name="Copied").wait_for()
    page.evaluate("document.body.append(Object.assign(document.createElement('textarea'), { id: 'paste' }))")
    page.focus("#paste")
    page.keyboard.press("Control+V")
    assert page.input_value("#paste") == "羊绒大衣 <b>最后</b> 3 件"
    task.get_by_role("button", name="Done").click()
    task.wait_for(state="detached")
    assert entry_of(room, "task.done")["data"]["task"] == "say"


@pytest.mark.browser
def test_an_emergency_plan_says_what_it_does_and_asks(room: Web, open_desk: Callable[..., Page]) -> None:
    page = open_desk(lang="zh-CN")
    before = room.board()["seq"]
    page.locator(".plans button", has_text="超卖应急").dblclick()
    question = page.get_by_role("alertdialog")
    assert "画面数字冻结，订单照常计数" in question.inner_text()
    assert room.board()["seq"] == before, "a double click is one press"
    question.get_by_role("button", name="执行应急预案").click()
    entry = entry_of(room, "emergency.run")
    assert (entry["seq"], entry["data"]["name"]) == (before + 1, "oversold")


@pytest.mark.browser
def test_rules_are_switched_and_fired_by_hand(room: Web, open_desk: Callable[..., Page]) -> None:
    page = open_desk(view="rules", script=HOLDS_THE_FEED)
    rule = page.locator("#view-rules li", has_text="asleep")
    switch = rule.get_by_role("switch")
    assert not switch.is_checked()
    assert rule.locator(".last").inner_text() == "has not fired yet"
    page.evaluate("hold()")
    with page.expect_response("**/desk/commands*"):
        switch.click()
    with page.expect_response("**/rules*"):
        page.evaluate("dispatchEvent(new HashChangeEvent('hashchange'))")  # the view is drawn anew
    assert switch.evaluate("box => new Promise(requestAnimationFrame).then(() => box.checked)"), "as it was switched"
    page.evaluate("release()")
    rule.get_by_text("changed here").wait_for()
    assert switch.is_checked()
    rule.get_by_role("button", name="Back to the plan").click()
    rule.get_by_text("changed here").wait_for(state="hidden")
    assert not switch.is_checked()
    room.send({"type": "item.feature", "sku": "B"})
    page.wait_for_function(
        "(seq) => Number(document.getElementById('seq').textContent) >= seq", arg=room.board()["seq"]
    )
    rule.locator(".fire summary").click()
    until(lambda: "商品 B" in rule.get_by_role("combobox").input_value(), "what is on air is what it is fired for")
    rule.get_by_role("button", name="Fire now").click()
    assert entry_of(room, "rule.fire")["data"] == {"name": "asleep", "sku": "B"}
    held = Decision(rule="asleep", sku="A", held="if", seq=5, at_ms=1_762_862_400_000, why="its condition did not hold")
    room.client.hset(decisions_key(room.session), "asleep", msgspec.json.encode([held]))
    note(room, n.RuleFired(rule="asleep", sku="B", key="by hand", why="by hand <b>"))
    rule.locator(".last", has_text="fired once").wait_for()
    assert "商品 B" in rule.locator(".last").inner_text()
    rule.locator(".why", has_text="by hand <b>").wait_for()
    rule.locator(".history summary").click()
    assert rule.locator(".history li").inner_text() == "20:00:00held back: its condition did not hold商品 A <b>"


@pytest.mark.browser
def test_every_obs_says_how_it_is(room: Web, open_desk: Callable[..., Page]) -> None:
    page = open_desk(view="obs")
    main, second = page.locator("#view-obs li.obs").all()
    assert second.locator(".link").inner_text() == "Not connected"
    until_then = (dt.datetime.now(dt.UTC) + dt.timedelta(seconds=49)).isoformat(timespec="milliseconds")
    state = n.ObsState(
        connected=True,
        scene="商品特写",
        streaming=True,
        override_until=until_then.replace("+00:00", "Z"),
        back_to="主播全景",
        back_at=until_then.replace("+00:00", "Z"),
        problems=("no text source 库存文字",),
    )
    note(
        room,
        n.ObsChanged(obs="main", state=state),
        n.ObsHealth(obs="main", values=n.ObsValues(dropped_frames=0.061, cpu=0.382, disk_gb=7.4, reconnecting=False)),
    )
    main.get_by_text("商品特写").wait_for()
    main.get_by_text(re.compile(r"主播全景 in [34]\d s")).wait_for()
    assert main.locator(".problems").inner_text() == "no text source 库存文字"
    health = [each.split("\n") for each in main.locator(".health li").all_inner_texts()]
    assert health == [["Dropped", "6.1 %", "bad"], ["CPU", "38 %", "good"], ["Disk free", "7.4 GB", "low"]]
    left = main.locator(".override")
    main.get_by_role("button", name="Give back to the rules").click()
    assert entry_of(room, "obs.do")["data"] == {"obs": "main", "request": "ReleaseScene"}
    assert main.get_by_role("button", name="Connect now").count() == 0
    assert second.get_by_role("button", name="Connect now").count() == 1
    first = left.inner_text()
    assert re.fullmatch(r"Taken over by hand: rules switch no scene for [34]\d s", first)
    page.wait_for_function("(was) => document.querySelector('.override').innerText !== was", arg=first)
    note(room, n.ObsChanged(obs="main", state=n.ObsState(connected=False, problems=("wrong password",))))
    main.get_by_text("Not connected").wait_for()
    assert main.locator(".health li").count() == 0, "what was measured before says nothing now"
    assert main.locator(".problems").inner_text() == "wrong password"


@pytest.mark.browser
def test_who_may_only_look_has_nothing_to_press(room: Web, open_desk: Callable[..., Page]) -> None:
    note(room, n.TaskOpened(task="look", text="看一眼", level="urgent"))
    page = open_desk("viewer", lang="zh-CN")
    page.get_by_text("只能查看").wait_for()
    page.locator("#tasks li", has_text="看一眼").wait_for()
    for view in ("rules", "obs", "overlays", "outside"):
        page.locator(f'.views a[href="#{view}"]').click()
        page.locator(f"#view-{view}").wait_for()
        own = '.sound, .runs *, .step[data-key="obs"]'  # what is this browser's own, and the way to another view
        pressable = page.locator(f"main :is(button, input):not({own}):visible:enabled")
        assert pressable.count() == 0, pressable.all_inner_texts()
    Desk(room).press({"type": "task.done", "task": "look"})


@pytest.mark.browser
def test_after_a_break_the_desk_is_true_again(room: Web, open_desk: Callable[..., Page]) -> None:
    page = open_desk(script=BREAKABLE)
    note(room, n.TaskOpened(task="before", text="before the break"))
    page.get_by_text("before the break").wait_for()
    page.evaluate("window.broken = true; window.socket.close()")
    page.wait_for_selector('#connection[data-ok="false"]')
    Desk(room).press({"type": "task.done", "task": "before"})
    note(room, n.TaskOpened(task="after", text="during the break"))
    page.evaluate("window.broken = false")
    page.get_by_text("during the break").wait_for()
    assert page.get_by_text("before the break").count() == 0
    Desk(room).press({"type": "task.done", "task": "after"})


@pytest.mark.browser
def test_a_fault_in_one_part_of_the_page_keeps_no_other_from_being_true(room: Web, chromium: Browser) -> None:
    broken = "export const airNow = () => ({ show() { throw new Error('a fault'); } });"
    with chromium.new_context() as context:
        page = context.new_page()
        faults: list[str] = []
        page.on("pageerror", lambda error: faults.append(str(error)))
        page.route("**/now/air.js", lambda route: route.fulfill(body=broken, content_type="text/javascript"))
        page.goto(f"{room.url}/desk?session={room.session}&lang=en&token={room.tokens['operator']}")
        page.locator("#view-stock .item").first.wait_for()
        page.locator("#alerts .summary:not(:empty)").wait_for()
        assert set(faults) == {"a fault"}


@pytest.mark.browser
@pytest.mark.parametrize(("width", "height"), [(1280, 800), (390, 844)])
def test_nothing_of_the_desk_is_wider_than_the_screen(
    room: Web, open_desk: Callable[..., Page], width: int, height: int
) -> None:
    note(room, n.TaskOpened(task=f"wide-{width}", text="很长的文字" * 60, why="w" * 300, copy=True))
    page = open_desk(lang="zh-CN", viewport={"width": width, "height": height})
    page.locator("#tasks li").first.wait_for()
    for view in VIEWS:
        page.locator(f'.views a[href="#{view}"]').click()
        page.locator(f"#view-{view}").wait_for()
        assert page.evaluate("document.documentElement.scrollWidth") == width, view
    Desk(room).press({"type": "task.done", "task": f"wide-{width}"})


@pytest.mark.browser
def test_on_a_phone_the_open_view_is_among_the_tabs_in_sight(open_desk: Callable[..., Page]) -> None:
    page = open_desk(view="log", lang="zh-CN", viewport={"width": 390, "height": 844})
    for view in ("log", "stock", "outside"):
        page.evaluate("(view) => { location.hash = view; }", view)
        page.wait_for_function(
            "(view) => { const tab = document.querySelector(`.views a[href='#${view}'][aria-current]`)?.getBoundingClientRect();"
            " return tab && tab.left >= 0 && tab.right <= 390; }",
            arg=view,
        )


@pytest.mark.browser
def test_everybody_outside_the_room_is_seen_with_what_is_wrong_and_what_to_do(
    room: Web, store: StoreServer, open_desk: Callable[..., Page]
) -> None:
    with connect(store.url) as client:
        now = read_outbox(client, outbox_key(room.session)).now_ms
    fine = TargetStatus(name="channel.mini", plugin="acme", at_ms=now, waiting=3)
    lost = TargetStatus(name="webhook.crm", state="set_aside", reason="no <b>secret</b>", remedy="Set it.", at_ms=now)
    say_outside(store.url, room.session, [fine, lost], dead="HTTP 500")
    page = open_desk(view="outside", lang="zh-CN")
    mini, crm = page.locator("#targets ul li").filter(has_text="mini"), page.locator("#targets ul li", has_text="crm")
    crm.wait_for()
    said = [each.inner_text() for each in mini.locator("b, span, small").all()]
    assert said == ["渠道", "小程序", "mini", "正常"]
    assert "3 条等待发送" in mini.inner_text()
    assert "已停用" in crm.inner_text()
    assert "no <b>secret</b>" in crm.inner_text()
    page.locator("#targets .lost summary").click()
    assert "webhook.crm" in page.locator("#targets .lost li").inner_text()
    assert "HTTP 500" in page.locator("#targets .lost li").inner_text()

    say_outside(store.url, room.session, [msgspec.structs.replace(each, at_ms=now - 60_000) for each in (fine, lost)])
    page.get_by_text("外部连接没有在运行").wait_for()
    assert "状态未知" in mini.inner_text()


@pytest.mark.browser
def test_what_went_wrong_is_noted_and_what_waits_is_declined(room: Web, open_desk: Callable[..., Page]) -> None:
    page = open_desk(lang="zh-CN")
    scene = 'obs.scene scene = "商品特写, A = 1", for = 20'
    freeze = 'stock command = "session.freeze", reason = "盘点"'
    note(
        room,
        n.TaskOpened(task="trouble-1", text=scene, why="last-50: OBS main", level="urgent", trouble="failed"),
        n.TaskOpened(task="confirm-7-1", text="next_item", why="sold-out", confirm=True),
        n.TaskOpened(task="confirm-7-2", text=freeze, why="计数", confirm=True),
        n.TaskOpened(task="trouble-2", text="webhook", why="crm", trouble="failed"),
    )
    failed = page.locator("#tasks li", has_text="last-50")
    assert failed.locator(".kind").inner_text() == "没有做成"
    assert failed.locator(".text").inner_text() == "OBS 切换场景 “商品特写, A = 1”，for = 20"
    assert page.locator("#tasks li", has_text="计数").locator(".text").inner_text() == "冻结数字 “盘点”"
    assert page.locator("#tasks li", has_text="crm").locator(".text").inner_text() == "Webhook"
    waits = page.locator("#tasks li", has_text="sold-out")
    assert waits.locator(".kind").inner_text() == "等你确认"
    assert waits.locator(".text").inner_text() == "讲解下一款"
    waits.get_by_role("button", name="不执行").click()
    waits.wait_for(state="detached")
    assert entry_of(room, "task.done")["data"] == {"task": "confirm-7-1", "declined": True}
    failed.get_by_role("button", name="知道了").click()
    failed.wait_for(state="detached")
