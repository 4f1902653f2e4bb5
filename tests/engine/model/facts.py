"""Facts about orders: they have happened, so they are taken as far as it goes, and what does not fit is said."""

from __future__ import annotations

from collections.abc import Sequence

from overlaykit.model import commands as c
from overlaykit.model import fields
from tests.engine.model import limits, returning, taking
from tests.engine.model.requests import wrong_lines
from tests.engine.model.world import MOST_UNITS, Bundles, Line, Order, Verdict, World, all_units

Fact = c.OrderCommit | c.OrderRelease | c.OrderShip | c.OrderRefund


def too_many_units(world: World, lines: Sequence[Line], order: Order | None = None) -> bool:
    """Whether an item would get more units than it may have. What the order has asked for before is there already."""
    for sku in {line.sku for line in lines}:
        asked = sum(own.asked for own in order.lines if own.sku == sku) if order is not None else 0
        more = sum(line.asked - line.returned for line in lines if line.sku == sku) - asked
        if more > 0 and all_units(world, sku) + more > MOST_UNITS:
            return True
    return False


def fact(world: World, command: Fact) -> Verdict:
    """A fact about an order; one that is not known yet waits for it."""
    order = world.orders.get(command.order)
    if order is None:
        order = world.orders[command.order] = Order(command.order, "early", world.seq + 1)
    if order.state == "early":
        order.early.append(command)
        return Verdict(early=True)
    if (
        order.state == "expired"
        and isinstance(command, c.OrderCommit | c.OrderShip)
        and too_many_units(world, order.lines)
    ):
        return Verdict("too_many_units")
    return _apply(world, order, command)


def _apply(world: World, order: Order, command: c.Command) -> Verdict:
    match command:
        case c.OrderCommit():
            return _commit(world, order)
        case c.OrderRelease():
            return _release(world, order, command)
        case c.OrderShip():
            return _ship(world, order, command)
        case c.OrderRefund():
            return _refund(world, order, command)
    raise AssertionError(command)


def _take_again(world: World, order: Order, state: str) -> None:
    order.state = state
    limits.note_taken(world, order.buyer, sum(line.asked - line.returned for line in order.lines))
    for line in order.lines:
        if line.asked > line.returned:
            taking.take_as_fact(world, order, line, line.asked - line.returned)


def _commit(world: World, order: Order) -> Verdict:
    if order.state == "released":
        return Verdict(quarantined="cancelled")
    if order.state == "held":
        taking.pay(world, order)
    elif order.state == "expired":
        _take_again(world, order, "committed")
    return Verdict()


def _release(world: World, order: Order, command: c.OrderRelease) -> Verdict:
    excess = returning.return_parts(world, order, command.lines, "release")
    if order.state in ("held", "committed") or command.lines is None:
        returning.settle(order)
    return Verdict(excess=excess)


def _ship(world: World, order: Order, command: c.OrderShip) -> Verdict:
    if order.state == "released":
        return Verdict(quarantined="cancelled")
    _commit(world, order)
    return Verdict(excess=returning.return_parts(world, order, command.lines, "ship"))


def _refund(world: World, order: Order, command: c.OrderRefund) -> Verdict:
    way: returning.Way = "release" if order.state == "held" else "restock" if command.restock else "gone"
    excess = returning.return_parts(world, order, command.lines, way)
    if order.state in ("held", "committed"):
        returning.settle(order)
    return Verdict(excess=excess)


def record(world: World, command: c.OrderRecord) -> Verdict:
    """The platform sold it."""
    if command.channel is not None and command.channel not in world.channels:
        return Verdict("unknown_channel")
    if wrong := wrong_lines(world, command.lines):
        return Verdict(wrong)
    order = world.orders.get(command.order)
    asked = [line for each in command.lines for line in taking.expand(world, each)]
    if order is None or order.state == "early":
        if too_many_units(world, asked):
            return Verdict("too_many_units")
        return _record_new(world, command, order.early if order else [])
    if order.state == "released":
        return Verdict(quarantined="cancelled" if command.paid else None)
    if command.channel is not None and order.channel is not None and command.channel != order.channel:
        return Verdict(quarantined="other_channel")
    if too_many_units(world, asked, None if order.state == "expired" else order):
        return Verdict("too_many_units")
    if order.state == "expired":
        _take_again(world, order, "committed" if command.paid else "held")
    elif order.state == "held" and command.paid:
        taking.pay(world, order)
    order.expires = 0
    excess = _apply_difference(world, order, command.lines)
    returning.settle(order)
    return Verdict(excess=excess)


def _record_new(world: World, command: c.OrderRecord, early: list[c.Command]) -> Verdict:
    order = Order(command.order, "committed" if command.paid else "held", world.seq + 1, command.channel, command.buyer)
    world.orders[order.name] = order
    if any(isinstance(each, c.OrderRelease) and each.lines is None for each in early):
        order.state = "released"
        return Verdict()
    for asked in command.lines:
        _add_line(world, order, asked)
    limits.note_taken(world, command.buyer, sum(line.asked for line in order.lines))
    verdict = Verdict()
    for each in early:
        if order.state == "released":
            verdict.excess += _units_of_parts(world, each)
        else:
            verdict.excess += _apply(world, order, each).excess
            returning.enter(world)  # what comes next finds what this one did
    return verdict


def _units_of_parts(world: World, command: c.Command) -> int:
    """Units that the fact names."""
    units = 0
    for part in getattr(command, "lines", None) or ():
        item = world.items.get(part.sku)
        per = sum(item.bundle.values()) if item is not None and item.bundle else 1
        units += part.quantity * per
    return units


def _add_line(world: World, order: Order, asked: fields.Line) -> int:
    """Gives the units of its lines."""
    lines = taking.expand(world, asked)
    for line in lines:
        order.lines.append(line)
        taking.take_as_fact(world, order, line, line.asked)
    return sum(line.asked for line in lines)


def _asked(order: Order) -> dict[str, int]:
    """What was asked, by sku as ordered."""
    found: dict[str, int] = {}
    for line in order.lines:
        if line.of is None:
            found[line.sku] = found.get(line.sku, 0) + line.asked
    for bundles in order.bundles:
        found[bundles.sku] = found.get(bundles.sku, 0) + bundles.asked
    return found


def _apply_difference(world: World, order: Order, lines: tuple[fields.Line, ...]) -> int:
    asked, wanted, excess = _asked(order), dict[str, int](), 0
    for line in lines:
        wanted[line.sku] = wanted.get(line.sku, 0) + line.quantity
    named = [sku for sku in wanted if not world.items[sku].bundle] + [sku for sku in wanted if world.items[sku].bundle]
    for sku in dict.fromkeys([*named, *asked]):
        more = wanted.get(sku, 0) - asked.get(sku, 0)
        if more > 0:
            like = [line for line in lines if line.sku == sku][-1]
            units = _add_line(world, order, fields.Line(sku, more, like.location, like.region, like.drop))
            limits.note_taken(world, order.buyer, units)
        elif more < 0:
            excess += _ask_less(world, order, sku, -more)
    return excess


def _ask_less(world: World, order: Order, sku: str, units: int) -> int:
    mine = [line for line in order.lines if line.ordered == sku]
    parts = world.items[sku].bundle
    if not parts:
        return _ask_less_of(world, order, mine, units)
    excess, fewer = 0, units
    for part, per in parts.items():
        over = _ask_less_of(world, order, [line for line in mine if line.sku == part], units * per)
        fewer = min(fewer, (units * per - over) // per)
        excess += over
    bundles = [each for each in order.bundles if each.sku == sku]
    _fewer_bundles(bundles, fewer)
    return excess


def _fewer_bundles(bundles: list[Bundles], fewer: int) -> None:
    for each in reversed(bundles):
        some = min(fewer, each.returned)
        each.returned -= some
        each.asked -= some
        fewer -= some
    for each in reversed(bundles):
        some = min(fewer, each.asked - each.returned)
        each.asked -= some
        fewer -= some


def _ask_less_of(world: World, order: Order, lines: list[Line], units: int) -> int:
    """Units that came back already are forgotten first; the rest comes back now, and what cannot is too many."""
    for line in reversed(lines):
        some = min(units, line.returned)
        line.returned -= some
        line.asked -= some
        units -= some
    for line, some in returning.leave(world, order, lines, units, "release"):
        line.asked -= some
        units -= some
    return units
