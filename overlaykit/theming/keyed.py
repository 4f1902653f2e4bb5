"""Board values that remember which live value they are, so that `{{ ui.number(item.available) }}` knows its key.

A template reads structs; numbers, money and deadlines of an item, drop or product come out as plain values with a `key`
(`scarf.available`), the `heat` of their item, and whether its source is `stale`. The page tweens between two values of
one key, never across keys.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from msgspec import Struct

from overlaykit.board.types import BoardItem, Countdown, Deadline, DropNow


class KeyedInt(int):
    """Units with their key."""

    key: str
    heat: str | None
    stale: bool


class KeyedFloat(float):
    """A share with its key."""

    key: str
    heat: str | None
    stale: bool


class KeyedText(str):
    """Money or a deadline with its key."""

    key: str
    heat: str | None
    stale: bool


class OwnedDeadline(Deadline, frozen=True, kw_only=True):
    """The deadline of an item or drop, with its owner."""

    owner: str
    heat: str | None = None


class OwnedDrop(DropNow, frozen=True, kw_only=True):
    """An item's open drop, with its owner."""

    owner: str
    heat: str | None = None
    stale: bool = False


_KINDS: dict[type, type] = {int: KeyedInt, float: KeyedFloat, str: KeyedText}
_LIVE: dict[type, frozenset[str]] = {
    BoardItem: frozenset(
        {
            "available",
            "opening",
            "sold",
            "held",
            "oversold",
            "remaining",
            "price",
            "list_price",
            "pace_per_minute",
            "sells_out_at",
        }
    ),
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
        return _keyed(value, _OWNERS[kind](struct), field, struct)
    if isinstance(value, DropNow) and isinstance(struct, BoardItem):
        fields = {name: getattr(value, name) for name in DropNow.__struct_fields__}
        return OwnedDrop(**fields, owner=struct.sku, heat=struct.heat, stale=struct.stale)
    if type(value) is Deadline:
        return OwnedDeadline(ends_at=value.ends_at, owner=_OWNERS[kind](struct), heat=getattr(struct, "heat", None))
    return value


def keyed(item: BoardItem, field: str, value: float) -> Any:
    """A number of `item` that is no field of its own, such as the units of one region: `coat.regions.US`."""
    return _keyed(value, item.sku, field, item)


def _keyed(value: Any, owner: str, field: str, struct: Struct) -> Any:
    made = _KINDS[type(value)](value)
    made.key = f"{owner}.{field}"
    made.heat = getattr(struct, "heat", None)
    made.stale = getattr(struct, "stale", False)
    return made
