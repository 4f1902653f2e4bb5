"""What WeChat's events say."""

from __future__ import annotations

import json
import os
from pathlib import Path
from typing import Any

import pytest

from overlaykit.api import Arrival, BadMessage, OrderCancelled, OrderRef, Request, Unknown
from plugins.wechat_channels.orders import moment
from plugins.wechat_channels.wire import arrivals_of, told_done, told_paid

AT = 1662480000
SAMPLES = Path(os.environ.get("OVERLAYKIT_WIRE_SAMPLES") or "no-samples") / "wechat_channels" / "skit_mit"
needs_samples = pytest.mark.skipif(
    not SAMPLES.is_dir(), reason="no wire samples: set OVERLAYKIT_WIRE_SAMPLES to their folder"
)


def told(event: str, **about: Any) -> list[Arrival]:
    return list(arrivals_of(Request(), json.dumps({"CreateTime": AT, "MsgType": "event", "Event": event, **about})))


def test_an_order_is_asked_for() -> None:
    (new,) = told("channels_ec_order_new", order_info={"order_id": 3705115058471208928})
    assert isinstance(new, OrderRef)
    assert (new.order, new.transition, new.at) == ("3705115058471208928", "", moment(AT))
    (paid,) = told("channels_ec_order_pay", order_info={"order_id": "3705115058471208928", "pay_time": "1658509200"})
    assert isinstance(paid, OrderRef)
    assert (paid.order, told_paid(paid), told_paid(new)) == (new.order, True, False)
    assert paid.delivery != new.delivery


def test_the_same_event_delivered_again_is_the_same_delivery() -> None:
    one, two = (told("channels_ec_order_new", order_info={"order_id": "1"})[0] for _ in range(2))
    assert isinstance(one, OrderRef)
    assert one == two
    assert one.delivery == f"channels_ec_order_new-1-{AT}"


def test_mixed_units_times_come_in_seconds_and_in_milliseconds() -> None:
    (ref,) = told("channels_ec_order_new", order_info={"order_id": "1"}, CreateTime=AT * 1000)
    assert isinstance(ref, OrderRef)
    assert ref.at == moment(AT)


def test_a_closed_order_needs_no_question_unless_its_refunds_closed_it() -> None:
    (cancelled,) = told("channels_ec_order_cancel", order_info={"order_id": "1", "cancel_type": "2"})
    assert isinstance(cancelled, OrderCancelled)
    (ref,) = told("channels_ec_order_cancel", order_info={"order_id": "1", "cancel_type": 3})
    assert isinstance(ref, OrderRef)


def test_an_after_sale_is_asked_for_when_the_money_is_back() -> None:
    def state(status: str) -> list[Arrival]:
        about = {"status": status, "after_sale_order_id": "1234567", "order_id": "12345"}
        return told("channels_ec_aftersale_update", finder_shop_aftersale_status_update=about)

    assert state("USER_WAIT_RETURN") == state("MERCHANT_PROCESSING") == []
    (ref,) = state("MERCHANT_RETURN_SUCCESS")
    assert isinstance(ref, OrderRef)
    assert (ref.order, ref.transition, ref.hint["aftersale"]) == ("12345", "aftersale-1234567", "1234567")
    assert told_done(ref)


def test_what_moves_no_stock_says_nothing_and_the_unknown_is_told() -> None:
    assert told("channels_ec_order_settle", order_info={"order_id": "1"}) == []
    (unknown,) = told("channels_ec_something_new")
    assert isinstance(unknown, Unknown)
    assert unknown.what == "channels_ec_something_new"
    (text,) = arrivals_of(Request(), '{"MsgType": "text", "Content": "你好"}')
    assert isinstance(text, Unknown)
    assert text.what == "MsgType text"


def test_events_in_xml_are_read_too() -> None:
    text = (
        f"<xml><CreateTime>{AT}</CreateTime><MsgType><![CDATA[event]]></MsgType>"
        "<Event><![CDATA[channels_ec_order_cancel]]></Event>"
        "<order_info><order_id>37051</order_id><cancel_type>1</cancel_type></order_info></xml>"
    )
    (cancelled,) = arrivals_of(Request(), text)
    assert isinstance(cancelled, OrderCancelled)
    assert (cancelled.order, cancelled.at) == ("37051", moment(AT))


@pytest.mark.parametrize("event", ["channels_ec_order_new", "channels_ec_aftersale_update"])
def test_an_event_without_what_it_is_about_is_a_bad_message(event: str) -> None:
    with pytest.raises(BadMessage, match=event):
        told(event)


@needs_samples
def test_all_examples_of_the_documents_are_read() -> None:
    found = {}
    for file in sorted(SAMPLES.glob("*Event.json")):
        found[file.stem] = [
            type(each).__name__ for each in arrivals_of(Request(), file.read_text(encoding="utf-8-sig"))
        ]
    assert found.pop("ChannelsECOrderCancelEvent") == ["OrderCancelled"]
    moving = {"ChannelsECOrderNewEvent", "ChannelsECOrderPayEvent", "ChannelsECOrderDeliverEvent"}
    assert {name for name, kinds in found.items() if kinds == ["OrderRef"]} == moving
    assert {name for name, kinds in found.items() if not kinds} == found.keys() - moving
