"""Requests about orders: what may be asked, and why it is refused."""

from __future__ import annotations

import copy
from dataclasses import replace

from overlaykit.model import commands as c
from overlaykit.model import fields
from tests.engine.model import limits, returning, taking
from tests.engine.model.returning import Way
from tests.engine.model.world import Line, Order, Verdict, World


def wrong_lines(world: World, lines: tuple[fields.Line, ...]) -> str:
    for line in lines:
        if line.sku not in world.items:
            return "unknown_sku"
        if line.location is not None and line.location not in world.serves:
            return "unknown_location"
    return ""


def reserve(world: World, command: c.OrderReserve) -> Verdict:
    if limits.too_many_attempts(world, command.buyer):
        return Verdict("too_many_attempts", entry=False)
    if not world.takes_requests:
        return Verdict("session_closed")
    if command.channel is not None and command.channel not in world.channels:
        return Verdict("unknown_channel")
    if command.order in world.orders:
        return Verdict("duplicate_order")
    if wrong := wrong_lines(world, command.lines):
        return Verdict(wrong)
    if any(world.items[line.sku].sale != "open" for line in command.lines):
        return Verdict("not_on_sale")
    if any(_wrong_drop(world, line) for line in command.lines):
        return Verdict("drop_closed")
    lines = [each for line in command.lines for each in taking.expand(world, line)]
    wanted = [(line, line.asked) for line in lines]
    if limits.over_rate(world, command.buyer, lines):
        return Verdict("buyer_limit")
    shares = _reserve_shares(world, command, wanted)
    if isinstance(shares, str) and returning.expire_due(world):
        shares = _reserve_shares(world, command, wanted)
    if isinstance(shares, str):
        return Verdict(shares)
    hold = command.hold_seconds or world.plan.hold_seconds
    order = Order(
        command.order,
        "held",
        world.seq + 1,
        command.channel,
        command.buyer,
        world.now + max(1, round(hold * 1000)),
        lines,
    )
    world.orders[order.name] = order
    taking.take_shares(world, order, wanted, shares)
    limits.note_taken(world, command.buyer, sum(line.asked for line in lines))
    return Verdict(personal=command.personal, expires_at=order.expires if command.personal else 0)


def _wrong_drop(world: World, line: fields.Line) -> bool:
    if line.drop is None:
        return False
    drop = world.drops.get(line.drop)
    wrong_item = drop is None or drop.planned.sku != line.sku or drop.status != "open"
    return wrong_item or world.items[line.sku].mode == "presale"


def _reserve_shares(world: World, command: c.OrderReserve, wanted: list[tuple[Line, int]]) -> taking.Shares | str:
    """What the order would get, or why not."""
    if limits.over_limit(world, command.buyer, [line for line, _ in wanted]):
        return "buyer_limit"
    return _serve(world, command.channel, wanted)


def _serve(world: World, channel: str | None, wanted: list[tuple[Line, int]]) -> taking.Shares | str:
    shares = taking.serve(world, wanted)
    return shares if isinstance(shares, str) else taking.check_quotas(world, channel, wanted) or shares


def commit(world: World, command: c.OrderCommit) -> Verdict:
    order = world.orders.get(command.order)
    if order is None or order.state == "early":
        return Verdict("unknown_order")
    if order.state == "held":
        taking.pay(world, order)
        return Verdict()
    if order.state != "expired":
        return Verdict("wrong_state")
    if not world.takes_requests:
        return Verdict("session_closed")
    without_drops = copy.deepcopy(order.lines)
    for line in without_drops:
        line.drop = None
    wanted = [(line, line.asked - line.returned) for line in without_drops if line.asked > line.returned]
    shares = _serve(world, order.channel, wanted)
    if isinstance(shares, str) and returning.expire_due(world):
        shares = _serve(world, order.channel, wanted)
    if isinstance(shares, str):
        return Verdict("expired")
    order.lines = without_drops
    order.state = "committed"
    taking.take_shares(world, order, wanted, shares)
    limits.note_taken(world, order.buyer, sum(units for _, units in wanted))
    return Verdict()


def release(world: World, command: c.OrderRelease) -> Verdict:
    order = world.orders.get(command.order)
    if order is None or order.state == "early":
        return Verdict("unknown_order")
    return _return(world, order, command.lines, "release")


def ship(world: World, command: c.OrderShip) -> Verdict:
    order = world.orders.get(command.order)
    if order is None or order.state == "early":
        return Verdict("unknown_order")
    if order.state != "committed":
        return Verdict("wrong_state")
    return _return(world, order, command.lines, "ship")


def refund(world: World, command: c.OrderRefund) -> Verdict:
    order = world.orders.get(command.order)
    if order is None or order.state == "early":
        return Verdict("unknown_order")
    if order.state != "committed":
        return Verdict("wrong_state")
    return _return(world, order, command.lines, "restock" if command.restock else "gone")


_NEEDED: dict[Way, tuple[str, ...]] = {
    "release": ("debt", "presold", "open"),
    "ship": ("open",),
    "restock": ("debt", "presold", "open", "shipped"),
    "gone": ("debt", "presold", "open", "shipped"),
}


def _return(world: World, order: Order, parts: tuple[fields.Part, ...] | None, way: Way) -> Verdict:
    if not order.units(*_NEEDED[way]):
        return Verdict("nothing_left")
    trial = _trial(world, order)
    if returning.return_parts(trial, trial.orders[order.name], parts, way):
        return Verdict("exceeds_order")
    returning.return_parts(world, order, parts, way)
    if way != "ship":
        returning.settle(order)
    return Verdict()


def _trial(world: World, order: Order) -> World:
    """A world in which the order can be changed without changing anything here."""
    trial = copy.copy(world)
    trial.orders = {order.name: copy.deepcopy(order)}
    trial.items = {sku: replace(item, rows=copy.deepcopy(item.rows)) for sku, item in world.items.items()}
    trial.gone = world.gone.copy()
    trial.entering, trial.outputs = [], []
    return trial
