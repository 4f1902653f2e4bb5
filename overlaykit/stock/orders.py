"""Orders as the store keeps them: flat msgpack lists, as lua/orders.lua says. No I/O."""

from __future__ import annotations

from typing import Any, NamedTuple

import msgspec

SKU, ASKED, LOCATION, REGION, DEBT, DEBT_SEQ, RETURNED, DROP, COUNTED, COUNTED_BY_DROP, LIMITED, BUNDLE = range(12)
"""Of a line; then its pieces, four values each."""
PIECES, PIECE = 12, 4
_, OPEN, PRESOLD, SHIPPED = range(4)
"""Of a piece: units still open (held or committed, as the order is), presold, shipped."""
_FIRST_LINE = 7


class Order(NamedTuple):
    """An order. `expires` in ms, 0 without a hold; `at` the second of its last change; `bundles` lists sku, asked, returned …
    of those it ordered as such."""

    state: str
    channel: str
    buyer: str
    expires: int
    at: int
    bundles: list[list[Any]]
    lines: list[list[Any]]


_decode = msgspec.msgpack.Decoder(list[Any]).decode


def unpack_order(packed: bytes) -> Order:
    """An order as the hash of orders holds it."""
    flat = _decode(packed)
    state, channel, buyer, expires, at, _, bundles = flat[:_FIRST_LINE]
    lines: list[list[Any]] = []
    start = _FIRST_LINE
    while start < len(flat):
        following = start + 1 + flat[start]
        lines.append(flat[start + 1 : following])
        start = following
    return Order(state, channel, buyer, expires, at, bundles or [], lines)


def pieces(line: list[Any]) -> list[list[Any]]:
    """A line's pieces: place, open, presold and shipped units each."""
    return [line[at : at + PIECE] for at in range(PIECES, len(line), PIECE)]


def is_finished(order: Order) -> bool:
    """Whether nothing of an order can change by itself any more: released, expired, or shipped whole."""
    if order.state in ("released", "expired", "early"):
        return True
    return order.state == "committed" and not any(
        line[DEBT] or any(piece[OPEN] or piece[PRESOLD] for piece in pieces(line)) for line in order.lines
    )


def waits(order: Order) -> bool:
    """Whether units that arrive would go to it: it is owed some, or has bought incoming ones."""
    return any(line[DEBT] or any(piece[PRESOLD] for piece in pieces(line)) for line in order.lines)


def counts(order: Order) -> bool:
    """Whether it has units."""
    return order.state in ("held", "committed")
