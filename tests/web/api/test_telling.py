"""The ledger in words over HTTP: searched from its end, told in both languages, and every number proved."""

from __future__ import annotations

import json
from collections.abc import Callable, Iterator
from typing import Any
from urllib.parse import urlencode

import pytest

from tests.conftest import StoreServer
from tests.web.conftest import Web, serving

pytestmark = pytest.mark.store

MANY = 10_050


def ask(web: Web, route: str, **query: Any) -> Any:
    answer = web.get(f"/api/v1/sessions/{web.session}/{route}?{urlencode(query)}", scope="viewer")
    assert answer.status == 200, answer.body
    return answer.json


def texts(web: Web, **query: Any) -> list[str]:
    return [each["text"] for each in ask(web, "log", **query)["entries"]]


@pytest.fixture(scope="module")
def evening(store: StoreServer, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Web]:
    """A web process whose session has seen a few things, entries 3 to 10."""
    with serving(store, tmp_path_factory.mktemp("telling"), "telling", units=100) as web:
        for command in (
            {"type": "order.reserve", "order": "o-1", "channel": "mini", "lines": [{"sku": "A", "quantity": 2}]},
            {"type": "order.reserve", "order": "o-2", "lines": [{"sku": "B", "quantity": 500}]},
            {"type": "item.feature", "link": 2},
            {"type": "order.commit", "order": "o-1"},
            {"type": "stock.adjust", "sku": "A", "location": "la", "delta": -7, "reason": "残次"},
            {"type": "order.record", "order": "d-1", "paid": True, "lines": [{"sku": "B", "quantity": 103}]},
            {"type": "countdown.set", "name": "coupon", "seconds": 3600},
            {"type": "order.ship", "order": "o-1"},
        ):
            assert web.send({**command, "id": json.dumps(command)[:120]}).status == 200
        yield web


def test_the_newest_entry_is_told_first(evening: Web) -> None:
    found = ask(evening, "log", limit=3)
    assert [each["seq"] for each in found["entries"]] == [10, 9, 8]
    first = found["entries"][0]
    assert first["text"] == "订单 o-1 发货，杭州仓可售剩 48 件"
    assert (first["kind"], first["type"], first["order"], first["skus"]) == ("orders", "order.ship", "o-1", ["A"])
    assert (first["who"], first["source"]) == ("接口 operator-telling", "api:operator-telling")
    assert (found["next"], found["looked_at"], found["through"]) == (8, 3, 8)
    assert (found["head"], found["held_from"]) == (10, 1)


def test_page_by_page_it_tells_everything_once(evening: Web) -> None:
    seqs: list[int] = []
    before: dict[str, int] = {}
    while True:
        page = ask(evening, "log", limit=4, **before)
        seqs += [each["seq"] for each in page["entries"]]
        if page["next"] is None:
            break
        before = {"before": page["next"]}
    assert seqs == list(range(10, 0, -1))


def test_the_news_since_an_entry(evening: Web) -> None:
    found = ask(evening, "log", after=8)
    assert ([each["seq"] for each in found["entries"]], found["next"]) == ([10, 9], None)


def test_it_is_searched_by_what_it_is_about(evening: Web) -> None:
    assert texts(evening, kind="screen,items") == ["倒计时 coupon：1 小时", "讲解 2号链接 商品 B <b>"]
    assert [each["seq"] for each in ask(evening, "log", sku="B")["entries"]] == [8, 5, 4]
    assert [each["seq"] for each in ask(evening, "log", order="o-1")["entries"]] == [10, 6, 3]
    assert texts(evening, source="api:test") == ["开播"]
    assert len(texts(evening, source="api")) == 10
    assert texts(evening, source="desk") == []
    assert texts(evening, text="残次 la") == []
    assert texts(evening, text="残次 洛杉矶") == [
        "1号链接 商品 A <b> 可售 −7 件（洛杉矶仓），原因：残次，洛杉矶仓可售剩 43 件"
    ]
    assert texts(evening, text="Refused SOLD", locale="en") == []
    assert texts(evening, text="refused ENOUGH", locale="en") == [
        "Refused: order o-2 wants 500 × link 2 商品 B <b> (not enough left)"
    ]


def test_what_somebody_should_see_stands_out(evening: Web) -> None:
    alarms = [each for each in ask(evening, "log")["entries"] if each["emphasis"] == "alarm"]
    assert [each["seq"] for each in alarms] == [8]
    assert alarms[0]["text"].endswith("2号链接 商品 B <b> 超卖 3 件")
    assert ask(evening, "log", emphasis="alarm")["entries"] == alarms


def test_one_entry_says_all_its_fields_in_words(evening: Web) -> None:
    found = ask(evening, "log/3")
    assert found["text"] == "订单 o-1 占用 2 件 1号链接 商品 A <b>（小程序），杭州仓可售剩 48 件"
    assert ("渠道", "小程序") in [(each["label"], each["text"]) for each in found["details"]]
    assert found["entry"]["data"]["lines"] == [{"sku": "A", "quantity": 2}]
    for beyond in (99, 10**30):
        assert evening.get(f"/api/v1/sessions/{evening.session}/log/{beyond}").status == 404


def test_a_number_is_proved_entry_by_entry(evening: Web) -> None:
    found = ask(evening, "proof", sku="A")
    assert (found["now"], found["field"], found["complete"], found["next"]) == (91, "available", True, None)
    assert found["now"] == evening.board()["items"]["A"]["available"]
    assert [(each["seq"], each["before"], each["after"]) for each in found["changes"]] == [
        (7, 98, 91),
        (3, 100, 98),
        (1, 0, 100),
    ]
    assert found["changes"][1]["text"].startswith("订单 o-1 占用 2 件")
    held = ask(evening, "proof", sku="A", field="held", location="hz")
    assert held["number"] == "1号链接 商品 A <b> · 占用 · 杭州仓"
    assert [(each["seq"], each["before"], each["after"]) for each in held["changes"]] == [(6, 2, 0), (3, 0, 2)]
    assert ask(evening, "proof", sku="B", field="oversold")["now"] == 3


def test_what_is_shown_while_the_numbers_are_frozen_is_said_too(
    start_web: Callable[..., Web], store: StoreServer, ledger: str
) -> None:
    web = start_web(store, ledger, units=100)
    assert web.send({"type": "session.freeze"}).status == 200
    web.reserve("o-1", 4)
    found = ask(web, "proof", sku="A")
    assert (found["now"], found["shown"]) == (96, 100)
    assert ask(web, "proof", sku="A", field="held", location="hz")["shown"] == 4


def test_a_proof_is_read_page_by_page(evening: Web) -> None:
    first = ask(evening, "proof", sku="A", limit=2)
    assert ([each["seq"] for each in first["changes"]], first["next"], first["complete"]) == ([7, 3], 3, False)
    rest = ask(evening, "proof", sku="A", limit=2, before=first["next"])
    assert ([each["seq"] for each in rest["changes"]], rest["next"], rest["complete"]) == ([1], None, True)
    assert rest["changes"][0]["after"] == first["changes"][-1]["before"]


@pytest.mark.parametrize(
    ("route", "status", "said"),
    [
        ("log?kind=moon", 400, "kind must be one of orders, stock,"),
        ("log?locale=fr", 400, "locale must be one of zh-CN, en; there is no 'fr'"),
        ("log?limit=501", 400, "limit must be a whole number, 1 … 500"),
        ("proof", 400, "sku=SKU"),
        ("proof?sku=Z", 404, "no item 'Z'"),
        ("proof?sku=A&field=love", 400, "field must be one of available, held,"),
        ("proof?sku=A&location=moon", 404, "it has hz, la"),
        ("proof?sku=A&location=hz&field=oversold", 400, "stand at no location"),
    ],
)
def test_what_cannot_be_answered_says_why(evening: Web, route: str, status: int, said: str) -> None:
    answer = evening.get(f"/api/v1/sessions/{evening.session}/{route}")
    assert answer.status == status
    assert said in answer.json["detail"]


@pytest.mark.parametrize("scope", ["overlay", "connector", None])
def test_it_is_for_the_desk_alone(evening: Web, scope: str | None) -> None:
    for route in ("log", "log/3", "proof?sku=A"):
        answer = evening.get(f"/api/v1/sessions/{evening.session}/{route}", scope=scope)
        assert answer.status == (401 if scope is None else 403)


def trimmed(start_web: Callable[..., Web], store: StoreServer, ledger: str, recorded: bytes | None = None) -> Web:
    """A room whose store holds entries from 6 on. `recorded`: this machine has a recording, in which orders begin so."""
    web = start_web(store, ledger, units=100)
    for number in range(8):
        web.reserve(f"trim-{number}")
    if recorded is not None:
        folder = web.log.parent / "recordings" / web.session / "this-machine"
        folder.mkdir(parents=True)
        lines = [line for _, line in web.engine.read(0, count=100)]
        text = b"".join(line.replace(b"trim-", recorded) + b"\n" for line in lines)
        (folder / "recording.jsonl").write_bytes(text)
    with store.client() as client:
        (stream,) = (key for key in client.keys("*") if ledger.encode() in key and client.type(key) == b"stream")
        client.xtrim(stream, minid="6-0", approximate=False)
    return web


@pytest.mark.parametrize("recorded", [None, b"other"], ids=["no recording", "a recording of another history"])
def test_what_only_another_machine_has_recorded_is_said(
    start_web: Callable[..., Web], store: StoreServer, ledger: str, recorded: bytes | None
) -> None:
    web = trimmed(start_web, store, ledger, recorded)
    log = ask(web, "log")
    assert ([each["seq"] for each in log["entries"]][-1], log["held_from"], log["next"]) == (6, 6, None)
    proof = ask(web, "proof", sku="A")
    assert (proof["now"], proof["held_from"], proof["complete"]) == (92, 6, False)
    assert [(each["seq"], each["before"], each["after"]) for each in proof["changes"]][-2:] == [
        (7, 96, 95),
        (6, None, 96),
    ]
    gone = web.get(f"/api/v1/sessions/{ledger}/log/5")
    assert (gone.status, gone.json["first"]) == (410, 6)
    assert f"recordings/{ledger} of its state folder" in gone.json["detail"]
    gone = web.get(f"/api/v1/sessions/{ledger}/log/5?locale=zh-CN")
    assert "第 6 条之前的记录已移出数据库" in gone.json["detail"]


def test_what_has_left_the_store_is_read_from_this_machine_s_recording(
    start_web: Callable[..., Web], store: StoreServer, ledger: str
) -> None:
    web = trimmed(start_web, store, ledger, b"trim-")
    log = ask(web, "log")
    assert ([each["seq"] for each in log["entries"]], log["held_from"], log["next"]) == ([*range(10, 0, -1)], 1, None)
    assert [each["seq"] for each in ask(web, "log", order="trim-1")["entries"]] == [4]
    page = ask(web, "log", before=5, after=1, limit=2)
    assert ([each["seq"] for each in page["entries"]], page["next"]) == ([4, 3], 3)
    entry = ask(web, "log/4")
    assert (entry["order"], entry["entry"]["seq"]) == ("trim-1", 4)
    proof = ask(web, "proof", sku="A")
    assert (proof["now"], proof["complete"], proof["changes"][-1]["before"]) == (92, True, 0)
    assert [each["after"] for each in proof["changes"]] == [*range(92, 101)]
    missing = web.get(f"/api/v1/sessions/{ledger}/log/11?locale=zh-CN")
    assert (missing.status, missing.json["detail"]) == (404, "记录到第 10 条为止，没有这一条。")


def test_a_recording_that_was_damaged_is_said_to_be_so_and_the_rest_is_read(
    start_web: Callable[..., Web], store: StoreServer, ledger: str
) -> None:
    web = trimmed(start_web, store, ledger, b"trim-")
    (recording,) = (web.log.parent / "recordings" / web.session).glob("*/recording.jsonl")
    recording.write_bytes(recording.read_bytes().replace(b'"order":"trim-1"', b'"order":"trim-1'))
    log = ask(web, "log")
    assert ([each["seq"] for each in log["entries"]], log["next"]) == ([10, 9, 8, 7, 6], 6)
    for route in (f"log?before={log['next']}", "log/4", "proof?sku=A"):
        answer = web.get(f"/api/v1/sessions/{ledger}/{route}")
        assert (answer.status, answer.json["type"]) == (500, "urn:overlaykit:damaged_recording")
        assert f"`overlaykit verify {recording}` says where" in answer.json["detail"]


def test_a_long_ledger_is_searched_in_bounded_steps(
    start_web: Callable[..., Web], store: StoreServer, ledger: str
) -> None:
    web = start_web(store, ledger, units=1_000_000)
    line = '{{"type":"order.reserve","id":"n-{0}","order":"n-{0}","lines":[{{"sku":"A","quantity":1}}]}}\n'
    body = "".join(line.format(number) for number in range(MANY)).encode()
    assert web.send(body, type="application/x-ndjson").status == 200
    first = ask(web, "log", text="开播")
    assert (first["entries"], first["looked_at"], first["through"]) == ([], 10_000, MANY + 3 - 10_000)
    rest = ask(web, "log", text="开播", before=first["next"])
    assert [each["seq"] for each in rest["entries"]] == [2]
    assert (rest["next"], rest["looked_at"]) == (None, first["next"] - 1)
    proof = ask(web, "proof", sku="B", field="available")
    assert [(each["seq"], each["after"]) for each in proof["changes"]] == [(1, 1_000_000)]
