"""What a session.toml says now against the plan that runs: which of it may change while the session goes on, and how. Pure.

Items may be added, changed in what is said of them, and moved. Everything that stock, orders or other processes already
count on stays as it is until a new session, each part with its reason.
"""

from __future__ import annotations

from bisect import bisect_left
from collections.abc import Iterator, Mapping, Sequence
from typing import Any, NamedTuple, Protocol

import msgspec

from overlaykit.model.commands import Command, ItemAdd, ItemMove, ItemUpdate
from overlaykit.model.rules import may_share_link
from overlaykit.model.sessions import Item, SessionPlan
from overlaykit.words import Words


class FieldChange(NamedTuple):
    """A field of an item and its value, as it is and as it will be; None for nothing. `added`: the item comes with it."""

    name: str
    before: Any
    after: Any
    added: bool = False


class Change(NamedTuple):
    """A part of the plan, such as `item.coat`, the command that changes it, and the fields that it changes; of a new item all that
    it has."""

    part: str
    command: Command
    fields: tuple[FieldChange, ...]


class Kept(NamedTuple):
    """A part that stays as it is: why, as a code and in words that say what to do instead."""

    part: str
    reason: str
    words: Words


class Difference(NamedTuple):
    """`changes` in the order in which they are to be sent."""

    changes: tuple[Change, ...]
    kept: tuple[Kept, ...]


NEW_SESSION = Words(
    "it is fixed once a session is planned; give the plan a new `id` and start a new session",
    "场次建立后不能再改；请换一个新的 `id`，另开一场",
)
RESTART = Words(
    "it is read when a session begins; it counts from the next session on",
    "只在场次开始时读取，下一场起生效",
)
REMOVED = Words(
    "an item stays in a running session: its orders count on it; take it off sale with item.close",
    "进行中的场次不能删商品（订单还要用到）；可用 item.close 下架",
)
STOCK = Words(
    "stock that is there is changed by stock.count, stock.adjust or stock.transfer, not by the plan",
    "已有商品的库存请用 stock.count、stock.adjust 或 stock.transfer 调整，不能靠改方案",
)
ON_SALE = Words("use item.open or item.close", "请用 item.open 或 item.close")
INCOMING = Words(
    "the item is added without it; send stock.adjust with the bucket incoming and the day `due`",
    "商品会先加入，在途数请用 stock.adjust（bucket 为 incoming，并写 due）补上",
)
COUNTDOWN = Words("use countdown.set", "请用 countdown.set")
LEVELS = Words(
    "the levels of the items there are follow; items added by hand later get the old ones",
    "现有商品的档位会跟着改；以后手工加的商品仍用旧档位",
)

_UPDATED = tuple(name for name in ItemUpdate.__struct_fields__ if name not in ("id", "sku"))
_STOCK_FIELDS = ("opening", "buffer", "incoming")
_ADDED = tuple(name for name in ItemAdd.__struct_fields__ if name not in ("id", "low", "critical"))
_FIXED = ("id", "ledger", "currency")
_NAMES = {
    "hold_seconds": "hold",
    "buyer_rate": "limits.buyer",
    "attempt_rate": "limits.attempts",
}
"""How authors write the fields of a plan, where that differs."""
_AT_START = ("title", "starts", "locale", "timezone", "theme", "options", "hold_seconds", "split", *list(_NAMES)[1:])


class _Named(Protocol):
    @property
    def name(self) -> str: ...


def difference(running: SessionPlan, written: SessionPlan) -> Difference:
    """What it takes to make the plan that runs (as it is now) the one that is written, as far as that goes."""
    kept = list(_kept_parts(running, written))
    now = {item.sku: item for item in running.items}
    then = {item.sku: item for item in written.items}
    places = {location.name for location in running.locations}
    freed = _freed(now, {**now, **then})
    changes = [
        Change(f"item.{sku}", ItemUpdate(sku=sku, link=None), (FieldChange("link", now[sku].link, None),))
        for sku in freed
    ]
    order = list(now)
    for sku, item in then.items():
        if sku in now:
            continue
        if strange := [place for place in item.opening if place not in places]:
            words = Words(f"there is no location {strange[0]} in this session", f"本场没有名为 {strange[0]} 的仓库")
            kept.append(Kept(f"item.{sku}", "unknown_location", words))
            continue
        changes.append(_add(item, running))
        order.append(sku)
        if item.incoming:
            kept.append(Kept(f"item.{sku}.incoming", "use_stock_commands", INCOMING))
    for sku in now:
        if sku not in then:
            kept.append(Kept(f"item.{sku}", "removal", REMOVED))
            continue
        kept += _kept_fields(now[sku], then[sku])
        before = msgspec.structs.replace(now[sku], link=None) if sku in freed else now[sku]
        if update := _update(before, then[sku]):
            changes.append(update)
    changes += _moves(order, _wanted_order(order, list(then)))
    return Difference(tuple(changes), tuple(kept))


def _kept_parts(running: SessionPlan, written: SessionPlan) -> Iterator[Kept]:
    for field in _FIXED:
        if getattr(running, field) != getattr(written, field):
            yield Kept(field, "new_session", NEW_SESSION)
    for section, before, after in (
        ("location", running.locations, written.locations),
        ("channel", running.channels, written.channels),
        ("drop", running.drops, written.drops),
    ):
        yield from (Kept(part, "new_session", NEW_SESSION) for part in _differing(section, before, after))
    for part in _differing("countdown", running.countdowns, written.countdowns):
        yield Kept(part, "use_countdown_set", COUNTDOWN)
    for field in ("low", "critical"):
        if getattr(running, field) != getattr(written, field):
            yield Kept(f"thresholds.{field}", "next_session", LEVELS)
    for field in _AT_START:
        if getattr(running, field) != getattr(written, field):
            yield Kept(_NAMES.get(field, field), "next_session", RESTART)
    for section in sorted({*running.later, *written.later}):
        if running.later.get(section) != written.later.get(section):
            yield Kept(section, "next_session", RESTART)


def _differing(section: str, before: Sequence[_Named], after: Sequence[_Named]) -> Iterator[str]:
    """`channel.mini` for each that came, went or changed; `channel` when only their order did."""
    was: Mapping[str, Any] = {each.name: each for each in before}
    will: Mapping[str, Any] = {each.name: each for each in after}
    found = [name for name in [*was, *(each for each in will if each not in was)] if was.get(name) != will.get(name)]
    yield from (f"{section}.{name}" for name in found)
    if not found and list(was) != list(will):
        yield section


def _kept_fields(now: Item, then: Item) -> Iterator[Kept]:
    for field in _STOCK_FIELDS:
        if getattr(now, field) != getattr(then, field):
            yield Kept(f"item.{now.sku}.{field}", "use_stock_commands", STOCK)
    if now.on_sale != then.on_sale:
        yield Kept(f"item.{now.sku}.on_sale", "use_item_open", ON_SALE)
    if now.bundle != then.bundle:
        yield Kept(f"item.{now.sku}.bundle", "new_session", NEW_SESSION)


def _add(item: Item, running: SessionPlan) -> Change:
    """Levels that are the plan's own stay the plan's."""
    levels = {name: level for name in ("low", "critical") if (level := getattr(item, name)) != getattr(running, name)}
    said = {name: getattr(item, name) for name in _ADDED} | levels
    plain: dict[str, tuple[Any, ...]] = {info.name: (info.default, {}, ()) for info in msgspec.structs.fields(Item)}
    fields = [
        FieldChange(name, None, value, added=True)
        for name, value in said.items()
        if name != "sku" and value not in plain[name]
    ]
    return Change(f"item.{item.sku}", ItemAdd(**said), tuple(fields))


def _update(now: Item, then: Item) -> Change | None:
    changed = {name: value for name in _UPDATED if (value := getattr(then, name)) != getattr(now, name)}
    if not changed:
        return None
    fields = [FieldChange(name, getattr(now, name), value) for name, value in changed.items()]
    return Change(f"item.{now.sku}", ItemUpdate(sku=now.sku, **changed), tuple(fields))


def _freed(now: Mapping[str, Item], then: Mapping[str, Item]) -> list[str]:
    """Items that give their link number up first, because it goes over to another product: at no moment may a number stand for
    two. Where an item stays that has it, nothing helps, and the engine refuses."""
    freed: list[str] = []
    after = _by_link(then)
    for link, have in _by_link(now).items():
        get = after.get(link, [])
        stays = any(item.sku == each.sku and item.product == each.product for item in have for each in get)
        if get and not stays and len({item.sku for item in (*have, *get)}) > 1:
            freed += [item.sku for item in have if not may_share_link(item.product, get[0].product)]
    return freed


def _by_link(items: Mapping[str, Item]) -> dict[int, list[Item]]:
    found: dict[int, list[Item]] = {}
    for item in items.values():
        if item.link is not None:
            found.setdefault(item.link, []).append(item)
    return found


def _wanted_order(order: Sequence[str], written: Sequence[str]) -> list[str]:
    """The written order; an item that is not written any more stays behind the one it stands behind now."""
    known, listed = set(order), set(written)
    behind: dict[str | None, list[str]] = {}
    ahead: str | None = None
    for sku in order:
        if sku in listed:
            ahead = sku
        else:
            behind.setdefault(ahead, []).append(sku)
    return [
        *behind.get(None, ()),
        *(each for sku in written if sku in known for each in (sku, *behind.get(sku, ()))),
    ]


def _moves(order: Sequence[str], wanted: Sequence[str]) -> list[Change]:
    """As few as possible: items that stand in the right order among each other stay.

    Where an item stands while others are moved is counted, not looked for: of 10,000 items all may move.
    """
    rank = {sku: place for place, sku in enumerate(order)}
    staying = {wanted[place] for place in _longest_rising([rank[sku] for sku in wanted])}
    stay = sorted(rank[sku] for sku in staying)
    to_move = sorted(rank[sku] for sku in wanted if sku not in staying)
    # Of each item that was moved, the rank of the one that stays and that it stands behind: rising.
    moved: list[int] = []
    behind = -1
    moves = []
    for place, sku in enumerate(wanted):
        if sku in staying:
            behind = rank[sku]
            continue
        was = sum(bisect_left(ranks, rank[sku]) for ranks in (stay, to_move, moved))
        del to_move[bisect_left(to_move, rank[sku])]
        position = place + bisect_left(to_move, behind)
        moved.append(behind)
        change = FieldChange("position", was + 1, position + 1)
        moves.append(Change(f"item.{sku}", ItemMove(sku=sku, position=position + 1), (change,)))
    return moves


def _longest_rising(numbers: Sequence[int]) -> list[int]:
    """The places of a longest rising run, not necessarily side by side, of numbers that are all different."""
    ends: list[int] = []  # ends[n]: the least number that a rising run of n + 1 can end with
    at: list[int] = []  # and its place
    before: list[int] = []  # place → the place before it in its run, -1 for the first
    for place, number in enumerate(numbers):
        length = bisect_left(ends, number)
        before.append(at[length - 1] if length else -1)
        ends[length : length + 1] = [number]
        at[length : length + 1] = [place]
    found: list[int] = []
    place = at[-1] if at else -1
    while place >= 0:
        found.append(place)
        place = before[place]
    return found[::-1]
