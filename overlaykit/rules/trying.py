"""What a rule would do now, without its being done: what would hold it back by itself, and its actions, filled in."""

from __future__ import annotations

import re
from collections.abc import Mapping
from typing import Any, Literal

from msgspec import Struct

from overlaykit.board import BoardItem, BoardView, Fold, RuleNow
from overlaykit.model.entries import ms_of, text_of
from overlaykit.model.triggers import Level
from overlaykit.plan import Words
from overlaykit.plan.extensions import COMMON_KEYS
from overlaykit.plan.values import seconds_of
from overlaykit.rules.book import Rule, RuleBook
from overlaykit.rules.expressions import CannotTell, Expressions, fill_in
from overlaykit.rules.facts import Sight, obs_facts
from overlaykit.rules.levels import is_beyond, level_of
from overlaykit.rules.wording import FIELDS, say_number, say_span, say_trigger

_WORDS = re.compile(r"""'[^']*'|"[^"]*"|\w+|.""", re.DOTALL)
WAIT = "wait"
"""The action that only delays those after it."""

CheckName = Literal["item", "trigger", "session", "disabled", "once", "cooldown", "if"]


class Check(Struct, frozen=True):
    """One thing that has to be right for the rule to fire by itself, and whether it is. `why`: in words."""

    check: CheckName
    right: bool
    why: Words


class TriedAction(Struct, frozen=True, kw_only=True):
    """One action, as it would be done.

    arguments   its own, with texts filled in; as they are written where they cannot be
    seconds     after the firing
    asks        whether a person has to agree first
    otherwise   whether it becomes a person's task where it cannot be done
    error       why its texts cannot be filled in; None when they can
    """

    action: str
    arguments: Mapping[str, Any]
    seconds: float
    asks: bool
    otherwise: bool
    error: Words | None


class Trial(Struct, frozen=True):
    """`sku`: the item that it would be about; None for the room."""

    sku: str | None
    checks: list[Check]
    actions: list[TriedAction]


def try_rule(book: RuleBook, rule: Rule, fold: Fold, view: BoardView, *, sku: str | None, now_ms: int) -> Trial:
    """What `rule` would do at `now_ms` about `sku`; without one, about the item on air. Nothing is changed.

    Of what only a director remembers, item by item, as `rearm`, nothing is said: its decisions say it.
    """
    sight = Sight(fold, view, obs_facts(fold))
    item = sight.subject(sku)
    about = item.sku if item is not None and (rule.per_item or sku is not None) else None
    checks = [
        *_of_item(rule, item),
        *_of_session(rule, fold, view, about, now_ms),
        *_of_condition(book.expressions, rule, sight, about, now_ms),
    ]
    return Trial(about, checks, _actions(book.expressions, rule, sight, about, now_ms))


def _of_item(rule: Rule, item: BoardItem | None) -> list[Check]:
    if not rule.per_item:
        return []
    if item is None:
        return [Check("item", False, Words("no item is on air", "现在没有商品在讲解"))]
    if rule.pattern is not None and not rule.pattern.fullmatch(item.sku):
        return [Check("item", False, Words(f"{item.sku} is not {rule.about}", f"{item.sku} 不在 {rule.about} 之内"))]
    trigger = rule.trigger
    if not isinstance(trigger, Level):
        return []
    value, said = getattr(item, trigger.field), say_trigger(trigger)
    number = "?" if value is None else say_number(value, share=trigger.is_share)
    level = level_of(trigger, item)
    units = f" ({level:g})" if trigger.share else ""
    field = FIELDS[trigger.field]
    why = Words(f"{field.en} {number} now; {said.en}{units}", f"现在{field.zh} {number}；{said.zh}{units}")
    return [Check("trigger", is_beyond(trigger, item), why)]


def _of_session(rule: Rule, fold: Fold, view: BoardView, sku: str | None, now_ms: int) -> list[Check]:
    checks: list[Check] = []
    if rule.trigger is not None and rule.trigger.rests and fold.status not in ("live", "frozen"):
        checks.append(Check("session", False, Words("the session is not open", "场次未开播或已结束")))
    if not fold.direction.switched.get(rule.name, rule.enabled):
        checks.append(Check("disabled", False, Words("it is switched off", "规则已停用")))
    now: RuleNow | None = view.direction().rules.get(rule.name)
    if now is None or now.last_at is None or now.last_sku != sku:
        return checks
    if rule.once:
        checks.append(Check("once", False, Words("it fired once", "本场已触发过一次")))
    passed = now_ms - ms_of(now.last_at)
    if 0 <= passed < rule.cooldown:
        left = say_span((rule.cooldown - passed) / 1000)
        checks.append(Check("cooldown", False, Words(f"cooling for another {left.en}", f"冷却中，还要 {left.zh}")))
    return checks


def _of_condition(expressions: Expressions, rule: Rule, sight: Sight, sku: str | None, now_ms: int) -> list[Check]:
    if rule.condition is None:
        return []
    return [_condition(expressions, part, sight, sku, text_of(now_ms)) for part in conjuncts(rule.asked or "")]


def _condition(expressions: Expressions, asked: str, sight: Sight, sku: str | None, now: str) -> Check:
    try:
        return Check("if", expressions.condition(asked).holds(sight, sku, now), Words(asked, asked))
    except CannotTell as error:
        en, zh = error.words
        return Check("if", False, Words(f"{asked}: cannot be told: {en}", f"{asked}：无法判断：{zh}"))


def conjuncts(asked: str) -> list[str]:
    """What `and` joins in a condition, each by itself; the whole where something else joins it."""
    parts, depth = [""], 0
    for word in _WORDS.findall(asked):
        depth += (word in "([{") - (word in ")]}")
        if depth == 0 and word in ("or", "if"):
            return [asked]
        if depth == 0 and word == "and":
            parts.append("")
        else:
            parts[-1] += word
    return [part.strip() for part in parts]


def _actions(expressions: Expressions, rule: Rule, sight: Sight, sku: str | None, now_ms: int) -> list[TriedAction]:
    def render(text: str) -> str:
        return expressions.text(text).render(sight, sku, text_of(now_ms))

    waited, tried = 0.0, list[TriedAction]()
    for entry in rule.do:
        own = {key: value for key, value in entry.items() if key not in COMMON_KEYS | {"action"}}
        if entry["action"] == WAIT:
            waited += seconds_of(entry.get("seconds"))
            continue
        error = None
        try:
            own = fill_in(own, render)
        except CannotTell as found:
            error = found.words
        tried.append(
            TriedAction(
                action=entry["action"],
                arguments=own,
                seconds=waited + (seconds_of(entry["after"]) if "after" in entry else 0.0),
                asks=entry.get("confirm") == "desk",
                otherwise=entry.get("otherwise") == "task",
                error=error,
            )
        )
    return tried
