"""How much slower orders become while processes read the ledger."""

from __future__ import annotations

import json
import subprocess
import sys
from collections.abc import Callable, Iterator
from contextlib import contextmanager

from overlaykit.cli.bench.figures import Figure, share
from overlaykit.cli.bench.orders import BenchRoom, one_by_one, through_engine
from overlaykit.cli.bench.stores import BenchStore
from overlaykit.errors import StateError
from overlaykit.stock import SessionDirectory

READERS = 3
BATCH = 200
ORDERS = {1: 4_000, BATCH: 40_000}
"""Orders with readers, and as many without, by size of batch."""
SLICES = 4
_PROGRAM = "from gevent import monkey; monkey.patch_all(); from overlaykit.cli.bench.follower import main; raise SystemExit(main())"


class Readers:
    """Processes that follow a ledger as web processes do, when told to."""

    def __init__(self, processes: list[subprocess.Popen[str]]) -> None:
        self._processes = processes

    def attach(self) -> None:
        """Returns when each has loaded the state and reads on."""
        self._tell("attach")

    def detach(self) -> list[int]:
        """Lets each read to the end; gives how many entries each has read since it attached."""
        return [int(said) for said in self._tell("detach")]

    def _tell(self, word: str) -> list[str]:
        for process in self._processes:
            _write(process, word)
        return [_answer(process) for process in self._processes]


@contextmanager
def readers(store: BenchStore, ledger: str, number: int = READERS) -> Iterator[Readers]:
    """Starts them, not yet attached; ends them afterwards. The ledger has to be known as a session of the same name."""
    order = json.dumps({"url": store.url, "ledger": ledger, "folder": str(store.folder)})
    processes: list[subprocess.Popen[str]] = []
    try:
        for _ in range(number):
            command = [sys.executable, "-c", _PROGRAM]
            processes.append(subprocess.Popen(command, stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True))
            _write(processes[-1], order)
        for process in processes:
            _answer(process)
        yield Readers(processes)
    finally:
        for process in processes:
            process.kill()
            process.communicate()


def measure(store: BenchStore, scale: float) -> list[Figure]:
    """A round, on a ledger of its own: orders with and without readers, by turns."""
    room = BenchRoom(store.client)
    directory = SessionDirectory(store.client)
    directory.add(room.engine.ledger, room.engine.ledger)
    figures = []
    with readers(store, room.engine.ledger) as attached:
        for batch, orders in ORDERS.items():
            figures += _slowed(room, attached, batch, share(orders, scale))
    store.forget(room.keys)
    return figures


def _slowed(room: BenchRoom, attached: Readers, batch: int, orders: int) -> list[Figure]:
    part = max(1, orders // SLICES)

    def place() -> float:
        submissions = room.orders(part)
        return one_by_one(room.engine, submissions) if batch == 1 else through_engine(room.engine, submissions, batch)

    def place_read() -> float:
        attached.attach()
        took = place()
        for read in attached.detach():
            if read != part:
                raise StateError(f"a reader read {read} entries instead of {part}: it was not there all the while")
        return took

    alone = read = 0.0
    for number in range(SLICES):
        ways: list[Callable[[], float]] = [place, place_read]
        for way in ways if number % 2 else reversed(ways):
            if way is place:
                alone += way()
            else:
                read += way()
    what = "one by one" if batch == 1 else f"batches of {batch}"
    return [
        Figure(f"{what}, nobody reads", part * SLICES / alone, "orders/s"),
        Figure(f"{what}, {READERS} readers", part * SLICES / read, "orders/s"),
        Figure(f"{what}, lost to the readers", (1 - alone / read) * 100, "% of orders/s", False),
    ]


def _write(process: subprocess.Popen[str], line: str) -> None:
    assert process.stdin is not None
    process.stdin.write(line + "\n")
    process.stdin.flush()


def _answer(process: subprocess.Popen[str]) -> str:
    assert process.stdout is not None
    said = process.stdout.readline().strip()
    if not said or said == "it fell behind":
        raise StateError(f"a reader of the benchmark {said or 'ended'}")
    return said
