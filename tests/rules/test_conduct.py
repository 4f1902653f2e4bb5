"""What lets a rule fire once its trigger is there, what holds it back, and what operators order by hand."""

from __future__ import annotations

from collections.abc import Callable

import msgspec
import pytest

from overlaykit.rules import STORM_FIRINGS, Watcher
from tests.rules.conftest import PLAN, Evening, plan_with, restart

pytestmark = pytest.mark.usefixtures("restarts")


def test_it_may_fire_again_only_once_the_number_was_back() -> None:
    evening = Evening({"when": "available < 50", "rearm": 80})
    evening.open()
    for available in (49, 60, 45, 79, 40):
        evening.stock("scarf", available)
    assert len(evening.fired) == 1
    evening.stock("scarf", 80)
    evening.stock("scarf", 30)
    assert len(evening.fired) == 2
    assert evening.held() == [None, "rearm", "rearm", None]


def test_rearm_as_a_share_upwards_of_sold_out_and_of_a_forecast() -> None:
    evening = Evening(
        {"when": "sold > 500", "rearm": "10%"},
        {"when": "sold_out", "rearm": 5},
        {"when": "sells_out_in < 20m", "rearm": "30m"},
    )
    evening.open()
    for available in (499, 700, 499, 900, 499):
        evening.stock("scarf", available)
    for available in (0, 4, 0, 5, 0):
        evening.stock("coat-l", available)
    for seconds in (1000, 1500, 1000, 1900, 1000):
        evening.forecast("scarf", seconds)
    assert [evening.names().count(each) for each in [("r1", "scarf"), ("r2", "coat-l"), ("r3", "scarf")]] == [2, 2, 2]


def test_rearm_of_how_an_obs_fares() -> None:
    evening = Evening({"when": "obs main fps < 25", "rearm": 29})
    evening.open()
    for fps in (24.0, 28.0, 24.0, 29.0, 24.0):
        evening.health(fps=fps)
    assert evening.held() == [None, "rearm", None]


def test_a_cooldown_counts_for_each_item_by_itself() -> None:
    evening = Evening({"when": "available < 50", "cooldown": 180.0})
    evening.open()
    evening.stock("scarf", 49)
    evening.stock("coat-m", 49)
    evening.stock("scarf", 60)
    evening.stock("scarf", 49, after=100)
    assert evening.names() == [("r1", "scarf"), ("r1", "coat-m")]
    assert evening.decisions[-1].why == "才过了 1 分钟 42 秒，冷却 3 分钟 / 1m42s of 3m had passed"
    evening.stock("scarf", 60)
    evening.stock("scarf", 49, after=80)
    assert evening.names()[-1] == ("r1", "scarf")
    assert len(evening.fired) == 3


def test_a_cooldown_that_began_while_the_clock_was_ahead_holds_nothing_back() -> None:
    evening = Evening({"when": "available < 50", "cooldown": 180.0})
    evening.open()
    evening.stock("scarf", 49, after=86_400)
    evening.stock("scarf", 60, after=-86_000)
    evening.stock("scarf", 49)
    assert len(evening.fired) == 2


def test_rules_that_set_each_other_off_go_round_twenty_times_and_no_further() -> None:
    evening = Evening({"when": "available < 50"}, {"when": "available > 60"})
    evening.open()
    evening.stock("scarf", 55)
    for _ in range(50):
        evening.stock("scarf", 40, after=0.05)
        evening.stock("scarf", 70, after=0.05)
    assert [evening.names().count((name, "scarf")) for name in ("r1", "r2")] == [STORM_FIRINGS] * 2
    assert evening.held("r1") == [None] * STORM_FIRINGS + ["storm"] * 30
    assert "within 10 s" in evening.decisions[-1].why
    evening.stock("scarf", 40, after=10)
    assert len(evening.fired) == 2 * STORM_FIRINGS + 1


def test_a_storm_is_counted_for_each_item_and_on_air_for_all_together() -> None:
    evening = Evening({"when": "available < 50"}, {"when": "on_air"}, {"when": "sold every 1"})
    evening.open()
    for sold in range(1, 51):
        evening.feature(("scarf", "coat-m", "coat-l")[sold % 3], after=0.05)
        evening.stock("scarf", 49 if sold % 2 else 60, sold=sold, after=0.05)
    evening.stock("coat-m", 49, after=0.05)
    assert [evening.names().count(each) for each in [("r1", "scarf"), ("r1", "coat-m"), ("r3", "scarf")]] == [20, 1, 50]
    assert evening.held("r2").count(None) == STORM_FIRINGS


def test_once_is_once_for_each_item() -> None:
    evening = Evening({"when": "available < 50", "once": True})
    evening.open()
    for sku in ("scarf", "coat-m"):
        for available in (49, 60, 49):
            evening.stock(sku, available)
    assert evening.names() == [("r1", "scarf"), ("r1", "coat-m")]


def test_what_has_to_last_fires_when_it_has() -> None:
    evening = Evening({"when": "source erp stale", "sustained": 15.0})
    evening.open()
    since = {"source": "erp", "since": "2026-11-11T11:00:00.000Z"}
    evening.say("source.stale", since)
    cause, began = evening.ledger.seq, evening.ledger.now
    assert evening.wait(14.9) == []
    (firing,) = evening.wait(0.2)
    assert (firing.cause, firing.at_ms) == (cause, began + 15_000)
    assert firing.values == since
    evening.say("source.fresh", {"source": "erp"})
    evening.say("source.stale", since)
    evening.wait(12)
    evening.say("source.fresh", {"source": "erp"}, after=0.05)
    evening.wait(20)
    assert len(evening.fired) == 1
    assert evening.held() == [None, "short"]
    assert evening.decisions[-1].why == "只持续了 12 秒，要 15 秒 / lasted 12s of 15s"


def test_an_entry_that_comes_late_tells_what_had_lasted_before_it() -> None:
    evening = Evening({"when": "available < 50", "sustained": 15.0, "if": "item.available < 50"})
    evening.open()
    evening.stock("scarf", 49)
    began = evening.ledger.now
    (firing,) = evening.stock("scarf", 60, after=100)
    assert firing.at_ms == began + 15_000
    assert firing.late(evening.ledger.now)


LASTING: dict[str, tuple[Callable[[Evening], object], Callable[[Evening], object]]] = {
    "available < 50": (lambda e: e.stock("scarf", 49), lambda e: e.stock("scarf", 60)),
    "pace_per_minute > 30": (lambda e: e.forecast("scarf", 99, pace=31), lambda e: e.forecast("scarf", 99, pace=9)),
    "sells_out_in < 20m": (lambda e: e.forecast("scarf", 1201), lambda e: e.forecast("scarf", 1300)),
    "sold_out": (lambda e: e.stock("scarf", 0), lambda e: e.stock("scarf", 60)),
    "restocked": (lambda e: [e.stock("scarf", each, after=0.01) for each in (0, 9)], lambda e: e.stock("scarf", 0)),
    "on_air": (lambda e: e.feature("scarf"), lambda e: e.feature()),
    "off_air": (lambda e: [e.feature(*each, after=0.01) for each in (("scarf",), ())], lambda e: e.feature("scarf")),
    "obs main disconnected": (
        lambda e: [e.obs(connected=each, after=0.01) for each in (True, False)],
        lambda e: e.obs(),
    ),
    'obs main scene "A"': (
        lambda e: [e.obs(scene=each, after=0.01) for each in ("B", "A")],
        lambda e: e.obs(scene="B"),
    ),
    "obs main fps < 25": (lambda e: e.health(fps=24.0), lambda e: e.health(fps=25.0)),
}


@pytest.mark.parametrize("when", LASTING)
def test_it_fires_once_it_has_lasted_and_not_when_it_was_over_before(when: str) -> None:
    begin, end = LASTING[when]
    evening = Evening({"when": when, "sustained": 5.0})
    evening.open()
    begin(evening)
    evening.wait(3)
    end(evening)
    assert evening.wait(10) == []
    begin(evening)
    evening.wait(7)
    end(evening)
    assert evening.held() == ["short", None]
    assert evening.wait(10) == []


def test_of_several_the_highest_priority_is_first_then_the_order_of_the_plan() -> None:
    evening = Evening(
        {"when": "sold_out"}, {"when": "available < 50", "priority": 5}, {"when": "sold_out", "priority": 5}
    )
    evening.open()
    evening.notes = False
    assert [firing.rule for firing in evening.stock("scarf", 0)] == ["r2", "r3", "r1"]
    assert [firing.rule for firing in evening.watcher.pending()] == ["r2", "r3", "r1"]


def test_a_rule_is_off_until_it_is_switched_on_and_goes_back_to_the_plan() -> None:
    evening = Evening({"when": "button a", "enabled": False}, {"when": "button a"})
    evening.open()

    def press() -> list[str]:
        return [firing.rule for firing in evening.say("button.press", {"name": "a"})]

    assert press() == ["r2"]
    evening.say("rule.set", {"name": "r1", "enabled": True})
    evening.say("rule.set", {"name": "r2", "enabled": False})
    assert press() == ["r1"]
    evening.say("rule.set", {"name": "r1", "enabled": None})
    evening.say("rule.set", {"name": "r2", "enabled": None})
    assert press() == ["r2"]
    assert evening.held() == ["disabled", None, "disabled"]


def test_a_condition_that_does_not_hold_uses_up_nothing() -> None:
    evening = Evening({"when": "available < 50", "if": "item.on_air", "once": True, "rearm": 80, "cooldown": 600.0})
    evening.open()
    evening.stock("scarf", 49)
    evening.feature("scarf")
    evening.stock("scarf", 60)
    evening.stock("scarf", 49)
    assert evening.held() == ["if", None]


def test_by_hand_it_fires_whatever_holds_it_back() -> None:
    evening = Evening({"when": "available < 50", "if": "false", "enabled": False, "cooldown": 60.0})
    evening.open()
    (firing,) = evening.say("rule.fire", {"name": "r1", "sku": "scarf"}, source="desk:li")
    assert (firing.rule, firing.sku, firing.cause, firing.by_hand) == ("r1", "scarf", 3, True)
    assert firing.why == "手动触发：操作员 li / by hand, operator li"
    assert evening.say("rule.fire", {"name": "unknown"}) == []
    assert evening.say("rule.fire", {"name": "r1"}, status="refused", reason="unknown_rule") == []


def test_what_was_done_by_hand_is_not_done_again_within_the_cooldown() -> None:
    evening = Evening({"when": "available < 50", "cooldown": 60.0})
    evening.open()
    evening.say("rule.fire", {"name": "r1", "sku": "scarf"})
    evening.stock("scarf", 49)
    assert evening.held() == [None, "cooldown"]


def test_an_emergency_plan_runs_by_hand() -> None:
    do = [{"action": "stock", "command": "session.freeze"}]
    evening = Evening(plan=plan_with([], PLAN, emergency={"oversold": {"title": "超卖", "do": do}}))
    evening.open()
    (firing,) = evening.say("emergency.run", {"name": "oversold"}, source="desk:li")
    rule = evening.book.emergencies["oversold"]
    assert (firing.rule, rule.title, rule.do) == ("emergency.oversold", "超卖", tuple(do))
    assert firing.by_hand
    assert evening.say("emergency.run", {"name": "oversold"}, source="desk:zhao", after=2.9) == []
    assert evening.held("emergency.oversold") == [None, "cooldown"], "who pressed at the same time ran it, too, once"
    (again,) = evening.say("emergency.run", {"name": "oversold"}, source="desk:zhao", after=0.2)
    assert again.cause != firing.cause


def test_an_alert_is_a_notice_at_the_desk_and_a_message() -> None:
    alerts = [
        {"when": "available < 20%", "to": ["feishu"], "level": "urgent"},
        {"when": 'obs main scene "{{ it\'s }}"'},
        {"when": "oversold > 0", "text": "{{ item.title }}!"},
    ]
    evening = Evening(plan=plan_with([], PLAN, alert=alerts))
    evening.open()
    evening.feature("coat-l")
    (firing,) = evening.stock("scarf", 199)
    assert (firing.rule, firing.deadline - firing.at_ms) == ("alert-1", 600_000)
    assert evening.book.rules["alert-1"].cooldown == 300_000

    def texts(name: str) -> list[str]:
        do = evening.book.rules[name].do
        return [evening.watcher.render(entry["text"], sku="scarf", now_ms=evening.ledger.now) for entry in do]

    assert [entry["action"] for entry in evening.book.rules["alert-1"].do] == ["alert", "notify"]
    assert texts("alert-1") == [
        "scarf：可售低于 20%（剩 199 件） / scarf: available below 20% (199 left)",
        "scarf: available below 20% (199 left)",
    ], "desks of either language see the alert, the team's chat has the session's"
    assert texts("alert-2") == ["OBS main 切到场景 {{ it's }} / OBS main: scene {{ it's }}"]
    assert texts("alert-3") == ["scarf!"]
    assert evening.book.rules["alert-1"].do[1]["level"] == "urgent"


def test_why_is_said_in_both_languages_for_desks_of_either() -> None:
    plan = msgspec.structs.replace(plan_with([{"when": "available < 50"}]), locale="zh-CN")
    evening = Evening(plan=plan)
    evening.open()
    evening.stock("scarf", 52)
    (firing,) = evening.stock("scarf", 49)
    assert firing.why == "可售 49（之前 52）；可售低于 50 / available 49 (52 before); available below 50"


def test_what_is_not_noted_stays_pending_for_whoever_leads_next() -> None:
    evening = Evening({"when": "available < 50"}, notes=False)
    evening.open()
    (first,) = evening.stock("scarf", 49)
    (second,) = evening.stock("coat-m", 49)
    evening.fired.clear()
    evening.ledger.fired(first, type="rule.skipped")
    evening.catch_up()
    assert evening.watcher.pending() == [second]
    assert restart(evening)[0].pending() == [second]


def test_what_another_one_saw_first_is_not_fired_again() -> None:
    """The leader's clock is ahead: its note of a countdown comes before this watcher's time."""
    evening = Evening({"when": "countdown coupon < 1m"}, {"when": "button a", "once": True}, notes=False)
    evening.open()
    evening.countdown("coupon", 65)
    ahead, _ = restart(evening)
    (seen,) = ahead.tick(evening.ledger.now + 5000)
    evening.ledger.fired(seen, after=4.9)
    evening.catch_up()
    assert evening.wait(10) == []
    assert evening.watcher.pending() == []


def test_a_watcher_without_a_memory_takes_what_is_so_for_granted() -> None:
    evening = Evening(
        {"when": "available < 50"},
        {"when": "source erp stale"},
        {"when": "countdown coupon < 1m"},
        {"when": "sells_out_in < 20m"},
        {"when": "obs main streaming"},
        notes=False,
    )
    evening.open()
    evening.countdown("coupon", 30)
    evening.stock("scarf", 49)
    evening.forecast("scarf", 600)
    evening.say("source.stale", {"source": "erp", "since": "2026-11-11T11:00:00.000Z"})
    evening.obs()
    evening.obs(streaming=True)
    evening.watcher = Watcher(evening.book, evening.fold)
    evening.stock("scarf", 48)
    evening.forecast("scarf", 500)
    evening.say("source.stale", {"source": "erp", "since": "2026-11-11T11:00:00.000Z"})
    evening.obs(streaming=True, scene="A")
    assert evening.wait(40) == []
    (firing,) = evening.stock("coat-m", 49)
    assert firing.rule == "r1"


def test_nothing_is_due_while_the_clock_is_suspended() -> None:
    """The store's clock jumped an hour ahead; it is taken back, and what was not yet due comes at its time."""
    evening = Evening({"when": "countdown coupon < 1m"}, {"when": "available < 50", "sustained": 10.0})
    evening.open()
    evening.countdown("coupon", 65)
    evening.stock("scarf", 49)
    evening.say("clock.suspended", source="clock")
    assert evening.stock("scarf", 48, after=3600) == []
    assert evening.wait(1) == []
    evening.say("clock.resumed", source="clock", after=-3601)
    assert sorted(firing.rule for firing in evening.wait(12)) == ["r1", "r2"]
