"""What an entry is about, by its type: what a log is filtered by."""

from __future__ import annotations

from collections.abc import Mapping
from types import MappingProxyType
from typing import Literal, get_args

Kind = Literal["orders", "stock", "items", "screen", "rules", "obs", "connectors", "session"]
KINDS: tuple[Kind, ...] = get_args(Kind)

_OF_TYPE: Mapping[str, Kind] = MappingProxyType(
    {
        "hold.expired": "orders",
        "order.unmapped": "connectors",
        "oversold.covered": "stock",
        "allotment.moved": "stock",
        "stock.pushed": "connectors",
        "forecast.updated": "items",
        "chat.heard": "connectors",
        "overlay.refresh": "screen",
        "orders.retired": "session",
    }
)
"""Types that are about something else than their family."""
_OF_FAMILY: Mapping[str, Kind] = MappingProxyType(
    {
        "order": "orders",
        "stock": "stock",
        "allotment": "stock",
        "drop": "stock",
        "item": "items",
        "countdown": "screen",
        "announce": "screen",
        "note": "screen",
        "overlay": "screen",
        "rule": "rules",
        "button": "rules",
        "emergency": "rules",
        "task": "rules",
        "alert": "rules",
        "action": "rules",
        "obs": "obs",
        "connector": "connectors",
        "quarantine": "connectors",
        "source": "connectors",
    }
)


def kind_of(type: str) -> Kind:
    """The kind of an entry of this type; of what no family claims, `session`."""
    return _OF_TYPE.get(type) or _OF_FAMILY.get(type.partition(".")[0], "session")
