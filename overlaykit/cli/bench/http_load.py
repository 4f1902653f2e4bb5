"""Orders over HTTP: one at a time on kept-alive connections, and in bulk."""

from __future__ import annotations

import http.client
import json
import shutil
import subprocess
import time
from urllib.parse import urlsplit

from overlaykit.cli.bench.figures import Figure
from overlaykit.cli.bench.rooms import Target
from overlaykit.errors import NotFound

CONNECTIONS = 16
SECONDS = 5
BULK_ORDERS = 40_000

_runs = iter(range(1_000_000))


def single_posts(target: Target) -> Figure:
    """Orders a second by `wrk`: 16 connections, one thread, five seconds. Every order is new; a refused one is an error."""
    wrk = shutil.which("wrk")
    if wrk is None:
        raise NotFound("wrk is not installed; it posts the orders", remedy="apt-get install wrk")
    script = target.folder / "orders.lua"
    headers = "".join(f"wrk.headers[{json.dumps(k)}] = {json.dumps(v)}\n" for k, v in target.headers.items())
    parts = [json.dumps(part, ensure_ascii=False) for part in target.body.split("{i}")]
    script.write_text(
        'wrk.method = "POST"\nwrk.headers["Content-Type"] = "application/json"\n'
        + headers
        + f'local run, n = "{next(_runs)}-", 0\n'
        + "function request()\n  n = n + 1\n  local i = run .. n\n  return wrk.format(nil, nil, nil, "
        + " .. i .. ".join(parts)
        + ")\nend\n",
        encoding="utf-8",
    )
    command = [wrk, "-t1", f"-c{CONNECTIONS}", f"-d{SECONDS}s", "-s", str(script), target.post]
    printed = subprocess.run(command, capture_output=True, text=True, check=True).stdout
    if "Non-2xx" in printed or "Socket errors" in printed:
        raise NotFound(f"{target.name} refused orders under load:\n{printed}")
    rate = next(line for line in printed.splitlines() if line.startswith("Requests/sec:"))
    return Figure("single POSTs", float(rate.split()[1]), "orders/s")


def bulk(target: Target) -> Figure:
    """Orders a second as one NDJSON body of 40,000 lines."""
    return Figure("bulk", BULK_ORDERS / post_bulk(target, BULK_ORDERS), "orders/s")


def post_bulk(target: Target, orders: int) -> float:
    """Posts new orders as one NDJSON body; seconds from the first byte sent to the last outcome read."""
    run = next(_runs)
    lines = "\n".join(target.body.replace("{i}", f"bulk-{run}-{n}") for n in range(orders)).encode()
    place = urlsplit(target.post)
    connection = http.client.HTTPConnection(place.hostname or "", place.port, timeout=120)
    started = time.perf_counter()
    connection.request(
        "POST", place.path, body=lines, headers={**target.headers, "Content-Type": "application/x-ndjson"}
    )
    answer = connection.getresponse().read()
    took = time.perf_counter() - started
    connection.close()
    accepted = answer.count(b'"status":"accepted"')
    if accepted != orders:
        raise NotFound(f"{orders - accepted} of {orders} orders were not accepted: {answer[:300]!r}")
    return took
