"""Names in a command that the room does not have: found before it is sent to the engine, and said with what was probably meant."""

from __future__ import annotations

from collections.abc import Collection, Iterator, Sequence
from typing import Any, NamedTuple

from msgspec import UNSET

from overlaykit.board import Fold
from overlaykit.model.commands import (
    ButtonPress,
    Command,
    ConnectorPause,
    ConnectorResume,
    EmergencyRun,
    ItemAdd,
    ItemFeature,
    ObsDo,
    RuleFire,
    RuleSet,
    StockTransfer,
)
from overlaykit.plan import Words, nearest_name
from overlaykit.web.directing import Directing

MOST_NAMED = 24
"""Names that an answer lists."""
BETWEEN = "location:"

ITEM = Words("item", "商品")
LOCATION = Words("location", "仓库")
CHANNEL = Words("channel", "渠道")
DROP = Words("drop", "波次")
LINK = Words("link", "链接")
PRODUCT = Words("product", "款式")

DIRECTED = (RuleSet, RuleFire, ButtonPress, EmergencyRun, ObsDo, ConnectorPause, ConnectorResume)
"""Commands with a name that has to be in the plan, whatever the evening brought."""


class UnknownName(NamedTuple):
    """A name that is not there: the command's field, and what to say."""

    path: str
    words: Words


def unknown_in_plan(directing: Directing, command: Command) -> UnknownName | None:
    """The name in a command of the operator's that the plan does not direct by; None when it is all right."""
    path = "name"
    match command:
        case RuleSet(name=name) | RuleFire(name=name):
            kind, known = Words("rule", "规则"), [each.name for each in directing.rules]
        case ButtonPress(name=name):
            kind, known = Words("button", "按钮"), directing.buttons
        case EmergencyRun(name=name):
            kind, known = Words("emergency plan", "应急预案"), [each.name for each in directing.emergencies]
        case ObsDo(obs=name):
            path, kind, known = "obs", Words("OBS", " OBS "), [each.name for each in directing.obs]
        case ConnectorPause(name=name) | ConnectorResume(name=name):
            kind, known = Words("section with a connector", "外部连接"), directing.connectors
        case _:
            return None
    return None if name in known else UnknownName(path, no_such(kind, name, known))


def unknown_in_room(fold: Fold, command: Command) -> UnknownName | None:
    """The first name in a command that neither the plan nor the evening has; None when it is all right."""
    for path, kind, name, known in _names(fold, command):
        if name not in known:
            return UnknownName(path, no_such(kind, name, list(known)))
    return None


def no_such(kind: Words, name: str, known: Sequence[str]) -> Words:
    """What to say when none of `known` is called `name`."""
    if not known:
        return Words(f"this session's plan has no {kind.en} at all", f"这一场的方案里没有任何{kind.zh.strip()}")
    there = listed(name, known)
    return Words(
        f"there is no {kind.en} {name!r} in the plan; it has {there.en}",
        f"方案里没有名为 {name} 的{kind.zh.strip()}；有：{there.zh}",
    )


def listed(name: str, known: Sequence[str]) -> Words:
    """The names that there are, and the one that was probably meant."""
    near = nearest_name(name, known)
    more = len(known) > MOST_NAMED
    en = f"{', '.join(known[:MOST_NAMED])}{' …' if more else ''}"
    zh = f"{'、'.join(known[:MOST_NAMED])}{'…' if more else ''}"
    return Words(en, zh) if near is None else Words(f"{en}; did you mean {near}?", f"{zh}；是不是想写 {near}？")


def _names(fold: Fold, command: Command) -> Iterator[tuple[str, Words, str, Collection[str]]]:
    """Path, kind, name, and the names that there are."""
    plan = fold.plan
    places = [each.name for each in plan.locations]
    sku = _given(command, "sku")
    if sku is not None and not isinstance(command, ItemAdd):
        yield "sku", ITEM, sku, fold.items
    channel = _given(command, "channel")
    if channel is not None:
        yield "channel", CHANNEL, channel, [each.name for each in plan.channels]
    location = _given(command, "location")
    if location is not None:
        yield "location", LOCATION, location, places
    drop = _given(command, "drop")
    if drop is not None:
        yield "drop", DROP, drop, [each.name for each in plan.drops]
    match command:
        case StockTransfer():
            for path, place in (("from", command.from_), ("to", command.to)):
                if place.startswith(BETWEEN):
                    yield path, LOCATION, place.removeprefix(BETWEEN), places
        case ItemAdd():
            for table, opened in (("opening", command.opening), ("buffer", command.buffer)):
                for place in opened:
                    yield f"{table}.{place}", LOCATION, place, places
            for part in command.bundle:
                yield f"bundle.{part}", ITEM, part, fold.items
        case ItemFeature():
            if command.link is not UNSET and all(item.planned.link != command.link for item in fold.items.values()):
                links = {link for item in fold.items.values() if (link := item.planned.link) is not None}
                yield "link", LINK, str(command.link), [str(link) for link in sorted(links)]
            if command.product is not UNSET:
                yield "product", PRODUCT, command.product, fold.variants


def _given(command: Command, field: str) -> str | None:
    found: Any = getattr(command, field, None)
    return found if isinstance(found, str) else None
