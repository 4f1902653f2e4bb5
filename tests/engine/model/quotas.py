"""Allotments and drops: limits on what may be sold through them. They own no units, so `used` is counted from the orders."""

from __future__ import annotations

from tests.engine.model.world import Order, Piece, World


def _pieces(world: World, sku: str, *, paid_only: bool = False) -> list[Piece]:
    return [
        piece
        for order, line in world.lines_of(sku)
        if order.state == "committed" or not paid_only
        for piece in (*line.open, *line.shipped)
    ]


def used_by_channel(world: World, sku: str, channel: str) -> int:
    """Units that the channel took while it had an allotment, and that did not come back."""
    return world.gone["channel", sku, channel] + sum(
        piece.units for piece in _pieces(world, sku) if piece.channel == channel
    )


def used_by_drop(world: World, name: str, *, sold: bool = False) -> int:
    """Units taken through the drop while it was not closed; with `sold`, those of paid orders alone."""
    sku = world.drops[name].planned.sku
    return world.gone["drop", sku, name] + sum(
        piece.units for piece in _pieces(world, sku, paid_only=sold) if piece.drop == name
    )


def allotment(world: World, sku: str, channel: str | None) -> int | None:
    """What the channel is allotted of the item; None without an allotment."""
    return None if channel is None else world.items[sku].allotted.get(channel)


def left_of_channel(world: World, sku: str, channel: str) -> int:
    return (world.items[sku].allotted[channel] or 0) - used_by_channel(world, sku, channel)


def left_of_drop(world: World, name: str) -> int:
    return world.drops[name].allotted - used_by_drop(world, name)


def quotas_with_something_left(world: World, sku: str) -> list[tuple[str, str, int]]:
    """(`channel` or `drop`, name, left), channels in the plan's order, then drops in the plan's order."""
    found = [
        ("channel", name, left_of_channel(world, sku, name))
        for name in world.channels
        if world.items[sku].allotted.get(name) is not None
    ]
    found += [
        ("drop", name, left_of_drop(world, name))
        for name, drop in world.drops.items()
        if drop.planned.sku == sku and drop.status != "closed"
    ]
    return [each for each in found if each[2] > 0]


def pool(world: World, sku: str) -> int:
    """What is kept for nobody. Below zero the room is over-allotted."""
    return world.items[sku].total("available") - sum(left for _, _, left in quotas_with_something_left(world, sku))


def count_against(world: World, sku: str, channel: str | None, drop: str | None) -> tuple[str | None, str | None]:
    """The quotas that units taken from available now count against."""
    through = channel if allotment(world, sku, channel) is not None else None
    return through, drop if drop is not None and world.drops[drop].status != "closed" else None


def make_room(world: World, order: Order, sku: str, before: int) -> None:
    """After a fact: what lowered the pool below both zero and `before` is taken from quotas with something left, others
    than those through which the order sells."""
    missing = min(0, before) - pool(world, sku)
    own = {("channel", order.channel), *(("drop", line.drop) for line in order.lines if line.sku == sku)}
    for kind, name, left in quotas_with_something_left(world, sku):
        if (kind, name) in own:
            continue
        some = min(left, missing)
        if some <= 0:
            return
        if kind == "channel":
            world.items[sku].allotted[name] = (world.items[sku].allotted[name] or 0) - some
        else:
            world.drops[name].allotted -= some
        world.outputs.append("allotment.moved")
        missing -= some
