"""What a rule would do now: said, and not done."""

from __future__ import annotations

from typing import Any

import pytest

from overlaykit.board import BoardView, Fold
from overlaykit.model.sessions import SessionPlan
from overlaykit.rules import Firing, RuleBook, Trial, try_rule
from overlaykit.rules.trying import conjuncts
from tests.rules.conftest import Ledger, plan_with

DO = [
    {"action": "announce", "text": "{{ item.title }}: {{ item.available }} left"},
    {"action": "wait", "seconds": 5},
    {"action": "chat", "text": "{{ item.sells_out_at + 1 }}", "after": 2, "otherwise": "task"},
    {"action": "next_item", "confirm": "desk"},
]
LAST = {"when": "available < 50", "if": "item.on_air and item.available > 5", "cooldown": 60, "do": DO}


def evening(plan: SessionPlan) -> Ledger:
    """A session that is open, with the scarf on air and 40 of 1,000 left."""
    ledger = Ledger(plan)
    ledger.open()
    ledger.feature("scarf")
    ledger.stock("scarf", 40)
    return ledger


def tried(ledger: Ledger, *, sku: str | None = None, after: float = 1.0) -> Trial:
    fold = Fold.from_first_entry(ledger.lines[0])
    for line in ledger.lines[1:]:
        fold.apply(line)
    book = RuleBook(ledger.plan)
    return try_rule(book, book.rules["r1"], fold, BoardView(fold), sku=sku, now_ms=ledger.now + round(after * 1000))


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
        ("if", True, "item.on_air"),
        ("if", True, "item.available > 5"),
    ]
    assert checks(tried(ledger, sku="coat-m")) == [
        ("trigger", False, "available 80 now; available below 50"),
        ("if", False, "item.on_air"),
        ("if", True, "item.available > 5"),
    ]


def test_what_fired_just_now_cools_and_what_fires_once_is_spent() -> None:
    ledger = evening(plan_with([{**LAST, "once": True}]))
    ledger.fired(Firing(rule="r1", sku="scarf", key="scarf 4", at_ms=ledger.now, why="", deadline=ledger.now))
    soon = dict((check, why) for check, _, why in checks(tried(ledger, after=20)) if check in ("once", "cooldown"))
    assert soon == {"once": "it fired once", "cooldown": "cooling for another 40s"}
    assert "cooldown" not in {check for check, _, _ in checks(tried(ledger, after=70))}
    assert {"once", "cooldown"}.isdisjoint(check for check, _, _ in checks(tried(ledger, sku="coat-m")))


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
        ("a if b else c", ["a if b else c"]),
    ],
)
def test_a_condition_is_taken_apart_where_and_joins_it(asked: str, parts: list[str]) -> None:
    assert conjuncts(asked) == parts
