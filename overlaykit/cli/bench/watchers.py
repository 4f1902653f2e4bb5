"""What those who watch a room cost its orders: desks, overlays and presenters, one and several of each.

Pages are bare sockets in a process of their own: what a browser does with a frame is no matter of the room's. What counts is the
processor that the web process uses for an order, which a machine that others use too changes least.
"""

from __future__ import annotations

import http.client
import json
import time
import urllib.request
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import NamedTuple
from urllib.parse import urlsplit

from overlaykit.cli.bench.figures import Figure, share
from overlaykit.cli.bench.pages import open_pages
from overlaykit.cli.bench.processes import cpu_seconds, room_processes
from overlaykit.cli.bench.rooms import Target, our_room
from overlaykit.errors import StateError

ITEMS = 1_000
ORDERS = 40_000
BODY = 2_000
"""Orders in one NDJSON body, each of another item."""
LET_GO_SECONDS = 30.0
"""A room that nobody watches is let go within that."""

DESK = "/ws/board?session=bench&desk=1"
OVERLAY = "/ws/overlay?session=bench&layout=number&sku=s1"
_PRESENTER = "/ws/prompt?session=bench"


class Way(NamedTuple):
    """So many pages at one address; `path` "": nobody watches, and the web process does not even follow the room."""

    name: str
    path: str
    pages: int


WAYS = (
    Way("nobody watches", "", 0),
    Way("1 desk", DESK, 1),
    Way("3 desks", DESK, 3),
    Way("1 overlay of an item", OVERLAY, 1),
    Way("30 overlays of an item", OVERLAY, 30),
    Way("1 presenter", _PRESENTER, 1),
    Way("10 presenters", _PRESENTER, 10),
)


class Cost(NamedTuple):
    """Of one way: seconds until the orders were answered, seconds of processor of the web process, bytes sent to each page."""

    seconds: float
    cpu: float
    sent: float


class Watchers:
    """A room of a thousand items, all of which sell."""

    def __init__(self, room: Target, scale: float) -> None:
        self._room = room
        self._orders = share(ORDERS, scale)
        self._web = room_processes(room)["web"]
        self._run = 0

    def measure(self) -> list[Figure]:
        """A round: each way once, with as many orders."""
        costs = {way.name: self._cost(way) for way in WAYS}
        alone = costs[WAYS[0].name]
        return [figure for name, cost in costs.items() for figure in self._figures(name, cost, alone)]

    def _figures(self, name: str, cost: Cost, alone: Cost) -> list[Figure]:
        figures = [
            Figure(f"{name}: orders", self._orders / cost.seconds, "orders/s"),
            Figure(f"{name}: web CPU", cost.cpu / self._orders * 1e6, "µs/order", False),
        ]
        if cost is not alone:
            figures += [
                Figure(f"{name}: orders ÷ nobody", alone.seconds / cost.seconds, "×"),
                Figure(f"{name}: web CPU ÷ nobody", cost.cpu / alone.cpu if alone.cpu else 0.0, "×", False),
                Figure(f"{name}: sent to each", cost.sent / cost.seconds / 1e6, "MB/s", False),
            ]
        return figures

    def _cost(self, way: Way) -> Cost:
        if not way.pages:
            self._wait_until_let_go()
            return self._sell()
        with open_pages(self._room, [f"{way.path}&token={token_of(self._room)}"] * way.pages) as taken:
            cost = self._sell()
            return cost._replace(sent=taken() / way.pages)

    def _sell(self) -> Cost:
        place = urlsplit(self._room.post)
        headers = {**self._room.headers, "Content-Type": "application/x-ndjson"}
        connection = http.client.HTTPConnection(place.hostname or "", place.port, timeout=60)
        bodies = [self._body(first) for first in range(0, self._orders, BODY)]
        accepted, began, used = 0, time.perf_counter(), cpu_seconds(self._web)
        for body in bodies:
            connection.request("POST", place.path, body=body, headers=headers)
            accepted += connection.getresponse().read().count(b'"status":"accepted"')
        took, used = time.perf_counter() - began, cpu_seconds(self._web) - used
        connection.close()
        if accepted != self._orders:
            raise StateError(f"{self._orders - accepted} of {self._orders} orders of the benchmark were not accepted")
        return Cost(took, used, 0.0)

    def _body(self, first: int) -> bytes:
        self._run += 1
        lines = []
        for number in range(first, min(first + BODY, self._orders)):
            bought = [{"sku": f"s{number * 7 % ITEMS}", "quantity": 1}]
            order = {"type": "order.reserve", "order": f"w-{self._run}-{number}", "lines": bought}
            lines.append(json.dumps(order))
        return "\n".join(lines).encode()

    def _wait_until_let_go(self) -> None:
        deadline = time.monotonic() + LET_GO_SECONDS
        while self._is_followed():
            if time.monotonic() > deadline:
                raise StateError(f"{LET_GO_SECONDS:.0f} s after its last page left, the room is still followed")
            time.sleep(0.2)

    def _is_followed(self) -> bool:
        request = urllib.request.Request(f"{self._room.url}/metrics", headers=dict(self._room.headers))
        with urllib.request.urlopen(request, timeout=10) as answer:
            return b'overlaykit_room_seq{session="bench"}' in answer.read()


def token_of(room: Target) -> str:
    """The operator's token."""
    return room.headers["Authorization"].partition(" ")[2]


@contextmanager
def watched_room(state: Path | None, items: int = ITEMS) -> Iterator[Target]:
    """The room: `items` items of a million units in two locations."""
    rows = "\n".join(
        f'[[item]]\nsku = "s{number}"\ntitle = "基准商品 {number}"\nprice = "9.90"\n'
        "opening = { hz = 1000000, gz = 1000000 }\n"
        for number in range(items)
    )
    places = "".join(f'[location.{name}]\ntitle = "{title}"\n' for name, title in (("hz", "杭州仓"), ("gz", "广州仓")))
    with our_room(state, plan=f'id = "bench"\ntitle = "Bench (synthetic)"\n{places}{rows}') as room:
        yield room
