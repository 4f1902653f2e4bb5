"""Edges of items: what an entry, or time, made of the numbers that rules look at."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from math import inf
from typing import Any

from overlaykit.board import BoardItem, BoardView, Fold, first_choice
from overlaykit.model.entries import ms_of
from overlaykit.model.triggers import Level, OffAir, OnAir, Restocked, SellsOutIn, SoldEvery, SoldOut
from overlaykit.plan import Words
from overlaykit.rules.book import Rule, RuleBook
from overlaykit.rules.deciding import Decider, Edge
from overlaykit.rules.levels import NEAR, is_back, is_beyond, level_of, nearness
from overlaykit.rules.wording import FIELDS, say_number, say_span, say_trigger

ZONES_AT_MOST = 1_000
"""Openings for which zones are kept."""

_Zone = tuple[Rule, str | None, float, float]

_BUYABLE = frozenset({"on_sale", "low", "critical", "presale"})


class ItemWatch:
    """Looks at the items that an entry touched, and of these at what rules are about."""

    def __init__(self, book: RuleBook, fold: Fold, view: BoardView, decider: Decider) -> None:
        self._book = book
        self._fold = fold
        self._view = view
        self._decider = decider
        self._rules: dict[str, tuple[Rule, ...]] = {}
        self._seen: dict[str, BoardItem] = {}
        self._air: tuple[str, ...] = fold.on_air.get(None, ())
        self._on_air = [rule for rule in book.per_item if isinstance(rule.trigger, OnAir | OffAir)]
        self._alike: dict[tuple[int, ...], tuple[Rule, ...]] = {}
        self._zones: dict[tuple[int, int], list[_Zone]] = {}
        self._near: dict[tuple[str, str], tuple[float, Rule, BoardItem, int]] = {}
        self._looks: dict[type, Callable[[Rule, BoardItem, BoardItem, int], None]] = {
            Level: self._level,
            SellsOutIn: self._sells_out,
            SoldOut: self._sold_out,
            Restocked: self._restocked,
            SoldEvery: self._sold_every,
        }
        if book.per_item:
            for sku in fold.items:
                self._take(sku)

    def begin(self, at_ms: int) -> None:
        """At the first time that is known: what is near in time already is no edge."""
        for sku, item in self._seen.items():
            for rule in self._rules[sku]:
                self._first(rule, item, at_ms)

    def look(self, at_ms: int) -> None:
        """After an entry."""
        fold = self._fold
        if self._on_air and fold.part_seq["on_air"] == fold.seq:
            self._look_on_air(at_ms)
        touched = []
        for sku in reversed(fold.order_of_change):
            if fold.items[sku].seq != fold.seq:
                break
            touched.append(sku)
        for sku in reversed(touched):
            before = self._seen.get(sku)
            if before is None and sku in self._rules:
                continue  # no rule is about it
            after = self._take(sku)
            if after is None:
                continue
            if before is None:
                for rule in self._rules[sku]:
                    self._first(rule, after, at_ms)
                continue
            for rule in self._concerned(before, after):
                self._looks[type(rule.trigger)](rule, before, after, at_ms)

    def due(self, rule: Rule, sku: str, due: int) -> None:
        """The forecast stood until the item was as near to selling out as the rule says."""
        slot = self._decider.slot(rule, sku)
        slot.side = True
        self._begin(rule, self._seen[sku], due, cause=slot.cause)

    def sustained(self, rule: Rule, sku: str, due: int, cause: int | None, key: str) -> None:
        """It has lasted."""
        item = self._view.item(sku)
        assert item is not None, "items never leave a session"
        self._decider.end(self._edge(rule, item, due, cause=cause, key=key))

    def tell_near(self) -> None:
        """Says of each number that is near a level now that it is."""
        for _, rule, item, at_ms in self._near.values():
            self._say_near(rule, item, at_ms)
        self._near.clear()

    def _first(self, rule: Rule, item: BoardItem, at_ms: int) -> None:
        """An item that is seen first: what is so already is no edge."""
        if isinstance(rule.trigger, SellsOutIn):
            self._aim(rule, item, at_ms, edge=False)
        elif isinstance(rule.trigger, SoldOut | Restocked) and item.state == "sold_out":
            self._decider.slot(rule, item.sku).side = True

    def _concerned(self, before: BoardItem, after: BoardItem) -> Sequence[Rule]:
        """The rules to which the change may mean something: not those with a level that the number stayed away from."""
        sku, opening = after.sku, after.opening
        if before.opening != opening:
            return self._rules[sku]
        found: list[Rule] = []
        spans: dict[str, tuple[float, float]] = {}
        for rule, field, low, high in self._zones_of(self._rules[sku], opening):
            if field is not None:
                span = spans.get(field)
                if span is None:
                    span = spans[field] = _span(getattr(before, field), getattr(after, field))
                if span[1] < low or span[0] > high:
                    continue
            found.append(rule)
        return found

    def _zones_of(self, rules: tuple[Rule, ...], opening: int) -> list[_Zone]:
        """Made once for all items with the same rules and as many opening units."""
        kind = id(rules), opening  # `_alike` keeps the rules
        found = self._zones.get(kind)
        if found is None:
            if len(self._zones) > ZONES_AT_MOST:
                self._zones.clear()
            found = self._zones[kind] = [_zone(rule, opening) for rule in rules]
        return found

    def _take(self, sku: str) -> BoardItem | None:
        """The item as it is now, remembered until the next look; None when no rule is about it."""
        rules = self._rules.get(sku)
        if rules is None:
            rules = tuple(rule for rule in self._book.of_item(sku) if type(rule.trigger) in self._looks)
            rules = self._rules[sku] = self._alike.setdefault(tuple(rule.index for rule in rules), rules)
        if not rules:
            return None
        item = self._seen[sku] = self._view.item(sku)  # type: ignore[assignment]
        return item

    # ------------------------------------------------------------------------------------------------- kinds of triggers

    def _level(self, rule: Rule, before: BoardItem, after: BoardItem, at_ms: int) -> None:
        trigger: Level = rule.trigger  # type: ignore[assignment]
        if getattr(before, trigger.field) == getattr(after, trigger.field) and before.opening == after.opening:
            return
        was, now = is_beyond(trigger, before), is_beyond(trigger, after)
        if now and not was:
            self._near.pop((rule.name, after.sku), None)
            self._begin(rule, after, at_ms, before=before)
        elif was and not now:
            self._decider.over(rule, after.sku, at_ms)
        if rule.back is not None and not now:
            self._come_back(rule, after, getattr(after, trigger.field), trigger.sign)
        if self._decider.heeded and not now:
            self._look_near(rule, trigger, after, at_ms)

    def _sold_out(self, rule: Rule, before: BoardItem, after: BoardItem, at_ms: int) -> None:
        known = self._decider.known(rule, after.sku)
        if known is not None and known.side:
            if self._is_replenished(rule, after):
                known.side = known.spent = False
                self._decider.over(rule, after.sku, at_ms)
        elif after.state == "sold_out" and before.available > 0:
            self._decider.slot(rule, after.sku).side = True
            self._begin(rule, after, at_ms)

    def _restocked(self, rule: Rule, before: BoardItem, after: BoardItem, at_ms: int) -> None:
        if after.state == "sold_out":
            self._decider.slot(rule, after.sku).side = True
            self._decider.over(rule, after.sku, at_ms)
        elif after.state in _BUYABLE and self._is_replenished(rule, after):
            known = self._decider.known(rule, after.sku)
            if known is not None and known.side:
                known.side = False
                self._begin(rule, after, at_ms)

    def _sold_every(self, rule: Rule, before: BoardItem, after: BoardItem, at_ms: int) -> None:
        units = rule.trigger.units  # type: ignore[union-attr]
        reached = after.sold // units
        if reached <= before.sold // units:
            return
        known = self._decider.known(rule, after.sku)
        if known is not None and reached <= known.mark:
            return
        self._decider.slot(rule, after.sku).mark = reached
        sold = reached * units
        edge = self._edge(rule, after, at_ms, cause=self._fold.seq, key=f"{after.sku} {sold}")
        edge.values["milestone"] = sold
        edge.why = Words(f"{sold} sold", f"已售 {sold} 件")
        self._decider.begin(edge)

    def _sells_out(self, rule: Rule, before: BoardItem, after: BoardItem, at_ms: int) -> None:
        if before.sells_out_at != after.sells_out_at:
            self._aim(rule, after, at_ms, edge=True)

    def _aim(self, rule: Rule, item: BoardItem, at_ms: int, *, edge: bool) -> None:
        """Another forecast: near already, or due when time has come that near."""
        trigger: SellsOutIn = rule.trigger  # type: ignore[assignment]
        decider, sku = self._decider, item.sku
        ends = None if item.sells_out_at is None else ms_of(item.sells_out_at)
        due = None if ends is None else ends - round(trigger.seconds * 1000)
        known = decider.known(rule, sku)
        if due is not None and due <= at_ms:
            if known is None or not known.side:
                slot = decider.slot(rule, sku)
                slot.side, slot.due = True, None
                if edge:
                    self._begin(rule, item, at_ms)
            return
        if known is not None:
            decider.over(rule, sku, at_ms)
            known.side = False
            wanted = rule.back.value * 1000 if rule.back else 0
            if ends is None or ends - at_ms >= wanted:
                known.spent = False
        if due is not None or known is not None:
            decider.set_due(rule, sku, due)
            decider.slot(rule, sku).cause = self._fold.seq

    # -------------------------------------------------------------------------------------------------------- on the air

    def _look_on_air(self, at_ms: int) -> None:
        before, now = self._air, self._fold.on_air.get(None, ())
        self._air = now
        for rule in self._on_air:
            coming = isinstance(rule.trigger, OnAir)
            for sku in self._decider.places(rule):
                if (sku in now) is not coming:
                    self._decider.over(rule, sku, at_ms)
            if set(before) & set(now):
                continue  # another choice of the same variants
            about = [sku for sku in (now if coming else before) if rule.pattern is None or rule.pattern.fullmatch(sku)]
            variants = [item for sku in about if (item := self._view.item(sku)) is not None]
            if variants:
                self._begin(rule, first_choice(variants), at_ms)

    # --------------------------------------------------------------------------------------------------------- in common

    def _is_replenished(self, rule: Rule, item: BoardItem) -> bool:
        """Whether there is more than the few units that holds give back when they expire."""
        if rule.back is not None:
            return is_back(item.available, "<", rule.back, item.opening)
        return item.available > self._fold.items[item.sku].planned.critical.level(item.opening)

    def _come_back(self, rule: Rule, item: BoardItem, value: float | None, sign: Any) -> None:
        slot = self._decider.known(rule, item.sku)
        assert rule.back is not None
        if slot is not None and slot.spent and is_back(value, sign, rule.back, item.opening):
            slot.spent = False

    def _look_near(self, rule: Rule, trigger: Level, item: BoardItem, at_ms: int) -> None:
        """Keeps the nearest of each approach, and tells it when that is over."""
        place = rule.name, item.sku
        away, known = nearness(trigger, item), self._near.get(place)
        if away is None:
            if known is not None:
                del self._near[place]
                self._say_near(*known[1:])
        elif known is None or away < known[0]:
            self._near[place] = (away, rule, item, at_ms)

    def _say_near(self, rule: Rule, item: BoardItem, at_ms: int) -> None:
        assert isinstance(rule.trigger, Level)
        self._decider.say(rule, item.sku, "near", at_ms, _number_words(rule.trigger, item))

    def _begin(
        self, rule: Rule, item: BoardItem, at_ms: int, *, before: BoardItem | None = None, cause: int | None = None
    ) -> None:
        cause = cause or self._fold.seq
        self._decider.begin(self._edge(rule, item, at_ms, cause=cause, key=f"{item.sku} {cause}", before=before))

    def _edge(
        self,
        rule: Rule,
        item: BoardItem,
        at_ms: int,
        *,
        cause: int | None,
        key: str,
        before: BoardItem | None = None,
    ) -> Edge:
        trigger = rule.trigger
        assert trigger is not None
        values: dict[str, Any] = {"available": item.available, "opening": item.opening, "sold": item.sold}
        why = say_trigger(trigger)
        if isinstance(trigger, Level):
            values[trigger.field] = getattr(item, trigger.field)
            values["level"] = level_of(trigger, item)
            why = _number_words(trigger, item, before)
        elif isinstance(trigger, SellsOutIn):
            values["sells_out_at"] = item.sells_out_at
            left = 0 if item.sells_out_at is None else ms_of(item.sells_out_at) - at_ms
            span = say_span(max(0, left) / 1000)
            why = Words(f"sells out in {span.en}", f"{span.zh}后售罄")
        return Edge(rule, item.sku, about=item.sku, at_ms=at_ms, cause=cause, key=key, why=why, values=values)


def _number_words(trigger: Level, item: BoardItem, before: BoardItem | None = None) -> Words:
    """available 49 (52 before), below 50."""
    share = trigger.is_share
    field, said = FIELDS[trigger.field], say_trigger(trigger)
    number = say_number(getattr(item, trigger.field) or 0, share=share)
    former = None if before is None else getattr(before, trigger.field)
    was = Words("", "")
    if former is not None:
        shown = say_number(former, share=share)
        was = Words(f" ({shown} before)", f"（之前 {shown}）")
    return Words(f"{field.en} {number}{was.en}; {said.en}", f"{field.zh} {number}{was.zh}；{said.zh}")


def _zone(rule: Rule, opening: int) -> _Zone:
    """The rule, the field that it looks at if it has a level, and from where to where numbers of it mean something: the level,
    what is near it, and where it is back. No field: every change may mean something."""
    trigger = rule.trigger
    if not isinstance(trigger, Level):
        return rule, None, 0.0, 0.0
    level = round(trigger.value * opening, 6) if trigger.share else trigger.value
    points = [level * (1 - NEAR), level * (1 + NEAR)]
    if rule.back is not None:
        points.append(round(rule.back.value * opening, 6) if rule.back.share else rule.back.value)
    return rule, trigger.field, min(points), max(points)


def _span(before: float | None, after: float | None) -> tuple[float, float]:
    """From where to where a number went; from anywhere where it is not known."""
    if before is None or after is None:
        return -inf, inf
    return (before, after) if before <= after else (after, before)
