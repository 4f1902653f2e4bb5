"""How units leave orders, and what happens when they enter available: debts are paid first."""

from __future__ import annotations

from dataclasses import replace
from typing import Literal

from overlaykit.model import fields
from tests.engine.model.world import Line, Order, Piece, World

Way = Literal["release", "restock", "gone", "ship"]
"""What becomes of the units: back for sale; the same, shipped ones too; gone, shipped ones too; shipped."""
_PASSES: dict[Way, tuple[str, ...]] = {
    "release": ("debt", "presold", "open"),
    "restock": ("debt", "presold", "open", "shipped"),
    "gone": ("debt", "presold", "open", "shipped"),
    "ship": ("open",),
}
_QUOTAS = ("channel", "drop")


def leave(world: World, order: Order, lines: list[Line], units: int | None, way: Way) -> list[tuple[Line, int]]:
    """Up to `units` (None: all) of these lines go that way; gives what went, line by line."""
    went: list[tuple[Line, int]] = []
    missing = 10**18 if units is None else units
    counted = [(line, quota, *_counted(line, quota)) for line in lines for quota in _QUOTAS]
    for kind in _PASSES[way]:
        for line in reversed(lines):
            if kind == "debt":
                some = min(missing, line.debt)
                line.debt -= some
                went.append((line, some))
                missing -= some
                continue
            back: dict[str, int] = {}
            for piece in line.pieces(kind):
                some = min(missing, piece.units)
                if some:
                    if _move(world, order, line, kind, piece, some, way):
                        back[piece.place] = back.get(piece.place, 0) + some
                    went.append((line, some))
                    missing -= some
            world.entering += [(line.sku, place, some) for place, some in back.items()]
    if way != "ship":
        for line, quota, name, units_before in counted:
            _count_again(world, line, quota, name, units_before, gone=way == "gone")
    return [(line, some) for line, some in went if some]


def _move(world: World, order: Order, line: Line, kind: str, piece: Piece, units: int, way: Way) -> bool:
    """Gives whether the units are for sale again."""
    row = world.items[line.sku].row(piece.place)
    piece.units -= units
    if not piece.units:
        same = getattr(line, kind)
        same[:] = [each for each in same if each is not piece]
    row[{"presold": "presold_" + order.bucket, "open": order.bucket, "shipped": "shipped"}[kind]] -= units
    if kind == "presold":
        row["incoming"] += units
    elif way == "ship":
        row["shipped"] += units
        line.add("shipped", Piece(piece.place, units, piece.channel, piece.drop))
    else:
        return way != "gone"
    return False


def _counted(line: Line, quota: str) -> tuple[str, int]:
    """The quota that units of the line count against, and how many do."""
    mine = [piece for piece in (*line.open, *line.shipped) if getattr(piece, quota) is not None]
    return (getattr(mine[0], quota), sum(piece.units for piece in mine)) if mine else ("", 0)


def _count_again(world: World, line: Line, quota: str, name: str, before: int, *, gone: bool) -> None:
    """Units that never counted left first: as many of those that stay count as did before, as far as there are so many."""
    left = before
    for pieces in (line.open, line.shipped):
        for piece in list(pieces):
            some = min(left, piece.units)
            setattr(piece, quota, name if some else None)
            if 0 < some < piece.units:
                rest = replace(piece, units=piece.units - some)
                setattr(rest, quota, None)
                piece.units = some
                pieces.insert(next(at for at, each in enumerate(pieces) if each is piece) + 1, rest)
            left -= some
    if gone and left:
        world.gone[quota, line.sku, name] += left


def return_parts(world: World, order: Order, parts: tuple[fields.Part, ...] | None, way: Way) -> int:
    """Releases, refunds or ships all of an order, or these parts of it, bundles first; gives how many units were too many."""
    if parts is None:
        for line, units in leave(world, order, order.lines, None, way):
            line.returned += 0 if way == "ship" else units
        if way != "ship":
            for bundles in order.bundles:
                bundles.returned = bundles.asked
        return 0
    excess = 0
    summed: dict[str, int] = {}
    for part in parts:
        summed[part.sku] = summed.get(part.sku, 0) + part.quantity
    for sku, units in sorted(summed.items(), key=lambda part: not _is_bundle(world, part[0])):
        if _is_bundle(world, sku):
            excess += _return_bundles(world, order, sku, units, way)
        else:
            excess += _return_units(world, order, [line for line in order.lines if line.sku == sku], units, way)
    return excess


def _is_bundle(world: World, sku: str) -> bool:
    return sku in world.items and bool(world.items[sku].bundle)


def _return_units(world: World, order: Order, lines: list[Line], units: int, way: Way) -> int:
    went = leave(world, order, lines, units, way)
    for line, some in went:
        line.returned += 0 if way == "ship" else some
    return units - sum(some for _, some in went)


def _return_bundles(world: World, order: Order, bundle: str, count: int, way: Way) -> int:
    """Bundles leave as such when all their parts do."""
    excess, whole = 0, count
    bundles = [each for each in order.bundles if each.sku == bundle]
    for sku, per in world.items[bundle].bundle.items():
        lines = [line for line in order.lines if line.sku == sku and any(line.of is each for each in bundles)]
        over = _return_units(world, order, lines, count * per, way)
        whole = min(whole, (count * per - over) // per)
        excess += over
    if way != "ship":
        for each in reversed(bundles):
            some = min(whole, each.asked - each.returned)
            each.returned += some
            whole -= some
    return excess


def settle(order: Order) -> None:
    """After a return: an order with nothing left is released."""
    if not order.units("debt", "presold", "open", "shipped"):
        order.state = "released"
        order.expires = 0


def expire(world: World, order: Order) -> None:
    """The hold of an order ends: an entry of the clock."""
    leave(world, order, order.lines, None, "release")
    order.state = "expired"
    order.expires = 0
    enter(world)
    write(world, "hold.expired")


def expire_due(world: World) -> int:
    """Up to 200 due holds, the longest due first."""
    due = [order for order in world.orders.values() if order.state == "held" and 0 < order.expires <= world.now]
    due = sorted(due, key=lambda order: (order.expires, order.name))[:200]
    for order in due:
        expire(world, order)
    return len(due)


def enter(world: World) -> None:
    """All units that left orders, or came from elsewhere, enter available one line's after the other, and pay debts there."""
    entering, world.entering = world.entering, []
    for sku, place, units in entering:
        world.items[sku].row(place)["available"] += units
        cover(world, sku, place, units)


def cover(world: World, sku: str, place: str, units: int) -> None:
    """Units that entered pay debts, the oldest first; each payment is an output."""
    row = world.items[sku].row(place)
    while units:
        debts = sorted((line.since, order.name) for order, line in world.lines_of(sku) if line.debt)
        if not debts:
            return
        since, name = debts[0]
        order = world.orders[name]
        for line in order.lines:
            if line.sku == sku and line.debt and line.since == since:
                some = min(units, line.debt)
                if some:
                    line.debt -= some
                    row["available"] -= some
                    row[order.bucket] += some
                    line.add("open", Piece(place, some))
                    units -= some
        world.outputs.append("oversold.covered")


def write(world: World, type: str) -> int:
    """Writes an entry and the outputs that follow from it; gives the entry's seq."""
    seq = world.write(type)
    for output in world.outputs:
        world.write(output, seq)
    world.outputs.clear()
    return seq
