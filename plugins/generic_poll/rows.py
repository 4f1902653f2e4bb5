"""Rows of a warehouse, as they come, made into readings; those that make no sense are named, and the others count. Pure."""

from __future__ import annotations

import datetime as dt
import re
import unicodedata
from collections.abc import Iterable, Sequence
from typing import Any, NamedTuple

from overlaykit.api import StockLevelObserved, UserError
from plugins.generic_poll.settings import PollSettings

MOST = 1_000_000_000
"""Units of a reading."""
MILLISECONDS_FROM = 100_000_000_000
"""A number of this size is a time in ms since 1970; in seconds it would be the year 5138."""
ALIASES: dict[str, tuple[str, ...]] = {
    "sku": ("sku", "skucode", "skuid", "itemcode", "code", "商品编码", "商家编码", "sku编码", "规格编码", "货号", "编码"),
    "quantity": (
        "quantity", "qty", "stock", "onhand", "available", "inventory", "units",
        "库存", "库存数", "库存数量", "数量", "可用库存", "可售库存", "可用数", "现货", "实际库存",
    ),
    "location": ("location", "warehouse", "warehousecode", "仓库", "仓库名称", "仓库编码", "库位"),
    "changed": ("changed", "updatedat", "updated", "modified", "lastmodified", "更新时间", "修改时间"),
}  # fmt: skip
"""Field → what columns are called for it, without case, spaces and underlines."""
_ROUNDED = re.compile(r"\d(\.\d+)?[eE]\+\d+")


class Row(NamedTuple):
    """A row before anything is believed. `name`: where it stands, such as `line 7`."""

    name: str
    sku: Any
    quantity: Any
    location: Any = None
    changed: Any = None


class Found(NamedTuple):
    """What rows came to. `troubles`: what is wrong, a sentence each."""

    readings: list[StockLevelObserved]
    troubles: list[str]


def read_rows(rows: Iterable[Row], settings: PollSettings, *, as_of: dt.datetime | None = None) -> Found:
    """Readings of the plan's skus and locations. A thing that comes twice with different numbers is not counted."""
    said: dict[tuple[str, str | None], list[tuple[Row, StockLevelObserved]]] = {}
    troubles: list[str] = []
    for row in rows:
        try:
            reading = _read(row, settings, as_of, troubles)
        except ValueError as error:
            troubles.append(f"{row.name}: {error}")
            continue
        said.setdefault((reading.sku, reading.location), []).append((row, reading))
    readings = []
    for (sku, _), same in said.items():
        if len({reading.quantity for _, reading in same}) == 1:
            readings.append(same[0][1])
        else:
            each = ", ".join(f"{row.name}: {reading.quantity}" for row, reading in same)
            troubles.append(f"{sku} is said to be {each}: none of them counts")
    return Found(readings, troubles)


def columns_of(header: Sequence[str], given: dict[str, str], wanted: Sequence[str], where: str) -> dict[str, int]:
    """Field → its column. Raises UserError when sku or quantity has none, or two."""
    found: dict[str, int] = {}
    plain = [_plain(name) for name in header]
    if unknown := set(given) - set(wanted):
        names = ", ".join(sorted(unknown))
        raise UserError(
            f"{where}: columns 里的 {names} 不是字段 / {where}: columns has {names}, which is no field",
            remedy=f"有：{'、'.join(wanted)}。 / There are: {', '.join(wanted)}.",
        )
    for field in wanted:
        known = (_plain(given[field]),) if field in given else ALIASES[field]
        places = [place for place, name in enumerate(plain) if name in known]
        if len(places) > 1:
            raise UserError(
                f"{where}: 有多列都像 {field} / several columns may be {field}: {', '.join(header[each] for each in places)}",
                remedy=f'请在设置里写明：columns = {{ {field} = "{header[places[0]]}" }}。 / '
                f'Say which in the settings: columns = {{ {field} = "{header[places[0]]}" }}.',
            )
        if places:
            found[field] = places[0]
        elif field in ("sku", "quantity") or field in given:
            raise UserError(
                f"{where}: 没有 {field} 列 / no column is {given.get(field, field)}; there are: {', '.join(header)}",
                remedy=f'请在设置里写明：columns = {{ {field} = "…" }}。 / '
                f'Say which in the settings: columns = {{ {field} = "…" }}.',
            )
    return found


def time_of(value: Any, zone: dt.tzinfo) -> dt.datetime | None:
    """A time that a warehouse wrote: seconds or milliseconds since 1970, or ISO 8601, in `zone` when it says none. None for
    what is no time."""
    if isinstance(value, str) and re.fullmatch(r"\d{9,14}", value.strip()):
        value = int(value)
    try:
        if isinstance(value, int | float) and not isinstance(value, bool):
            return dt.datetime.fromtimestamp(value / 1000 if value >= MILLISECONDS_FROM else value, dt.UTC)
        found = value if isinstance(value, dt.datetime) else dt.datetime.fromisoformat(str(value).strip())
    except (ValueError, OverflowError, OSError):
        return None
    return found if found.tzinfo else found.replace(tzinfo=zone)


def _read(row: Row, settings: PollSettings, as_of: dt.datetime | None, troubles: list[str]) -> StockLevelObserved:
    sku = _name(row.sku, "sku")
    if sku is None:
        raise ValueError("没有编码 / no sku")
    quantity = _units(row.quantity)
    if quantity < 0:
        troubles.append(f"{row.name}: {sku} 是 {quantity}，按 0 计 / is below zero, and counts as 0")
    location = _name(row.location, "location")
    return StockLevelObserved(
        sku=settings.skus.get(sku, sku),
        quantity=max(0, quantity),
        location=settings.location if location is None else settings.locations.get(location, location),
        basis=settings.basis,
        includes_open_orders=settings.includes_open_orders,
        observed_at=as_of,
    )


def _name(value: Any, field: str) -> str | None:
    """A text or a whole number; None for nothing."""
    if value is None or isinstance(value, bool):
        return None
    text = unicodedata.normalize("NFKC", str(value)).strip()
    if _ROUNDED.fullmatch(text):
        raise ValueError(
            f"{field} {text} 被 Excel 改成了科学计数 / is rounded by a spreadsheet: format that column as text"
        )
    if len(text) > 128:
        raise ValueError(f"{field} has {len(text)} characters; at most 128")
    return text or None


def _units(value: Any) -> int:
    """A whole number, however it is written: 12, "12", "1,200", "１２", 12.0. Raises ValueError."""
    said = "空 / nothing" if value is None or value == "" else repr(value)[:40]
    number = value
    if isinstance(value, str):
        text = unicodedata.normalize("NFKC", value).strip().replace("−", "-")
        text = re.sub(r",(?=\d{3}(\D|$))", "", text)
        if not re.fullmatch(r"[+-]?\d{1,15}(\.0*)?", text):
            raise ValueError(f"数量是 {said}，应为整数 / the quantity is {said}; a whole number was expected")
        number = int(text.partition(".")[0])
    try:
        units = int(number)
        whole = units == number and not isinstance(value, bool)
    except (TypeError, ValueError, OverflowError):
        whole = False
    if not whole:
        raise ValueError(f"数量是 {said}，应为整数 / the quantity is {said}; a whole number was expected")
    if abs(units) > MOST:
        raise ValueError(f"数量 {units} 太大 / the quantity is more than {MOST:,}")
    return units


def _plain(name: str) -> str:
    return re.sub(r"[\s_\-]", "", unicodedata.normalize("NFKC", name)).lower()
