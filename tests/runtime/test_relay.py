"""`overlaykit relay`: a room that nobody reaches gets what platforms sent, once, whoever falls in between."""

from __future__ import annotations

import base64
import hashlib
import hmac
import json
import os
import re
import signal
import subprocess
import sys
import time
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import TYPE_CHECKING, Any
from urllib.error import HTTPError
from urllib.request import Request, urlopen

import pytest

from overlaykit.cli.relay import refuse_plain
from overlaykit.errors import UserError
from overlaykit.gateway.relaying import relay_token, relay_url
from overlaykit.model.relaying import TAKE_PATH
from overlaykit.model.sessions import Channel, Location, SessionPlan
from overlaykit.model.settings import Secret
from overlaykit.runtime.relay import relay_name
from tests.conftest import PLAN, REPOSITORY, free_tcp_port, until

if TYPE_CHECKING:
    from tests.conftest import Room

pytestmark = pytest.mark.store

KEY = b"0123456789abcdef0123456789abcdef"
TOKEN = "a-token-that-both-of-them-know"
SECRETS = {
    "OVERLAYKIT_SECRET_CHANNEL_SHOP_SECRET": "whsec_" + base64.b64encode(KEY).decode(),
    "OVERLAYKIT_SECRET_RELAY_MAIN_TOKEN": TOKEN,
}
CHANNELS = """
[channel.shop]
connector = "generic_webhook"
[relay.main]
url = "http://127.0.0.1:{port}"
"""


class Relay:
    """A relay of the plan in `folder`."""

    def __init__(self, folder: Path, state: Path, port: int) -> None:
        self.folder, self.state, self.port = folder, state, port
        self.process: subprocess.Popen[bytes] | None = None

    @property
    def url(self) -> str:
        return f"http://127.0.0.1:{self.port}"

    def start(self) -> Relay:
        self.process = command(self.folder, "--port", str(self.port), "--state", str(self.state))
        until(lambda: self.ask("GET", "/healthz")[0] == 200, "the relay answers")
        return self

    def kill(self) -> None:
        assert self.process is not None
        self.process.kill()
        self.end()

    def end(self) -> str:
        """What it has printed."""
        assert self.process is not None
        printed, _ = self.process.communicate(timeout=20)
        return printed.decode()

    def ask(
        self, method: str, path: str, body: bytes | None = None, headers: dict[str, str] | None = None
    ) -> tuple[int, Any]:
        request = Request(self.url + path, data=body, method=method, headers=headers or {})
        try:
            with urlopen(request, timeout=10) as answer:
                return answer.status, json.loads(answer.read() or b"null")
        except HTTPError as error:
            with error:
                return error.code, json.loads(error.read() or b"null")
        except OSError:
            return 0, None

    def order(self, name: str, *, delivery: str = "", key: bytes = KEY) -> int:
        """The shop says that somebody has paid for one A. The status that it gets."""
        at, delivery = str(int(time.time())), delivery or f"d-{name}"
        body = {
            "type": "order.paid",
            "timestamp": "2026-11-11T20:00:00+08:00",
            "data": {"order": name, "lines": [{"sku": "A", "quantity": 1}]},
        }
        text = json.dumps(body).encode()
        sign = base64.b64encode(hmac.digest(key, f"{delivery}.{at}.".encode() + text, hashlib.sha256)).decode()
        headers = {"webhook-id": delivery, "webhook-timestamp": at, "webhook-signature": f"v1,{sign}"}
        return self.ask("POST", "/hooks/shop", text, {**headers, "Content-Type": "application/json"})[0]

    def waiting(self) -> int:
        return int(self.ask("GET", "/healthz")[1]["waiting"])


def command(folder: Path, *words: str, **environment: str) -> subprocess.Popen[bytes]:
    line = [sys.executable, "-m", "overlaykit", "relay", str(folder), *words]
    surroundings = {**os.environ, "PYTHONPATH": str(REPOSITORY), "PYTHONUNBUFFERED": "1", **SECRETS, **environment}
    return subprocess.Popen(
        line, stdout=subprocess.PIPE, stderr=subprocess.STDOUT, stdin=subprocess.DEVNULL, env=surroundings
    )


@pytest.fixture
def relay(plan_folder: Path, tmp_path: Path) -> Iterator[Relay]:
    port = free_tcp_port()
    (plan_folder / "session.toml").write_text(PLAN + CHANNELS.format(port=port), encoding="utf-8")
    made = Relay(plan_folder, tmp_path / "relay", port)
    yield made
    if made.process is not None and made.process.poll() is None:
        made.kill()


def sold(room: Room) -> int:
    items: Any = room.board()["items"]
    return int(items["A"]["sold"])


def test_nothing_is_lost_and_nothing_counts_twice_whoever_falls(room: Callable[..., Room], relay: Relay) -> None:
    relay.start()
    assert [relay.order(f"early-{number}") for number in range(10)] == [200] * 10, "the room is not even there"
    assert relay.order("forged", key=b"x" * 32) == 401
    assert relay.waiting() == 10
    relay.kill()
    relay.start()
    assert relay.waiting() == 10, "they stood on the disk before the shop heard of it"

    running = room(environment=SECRETS)
    until(lambda: sold(running) == 10, "the room has them")
    until(lambda: relay.waiting() == 0, "and the relay has them no more")

    assert relay.order("early-3", delivery="d-early-3") == 200, "delivered again"

    def reason() -> str:
        found = json.loads(running.get("/api/v1/sessions/current/gateway")[1])["targets"]
        return str(next((each["reason"] for each in found if each["name"] == "relay.main"), ""))

    accepted = 0
    for number in range(60):
        accepted += relay.order(f"late-{number}") == 200
        if number == 20:
            running.kill("gateway")
        if number == 30:
            relay.kill()
            until(lambda: "the relay does not answer" in reason(), "the desk says that the relay is away")
            relay.start()
    assert accepted == 60
    until(lambda: relay.waiting() == 0, "all are fetched")
    until(lambda: sold(running) == 70, "all count")
    until(lambda: reason() == "", "and the desk says that the relay is there")
    assert running.stop() == 0

    assert relay.process is not None
    relay.process.send_signal(signal.SIGINT)
    printed = relay.end()
    assert "https://…/hooks/shop" in printed
    assert "Traceback" not in printed
    assert TOKEN not in printed + running.output + running.logs()


def test_only_the_room_takes_messages_and_one_room_at_a_time(relay: Relay) -> None:
    relay.start()
    assert relay.order("one") == 200
    right = {"Authorization": f"Bearer {TOKEN}", "Content-Type": "application/json"}
    take = json.dumps({"room": "a"}).encode()
    for headers in ({}, {"Authorization": "Bearer wrong"}, {"Authorization": "Bearer ü"}):
        assert relay.ask("POST", TAKE_PATH, take, headers)[0] == 401
    assert relay.ask("GET", TAKE_PATH, None, right)[0] == 405
    for body in (b"", b"[]", b"{}", b'{"room": ""}', b'{"room": "a", "wait": 1e9}', b"\xff", b"[" * 100_000):
        assert relay.ask("POST", TAKE_PATH, body, right)[0] == 422
    assert relay.ask("POST", TAKE_PATH, b"x" * 300_000, right)[0] == 413
    status, taken = relay.ask("POST", TAKE_PATH, take, right)
    assert (status, taken["waiting"], taken["messages"][0]["app"]) == (200, 1, "shop")
    assert relay.ask("POST", TAKE_PATH, take, right)[1] == taken, "until it is done"
    assert relay.ask("POST", TAKE_PATH, json.dumps({"room": "b"}).encode(), right)[0] == 409
    done = json.dumps({"room": "a", "done": [taken["messages"][0]["seq"]]}).encode()
    assert relay.ask("POST", TAKE_PATH, done, right)[1] == {"messages": [], "waiting": 0}
    for path in ("/", "/desk", "/hooks/nobody", "/api/v1/sessions"):
        assert relay.ask("GET", path)[0] == 404


def test_a_relay_whose_app_lacks_its_secret_does_not_start(relay: Relay) -> None:
    words = ("--port", str(relay.port), "--state", str(relay.state))
    process = command(relay.folder, *words, OVERLAYKIT_SECRET_CHANNEL_SHOP_SECRET="")
    printed = " ".join(process.communicate(timeout=60)[0].decode().split())
    assert process.returncode == 2, printed
    assert "[channel.shop] 缺少密钥 secret / [channel.shop] needs the secret secret" in printed
    assert "Traceback" not in printed


class Given:
    """Secrets by `section.name.field`."""

    def __init__(self, **texts: str) -> None:
        self._texts = texts

    def find(self, section: str, name: str, field: str) -> Secret | None:
        text = self._texts.get(f"{section}_{name}_{field}")
        return Secret(text) if text else None


@pytest.mark.parametrize(
    ("ask", "says"),
    [
        (lambda: refuse_plain("0.0.0.0", False), "speaks no TLS itself"),
        (lambda: refuse_plain("relay.example.com", False), "behind a reverse proxy"),
        (lambda: relay_token("main", Given()), "nobody has set it"),
        (lambda: relay_token("main", Given(relay_main_token="short")), "less than 16 characters"),
        (lambda: relay_url("main", "http://relay.example.com"), "is not https"),
        (lambda: relay_name(plan_with(), None), r"has no \[relay.NAME\]"),
        (lambda: relay_name(plan_with("main"), "mian"), "Is it main?"),
        (lambda: relay_name(plan_with("main", "spare"), None), "main, spare"),
    ],
)
def test_what_could_not_work_is_told(ask: Callable[[], object], says: str) -> None:
    with pytest.raises(UserError) as error:
        ask()
    assert re.search(says, str(error.value))


def test_what_can_work_is_taken() -> None:
    refuse_plain("127.0.0.1", False)
    refuse_plain("::1", False)
    refuse_plain("10.0.0.7", True)
    assert relay_name(plan_with("main"), None) == "main"
    assert relay_name(plan_with("main", "spare"), "spare") == "spare"
    assert relay_token("main", Given(relay_main_token=TOKEN)) == Secret(TOKEN)
    assert relay_url("main", "https://relay.example.com") == "https://relay.example.com"


def plan_with(*relays: str) -> SessionPlan:
    later = {"relay": {name: {"url": "https://relay.example.com"} for name in relays}}
    place, channel = Location(name="default", title=""), Channel(name="default", title="")
    return SessionPlan(
        id="p", ledger="p", title="", items=(), locations=(place,), channels=(channel,), later=later if relays else {}
    )
