"""What a plan's rules would do, in lines for people: the answer to `run --dry-run`."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from operator import attrgetter
from typing import Any

from overlaykit.model.sessions import SessionPlan
from overlaykit.plan.extensions import COMMON_KEYS
from overlaykit.rules import Rule, RuleBook

SHOWN = 60
"""Characters of an action's arguments."""


def rules_in_words(plan: SessionPlan) -> Iterator[str]:
    """One line for each rule, alert and emergency plan, and one for each OBS."""
    for rule in filter(attrgetter("own"), RuleBook(plan).rules.values()):
        yield f"{rule.name}: {_when(rule)} → {'; '.join(map(_action, rule.do))}"
    for name, row in (plan.later.get("obs") or {}).items():
        texts = ", ".join(text["source"] for text in row.get("text") or ())
        yield f"OBS {name}" + (f": text 文字 {texts}" if texts else "")


def _when(rule: Rule) -> str:
    when = f"button 按钮 {rule.title}" if rule.kind == "emergency" else f"when 当 {rule.when}"
    more = f", if 且 {rule.asked}" if rule.asked else ""
    return f"{when}{more}" + ("" if rule.enabled else ", off 停用")


def _action(entry: Mapping[str, Any]) -> str:
    own = {key: value for key, value in entry.items() if key not in COMMON_KEYS | {"action"}}
    said = " ".join(str(value) for value in own.values() if not isinstance(value, dict | list))
    said = f"{said[:SHOWN]}…" if len(said) > SHOWN else said
    after = f" after {entry['after']}" if "after" in entry else ""
    asks = " (confirmed 确认后)" if "confirm" in entry else ""
    return f"{entry['action']} {said}".strip() + after + asks
