"""What the operations of the script read: the fields of each command and of a plan, in the order in which lua/ops names them."""

from __future__ import annotations

import datetime as dt
from collections.abc import Callable, Sequence
from typing import Any

import msgspec
from msgspec import UNSET, UnsetType

from overlaykit.model import commands as c
from overlaykit.model.commands import Command, type_of
from overlaykit.model.fields import Line, Part
from overlaykit.model.sessions import Item, Mapped, Rate, SessionPlan, Threshold, opening_rows, stock_row

_json = msgspec.json.Encoder(order="deterministic")


def plan_fields(plan: SessionPlan) -> list[Any]:
    """The configuration, the links, and the items as items.lua keeps them."""
    channels = [channel.name for channel in plan.channels]
    config = {
        "locations": [location.name for location in plan.locations],
        "regions": _regions(plan),
        "channels": dict.fromkeys(channels, True),
        "channel_order": channels,
        "split": plan.split,
        "hold_ms": round(plan.hold_seconds * 1000),
        "countdowns": [
            [each.name, each.sku or "", _ms(each.ends_at), round((each.seconds or 0) * 1000)]
            for each in plan.countdowns
        ],
        "drops": {drop.name: drop.sku for drop in plan.drops},
        "openings": [[drop.name, _ms(drop.opens_at)] for drop in plan.drops if drop.opens_at],
        "limited": _limits_buyers(plan),
        **_rate("buyer_rate", plan.buyer_rate),
        **_rate("attempt_rate", plan.attempt_rate),
    }
    return [config, _links(plan), [[item.sku, _item(plan, item)] for item in plan.items]]


def _ms(moment: dt.datetime | str | None) -> int:
    if moment is None:
        return 0
    if isinstance(moment, str):
        moment = dt.datetime.fromisoformat(moment)
    return round(moment.timestamp() * 1000)


def _lines(lines: Sequence[Line]) -> list[str | int]:
    flat: list[str | int] = []
    for line in lines:
        flat += (line.sku, line.quantity, line.location or "", line.region or "", line.drop or "")
    return flat if any(flat[-3:]) else flat[:-3]


def _parts(parts: Sequence[Part] | None) -> list[str | int]:
    return [field for part in parts or () for field in (part.sku, part.quantity)]


def _reserve(command: c.OrderReserve, id: str) -> list[Any]:
    hold = max(1, round(command.hold_seconds * 1000)) if command.hold_seconds else 0
    return [command.order, command.channel or "", command.buyer or "", hold, "", *_lines(command.lines)]


def _record(command: c.OrderRecord, id: str) -> list[Any]:
    return [command.order, command.channel or "", command.buyer or "", command.paid, *_lines(command.lines)]


def _count(command: c.StockCount, id: str) -> list[Any]:
    expected = -1 if command.expected is None else command.expected
    jump = -1 if command.jump is None else command.jump
    basis, as_of, orders = str(command.basis), _ms(command.as_of), command.includes_open_orders
    return [command.sku, command.location or "", command.quantity, basis, orders, as_of, expected, jump]


def _level(threshold: Threshold) -> list[str | float]:
    """A threshold as the links keep it: its kind and its number."""
    return ["share", threshold.share] if threshold.share is not None else ["units", threshold.units or 0]


def _new_level(threshold: Threshold | UnsetType | None) -> list[str | float] | bool:
    return _level(threshold) if isinstance(threshold, Threshold) else False


def _add(command: c.ItemAdd, id: str) -> list[Any]:
    rows = {}
    for location in command.opening:
        units, buffer = command.opening[location], command.buffer.get(location, 0)
        rows[location] = [*stock_row(units, buffer, 0), 0, 0, "", 0, 0, 0]
    body = _json.encode(msgspec.structs.replace(command, id=None))
    tag = len(type_of(command)) + 11
    return [
        command.sku,
        "open" if command.on_sale else "upcoming",
        rows,
        command.buyer_limit or 0,
        command.presale_limit or 0,
        [[sku, units] for sku, units in command.bundle.items()],
        "" if command.link is None else str(command.link),
        command.product or "",
        list(command.opening),
        "{" + body[tag:].decode(),
        _new_level(command.low),
        _new_level(command.critical),
    ]


_UPDATABLE = tuple(field.name for field in msgspec.structs.fields(c.ItemUpdate) if field.name not in ("id", "sku"))


def _update(command: c.ItemUpdate, id: str) -> list[Any]:
    changes = [[name, getattr(command, name)] for name in _UPDATABLE if getattr(command, name) is not UNSET]
    link, product = command.link, command.product
    return [
        command.sku,
        [[name, _json.encode(value).decode()] for name, value in changes],
        -1 if command.buyer_limit is UNSET else command.buyer_limit or 0,
        -1 if command.presale_limit is UNSET else command.presale_limit or 0,
        False if link is UNSET else "" if link is None else str(link),
        False if product is UNSET else product or "",
        _new_level(command.low),
        _new_level(command.critical),
    ]


def _feature(command: c.ItemFeature, id: str) -> list[Any]:
    if command.product is not UNSET:
        target = ["product", command.product]
    elif command.link is not UNSET:
        target = ["link", str(command.link)]
    else:
        target = ["sku", command.sku] if command.sku else ["nothing", ""]
    return [*target, command.channel or ""]


def _countdown(command: c.CountdownSet, id: str) -> list[Any]:
    if command.seconds is not UNSET:
        return [command.name, command.sku or "", "in", round(command.seconds * 1000)]
    if command.extend is not UNSET:
        return [command.name, "", "later", round(command.extend * 1000)]
    if command.ends_at is UNSET or command.ends_at is None:
        return [command.name, command.sku or "", "gone", 0]
    return [command.name, command.sku or "", "at", _ms(command.ends_at)]


def _announce(command: c.AnnounceShow, id: str) -> list[Any]:
    members = f'"text":{_json.encode(command.text).decode()},"level":"{command.level}"'
    return [id, members, command.sku or "", round((command.seconds or 0) * 1000)]


def _overlay(command: c.OverlaySet, id: str) -> list[Any]:
    said: list[tuple[str, Any]] = [("option " + name, value) for name, value in command.options.items()]
    if command.theme is not UNSET:
        said.append(("theme", command.theme))
    return [[[field, "" if value is None else _json.encode(value).decode()] for field, value in said]]


def _nothing(command: Command, id: str) -> list[Any]:
    return []


FIELDS: dict[type[Command], Callable[[Any, str], list[Any]]] = {
    c.OrderReserve: _reserve,
    c.OrderCommit: lambda command, id: [command.order, command.fact],
    c.OrderRelease: lambda command, id: [command.order, command.fact, *_parts(command.lines)],
    c.OrderShip: lambda command, id: [command.order, command.fact, *_parts(command.lines)],
    c.OrderRefund: lambda command, id: [command.order, command.fact, command.restock, *_parts(command.lines)],
    c.OrderRecord: _record,
    c.StockCount: _count,
    c.StockConfirm: lambda command, id: [command.reading, command.accept],
    c.StockAdjust: lambda command, id: [
        command.sku,
        command.location or "",
        str(command.bucket),
        command.delta,
        command.due or "",
    ],
    c.StockTransfer: lambda command, id: [
        command.sku,
        command.quantity,
        command.from_,
        command.to,
        command.location or "",
    ],
    c.AllotmentSet: lambda command, id: [
        command.sku,
        command.channel,
        -1 if command.quantity is None else command.quantity,
    ],
    c.DropRelease: lambda command, id: [command.drop],
    c.DropClose: lambda command, id: [command.drop],
    c.QuarantineMap: lambda command, id: [
        command.channel,
        command.platform_sku,
        command.sku,
        _json.encode(Mapped(command.sku, command.quantity)).decode(),
    ],
    c.QuarantineDrop: lambda command, id: [command.entry or 0, command.channel or "", command.platform_sku or ""],
    c.ConnectorPause: lambda command, id: [command.name, _json.encode(command.reason).decode()],
    c.ConnectorResume: lambda command, id: [command.name],
    c.ItemMode: lambda command, id: [command.sku, str(command.mode), command.ship_by or ""],
    c.ItemAdd: _add,
    c.ItemUpdate: _update,
    c.ItemMove: lambda command, id: [command.sku, command.position],
    c.ItemOpen: lambda command, id: [command.sku],
    c.ItemClose: lambda command, id: [command.sku],
    c.ItemFeature: _feature,
    c.CountdownSet: _countdown,
    c.AnnounceShow: _announce,
    c.AnnounceClear: lambda command, id: [command.announcement or ""],
    c.OverlaySet: _overlay,
    c.RuleSet: lambda command, id: [
        command.name,
        "" if command.enabled is None else _json.encode(command.enabled).decode(),
    ],
    c.RuleFire: lambda command, id: [command.sku or ""],
    c.ButtonPress: _nothing,
    c.EmergencyRun: _nothing,
    c.TaskDone: lambda command, id: [command.task],
    c.AlertAcknowledge: lambda command, id: [command.alert],
    c.AlertSnooze: lambda command, id: [command.alert, round(command.seconds * 1000)],
    c.NoteSet: lambda command, id: ["" if command.text is None else _json.encode(command.text).decode()],
    c.ObsDo: _nothing,
    c.OverlayRefresh: _nothing,
    c.SessionOpen: _nothing,
    c.SessionFreeze: _nothing,
    c.SessionThaw: _nothing,
    c.SessionClose: _nothing,
    c.ClockAccept: _nothing,
}
"""Command type → its fields, of the command and its id."""

SIGNED = frozenset({c.AlertAcknowledge, c.AlertSnooze, c.NoteSet})
"""Commands that have one field more, the last: who sent them, as JSON."""


def _regions(plan: SessionPlan) -> dict[str, list[str]]:
    regions: dict[str, list[str]] = {}
    for location in plan.locations:
        for region in location.serves:
            regions.setdefault(region, []).append(location.name)
    return regions


def _limits_buyers(plan: SessionPlan) -> bool:
    limits = [plan.buyer_rate, *(item.buyer_limit for item in plan.items), *(drop.buyer_limit for drop in plan.drops)]
    return any(limits)


def _rate(name: str, rate: Rate | None) -> dict[str, list[int]]:
    return {name: [rate.count, max(1, round(rate.per * 1000))]} if rate else {}


def _links(plan: SessionPlan) -> list[list[Any]]:
    """What prelude.lua says of the links."""
    groups: dict[str, list[Any]] = {
        "order": [item.sku for item in plan.items],
        "levels": [_level(plan.low), _level(plan.critical)],
    }
    for item in plan.items:
        link, product = "" if item.link is None else str(item.link), item.product or ""
        if link:
            groups.setdefault(f"link {link}", []).append(item.sku)
        if product:
            groups.setdefault(f"product {product}", []).append(item.sku)
        groups[f"item {item.sku}"] = [link, product, _level(item.low), _level(item.critical)]
    return [[field, names] for field, names in groups.items()]


def _item(plan: SessionPlan, item: Item) -> list[Any]:
    """An item as items.lua keeps it."""
    rows = {}
    for location, row in opening_rows(plan, item).items():
        incoming = item.incoming.get(location)
        rows[location] = [*row, 0, 0, incoming.due if incoming else "", 0, 0, 0]
    drops = {
        drop.name: [
            drop.quantity,
            0,
            0,
            "pending",
            drop.buyer_limit or 0,
            round((drop.closes_after or 0) * 1000),
            place,
        ]
        for place, drop in enumerate(plan.drops)
        if drop.sku == item.sku
    }
    return [
        "open" if item.on_sale else "upcoming",
        0,
        rows,
        False,
        "spot",
        "",
        item.buyer_limit or 0,
        item.presale_limit or 0,
        {},
        drops,
        [[sku, units] for sku, units in item.bundle.items()],
        [0, 0],
        {},
    ]
