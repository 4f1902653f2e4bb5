"""What the presenter should say now, as JSON: for whom, who may ask, and when it is not sent again."""

from __future__ import annotations

import json
import os
import re
import time
from collections.abc import Callable, Iterator
from typing import Any, get_args

import msgspec
import pytest
import websocket

from overlaykit.prompt import PromptState
from overlaykit.web.api.prompting import PromptAnswer
from tests.conftest import REPOSITORY, StoreServer
from tests.prompt.conftest import plan_with
from tests.web.conftest import Answer, Visitor, Web, serving

SCRIPT = {
    "critical": "最后 {{ item.available }} 件",
    "low": "还剩 {{ item.available }} 件",
    "sold_out": "没了，看{{ next.title }}",
}


@pytest.fixture(scope="module")
def room(store: StoreServer, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Web]:
    """A coat in two sizes on air, 100 of each; the scarf and the cap come after it."""
    id = f"prompting-{os.getpid()}-{os.urandom(2).hex()}"
    plan = plan_with(SCRIPT, id=id, ledger=id)
    with serving(store, tmp_path_factory.mktemp("prompting"), id, plan=plan) as web:
        assert web.send({"type": "item.feature", "sku": "coat-m"}).json["status"] == "accepted"
        yield web


def ask(room: Web, query: str = "", scope: str | None = "viewer", **headers: str) -> Answer:
    return room.get(f"/api/v1/sessions/{room.session}/prompt{query}", scope=scope, headers=headers)


def sell(room: Web, quantity: int, sku: str = "coat-m") -> None:
    order = f"o-{time.monotonic_ns()}"
    lines = [{"sku": sku, "quantity": quantity}]
    answer = room.send({"type": "order.record", "order": order, "channel": "mini", "paid": True, "lines": lines})
    assert answer.json["status"] == "accepted"


def watch_prompt(room: Web, query: str = "", scope: str = "viewer") -> websocket.WebSocket:
    address = f"ws://127.0.0.1:{room.port}/ws/prompt?token={room.tokens[scope]}&session={room.session}{query}"
    return websocket.create_connection(address, timeout=15, suppress_origin=True)


def next_prompt(connection: websocket.WebSocket) -> dict[str, Any]:
    while (frame := json.loads(connection.recv()))["type"] != "prompt":
        assert frame["type"] == "tick"
    found: dict[str, Any] = frame
    return found


def test_the_line_follows_every_order_answered_before(room: Web) -> None:
    plenty = ask(room).json
    assert (plenty["state"], plenty["item"]["left"], plenty["next"]["title"]) == ("plenty", "充足", "羊毛围巾")
    sell(room, 85)
    low = ask(room).json
    assert (low["state"], low["say"], low["why"]) == ("low", "还剩 15 件", "剩 15 件，不超过 20%")
    assert low["server_time"].endswith("Z")
    sell(room, 11)
    assert ask(room).json["say"] == "最后 4 件"
    assert ask(room, "?locale=en").json["item"]["left"] == "Only 4 left"
    sell(room, 4)
    gone = ask(room).json
    assert (gone["state"], gone["say"]) == ("sold_out", "没了，看羊毛围巾")
    back = {"type": "stock.adjust", "sku": "coat-m", "location": "hz", "delta": 100, "reason": "补货"}
    assert room.send(back).json["status"] == "accepted"


def test_what_a_buyer_there_can_get_is_said(room: Web) -> None:
    assert ask(room, "?region=south").json["state"] == "sold_out"
    assert ask(room, "?channel=mini&region=east").json["item"]["available"] == 100


def test_an_unchanged_prompt_is_not_sent_twice_though_others_sell(room: Web) -> None:
    tag = ask(room).headers["ETag"]
    sell(room, 1, "cap")
    same = ask(room, **{"If-None-Match": tag})
    assert (same.status, same.body, same.headers["ETag"]) == (304, b"", tag)
    sell(room, 1)
    other = ask(room, **{"If-None-Match": tag})
    assert (other.status, other.headers["ETag"] == tag) == (200, False)


@pytest.mark.parametrize("scope", ["overlay", "connector", "button"])
def test_only_who_sees_the_desk_may_watch(room: Web, scope: str) -> None:
    with pytest.raises(websocket.WebSocketBadStatusException) as refused:
        watch_prompt(room, scope=scope)
    assert refused.value.status_code == 403


def test_without_a_token_nothing_is_said(room: Web) -> None:
    assert ask(room, scope=None).status == 401
    assert room.get(f"/api/v1/sessions/{room.session}/prompt?token=wrong", scope=None).status == 401


def test_what_there_is_not_is_named(room: Web) -> None:
    for query, known in (("?channel=kuaishou", "mini, douyin"), ("?region=mars", "east, south")):
        answer = ask(room, query)
        assert (answer.status, answer.type) == (404, "application/problem+json")
        assert known in answer.json["detail"]
    assert room.get("/api/v1/sessions/none/prompt", scope="viewer").status == 404
    wrong = ask(room, "?locale=fr")
    said = {"path": "locale", "message": "must be one of: zh-CN, en", "message_zh": "要写其中之一：zh-CN, en"}
    assert (wrong.status, wrong.json["errors"]) == (422, [said])


def test_a_prompt_is_pushed_when_it_changes_and_only_then(room: Web) -> None:
    connection = watch_prompt(room)
    try:
        first = next_prompt(connection)
        sell(room, 1, "cap")
        began = time.monotonic()
        sell(room, 1)
        second = next_prompt(connection)
        assert second["item"]["available"] == first["item"]["available"] - 1
        assert time.monotonic() - began < 5
        assert second["seq"] == ask(room).json["seq"]
    finally:
        connection.close()


def test_under_many_orders_few_prompts_are_pushed_and_the_last_is_true(room: Web) -> None:
    connection = watch_prompt(room)
    try:
        last = next_prompt(connection)
        wanted = last["item"]["available"] - 60
        began, prompts = time.monotonic(), 0
        for _ in range(60):
            sell(room, 1)
        while last["item"]["available"] != wanted:
            last = next_prompt(connection)
            prompts += 1
        seconds = time.monotonic() - began
        assert prompts <= 5 * seconds + 2, (prompts, seconds)
    finally:
        connection.close()


def test_the_page_asks_for_a_login_and_comes_back(room: Web) -> None:
    visitor = Visitor(room)
    assert 'name="token"' in visitor.go(f"/presenter?session={room.session}").body.decode()
    form = {"token": room.tokens["viewer"], "next": f"/presenter?session={room.session}&channel=mini"}
    page = visitor.go("/login", form, Origin=room.url)
    assert visitor.at == f"/presenter?session={room.session}&channel=mini"
    assert "羊绒大衣" in page.body.decode()
    assert "default-src 'none'" in page.headers["Content-Security-Policy"]


def test_a_token_in_the_address_moves_into_the_cookie(room: Web) -> None:
    visitor = Visitor(room)
    assert visitor.go(f"/presenter?session={room.session}&token={room.tokens['viewer']}").status == 200
    assert "token" not in visitor.at
    assert visitor.go(f"/presenter?session={room.session}&token={room.tokens['overlay']}").status == 403
    assert visitor.go(f"/presenter?session={room.session}&region=mars").status == 404
    assert visitor.go("/presenter?session=none").status == 404


def test_the_page_speaks_the_sessions_language_unless_another_is_asked_for(room: Web) -> None:
    visitor = Visitor(room)
    visitor.log_in("viewer")
    chinese = visitor.go(f"/presenter?session={room.session}", None, **{"Accept-Language": "en"}).body.decode()
    assert '<html lang="zh-CN"' in chinese
    assert "接下来" in chinese
    assert "测试场</span> · 小程序" in visitor.go(f"/presenter?session={room.session}&channel=mini").body.decode()
    english = visitor.go(f"/presenter?session={room.session}&lang=en").body.decode()
    assert '<html lang="en"' in english


@pytest.mark.faults
def test_while_the_store_is_away_no_number_is_said(
    start_web: Callable[..., Web], new_store: Callable[..., StoreServer], ledger: str
) -> None:
    store = new_store()
    room = start_web(store, ledger, plan=plan_with(SCRIPT, id=ledger, ledger=ledger))
    room.send({"type": "item.feature", "sku": "coat-m"})
    connection = watch_prompt(room)
    try:
        assert next_prompt(connection)["item"]["left"] == "充足"
        store.kill()
        away = next_prompt(connection)
        assert (away["state"], away["stale"], away["item"]["available"]) == ("unknown", True, None)
        assert ask(room).json["say"] == "库存正在核对，剩多少以下单页面为准。"
        store.start()
        assert next_prompt(connection)["item"]["available"] == 100
    finally:
        connection.close()


def test_the_guide_shows_a_prompt_as_it_is_sent() -> None:
    guide = (REPOSITORY / "sample_sessions" / "README.md").read_text(encoding="utf-8")
    found = re.search(r"### The prompt as JSON.*?```json\n(.*?)```", guide, re.DOTALL)
    assert found is not None
    example = json.loads(found[1])
    assert msgspec.to_builtins(msgspec.convert(example, PromptAnswer)) == example
    assert all(f"`{state}`" in guide for state in get_args(PromptState))
