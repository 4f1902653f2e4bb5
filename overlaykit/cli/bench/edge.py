"""What HTTP leaves of the engine's rate: the same orders as one NDJSON body, and by the engine itself, into one room."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from overlaykit.cli.bench.figures import Figure, share
from overlaykit.cli.bench.http_load import post_bulk
from overlaykit.cli.bench.orders import PLAIN, BenchRoom, through_engine
from overlaykit.cli.bench.rooms import Target
from overlaykit.cli.bench.stores import TIMEOUT
from overlaykit.errors import NotFound
from overlaykit.model.commands import Submission
from overlaykit.model.parsing import parse
from overlaykit.runtime.embedded import running_store
from overlaykit.stock import CALL_AT_MOST, SessionDirectory, StockEngine
from overlaykit.store import connect

ORDERS = 40_000
SLICES = 4
SESSION = "bench"


class Edge:
    """A running room, and the way past HTTP into the same ledger: its director records the orders of both.

    A third way leads into a ledger on the same store that nobody records or shows.
    """

    def __init__(self, target: Target, scale: float) -> None:
        url = running_store(target.folder / "state")
        if url is None:
            raise NotFound(f"no store runs on {target.folder / 'state'}")
        self._client: Any = connect(url, timeout=TIMEOUT)
        self._target = target
        self._engine = StockEngine(self._client, SessionDirectory(self._client).get(SESSION).ledger)
        self._alone = BenchRoom(self._client)
        self._orders = max(SLICES, share(ORDERS, scale)) // SLICES
        self._number = 0

    def measure(self) -> list[Figure]:
        """A round: the ways take turns."""
        ways: dict[str, Callable[[], float]] = {
            "http": self._over_http,
            "room": self._into_room,
            "alone": self._into_own,
        }
        seconds = dict.fromkeys(ways, 0.0)
        for number in range(SLICES):
            for name in ways if number % 2 else reversed(ways):
                seconds[name] += ways[name]()
        placed = self._orders * SLICES
        return [
            Figure("HTTP bulk", placed / seconds["http"], "orders/s"),
            Figure("the engine, same room", placed / seconds["room"], "orders/s"),
            Figure("the engine, a ledger that nobody reads", placed / seconds["alone"], "orders/s"),
            Figure("HTTP bulk ÷ the engine", seconds["room"] / seconds["http"], "×"),
            Figure("HTTP bulk ÷ the engine, nobody reads", seconds["alone"] / seconds["http"], "×"),
        ]

    def close(self) -> None:
        """Ends its connection to the room's store."""
        self._client.close()

    def _over_http(self) -> float:
        return post_bulk(self._target, self._orders)

    def _into_room(self) -> float:
        return through_engine(self._engine, [self._order() for _ in range(self._orders)], CALL_AT_MOST)

    def _into_own(self) -> float:
        return through_engine(self._alone.engine, self._alone.orders(self._orders, PLAIN), CALL_AT_MOST)

    def _order(self) -> Submission:
        """What the HTTP edge makes of a line of the bulk body."""
        self._number += 1
        return parse(self._target.body.replace("{i}", f"past-{self._number}").encode(), "api:bench")
