"""What one buyer may take, and how often one may try."""

from __future__ import annotations

from tests.engine.model.world import Bundles, Line, World


def too_many_attempts(world: World, buyer: str | None) -> bool:
    """Notes the attempt and says whether it is one too many in the running window."""
    rate = world.plan.attempt_rate
    if buyer is None or rate is None:
        return False
    window = world.now // round(rate.per * 1000)
    world.attempts[buyer, window] += 1
    return world.attempts[buyer, window] > rate.count


def _bought(world: World, buyer: str) -> list[Line]:
    return [
        line
        for order in world.orders.values()
        if order.buyer == buyer and order.state in ("held", "committed")
        for line in order.lines
    ]


def _groups(lines: list[Line]) -> list[Bundles]:
    found: list[Bundles] = []
    for line in lines:
        if line.of is not None and not any(line.of is each for each in found):
            found.append(line.of)
    return found


def _count(lines: list[Line], sku: str) -> int:
    """Units of an item, or bundles of a bundle, that these lines have and did not give back."""
    return sum(line.asked - line.returned for line in lines if line.sku == sku) + sum(
        bundles.asked - bundles.returned for bundles in _groups(lines) if bundles.sku == sku
    )


def over_limit(world: World, buyer: str | None, lines: list[Line]) -> bool:
    """Whether the order would exceed a limit of an item or of a drop."""
    if buyer is None:
        return False
    bought = _bought(world, buyer)
    for sku in {line.sku for line in lines} | {line.ordered for line in lines}:
        limit = world.items[sku].planned.buyer_limit
        if limit is not None and _count(bought, sku) + _count(lines, sku) > limit:
            return True
    for name in {line.drop for line in lines if line.drop is not None}:
        limit = world.drops[name].planned.buyer_limit
        through = [line for line in (*bought, *lines) if line.drop == name]
        if limit is not None and sum(line.asked - line.returned for line in through) > limit:
            return True
    return False


def over_rate(world: World, buyer: str | None, lines: list[Line]) -> bool:
    """Whether the order would exceed what one buyer may take in a time."""
    rate = world.plan.buyer_rate
    if buyer is None or rate is None:
        return False
    lately = sum(units for at, units in world.took[buyer] if at > world.now - round(rate.per * 1000))
    return lately + sum(line.asked for line in lines) > rate.count


def note_taken(world: World, buyer: str | None, units: int) -> None:
    """The buyer took units, whatever becomes of them."""
    if buyer is not None:
        world.took[buyer].append((world.now, units))
