"""How fast the recorder takes ledger lines to disk: chain, file, and a sync for each write, as in production."""

from __future__ import annotations

import shutil
import time
from pathlib import Path

from overlaykit.cli.bench.figures import Figure, share
from overlaykit.cli.bench.orders import BenchRoom, fill
from overlaykit.cli.bench.stores import BenchStore
from overlaykit.recording import Recorder, SigningKey

ENTRIES = 100_000
PAGE = 5_000
WRITES = (1_000, 10_000)
"""Lines in one write. A director writes every 0.2 s whatever has come: 10,000 at 50,000 entries a second."""


class Recording:
    """Real lines of a real ledger, written again and again."""

    def __init__(self, store: BenchStore, scale: float) -> None:
        room = BenchRoom(store.client)
        fill(room, share(ENTRIES, scale))
        self._lines: list[bytes] = []
        while page := room.engine.read(len(self._lines), count=PAGE):
            self._lines += [line for _, line in page]
        store.forget(room.keys)
        self._folder = store.folder / "recording"
        self._key = SigningKey.of_state_folder(store.folder)

    def measure(self) -> list[Figure]:
        """A round: all lines by each size of write, in a new recording each time, the signed head included."""
        return [
            Figure(
                f"recorded, {lines:,} lines a write", len(self._lines) / self._record(self._folder, lines), "entries/s"
            )
            for lines in WRITES
        ]

    def _record(self, folder: Path, at_once: int) -> float:
        recorder = Recorder(folder, self._key)
        started = time.perf_counter()
        for start in range(0, len(self._lines), at_once):
            recorder.write(self._lines[start : start + at_once])
        recorder.close()
        took = time.perf_counter() - started
        shutil.rmtree(folder)
        return took
