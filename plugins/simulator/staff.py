"""What the people of the room do with stock, as far as the plan gives them something to do it with. Pure.

Allotments of channels with a share, batches, units sent from one warehouse to another, the buffer released, an item that
goes on in presale. README.md says when.
"""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterator, Sequence
from typing import Any

from overlaykit.api import SessionPlan
from plugins.simulator.steps import Step

SHARES_END = 0.70
"""When, within an item's time, what its channels have not sold of their allotments goes back to the pool."""
BUFFER_ENDS = 0.60
"""When its buffer is released."""
LORRY, LORRY_SHARE = 0.55, 0.08
"""When units go from the fullest warehouse to the emptiest, and which share of what the fullest opened with."""
PRESALE = 0.80
"""When an item that expects units goes on in presale."""
BY_HAND = 0.35
"""When, within the last act, batches without a time are opened."""
STAYS_OPEN = 30.0
"""Seconds after which a batch opened by hand is closed by hand, if it does not close by itself."""


def sellable(item: Any) -> int:
    """Units of an item that open for sale."""
    opening, buffer = sum(item.opening.values()), sum(item.buffer.values())
    return int(opening - buffer)


def of_bundles(plan: SessionPlan, item: Any) -> int:
    """How many of a bundle could be made of what opens for sale."""
    units = {each.sku: sellable(each) for each in plan.items}
    return min((units[sku] // per for sku, per in item.bundle.items()), default=0)


def allotments(plan: SessionPlan) -> Iterator[Step]:
    """Each channel with a share gets its allotment of each item, when the evening begins."""
    for item, channel, units in _shares(plan):
        yield Step(
            0.0,
            {"type": "allotment.set", "id": f"share-{channel}-{item.sku}", **_whose(item, channel), "quantity": units},
        )


def act(plan: SessionPlan, group: Sequence[Any], number: int, slot: float) -> Iterator[Step]:
    """What is done for the items on air: `slot` is how long they are."""
    skus = {item.sku for item in group}
    for item, channel, _ in _shares(plan):
        if item.sku in skus:
            back = {
                "type": "allotment.set",
                "id": f"pool-{channel}-{item.sku}",
                **_whose(item, channel),
                "quantity": None,
            }
            yield Step(slot * SHARES_END, back)
    for item in group:
        for location, units in item.buffer.items():
            move = {"type": "stock.transfer", "id": f"buffer-{location}-{item.sku}", "sku": item.sku, "quantity": units}
            where = {"location": location, "reason": "弹性库存释放"}
            yield Step(slot * BUFFER_ENDS, move | {"from": "buffer", "to": "available"} | where)
        yield from _lorry(plan, item, number, slot)
        yield from _presale(item, slot)


def _whose(item: Any, channel: str) -> dict[str, Any]:
    return {"sku": item.sku, "channel": channel}


def _shares(plan: SessionPlan) -> Iterator[tuple[Any, str, int]]:
    for item in plan.items:
        for channel in plan.channels:
            units = int(sellable(item) * channel.share + 1e-9) if channel.share is not None else 0
            if units and channel.connector is None and not item.bundle:
                yield item, channel.name, units


def _lorry(plan: SessionPlan, item: Any, number: int, slot: float) -> Iterator[Step]:
    """Only between warehouses that serve regions of their own: elsewhere an order draws from any."""
    stocked = {place.name: item.opening.get(place.name, 0) for place in plan.locations if place.serves}
    if len(stocked) < 2:
        return
    fullest, emptiest = max(stocked, key=lambda name: stocked[name]), min(stocked, key=lambda name: stocked[name])
    units = int(stocked[fullest] * LORRY_SHARE)
    if units and fullest != emptiest:
        move = {"type": "stock.transfer", "id": f"lorry{number}-{item.sku}", "sku": item.sku, "quantity": units}
        yield Step(
            slot * LORRY,
            move | {"from": f"location:{fullest}", "to": f"location:{emptiest}", "reason": "区域调拨"},
            (
                Step(
                    1.0,
                    {
                        "type": "stock.transfer",
                        "id": f"broken{number}-{item.sku}",
                        "sku": item.sku,
                        "quantity": 1,
                        "from": "available",
                        "to": "damaged",
                        "location": emptiest,
                        "reason": "运输破损",
                    },
                ),
            ),
        )


def _presale(item: Any, slot: float) -> Iterator[Step]:
    if item.incoming and item.presale_limit:
        last = max(promised.due for promised in item.incoming.values())
        mode = {"type": "item.mode", "id": f"presale-{item.sku}", "sku": item.sku, "mode": "presale", "ship_by": last}
        yield Step(slot * PRESALE, mode)


def opens_after(plan: SessionPlan, drop: Any) -> float | None:
    """Seconds from the plan's start until a batch opens by itself; None when it is opened by hand."""
    if drop.opens_at is None or plan.starts is None:
        return None
    return (dt.datetime.fromisoformat(drop.opens_at) - dt.datetime.fromisoformat(plan.starts)).total_seconds()


def opening_by_hand(drop: Any, rush: Sequence[Step], at: float) -> Step:
    """The batch is opened, the crowd comes, and what does not close by itself is closed."""
    close = Step(STAYS_OPEN, {"type": "drop.close", "id": f"close-{drop.name}", "drop": drop.name})
    closes = () if drop.closes_after is not None else (close,)
    return Step(at, {"type": "drop.release", "id": f"release-{drop.name}", "drop": drop.name}, (*rush, *closes))
