"""Plugins that do whatever they like to a room, all at once. The room goes on, and its operator is told who it was."""

from __future__ import annotations

import json
import os
import subprocess
import sys
import textwrap
from collections.abc import Callable
from functools import partial
from pathlib import Path
from typing import Any

import pytest

from overlaykit.testing import FakePlatform, sign_hmac_hex
from tests.conftest import Room, until

CONNECTOR = """
from overlaykit.api import *

class Its(Connector):
    name = title = "{name}"
    capabilities = frozenset({{{capability}}})
{body}

@hookimpl
def register_connectors(register):
    register(Its)
"""
ORDERS = """
def verify(self, request):
    return hmac_hex("sha256", "s", request.body, expected=request.headers.get("x-sign"))

def parse(self, request):
    yield OrderPaid(delivery=request.json()["id"], order="1", lines=(Line(platform_sku="A", quantity=1),))
"""
SPINS = """
def verify(self, request):
    while request.body == b"spin":
        pass
    return False

def parse(self, request):
    return []
"""
HOLDS = """
async def poll(self, ctx, full):
    import ctypes
    from pathlib import Path
    if (Path(__file__).parents[2] / "hold").exists():
        ctypes.PyDLL(None).sleep(60)  # in C, and nobody else may run meanwhile
    return []
"""
SLEEPS = """
async def poll(self, ctx, full):
    import time
    time.sleep(60)
    return []
"""
LEAKS = """
async def poll(self, ctx, full):
    import asyncio, threading
    async def for_ever():
        while True:
            try:
                await asyncio.sleep(3600)
            except asyncio.CancelledError:
                pass
    self.tasks = [asyncio.create_task(for_ever()) for _ in range(50)]
    if threading.active_count() < 200:
        for _ in range(20):
            threading.Thread(target=threading.Event().wait, daemon=True).start()
    return [StockLevelObserved(sku="A", quantity=100)]
"""
FLOODS = """
async def chat(self, ctx):
    import asyncio
    number = 0
    while True:
        number += 1
        print("flood " * 100)
        ctx.log.warning("flood %s", number)
        yield ChatMessage(id=str(number), author="flood", text="怎么买" * 1000)
        if number % 100 == 0:
            await asyncio.sleep(0.1)
"""
STOPS = """
from overlaykit.api import Action, hookimpl

class Stops(Action):
    name = "stops"

    async def do(self, stage):
        import time
        time.sleep(60)

@hookimpl
def register_actions(register):
    register(Stops)
"""


def connector(name: str, capability: str, body: str) -> str:
    return CONNECTOR.format(name=name, capability=f"Capability.{capability}", body=textwrap.indent(body, "    "))


PLUGINS = {
    "at_import": "raise RuntimeError('at import')",
    "exits": "import sys\nsys.exit(7)",
    "never_loaded": "import ctypes\nctypes.PyDLL(None).sleep(600)",
    "leaves": "import os\nos._exit(0)",
    "in_hook": "from overlaykit.api import hookimpl\n@hookimpl\ndef startup(process):\n    raise ValueError('in hook')",
    "junk": "from overlaykit.api import hookimpl\n@hookimpl\ndef register_actions(register):\n    register(object())",
    "stops": STOPS,
    "good": connector("good", "ORDERS", ORDERS),
    "spins": connector("spins", "ORDERS", SPINS),
    "holds": connector("holds", "STOCK_LEVELS", HOLDS),
    "sleeps": connector("sleeps", "STOCK_LEVELS", SLEEPS),
    "leaks": connector("leaks", "STOCK_LEVELS", LEAKS),
    "floods": connector("floods", "CHAT_READ", FLOODS),
}
PLAN = """
id = "room"
title = "测试场"
item = [{ sku = "A", title = "大衣", opening = 100 }]
[channel.good]
connector = "good"
[channel.spins]
connector = "spins"
[channel.floods]
connector = "floods"
[source.holds]
plugin = "holds"
[source.sleeps]
plugin = "sleeps"
[source.leaks]
plugin = "leaks"
[location.default]
source = "leaks"
[[rule]]
name = "asked"
when = 'chat "怎么买"'
cooldown = "1h"
do = [{ action = "task", text = "回答" }]
[[rule]]
name = "stop"
when = "button stop"
do = [{ action = "stops" }]
[[rule]]
name = "next"
when = "button next"
do = [{ action = "task", text = "接着播" }]
"""


@pytest.fixture(scope="module")
def hostile(tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("evening")
    (folder / "session.toml").write_text(PLAN, encoding="utf-8")
    for name, made in PLUGINS.items():
        (folder / "plugins" / name).mkdir(parents=True)
        (folder / "plugins" / name / "__init__.py").write_text(made, encoding="utf-8")
    return folder


@pytest.fixture
def evening(room: Callable[..., Room], hostile: Path) -> Room:
    return room(hostile, wait=False).wait_ready(90)


def notices(room: Room) -> str:
    status, body = room.get("/readyz", scope=None)
    return "\n".join(json.loads(body)["notices"]) if status == 200 else ""


def sell(room: Room, order: str) -> bool:
    """One order over the API, sent again with its id until it is answered."""
    lines = [{"sku": "A", "quantity": 1}]
    command = {"type": "order.reserve", "id": order, "order": order, "channel": "good", "lines": lines}
    return room.post("/api/v1/sessions/current/commands", command)[0] == 200


@pytest.mark.timeout(240)
def test_the_room_goes_on_and_says_who_it_was(evening: Room, hostile: Path) -> None:
    assert sell(evening, "before")
    assert "never_loaded is still being loaded" in evening.output
    for name, said in (("never_loaded", "not loaded within"), ("leaves", "ended the process that loaded it")):
        assert f"{name}: " in notices(evening)
        assert said in notices(evening)
        evening.wait_printed(f"插件 {name} 没有启用")

    # One in web, which never comes back; the platform sends it again, as platforms do.
    for _ in range(2):
        pid = evening.pids["web"]
        evening.post("/hooks/spins", b"spin", scope=None, timeout=10)
        until(partial(began_again, evening, pid), "web is started again")
        evening.wait_ready()
    assert "it made web stand still 2 times: spins/__init__.py, line" in notices(evening)
    status, answer = evening.post("/hooks/spins", b"spin", scope=None)
    assert status == 503, "a message for it waits with its platform"
    assert b"not ready here" in answer

    # In the gateway, one that blocks only itself, one that leaks, one that floods.
    until(lambda: targets(evening)["source.sleeps"]["state"] == "no_answer", "the one that sleeps is said to block", 30)
    assert "sleeps/__init__.py, line" in targets(evening)["source.sleeps"]["reason"]
    until(lambda: targets(evening)["source.leaks"]["state"] == "ready", "the one that leaks works on")

    # In the director, an action that comes back to nobody.
    for number in range(2):
        pid = evening.pids["director"]
        press(evening, "stop", number)
        until(partial(began_again, evening, pid, "director"), "the director is started again")
    until(lambda: "it made director stand still 2 times: stops/__init__.py, line" in notices(evening), "it is named")
    press(evening, "next", 1)
    until(lambda: "接着播" in tasks(evening), "other rules go on")

    # And one that lets nobody run, from now on.
    (hostile / "hold").touch()
    until(lambda: "holds/__init__.py, line" in notices(evening), "the gateway does without the one that holds it", 60)
    until(lambda: targets(evening)["source.holds"]["state"] == "set_aside", "it is said to be set aside")

    # All the others work.
    body = json.dumps({"id": "m-1"}).encode()
    for _ in range(2):
        status, answer = deliver(evening, "/hooks/good", body, {"x-sign": sign_hmac_hex("sha256", "s", body)})
        assert status == 200, answer
    assert sell(evening, "after")

    plugins = {each["name"]: each for each in json.loads(evening.get("/api/v1/plugins")[1])["plugins"]}
    for name in ("spins", "holds", "stops"):
        assert plugins[name]["state"] == "set_aside"
        assert "plugin check" in plugins[name]["remedy"]
    assert plugins["good"]["state"] == "active"
    listed = plugin_list(evening, hostile)
    for said in ("at import", "exits", "object", "it made web stand still", "it made gateway stand still"):
        assert said in listed, listed


def began_again(room: Room, pid: int, process: str = "web") -> bool:
    """Whether the process has another pid."""
    return room.pids.get(process) not in (None, pid)


def tasks(room: Room) -> list[str]:
    direction: Any = room.board()["direction"]
    return [each["text"] for each in direction["tasks"]]


def press(room: Room, button: str, number: int) -> None:
    command = {"type": "button.press", "id": f"press-{button}-{number}", "name": button}
    until(lambda: room.post("/api/v1/sessions/current/commands", command)[0] == 200, f"{button} is pressed")


def targets(room: Room) -> dict[str, dict[str, str]]:
    """Everybody outside the room, by name."""
    answer = json.loads(room.get("/api/v1/sessions/current/gateway")[1])
    return {each["name"]: each for each in answer["targets"]}


def deliver(room: Room, path: str, body: bytes, headers: dict[str, str]) -> tuple[int, bytes]:
    with FakePlatform() as platform:
        return platform.deliver(room.url + path, body, headers)


def plugin_list(room: Room, session: Path) -> str:
    command = [
        sys.executable,
        "-m",
        "overlaykit",
        "plugin",
        "list",
        "--session",
        str(session),
        "--state",
        str(room.state),
    ]
    environment = {**os.environ, "COLUMNS": "200"}
    return subprocess.run(command, capture_output=True, text=True, env=environment, check=False, timeout=60).stdout
