"""Real gateways, killed with kill -9 wherever they are: viewers are never told twice, and each message has one end."""

from __future__ import annotations

import base64
import os
import secrets
import signal
import subprocess
import sys
import time
from collections import Counter
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import TYPE_CHECKING

import pytest

from overlaykit.gateway.delivery import BEGUN
from overlaykit.model.messages import ChatText, WebhookEvent
from overlaykit.model.sessions import Channel
from tests.conftest import REPOSITORY, until

if TYPE_CHECKING:
    from tests.conftest import StoreServer
    from tests.gateway.conftest import Evening

pytestmark = [pytest.mark.store, pytest.mark.faults]

Open = Callable[..., "Evening"]

PLUGIN = '''
"""A platform that writes down what it begins and what it has done, and takes its time where it is told to."""

import asyncio
from pathlib import Path

from overlaykit.api import Capability, Connector, Settings, hookimpl


class Paper(Settings):
    file: str


class Platform(Connector[Paper]):
    name = "paper"
    capabilities = frozenset({Capability.CHAT_SEND})

    async def send_chat(self, text, ctx):
        self.write(f"begun {text}")
        while text.startswith("slow") and not Path(f"{self.settings.file}.go").exists():
            await asyncio.sleep(0.01)
        self.write(f"sent {text}")

    def write(self, line):
        with open(self.settings.file, "a", encoding="utf-8") as file:
            file.write(line + "\\n")


@hookimpl
def register_connectors(register):
    register(Platform)
'''


class Gateways:
    """`overlaykit gateway`, several of them; `leader` is the pid of the process that leads."""

    def __init__(self, url: str, folder: Path, environment: dict[str, str]) -> None:
        self._url, self._folder, self._environment = url, folder, environment
        self._started: list[tuple[subprocess.Popen[bytes], Path]] = []
        (folder / "plugins").mkdir()
        (folder / "plugins" / "paper.py").write_text(PLUGIN, encoding="utf-8")

    def start(self) -> None:
        state = self._folder / f"state-{len(self._started)}"
        command = [sys.executable, "-m", "overlaykit", "gateway", "--redis", self._url, "--state", str(state)]
        with (self._folder / f"printed-{len(self._started)}.txt").open("wb") as out:
            process = subprocess.Popen(
                [*command, "--plugins", str(self._folder / "plugins")],
                stdout=out,
                stderr=out,
                env={**os.environ, "PYTHONPATH": str(REPOSITORY), **self._environment},
            )
        self._started.append((process, state))

    def kill(self, state: Path) -> None:
        """kill -9 of the process in `state`, and of its supervisor, so that it does not come back."""
        [supervisor] = [process for process, where in self._started if where == state]
        # It would start another one; and without it the gateway would leave in order.
        supervisor.send_signal(signal.SIGSTOP)
        os.kill(self.pid(state), signal.SIGKILL)
        supervisor.kill()
        supervisor.wait()

    def pid(self, state: Path) -> int:
        """Of the gateway itself."""
        for command in Path("/proc").glob("[0-9]*/cmdline"):
            try:
                words = command.read_bytes().split(b"\0")
            except OSError:
                continue
            if b"overlaykit.runtime.child" in words and str(state).encode() in words:
                return int(command.parent.name)
        raise AssertionError(f"no gateway runs in {state}")

    def leader(self, session: str) -> Path:
        """The state folder of the one that leads, once one does."""

        def leads() -> Path | None:
            for process, state in self._started:
                log = state / "logs" / "gateway.log"
                if process.poll() is None and log.exists() and f"{session}: this gateway leads now" in log.read_text():
                    return state
            return None

        return until(leads, "one of them leads")

    def stop(self) -> None:
        running = [(process, state) for process, state in self._started if process.poll() is None]
        for process, state in running:
            until((state / "logs" / "gateway.log").exists, "it can be asked to end: its gateway was started")
            process.send_signal(signal.SIGINT)
        for process, _ in running:
            assert process.wait(20) == 0


SECRET = "whsec_" + base64.b64encode(secrets.token_bytes(32)).decode()


@pytest.fixture
def gateways(store: StoreServer, tmp_path: Path) -> Iterator[Gateways]:
    found = Gateways(store.url, tmp_path, {"OVERLAYKIT_SECRET_WEBHOOK_CRM_SECRET": SECRET})
    yield found
    found.stop()


def plan(notebook: Path, url: str) -> dict[str, object]:
    return {
        "channels": (Channel(name="mini", title="mini", connector="paper"),),
        "later": {"channel": {"mini": {"settings": {"file": str(notebook)}}}, "webhook": {"crm": {"url": url}}},
    }


def written(notebook: Path, word: str) -> list[str]:
    lines = notebook.read_text(encoding="utf-8").splitlines() if notebook.exists() else []
    return [line.removeprefix(f"{word} ") for line in lines if line.startswith(f"{word} ")]


def test_killed_while_it_sends_and_again_among_many_messages(
    evening: Open, gateways: Gateways, notebook: Path, tmp_path: Path, free_port: int
) -> None:
    room = evening(**plan(notebook, f"http://127.0.0.1:{free_port}/"))
    gateways.start()
    gateways.start()
    first = gateways.leader(room.session)
    room.put("w", "crm", WebhookEvent(type="t", timestamp="2026-11-11T12:00:00Z", data={}))
    room.put("slow", "mini", ChatText("slow"))
    until(lambda: written(notebook, "begun") == ["slow"], "it is under way")
    until(lambda: (found := room.target("webhook.crm")) and found.state == "failing", "the webhook has been tried")
    room.put("next", "mini", ChatText("next"))
    gateways.kill(first)
    killed = time.monotonic()
    assert room.wait_results(2) == [
        ("mini", "uncertain", BEGUN),
        ("mini", "done", ""),
    ]
    assert time.monotonic() - killed < 12, "the lease lasts three seconds, and the other one stands by"
    Path(f"{notebook}.go").touch()

    texts = [f"m-{number}" for number in range(150)]
    for text in texts:
        room.put(text, "mini", ChatText(text))
    until(lambda: len(written(notebook, "sent")) > 40, "some are sent")
    second = gateways.leader(room.session)
    assert second != first
    gateways.kill(second)
    gateways.start()
    until(lambda: len(room.results()) == 2 + len(texts), "each message has its end", 60)

    begun, ends = Counter(written(notebook, "begun")), [status for _, status, _ in room.results()]
    assert max(begun.values()) == 1, "nothing is begun twice"
    assert set(begun) >= set(written(notebook, "sent"))
    assert Counter(ends)["done"] == len(ends) - Counter(ends)["uncertain"]
    assert Counter(ends)["uncertain"] <= 2, "at most the one that was under way at each kill"
    # What is said to be done was sent; what was sent is done or uncertain.
    assert Counter(ends)["done"] <= len(written(notebook, "sent")) <= len(texts) + 1
    assert room.target("webhook.crm").waiting == 1, "the webhook is still to be tried again"  # type: ignore[union-attr]
