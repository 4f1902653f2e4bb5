"""Order to picture: how long after an order is sent does its number stand on a page, in a real Chromium?

Every order waits until the store has it on disk, so the disk's own time for that is measured beside it.
"""

from __future__ import annotations

import json
import os
import time
import urllib.request
from pathlib import Path
from typing import TYPE_CHECKING, Any

from overlaykit.cli.bench.browser import chromium
from overlaykit.cli.bench.figures import Figure, quantile
from overlaykit.cli.bench.rooms import Target
from overlaykit.errors import NotFound

if TYPE_CHECKING:
    from playwright.sync_api import Page

ORDERS = 200
GAP_SECONDS = 0.06
BYTES_OF_AN_ORDER = 1400
"""What the store appends to its file for one order, roughly."""
_WATCH = """
window.wanted = null; window.seen = null;
new MutationObserver(() => {
  if (window.wanted === null || !document.body) return;
  if (!document.body.innerText.replace(/[,\\s]/g, '').includes(window.wanted)) return;
  window.seen = performance.timeOrigin + performance.now();
  window.wanted = null;
}).observe(document, {subtree: true, childList: true, characterData: true, attributes: true});
"""


def order_to_dom(target: Target) -> list[Figure]:
    """200 orders, one at a time: milliseconds from before the post until the number stands in the page's text."""
    with chromium() as browser:
        page = browser.new_page(viewport={"width": 1280, "height": 720})
        page.add_init_script(_WATCH)
        page.goto(target.page)
        available = _post(target, 0)[1]
        page.wait_for_function("n => document.body.innerText.replace(/[,\\s]/g, '').includes(n)", arg=str(available))
        delays = [_one(page, target, number, available - number) for number in range(1, ORDERS + 1)]
    return [
        Figure("order to DOM, p50", quantile(delays, 0.5), "ms", more_is_better=False),
        Figure("order to DOM, p99", quantile(delays, 0.99), "ms", more_is_better=False),
    ]


def order_to_dom_on_disk(target: Target) -> list[Figure]:
    """The same of a server that syncs each order, and how long the disk under its folder takes to sync one by itself."""
    figures = order_to_dom(target)
    waits = [_sync_once(target.folder / "sync.bin") for _ in range(ORDERS)]
    name = "fdatasync alone, " if hasattr(os, "fdatasync") else "fsync alone, "
    return [
        *figures,
        Figure(name + "p50", quantile(waits, 0.5), "ms", more_is_better=False),
        Figure(name + "p99", quantile(waits, 0.99), "ms", more_is_better=False),
    ]


def _sync_once(path: Path) -> float:
    """Appends what an order writes, as rarely as the orders came, and gives the milliseconds of the sync."""
    with path.open("ab") as file:
        file.write(bytes(BYTES_OF_AN_ORDER))
        file.flush()
        started = time.perf_counter()
        getattr(os, "fdatasync", os.fsync)(file.fileno())
        waited = time.perf_counter() - started
    time.sleep(GAP_SECONDS)
    return waited * 1000


def _one(page: Page, target: Target, number: int, expected: int) -> float:
    page.evaluate("n => { window.seen = null; window.wanted = n }", str(expected))
    started, available = _post(target, number)
    if available != expected:
        raise NotFound(f"{target.name} answered {available} instead of {expected}: does somebody else order?")
    page.wait_for_function("window.seen !== null", timeout=5000, polling=5)
    seen: float = page.evaluate("window.seen")
    time.sleep(GAP_SECONDS)
    return seen - started


def _post(target: Target, number: int) -> tuple[float, int]:
    """When the order was sent (ms since 1970), and the available number of its answer."""
    body = target.body.replace("{i}", f"page-{os.getpid()}-{time.time_ns()}-{number}").encode()
    request = urllib.request.Request(
        target.post, data=body, headers={"Content-Type": "application/json", **target.headers}
    )
    started = time.time() * 1000
    with urllib.request.urlopen(request, timeout=20) as answer:
        found: Any = json.load(answer)
    for part in target.answer.split("."):
        found = found[part]
    return started, int(found)
