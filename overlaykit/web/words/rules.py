"""Rules."""

from __future__ import annotations

WORDS: dict[str, tuple[str, str]] = {
    "rules": ("规则", "Rules"),
    "rules_on": ("{on} 条启用，共 {all} 条", "{on} of {all} on"),
    "rule_alert": ("预警", "alert"),
    "rule_by_plan": ("恢复方案设定", "Back to the plan"),
    "rule_changed": ("现场改过", "changed here"),
    "rule_never": ("还没有触发过", "has not fired yet"),
    "rule_fired": ("触发 {count} 次，最近 {at}", "fired {count} times, last at {at}"),
    "rule_fired_once": ("触发 1 次，{at}", "fired once, at {at}"),
    "rule_if": ("且", "if"),
    "rule_history": ("最近的判断", "Lately decided"),
    "rule_did_fire": ("触发", "fired"),
    "rule_held_session": ("未触发：场次没有开", "held back: session not open"),
    "rule_held_disabled": ("未触发：已停用", "held back: off"),
    "rule_held_rearm": ("未触发：还没回到 rearm", "held back: not back at rearm"),
    "rule_held_once": ("未触发：本场只一次", "held back: once"),
    "rule_held_cooldown": ("未触发：冷却中", "held back: cooldown"),
    "rule_held_storm": ("未触发：短时间内触发太多次", "held back: too often"),
    "rule_held_if": ("未触发：条件不成立", "held back: if"),
    "rule_held_short": ("未触发：持续不够久", "held back: too short"),
    "rule_held_late": ("太迟，没有执行", "too late, left out"),
    "rule_held_near": ("差一点", "came near"),
    "rule_fire": ("立即触发", "Fire now"),
    "rule_fire_for": ("商品", "For"),
    "rule_fire_room": ("不指定商品", "no item"),
}
