"""What connectors tell of their platforms: chat messages and stock readings. Pure data.

Plugin authors find these names in `overlaykit.api`.
"""

from __future__ import annotations

import datetime as dt
from typing import Literal

from msgspec import Struct


class ChatMessage(Struct, frozen=True, kw_only=True):
    """What a viewer wrote.

    id      the platform's own id of it, the same when it is delivered again
    author  the name that the platform shows
    at      when it was written, with an offset; None where the platform does not say
    """

    id: str
    author: str
    text: str
    at: dt.datetime | None = None


class StockLevelObserved(Struct, frozen=True, kw_only=True):
    """An absolute reading of one sku at one location, as the plan names both.

    location              None where the plan has one location
    basis                 on_hand: all that is in the warehouse; available: what may still be sold
    includes_open_orders  (basis on_hand) whether units of orders that are not shipped yet were counted too
    observed_at           when it was true, with an offset; None: when it was asked for
    """

    sku: str
    quantity: int
    location: str | None = None
    basis: Literal["on_hand", "available"] = "on_hand"
    includes_open_orders: bool = True
    observed_at: dt.datetime | None = None
