"""Whether numbers are beyond a level, or back from one."""

from __future__ import annotations

import datetime as dt
from zoneinfo import ZoneInfo

from overlaykit.board.types import BoardItem
from overlaykit.model.triggers import Level, ObsHealth, ObsScene, ObsTurned, Sign, TimeOfDay
from overlaykit.plan.rules import Back
from overlaykit.rules.facts import ObsFacts

NEAR = 0.1
"""Of the level: how near a number comes to be told as near."""


def beyond(value: float | None, sign: Sign, level: float) -> bool:
    """Whether a number lies where a rule fires. One that is not known does not."""
    if value is None:
        return False
    if sign == "<":
        return value < level
    if sign == ">":
        return value > level
    return value <= level if sign == "<=" else value >= level


def level_of(trigger: Level, item: BoardItem) -> float:
    """The level in units of the field. Rounded: a fifth of 15 is 3, not a little more."""
    return round(trigger.value * item.opening, 6) if trigger.share else trigger.value


def is_beyond(trigger: Level, item: BoardItem) -> bool:
    """Whether the item's number lies where the rule fires."""
    return beyond(getattr(item, trigger.field), trigger.sign, level_of(trigger, item))


def is_back(value: float | None, sign: Sign, back: Back, opening: int) -> bool:
    """Whether a number is back where the rule may fire again."""
    if value is None:
        return False
    level = round(back.value * opening, 6) if back.share else back.value
    return value >= level if "<" in sign else value <= level


def nearness(trigger: Level, item: BoardItem) -> float | None:
    """How far the number is from the level, as a share of the level; None when that is more than NEAR, or not known."""
    value, level = getattr(item, trigger.field), level_of(trigger, item)
    if value is None or level <= 0:
        return None
    away = abs(value - level) / level
    return away if away <= NEAR else None


def obs_side(trigger: ObsTurned | ObsScene | ObsHealth, facts: ObsFacts) -> bool | None:
    """Whether it is so; None when it is not known."""
    match trigger:
        case ObsScene(scene=scene):
            return None if facts.scene is None else facts.scene == scene
        case ObsHealth(field=field, sign=sign, value=value):
            return beyond(getattr(facts, field), sign, value)
        case ObsTurned(to="connected"):
            return facts.connected
        case ObsTurned(to="disconnected"):
            return not facts.connected
        case ObsTurned(to="reconnecting"):
            return bool(facts.reconnecting)
        case ObsTurned(to="streaming"):
            return facts.streaming
        case ObsTurned():
            return None if facts.streaming is None else not facts.streaming


def next_time(trigger: TimeOfDay, after_ms: int, zone: ZoneInfo) -> int:
    """The next such time of day after `after_ms`, ms."""
    local = dt.datetime.fromtimestamp(after_ms / 1000, zone)
    wanted = dt.time(trigger.hour, trigger.minute, trigger.second)
    for days in range(3):
        found = dt.datetime.combine(local.date() + dt.timedelta(days=days), wanted, tzinfo=zone)
        if round(found.timestamp() * 1000) > after_ms:
            break
    return round(found.timestamp() * 1000)
