"""A made-up warehouse that says what it has: as a CSV file, as JSON over HTTP, in a database file. All of it is synthetic."""

from __future__ import annotations

import csv
import hashlib
import io
import os
import sqlite3
import time
from contextlib import closing
from pathlib import Path

from overlaykit.api import Reply
from overlaykit.testing import Call, FakePlatform

PAGE = 100


class FakeWarehouse(FakePlatform):
    """`/stock.csv` and `/stock.json` over HTTP; `write_csv` and `write_database` into files.

    levels   sku → units
    changed  sku → when it changed last, ms since 1970
    """

    def __init__(self) -> None:
        super().__init__()
        self.levels: dict[str, int] = {}
        self.changed: dict[str, int] = {}

    def count(self, sku: str, units: int) -> None:
        """So many are there now."""
        if self.levels.get(sku) != units:
            self.levels[sku], self.changed[sku] = units, time.time_ns() // 1_000_000

    def csv(self) -> bytes:
        text = io.StringIO(newline="")
        writer = csv.writer(text)
        writer.writerow(["商品编码", "库存数量"])
        writer.writerows(self.levels.items())
        return text.getvalue().encode()

    def write_csv(self, path: Path) -> None:
        """All at once: under another name, then renamed."""
        part = path.with_suffix(".part")
        part.write_bytes(self.csv())
        os.replace(part, path)

    def write_database(self, path: Path) -> None:
        """A table `stock` with sku, quantity, updated_at (ms)."""
        with closing(sqlite3.connect(path)) as database, database:
            database.execute("CREATE TABLE IF NOT EXISTS stock (sku TEXT PRIMARY KEY, quantity INT, updated_at INT)")
            rows = [(sku, units, self.changed[sku]) for sku, units in self.levels.items()]
            database.executemany("INSERT OR REPLACE INTO stock VALUES (?, ?, ?)", rows)

    def answer(self, call: Call) -> Reply:
        if call.path == "/stock.csv":
            tag = f'"{hashlib.sha256(self.csv()).hexdigest()[:16]}"'
            if call.headers.get("if-none-match") == tag:
                return Reply(304)
            return Reply(text=self.csv().decode(), headers={"ETag": tag})
        if call.path == "/stock.json":
            since, begin = int(call.query.get("since_ms", "0")), int(call.query.get("from", "0"))
            rows = [
                {"item": {"code": sku}, "qty": str(units), "modified": self.changed[sku]}
                for sku, units in sorted(self.levels.items())
                if self.changed[sku] >= since
            ]
            more = str(begin + PAGE) if begin + PAGE < len(rows) else None
            return Reply(json={"data": {"rows": rows[begin : begin + PAGE], "next": more}})
        return super().answer(call)
