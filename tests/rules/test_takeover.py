"""Whoever reads the same ledger comes to the same firings: from the beginning, from what another one kept, or in its place."""

from __future__ import annotations

from typing import Any

from hypothesis import given, settings
from hypothesis import strategies as st

from overlaykit.board import Fold
from overlaykit.rules import Firing, Watcher
from tests.rules.conftest import Evening, restart

RULES: tuple[dict[str, Any], ...] = (
    {"when": "available < 50", "rearm": 70, "cooldown": 20.0},
    {"when": "available < 50", "sustained": 2.5, "if": "item.available < 45"},
    {"when": "remaining < 30%", "once": True, "sku": "coat-*"},
    {"when": "pace_per_minute > 30", "sustained": 1.5},
    {"when": "sells_out_in < 1m", "rearm": "80s"},
    {"when": "sells_out_in < 30s", "sustained": 2.0, "if": "item.on_air or item.sku == 'scarf'"},
    {"when": "sold_out", "rearm": 3},
    {"when": "restocked", "cooldown": 5.0},
    {"when": "sold every 30"},
    {"when": "on_air", "sustained": 1.2},
    {"when": "off_air"},
    {"when": "countdown coupon < 5s", "if": "item"},
    {"when": "countdown coupon < 0"},
    {"when": "source erp stale", "sustained": 2.0},
    {"when": "source erp fresh"},
    {"when": "obs main stopped"},
    {"when": "obs main disconnected", "sustained": 1.5},
    {"when": 'obs main scene "A"', "cooldown": 4.0},
    {"when": "obs main dropped_frames > 5%", "sustained": 1.0},
    {"when": "button a", "once": True},
    {"when": "button a", "enabled": False},
    {"when": "at 19:00:20"},
    {"when": "session thawed"},
)

SKUS = st.sampled_from(["coat-m", "coat-l", "scarf"])
STEPS = st.one_of(
    st.tuples(st.just("stock"), SKUS, st.sampled_from([0, 3, 30, 44, 49, 50, 69, 70, 90])),
    st.tuples(st.just("stock"), SKUS, st.sampled_from([0, 3, 30, 44, 49, 50, 69, 70, 90])),
    st.tuples(st.just("forecast"), SKUS, st.sampled_from([None, 5.0, 31.0, 62.0, 90.0]), st.sampled_from([9.0, 31.0])),
    st.tuples(st.just("feature"), st.sampled_from([(), ("scarf",), ("coat-m",), ("coat-m", "coat-l")])),
    st.tuples(st.just("countdown"), st.sampled_from([None, 2.0, 6.0, 7.5, 30.0])),
    st.tuples(st.just("source"), st.sampled_from(["stale", "fresh"])),
    st.tuples(
        st.just("obs"), st.booleans(), st.booleans(), st.sampled_from(["A", "B"]), st.sampled_from([None, 0.01, 0.06])
    ),
    st.tuples(st.just("press")),
    st.tuples(st.just("switch"), st.sampled_from(["r1", "r20", "r21"]), st.sampled_from([True, False, None])),
    st.tuples(st.just("fire"), st.sampled_from(["r1", "r2"])),
    st.tuples(st.just("freeze")),
    st.tuples(st.just("thaw")),
    st.tuples(st.just("wait"), st.integers(1, 40)),
    st.tuples(st.just("wait"), st.integers(1, 40)),
)
AFTER = 0.35


def take(evening: Evening, step: tuple[Any, ...]) -> None:
    """One step of an evening."""
    match step:
        case ("stock", sku, units):
            evening.stock(sku, units, after=AFTER)
        case ("forecast", sku, seconds, pace):
            evening.forecast(sku, seconds, pace=pace, after=AFTER)
        case ("feature", skus):
            evening.feature(*skus, after=AFTER)
        case ("countdown", seconds):
            evening.countdown("coupon", seconds, after=AFTER)
        case ("source", "stale"):
            evening.say("source.stale", {"source": "erp", "since": "2026-11-11T11:00:00.000Z"}, after=AFTER)
        case ("source", _):
            evening.say("source.fresh", {"source": "erp"}, after=AFTER)
        case ("obs", connected, streaming, scene, dropped):
            evening.obs(connected=connected, streaming=streaming, scene=scene, after=AFTER)
            evening.health(dropped_frames=dropped, after=AFTER)
        case ("press",):
            evening.say("button.press", {"name": "a"}, after=AFTER)
        case ("switch", rule, enabled):
            evening.say("rule.set", {"name": rule, "enabled": enabled}, after=AFTER)
        case ("fire", rule):
            evening.say("rule.fire", {"name": rule, "sku": "scarf"}, after=AFTER)
        case ("freeze",):
            evening.say("session.freeze", after=AFTER)
        case ("thaw",):
            evening.say("session.thaw", after=AFTER)
        case ("wait", tenths):
            evening.wait(tenths / 10)


def begin(*, notes: bool = True) -> Evening:
    evening = Evening(*RULES, notes=notes)
    evening.open()
    evening.obs(streaming=True, scene="B")
    return evening


def told(firings: list[Firing]) -> list[tuple[str, str | None, int | None, int]]:
    return [(firing.id, firing.sku, firing.cause, firing.at_ms) for firing in firings]


@settings(max_examples=40, deadline=None)
@given(steps=st.lists(STEPS, min_size=5, max_size=40), data=st.data())
def test_a_restart_at_any_point_changes_nothing(steps: list[tuple[Any, ...]], data: st.DataObject) -> None:
    whole, cut = begin(), begin()
    cuts = set(data.draw(st.lists(st.integers(0, len(steps) - 1), max_size=4), label="cuts"))
    for number, step in enumerate(steps):
        take(whole, step)
        take(cut, step)
        if number in cuts:
            cut.watcher, cut.fold = restart(cut)
    assert told(cut.fired) == told(whole.fired)
    assert cut.ledger.lines == whole.ledger.lines
    assert len({firing.id for firing in whole.fired}) == len(whole.fired)
    assert whole.watcher.pending() == []


@settings(max_examples=40, deadline=None)
@given(steps=st.lists(STEPS, min_size=5, max_size=40), data=st.data())
def test_whoever_takes_over_fires_the_rest(steps: list[tuple[Any, ...]], data: st.DataObject) -> None:
    """A second watcher reads the leader's lines and notes, and never ticks. The leader falls after a step, of which it noted
    nothing; the second one fires what is pending, and goes on."""
    last = data.draw(st.integers(0, len(steps) - 1), label="the leader's last step")
    whole, leader = begin(), begin()
    second = Watcher(leader.book, Fold.from_first_entry(leader.ledger.lines[0]))
    read = 1
    for number, step in enumerate(steps[: last + 1]):
        take(whole, step)
        leader.notes = number < last
        take(leader, step)
        for line in leader.ledger.lines[read:]:
            second.apply(line)
        read = leader.ledger.seq
        fired_by_now = {firing.id for firing in whole.fired}
        assert {firing.id for firing in second.pending()} <= fired_by_now
    leader.fired = [
        firing for firing in leader.fired if firing.id not in {each.id for each in leader.watcher.pending()}
    ]
    leader.watcher, leader.notes = second, True
    leader.ledger.now = whole.ledger.now  # notes take time, and what lasts may be due in it
    leader.fired += second.tick(leader.ledger.now)
    known = {firing.id for firing in leader.fired}
    for firing in second.pending():
        if firing.id not in known:
            leader.fired.append(firing)
        leader.ledger.fired(firing, after=0)
    leader.catch_up()
    assert sorted(map(str, leader.names())) == sorted(map(str, whole.names()))
    for step in steps[last + 1 :]:
        take(leader, step)
    keys = [firing.id for firing in leader.fired]
    assert len(keys) == len(set(keys))
    assert leader.watcher.pending() == []


def test_the_steps_reach_every_rule() -> None:
    """That the properties above speak of something: an evening in which each rule but the disabled one fires."""
    evening = begin()
    script: list[tuple[Any, ...]] = [
        ("feature", ("coat-m", "coat-l")),
        ("stock", "scarf", 44),
        ("stock", "coat-m", 3),
        ("forecast", "scarf", 62.0, 31.0),
        ("wait", 40),
        ("forecast", "scarf", 31.0, 31.0),
        ("wait", 40),
        ("countdown", 7.5),
        ("source", "stale"),
        ("wait", 40),
        ("source", "fresh"),
        ("stock", "scarf", 0),
        ("stock", "scarf", 30),
        ("obs", True, False, "A", 0.06),
        ("wait", 40),
        ("obs", False, False, "A", None),
        ("wait", 40),
        ("feature", ()),
        ("press",),
        ("freeze",),
        ("thaw",),
    ]
    for step in script:
        take(evening, step)
    fired = {firing.rule for firing in evening.fired}
    assert fired == {f"r{number}" for number in range(1, len(RULES) + 1)} - {"r21"}
    assert restart(evening)[0].pending() == []
