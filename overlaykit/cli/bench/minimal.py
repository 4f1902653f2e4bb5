"""The least an order can be: what the server spends on it is the measure for what the engine's script spends."""

from __future__ import annotations

import time
from itertools import count

from overlaykit.cli.bench.orders import AHEAD
from overlaykit.cli.bench.stores import BenchStore
from overlaykit.store import Lane

SCRIPT = """
-- Known id? Enough left? Take it, note it.
for i = 1, #ARGV, 2 do
  if redis.call('HSETNX', KEYS[2], ARGV[i], 1) == 1 then
    if tonumber(redis.call('GET', KEYS[1])) >= tonumber(ARGV[i + 1]) then redis.call('DECRBY', KEYS[1], ARGV[i + 1]) end
  end
end
redis.call('XADD', KEYS[3], '*', 'n', #ARGV / 2)
return 1
"""

_numbers = count()


def run_minimal(store: BenchStore, orders: int, batch: int) -> float:
    """Seconds that `orders` of the minimal script take in batches of `batch`, sent ahead of their answers as the engine's."""
    name = f"minimal-{next(_numbers)}"
    keys = [f"{{{name}}}:units", f"{{{name}}}:ids", f"{{{name}}}:entries"]
    store.client.set(keys[0], 10**9)
    sha = store.client.script_load(SCRIPT)
    lane = Lane(store.client, keys[0])
    try:
        started = time.perf_counter()
        for start in range(0, orders, batch):
            args = [part for number in range(start, min(orders, start + batch)) for part in (f"c-{number:09}", "1")]
            lane.send("EVALSHA", sha, len(keys), *keys, *args)
            if lane.waiting >= AHEAD:
                lane.receive()
        while lane.waiting:
            lane.receive()
        took = time.perf_counter() - started
    finally:
        lane.close()
    store.client.unlink(*keys)
    return took
