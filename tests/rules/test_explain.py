"""What is said of an evening afterwards: when rules fired, nearly fired, and what held them back."""

from __future__ import annotations

import pytest

from overlaykit.board.fold import OutOfOrder
from overlaykit.rules.explain import RuleStory, explain
from tests.rules.conftest import Evening, plan_with


def story_of(evening: Evening, name: str = "r1") -> RuleStory:
    return next(story for story in explain(evening.ledger.lines).rules if story.name == name)


def test_a_firing_is_told_with_its_note_and_what_came_of_its_actions() -> None:
    evening = Evening({"when": "available < 50", "if": "item.available", "sku": "scarf"})
    evening.open()
    evening.stock("scarf", 49)
    seq = evening.ledger.seq
    done = {"firing": seq, "action": "chat", "target": "mini", "status": "failed", "detail": "HTTP 500", "ms": 3.0}
    evening.say("action.done", {**done, "index": 1})
    evening.say("obs.acted", {**done, "index": 0, "action": "obs.scene", "target": "main", "status": "done"})
    story = story_of(evening)
    assert (story.when, story.condition, story.sku, story.fired) == ("available < 50", "item.available", "scarf", 1)
    (event,) = story.events
    assert (event.what, event.seq, event.sku) == ("fired", seq, "scarf")
    assert event.values["available"] == 49
    assert [(each.action, each.status) for each in event.actions] == [("obs.scene", "done"), ("chat", "failed")]


def test_what_held_it_back_is_told() -> None:
    evening = Evening({"when": "available < 50", "if": "item.on_air"}, {"when": "button a", "enabled": False})
    evening.open()
    evening.stock("scarf", 49)
    evening.say("button.press", {"name": "a"})
    (event,) = story_of(evening).events
    assert (event.what, event.held, event.why) == ("held", "if", "条件不成立 / its condition did not hold")
    off = story_of(evening, "r2")
    assert (off.enabled, off.events[0].held) == (False, "disabled")


def test_what_came_near_is_told_once_with_the_nearest_number() -> None:
    evening = Evening({"when": "available < 50"}, {"when": "remaining < 10%"})
    evening.open()
    for available in (56, 53, 55, 80, 54, 51):
        evening.stock("scarf", available)
    (first, last) = story_of(evening).events
    assert (first.held, last.held) == ("near", "near")
    assert "available 53" in first.why
    assert "available 51" in last.why
    evening.stock("scarf", 49)
    assert [event.held for event in story_of(evening).events] == ["near", None]


def test_what_was_too_late_and_what_nobody_noted() -> None:
    evening = Evening({"when": "available < 50"}, notes=False)
    evening.open()
    (late,) = evening.stock("scarf", 49)
    evening.stock("coat-l", 49)
    evening.ledger.fired(late, type="rule.skipped", after=30)
    assert [(event.what, event.sku) for event in story_of(evening).events] == [("late", "scarf"), ("due", "coat-l")]


def test_a_firing_that_these_rules_do_not_explain_is_told_all_the_same() -> None:
    evening = Evening({"when": "available < 50"})
    evening.open()
    evening.stock("scarf", 49)
    other = plan_with([{"when": "available < 10"}])
    (story,) = explain(evening.ledger.lines, rules_of=other).rules
    assert [(event.what, event.why) for event in story.events] == [("fired", evening.fired[0].why)]


def test_other_rules_may_be_tried_on_an_evening() -> None:
    evening = Evening()
    evening.open()
    evening.stock("scarf", 49)
    assert explain(evening.ledger.lines).rules == []
    (story,) = explain(evening.ledger.lines, rules_of=plan_with([{"when": "available < 50"}])).rules
    assert [event.what for event in story.events] == ["due"]


def test_a_ledger_with_a_gap_is_refused() -> None:
    evening = Evening({"when": "available < 50"})
    evening.open()
    evening.stock("scarf", 49)
    with pytest.raises(OutOfOrder):
        explain([evening.ledger.lines[0], *evening.ledger.lines[2:]])
