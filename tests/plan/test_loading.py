"""A plan loads, with its defaults filled in and its times absolute."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

import msgspec
import pytest

from overlaykit.errors import PlanError
from overlaykit.model.sessions import Channel, Countdown, Drop, Incoming, Location, Mapped, Rate, SessionPlan, Threshold
from overlaykit.plan import LoadedPlan, load_plan
from tests.plan.conftest import EVENING, SMALL, Refused, Write

Load = Callable[..., LoadedPlan]


def test_everything_a_plan_can_say_loads(load: Load) -> None:
    plan = load(EVENING).session
    assert (plan.id, plan.ledger, plan.title) == ("tea-night-01", "tea-ledger", "春茶专场")
    assert plan.starts == "2026-04-18T11:30:00.000Z"
    assert plan.hold_seconds == 5400
    assert plan.split is True
    assert plan.options == {"accent": "#2e7d32", "motion": "calm", "rows": 6, "ratio": 0.5, "ticker": True}
    assert [item.sku for item in plan.items] == ["lj-250", "lj-500", "cup", "cake", "set"]
    assert plan.items[0].facts == {"产地": "西湖", "年份": "2026"}
    assert plan.items[0].aliases == ("龙井", "绿茶")
    assert plan.items[1].price == "520"
    assert plan.items[3].incoming == {"south": Incoming(quantity=400, due="2026-05-01")}
    assert plan.items[3].on_sale is False
    assert plan.items[4].bundle == {"lj-250": 1, "cup": 2}
    assert plan.locations == (
        Location(
            name="east", title="余杭仓", serves=("江浙沪", "北方"), source="erp", backup="sheet", stale_after=15.0
        ),
        Location(name="south", title="south", serves=("两广",)),
    )
    assert plan.channels[0] == Channel(
        name="tiktok",
        title="抖店",
        connector="some_shop",
        sells="by_itself",
        share=0.55,
        floor=0.1,
        unmapped="quarantine",
        stream_delay=6.0,
        app="tea",
        shop="5501",
        skus={"350117": Mapped("cup"), "350118": Mapped("cup", 2), "礼盒": Mapped("set")},
        every=20.0,
        lag=2.0,
        push=False,
    )


def test_a_plan_survives_the_ledger(load: Load) -> None:
    plan = load(EVENING).session
    assert msgspec.json.decode(msgspec.json.encode(plan), type=SessionPlan) == plan


def test_a_small_plan_has_one_location_and_one_channel(load: Load) -> None:
    plan = load(SMALL).session
    assert plan.locations == (Location(name="default", title="default"),)
    assert plan.channels == (Channel(name="default", title="default"),)
    assert plan.items[0].opening == {"default": 10}
    assert plan.items[0].low == Threshold(share=0.2)
    assert plan.items[0].critical == Threshold(share=0.05)
    assert (plan.locale, plan.timezone, plan.currency, plan.theme) == ("zh-CN", "Asia/Shanghai", "CNY", "classic")
    assert (plan.ledger, plan.hold_seconds, plan.split, plan.later) == ("tiny", 900.0, False, {})


def test_the_file_itself_may_be_named(write: Write) -> None:
    folder = write(SMALL)
    assert load_plan(folder / "session.toml").folder == load_plan(folder).folder == folder


def test_percent_buffers_are_rounded_down_per_location(load: Load) -> None:
    items = {item.sku: item for item in load(EVENING).session.items}
    assert items["lj-250"].buffer == {"east": 12, "south": 5}  # 12.5% of 103 and 41
    assert items["lj-500"].buffer == {"east": 9}
    assert items["cup"].buffer == {}
    assert items["cake"].buffer == {"south": 2}
    assert items["set"].buffer == {}


def test_a_percentage_is_exact(load: Load) -> None:
    plan = load('buffer = "29%"\n' + SMALL.replace("opening = 10", "opening = 100")).session
    assert plan.items[0].buffer == {"default": 29}  # 100 * 0.29 is 28.999… in binary


def test_a_plan_wide_buffer_in_pieces_keeps_what_there_is(load: Load) -> None:
    assert load("buffer = 4\n" + SMALL).session.items[0].buffer == {"default": 4}
    assert load("buffer = 50\n" + SMALL).session.items[0].buffer == {"default": 10}


def test_thresholds_of_an_item_fall_back_to_the_plans(load: Load) -> None:
    items = load(EVENING).session.items
    assert (items[0].low, items[0].critical) == (Threshold(share=0.25), Threshold(units=10))
    assert (items[1].low, items[1].critical) == (Threshold(units=20), Threshold(units=10))


def test_times_of_day_are_on_the_evening_and_after_midnight_on_the_next_day(load: Load) -> None:
    plan = load(EVENING).session
    assert plan.countdowns == (
        Countdown(name="coupon", ends_at="2026-04-18T13:00:00.000Z"),
        Countdown(name="warm-up", sku="cup", seconds=300.0),
        Countdown(name="night", ends_at="2026-04-18T16:15:00.000Z"),
    )
    assert plan.drops[0].opens_at == "2026-04-18T13:00:00.000Z"  # a TOML date and time without an offset
    assert plan.drops[1] == Drop(name="again", sku="cup", quantity=100)


def test_the_evening_is_where_the_plan_is(load: Load) -> None:
    text = 'starts = 2026-01-02T03:00:00Z\ntimezone = "America/New_York"\n' + SMALL
    plan = load(text + '[[countdown]]\nname = "x"\nends_at = "22:30"\n').session
    assert plan.countdowns[0].ends_at == "2026-01-02T03:30:00.000Z"


def test_a_time_of_day_without_starts_says_so(refused: Refused) -> None:
    problem = refused(SMALL + '[[countdown]]\nname = "x"\nends_at = "20:00"\n')[0]
    assert "`starts`" in problem.what.en
    assert (problem.section, problem.key, problem.line) == ("[[countdown]] 1 (x)", "ends_at", 9)


@pytest.mark.parametrize(
    ("written", "seconds"),
    [('"15m"', 900), ('"10s"', 10), ('"90s"', 90), ('"1h30m"', 5400), ('"0.5s"', 0.5), ("45", 45), ("1.5", 1.5)],
)
def test_durations(load: Load, written: str, seconds: float) -> None:
    assert load(f"hold = {written}\n{SMALL}").session.hold_seconds == seconds


@pytest.mark.parametrize(
    "written", ['"15"', '"m"', '""', '"-5m"', "0", "-1", '"99999h"', "1e300", "nan", "true", '"5 m"']
)
def test_what_is_no_duration(refused: Refused, written: str) -> None:
    assert refused(f"hold = {written}\n{SMALL}")[0].key == "hold"


def test_limits_and_the_levels_of_items_that_come_later(load: Load) -> None:
    plan = load(EVENING).session
    assert (plan.buyer_rate, plan.attempt_rate) == (Rate(count=3, per=300.0), Rate(count=30, per=10.0))
    assert (plan.low, plan.critical) == (Threshold(share=0.25), Threshold(units=10))
    small = load(SMALL).session
    assert (small.buyer_rate, small.attempt_rate) == (None, None)
    assert (small.low, small.critical) == (Threshold(share=0.2), Threshold(share=0.05))
    half = load('limits = { attempts = { count = 5, per = "2s" } }\n' + SMALL).session
    assert (half.buyer_rate, half.attempt_rate) == (None, Rate(count=5, per=2.0))


def test_drops_may_take_all_that_opens_for_sale_and_no_more(load: Load, refused: Refused) -> None:
    drops = '[[drop]]\nname = "one"\nsku = "a"\nquantity = 6\n[[drop]]\nname = "two"\nsku = "a"\nquantity = {n}\n'
    text = "buffer = 1\n" + SMALL + drops
    assert [drop.quantity for drop in load(text.replace("{n}", "3")).session.drops] == [6, 3]
    (problem,) = refused(text.replace("{n}", "4"))
    assert (problem.section, problem.key) == ("[[drop]] 2 (two)", "quantity")
    assert "10 together, and 9 (10 − 1) of it" in problem.what.en
    assert "合计 10 件" in problem.what.zh
    (alone,) = refused("buffer = 1\n" + SMALL + '[[drop]]\nname = "one"\nsku = "a"\nquantity = 10\n')
    assert "10 in the batch" in alone.what.en


def test_drops_of_what_a_source_counts_are_not_limited_here(load: Load) -> None:
    source = '[location.hz]\nsource = "erp"\n[source.erp]\nplugin = "x"\n'
    text = SMALL.replace("opening = 10\n", "") + '[[drop]]\nname = "one"\nsku = "a"\nquantity = 500\n' + source
    assert load(text).session.drops[0].quantity == 500


def test_later_sections_are_kept_as_plain_data_with_seconds(load: Load) -> None:
    later = load(EVENING).session.later
    assert set(later) == {
        "rule",
        "obs",
        "script",
        "source",
        "alert",
        "emergency",
        "announcement",
        "notifier",
        "webhook",
        "relay",
        "channel",
    }
    assert later["rule"][0]["if"] == "item.on_air"
    assert later["rule"][0]["cooldown"] == 120.0
    assert later["rule"][0]["do"][0] == {"action": "obs.scene", "obs": "main", "scene": "特写", "for": "15s"}
    assert later["announcement"] == [
        {"name": "满减", "text": "{{ item.title }} 两件八折", "level": "warning", "seconds": 60.0}
    ]
    assert later["obs"]["main"]["text"][1] == {"source": "标题", "template": "{{ item.title }}"}
    assert later["source"]["sheet"]["settings"] == {"path": "count.csv", "columns": {"sku": "编码"}}
    assert (later["source"]["erp"]["every"], later["source"]["erp"]["jump"]) == (3.0, 0.35)
    assert later["relay"] == {"outside": {"url": "https://relay.example.com"}}
    assert later["webhook"] == {"crm": {"url": "https://crm.example.com/hooks/live", "private": True}}
    assert later["channel"] == {"tiktok": {"settings": {"shop": "778899"}}}


def test_what_waits_for_the_audience_is_longer_by_the_channel_that_is_furthest_behind(load: Load) -> None:
    text = EVENING.replace('seconds = "5m"', 'seconds = "5m"\naudience = true')
    text = text.replace('closes_after = "3m"', 'closes_after = "3m"\naudience = true')
    text = text.replace("[channel.own]", '[channel.own]\nstream_delay = "2s"')
    plan = load(text).session
    assert {each.name: each.seconds for each in plan.countdowns} == {"coupon": None, "warm-up": 306.0, "night": None}
    assert {each.name: each.closes_after for each in plan.drops} == {"nine": 186.0, "again": None}


def test_array_of_tables_and_inline_lists_are_the_same(load: Load) -> None:
    inline = 'id = "tiny"\ntitle = "Tiny"\nitem = [{ sku = "a", title = "A", opening = 10 }]\n'
    assert load(inline).session == load(SMALL).session


def test_what_is_not_there_is_a_plan_error(tmp_path: Path) -> None:
    (tmp_path / "evening.toml").write_text(SMALL)
    with pytest.raises(PlanError, match=r"evening\.toml"):
        load_plan(tmp_path)
    with pytest.raises(PlanError):
        load_plan(tmp_path / "nobody" / "session.toml")
    with pytest.raises(PlanError):
        load_plan(tmp_path / "a\x00b")
