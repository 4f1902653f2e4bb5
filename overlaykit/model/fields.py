"""What fields of commands may hold: bounds of texts, numbers and times, and the lines of orders.

Quantities of orders are 1 … 10⁹, of counts 0 … 10⁹, deltas non-zero within ±10⁹. Times are RFC 3339 with an offset.
"""

from __future__ import annotations

import datetime as dt
from typing import Annotated

from msgspec import Meta, Struct

MAX_LINES = 200
"""Lines in one order."""

Id = Annotated[str, Meta(min_length=1, max_length=128)]
AlertId = Annotated[str, Meta(min_length=1, max_length=300)]
"""An alert: oversold:SKU, source:NAME … as the board names them."""
Name = Annotated[str, Meta(min_length=1, max_length=64)]
Quantity = Annotated[int, Meta(ge=1, le=1_000_000_000)]
Reading = Annotated[int, Meta(ge=0, le=1_000_000_000)]
Delta = Annotated[int, Meta(ge=-1_000_000_000, le=1_000_000_000)]
PlatformSku = Annotated[str, Meta(min_length=1, max_length=128)]
"""What a platform or its shop calls something it sells."""
Connected = Annotated[str, Meta(pattern=r"^(channel|source|notifier)\.[\s\S]{1,64}(?![\s\S])")]
"""A section of the plan with a connector: channel.douyin."""
Money = Annotated[str, Meta(pattern=r"^[0-9]{1,12}(\.[0-9]{1,4})?(?![\s\S])")]
Currency = Annotated[str, Meta(pattern=r"^[A-Z]{3}(?![\s\S])")]
Reason = Annotated[str, Meta(min_length=1, max_length=500)]
MOST_TEXT = 500
"""Characters of a banner, or of a note for the presenter."""
Text = Annotated[str, Meta(min_length=1, max_length=MOST_TEXT)]
Fraction = Annotated[float, Meta(ge=0, le=1)]
Seconds = Annotated[float, Meta(ge=0.001, le=7 * 86_400)]
Longer = Annotated[float, Meta(ge=-7 * 86_400, le=7 * 86_400)]
"""Seconds by which a deadline comes later; below 0 it comes sooner."""
Quiet = Annotated[float, Meta(ge=1, le=86_400)]
Day = Annotated[str, Meta(pattern=r"^20[0-9]{2}-(0[1-9]|1[0-2])-(0[1-9]|[12][0-9]|3[01])(?![\s\S])")]
Link = Annotated[int, Meta(ge=1, le=9999)]
Seq = Annotated[int, Meta(ge=1, le=10**15)]
Place = Annotated[str, Meta(pattern=r"^(available|buffer|incoming|damaged|location:[\s\S]{1,64})(?![\s\S])")]
Moment = Annotated[dt.datetime, Meta(tz=True)]
Option = (
    Annotated[str, Meta(max_length=4000)]
    | Annotated[int, Meta(ge=-(10**12), le=10**12)]
    | Annotated[float, Meta(ge=-1e12, le=1e12)]
    | bool
)


class Line(Struct, frozen=True, omit_defaults=True, forbid_unknown_fields=True):
    """One line of an order. Without `location` the plan's order of locations is tried, or those that serve `region`."""

    sku: Name
    quantity: Quantity
    location: Name | None = None
    region: Name | None = None
    drop: Name | None = None
    unit_price: Money | None = None
    currency: Currency | None = None


class Part(Struct, frozen=True, forbid_unknown_fields=True):
    """Some units of an order; `sku` as ordered, or a component of an ordered bundle."""

    sku: Name
    quantity: Quantity


Parts = Annotated[tuple[Part, ...], Meta(min_length=1, max_length=MAX_LINES)]
Lines = Annotated[tuple[Line, ...], Meta(min_length=1, max_length=MAX_LINES)]
