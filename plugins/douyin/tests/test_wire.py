"""What Doudian pushes: signed, one by one or in an array, spelled in whichever way; and what it means."""

from __future__ import annotations

import json
import os
from pathlib import Path
from typing import Any

import pytest

from overlaykit.api import Arrival, BadMessage, Headers, OrderCancelled, OrderRef, Request, Secret, Unknown
from overlaykit.testing import sign_hash_hex
from plugins.douyin import Douyin
from plugins.douyin.settings import DouyinSettings
from plugins.douyin.wire import moment

KEY, SECRET = "7000000000000000001", "s-e-c-r-e-t"
SAMPLES = Path(os.environ.get("OVERLAYKIT_WIRE_SAMPLES") or "no-samples") / "doudian" / "skit_mit"
needs_samples = pytest.mark.skipif(
    not SAMPLES.is_dir(), reason="no wire samples: set OVERLAYKIT_WIRE_SAMPLES to their folder"
)


@pytest.fixture
def douyin() -> Douyin:
    return Douyin(DouyinSettings(app_key=KEY, app_secret=Secret(SECRET)))


def push(body: bytes, *, sign: str | None = None, app: str = KEY) -> Request:
    return Request(
        headers=Headers({"app-id": app, "event-sign": sign or sign_hash_hex("md5", [KEY, body, SECRET])}), body=body
    )


def parsed(douyin: Douyin, *messages: Any) -> list[Arrival]:
    return list(douyin.parse(push(json.dumps(messages).encode())))


def test_only_the_platforms_own_messages_are_taken(douyin: Douyin) -> None:
    body = '[{"tag":"100","data":"{}","备注":"测试"}]'.encode()
    request = push(body)
    assert douyin.verify(request)
    assert douyin.verify(push(body, sign=request.headers["event-sign"].upper()))
    assert not douyin.verify(push(body + b" ", sign=request.headers["event-sign"]))
    assert not douyin.verify(push(body, app="7000000000000000002"))
    assert not douyin.verify(Request(body=body))
    # printf 7000000000000000001[]s-e-c-r-e-t | openssl md5
    assert douyin.verify(push(b"[]", sign="5cb2d9cb869fed99ccf353933f92b2cd"))


def test_it_is_answered_as_the_platform_wants(douyin: Douyin) -> None:
    reply = douyin.acknowledge(push(b"[]"))
    assert (reply.status, reply.json) == (200, {"code": 0, "msg": "success"})


def test_a_push_says_which_orders_to_ask_for(douyin: Douyin) -> None:
    as_text = {"tag": "101", "msg_id": "m-1", "data": json.dumps({"p_id": 4781320682406083640, "shop_id": 4463798})}
    as_object = {"tag": 100, "msgId": "m-2", "data": {"p_id": "4781320682406083641", "shop_id": "4463798"}}
    first, second = parsed(douyin, as_text, as_object)
    assert first == OrderRef(delivery="m-1", shop="4463798", order="4781320682406083640", hint={"paid": "101"})
    assert second == OrderRef(delivery="m-2", shop="4463798", order="4781320682406083641")
    assert list(douyin.parse(push(json.dumps(as_object).encode()))) == [second]
    assert list(douyin.parse(push(b"\xef\xbb\xbf" + json.dumps([as_text]).encode()))) == [first]


def test_a_cancelled_order_needs_no_question(douyin: Douyin) -> None:
    data = {"p_id": 12345, "s_ids": [12345], "shop_id": 9, "cancel_time": 1618990925}
    (cancelled,) = parsed(douyin, {"tag": 106, "msg_id": "m", "data": data})
    assert cancelled == OrderCancelled(delivery="m", shop="9", order="12345", at=moment(1618990925))


def test_a_refund_is_asked_for_unless_it_gives_no_units_back(douyin: Douyin) -> None:
    data = {"p_id": 5, "shop_id": 9, "aftersale_id": 77, "aftersale_type": 2, "success_time": 1618991959}
    (ref,) = parsed(douyin, {"tag": 206, "msg_id": "m", "data": data})
    assert isinstance(ref, OrderRef)
    assert (ref.order, ref.transition, ref.hint) == ("5", "aftersale-77", {"aftersale": "77"})
    assert parsed(douyin, {"tag": 206, "msg_id": "m", "data": data | {"aftersale_type": 6}}) == []


def test_probes_and_what_moves_no_stock_say_nothing_and_the_unknown_is_told(douyin: Douyin) -> None:
    probe = {"tag": "0", "msg_id": "0", "data": "2026-11-11 20:00:00"}
    assert parsed(douyin, probe, {"tag": "400", "msg_id": "p", "data": "{}"}) == []
    assert parsed(douyin, {"tag": "999", "msg_id": "u", "data": {}}) == [Unknown(delivery="u", what="tag 999")]


@pytest.mark.parametrize(
    "body",
    [
        b"",
        b"[",
        b"[1]",
        b'{"tag":"x"}',
        b'{"tag":101,"data":"{"}',
        b'{"tag":101,"data":{"shop_id":1}}',
        b"\xff",
        b"null",
    ],
)
def test_what_cannot_be_read_is_no_crash(douyin: Douyin, body: bytes) -> None:
    with pytest.raises(BadMessage):
        list(douyin.parse(push(body)))


def test_mixed_units_times_come_in_seconds_and_in_milliseconds() -> None:
    assert moment(1618990587) == moment(1618990587000)
    assert moment(0) is moment(None) is None
    with pytest.raises(BadMessage, match="is no time"):
        moment(-(10**20))


@needs_samples
def test_all_examples_of_the_documents_are_read(douyin: Douyin) -> None:
    told = {}
    for file in sorted(SAMPLES.glob("*Event.json")):
        told[file.stem] = [type(each).__name__ for each in douyin.parse(push(file.read_bytes()))]
    assert len(told) > 20
    assert told.pop("TradeCanceledEvent") == ["OrderCancelled"]
    moving = {"TradeCreateEvent", "TradePaidEvent", "TradePartlySellerShipEvent", "RefundSuccessEvent"}
    assert {name for name, kinds in told.items() if kinds == ["OrderRef"]} == moving
    assert all(not kinds for name, kinds in told.items() if name not in moving)
