"""The rules of a session, compiled: its [[rule]]s, its [[alert]]s and its emergency plans."""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from functools import partial
from typing import Any, Literal

from overlaykit.errors import UserError
from overlaykit.model.patterns import sku_pattern
from overlaykit.model.sessions import SessionPlan
from overlaykit.model.triggers import AnyTrigger, ButtonPressed
from overlaykit.plan.emergencies import TOGETHER_MS, Emergency, emergencies_of
from overlaykit.plan.rules import ALERT, EMERGENCY, Back, read_back, usual_back
from overlaykit.plan.triggers import TriggerError, read_trigger
from overlaykit.rules.expressions import Expression, ExpressionError, Expressions, texts_in
from overlaykit.rules.wording import say_trigger
from overlaykit.words import Words

LATE_MS = 10_000
ALERT_LATE_MS = 600_000
ALERT_COOLDOWN_MS = 300_000


@dataclass(frozen=True, kw_only=True)
class Rule:
    """One rule as it runs. Spans are in ms.

    index      its place: rules, then alerts, then emergency plans, each in the order of the file
    kind       what it is made of; an emergency plan has no trigger and fires by hand alone
    title      what people call it
    when, asked, about   its trigger, its `if` and its pattern of skus, as they were written
    back       where the number has to be back before it may fire again
    late       so long after its edge a firing is too late
    do         what is done, as it was written
    own        whether the session's author wrote it: the usual emergency plans are there by themselves
    """

    index: int
    name: str
    kind: Literal["rule", "alert", "emergency"]
    title: str
    when: str
    asked: str | None
    about: str | None
    trigger: AnyTrigger | None
    condition: Expression | None
    pattern: re.Pattern[str] | None
    back: Back | None
    sustained: int
    cooldown: int
    once: bool
    priority: int
    late: int
    enabled: bool
    do: tuple[Mapping[str, Any], ...]
    own: bool = True

    @property
    def per_item(self) -> bool:
        """Whether it is about each item by itself."""
        return self.trigger is not None and self.trigger.per_item

    def place(self, sku: str | None) -> str:
        """Where it is remembered about an item: its sku, or "" for what is remembered of the room."""
        return (sku or "") if self.per_item else ""


class RuleBook:
    """All rules by name, and what they listen for.

    buttons      button → rules that wait for it
    emergencies  name of the plan's section → its rule
    expressions  compiles further texts of the same plan
    """

    def __init__(self, plan: SessionPlan) -> None:
        """Raises UserError, with the rule and key, when a rule cannot be compiled: a plan that was checked has none."""
        self.expressions = Expressions(plan)
        self._locale = plan.locale
        later = plan.later
        made: list[Rule] = []
        for row in later.get("rule", ()):
            made.append(self._compile(len(made), row["name"], "rule", row, row["do"]))
        for number, row in enumerate(later.get("alert", ()), 1):
            made.append(self._alert(len(made), f"{ALERT}{number}", row))
        emergencies = emergencies_of(plan)
        for name, emergency in emergencies.items():
            made.append(self._emergency(len(made), name, emergency))
        self.rules: Mapping[str, Rule] = {rule.name: rule for rule in made}
        self.emergencies = {name: self.rules[f"{EMERGENCY}{name}"] for name in emergencies}
        self.per_item = tuple(rule for rule in made if rule.per_item)
        self.of_room = tuple(rule for rule in made if rule.trigger is not None and not rule.per_item)
        self.buttons: dict[str, list[Rule]] = {}
        for rule in self.of_room:
            if isinstance(rule.trigger, ButtonPressed):
                self.buttons.setdefault(rule.trigger.name, []).append(rule)

    def of_item(self, sku: str) -> tuple[Rule, ...]:
        """The rules that are about this item."""
        return tuple(rule for rule in self.per_item if rule.pattern is None or rule.pattern.fullmatch(sku))

    def _compile(
        self,
        index: int,
        name: str,
        kind: Literal["rule", "alert"],
        row: Mapping[str, Any],
        do: Sequence[Mapping[str, Any]],
    ) -> Rule:
        trigger = self._told(name, "when", lambda: read_trigger(row["when"]))
        self._check_texts(name, do)
        asked, back, pattern = row.get("if"), row.get("rearm"), row.get("sku")
        return Rule(
            index=index,
            name=name,
            kind=kind,
            title=name,
            when=row["when"],
            asked=asked,
            about=pattern,
            trigger=trigger,
            condition=None if asked is None else self._told(name, "if", lambda: self.expressions.condition(asked)),
            pattern=None if pattern is None else sku_pattern(pattern),
            back=usual_back(trigger) if back is None else self._told(name, "rearm", lambda: read_back(trigger, back)),
            sustained=_ms(row.get("sustained", 0)),
            cooldown=_ms(row["cooldown"]) if "cooldown" in row else 0 if kind == "rule" else ALERT_COOLDOWN_MS,
            once=row.get("once", False),
            priority=row.get("priority", 0),
            late=_ms(row["late"]) if "late" in row else LATE_MS if kind == "rule" else ALERT_LATE_MS,
            enabled=row.get("enabled", True),
            do=tuple(do),
        )

    def _alert(self, index: int, name: str, row: Mapping[str, Any]) -> Rule:
        """It is shown at the desk, and told through each notifier."""
        text, level = row.get("text"), row.get("level", "warning")
        usual = self._alert_text(name, row)
        # Desks of either language show it; the team's chat has one.
        do: list[dict[str, Any]] = [{"action": "alert", "text": text or usual.both(), "level": level}]
        if row.get("to"):
            told = text or usual.within(self._locale)
            do.append({"action": "notify", "to": row["to"], "text": told, "level": level})
        return self._compile(index, name, "alert", row, do)

    def _alert_text(self, name: str, row: Mapping[str, Any]) -> Words:
        trigger = self._told(name, "when", lambda: read_trigger(row["when"]))
        en, zh = map(_as_text, say_trigger(trigger))
        if not trigger.per_item:
            return Words(en, zh)
        item = "{{ item.title }}{% if item.variant %} {{ item.variant }}{% endif %}"
        return Words(f"{item}: {en} ({{{{ item.available }}}} left)", f"{item}：{zh}（剩 {{{{ item.available }}}} 件）")

    def _emergency(self, index: int, name: str, emergency: Emergency) -> Rule:
        self._check_texts(f"{EMERGENCY}{name}", emergency.do)
        return Rule(
            index=index,
            name=f"{EMERGENCY}{name}",
            kind="emergency",
            title=emergency.title.within(self._locale),
            when="",
            asked=None,
            about=None,
            trigger=None,
            condition=None,
            pattern=None,
            back=None,
            sustained=0,
            cooldown=TOGETHER_MS,
            once=False,
            priority=100,
            late=LATE_MS,
            enabled=True,
            do=emergency.do,
            own=emergency.own,
        )

    def _check_texts(self, name: str, do: Sequence[Mapping[str, Any]]) -> None:
        for number, entry in enumerate(do, 1):
            for path, text in texts_in(entry):
                key = ".".join(map(str, path))
                self._told(name, f"do[{number}].{key}", partial(self.expressions.text, text))

    @staticmethod
    def _told(name: str, key: str, work: Callable[[], Any]) -> Any:
        """What `work` gives; what is wrong is said with rule and key."""
        try:
            return work()
        except (TriggerError, ExpressionError) as error:
            near = f" Did you mean {error.nearest!r}?" if error.nearest else ""
            remedy = f"Expected {error.expected.en}." if error.expected else "Mend the plan."
            raise UserError(f"rule {name}, {key}: {error.what.en}", remedy=f"{remedy}{near}") from None


def _as_text(said: str) -> str:
    """A template that says just this: a scene may be called {{ }}."""
    return "{{ '" + said.replace("\\", "\\\\").replace("'", "\\'") + "' }}"


def _ms(seconds: float) -> int:
    return round(seconds * 1000)
