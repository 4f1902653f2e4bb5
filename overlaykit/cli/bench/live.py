"""Six views of one room under load: how late is a picture, how long does the server's loop wait, does the page keep 60 a second?

Two loads: 500 items of which fifty a second change, and twelve items that take 5,000 orders a second. One page is open in
a real Chromium, the other five views on bare sockets; each view is rendered by itself, since it asks for something else.
"""

from __future__ import annotations

import http.client
import json
import selectors
import threading
import time
import urllib.request
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import TYPE_CHECKING, Any, NamedTuple
from urllib.parse import urlencode, urlsplit

from overlaykit.cli.bench.browser import chromium
from overlaykit.cli.bench.fanout import upgrade
from overlaykit.cli.bench.figures import Figure, quantile
from overlaykit.cli.bench.rooms import Target, our_room

if TYPE_CHECKING:
    from playwright.sync_api import Page

SECONDS = 20.0
WARM_SECONDS = 3.0

_MANIFEST = """
id = "bench"
name = "Bench"
version = "1"
styles = ["wall.css"]
[layouts.wall]
template = "wall.html"
"""
_TEMPLATE = """
<ul>{% for each in items %}{% live each.sku, each %}
<li class="{{ each.state }} heat-{{ each.heat }}">
<b>{{ each.link }}</b> {{ each.title }} {{ ui.number(each.available) }} {{ ui.bar(each.remaining) }} {{ each.sold | count }}
</li>
{% endlive %}{% endfor %}</ul>
"""
_STYLE = """
ul { display: grid; grid-template-columns: repeat(auto-fill, minmax(90px, 1fr)); gap: 2px; margin: 0; padding: 0; }
li { height: 40px; overflow: hidden; font-size: 10px; background: #123; color: #fff; transition: background-color 300ms; }
.heat-red { background: #a22; } .heat-yellow { background: #a82; }
"""
_WATCH = """
window.painted = []; window.seen = { frames: 0, dropped: 0, long: 0, shift: 0 };
const note = () => {
  const seq = Number(document.documentElement.dataset.seq);
  requestAnimationFrame(() => window.painted.push([seq, performance.timeOrigin + performance.now()]));
};
new MutationObserver(note).observe(document, { subtree: true, attributeFilter: ["data-seq"] });
let last = 0;
const tick = (time) => {
  window.seen.frames += 1;
  if (last && time - last > 34) window.seen.dropped += 1;
  last = time;
  requestAnimationFrame(tick);
};
requestAnimationFrame(tick);
new PerformanceObserver((list) => { window.seen.long += list.getEntries().length; }).observe({ type: "longtask" });
const shifted = (list) => list.getEntries().forEach((each) => { window.seen.shift += each.value; });
new PerformanceObserver(shifted).observe({ type: "layout-shift" });
"""


class Load(NamedTuple):
    """`batch` orders at a time, `per_second` such batches, spread over `items` items."""

    name: str
    items: int
    batch: int
    per_second: float


LOADS = (Load("500 items, 50 changes/s", 500, 1, 50.0), Load("12 items, 5,000 orders/s", 12, 100, 50.0))


def measure(state: Path | None) -> list[Figure]:
    """Both loads, each in a room of its own."""
    return [figure for load in LOADS for figure in _one(load, state)]


def _one(load: Load, state: Path | None) -> list[Figure]:
    with our_room(state, plan=_plan(load.items), write=_write_theme) as target, chromium() as browser:
        page = browser.new_page(viewport={"width": 1080, "height": 1920})
        page.add_init_script(_WATCH)
        views = _views(target)
        page.goto(target.url + "/overlay/wall?" + views[0])
        page.wait_for_function("document.documentElement.dataset.link === 'live'")
        with _followed(target, views[1:]):
            _Orders(target, load).run(WARM_SECONDS)
            page.evaluate("window.painted = []; window.seen = { frames: 0, dropped: 0, long: 0, shift: 0 }")
            before = _delays(target)
            orders = _Orders(target, load)
            began = time.perf_counter()
            runner = threading.Thread(target=orders.run, args=(SECONDS,))
            runner.start()
            while runner.is_alive():
                page.wait_for_timeout(200)
            took = time.perf_counter() - began
            page.wait_for_timeout(500)
            return _figures(load, page, orders, _waited(before, _delays(target)), took)


def _figures(load: Load, page: Page, orders: _Orders, delay: float, took: float) -> list[Figure]:
    painted: list[list[float]] = page.evaluate("window.painted")
    seen: Any = page.evaluate("window.seen")
    lags = list(_lags(orders.answered, painted))
    less = False
    return [
        Figure(f"{load.name}: orders", orders.sent / took, "orders/s"),
        Figure(f"{load.name}: overlay lag p50", quantile(lags, 0.5), "ms", more_is_better=less),
        Figure(f"{load.name}: overlay lag p99", quantile(lags, 0.99), "ms", more_is_better=less),
        Figure(f"{load.name}: loop delay p99", delay * 1000, "ms, at most", more_is_better=less),
        Figure(f"{load.name}: pictures", len(painted) / took, "/s"),
        Figure(f"{load.name}: page", seen["frames"] / took, "frames/s"),
        Figure(f"{load.name}: page, dropped frames", seen["dropped"] / took, "/s", more_is_better=less),
        Figure(f"{load.name}: page, long tasks", seen["long"] / took, "/s", more_is_better=less),
        Figure(f"{load.name}: page, layout shift", seen["shift"], "", more_is_better=less),
    ]


def _lags(answered: list[tuple[int, float]], painted: list[list[float]]) -> Iterator[float]:
    """Milliseconds from the answer of each batch until its last entry, or a later one, was painted."""
    place = 0
    for seq, at in answered:
        while place < len(painted) and painted[place][0] < seq:
            place += 1
        if place == len(painted):
            return
        yield max(0.0, painted[place][1] - at)


class _Orders:
    """Sends batches at their pace on one kept-alive connection, and notes when each was answered (ms since 1970)."""

    def __init__(self, target: Target, load: Load) -> None:
        place = urlsplit(target.post)
        self._connection = http.client.HTTPConnection(place.hostname or "", place.port, timeout=30)
        self._path = place.path
        self._headers = {**target.headers, "Content-Type": "application/json"}
        self._load = load
        self._run = time.time_ns()
        self.sent = 0
        self.answered: list[tuple[int, float]] = []

    def run(self, seconds: float) -> None:
        began = time.perf_counter()
        turn = 0
        while (now := time.perf_counter() - began) < seconds:
            due = turn / self._load.per_second
            if due > now:
                time.sleep(due - now)
            turn += 1
            self._post()
        self._connection.close()

    def _post(self) -> None:
        commands = []
        for _ in range(self._load.batch):
            self.sent += 1
            lines = [{"sku": f"s{self.sent * 7 % self._load.items}", "quantity": 1}]
            commands.append({"type": "order.reserve", "order": f"o-{self._run}-{self.sent}", "lines": lines})
        self._connection.request("POST", self._path, body=json.dumps(commands).encode(), headers=self._headers)
        outcomes = json.loads(self._connection.getresponse().read())
        self.answered.append((outcomes[-1]["seq"], time.time() * 1000))


def _plan(items: int) -> str:
    rows = "\n".join(
        f'[[item]]\nsku = "s{number}"\nlink = {number + 1}\ntitle = "基准商品 {number}"\nprice = "9.90"\nopening = 1000000\n'
        for number in range(items)
    )
    channels = "".join(f'[channel.{name}]\nsells = "asks_first"\n' for name in ("shop", "mini"))
    return f'id = "bench"\ntitle = "Bench (synthetic)"\n{channels}{rows}'


def _write_theme(folder: Path) -> None:
    theme = folder / "themes" / "bench"
    theme.mkdir(parents=True)
    for name, text in (("theme.toml", _MANIFEST), ("wall.html", _TEMPLATE), ("wall.css", _STYLE)):
        (theme / name).write_text(text, encoding="utf-8")


def _views(target: Target) -> list[str]:
    """Six addresses that each want another rendering; the page in Chromium shows the first."""
    token = dict(part.split("=", 1) for part in urlsplit(target.page).query.split("&"))["token"]
    base = {"token": token, "session": "bench", "theme": "bench"}
    wanted: list[dict[str, str]] = [
        {},
        {"channel": "shop"},
        {"channel": "mini"},
        {"locale": "en"},
        {"sku": "s1"},
        {"link": "3"},
    ]
    return [urlencode({**base, **each}) for each in wanted]


@contextmanager
def _followed(target: Target, queries: list[str]) -> Iterator[None]:
    """Opens a socket for each view and takes whatever comes."""
    place = urlsplit(target.url)
    selector = selectors.DefaultSelector()
    sockets = [upgrade(place.hostname or "", place.port or 80, f"/ws/overlay?layout=wall&{query}") for query in queries]
    for each in sockets:
        selector.register(each, selectors.EVENT_READ)
    stop = threading.Event()

    def take() -> None:
        while not stop.is_set():
            for key, _ in selector.select(0.1):
                key.fileobj.recv(1 << 18)  # type: ignore[union-attr]

    taker = threading.Thread(target=take)
    taker.start()
    try:
        yield
    finally:
        stop.set()
        taker.join()
        for each in sockets:
            each.close()


def _delays(target: Target) -> dict[float, float]:
    """The histogram of the loop's delays: upper bound in seconds → how many."""
    request = urllib.request.Request(f"{target.url}/metrics", headers=dict(target.headers))
    with urllib.request.urlopen(request, timeout=10) as answer:
        lines = answer.read().decode().splitlines()
    found = (
        line.split('le="')[1].split('"} ') for line in lines if line.startswith("overlaykit_loop_delay_seconds_bucket")
    )
    return {float(bound): float(number) for bound, number in found}


def _waited(before: dict[float, float], after: dict[float, float]) -> float:
    """The bound under which 99 % of the delays in between lie."""
    new = {bound: after[bound] - before[bound] for bound in after}
    return next(bound for bound in sorted(new) if new[bound] >= 0.99 * max(new.values()))
