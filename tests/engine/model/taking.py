"""How orders get units: a request gets all of them or none, a fact what there is, and the rest is owed."""

from __future__ import annotations

from overlaykit.model import fields
from tests.engine.model import quotas
from tests.engine.model.world import Bundles, Line, Order, Piece, World

Shares = list[list[tuple[str, int]]]
"""Line by line, the places that serve it and how many units each gives."""


def expand(world: World, asked: fields.Line) -> list[Line]:
    """An ordered line → lines of items: itself, or one for each part of the bundle."""
    parts = world.items[asked.sku].bundle
    if not parts:
        return [Line(asked.sku, asked.quantity, asked.location, asked.region, asked.drop)]
    of = Bundles(asked.sku, asked.quantity)
    return [Line(sku, asked.quantity * per, asked.location, asked.region, None, of) for sku, per in parts.items()]


def places_of(world: World, line: Line) -> list[str]:
    """The named location, or those that serve the region, or all, in the plan's order."""
    if line.location is not None:
        return [line.location]
    return [name for name, regions in world.serves.items() if line.region is None or line.region in regions]


def serve(world: World, wanted: list[tuple[Line, int]]) -> Shares | str:
    """What a request would get, or why it cannot be served."""
    left = {
        (sku, place, column): row[column]
        for sku, item in world.items.items()
        for place, row in item.rows.items()
        for column in ("available", "incoming")
    }
    presold = {sku: item.total("presold_held") + item.total("presold_committed") for sku, item in world.items.items()}
    shares: Shares = []
    for line, units in wanted:
        item = world.items[line.sku]
        column = "incoming" if item.mode == "presale" else "available"
        places = places_of(world, line)
        share: list[tuple[str, int]] = []
        whole = [place for place in places if left.get((line.sku, place, column), 0) >= units]
        if whole:
            share = [(whole[0], units)]
        elif world.plan.split:
            missing = units
            for place in places:
                some = min(missing, left.get((line.sku, place, column), 0))
                if some:
                    share.append((place, some))
                    missing -= some
        limit = item.planned.presale_limit
        over_limit = item.mode == "presale" and limit is not None and presold[line.sku] + units > limit
        if sum(some for _, some in share) < units or over_limit:
            return "no_stock_in_region" if line.region is not None else "sold_out"
        for place, some in share:
            left[line.sku, place, column] -= some
        if item.mode == "presale":
            presold[line.sku] += units
        shares.append(share)
    return shares


def check_quotas(world: World, channel: str | None, wanted: list[tuple[Line, int]]) -> str:
    """Why the quotas do not allow it; empty when they do."""
    for sku in dict.fromkeys(line.sku for line, _ in wanted):
        if world.items[sku].mode == "presale":
            continue
        mine = [(line, units) for line, units in wanted if line.sku == sku]
        for drop in dict.fromkeys(line.drop for line, _ in mine if line.drop is not None):
            if quotas.left_of_drop(world, drop) < sum(units for line, units in mine if line.drop == drop):
                return "sold_out"
        if channel is not None and quotas.allotment(world, sku, channel) is not None:
            if quotas.left_of_channel(world, sku, channel) < sum(units for _, units in mine):
                return "allotment_exhausted"
        else:
            from_pool = sum(units for line, units in mine if line.drop is None)
            if from_pool and quotas.pool(world, sku) < from_pool:
                return "sold_out"
    return ""


def take_shares(world: World, order: Order, wanted: list[tuple[Line, int]], shares: Shares) -> None:
    """What `serve` found becomes the order's."""
    for (line, _), share in zip(wanted, shares, strict=True):
        for place, units in share:
            if world.items[line.sku].mode == "presale":
                take_incoming(world, order, line, place, units)
            else:
                take_available(world, order, line, place, units)


def take_available(world: World, order: Order, line: Line, place: str, units: int) -> None:
    row = world.items[line.sku].row(place)
    channel, drop = quotas.count_against(world, line.sku, order.channel, line.drop)
    row["available"] -= units
    row[order.bucket] += units
    line.add("open", Piece(place, units, channel, drop))


def take_incoming(world: World, order: Order, line: Line, place: str, units: int) -> None:
    row = world.items[line.sku].row(place)
    row["incoming"] -= units
    row["presold_" + order.bucket] += units
    line.add("presold", Piece(place, units))
    line.since = world.seq + 1


def take_as_fact(world: World, order: Order, line: Line, units: int) -> None:
    """From where it may be, then from anywhere else; what is missing is owed since the entry that is being decided."""
    places = places_of(world, line)
    if line.location is None:
        places += [name for name in world.serves if name not in places]
    if line.drop is not None:
        drop = world.drops.get(line.drop)
        if drop is None or drop.planned.sku != line.sku or drop.status == "closed":
            line.drop = None
    if world.items[line.sku].mode == "presale":
        units -= _draw(world, order, line, places, "incoming", units)
    units -= _draw(world, order, line, places, "available", units)
    if units:
        line.debt += units
        line.since = world.seq + 1


def _draw(world: World, order: Order, line: Line, places: list[str], column: str, units: int) -> int:
    item = world.items[line.sku]
    whole = [place for place in places if item.has(place, column) >= units]
    drawn = 0
    for place in whole[:1] or places:
        some = min(units - drawn, item.has(place, column))
        if some:
            (take_incoming if column == "incoming" else take_available)(world, order, line, place, some)
            drawn += some
    return drawn


def pay(world: World, order: Order) -> None:
    """held → committed."""
    for line in order.lines:
        for kind, column in (("open", ""), ("presold", "presold_")):
            for piece in line.pieces(kind):
                row = world.items[line.sku].row(piece.place)
                row[column + "held"] -= piece.units
                row[column + "committed"] += piece.units
    order.state = "committed"
    order.expires = 0
