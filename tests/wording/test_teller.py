"""Every entry that a ledger may have is told as an operator says it, in both languages."""

from __future__ import annotations

from typing import Any

import msgspec
import pytest

from overlaykit.director.actions.builtin import ACTIONS
from overlaykit.model.commands import COMMANDS
from overlaykit.model.entries import CLOCK_INPUTS, OUTPUTS, EntryOutcome
from overlaykit.model.notes import NOTES, ObsState, ObsValues
from overlaykit.web.openapi.reasons import QUARANTINED, REASONS
from overlaykit.wording import KINDS, Teller, Told, kind_of, reasons
from overlaykit.wording.labels import is_labelled
from overlaykit.wording.notes import ACTIONS as ACTION_NAMES
from tests.board.conftest import Story, row
from tests.wording.examples import AT, EXAMPLES, LEFT, LINES, PLAN, TWO_PLACES, Example

EVERY_TYPE = {*COMMANDS, *NOTES, *CLOCK_INPUTS, *OUTPUTS, "session.planned"}
PLANNED = Example(
    "session.planned",
    msgspec.to_builtins(PLAN),
    {},
    "场次“双十一”按方案建立：4 款商品",
    "The session “双十一” is planned: items: 4",
)
ALL = [PLANNED, *EXAMPLES]


def told(
    type: str, data: dict[str, Any], outcome: dict[str, Any] | None = None, locale: str = "zh-CN", **more: Any
) -> Told:
    line = msgspec.json.decode(Story.line(7, type, data, outcome or {}))
    return Teller(PLAN, locale).tell(msgspec.json.encode({**line, **more}))


@pytest.mark.parametrize("example", ALL, ids=lambda each: each.zh)
def test_what_happened_is_told(example: Example) -> None:
    assert told(example.type, example.data, example.outcome).text == example.zh
    assert told(example.type, example.data, example.outcome, "en").text == example.en


def test_there_is_a_sentence_for_every_type_of_entry() -> None:
    assert EVERY_TYPE - {example.type for example in ALL} == set()


@pytest.mark.parametrize("type", sorted(COMMANDS))
def test_what_was_refused_says_so_and_why(type: str) -> None:
    for example in EXAMPLES:
        if example.type == type:
            no = {"status": "refused", "reason": "unknown_sku"}
            zh, en = told(type, example.data, no), told(type, example.data, no, "en")
            assert zh.text.startswith("没有执行：")
            assert zh.text.endswith("（没有这个商品）")
            assert en.text.startswith("Refused: ")
            assert en.text.endswith(" (there is no such item)")
            assert zh.refused


def test_each_reason_of_the_engine_has_words() -> None:
    assert set(reasons.REASONS) == set(REASONS)
    assert set(reasons.QUARANTINED) == set(QUARANTINED)
    assert reasons.of_reason("quite_new").zh == "quite_new"


def test_what_a_later_version_writes_is_told_honestly() -> None:
    later = told("weather.turned", {"to": {"rain": True}})
    assert later.text == "weather.turned：这个版本还不认识这种记录"
    assert (later.kind, later.emphasis) == ("session", "normal")
    english = told("order.reserve", {"order": "o-1", "lines": LINES, "gift_wrap": True}, LEFT, "en")
    assert english.text == "order.reserve: this version has no words for such an entry, 98 left"
    assert told("drop.opened", {"wave": 1}).text == "drop.opened：这个版本还不认识这种记录"


@pytest.mark.parametrize(
    ("source", "zh", "en"),
    [
        ("desk:小王", "操作员 小王", "operator 小王"),
        ("desk:operator", "操作员", "operator"),
        ("api:shop", "接口 shop", "API shop"),
        ("api:run", "overlaykit run", "overlaykit run"),
        ("api:player", "录像回放", "the player of the recording"),
        ("rule:last-50", "规则 last-50", "rule last-50"),
        ("rule:alert-2", "预警 2", "alert 2"),
        ("rule:emergency.oversold", "应急预案 超卖", "emergency plan 超卖"),
        ("rule:audit", "对账", "the audit"),
        ("connector:douyin", "抖音旗舰店", "抖音旗舰店"),
        ("connector:wms", "数据源 wms", "source wms"),
        ("connector:feishu", "通知 feishu", "notifier feishu"),
        ("connector:gone", "gone", "gone"),
        ("webhook:erp", "Webhook erp", "webhook erp"),
        ("obs:main", "OBS main", "OBS main"),
        ("overlays", "画面守护", "the overlay watch"),
        ("clock", "系统时钟", "the clock"),
        ("moon:1", "moon:1", "moon:1"),
    ],
)
def test_who_it_was(source: str, zh: str, en: str) -> None:
    assert told("session.open", {}, source=source).who == zh
    assert told("session.open", {}, locale="en", source=source).who == en


def test_with_several_locations_it_says_where_units_are_left() -> None:
    plan = msgspec.structs.replace(PLAN, locations=TWO_PLACES)
    stock = {"scarf": {"hz": row(100, available=98, held=2), "gz": row(9, available=0, held=9)}}
    line = Story.line(7, "order.reserve", {"order": "o-1", "lines": LINES}, {"stock": stock})
    text = Teller(plan, "zh-CN").tell(line).text
    assert text == "订单 o-1 占用 2 件 3号链接 羊毛围巾，杭州仓可售剩 98 件，广州仓可售剩 0 件"
    assert Teller(plan, "en").tell(line).text.endswith(", 98 left at 杭州仓, 0 left at 广州仓")


def test_in_presale_what_is_left_is_on_its_way() -> None:
    rows = {"scarf": {"hz": row(0, incoming=28, presold_held=2)}}
    assert told("order.reserve", {"order": "o-1", "lines": LINES}, {"stock": rows}).text.endswith(
        "，可售剩 0 件、在途 28 件"
    )


def test_each_action_of_ours_has_a_name() -> None:
    assert set(ACTION_NAMES) >= {action.name for action in ACTIONS}


def test_each_kind_of_entry_can_be_filtered_by() -> None:
    assert {kind_of(type) for type in EVERY_TYPE} == set(KINDS)
    assert kind_of("order.unmapped") == "connectors"
    assert kind_of("hold.expired") == "orders"
    assert kind_of("task.done") == "rules"


def test_an_entry_names_the_items_that_it_is_about() -> None:
    both = {"scarf": {"hz": row(5)}, "coat": {"hz": row(5)}}
    assert told("order.reserve", {"order": "o-1", "lines": LINES}, {"stock": both}).skus == ["scarf", "coat"]
    assert told("item.feature", {"link": 3}, {"on_air": ["scarf"]}).skus == ["scarf"]
    assert told("stock.drifted", {**_drift(), "sku": "hat"}).skus == ["hat"]
    assert told("session.open", {}).skus == []


def test_an_entry_names_its_order() -> None:
    assert told("order.commit", {"order": "o-1"}).order == "o-1"
    assert told("hold.expired", {"order": "o-1"}).order == "o-1"
    assert told("order.unmapped", {"channel": "douyin", "order": "d:1", "platform_skus": {"3501": 2}}).order == "d:1"
    assert told("session.open", {}).order is None


def _drift() -> dict[str, Any]:
    return next(example.data for example in EXAMPLES if example.type == "stock.drifted")


def test_what_somebody_should_see_is_an_alarm() -> None:
    alarming = {example.zh for example in ALL if told(example.type, example.data, example.outcome).emphasis == "alarm"}
    assert {zh.partition("：")[0] for zh in alarming} == {
        "平台订单 d-1（抖音旗舰店）",
        "平台订单 d-1",
        "订单 o-1 退款 2 件 3号链接 羊毛围巾，退回库存，另有 1 件无法计入",
        "3号链接 羊毛围巾 盘点",
        "3号链接 羊毛围巾 盘点差异 −3 件（杭州仓）",
        "执行应急预案 超卖",
        "预警 1（1号链接 羊绒大衣）",
        "发弹幕（抖音旗舰店）",
        "待办",
        "OBS main",
        "数据源 wms 从 20:30:00 起没有数据",
        "写给抖音旗舰店",
        "抖音旗舰店的订单 douyin:1 有商品对不上",
        "数据库时间跳了 1 分 30 秒",
        "数据库恢复",
        "待办太多，最早的一项被移除",
    }


def test_only_what_is_measured_again_and_again_is_routine() -> None:
    routine = {
        example.type for example in ALL if told(example.type, example.data, example.outcome).emphasis == "routine"
    }
    assert routine == {"obs.health", "forecast.updated"}
    reconnecting = {"obs": "main", "values": {"reconnecting": True}}
    assert told("obs.health", reconnecting, LEFT).emphasis == "alarm"


def test_an_obs_that_the_session_does_not_need_any_more_is_no_alarm() -> None:
    lost = {"obs": "main", "state": {"connected": False}}
    assert told("obs.changed", lost, {}).emphasis == "alarm"
    over = {"obs": "main", "state": {"connected": False, "wanted": False}}
    assert told("obs.changed", over, {}).emphasis == "normal"


def test_the_details_say_every_field_in_words() -> None:
    teller = Teller(PLAN, "zh-CN")
    data = {"order": "o-1", "lines": [{"sku": "scarf", "quantity": 2, "drop": "first"}], "channel": "mini"}
    line = Story.line(7, "order.reserve", data, LEFT)
    assert [(each.label, each.text) for each in teller.details(line)] == [
        ("编号", "c-7"),
        ("订单", "o-1"),
        ("明细", "2 件 3号链接 羊毛围巾，波次 first"),
        ("渠道", "小程序"),
        ("结果", "已执行"),
        ("之后的库存", "3号链接 羊毛围巾（杭州仓）：现货 100，可售 98，占用 2，累计上架 100"),
    ]


@pytest.mark.parametrize(("status", "said"), [("done", "已完成"), ("failed", "失败"), ("task", "转为人工待办")])
def test_the_details_of_an_action_say_what_became_of_it_and_not_that_it_was_refused(status: str, said: str) -> None:
    data = {"firing": 5, "index": 0, "action": "notify", "target": "group", "status": status}
    details = Teller(PLAN, "zh-CN").details(Story.line(7, "action.done", data, {"status": "accepted"}))
    assert [each.text for each in details if each.label == "结果"] == [said, "已执行"]


def test_the_details_of_a_forecast_say_how_fast_each_item_sells() -> None:
    line = Story.line(7, "forecast.updated", {"items": {"scarf": [12.5, AT], "gift": [None, None]}}, {})
    (items,) = [each for each in Teller(PLAN, "zh-CN").details(line) if each.field == "data.items"]
    assert items.text.splitlines() == ["3号链接 羊毛围巾 每分钟 12.5 件，20:30:00 售罄", "赠品 还不知道"]


def test_of_a_long_field_the_details_say_the_beginning_and_how_long_it_is() -> None:
    line = Story.line(7, "orders.retired", {"orders": [f"o-{number}" for number in range(200)]}, {})
    planned = Story.line(1, "session.planned", {"items": [{"sku": f"s-{number}"} for number in range(200)]}, {})
    (items,) = [each for each in Teller(PLAN, "zh-CN").details(planned) if each.field == "data.items"]
    assert items.text.splitlines()[-1] == "…共 200 项"
    assert len(items.text.splitlines()) == 51
    assert Teller(PLAN, "en").tell(line).text == "Finished orders that leave the store: 200"


@pytest.mark.parametrize("locale", ["zh-CN", "en"])
def test_no_detail_is_raw_json(locale: str) -> None:
    for example in EXAMPLES:
        for each in Teller(PLAN, locale).details(Story.line(7, example.type, example.data, example.outcome)):
            assert not set("{}[]") & set(each.text.replace("{n}", "")), each
            assert "\n\n" not in each.text


def test_every_field_has_a_name_in_words() -> None:
    fields = {
        field.encode_name
        for type in (*COMMANDS.values(), *NOTES.values(), ObsState, ObsValues, EntryOutcome)
        for field in msgspec.structs.fields(type)
    }
    assert {field for field in fields if not is_labelled(field)} == set()
