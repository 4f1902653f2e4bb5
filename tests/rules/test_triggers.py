"""Each trigger: when it fires, when it does not, and what firing it is."""

from __future__ import annotations

from collections.abc import Callable

import pytest

from overlaykit.model.entries import text_of
from overlaykit.plan import words_in
from tests.rules.conftest import START, Evening

pytestmark = pytest.mark.usefixtures("restarts")

Steps = Callable[[Evening], object]


def steps(*each: Steps) -> Steps:
    def run(evening: Evening) -> None:
        for step in each:
            step(evening)

    return run


def stock(*available: int, sku: str = "scarf") -> Steps:
    return lambda evening: [evening.stock(sku, units) for units in available]


def sold(*units: int) -> Steps:
    return lambda evening: [evening.stock("scarf", 1000 - each) for each in units]


TABLE: dict[str, tuple[str, Steps, int]] = {
    # what it says: `when`, what happens, how often it fires
    "a level is crossed downwards": ("available < 50", stock(51, 50, 49), 1),
    "reaching the level is not below it": ("available < 50", stock(50), 0),
    "reaching the level is at most it": ("available <= 50", stock(50), 1),
    "staying below is no second edge": ("available < 50", stock(49, 30, 10), 1),
    "below again after being above": ("available < 50", stock(49, 60, 40), 2),
    "below again after hardly being above": ("available < 50", stock(49, 51, 49, 54, 30), 1),
    "below again after a tenth of the level": ("available < 50", stock(49, 55, 49), 2),
    "a share hardly above": ("available < 20%", stock(199, 219, 199), 1),
    "a share a tenth above": ("available < 20%", stock(199, 220, 199), 2),
    "upwards again after hardly being below": ("available > 500", stock(400, 501, 451, 501), 1),
    "upwards again after a tenth of the level": ("available > 500", stock(400, 501, 450, 501), 2),
    "the last unit, and one that comes back": ("available < 1", stock(0, 1, 0, 2, 0), 2),
    "beyond the level from the beginning": ("available > 500", stock(700, 600), 0),
    "upwards from below": ("available > 500", stock(400, 501, 600), 1),
    "upwards, reached": ("available >= 500", stock(400, 500), 1),
    "one entry jumps far over it": ("available < 50", stock(3), 1),
    "a share of the opening units": ("available < 20%", stock(200, 199), 1),
    "remaining": ("remaining < 20%", stock(200, 199), 1),
    "units sold": ("sold > 100", stock(900, 899), 1),
    "units sold, as a share": ("sold >= 50%", stock(501, 500), 1),
    "units held": ("held > 10", lambda e: [e.stock("scarf", 500, held=units) for units in (10, 11)], 1),
    "oversold": ("oversold > 0", lambda e: e.say("order.record", owed={"scarf": 2}), 1),
    "sold out": ("sold_out", stock(1, 0), 1),
    "sold out, back, and sold out": ("sold_out", stock(0, 5, 0), 2),
    "restocked": ("restocked", stock(0, 5), 1),
    "a unit that a hold gives back": ("sold_out", stock(0, 3, 0, 2, 0), 1),
    "a unit that a hold gives back is no restocking": ("restocked", stock(0, 3, 0), 0),
    "restocked bit by bit": ("restocked", stock(0, 3, 4, 0, 2, 9), 2),
    "more of what was there is no restocking": ("restocked", stock(5, 50), 0),
    "each five hundred": ("sold every 500", sold(499, 500, 600, 999, 1000), 2),
    "several multiples in one entry are one": ("sold every 100", sold(950), 1),
    "units that come back do not count twice": ("sold every 500", sold(500, 400, 500, 600), 1),
    "not even after a later one": ("sold every 500", sold(500, 1000, 400, 500, 1000), 2),
    "a pace": (
        "pace_per_minute > 30",
        lambda e: [e.forecast("scarf", 900, pace=pace) for pace in (20, 31, 40)],
        1,
    ),
    "a pace that is not known any more": (
        "pace_per_minute > 30",
        lambda e: [e.say("forecast.updated", {"items": {"scarf": [pace, None]}}) for pace in (31.0, None, 31.0)],
        1,
    ),
    "sells out soon, by forecast": ("sells_out_in < 20m", lambda e: [e.forecast("scarf", s) for s in (1300, 1100)], 1),
    "sells out soon, by time": (
        "sells_out_in < 20m",
        steps(lambda e: e.forecast("scarf", 1203), lambda e: e.wait(5)),
        1,
    ),
    "the forecast moves away before": (
        "sells_out_in < 20m",
        steps(lambda e: e.forecast("scarf", 1203), lambda e: e.forecast("scarf", 1400), lambda e: e.wait(10)),
        0,
    ),
    "on air": ("on_air", steps(lambda e: e.feature("scarf"), lambda e: e.feature("scarf")), 1),
    "variants come on air as one": ("on_air", lambda e: e.feature("coat-m", "coat-l"), 1),
    "another choice of variants": (
        "on_air",
        steps(lambda e: e.feature("coat-m"), lambda e: e.feature("coat-m", "coat-l")),
        1,
    ),
    "off air": ("off_air", steps(lambda e: e.feature("scarf"), lambda e: e.feature("coat-m")), 1),
    "nothing on air": ("off_air", steps(lambda e: e.feature("scarf"), lambda e: e.feature()), 1),
    "a minute left": ("countdown coupon < 1m", steps(lambda e: e.countdown("coupon", 65), lambda e: e.wait(6)), 1),
    "not yet": ("countdown coupon < 1m", steps(lambda e: e.countdown("coupon", 65), lambda e: e.wait(4)), 0),
    "a countdown that begins with less": (
        "countdown coupon < 1m",
        steps(lambda e: e.countdown("coupon", 30), lambda e: e.wait(40)),
        0,
    ),
    "shortened beyond it": (
        "countdown coupon < 1m",
        steps(lambda e: e.countdown("coupon", 300), lambda e: e.countdown("coupon", 10)),
        1,
    ),
    "taken away before": (
        "countdown coupon < 1m",
        steps(lambda e: e.countdown("coupon", 65), lambda e: e.countdown("coupon", None), lambda e: e.wait(10)),
        0,
    ),
    "set anew it is crossed again": (
        "countdown coupon < 1m",
        steps(*[lambda e: e.countdown("coupon", 61), lambda e: e.wait(2)] * 2),
        2,
    ),
    "it ends": (
        "countdown coupon < 0",
        steps(lambda e: e.countdown("coupon", 2), lambda e: e.say("countdown.due", {"name": "coupon"}, after=2.05)),
        1,
    ),
    "another countdown": ("countdown coupon < 1m", steps(lambda e: e.countdown("other", 61), lambda e: e.wait(5)), 0),
    "a drop opens by its time": ("drop eight opened", lambda e: e.say("drop.opened", {"drop": "eight"}), 1),
    "a drop opens by hand": ("drop eight opened", lambda e: e.say("drop.release", {"drop": "eight"}), 1),
    "a drop that may not open": (
        "drop eight opened",
        lambda e: e.say("drop.release", {"drop": "eight"}, status="refused", reason="wrong_state"),
        0,
    ),
    "a drop closes": ("drop eight closed", lambda e: e.say("drop.closed", {"drop": "eight"}), 1),
    "another drop": ("drop eight opened", lambda e: e.say("drop.opened", {"drop": "nine"}), 0),
    "a source goes silent": (
        "source erp stale",
        lambda e: [e.say("source.stale", {"source": "erp", "since": text_of(START)}) for _ in range(2)],
        1,
    ),
    "a source speaks again": (
        "source erp fresh",
        steps(
            lambda e: e.say("source.fresh", {"source": "erp"}),
            lambda e: e.say("source.stale", {"source": "erp", "since": text_of(START)}),
            lambda e: e.say("source.fresh", {"source": "erp"}),
        ),
        1,
    ),
    "OBS is connected": ("obs main connected", steps(lambda e: e.obs(), lambda e: e.obs(scene="A")), 1),
    "OBS is lost": ("obs main disconnected", steps(lambda e: e.obs(), lambda e: e.obs(connected=False)), 1),
    "an OBS that never was there": ("obs main disconnected", lambda e: e.obs(connected=False), 0),
    "the stream begins": ("obs main streaming", steps(lambda e: e.obs(), lambda e: e.obs(streaming=True)), 1),
    "a stream that goes on when it is first heard of": ("obs main streaming", lambda e: e.obs(streaming=True), 0),
    "the stream ends": ("obs main stopped", steps(lambda e: e.obs(streaming=True), lambda e: e.obs()), 1),
    "the stream ended in a crash": (
        "obs main stopped",
        steps(lambda e: e.obs(streaming=True), lambda e: e.obs(connected=False), lambda e: e.obs()),
        1,
    ),
    "a scene": (
        'obs main scene "特写"',
        steps(lambda e: e.obs(scene="全景"), lambda e: e.obs(scene="特写"), lambda e: e.obs(scene="特写")),
        1,
    ),
    "frames are dropped": (
        "obs main dropped_frames > 5%",
        steps(lambda e: e.obs(), lambda e: e.health(dropped_frames=0.05), lambda e: e.health(dropped_frames=0.06)),
        1,
    ),
    "frames are dropped again, having been better by a tenth": (
        "obs main dropped_frames > 5%",
        lambda e: [e.health(dropped_frames=share) for share in (0.06, 0.049, 0.06, 0.04, 0.06)],
        2,
    ),
    "nothing is known while OBS is away": (
        "obs main dropped_frames > 5%",
        steps(
            lambda e: [e.obs(), e.health(dropped_frames=0.06)],
            lambda e: [e.obs(connected=False), e.obs(), e.health(dropped_frames=0.06)],
        ),
        1,
    ),
    "the processor, in per cent": (
        "obs main cpu > 80%",
        steps(lambda e: e.health(cpu=0.79), lambda e: e.health(cpu=0.81)),
        1,
    ),
    "the disk": ("obs main disk_gb < 10", steps(lambda e: e.health(disk_gb=12.0), lambda e: e.health(disk_gb=9.5)), 1),
    "reconnecting": (
        "obs main reconnecting",
        steps(lambda e: e.health(reconnecting=False), lambda e: e.health(reconnecting=True)),
        1,
    ),
    "a message": (
        'chat "怎么买"',
        lambda e: [e.say("chat.heard", {"channel": "mini", "keyword": "怎么买", "text": "怎么买呀"}) for _ in range(2)],
        2,
    ),
    "another keyword": (
        'chat "怎么买"',
        lambda e: e.say("chat.heard", {"channel": "mini", "keyword": "尺码", "text": "尺码"}),
        0,
    ),
    "a button": ("button encore", lambda e: [e.say("button.press", {"name": "encore"}) for _ in range(2)], 2),
    "another button": ("button encore", lambda e: e.say("button.press", {"name": "other"}), 0),
    "a time of day": ("at 19:01", lambda e: e.wait(70), 1),
    "a time of day that has passed": ("at 18:59", lambda e: e.wait(70), 0),
    "frozen and thawed": (
        "session thawed",
        steps(lambda e: e.say("session.freeze"), lambda e: e.say("session.thaw")),
        1,
    ),
    "closed": ("session closed", lambda e: e.say("session.close"), 1),
}


@pytest.mark.parametrize(("when", "happens", "times"), TABLE.values(), ids=list(TABLE))
def test_when_it_fires(when: str, happens: Steps, times: int) -> None:
    evening = Evening({"when": when})
    evening.open()
    happens(evening)
    evening.wait(0.2)
    assert len(evening.fired) == times
    assert len({firing.id for firing in evening.fired}) == times
    assert evening.watcher.pending() == []


def test_a_session_that_opens_fires() -> None:
    evening = Evening({"when": "session opened"})
    (firing,) = evening.open()
    assert (firing.rule, firing.cause, firing.at_ms) == ("r1", 2, START + 2000)


def test_a_firing_says_which_entry_which_item_and_what_was_seen() -> None:
    evening = Evening({"when": "available < 50", "late": 30.0})
    evening.open()
    evening.stock("scarf", 52)
    (firing,) = evening.stock("scarf", 49)
    assert (firing.sku, firing.cause, firing.key) == ("scarf", 4, "scarf 4")
    assert words_in(firing.why).en == "available 49 (52 before); available below 50"
    assert firing.values == {"available": 49, "opening": 1000, "sold": 951, "level": 50.0}
    assert firing.deadline - firing.at_ms == 30_000
    assert not firing.late(firing.deadline)
    assert firing.late(firing.deadline + 1)


def test_a_rule_about_a_drop_or_its_countdown_is_about_its_item() -> None:
    evening = Evening({"when": "drop eight opened"}, {"when": "countdown coupon < 1m"})
    evening.open()
    evening.say("drop.release", {"drop": "eight"})
    evening.countdown("coupon", 61, sku="scarf")
    evening.wait(2)
    assert evening.names() == [("r1", "coat-m"), ("r2", "scarf")]


def test_of_variants_on_air_it_is_about_the_first_that_can_be_bought() -> None:
    evening = Evening({"when": "on_air"}, {"when": "off_air", "sku": "*-l"})
    evening.open()
    evening.stock("coat-m", 0)
    evening.feature("coat-m", "coat-l")
    evening.feature("scarf")
    assert evening.names() == [("r1", "coat-l"), ("r1", "scarf"), ("r2", "coat-l")]


def test_only_the_items_of_its_pattern() -> None:
    evening = Evening({"when": "available < 50", "sku": "coat-*"})
    evening.open()
    for sku in ("scarf", "coat-m", "coat-l"):
        evening.stock(sku, 10)
    assert evening.names() == [("r1", "coat-m"), ("r1", "coat-l")]


def test_an_item_that_is_added_in_the_evening_is_watched_too() -> None:
    evening = Evening({"when": "available < 50"})
    evening.open()
    evening.say("item.add", {"type": "item.add", "sku": "hat", "title": "hat", "opening": {"hz": 100}})
    (firing,) = evening.say("order.reserve", stock={"hat": {"hz": [100, 49, 51, 0, 0, 0, 0, 0, 100, 0, 0]}})
    assert firing.sku == "hat"


def test_what_was_crossed_while_frozen_is_crossed_by_the_thaw() -> None:
    evening = Evening({"when": "available < 50"})
    evening.open()
    evening.say("session.freeze")
    assert evening.stock("scarf", 20) == []
    (firing,) = evening.say("session.thaw")
    assert (firing.sku, firing.cause) == ("scarf", evening.read - 1)


def test_items_rest_while_the_session_is_not_open_but_obs_does_not() -> None:
    evening = Evening({"when": "available < 50"}, {"when": "obs main connected"}, {"when": "button encore"})
    evening.stock("scarf", 20)
    evening.obs()
    evening.open()
    evening.say("session.close")
    evening.stock("coat-m", 20)
    evening.say("button.press", {"name": "encore"})
    assert evening.names() == [("r2", None), ("r3", None)]
    assert evening.held() == ["session", "session"]


def test_a_time_of_day_comes_each_day() -> None:
    evening = Evening({"when": "at 19:00:30"})
    evening.open()
    evening.stock("scarf", 999, after=60)
    evening.stock("scarf", 998, after=86_400)
    assert [firing.key for firing in evening.fired] == ["2026-11-11T11:00:30.000Z", "2026-11-12T11:00:30.000Z"]
    assert evening.fired[0].cause is None
