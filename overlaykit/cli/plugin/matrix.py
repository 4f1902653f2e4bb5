"""What each connector can do, as a table for a README."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from overlaykit.model.connectors import Capability, Connector

WORDS = {
    Capability.ORDERS: ("收单", "orders by message"),
    Capability.ORDERS_POLL: ("查单", "orders by asking"),
    Capability.PUSH_STOCK: ("推库存", "stock pushed"),
    Capability.STOCK_LEVELS: ("读库存", "stock read"),
    Capability.CHAT_READ: ("读弹幕", "chat read"),
    Capability.CHAT_SEND: ("发弹幕", "chat written"),
    Capability.COUPON: ("发券", "coupons"),
    Capability.NOTIFY: ("通知", "alerts"),
}
"""Capability → what operators call it."""


def abilities(connector: type[Connector[Any]]) -> str:
    """What it can do, in words."""
    can = [f"{zh} {en}" for capability, (zh, en) in WORDS.items() if capability in connector.capabilities]
    return ", ".join(can) or "nothing 什么也不做"


def capability_matrix(connectors: Mapping[str, type[Connector[Any]]]) -> str:
    """A Markdown table: a row for each connector, by name."""
    head = ["connector", *(f"{zh} {en}" for zh, en in WORDS.values()), "permission", "tested against"]
    rows = [head, ["---", *(":-:" for _ in WORDS), "---", "---"]]
    for name, connector in sorted(connectors.items()):
        marks = ["✓" if capability in connector.capabilities else "" for capability in WORDS]
        title = f"`{name}` {connector.title}".strip()
        rows.append([title, *marks, connector.needs or "none", connector.tested or "nothing"])
    return "".join("| " + " | ".join(cell.replace("|", "/") for cell in row) + " |\n" for row in rows)
