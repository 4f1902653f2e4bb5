"""What the room shows beside its stock: countdowns, announcements, what is on air."""

from __future__ import annotations

import datetime as dt

from msgspec import UNSET

from overlaykit.model import commands as c
from tests.engine.model.world import Verdict, World, milliseconds


def start_countdowns(world: World) -> None:
    """At session.open: those of the plan, and one for each drop that opens by itself."""
    for each in world.plan.countdowns:
        ends_at = milliseconds(each.ends_at) if each.ends_at else world.now + round((each.seconds or 0) * 1000)
        world.countdowns[each.name] = (each.sku, ends_at, False)
    drop_countdowns(world)


def drop_countdowns(world: World) -> None:
    """NAME-open until a drop opens, NAME-close until it closes; none of them before the session is open."""
    for name, drop in world.drops.items():
        if drop.status != "pending":
            world.countdowns.pop(name + "-open", None)
        elif drop.planned.opens_at is not None and world.takes_requests and name + "-open" not in world.countdowns:
            world.countdowns[name + "-open"] = (
                drop.planned.sku,
                milliseconds(drop.planned.opens_at),
                True,
            )
        if drop.status == "closed":
            world.countdowns.pop(name + "-close", None)
        elif drop.status == "open" and drop.closes_at and name + "-close" not in world.countdowns:
            world.countdowns[name + "-close"] = (drop.planned.sku, drop.closes_at, True)


def set_countdown(world: World, command: c.CountdownSet) -> Verdict:
    if command.sku is not None and command.sku not in world.items:
        return Verdict("unknown_sku")
    if any(command.name in (f"{drop}-open", f"{drop}-close") for drop in world.drops):
        return Verdict("belongs_to_drop")
    if command.extend is not UNSET and command.name not in world.countdowns:
        return Verdict("unknown_countdown")
    sku, due_at, _ = world.countdowns.pop(command.name, (None, 0, False))
    if command.extend is not UNSET:
        ends_at = max(world.now, max(world.now, due_at) + round(command.extend * 1000))
        world.countdowns[command.name] = (sku, ends_at, False)
        return Verdict(ends_at=ends_at)
    if command.seconds is not UNSET:
        ends_at = world.now + round(command.seconds * 1000)
    elif isinstance(command.ends_at, dt.datetime):
        ends_at = milliseconds(command.ends_at)
    else:
        return Verdict()
    world.countdowns[command.name] = (command.sku, ends_at, False)
    return Verdict(ends_at=ends_at)


def show(world: World, id: str, command: c.AnnounceShow) -> Verdict:
    if command.sku is not None and command.sku not in world.items:
        return Verdict("unknown_sku")
    ends_at = world.now + round(command.seconds * 1000) if command.seconds else 0
    said = (command.text, command.level, command.sku)
    for other in [name for name, (what, _) in world.announcements.items() if what == said]:
        del world.announcements[other]
    world.announcements[id] = (said, ends_at)
    return Verdict(ends_at=ends_at)


def clear(world: World, command: c.AnnounceClear) -> Verdict:
    if command.announcement is None:
        world.announcements.clear()
    else:
        world.announcements.pop(command.announcement, None)
    return Verdict()


def set_look(world: World, command: c.OverlaySet) -> Verdict:
    said = {f"option {name}": value for name, value in command.options.items()}
    if command.theme is not UNSET:
        said["theme"] = command.theme
    for name, value in said.items():
        world.look.pop(name, None)
        if value is not None:
            world.look[name] = value
    return Verdict()


def feature(world: World, command: c.ItemFeature) -> Verdict:
    if command.channel is not None and command.channel not in world.channels:
        return Verdict("unknown_channel")
    if isinstance(command.sku, str):
        if command.sku not in world.items:
            return Verdict("unknown_sku")
        world.on_air[command.channel] = [command.sku]
        return Verdict()
    if command.sku is None:
        world.on_air[command.channel] = []
        return Verdict()
    name, wanted = ("link", command.link) if command.link is not UNSET else ("product", command.product)
    found = [sku for sku in world.order_of_items if getattr(world.items[sku].planned, name) == wanted]
    if not found:
        return Verdict("unknown_item")
    world.on_air[command.channel] = found
    return Verdict()
