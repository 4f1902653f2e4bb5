"""The engine alone: η, orders a second, and what an order costs the store."""

from __future__ import annotations

from collections.abc import Callable

from overlaykit.cli.bench.blast import blast, encode_wire
from overlaykit.cli.bench.figures import Figure, share
from overlaykit.cli.bench.minimal import run_minimal
from overlaykit.cli.bench.orders import FULL, PLAIN, BenchRoom, Shape, one_by_one, through_engine
from overlaykit.cli.bench.stores import BenchStore

ALONE = 3_000
"""Orders measured one by one."""
ORDERS = {50: 20_000, 200: 40_000}
"""Orders measured in each way, by size of batch."""
SLICES = 5
"""The ways take turns so often in a round: what disturbs the machine for a while then disturbs each of them."""


class _Way:
    """One way to place orders; `run` places some and gives the seconds it took."""

    def __init__(self, store: BenchStore, run: Callable[[int], float]) -> None:
        self._store, self._run = store, run
        self._orders, self._seconds, self._cpu = 0, 0.0, 0.0

    def place(self, orders: int) -> None:
        before = self._store.cpu()
        self._seconds += self._run(orders)
        self._cpu += self._store.cpu() - before
        self._orders += orders

    @property
    def rate(self) -> float:
        """Orders a second."""
        return self._orders / self._seconds

    @property
    def cpu(self) -> float:
        """Microseconds of server CPU per order."""
        return self._cpu / self._orders * 1e6


def measure(store: BenchStore, scale: float) -> list[Figure]:
    """A round, on a ledger of its own."""
    room = BenchRoom(store.client)
    alone = room.orders(share(ALONE, scale))
    figures = [Figure("one by one", len(alone) / one_by_one(room.engine, alone), "orders/s")]
    for batch, orders in ORDERS.items():
        figures += _batches(store, room, batch, share(orders, scale))
    store.forget(room.keys)
    return figures


def _batches(store: BenchStore, room: BenchRoom, batch: int, orders: int) -> list[Figure]:
    """Engine, bare socket and minimal script by turns, in batches of one size."""

    def engine(shape: Shape) -> Callable[[int], float]:
        return lambda orders: through_engine(room.engine, room.orders(orders, shape), batch)

    def over_socket(orders: int) -> float:
        return blast(store.url, encode_wire(room.engine, room.orders(orders), batch), batch, orders)

    full, plain = _Way(store, engine(FULL)), _Way(store, engine(PLAIN))
    bare, least = _Way(store, over_socket), _Way(store, lambda orders: run_minimal(store, orders, batch))
    ways = [full, bare, plain, least]
    for number in range(SLICES):
        for way in ways if number % 2 else reversed(ways):
            way.place(max(1, orders // SLICES))
    return [
        Figure(f"full orders, batches of {batch}", full.rate, "orders/s"),
        Figure(f"the same calls over a bare socket, {batch}", bare.rate, "orders/s"),
        Figure(f"η, batches of {batch}", full.rate / bare.rate, "×"),
        Figure(f"plain orders, batches of {batch}", plain.rate, "orders/s"),
        Figure(f"server CPU, full, batches of {batch}", full.cpu, "µs/order", False),
        Figure(f"server CPU, plain, batches of {batch}", plain.cpu, "µs/order", False),
        Figure(f"server CPU, minimal script, {batch}", least.cpu, "µs/order", False),
        Figure(f"full ÷ minimal, batches of {batch}", full.cpu / least.cpu, "×", False),
        Figure(f"plain ÷ minimal, batches of {batch}", plain.cpu / least.cpu, "×", False),
    ]
