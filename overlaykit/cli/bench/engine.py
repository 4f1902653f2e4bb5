"""The engine alone: orders a second through the script, and what an order costs the store."""

from __future__ import annotations

import json
import tempfile
import time
from collections.abc import Iterator
from contextlib import contextmanager
from itertools import count
from pathlib import Path
from typing import Any

from overlaykit.cli.bench.figures import Figure
from overlaykit.model.commands import Submission, parse
from overlaykit.model.sessions import Channel, Item, Location, SessionPlan, Threshold
from overlaykit.runtime.embedded import EmbeddedStore
from overlaykit.runtime.state import prepare_state
from overlaykit.stock import StockEngine
from overlaykit.store import connect

ORDERS = {1: 3_000, 50: 20_000, 200: 40_000}
"""Orders measured, by size of batch."""

_LEVEL = Threshold(share=0.2)
_numbers = count()

MINIMAL = """
-- The least an order can be: known id? enough left? take it, note it.
for i = 1, #ARGV, 2 do
  if redis.call('HSETNX', KEYS[2], ARGV[i], 1) == 1 then
    if tonumber(redis.call('GET', KEYS[1])) >= tonumber(ARGV[i + 1]) then redis.call('DECRBY', KEYS[1], ARGV[i + 1]) end
  end
end
redis.call('XADD', KEYS[3], '*', 'n', #ARGV / 2)
return 1
"""


@contextmanager
def store() -> Iterator[Any]:
    """A client of an embedded store with `appendfsync always`, in a folder that goes away."""
    with tempfile.TemporaryDirectory(prefix="overlaykit-bench-") as name:
        embedded = EmbeddedStore(prepare_state(Path(name)))
        embedded.start()
        client = connect(embedded.url)
        try:
            yield client
        finally:
            client.close()
            embedded.stop()


def rates(client: Any) -> list[Figure]:
    """Orders a second and the server's CPU time per order at each batch size; beside it a minimal script's CPU time."""
    ledger = f"bench-{next(_numbers)}"
    plan = SessionPlan(
        id=ledger,
        ledger=ledger,
        title="Bench (synthetic)",
        items=(Item(sku="A", title="A", opening={"default": 10**9}, low=_LEVEL, critical=_LEVEL),),
        locations=(Location(name="default", title="default"),),
        channels=(Channel(name="default", title="default"),),
    )
    engine = StockEngine(client, ledger)
    engine.plan(plan)
    engine.submit([_command({"type": "session.open"})])
    figures = []
    for batch, orders in ORDERS.items():
        commands = [_order(f"{batch}-{number}") for number in range(orders)]
        cpu, started = _cpu(client), time.perf_counter()
        for start in range(0, orders, batch):
            engine.submit(commands[start : start + batch])
        took, used = time.perf_counter() - started, _cpu(client) - cpu
        figures.append(Figure(f"batches of {batch}", orders / took, "orders/s"))
        if batch > 1:
            minimal = _minimal_cpu(client, orders, batch)
            figures.append(Figure(f"server CPU, batches of {batch}", used / orders * 1e6, "µs/order", False))
            figures.append(Figure(f"the same ÷ a minimal script, {batch}", used / orders / minimal, "×", False))
    return figures


def _minimal_cpu(client: Any, orders: int, batch: int) -> float:
    """Seconds of server CPU per order of the minimal script."""
    name = f"minimal-{next(_numbers)}"
    keys = [f"{{{name}}}:units", f"{{{name}}}:ids", f"{{{name}}}:entries"]
    client.set(keys[0], 10**9)
    script = client.script_load(MINIMAL)
    before = _cpu(client)
    for start in range(0, orders, batch):
        args = [part for number in range(start, start + batch) for part in (f"c-{number}", "1")]
        client.evalsha(script, 3, *keys, *args)
    used = _cpu(client) - before
    client.delete(*keys)
    return used / orders


def _cpu(client: Any) -> float:
    found = client.info("cpu")
    return float(found["used_cpu_user"] + found["used_cpu_sys"])


def _order(name: str) -> Submission:
    lines = [{"sku": "A", "quantity": 1}]
    return _command(
        {"type": "order.reserve", "id": f"c-{name}", "order": f"o-{name}", "buyer": f"b-{name}", "lines": lines}
    )


def _command(fields: dict[str, Any]) -> Submission:
    return parse(json.dumps(fields).encode(), "api:bench")
