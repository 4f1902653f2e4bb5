"""A store of the benchmark's own, and what it says of itself."""

from __future__ import annotations

import tempfile
import time
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path
from typing import Any

from overlaykit.runtime.embedded import EmbeddedStore
from overlaykit.runtime.state import prepare_state
from overlaykit.store import connect

TIMEOUT = 60.0
SETTLED = 0.001
"""Memory has settled once two looks differ by less than this share …"""
LOOKS, LOOK_EVERY = 40, 0.25
"""… or after so many looks, so many seconds apart."""


class BenchStore:
    """An embedded store with `appendfsync always`, as rooms have it.

    url      how to reach it, password included
    client   for what is measured
    folder   its state folder, on the disk under measurement
    """

    def __init__(self, url: str, client: Any, folder: Path) -> None:
        self.url, self.client, self.folder = url, client, folder

    def cpu(self) -> float:
        """Seconds of CPU time that the server has used, all its threads together."""
        found = self.client.info("cpu")
        return float(found["used_cpu_user"] + found["used_cpu_sys"])

    def memory(self) -> int:
        """Bytes in use for data: without what clients' buffers and the unwritten end of the AOF take, once it has settled
        (a table that grows exists twice until the server has moved it)."""
        before = self._memory()
        for _ in range(LOOKS):
            time.sleep(LOOK_EVERY)
            after = self._memory()
            if abs(after - before) <= SETTLED * before:
                return after
            before = after
        return before

    def _memory(self) -> int:
        found = self.client.info("memory")
        return int(found["used_memory"]) - int(found["mem_clients_normal"]) - int(found["mem_aof_buffer"])

    def forget(self, keys: Sequence[str]) -> None:
        """Drops keys, and writes the AOF anew, so that the next round begins as the first did."""
        self.client.unlink(*keys)
        self.client.execute_command("BGREWRITEAOF")
        while self._rewriting():
            time.sleep(0.02)

    def _rewriting(self) -> bool:
        found = self.client.info("persistence")
        return bool(found["aof_rewrite_in_progress"] or found["aof_rewrite_scheduled"])


@contextmanager
def bench_store(parent: Path | None = None) -> Iterator[BenchStore]:
    """A store in a new folder under `parent`, or where temporary files go; both are gone afterwards.

    Its AOF is never rewritten in the middle of a measurement: that would hit one of two that are compared.
    """
    with tempfile.TemporaryDirectory(prefix="overlaykit-bench-", dir=parent) as name:
        state = prepare_state(Path(name))
        embedded = EmbeddedStore(state)
        embedded.start()
        client: Any = connect(embedded.url, timeout=TIMEOUT)
        try:
            client.execute_command("CONFIG", "SET", "auto-aof-rewrite-percentage", "0")
            yield BenchStore(embedded.url, client, state)
        finally:
            client.close()
            embedded.stop()
