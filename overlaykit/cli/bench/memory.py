"""Bytes of the store's memory that an order takes, with its ledger entry and once that has been trimmed."""

from __future__ import annotations

from overlaykit.cli.bench.figures import Figure, share
from overlaykit.cli.bench.orders import FULL, PLAIN, BenchRoom, Shape, fill
from overlaykit.cli.bench.stores import BenchStore
from overlaykit.stock import ledger_stream_key

ORDERS = 200_000


def measure(store: BenchStore, scale: float) -> list[Figure]:
    """A round. Each order has a new buyer whose units are counted, which is the most that an order can take."""
    return [figure for shape in (FULL, PLAIN) for figure in _of(store, shape, share(ORDERS, scale))]


def _of(store: BenchStore, shape: Shape, orders: int) -> list[Figure]:
    room = BenchRoom(store.client)
    before = store.memory()
    fill(room, orders, shape)
    whole = store.memory()
    store.client.execute_command("XTRIM", ledger_stream_key(room.engine.ledger), "MAXLEN", "0")
    trimmed = store.memory()
    store.forget(room.keys)
    return [
        Figure(f"{shape.name} order, with its entry", (whole - before) / orders, "bytes", False),
        Figure(f"{shape.name} order, ledger trimmed", (trimmed - before) / orders, "bytes", False),
    ]
