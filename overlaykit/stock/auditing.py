"""Reads a ledger's numbers for an audit, without stopping anybody: orders a slice at a time, and then again those that changed
meanwhile. Writes nothing.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator
from typing import Any, NamedTuple

import msgspec

from overlaykit.model.entries import Entry, time_of
from overlaykit.model.state import State
from overlaykit.stock import orders as o
from overlaykit.stock.audit import OrderSums
from overlaykit.stock.engine import StockEngine
from overlaykit.stock.keys import head_key, ledger_stream_key, orders_key, script_keys
from overlaykit.store import answers, tail_read
from overlaykit.store.routing import StoreClient

SLICE = 1000
"""Orders in one read."""
PAGE = 2000
"""Entries in one read."""
ROUNDS = 20
"""How often orders that changed are read again, until nothing changes meanwhile."""
LOOK_BACK = 200_000
"""Entries among which the last change of a number is looked for."""
SAMPLES = 200
"""Members of a key that the store measures to say how big it is."""
WINDOW = 60.0
"""Seconds over which the pace is measured."""

Progress = Callable[[int, int], None]
_entry = msgspec.json.Decoder(Entry)


class Summed(NamedTuple):
    """Orders summed up, and the state that they belong to.

    moving   skus that changed in the very moment, so that nothing can be said of them
    retired  whether orders have left the store
    """

    sums: OrderSums
    state: State
    moving: frozenset[str]
    retired: bool


class Touch(NamedTuple):
    """An entry that changed a number."""

    seq: int
    type: str
    id: str

    def __str__(self) -> str:
        return f"entry {self.seq} ({self.type}, id {self.id})"


class Figures(NamedTuple):
    """What a ledger takes, bytes, and how it grows. None where nothing can be said yet.

    bytes_per_order   all that the ledger takes, by the orders it holds
    entries_per_second   in the last minute
    memory_left       until the store's limit, or else the memory of its machine
    hours_left        until that is full, at this pace, if nothing is given back
    """

    bytes: int
    orders: int
    entries: int
    bytes_per_order: float | None
    entries_per_second: float
    memory_left: int
    hours_left: float | None


class _Data(msgspec.Struct):
    order: str | None = None
    orders: list[str] = []


def touched_by(line: bytes) -> tuple[Touch, set[str], set[str]]:
    """A ledger line: what it is, and the skus and orders that it names as changed."""
    entry = _entry.decode(line)
    data = msgspec.json.decode(entry.data, type=_Data) if b'"order' in bytes(entry.data) else _Data()
    skus = {*entry.outcome.stock, *entry.outcome.owed, *entry.outcome.quotas, *entry.outcome.bundles}
    return Touch(entry.seq, entry.type, entry.id), skus, {*data.orders, *filter(None, [data.order])}


def last_touch(lines: Iterable[bytes], sku: str, place: str) -> Touch | None:
    """The first of `lines` that changed the row of the item at the place, or the item where `place` is ""."""
    name = msgspec.json.encode(sku)
    for line in lines:
        if name in line:
            touch, skus, _ = touched_by(line)
            if sku in skus and (not place or place in _entry.decode(line).outcome.stock.get(sku, {})):
                return touch
    return None


class Auditor:
    """For one ledger. Raises StoreAway and NotFound throughout."""

    def __init__(self, client: StoreClient, ledger: str) -> None:
        self.ledger = ledger
        self._client: Any = client  # redis-py types each answer as the union of all protocols' answers
        self._engine = StockEngine(client, ledger)
        self._stream = ledger_stream_key(ledger)

    def state(self) -> State:
        """The state now."""
        return self._engine.state()

    def lines(self, after: int, last: int) -> Iterator[bytes]:
        """The ledger lines after a seq, up to and with `last`; those that are trimmed are left out."""
        while after < last and (page := tail_read(self._client, self._stream, after, count=min(PAGE, last - after))):
            yield from (line for seq, line in page if seq <= last)
            after = page[-1][0]

    def lines_back(self, last: int) -> Iterator[bytes]:
        """Ledger lines from `last` back, LOOK_BACK at the most."""
        for start in range(last, max(0, last - LOOK_BACK), -PAGE):
            page = tail_read(self._client, self._stream, max(0, start - PAGE), count=min(PAGE, start))
            yield from (line for _, line in reversed(page))
            if not page:
                return

    def problems_of_ledger(self) -> list[str]:
        """Whether the ledger ends where its counter stands, and with the entry of that number."""
        with answers():
            node = self._client.node_for(head_key(self.ledger))
            pipe = node.pipeline(transaction=True)
            pipe.hget(head_key(self.ledger), "seq")
            pipe.xrevrange(self._stream, count=1)
            seq, last = pipe.execute()
        if seq is None or not last:
            return [f"the ledger is empty, and its counter stands at {int(seq or 0)}"]
        id, fields = last[0]
        found = touched_by(fields[b"e"])[0].seq
        if id != b"%d-0" % int(seq) or found != int(seq):
            return [f"the ledger ends with entry {found}, and its counter stands at {int(seq)}"]
        return []

    def sum_orders(self, progress: Progress | None = None) -> Summed:
        """Reads all orders, SLICE at a time."""
        with answers():
            total = self._client.hlen(orders_key(self.ledger))
        before = self.state().seq
        reading = _Reading(self._client, self.ledger)
        cursor, done = 0, 0
        while True:
            with answers():
                cursor, found = self._client.hscan(orders_key(self.ledger), cursor, count=SLICE)
            reading.put(found)
            done += len(found)
            if progress:
                progress(min(done, total), total)
            if not int(cursor):
                break
        state = self.state()
        for _ in range(ROUNDS):
            names, moving = reading.changed_by(self.lines(before, state.seq))
            if before == state.seq:
                break
            before = state.seq
            reading.read(names)
            state = self.state()
        else:
            _, moving = reading.changed_by(self.lines(before, state.seq))
        with answers():
            retired = int(self._client.hget(head_key(self.ledger), "retired") or 0) > 0
        return Summed(reading.sums, state, frozenset(moving), retired)

    def figures(self) -> Figures:
        """What the ledger takes, and how long the memory lasts."""
        keys = script_keys(self.ledger)
        with answers():
            node = self._client.node_for(keys[0])
            sizes = {key: node.memory_usage(key, samples=SAMPLES) or 0 for key in keys}
            orders = self._client.hlen(orders_key(self.ledger))
            entries = self._client.xlen(self._stream)
            seq = int(self._client.hget(head_key(self.ledger), "seq") or 0)
            memory = node.info("memory")
            seconds, _ = node.time()
        in_all = sum(sizes.values())
        pace = self._pace(seq, seconds)
        limit = int(memory.get("maxmemory") or 0) or int(memory.get("total_system_memory") or 0)
        left = max(0, limit - int(memory["used_memory"]))
        grows = sizes[self._stream] / max(1, entries) + (in_all - sizes[self._stream]) / max(1, seq)
        return Figures(
            bytes=in_all,
            orders=orders,
            entries=entries,
            bytes_per_order=in_all / orders if orders else None,
            entries_per_second=pace,
            memory_left=left,
            hours_left=left / (grows * pace) / 3600 if pace > 0 else None,
        )

    def _pace(self, seq: int, now: int) -> float:
        times = [time_of(line) / 1000 for line in self.lines(max(0, seq - 5000), seq)]
        recent = [at for at in times if now - at <= WINDOW]
        if not recent:
            return 0.0
        whole = len(recent) < len(times) or len(times) < 5000
        return len(recent) / (WINDOW if whole else max(1.0, now - recent[0]))


class _Reading:
    """Orders read so far. What they add to the sums is kept, so that it can be taken off again."""

    def __init__(self, client: Any, ledger: str) -> None:
        self._client, self._key = client, orders_key(ledger)
        self._counted: dict[bytes, bytes] = {}
        self.sums = OrderSums()

    def put(self, found: dict[bytes, bytes]) -> None:
        for name, packed in found.items():
            self._take_off(name)
            order = o.unpack_order(packed)
            if o.counts(order):
                self._counted[name] = packed
                self.sums.add(order)

    def read(self, names: set[bytes]) -> None:
        wanted = list(names)
        for start in range(0, len(wanted), SLICE):
            part = wanted[start : start + SLICE]
            with answers():
                values = self._client.hmget(self._key, part)
            for name in part:
                self._take_off(name)
            self.put({name: packed for name, packed in zip(part, values, strict=True) if packed is not None})

    def changed_by(self, lines: Iterable[bytes]) -> tuple[set[bytes], set[str]]:
        """The orders that these entries changed, and the skus. Incoming units that arrive change orders without naming them."""
        names: set[bytes] = set()
        moved: set[str] = set()
        arrived = False
        for line in lines:
            touch, skus, orders = touched_by(line)
            names |= {order.encode() for order in orders}
            moved |= skus
            arrived = arrived or touch.type.startswith("stock.")
        if arrived:
            names |= {name for name, packed in self._counted.items() if o.waits(o.unpack_order(packed))}
        return names, moved

    def _take_off(self, name: bytes) -> None:
        packed = self._counted.pop(name, None)
        if packed is not None:
            self.sums.add(o.unpack_order(packed), -1)
