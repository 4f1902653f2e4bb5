"""What a rule would do now: said, and not done."""

from __future__ import annotations

from typing import Any

import pytest

from overlaykit.board import BoardView, Fold
from overlaykit.model.sessions import SessionPlan
from overlaykit.rules import Firing, RuleBook, Slot, Trial, try_rule
from overlaykit.rules.trying import conjuncts
from tests.rules.conftest import Evening, Ledger, plan_with

DO = [
    {"action": "announce", "text": "{{ item.title }}: {{ item.available }} left"},
    {"action": "wait", "seconds": 5},
    {"action": "chat", "text": "{{ item.sells_out_at + 1 }}", "after": 2, "otherwise": "task"},
    {"action": "next_item", "confirm": "desk"},
]
NOTHING = Slot()
"""What a director remembers that has seen nothing yet."""
LAST = {"when": "available < 50", "if": "item.on_air and item.available > 5", "cooldown": 60, "do": DO}


def evening(plan: SessionPlan) -> Ledger:
    """A session that is open, with the scarf on air and 40 of 1,000 left."""
    ledger = Ledger(plan)
    ledger.open()
    ledger.feature("scarf")
    ledger.stock("scarf", 40)
    return ledger


def tried(ledger: Ledger, *, sku: str | None = None, after: float = 1.0, slot: Slot | None = NOTHING) -> Trial:
    fold = Fold.from_first_entry(ledger.lines[0])
    for line in ledger.lines[1:]:
        fold.apply(line)
    book = RuleBook(ledger.plan)
    now_ms = ledger.now + round(after * 1000)
    return try_rule(book, book.rules["r1"], fold, BoardView(fold), sku=sku, now_ms=now_ms, slot=slot)


def watched(evening: Evening, sku: str, *, after: float = 0.0) -> Trial:
    """Tried with what the watcher of the evening remembers."""
    return tried(evening.ledger, sku=sku, after=after, slot=evening.watcher.recall("r1", sku))


def checks(trial: Trial) -> list[tuple[str, bool, str]]:
    return [(each.check, each.right, each.why.en) for each in trial.checks]


def test_every_action_is_said_as_it_would_be_done() -> None:
    trial = tried(evening(plan_with([LAST])))
    assert trial.sku == "scarf"
    announce, chat, onward = trial.actions
    assert (announce.action, announce.arguments, announce.seconds) == ("announce", {"text": "scarf: 40 left"}, 0)
    assert (chat.seconds, chat.otherwise) == (7, True), "a wait before it counts"
    assert chat.error is not None
    assert chat.error.en == "None + int is not possible"
    assert chat.arguments == {"text": "{{ item.sells_out_at + 1 }}"}, "as it is written"
    assert (onward.action, onward.asks, onward.seconds) == ("next_item", True, 5)


def test_each_thing_that_has_to_be_right_is_said_by_itself() -> None:
    ledger = evening(plan_with([LAST]))
    assert checks(tried(ledger)) == [
        ("trigger", True, "available 40 now; available below 50"),
        ("rearm", True, "armed; after firing, armed again once available is at least 55 (40 now)"),
        ("if", True, "item.on_air"),
        ("if", True, "item.available > 5"),
    ]
    assert checks(tried(ledger, sku="coat-m")) == [
        ("trigger", False, "available 80 now; available below 50"),
        ("rearm", True, "armed; after firing, armed again once available is at least 55 (80 now)"),
        ("if", False, "item.on_air"),
        ("if", True, "item.available > 5"),
    ]


@pytest.mark.parametrize(
    ("when", "said"),
    [
        ("available < 6.46%", "available 40 now; available below 6.46% (65)"),
        ("available <= 6.46%", "available 40 now; available at most 6.46% (64)"),
    ],
)
def test_a_share_of_the_units_is_said_as_whole_units(when: str, said: str) -> None:
    [(check, right, why), *_] = checks(tried(evening(plan_with([{"when": when}]))))
    assert (check, right, why) == ("trigger", True, said)


def test_what_fired_just_now_cools_and_what_fires_once_is_spent() -> None:
    ledger = evening(plan_with([{**LAST, "once": True}]))
    ledger.fired(Firing(rule="r1", sku="scarf", key="scarf 4", at_ms=ledger.now, why="", deadline=ledger.now))
    soon = dict(
        (check, why) for check, _, why in checks(tried(ledger, after=20, slot=None)) if check in ("once", "cooldown")
    )
    assert soon == {"once": "it fired once", "cooldown": "cooling for another 40s"}
    assert "cooldown" not in {check for check, _, _ in checks(tried(ledger, after=70, slot=None))}
    assert {"once", "cooldown"}.isdisjoint(check for check, _, _ in checks(tried(ledger, sku="coat-m", slot=None)))


def test_what_fired_is_not_armed_again_until_its_number_is_back() -> None:
    evening = Evening({"when": "available < 50", "rearm": "60%", "cooldown": 5})
    evening.open()
    evening.stock("scarf", 40)
    assert ("rearm", False, "it fired, and is not armed again until available is at least 600 (40 now)") in checks(
        watched(evening, "scarf", after=30)
    )
    assert not any(check == "cooldown" for check, *_ in checks(watched(evening, "scarf", after=30)))
    assert ("cooldown", False, "cooling for another 3s") in checks(watched(evening, "scarf", after=2))
    evening.stock("scarf", 600)
    assert [right for check, right, _ in checks(watched(evening, "scarf", after=30)) if check == "rearm"] == [True]
    assert [right for check, right, _ in checks(watched(evening, "coat-m")) if check == "rearm"] == [True]


def test_what_has_to_last_says_how_long_it_lasts_already() -> None:
    evening = Evening({"when": "available < 50", "sustained": 30})
    evening.open()
    assert ("sustained", True, "then has to last 30s") in checks(watched(evening, "scarf"))
    evening.stock("scarf", 40)
    trial = watched(evening, "scarf", after=12)
    assert ("sustained", True, "for 12s of 30s: 18s more, if it stays so") in checks(trial)
    assert (trial.waits, all(each.right for each in trial.checks)) == (18, True)
    evening.wait(31)
    assert evening.names() == [("r1", "scarf")], "it fired as it was said"
    trial = watched(evening, "scarf")
    assert trial.waits is None
    assert [(check, right) for check, right, _ in checks(trial) if check in ("sustained", "rearm")] == [
        ("sustained", False),
        ("rearm", False),
    ]


def test_without_a_director_what_it_alone_remembers_cannot_be_told() -> None:
    ledger = evening(plan_with([{**LAST, "sustained": 5}]))
    found = {check: (right, why) for check, right, why in checks(tried(ledger, slot=None))}
    for check in ("rearm", "sustained"):
        assert found[check] == (False, "cannot be told: no director answers")


@pytest.mark.parametrize(
    ("when", "rearm", "said"),
    [
        ("sells_out_in < 20m", "30m", "it is 30m or more from selling out"),
        ("sold_out", "10%", "available is at least 100 (40 now)"),
        ("obs main dropped_frames > 5%", "2%", "dropped frames is at most 2% (? now)"),
        ("oversold >= 5", None, "oversold is at most 4 (0 now)"),
        ("available < 58", None, "available is at least 64 (40 now)"),
        ("sold > 58.5%", "6.46%", "sold is at most 64 (960 now)"),
    ],
)
def test_where_a_number_has_to_be_back_is_said_of_every_kind(when: str, rearm: str | None, said: str) -> None:
    rule = {"when": when} if rearm is None else {"when": when, "rearm": rearm}
    [why] = [why for check, _, why in checks(tried(evening(plan_with([rule])))) if check == "rearm"]
    assert why == f"armed; after firing, armed again once {said}"


@pytest.mark.parametrize(
    ("rule", "said"),
    [
        ({"sku": "coat-*"}, ("item", False, "scarf is not coat-*")),
        ({"enabled": False}, ("disabled", False, "it is switched off")),
        ({"if": "item.sells_out_at > 1"}, ("if", False, "item.sells_out_at > 1: cannot be told")),
    ],
)
def test_what_would_hold_it_back_is_named(rule: dict[str, Any], said: tuple[str, bool, str]) -> None:
    found = checks(tried(evening(plan_with([{**LAST, **rule}]))))
    assert any((check, right) == said[:2] and why.startswith(said[2]) for check, right, why in found), found


def test_before_the_session_is_open_and_without_an_item_it_says_so() -> None:
    ledger = Ledger(plan_with([LAST]))
    assert ("session", False, "the session is not open") in checks(tried(ledger))
    assert ("item", False, "no item is on air") in checks(tried(ledger))


@pytest.mark.parametrize(
    ("asked", "parts"),
    [
        ("item.on_air", ["item.on_air"]),
        ("item.on_air and (a or b) and not c", ["item.on_air", "(a or b)", "not c"]),
        ("a and b or c", ["a and b or c"]),
        ("item.title == 'salt and pepper' and a", ["item.title == 'salt and pepper'", "a"]),
        (r"item.title == 'mother\'s and mine' and a", [r"item.title == 'mother\'s and mine'", "a"]),
        ("a if b else c", ["a if b else c"]),
    ],
)
def test_a_condition_is_taken_apart_where_and_joins_it(asked: str, parts: list[str]) -> None:
    assert conjuncts(asked) == parts
