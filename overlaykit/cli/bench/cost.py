"""Whether an order costs more where there is much: many items, or a long ledger."""

from __future__ import annotations

from overlaykit.cli.bench.figures import Figure, share
from overlaykit.cli.bench.orders import BenchRoom, fill, through_engine
from overlaykit.cli.bench.stores import BenchStore

ITEMS = 10_000
USUAL_ITEMS = 100
"""Of a room as most are: its orders, too, are of many items."""
ENTRIES = 1_000_000
BATCH = 200
ORDERS = 8_000
SLICES = 4


class Cost:
    """Four rooms on one store: one item, a usual number of items, very many, and one item with a long ledger.

    Every order is of the next item, so that each call of the many-item room loads and stores as many items as it has
    commands.
    """

    def __init__(self, store: BenchStore, scale: float) -> None:
        self._store = store
        self._orders = max(SLICES, share(ORDERS, scale))
        items, entries = share(ITEMS, scale), share(ENTRIES, scale)
        self.rooms = {
            "small": BenchRoom(store.client),
            "usual": BenchRoom(store.client, items=share(USUAL_ITEMS, scale)),
            "items": BenchRoom(store.client, items=items),
            "long": BenchRoom(store.client),
        }
        self._names = {"items": f"{items:,} items", "long": f"{entries:,} entries"}
        fill(self.rooms["long"], entries)

    def measure(self) -> list[Figure]:
        """A round: the rooms take turns."""
        seconds, cpu = dict.fromkeys(self.rooms, 0.0), dict.fromkeys(self.rooms, 0.0)
        for number in range(SLICES):
            for name in self.rooms if number % 2 else reversed(self.rooms):
                room = self.rooms[name]
                orders, before = room.orders(self._orders // SLICES), self._store.cpu()
                seconds[name] += through_engine(room.engine, orders, BATCH)
                cpu[name] += self._store.cpu() - before
        placed = self._orders // SLICES * SLICES
        many, long = self._names["items"], self._names["long"]
        return [
            Figure("server CPU, small", cpu["small"] / placed * 1e6, "µs/order", False),
            Figure(f"server CPU, {many} ÷ one item", cpu["items"] / cpu["small"], "×", False),
            Figure(
                f"server CPU, {many} ÷ {len(self.rooms['usual'].skus)} items", cpu["items"] / cpu["usual"], "×", False
            ),
            Figure(f"server CPU, {long} ÷ small", cpu["long"] / cpu["small"], "×", False),
            Figure(f"time, {many} ÷ one item", seconds["items"] / seconds["small"], "×", False),
            Figure(
                f"time, {many} ÷ {len(self.rooms['usual'].skus)} items", seconds["items"] / seconds["usual"], "×", False
            ),
            Figure(f"time, {long} ÷ small", seconds["long"] / seconds["small"], "×", False),
        ]
