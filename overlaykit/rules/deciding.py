"""From an edge to a firing: what has to last, what holds a rule back, what was done before."""

from __future__ import annotations

import heapq
from collections.abc import Callable, Iterator
from itertools import count
from typing import Any, Literal

from overlaykit.board import Fold
from overlaykit.model.entries import text_of
from overlaykit.model.triggers import ButtonPressed, ChatSaid, OffAir, OnAir, SoldEvery
from overlaykit.plan import Words
from overlaykit.rules.book import Rule, RuleBook
from overlaykit.rules.expressions import CannotTell
from overlaykit.rules.facts import Sight
from overlaykit.rules.memory import Decision, Firing, Held, Memory, Slot
from overlaykit.rules.wording import say_span

Told = Callable[[Decision], None]

STORM_FIRINGS = 20
STORM_MS = 10_000
"""A rule that fires this often in this time, about the same item or the room, goes round in a circle: then it is held back."""
_COUNTED = OnAir | OffAir
"""Triggers of which all items count together: one after the other comes on air."""
_BOUNDED = SoldEvery | ChatSaid | ButtonPressed
"""Triggers that nothing which a rule does can bring about without end."""


class Edge:
    """An edge of a rule. `slot_of`: where it is remembered, a sku or "" for the room; `about`: the item that it is about."""

    __slots__ = ("about", "at_ms", "cause", "key", "rule", "slot_of", "values", "why")

    def __init__(
        self,
        rule: Rule,
        slot_of: str,
        *,
        about: str | None,
        at_ms: int,
        cause: int | None,
        key: str,
        why: Words,
        values: dict[str, Any],
    ) -> None:
        self.rule, self.slot_of, self.about = rule, slot_of, about
        self.at_ms, self.cause, self.key = at_ms, cause, key
        self.why, self.values = why, values


class Decider:
    """Keeps what is remembered of each rule, and says what fires.

    memory   what is remembered; `slots` in it are made when something has to be
    fired    what fired since it was last taken
    """

    def __init__(self, book: RuleBook, fold: Fold, sight: Sight, memory: Memory, told: Told | None) -> None:
        self.memory = memory
        self.fired: list[Firing] = []
        self._book = book
        self._fold = fold
        self._sight = sight
        self._told = told
        self._order = count()
        self._dues: list[tuple[int, int, Rule, str]] = []
        for name, slots in memory.slots.items():
            for place, slot in slots.items():
                if slot.due is not None and name in book.rules:
                    self._push(slot.due, book.rules[name], place)

    # ------------------------------------------------------------------------------------------------- what is remembered

    def known(self, rule: Rule, place: str) -> Slot | None:
        """The slot, when there is one."""
        slots = self.memory.slots.get(rule.name)
        return None if slots is None else slots.get(place)

    def slot(self, rule: Rule, place: str) -> Slot:
        """The slot; a new one when there is none."""
        slots = self.memory.slots.setdefault(rule.name, {})
        found = slots.get(place)
        if found is None:
            found = slots[place] = Slot()
        return found

    def places(self, rule: Rule) -> list[str]:
        """Where something is remembered of a rule."""
        return list(self.memory.slots.get(rule.name, ()))

    def switched_on(self, rule: Rule) -> bool:
        """Whether it may fire, as the plan says or an operator since."""
        return self._fold.direction.switched.get(rule.name, rule.enabled)

    def set_due(self, rule: Rule, place: str, due: int | None) -> None:
        """When time does something with this rule next; None: nothing."""
        slot = self.slot(rule, place)
        if slot.due != due:
            slot.due = due
            if due is not None:
                self._push(due, rule, place)

    @property
    def next_due(self) -> int | None:
        """The first time at which something may be due, ms."""
        return self._dues[0][0] if self._dues else None

    def take_due(self, now_ms: int) -> Iterator[tuple[int, Rule, str, Slot]]:
        """What is due, in order of time; each is taken from what is remembered."""
        while self._dues and self._dues[0][0] <= now_ms:
            due, _, rule, place = heapq.heappop(self._dues)
            slot = self.known(rule, place)
            if slot is not None and slot.due == due:
                slot.due = None
                yield due, rule, place, slot

    def _push(self, due: int, rule: Rule, place: str) -> None:
        heapq.heappush(self._dues, (due, next(self._order), rule, place))

    # ------------------------------------------------------------------------------------------------------------- edges

    def begin(self, edge: Edge) -> None:
        """An edge: it fires, it waits until it has lasted, or something holds it back."""
        rule = edge.rule
        if not rule.sustained:
            self.end(edge)
            return
        slot = self.slot(rule, edge.slot_of)
        slot.since, slot.cause, slot.key = edge.at_ms, edge.cause, edge.key
        self.set_due(rule, edge.slot_of, edge.at_ms + rule.sustained)

    def over(self, rule: Rule, place: str, at_ms: int) -> None:
        """What began is not so any more: what was to last did not."""
        slot = self.known(rule, place)
        if slot is None or slot.since is None:
            return
        lasted, wanted = say_span((at_ms - slot.since) / 1000), say_span(rule.sustained / 1000)
        why = Words(f"lasted {lasted.en} of {wanted.en}", f"只持续了 {lasted.zh}，要 {wanted.zh}")
        slot.since = slot.cause = slot.key = slot.due = None
        self.say(rule, place or None, "short", at_ms, why)

    def end(self, edge: Edge) -> None:
        """The edge is there, and has lasted: fires unless something holds it back."""
        rule, slot = edge.rule, self.known(edge.rule, edge.slot_of) or Slot()
        if slot.fired == edge.key:
            return  # somebody else has seen it earlier, and the ledger says so
        held = self._held(edge, slot)
        if held is not None:
            self.say(rule, edge.about, held[0], edge.at_ms, held[1], edge)
            return
        self._count(edge)
        self.remember(rule, edge.slot_of, edge.key, edge.at_ms)
        self.fire(edge)

    def fire(self, edge: Edge, *, by_hand: bool = False) -> None:
        """Fires, whatever holds it back."""
        rule = edge.rule
        firing = Firing(
            rule=rule.name,
            sku=edge.about,
            key=edge.key,
            cause=edge.cause,
            at_ms=edge.at_ms,
            why=edge.why.both(),
            values=edge.values,
            deadline=edge.at_ms + rule.late,
            by_hand=by_hand,
        )
        self.fired.append(firing)
        self.say(rule, edge.about, None, edge.at_ms, edge.why, edge)

    def remember(self, rule: Rule, place: str, key: str, at_ms: int) -> None:
        """That it fired by itself."""
        slot = self.slot(rule, place)
        slot.fired, slot.last, slot.times = key, at_ms, slot.times + 1
        slot.spent = rule.back is not None

    def _held(self, edge: Edge, slot: Slot) -> tuple[Held, Words] | None:
        rule = edge.rule
        if rule.trigger is not None and rule.trigger.rests and self._fold.status not in ("live", "frozen"):
            return "session", Words("the session is not open", "场次未开播或已结束")
        if not self.switched_on(rule):
            return "disabled", Words("it is switched off", "规则已停用")
        past = next(held_by_past(rule, slot, edge.at_ms), None)
        if past == "rearm":
            return past, Words("the number was not back at `rearm` since", "数字还没有回到 rearm")
        if past == "once":
            return past, Words("it fired once", "本场已触发过一次")
        if past == "cooldown" and slot.last is not None:
            passed, wanted = say_span((edge.at_ms - slot.last) / 1000), say_span(rule.cooldown / 1000)
            return past, Words(f"{passed.en} of {wanted.en} had passed", f"才过了 {passed.zh}，冷却 {wanted.zh}")
        return self._asked(rule, edge) or self._stormy(edge)

    def _asked(self, rule: Rule, edge: Edge) -> tuple[Held, Words] | None:
        if rule.condition is None:
            return None
        try:
            if rule.condition.holds(self._sight, edge.about, text_of(edge.at_ms)):
                return None
        except CannotTell as error:
            return "if", Words(f"its condition could not be told: {error.why.en}", f"条件无法判断：{error.why.zh}")
        return "if", Words("its condition did not hold", "条件不成立")

    def _stormy(self, edge: Edge) -> tuple[Held, Words] | None:
        slot = self.known(edge.rule, _counted_at(edge))
        if slot is None or slot.burst < STORM_FIRINGS or not 0 <= edge.at_ms - slot.window < STORM_MS:
            return None
        seconds = STORM_MS // 1000
        return "storm", Words(
            f"it fired {STORM_FIRINGS} times within {seconds} s: do rules set each other off?",
            f"{seconds} 秒内已触发 {STORM_FIRINGS} 次：是不是规则在互相触发？",
        )

    def _count(self, edge: Edge) -> None:
        if isinstance(edge.rule.trigger, _BOUNDED):
            return
        slot = self.slot(edge.rule, _counted_at(edge))
        if not 0 <= edge.at_ms - slot.window < STORM_MS:
            slot.window, slot.burst = edge.at_ms, 0
        slot.burst += 1

    # -------------------------------------------------------------------------------------------------------------- said

    @property
    def heeded(self) -> bool:
        """Whether anybody listens to decisions."""
        return self._told is not None

    def say(
        self, rule: Rule, sku: str | None, held: Held | None, at_ms: int, why: Words, edge: Edge | None = None
    ) -> None:
        """Tells whoever listens."""
        if self._told is not None:
            self._told(
                Decision(
                    rule=rule.name,
                    sku=sku,
                    held=held,
                    seq=self._fold.seq,
                    at_ms=at_ms,
                    why=why.both(),
                    key=edge.key if edge else "",
                    values=edge.values if edge else {},
                )
            )


Past = Literal["rearm", "once", "cooldown"]


def held_by_past(rule: Rule, slot: Slot, at_ms: int) -> Iterator[Past]:
    """What holds a rule back at `at_ms` because of what it did before."""
    if slot.spent:
        yield "rearm"
    if rule.once and slot.times:
        yield "once"
    if slot.last is not None and 0 <= at_ms - slot.last < rule.cooldown:  # else the clock was wrong then
        yield "cooldown"


def _counted_at(edge: Edge) -> str:
    """Where it is remembered how often a rule fires in a short time."""
    return "" if isinstance(edge.rule.trigger, _COUNTED) else edge.slot_of
