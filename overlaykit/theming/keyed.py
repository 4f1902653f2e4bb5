"""Board values that remember which live value they are, so that `{{ ui.number(item.available) }}` knows its key.

A template reads structs; numbers, money and deadlines of an item, drop or product come out as plain values with a `key`
(`scarf.available`) and the `heat` of their item. The page tweens between two values of one key, never across keys.
"""

from __future__ import annotations

from collections.abc import Callable

from msgspec import Struct

from overlaykit.board.types import BoardItem, Countdown, Deadline, DropNow


class KeyedInt(int):
    """Units with their key."""

    key: str
    heat: str | None


class KeyedFloat(float):
    """A share with its key."""

    key: str
    heat: str | None


class KeyedText(str):
    """Money or a deadline with its key."""

    key: str
    heat: str | None


class OwnedDeadline(Deadline, frozen=True, kw_only=True):
    """The deadline of an item or drop, with its owner."""

    owner: str
    heat: str | None = None


class OwnedDrop(DropNow, frozen=True, kw_only=True):
    """An item's open drop, with its owner."""

    owner: str
    heat: str | None = None


_KINDS: dict[type, type] = {int: KeyedInt, float: KeyedFloat, str: KeyedText}
_LIVE: dict[type, frozenset[str]] = {
    BoardItem: frozenset({"available", "opening", "sold", "held", "oversold", "remaining", "price", "list_price"}),
    OwnedDrop: frozenset({"opening", "available", "remaining", "sold", "price"}),
    OwnedDeadline: frozenset({"ends_at"}),
    Countdown: frozenset({"ends_at"}),
}
_OWNERS: dict[type, Callable[[Struct], str]] = {
    BoardItem: lambda item: item.sku,  # type: ignore[attr-defined]
    OwnedDrop: lambda drop: f"{drop.owner}.drop.{drop.name}",  # type: ignore[attr-defined]
    OwnedDeadline: lambda deadline: deadline.owner,  # type: ignore[attr-defined]
    Countdown: lambda countdown: f"countdown.{countdown.name}",  # type: ignore[attr-defined]
}


def read_field(struct: Struct, field: str) -> object:
    """`struct.field` as a template sees it. AttributeError when it has no such field."""
    kind = type(struct)
    if field not in kind.__struct_fields__:
        raise AttributeError(field)
    value = getattr(struct, field)
    live = _LIVE.get(kind)
    if live is None or value is None:
        return value
    if field in live:
        keyed = _KINDS[type(value)](value)
        keyed.key = f"{_OWNERS[kind](struct)}.{field}"
        keyed.heat = getattr(struct, "heat", None)
        return keyed
    if isinstance(value, DropNow) and isinstance(struct, BoardItem):
        return OwnedDrop(**{name: getattr(value, name) for name in DropNow.__struct_fields__}, owner=struct.sku)
    if type(value) is Deadline:
        return OwnedDeadline(ends_at=value.ends_at, owner=_OWNERS[kind](struct), heat=getattr(struct, "heat", None))
    return value
