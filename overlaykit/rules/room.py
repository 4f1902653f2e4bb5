"""Edges of the room: countdowns, drops, sources, OBS, chat, buttons, the time of day, and what operators order by hand."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any
from zoneinfo import ZoneInfo

import msgspec
from msgspec import Raw, Struct, field

from overlaykit.board import Fold
from overlaykit.model.entries import ms_of, text_of
from overlaykit.model.notes import ObsState, ObsValues, firing_id
from overlaykit.model.triggers import (
    ButtonPressed,
    ChatSaid,
    CountdownBelow,
    DropTurned,
    ObsHealth,
    ObsScene,
    ObsTurned,
    SessionTurned,
    SourceTurned,
    TimeOfDay,
)
from overlaykit.plan import Words
from overlaykit.rules.book import Rule, RuleBook
from overlaykit.rules.deciding import Decider, Edge, held_by_past
from overlaykit.rules.facts import ObsFacts, obs_facts, take_state, take_values
from overlaykit.rules.levels import is_back, next_time, obs_side
from overlaykit.rules.memory import Slot
from overlaykit.rules.wording import FIELDS, say_number, say_trigger
from overlaykit.wording import person

ROOM = ""
"""Where a rule about the room is remembered."""

_TURNED = {
    "drop.opened": "opened",
    "drop.release": "opened",
    "drop.closed": "closed",
    "drop.close": "closed",
    "session.open": "opened",
    "session.freeze": "frozen",
    "session.thaw": "thawed",
    "session.close": "closed",
}


class Said(Struct):
    """What the data of an entry may say that rules listen for."""

    name: str = ""
    drop: str = ""
    source: str = ""
    obs: str = ""
    state: ObsState | None = None
    values: Raw = field(default_factory=Raw)
    keyword: str = ""
    channel: str = ""
    text: str = ""
    author: str = ""
    rule: str = ""
    key: str = ""
    sku: str | None = None


class Head(Struct):
    """An entry, as far as rules need it."""

    seq: int
    at: str
    type: str
    source: str
    data: Raw


class RoomWatch:
    """Listens to what entries say, each type of entry apart."""

    def __init__(self, book: RuleBook, fold: Fold, decider: Decider) -> None:
        self._book = book
        self._fold = fold
        self._decider = decider
        self._zone = ZoneInfo(fold.plan.timezone)
        self._silent = set(fold.direction.silent)
        self._drop_sku = {drop.name: drop.sku for drop in fold.plan.drops}
        rules: dict[type, list[Rule]] = {}
        for rule in book.of_room:
            rules.setdefault(type(rule.trigger), []).append(rule)
        self._countdowns = rules.get(CountdownBelow, [])
        self._times = rules.get(TimeOfDay, [])
        self._sources = rules.get(SourceTurned, [])
        self._drops = rules.get(DropTurned, [])
        self._turns = rules.get(SessionTurned, [])
        self._chats = rules.get(ChatSaid, [])
        self._obs = [*rules.get(ObsTurned, []), *rules.get(ObsScene, []), *rules.get(ObsHealth, [])]
        hear: dict[str, Callable[[Head, Said, int], None]] = {
            "rule.fired": self._learn,
            "rule.skipped": self._learn,
            "rule.fire": self._by_hand,
            "emergency.run": self._emergency,
            "button.press": self._button,
            "chat.heard": self._chat,
            "source.stale": self._source,
            "source.fresh": self._source,
            "obs.changed": self._obs_changed,
            "obs.health": self._obs_health,
            **{name: self._drop for name in _TURNED if name.startswith("drop.")},
            **{name: self._session for name in _TURNED if name.startswith("session.")},
        }
        self.hears = hear
        """By type of entry."""
        if not decider.memory.obs:
            decider.memory.obs.update(obs_facts(fold))

    def begin(self, at_ms: int) -> None:
        """At the first time that is known: what is near in time already is no edge."""
        self._look_at_countdowns(at_ms, edge=False)
        for rule in self._times:
            self._decider.set_due(rule, ROOM, next_time(rule.trigger, at_ms, self._zone))  # type: ignore[arg-type]

    def look(self, at_ms: int) -> None:
        """After any entry."""
        if self._countdowns and self._fold.part_seq["countdowns"] == self._fold.seq:
            self._look_at_countdowns(at_ms, edge=True)

    def due(self, rule: Rule, due: int, slot: Slot) -> None:
        """Time has come for a countdown or a time of day."""
        if isinstance(rule.trigger, TimeOfDay):
            clock = text_of(due)
            self._begin(rule, due, cause=None, key=clock, values={"time": clock})
            self._decider.set_due(rule, ROOM, next_time(rule.trigger, due, self._zone))
        elif isinstance(rule.trigger, CountdownBelow):
            self._cross(rule, rule.trigger, due, slot.end, slot.cause)

    def sustained(self, rule: Rule, due: int, cause: int | None, key: str) -> None:
        """It has lasted."""
        self._decider.end(self._edge(rule, due, cause=cause, key=key, values=self._values(rule)))

    # -------------------------------------------------------------------------------------------------------- countdowns

    def _look_at_countdowns(self, at_ms: int, *, edge: bool) -> None:
        for rule in self._countdowns:
            trigger: CountdownBelow = rule.trigger  # type: ignore[assignment]
            running = self._fold.countdowns.get(trigger.name)
            end = None if running is None else ms_of(running.ends_at)
            known = self._decider.known(rule, ROOM)
            before = None if known is None else known.end
            if end == before:
                continue
            span = round(trigger.seconds * 1000)
            slot = self._decider.slot(rule, ROOM)
            slot.end, slot.cause = end, self._fold.seq
            self._decider.set_due(rule, ROOM, None if end is None or end - span <= at_ms else end - span)
            if edge and end is not None and before is not None and end - span <= at_ms < before - span:
                self._cross(rule, trigger, at_ms, end, self._fold.seq)

    def _cross(self, rule: Rule, trigger: CountdownBelow, at_ms: int, end: int | None, cause: int | None) -> None:
        running = self._fold.countdowns.get(trigger.name)
        sku = running.sku if running is not None else None
        values = {"seconds": trigger.seconds, "ends_at": None if end is None else text_of(end)}
        self._begin(rule, at_ms, cause=cause, key=f"{trigger.name} {end}", values=values, about=sku)

    # ------------------------------------------------------------------------------------------------------------ turns

    def _drop(self, head: Head, said: Said, at_ms: int) -> None:
        for rule in self._drops:
            if rule.trigger == DropTurned(name=said.drop, to=_TURNED[head.type]):  # type: ignore[arg-type]
                self._begin(rule, at_ms, values={"drop": said.drop}, about=self._drop_sku.get(said.drop))

    def _session(self, head: Head, said: Said, at_ms: int) -> None:
        for rule in self._turns:
            if rule.trigger == SessionTurned(to=_TURNED[head.type]):  # type: ignore[arg-type]
                self._begin(rule, at_ms, values={"session": self._fold.status})

    def _source(self, head: Head, said: Said, at_ms: int) -> None:
        was, now = said.source in self._silent, head.type == "source.stale"
        if was is now:
            return
        (self._silent.add if now else self._silent.discard)(said.source)
        for rule in self._sources:
            trigger: SourceTurned = rule.trigger  # type: ignore[assignment]
            if trigger.name == said.source:
                if (trigger.to == "stale") is now:
                    self._begin(rule, at_ms, values=self._values(rule))
                else:
                    self._decider.over(rule, ROOM, at_ms)

    def _chat(self, head: Head, said: Said, at_ms: int) -> None:
        for rule in self._chats:
            if rule.trigger == ChatSaid(keyword=said.keyword):
                values = {"channel": said.channel, "text": said.text, "author": said.author}
                self._begin(rule, at_ms, values=values, why=Words(f"chat: {said.text}", f"弹幕：{said.text}"))

    def _button(self, head: Head, said: Said, at_ms: int) -> None:
        for rule in self._book.buttons.get(said.name, ()):
            assert isinstance(rule.trigger, ButtonPressed)
            who = person(head.source)
            why = Words(f"button {said.name}, pressed by {who.en}", f"{who.zh} 按了按钮 {said.name}")
            self._begin(rule, at_ms, values={"button": said.name, "by": head.source}, why=why)

    # -------------------------------------------------------------------------------------------------------------- OBS

    def _obs_changed(self, head: Head, said: Said, at_ms: int) -> None:
        if said.state is not None:
            facts = msgspec.structs.replace(self._facts(said.obs))
            take_state(facts, said.state)
            self._take_facts(said.obs, facts, at_ms)

    def _obs_health(self, head: Head, said: Said, at_ms: int) -> None:
        facts = msgspec.structs.replace(self._facts(said.obs))
        take_values(facts, msgspec.json.decode(said.values, type=ObsValues))
        self._take_facts(said.obs, facts, at_ms)

    def _take_facts(self, obs: str, facts: ObsFacts, at_ms: int) -> None:
        before, self._decider.memory.obs[obs] = self._facts(obs), facts
        for rule in self._obs:
            trigger: ObsTurned | ObsScene | ObsHealth = rule.trigger  # type: ignore[assignment]
            if trigger.obs != obs:
                continue
            was, now = obs_side(trigger, before), obs_side(trigger, facts)
            if now and was is False:
                self._begin(rule, at_ms, values=self._values(rule))
            elif was and now is False:
                self._decider.over(rule, ROOM, at_ms)
            if isinstance(trigger, ObsHealth) and rule.back is not None:
                slot = self._decider.known(rule, ROOM)
                if slot is not None and is_back(getattr(facts, trigger.field), trigger.sign, rule.back, opening=0):
                    slot.spent = False

    def _facts(self, obs: str) -> ObsFacts:
        return self._decider.memory.obs.get(obs) or ObsFacts()

    # ---------------------------------------------------------------------------------------------------------- by hand

    def _by_hand(self, head: Head, said: Said, at_ms: int) -> None:
        rule = self._book.rules.get(said.name)
        if rule is not None:
            self._order(rule, head, said.sku, at_ms)

    def _emergency(self, head: Head, said: Said, at_ms: int) -> None:
        """Two who see the same trouble press at the same time: what they run is done once."""
        rule = self._book.emergencies.get(said.name)
        if rule is None:
            return
        if "cooldown" in held_by_past(rule, self._decider.slot(rule, ROOM), at_ms):
            self._decider.say(rule, None, "cooldown", at_ms, Words("it was run a moment before", "刚刚已经执行过"))
        else:
            self._order(rule, head, None, at_ms)

    def _order(self, rule: Rule, head: Head, sku: str | None, at_ms: int) -> None:
        """Fires whatever the rule says. What an operator has just done, the rule does not do again within its cooldown."""
        if rule.cooldown:
            self._decider.slot(rule, rule.place(sku)).last = at_ms
        who = person(head.source)
        why = Words(f"by hand, {who.en}", f"手动触发：{who.zh}")
        edge = Edge(
            rule,
            ROOM,
            about=sku,
            at_ms=at_ms,
            cause=head.seq,
            key=f"hand {head.seq}",
            why=why,
            values={"by": head.source},
        )
        self._decider.fire(edge, by_hand=True)

    def _learn(self, head: Head, said: Said, at_ms: int) -> None:
        """The ledger says that a firing was noted: by this director, or by the one that leads."""
        memory = self._decider.memory
        if memory.pending.pop(firing_id(said.rule, said.key), None) is not None:
            return
        rule = self._book.rules.get(said.rule)
        if rule is None or said.key.startswith("hand "):
            return
        place = rule.place(said.sku)
        slot = self._decider.slot(rule, place)
        if slot.fired == said.key:
            return
        if slot.since is not None and slot.key == said.key:
            slot.since = slot.cause = slot.key = slot.due = None
        self._decider.remember(rule, place, said.key, at_ms)

    # --------------------------------------------------------------------------------------------------------- in common

    def _values(self, rule: Rule) -> dict[str, Any]:
        match rule.trigger:
            case SourceTurned(name=name):
                return {"source": name, "since": self._fold.direction.silent.get(name)}
            case ObsHealth(obs=obs, field=name):
                return {"obs": obs, name: getattr(self._facts(obs), name)}
            case ObsTurned(obs=obs) | ObsScene(obs=obs):
                facts = self._facts(obs)
                return {"obs": obs, "scene": facts.scene, "streaming": facts.streaming}
        return {}

    def _begin(
        self,
        rule: Rule,
        at_ms: int,
        *,
        values: dict[str, Any],
        cause: int | None = 0,
        key: str = "",
        about: str | None = None,
        why: Words | None = None,
    ) -> None:
        seq = self._fold.seq
        edge = self._edge(
            rule, at_ms, cause=seq if cause == 0 else cause, key=key or str(seq), values=values, about=about, why=why
        )
        self._decider.begin(edge)

    def _edge(
        self,
        rule: Rule,
        at_ms: int,
        *,
        cause: int | None,
        key: str,
        values: dict[str, Any],
        about: str | None = None,
        why: Words | None = None,
    ) -> Edge:
        trigger = rule.trigger
        assert trigger is not None
        if why is None:
            why = say_trigger(trigger)
            if isinstance(trigger, ObsHealth) and (value := values.get(trigger.field)) is not None:
                shown = say_number(value, share=trigger.is_share)
                field = FIELDS[trigger.field]
                why = Words(f"{field.en} {shown}; {why.en}", f"{field.zh} {shown}；{why.zh}")
        return Edge(rule, ROOM, about=about, at_ms=at_ms, cause=cause, key=key, why=why, values=values)
