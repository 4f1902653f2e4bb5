"""What the desk sees of an item: every unit and every quota, as they truly are."""

from __future__ import annotations

from overlaykit.board.fold import Fold
from overlaykit.board.items import FoldedItem
from overlaykit.board.reach import INCOMING, pool_of, presold, row_at
from overlaykit.board.types import Allotment, DeskDrop, DeskItem
from overlaykit.model.entries import STOCK_COLUMNS


def desk_item(fold: Fold, item: FoldedItem) -> DeskItem:
    """An item of the fold. Locations, channels and drops come in the plan's order."""
    rows, quotas = item.rows, item.quotas
    places = [location.name for location in fold.plan.locations if location.name in rows]
    allotments = {}
    for channel in fold.plan.channels:
        if channel.name in quotas.channels:
            allotted, used = quotas.channels[channel.name]
            left = None if allotted is None else max(0, allotted - used)
            allotments[channel.name] = Allotment(allotted=allotted, used=used, left=left)
    drops = {}
    for drop in fold.drops_of.get(item.planned.sku, ()):
        if drop.name in quotas.drops:
            allotted, used, sold, status = quotas.drops[drop.name]
            left = 0 if status == "closed" else max(0, allotted - used)
            drops[drop.name] = DeskDrop(status=status, allotted=allotted, used=used, left=left, sold=sold)
    whole = row_at(item.units, None)
    return DeskItem(
        locations={place: dict(zip(STOCK_COLUMNS, rows[place], strict=True)) for place in places},
        due={p: item.due[p] for p in places if p in item.due and rows[p][INCOMING] + presold(rows[p])},
        mode=item.mode,
        presold=presold(whole),
        pool=None if item.planned.bundle else pool_of(item.units, whole),
        allotments=allotments,
        drops=drops,
        cost=item.planned.cost,
    )
