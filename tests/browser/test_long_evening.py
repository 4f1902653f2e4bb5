"""Hours of an evening in minutes: neither the pages nor the web process keep anything of the frames that have passed."""

from __future__ import annotations

import os
import random
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any

import pytest

from tests.browser.conftest import LiveRoom
from tests.conftest import Room

if TYPE_CHECKING:
    from playwright.sync_api import CDPSession, Page

pytestmark = [pytest.mark.browser, pytest.mark.store, pytest.mark.soak, pytest.mark.timeout(3600)]

THEMES = Path(__file__).parent / "themes"
ITEMS = 500
FRAMES = int(os.environ.get("OVERLAYKIT_TEST_FRAMES", "100000"))
"""Of each page: two hours of fourteen changes a second."""
ROUNDS = int(os.environ.get("OVERLAYKIT_TEST_ROUNDS", "3000"))
WARM_UP = 0.1
HEAP_MAY_GROW = 1.05
HEAP_SLACK = 1_000_000
MEMORY_MAY_GROW = 1.05
LISTEN = """
  window.heard = 0;
  const Plain = WebSocket;
  window.WebSocket = class extends Plain {
    constructor(...given) {
      super(...given);
      window.socket = this;
      this.addEventListener("message", (event) => {
        const message = JSON.parse(event.data);
        if (message.type === "frame" || message.type === "parts") { window.last = message; window.heard += 1; }
      });
    }
  };
"""
FLOOD = """
  async ([count, from]) => {
    // What the server sent last, again and again with other numbers, as fast as the page takes it.
    const { last, socket } = window;
    const number = (text) => text.replace(/(<ok-number[^>]*value=")\\d+("[^>]*>)[^<]*|(<b>)\\d+(?=<\\/b>)/g,
      (_all, before, after, plain) => (before ? before + window.n + after + window.n : plain + window.n));
    window.sent ??= last.seq;
    for (let i = 0; i < count; i += 1) {
      window.n = ((from + i) * 37) % 5000;
      const message = { ...last, seq: ++window.sent, at: new Date().toISOString() };
      if (last.type === "frame") message.html = number(last.html);
      else message.parts = Object.fromEntries(Object.entries(last.parts).map(([key, html]) => [key, number(html)]));
      socket.dispatchEvent(new MessageEvent("message", { data: JSON.stringify(message) }));
      if (i % 20 === 19) await new Promise((resolve) => requestAnimationFrame(resolve));
    }
    return document.getElementById("overlay").innerText.includes(String(window.n))
      || document.getElementById("overlay").innerText.includes(window.n.toLocaleString("en"));
  }
"""


@dataclass
class Traces:
    """What a page holds after the garbage was collected."""

    heap: int
    nodes: int
    listeners: int

    def __str__(self) -> str:
        return f"{self.heap / 1e6:.2f} MB of heap, {self.nodes} nodes, {self.listeners} listeners"


def traces_of(session: CDPSession) -> Traces:
    for _ in range(2):  # what the first one frees may have held more
        session.send("HeapProfiler.collectGarbage")
    found: dict[str, Any] = {each["name"]: each["value"] for each in session.send("Performance.getMetrics")["metrics"]}
    return Traces(int(found["JSHeapUsedSize"]), int(found["Nodes"]), int(found["JSEventListeners"]))


def metrics_session(page: Page) -> CDPSession:
    session = page.context.new_cdp_session(page)
    session.send("Performance.enable")
    session.send("HeapProfiler.enable")
    return session


def check_same(before: Traces, after: Traces) -> None:
    print(f"  before: {before}\n  after:  {after}")
    assert after.heap < before.heap * HEAP_MAY_GROW + HEAP_SLACK
    assert after.nodes < before.nodes * 1.05 + 50
    assert after.listeners <= before.listeners + 5


def memory_of(pid: int) -> int:
    """Bytes of a process that are in memory."""
    status = Path(f"/proc/{pid}/status").read_text(encoding="utf-8")
    return next(int(line.split()[1]) for line in status.splitlines() if line.startswith("VmRSS")) * 1024


@pytest.fixture
def great(room: Callable[..., Room], tmp_path: Path) -> LiveRoom:
    """A room of five hundred items, the first on air."""
    folder = tmp_path / "great"
    folder.mkdir()
    items = "".join(
        f'  {{ link = {link}, sku = "S{link}", title = "商品 {link}", price = "99.00", opening = 1000000 }},\n'
        for link in range(1, ITEMS + 1)
    )
    (folder / "session.toml").write_text(f'id = "great"\ntitle = "大场"\nitem = [\n{items}]\n', encoding="utf-8")
    found = LiveRoom(room(folder, "--themes", str(THEMES)))
    found.send({"type": "item.feature", "sku": "S1"})
    return found


PAGES = [("lower_third", {}), ("parts", {"theme": "wall"})]


@pytest.mark.parametrize(("layout", "query"), PAGES, ids=["a whole frame each time", "live parts of 500 items"])
def test_a_hundred_thousand_frames_leave_nothing_behind_in_a_page(
    great: LiveRoom, open_page: Callable[..., Page], layout: str, query: dict[str, str]
) -> None:
    page = open_page(great.overlay(layout, **query), script=LISTEN)
    page.wait_for_function("window.heard > 0")
    before = page.evaluate("window.heard")
    great.send(*({"type": "stock.adjust", "sku": f"S{link}", "delta": -1, "reason": "试"} for link in range(1, 51)))
    page.wait_for_function("(before) => window.heard > before", arg=before)
    session = metrics_session(page)
    sent = 0

    def flood(until: int) -> None:
        nonlocal sent
        while sent < until:
            count = min(500, until - sent)
            assert page.evaluate(FLOOD, [count, sent]), "the page does not show what it was sent"
            sent += count

    flood(int(FRAMES * WARM_UP))
    early = traces_of(session)
    flood(FRAMES)
    print(f"\n{layout}: {FRAMES} frames")
    check_same(early, traces_of(session))


def test_the_web_process_and_its_pages_stay_as_big_as_they_were(
    great: LiveRoom, open_page: Callable[..., Page]
) -> None:
    dice = random.Random(4)
    pages = [open_page(great.overlay(layout, **query), script=LISTEN) for layout, query in PAGES]
    sessions = [metrics_session(page) for page in pages]
    web = great.room.pids["web"]

    def change(round: int) -> None:
        skus = ["S1", *(f"S{dice.randint(1, ITEMS)}" for _ in range(49))]
        great.send(
            *({"type": "stock.adjust", "sku": sku, "delta": dice.choice([-3, 3]), "reason": "试"} for sku in skus)
        )
        if round % 50 == 49:
            great.send(
                {"type": "item.feature", "sku": f"S{dice.randint(1, ITEMS)}"}, {"type": "item.feature", "sku": "S1"}
            )

    for round in range(int(ROUNDS * WARM_UP)):
        change(round)
    early, memory = [traces_of(session) for session in sessions], memory_of(web)
    for round in range(int(ROUNDS * WARM_UP), ROUNDS):
        change(round)
    assert great.room.pids["web"] == web, "it was started again meanwhile"
    now = memory_of(web)
    heard = [page.evaluate("window.heard") for page in pages]
    print(
        f"\n{great.room.board()['seq']} entries, frames: {heard}; web: {memory / 1e6:.1f} MB, then {now / 1e6:.1f} MB"
    )
    for before, session in zip(early, sessions, strict=True):
        check_same(before, traces_of(session))
    assert now < memory * MEMORY_MAY_GROW + HEAP_SLACK
    assert min(heard) > ROUNDS / 10
