"""`overlaykit plugin authorise`, as an operator does it: a link, a yes in a browser, a token that the room has."""

from __future__ import annotations

import os
import re
import subprocess
import sys
import threading
from collections.abc import Callable, Iterator
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from typing import TYPE_CHECKING
from urllib.parse import parse_qs, urlsplit
from urllib.request import urlopen

import pytest

from overlaykit.store import connect
from overlaykit.store.grants import Grants
from tests.conftest import PLAN, REPOSITORY, until

if TYPE_CHECKING:
    from tests.conftest import Room

pytestmark = pytest.mark.store

PLUGIN = '''
"""A platform of a test."""

from overlaykit.api import Capability, Connector, Grant, Secret, Settings, StockLevelObserved, UserError, hookimpl


class AcmeSettings(Settings):
    secret: Secret
    base_url: str


class Acme(Connector[AcmeSettings]):
    name = "acme"
    capabilities = frozenset({Capability.CHAT_SEND})

    def authorise_url(self, callback, state):
        return f"{self.settings.base_url}/authorise?redirect_uri={callback}&state={state}"

    async def grant(self, query, callback, ctx):
        if "code" not in query:
            raise UserError("没有授权码 / there is no code", remedy="Try once more.")
        found = await ctx.http.post(
            f"{self.settings.base_url}/token",
            form={"code": query["code"], "redirect_uri": callback, "secret": self.settings.secret.reveal()},
        )
        return Grant(token=found["token"], shop=found["shop"], expires_at=found["ends"])

    async def send_chat(self, text, ctx):
        return None


class Plain(Connector):
    name = "plain"
    capabilities = frozenset({Capability.CHAT_SEND})

    async def send_chat(self, text, ctx):
        return None


@hookimpl
def register_connectors(register):
    register(Acme)
    register(Plain)
'''
CHANNELS = """
[channel.shop]
connector = "acme"
shop = "88"
settings = {{ base_url = "{url}" }}
[channel.plain]
connector = "plain"
"""


class Platform(ThreadingHTTPServer):
    """Gives a token for the code `yes`."""

    def __init__(self) -> None:
        super().__init__(("127.0.0.1", 0), _Answers)
        self.told: list[dict[str, list[str]]] = []

    @property
    def url(self) -> str:
        return f"http://127.0.0.1:{self.server_port}"


class _Answers(BaseHTTPRequestHandler):
    server: Platform

    def do_POST(self) -> None:
        form = parse_qs(self.rfile.read(int(self.headers["Content-Length"])).decode())
        self.server.told.append(form)
        good = form["code"] == ["yes"]
        body = b'{"token": "t0ken-of-88", "shop": "88", "ends": 4102444800}' if good else b"{}"
        self.send_response(200 if good else 403)
        self.send_header("Content-Length", str(len(body)))
        self.end_headers()
        self.wfile.write(body)

    def log_message(self, *_: object) -> None:
        """Nothing is printed."""


@pytest.fixture
def platform() -> Iterator[Platform]:
    with Platform() as server:
        thread = threading.Thread(target=server.serve_forever, args=(0.02,))
        thread.start()
        yield server
        server.shutdown()
        thread.join()


@pytest.fixture
def evening(plan_folder: Path, platform: Platform) -> Path:
    """A session's folder with a plugin of its own and a channel of it."""
    (plan_folder / "session.toml").write_text(PLAN + CHANNELS.format(url=platform.url), encoding="utf-8")
    (plan_folder / "plugins").mkdir()
    (plan_folder / "plugins" / "acme.py").write_text(PLUGIN, encoding="utf-8")
    return plan_folder


class Command:
    """`overlaykit plugin authorise …` beside a room."""

    def __init__(self, room: Room, *words: str, typed: str = "") -> None:
        command = [sys.executable, "-m", "overlaykit", "plugin", "authorise", *words, "--state", str(room.state)]
        surroundings = {**os.environ, "PYTHONPATH": str(REPOSITORY), "PYTHONUNBUFFERED": "1", **SECRET}
        self.process = subprocess.Popen(
            command, stdin=subprocess.PIPE, stdout=subprocess.PIPE, stderr=subprocess.STDOUT, env=surroundings
        )
        self.printed = ""
        assert self.process.stdin is not None
        self.process.stdin.write(typed.encode())
        self.process.stdin.close()
        self._reader = threading.Thread(target=self._read)
        self._reader.start()

    def _read(self) -> None:
        assert self.process.stdout is not None
        for line in self.process.stdout:
            self.printed += line.decode()

    def link(self) -> str:
        return until(
            lambda: (found := re.search(r"http\S+/authorise\?\S+", self.printed)) and found[0],
            f"a link in {self.printed}",
        )

    def end(self) -> tuple[int, str]:
        status = self.process.wait(90)
        self._reader.join()
        assert self.process.stdout is not None
        self.process.stdout.close()
        return status, self.printed


SECRET = {"OVERLAYKIT_SECRET_CHANNEL_SHOP_SECRET": "s3cret-of-the-app"}


def browse(link: str, **query: str) -> str:
    """The owner opens the link and says yes: the platform sends the browser back. Gives the page."""
    asked = parse_qs(urlsplit(link).query)
    words = "&".join(f"{name}={value}" for name, value in {**query, "state": asked["state"][0], "lang": "en"}.items())
    with urlopen(f"{asked['redirect_uri'][0]}?{words}", timeout=10) as page:
        return str(page.read().decode())


def test_somebody_says_yes_and_the_room_has_a_token(
    room: Callable[..., Room], evening: Path, platform: Platform
) -> None:
    running = room(evening, environment=SECRET)
    command = Command(running, "room", "shop")
    page = browse(command.link(), code="yes")
    assert "fetching" in page or "Authorised" in page
    status, printed = command.end()
    assert status == 0, printed
    assert "已授权 / authorised，店铺 / for the shop 88，有效期至 / good until 2100-01-01 00:00 UTC" in printed
    assert "redirect_uri" in command.link()
    told = platform.told[0]
    assert told == {
        "code": ["yes"],
        "redirect_uri": [f"{running.url}/oauth/shop/callback"],
        "secret": ["s3cret-of-the-app"],
    }
    with connect(running.store_url) as client:
        assert [each.grant.token for each in Grants(client).of("shop")] == ["t0ken-of-88"]
    for shown in (printed, page, running.output, running.logs()):
        assert "t0ken" not in shown
        assert "s3cret" not in shown

    refused = Command(running, "shop")
    assert "Not authorised" in browse(refused.link(), error="access_denied", error_description="not+today")
    status, printed = refused.end()
    assert status == 2
    assert "access_denied: not today" in printed

    for wrong in ("no", "never"):
        failed = Command(running, "shop")
        browse(failed.link(), code=wrong)
        status, printed = failed.end()
        assert status == 2
        assert "403" in printed

    elsewhere = Command(running, "shop", "--public-url", "https://room.example.com/")
    assert "redirect_uri=https://room.example.com/oauth/shop/callback" in elsewhere.link()
    elsewhere.process.terminate()
    elsewhere.end()

    pasted = Command(running, "shop", "--token", "-", "--shop", "99", typed="pasted-t0ken\n")
    status, printed = pasted.end()
    assert (status, "pasted" in printed) == (0, False)
    with connect(running.store_url) as client:
        assert [each.grant.token for each in Grants(client).of("shop")] == ["t0ken-of-88", "pasted-t0ken"]


def test_mistakes_are_explained(room: Callable[..., Room], evening: Path) -> None:
    running = room(evening, environment=SECRET)
    mistakes: list[tuple[tuple[str, ...], tuple[str, ...]]] = [
        (("shopp",), ("no app 'shopp'", "is it 'shop'?", "Apps: shop, plain")),
        (("nowhere", "shop"), ("nowhere",)),
        (("plain",), ("has no page to authorise at", "--token")),
        (("shop", "--token", " "), ("the token is empty",)),
        (("shop", "--public-url", "room.example.com"), ("is no address of a room", "https://room.example.com")),
    ]
    commands = [(Command(running, *words), says) for words, says in mistakes]
    for command, says in commands:
        status, printed = command.end()
        assert status == 2, printed
        assert "Traceback" not in printed
        for text in says:
            assert text in " ".join(printed.split())
