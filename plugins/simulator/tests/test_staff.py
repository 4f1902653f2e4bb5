"""What the people of the room do: only what the plan gives them to do, at the times that the README says."""

from __future__ import annotations

from typing import Any

from overlaykit.api import SessionPlan
from plugins.simulator import staff
from plugins.simulator.behaviour import evening
from plugins.simulator.steps import Evening, Step
from plugins.simulator.tests.test_behaviour import plan

LEVELS = {"low": {"share": 0.2}, "critical": {"share": 0.05}}
COAT = {"sku": "coat", "title": "大衣", "opening": {"hz": 100, "gz": 100}, "buffer": {"hz": 10}, **LEVELS}
GLOVE = {"sku": "glove", "title": "手套", "opening": {"hz": 80}, **LEVELS}


def rich(**changes: Any) -> SessionPlan:
    boots = {"sku": "boots", "title": "靴", "opening": {"hz": 50}, "presale_limit": 20, **LEVELS}
    boots["incoming"] = {"hz": {"quantity": 40, "due": "2026-12-01"}}
    box = {"sku": "box", "title": "礼盒", "opening": {}, "bundle": {"coat": 1, "glove": 2}, **LEVELS}
    channels = [{"name": "mini", "title": "小程序", "share": 0.4}, {"name": "web", "title": "官网"}]
    fields: dict[str, Any] = {
        "starts": "2026-11-11T12:00:00.000Z",
        "items": [COAT, GLOVE, boots, box],
        "locations": [{"name": "hz", "title": "杭州"}, {"name": "gz", "title": "广州"}],
        "channels": channels,
        "drops": [
            {"name": "eight", "sku": "coat", "quantity": 10, "opens_at": "2026-11-11T12:00:30.000Z"},
            {"name": "encore", "sku": "glove", "quantity": 10},
        ],
    }
    return plan(**fields | changes)


def made(**changes: Any) -> Evening:
    return evening(rich(**changes), seed=3, seconds=300, requests=600)


def everything(evening: Evening) -> list[Step]:
    def with_what_follows(step: Step) -> list[Step]:
        return [step, *(each for after in step.then for each in with_what_follows(after))]

    first = [*evening.by_the_clock, *(step for act in evening.acts for step in act.steps)]
    return [each for step in first for each in with_what_follows(step)]


def of(evening: Evening, type: str) -> list[dict[str, Any]]:
    return [dict(step.command) for step in everything(evening) if step.command["type"] == type]


def test_a_channel_with_a_share_gets_it_at_the_beginning_and_gives_the_rest_back() -> None:
    evening = made()
    sets = [step for step in evening.by_the_clock if step.command["type"] == "allotment.set"]
    assert all(step.at == 0 and step.command["channel"] == "mini" for step in sets)
    assert {step.command["sku"]: step.command["quantity"] for step in sets} == {"coat": 76, "glove": 32, "boots": 20}
    back = [each["sku"] for each in of(evening, "allotment.set") if each["quantity"] is None]
    assert sorted(back) == ["boots", "coat", "glove"]


def test_batches_open_by_the_clock_and_by_hand_and_are_run_for() -> None:
    evening = made()
    rush = [step for step in evening.by_the_clock if step.command["type"] == "order.reserve"]
    assert len(rush) == 20
    assert {step.command["lines"][0]["drop"] for step in rush} == {"eight"}
    assert 28 <= min(step.at for step in rush) < 34
    assert max(step.at for step in rush) <= 30 + 12
    (release,) = [step for step in everything(evening) if step.command["type"] == "drop.release"]
    assert release in evening.acts[-1].steps
    assert [each["drop"] for each in of(evening, "drop.close")] == ["encore"]
    assert len([step for step in release.then if step.command["type"] == "order.reserve"]) == 20


def test_a_batch_that_closes_by_itself_is_not_closed_by_hand() -> None:
    drops = [{"name": "encore", "sku": "glove", "quantity": 10, "closes_after": 20}]
    assert of(made(drops=drops), "drop.close") == []


def test_the_buffer_is_released_and_what_is_on_its_way_sold_at_last() -> None:
    evening = made()
    (move,) = of(evening, "stock.transfer")
    assert (move["sku"], move["from"], move["to"], move["quantity"]) == ("coat", "buffer", "available", 10)
    (mode,) = of(evening, "item.mode")
    assert (mode["sku"], mode["mode"], mode["ship_by"]) == ("boots", "presale", "2026-12-01")


def test_lorries_go_only_between_warehouses_of_different_regions() -> None:
    places = [{"name": "hz", "title": "杭州", "serves": ["CN"]}, {"name": "gz", "title": "广州", "serves": ["HK"]}]
    coat = {**COAT, "opening": {"hz": 300, "gz": 50}, "buffer": {}}
    moves = of(made(locations=places, items=[coat], drops=[], channels=[{"name": "m", "title": "m"}]), "stock.transfer")
    assert [(each["from"], each["to"], each["quantity"]) for each in moves] == [
        ("location:hz", "location:gz", 24),
        ("available", "damaged", 1),
    ]


def test_a_bundle_has_an_act_and_some_requests_of_its_own() -> None:
    evening = made()
    assert staff.of_bundles(rich(), rich().items[3]) == 40
    assert evening.acts[-1].steps[0].command["sku"] == "box"
    assert any(line["sku"] == "box" for each in of(evening, "order.reserve") for line in each["lines"])


def test_some_paid_orders_leave_and_some_come_back() -> None:
    evening = made()
    shipped = {each["order"] for each in of(evening, "order.ship")}
    refunded = {each["order"] for each in of(evening, "order.refund")}
    assert 0.15 * 600 < len(shipped) < 0.35 * 600
    assert refunded < shipped
    released = {each["order"] for each in of(evening, "order.release") if each["id"].startswith("w")}
    assert released
    assert not released & shipped


def test_personal_holds_belong_to_rooms_with_limits() -> None:
    assert not any(each.get("personal") for each in of(made(), "order.reserve"))
    limited = of(made(attempt_rate={"count": 3, "per": 10}), "order.reserve")
    assert 0.08 < sum(bool(each.get("personal")) for each in limited) / len(limited) < 0.25


def test_ids_stay_unique() -> None:
    ids = [step.command["id"] for step in everything(made())]
    assert len(ids) == len(set(ids))


def test_a_plain_plan_gives_them_nothing_to_do() -> None:
    evening = made(
        items=[{**GLOVE}], drops=[], channels=[{"name": "m", "title": "m"}], locations=[{"name": "hz", "title": "杭州"}]
    )
    kinds = {step.command["type"] for step in everything(evening)}
    assert not {kind for kind in kinds if kind.startswith(("allotment", "drop", "stock"))} | (kinds & {"item.mode"})
