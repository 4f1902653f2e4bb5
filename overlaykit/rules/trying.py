"""What a rule would do now, without its being done: what would hold it back by itself, and its actions, filled in."""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from typing import Any, Literal

from msgspec import Struct

from overlaykit.board import BoardItem, BoardView, Fold, RuleNow
from overlaykit.model.entries import ms_of, text_of
from overlaykit.model.triggers import AnyTrigger, Level, ObsHealth, SellsOutIn
from overlaykit.plan import Words
from overlaykit.plan.extensions import COMMON_KEYS
from overlaykit.plan.rules import Back
from overlaykit.plan.values import seconds_of
from overlaykit.rules.book import Rule, RuleBook
from overlaykit.rules.deciding import held_by_past
from overlaykit.rules.expressions import CannotTell, Expressions, fill_in
from overlaykit.rules.facts import ObsFacts, Sight, obs_facts
from overlaykit.rules.levels import is_beyond, level_of
from overlaykit.rules.memory import Slot
from overlaykit.rules.wording import FIELDS, say_now, say_number, say_span, say_trigger, say_units

_WORDS = re.compile(r"""'(?:[^'\\]|\\.)*'|"(?:[^"\\]|\\.)*"|\w+|.""", re.DOTALL)
UNITS = frozenset({"available", "held", "sold", "oversold"})
"""Fields of an item that are counted, and so are whole."""
WAIT = "wait"
"""The action that only delays those after it."""

CheckName = Literal["item", "trigger", "session", "disabled", "sustained", "rearm", "once", "cooldown", "if"]


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
    """`sku`: the item that it would be about; None for the room. `waits`: seconds until what goes on already has lasted; None where
    nothing is being waited for."""

    sku: str | None
    checks: list[Check]
    actions: list[TriedAction]
    waits: float | None = None


def about(rule: Rule, fold: Fold, view: BoardView, sku: str | None) -> str | None:
    """The item that `rule` would be about: `sku`, or the one on air; None for the room."""
    return _about(rule, Sight(fold, view, obs_facts(fold)).subject(sku), sku)


def try_rule(
    book: RuleBook,
    rule: Rule,
    fold: Fold,
    view: BoardView,
    *,
    sku: str | None,
    now_ms: int,
    slot: Slot | None = None,
) -> Trial:
    """What `rule` would do at `now_ms` about `sku`; without one, about the item on air. Nothing is changed.

    slot  what the director's watcher remembers of it, about that item; None where nobody can say: then what the board knows of its
          last firing has to do, and `rearm` and `sustained` cannot be told
    """
    obs = obs_facts(fold)
    sight = Sight(fold, view, obs)
    item = sight.subject(sku)
    meant = _about(rule, item, sku)
    lasting, waits = _of_lasting(rule, slot, item, now_ms)
    checks = [
        *_of_item(rule, item),
        *_of_session(rule, fold),
        *lasting,
        *_of_past(rule, slot, view, obs, item if meant is not None else None, now_ms),
        *_of_condition(book.expressions, rule, sight, meant, now_ms),
    ]
    return Trial(meant, checks, _actions(book.expressions, rule, sight, meant, now_ms), waits)


def _about(rule: Rule, item: BoardItem | None, sku: str | None) -> str | None:
    return item.sku if item is not None and (rule.per_item or sku is not None) else None


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
    number = "?" if value is None else say_now(value, share=trigger.is_share)
    level = level_of(trigger, item)
    units = f" ({say_units(level, trigger.sign)})" if trigger.share else ""
    field = FIELDS[trigger.field]
    why = Words(f"{field.en} {number} now; {said.en}{units}", f"现在{field.zh} {number}；{said.zh}{units}")
    return [Check("trigger", is_beyond(trigger, item), why)]


def _of_session(rule: Rule, fold: Fold) -> list[Check]:
    checks: list[Check] = []
    if rule.trigger is not None and rule.trigger.rests and fold.status not in ("live", "frozen"):
        checks.append(Check("session", False, Words("the session is not open", "场次未开播或已结束")))
    if not fold.direction.switched.get(rule.name, rule.enabled):
        checks.append(Check("disabled", False, Words("it is switched off", "规则已停用")))
    return checks


_UNKNOWN = Words("cannot be told: no director answers", "无法判断：导播进程没有应答")


def _of_lasting(rule: Rule, slot: Slot | None, item: BoardItem | None, now_ms: int) -> tuple[list[Check], float | None]:
    """`sustained`, and seconds until what goes on has lasted."""
    if not rule.sustained:
        return [], None
    wanted = say_span(rule.sustained / 1000)
    if slot is None:
        return [Check("sustained", False, _UNKNOWN)], None
    if slot.since is not None:
        left = max(0, slot.since + rule.sustained - now_ms) / 1000
        lasted, more = say_span(max(0, now_ms - slot.since) / 1000), say_span(left)
        why = Words(
            f"for {lasted.en} of {wanted.en}: {more.en} more, if it stays so",
            f"已持续 {lasted.zh}，要 {wanted.zh}：一直这样的话还要 {more.zh}",
        )
        return [Check("sustained", True, why)], left
    if isinstance(rule.trigger, Level) and item is not None and is_beyond(rule.trigger, item):
        why = Words(
            f"it is so already and nothing is waited for: it has to become so anew, and last {wanted.en}",
            f"早已如此，现在没有在计时：要重新越过这个数，并持续 {wanted.zh}",
        )
        return [Check("sustained", False, why)], None
    return [Check("sustained", True, Words(f"then has to last {wanted.en}", f"越过之后要持续 {wanted.zh}"))], None


def _of_past(
    rule: Rule,
    slot: Slot | None,
    view: BoardView,
    obs: Mapping[str, ObsFacts],
    item: BoardItem | None,
    now_ms: int,
) -> Iterator[Check]:
    """What it did before: the same code that holds it back in earnest."""
    known = slot if slot is not None else _seen_firing(rule, view, None if item is None else item.sku)
    held = set(held_by_past(rule, known, now_ms))
    if rule.back is not None:
        if slot is None:
            yield Check("rearm", False, _UNKNOWN)
        else:
            yield Check("rearm", "rearm" not in held, _rearming(rule, rule.back, known, obs, item))
    if "once" in held:
        yield Check("once", False, Words("it fired once", "本场已触发过一次"))
    if "cooldown" in held and known.last is not None:
        left = say_span((rule.cooldown - (now_ms - known.last)) / 1000)
        yield Check("cooldown", False, Words(f"cooling for another {left.en}", f"冷却中，还要 {left.zh}"))


def _seen_firing(rule: Rule, view: BoardView, sku: str | None) -> Slot:
    """Its last firing, as the board knows it: that of one item."""
    now: RuleNow | None = view.direction().rules.get(rule.name)
    if now is None or now.last_at is None or now.last_sku != sku:
        return Slot()
    return Slot(last=ms_of(now.last_at), times=now.fired)


def _rearming(rule: Rule, back: Back, slot: Slot, obs: Mapping[str, ObsFacts], item: BoardItem | None) -> Words:
    """Where the number has to be back, and whether it is waited for."""
    where = _back_at(rule.trigger, back, obs, item)
    if slot.spent:
        return Words(f"it fired, and is not armed again until {where.en}", f"触发过，要等{where.zh}才会再次待命")
    return Words(f"armed; after firing, armed again once {where.en}", f"待命中；触发之后要等{where.zh}才会再次待命")


def _back_at(trigger: AnyTrigger | None, back: Back, obs: Mapping[str, ObsFacts], item: BoardItem | None) -> Words:
    if isinstance(trigger, SellsOutIn):
        span = say_span(back.value)
        return Words(f"it is {span.en} or more from selling out", f"离售罄还有 {span.zh} 以上")
    field, sign, is_share = "available", "<", False
    value: float | None = None if item is None else item.available
    if isinstance(trigger, ObsHealth):
        field, sign, is_share = trigger.field, trigger.sign, trigger.is_share
        value = getattr(obs.get(trigger.obs), field, None)
    elif isinstance(trigger, Level):
        field, sign, is_share = trigger.field, trigger.sign, trigger.is_share
        value = getattr(item, field, None)
    of_opening = back.share and item is not None
    level = round(back.value * item.opening, 6) if of_opening and item is not None else back.value
    downwards = "<" in sign
    if field in UNITS and (of_opening or not back.share):
        wanted = say_units(level, ">=" if downwards else "<=")
    else:
        wanted = say_number(level, share=is_share or back.share)
    now = "?" if value is None else say_now(value, share=is_share)
    en, zh = ("at least", "达到") if downwards else ("at most", "不超过")
    return Words(f"{FIELDS[field].en} is {en} {wanted} ({now} now)", f"{FIELDS[field].zh}{zh} {wanted}（现在 {now}）")


def _of_condition(expressions: Expressions, rule: Rule, sight: Sight, sku: str | None, now_ms: int) -> list[Check]:
    if rule.condition is None:
        return []
    return [_condition(expressions, part, sight, sku, text_of(now_ms)) for part in conjuncts(rule.asked or "")]


def _condition(expressions: Expressions, asked: str, sight: Sight, sku: str | None, now: str) -> Check:
    try:
        return Check("if", expressions.condition(asked).holds(sight, sku, now), Words(asked, asked))
    except CannotTell as error:
        en, zh = error.why
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
            error = found.why
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
