"""The crowd is made of the plan and the seed, and has the shape that the README promises."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator
from typing import Any

import msgspec
import pytest

from overlaykit.api import SessionPlan, UserError
from plugins.simulator.behaviour import CLUSTER, LEAD_IN, evening
from plugins.simulator.steps import Evening, Step


def plan(**changes: Any) -> SessionPlan:
    item = {"low": {"share": 0.2}, "critical": {"share": 0.05}}
    fields: dict[str, Any] = {
        "id": "room",
        "ledger": "room",
        "title": "演示",
        "hold_seconds": 40,
        "items": [
            {"sku": "A", "link": 1, "title": "大衣", "opening": {"hz": 500}, **item},
            {"sku": "B-s", "product": "B", "title": "手套", "opening": {"hz": 60}, **item},
            {"sku": "B-m", "product": "B", "title": "手套", "opening": {"hz": 40}, **item},
        ],
        "locations": [{"name": "hz", "title": "杭州"}],
        "channels": [{"name": "mini", "title": "小程序"}],
    }
    return msgspec.convert(fields | changes, SessionPlan)


def crowd(seed: int = 1, **changes: Any) -> Evening:
    return evening(plan(**changes), seed=seed, seconds=300, requests=960)


def steps(made: Evening) -> Iterator[Step]:
    for act in made.acts:
        yield from act.steps


def requests(made: Evening) -> list[Step]:
    return [step for step in steps(made) if step.command["type"] in ("order.reserve", "order.record")]


def test_the_same_seed_makes_the_same_crowd_and_another_makes_another() -> None:
    assert crowd(seed=7) == crowd(seed=7)
    assert crowd(seed=7) != crowd(seed=8)
    assert crowd(seed=7) != crowd(seed=7, id="another-room")


def test_every_request_is_made_within_the_time_there_is() -> None:
    made = crowd()
    assert len(requests(made)) == 960
    assert made.selling == 300 - 40 - 5
    for act in made.acts:
        assert all(step.at >= 0 and act.begins + step.at <= made.selling + 2 for step in act.steps)
        assert all(step.at >= LEAD_IN for step in act.steps if step.command["type"].startswith("order."))
        assert [step.at for step in act.steps] == sorted(step.at for step in act.steps)


def test_ids_are_unique_and_payments_belong_to_their_order() -> None:
    ids: list[str] = []
    for step in steps(crowd()):
        ids += [step.command["id"], *(after.command["id"] for after in step.then)]
        for after in step.then:
            assert after.command["order"] == step.command["order"]
            assert 0 < after.at < 44
    assert len(ids) == len(set(ids))


def test_the_variants_of_a_product_go_on_air_together_after_what_is_before_them() -> None:
    first, second = crowd().acts
    assert first.steps[0].command["sku"] == "A"
    assert second.steps[0].command["product"] == "B"
    assert (first.cue, second.cue) == ((), ("A",))
    assert 0 == first.begins < second.begins
    assert "售罄" in second.if_cued[0].command["text"]


def test_it_begins_by_saying_that_it_is_synthetic() -> None:
    texts = [step.command["text"] for step in crowd(seed=42).acts[0].steps if step.command["type"] == "announce.show"]
    assert "synthetic, seed 42" in texts[0]


def test_the_link_drop_is_a_rush_that_falls_off() -> None:
    times = [step.at for step in crowd().acts[0].steps if step.command["type"] == "order.reserve"]
    drop = [at for at in times if at < LEAD_IN + 2]
    later = [at for at in times if LEAD_IN + 60 <= at < LEAD_IN + 62]
    assert len(drop) > 5 * max(len(later), 1)
    half = max(times) / 2
    assert sum(at < half for at in times) > 0.6 * len(times)


def test_most_pay_some_do_not_and_a_wave_cancels() -> None:
    made = crowd()
    kinds = Counter(after.command["type"] for step in requests(made) for after in step.then)
    assert 0.7 * 960 < kinds["order.commit"] < 0.9 * 960
    assert kinds["order.release"] > 0
    assert sum(not step.then for step in requests(made)) > 50, "nobody lets a hold expire"
    first_wave = [step for step in made.acts[0].steps if step.command["type"] == "order.release"]
    assert len(first_wave) >= 5
    assert max(step.at for step in first_wave) - min(step.at for step in first_wave) <= 1.5
    assert all(step.follows and step.follows[0] == "p" for step in first_wave)


def test_scalpers_come_in_clusters_and_want_much() -> None:
    scalpers: dict[str, list[Step]] = {}
    for step in requests(crowd()):
        if step.command["buyer"].startswith("s"):
            scalpers.setdefault(step.command["buyer"].partition("-")[0], []).append(step)
    assert scalpers
    for cluster in scalpers.values():
        assert len(cluster) == CLUSTER
        assert max(step.at for step in cluster) - min(step.at for step in cluster) <= 0.5
        assert all(step.command["lines"][0]["quantity"] >= 3 for step in cluster)


def test_a_plan_hold_that_outlasts_the_evening_is_shortened_by_each_request() -> None:
    assert all(step.command["hold_seconds"] == 50 for step in requests(crowd(hold_seconds=900)))
    assert all("hold_seconds" not in step.command for step in requests(crowd(hold_seconds=40)))


def test_buyers_come_from_every_region_and_channel() -> None:
    made = crowd(
        locations=[
            {"name": "la", "title": "洛杉矶", "serves": ["US"]},
            {"name": "fra", "title": "法兰克福", "serves": ["EU"]},
        ],
        channels=[
            {"name": "douyin", "title": "抖音", "sells": "by_itself"},
            {"name": "mini", "title": "小程序"},
        ],
    )
    regions = Counter(line["region"] for step in requests(made) for line in step.command["lines"])
    assert set(regions) == {"US", "EU"}
    by_channel = Counter((step.command["channel"], step.command["type"]) for step in requests(made))
    assert set(by_channel) == {("douyin", "order.record"), ("mini", "order.reserve")}
    assert by_channel["douyin", "order.record"] > by_channel["mini", "order.reserve"]
    assert all(step.while_left for step in requests(made) if step.command["type"] == "order.record")


def test_too_little_time_and_nothing_to_sell_are_user_errors() -> None:
    with pytest.raises(UserError, match="too short"):
        evening(plan(), seed=1, seconds=20, requests=10)
    empty = [{"sku": "A", "title": "空", "opening": {"hz": 0}, "low": {}, "critical": {}}]
    with pytest.raises(UserError, match="no units"):
        evening(plan(items=empty), seed=1, seconds=300, requests=10)
