"""What is measured: a room of our own on a fresh state folder, and a peer that does the same job."""

from __future__ import annotations

import json
import os
import signal
import socket
import subprocess
import sys
import tempfile
import time
import urllib.error
import urllib.request
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from pathlib import Path
from typing import NamedTuple

from overlaykit.errors import NotFound, StateError

START_SECONDS = 90.0
PEER_URL = "http://127.0.0.1:9090"

_PLAN = """
id = "bench"
title = "Bench (synthetic)"
item = [{ link = 1, sku = "A", title = "基准商品", price = "9.90", opening = 1000000000 }]
"""


class Target(NamedTuple):
    """A server under measurement.

    url       where it listens
    post      where one order is posted; `body` with {i} replaced by a number that never repeats takes one unit of A
    headers   what a post needs besides its content type
    answer    path of the available number in the answer, dots between the parts
    page      a page that shows that number as text
    """

    name: str
    url: str
    post: str
    body: str
    headers: Mapping[str, str]
    answer: str
    page: str
    folder: Path


@contextmanager
def our_room(
    parent: Path | None = None, *, plan: str = _PLAN, write: Callable[[Path], None] = lambda folder: None
) -> Iterator[Target]:
    """A room of `plan` (one item of a billion units), on an embedded store with `appendfsync always`; its state in a new
    folder under `parent`, or where temporary files go. `write` puts what else belongs to the session into its folder."""
    with tempfile.TemporaryDirectory(prefix="overlaykit-bench-", dir=parent) as name:
        folder = Path(name)
        (folder / "session.toml").write_text(plan, encoding="utf-8")
        write(folder)
        port = _free_port()
        command = [sys.executable, "-m", "overlaykit", "run", str(folder / "session.toml")]
        command += ["--state", str(folder / "state"), "--port", str(port)]
        with (folder / "output.txt").open("wb") as output:
            process = subprocess.Popen(command, stdout=output, stderr=output, stdin=subprocess.DEVNULL)
        url = f"http://127.0.0.1:{port}"
        try:
            _wait(f"{url}/readyz", process, folder / "output.txt")
            tokens = json.loads((folder / "state" / "tokens.json").read_text(encoding="utf-8"))
            order = {"type": "order.reserve", "id": "b-{i}", "order": "o-{i}", "lines": [{"sku": "A", "quantity": 1}]}
            yield Target(
                name="overlaykit",
                url=url,
                post=f"{url}/api/v1/sessions/bench/commands",
                body=json.dumps(order),
                headers={"Authorization": f"Bearer {tokens['operator']}"},
                answer="items.A.available",
                page=f"{url}/overlay/number?token={tokens['overlay']}&session=bench&sku=A",
                folder=folder,
            )
        finally:
            _end(process)


@contextmanager
def peer_server(folder: Path) -> Iterator[Target]:
    """A NodeCG folder with its packages installed and a bundle `stock`: POST /api/order takes one unit, a graphic shows the
    number. Raises NotFound when the folder is not one, StateError when its port is taken."""
    program = folder / "node_modules" / "nodecg" / "index.js"
    if not program.exists():
        raise NotFound(
            f"{folder} holds no installed NodeCG ({program} is missing)",
            remedy="Run `npm install` in it, or name the folder that has node_modules/nodecg.",
        )
    with socket.socket() as probe:
        if probe.connect_ex(("127.0.0.1", 9090)) == 0:
            raise StateError("port 9090, where the peer listens, is taken", remedy="Stop what uses it and try again.")
    log = folder / "peer.log"
    with log.open("wb") as output:
        process = subprocess.Popen(["node", str(program)], cwd=folder, stdout=output, stderr=output)
    try:
        _wait(f"{PEER_URL}/bundles/stock/graphics/index.html", process, log)
        yield Target(
            name="NodeCG",
            url=PEER_URL,
            post=f"{PEER_URL}/api/order",
            body='{"sku":"A","qty":1,"t":1}',
            headers={},
            answer="available",
            page=f"{PEER_URL}/bundles/stock/graphics/index.html",
            folder=folder,
        )
    finally:
        _end(process)


def _free_port() -> int:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return int(probe.getsockname()[1])


def _wait(url: str, process: subprocess.Popen[bytes], log: Path) -> None:
    deadline = time.monotonic() + START_SECONDS
    while time.monotonic() < deadline:
        if process.poll() is not None:
            break
        try:
            with urllib.request.urlopen(url, timeout=2):
                return
        except (OSError, urllib.error.HTTPError):
            time.sleep(0.1)
    tail = log.read_text(encoding="utf-8", errors="replace")[-2000:]
    raise StateError(f"the server to be measured did not come up at {url}:\n{tail}")


def _end(process: subprocess.Popen[bytes]) -> None:
    if process.poll() is None:
        process.send_signal(signal.SIGINT if os.name == "posix" else signal.SIGTERM)
    try:
        process.wait(20)
    except subprocess.TimeoutExpired:
        process.kill()
        process.wait()
