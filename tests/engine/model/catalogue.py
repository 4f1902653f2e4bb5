"""The evening's changes of what is sold: item.*, allotments, drops."""

from __future__ import annotations

from typing import Any

import msgspec
from msgspec import UNSET

from overlaykit.model import commands as c
from overlaykit.model import sessions
from tests.engine.model.screen import drop_countdowns
from tests.engine.model.world import Verdict, World


def set_sale(world: World, sku: str, sale: str) -> Verdict:
    if sku not in world.items:
        return Verdict("unknown_sku")
    world.items[sku].sale = sale
    return Verdict()


def set_mode(world: World, command: c.ItemMode) -> Verdict:
    if command.sku not in world.items:
        return Verdict("unknown_sku")
    item = world.items[command.sku]
    if item.bundle:
        return Verdict("is_bundle")
    item.mode, item.ship_by = str(command.mode), command.ship_by
    return Verdict()


def add(world: World, command: c.ItemAdd) -> Verdict:
    if command.sku in world.items:
        return Verdict("duplicate_sku")
    if any(place not in world.serves for place in (*command.opening, *command.buffer)):
        return Verdict("unknown_location")
    if any(sku not in world.items for sku in command.bundle):
        return Verdict("unknown_sku")
    if link_taken(world, command.sku, command.link, command.product):
        return Verdict("link_taken")
    fields = {name: getattr(command, name) for name in sessions.Item.__struct_fields__ if hasattr(command, name)}
    fields["low"] = command.low or world.plan.low
    fields["critical"] = command.critical or world.plan.critical
    if (command.low or command.critical) and crossed(fields["low"], fields["critical"]):
        return Verdict("levels_crossed")
    world.add_item(sessions.Item(**fields))
    world.order_of_items.append(command.sku)
    return Verdict()


def link_taken(world: World, sku: str, link: int | None, product: str | None) -> bool:
    """Items with one link number are variants of one product."""
    sharing = [world.items[other].planned for other in world.order_of_items if other != sku]
    products = {planned.product for planned in sharing if link is not None and planned.link == link}
    return (bool(products) and products != {product}) or None in products


def crossed(low: sessions.Threshold, critical: sessions.Threshold) -> bool:
    """Levels of one kind: critical is less than low."""
    if low.units is not None and critical.units is not None:
        return critical.units >= low.units
    return low.share is not None and critical.share is not None and critical.share >= low.share


def update(world: World, command: c.ItemUpdate) -> Verdict:
    if command.sku not in world.items:
        return Verdict("unknown_sku")
    changes: dict[str, Any] = {
        name: value
        for name, value in msgspec.structs.asdict(command).items()
        if name not in ("id", "sku") and value is not UNSET
    }
    planned = world.items[command.sku].planned
    after = {"link": planned.link, "product": planned.product, **changes}
    if link_taken(world, command.sku, after["link"], after["product"]):
        return Verdict("link_taken")
    levels = {"low": planned.low, "critical": planned.critical, **changes}
    if ("low" in changes or "critical" in changes) and crossed(levels["low"], levels["critical"]):
        return Verdict("levels_crossed")
    world.change_plan(command.sku, **changes)
    return Verdict()


def move(world: World, command: c.ItemMove) -> Verdict:
    if command.sku not in world.items:
        return Verdict("unknown_sku")
    if command.position > len(world.order_of_items):
        return Verdict("no_such_position")
    world.order_of_items.remove(command.sku)
    world.order_of_items.insert(command.position - 1, command.sku)
    return Verdict()


def set_allotment(world: World, command: c.AllotmentSet) -> Verdict:
    if command.sku not in world.items:
        return Verdict("unknown_sku")
    if command.channel not in world.channels:
        return Verdict("unknown_channel")
    if world.items[command.sku].bundle:
        return Verdict("is_bundle")
    world.items[command.sku].allotted[command.channel] = command.quantity
    return Verdict()


def release_drop(world: World, name: str) -> Verdict:
    if name not in world.drops:
        return Verdict("unknown_drop")
    if not world.takes_requests:
        return Verdict("session_closed")
    if world.drops[name].status != "pending":
        return Verdict("wrong_state")
    open_drop(world, name)
    return Verdict()


def open_drop(world: World, name: str) -> None:
    drop = world.drops[name]
    drop.status = "open"
    if drop.planned.closes_after is not None:
        drop.closes_at = world.now + round(drop.planned.closes_after * 1000)
    drop_countdowns(world)


def close_drop(world: World, name: str) -> Verdict:
    if name not in world.drops:
        return Verdict("unknown_drop")
    if world.drops[name].status == "closed":
        return Verdict("wrong_state")
    world.drops[name].status = "closed"
    drop_countdowns(world)
    return Verdict()
