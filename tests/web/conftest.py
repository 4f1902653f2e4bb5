"""A web process of the test's own, before a real store, with a session that the test planned itself."""

from __future__ import annotations

import asyncio
import json
import os
import signal
import subprocess
import sys
import time
import urllib.error
import urllib.request
from collections.abc import Callable, Coroutine, Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager
from dataclasses import dataclass
from http.cookiejar import CookieJar
from pathlib import Path
from typing import TYPE_CHECKING, Any
from urllib.parse import urlencode

import pytest
import redis
import websocket

from overlaykit.model.commands import SessionOpen, Submission
from overlaykit.model.messages import Message, WebhookEvent
from overlaykit.model.sessions import Channel, Item, Location, SessionPlan, Threshold
from overlaykit.stock import SessionDirectory, StockEngine, lease_key, outbox_key
from overlaykit.store import (
    SCOPES,
    DeadLetter,
    Lease,
    Outbox,
    StoreClient,
    TargetStatus,
    Tokens,
    connect,
    connect_async,
)
from tests.conftest import StoreServer, free_tcp_port, until
from tests.web.desks import Desks

if TYPE_CHECKING:
    from playwright.sync_api import Browser, Page

REPOSITORY = Path(__file__).resolve().parents[2]
SERVER = Path(__file__).with_name("serve_app.py")


def plan_of(
    session: str,
    *,
    units: int = 1000,
    items: int = 2,
    later: dict[str, Any] | None = None,
    channels: tuple[Channel, ...] = (),
) -> SessionPlan:
    """Items A, B …, each with `units`, half in hz (serves CN) and half in la (serves US); channels mini and live,
    the latter with a stream that is eight seconds behind, and `channels`. `later`: its rules, OBS and the like."""
    names = [chr(ord("A") + place) if place < 26 else f"SKU-{place}" for place in range(items)]
    return SessionPlan(
        id=session,
        ledger=session,
        title=f"测试场 <{session}>",
        items=tuple(
            Item(
                sku=name,
                link=place + 1,
                title=f"商品 {name} <b>",
                price="99.00",
                opening={"hz": units // 2, "la": units - units // 2},
                low=Threshold(share=0.2),
                critical=Threshold(share=0.05),
            )
            for place, name in enumerate(names)
        ),
        locations=(
            Location(name="hz", title="杭州仓", serves=("CN",)),
            Location(name="la", title="洛杉矶仓", serves=("US",)),
        ),
        channels=(
            Channel(name="mini", title="小程序"),
            Channel(name="live", title="直播间", stream_delay=8.0),
            *channels,
        ),
        later=later or {},
    )


@dataclass
class Answer:
    """An HTTP answer."""

    status: int
    headers: dict[str, str]
    body: bytes

    @property
    def json(self) -> Any:
        return json.loads(self.body)

    @property
    def type(self) -> str:
        return self.headers.get("Content-Type", "").partition(";")[0]


@dataclass
class Web:
    """One web process and the session `session` that it serves. `tokens`: scope -> text."""

    url: str
    port: int
    session: str
    tokens: dict[str, str]
    client: StoreClient
    engine: StockEngine
    store_url: str
    process: subprocess.Popen[bytes]
    log: Path

    def ask(
        self,
        method: str,
        path: str,
        body: bytes | None = None,
        *,
        scope: str | None = "operator",
        headers: dict[str, str] | None = None,
    ) -> Answer:
        request = urllib.request.Request(self.url + path, data=body, method=method, headers=headers or {})
        if scope is not None:
            request.add_header("Authorization", f"Bearer {self.tokens[scope]}")
        try:
            with urllib.request.urlopen(request, timeout=20) as answer:
                return Answer(answer.status, dict(answer.headers), answer.read())
        except urllib.error.HTTPError as error:
            with error:
                return Answer(error.code, dict(error.headers), error.read())

    def get(self, path: str, *, scope: str | None = "operator", headers: dict[str, str] | None = None) -> Answer:
        return self.ask("GET", path, scope=scope, headers=headers)

    def send(
        self,
        body: object,
        *,
        scope: str | None = "operator",
        type: str = "application/json",
        session: str | None = None,
    ) -> Answer:
        """Commands: bytes as they are, anything else as JSON."""
        data = body if isinstance(body, bytes) else json.dumps(body).encode()
        path = f"/api/v1/sessions/{session or self.session}/commands"
        return self.ask("POST", path, data, scope=scope, headers={"Content-Type": type})

    def reserve(self, order: str, quantity: int = 1, sku: str = "A") -> Answer:
        return self.send(
            {"type": "order.reserve", "id": order, "order": order, "lines": [{"sku": sku, "quantity": quantity}]}
        )

    def board(self, query: str = "", scope: str = "overlay") -> Any:
        return self.get(f"/api/v1/sessions/{self.session}/board{query}", scope=scope).json


def until_refused(refused: Callable[[], bool], within: float = 1.0) -> None:
    """Asks until it is refused: what is asked so many seconds from now, or later, has to be, however long an answer takes."""
    began = time.monotonic()
    while True:
        asked_after = time.monotonic() - began
        if refused():
            return
        assert asked_after < within, f"not refused {asked_after:.1f} s later"
        time.sleep(0.02)


class Visitor:
    """A browser without its screen: keeps cookies, follows redirects."""

    def __init__(self, web: Web) -> None:
        self.web = web
        self.cookies = CookieJar()
        self._opener = urllib.request.build_opener(urllib.request.HTTPCookieProcessor(self.cookies))
        self.at = ""

    def go(self, path: str, form: dict[str, str] | None = None, **headers: str) -> Answer:
        data = None if form is None else urlencode(form).encode()
        request = urllib.request.Request(self.web.url + path, data=data, headers={"Accept": "text/html", **headers})
        try:
            with self._opener.open(request, timeout=10) as answer:
                self.at = answer.url.removeprefix(self.web.url)
                return Answer(answer.status, dict(answer.headers), answer.read())
        except urllib.error.HTTPError as error:
            with error:
                return Answer(error.code, dict(error.headers), error.read())

    def log_in(self, scope: str = "operator", **headers: str) -> Answer:
        headers = headers or {"Origin": self.web.url}
        form = {"token": self.web.tokens[scope], "next": f"/desk?session={self.web.session}"}
        return self.go("/login", form, **headers)

    @property
    def cookie_header(self) -> str:
        return "; ".join(f"{cookie.name}={cookie.value}" for cookie in self.cookies)


class Viewer:
    """Applies what a feed says, as any client would."""

    def __init__(self, connection: websocket.WebSocket) -> None:
        self.connection = connection
        self.board: dict[str, Any] = {}
        self.kinds: list[str] = []
        self.stale: list[bool] = []
        self.last: dict[str, Any] = {}

    def take(self) -> dict[str, Any]:
        frame: dict[str, Any] = json.loads(self.connection.recv())
        self.kinds.append(frame["type"])
        if frame["type"] in ("board", "change"):
            self.last = frame
        if "stale" in frame:
            self.stale.append(frame["stale"])
        if frame["type"] == "board":
            self.board = frame
        elif frame["type"] == "change":
            assert frame["from"] == self.board["seq"], "a gap"
            self.board["items"].update(frame["items"])
            self.board.update({k: v for k, v in frame.items() if k not in ("items", "from", "type")})
        return frame

    def take_until(self, seq: int) -> None:
        while self.board.get("seq", -1) < seq:
            self.take()

    def take_kind(self, kind: str) -> dict[str, Any]:
        while (frame := self.take())["type"] != kind:
            pass
        return frame


@contextmanager
def watch(web: Web, query: str = "", scope: str = "overlay", **options: Any) -> Iterator[Viewer]:
    address = f"ws://127.0.0.1:{web.port}/ws/board?token={web.tokens[scope]}&session={web.session}{query}"
    options.setdefault("suppress_origin", True)
    connection = websocket.create_connection(address, timeout=15, **options)
    try:
        yield Viewer(connection)
    finally:
        connection.close()
        connection.shutdown()  # type: ignore[no-untyped-call]  # when the server closed first, `close` leaves the socket open


def open_session(
    client: redis.Redis,
    session: str,
    *,
    units: int = 1000,
    items: int = 2,
    later: dict[str, Any] | None = None,
    channels: tuple[Channel, ...] = (),
    plan: SessionPlan | None = None,
) -> StockEngine:
    """Plans `plan`, or `plan_of(session)`, and opens it."""
    engine = StockEngine(client, session)
    engine.plan(plan or plan_of(session, units=units, items=items, later=later, channels=channels))
    engine.submit([Submission(f"open-{session}", SessionOpen(id=f"open-{session}"), "api:test")])
    SessionDirectory(client).add(session, session)
    return engine


def _start(
    started: list[Web],
    folder: Path,
    store: StoreServer,
    session: str,
    *,
    units: int = 1000,
    items: int = 2,
    later: dict[str, Any] | None = None,
    channels: tuple[Channel, ...] = (),
    plan: SessionPlan | None = None,
    open_files: int = 0,
    ulimit: int | None = None,
) -> Web:
    client = connect(store.url)
    engine = open_session(client, session, units=units, items=items, later=later, channels=channels, plan=plan)
    tokens = {scope: Tokens(client).create(scope, f"{scope}-{session}") for scope in SCOPES}
    return _serve(started, folder, store.url, session, client, engine, tokens, open_files, ulimit)


def _serve(
    started: list[Web],
    folder: Path,
    store_url: str,
    session: str,
    client: StoreClient,
    engine: StockEngine,
    tokens: dict[str, str],
    open_files: int = 0,
    ulimit: int | None = None,
) -> Web:
    log, port = folder / f"web-{len(started)}.log", free_tcp_port()
    command = [sys.executable, str(SERVER), store_url, str(folder), str(port), str(ulimit or open_files)]
    if ulimit is not None:
        command = ["sh", "-c", f'ulimit -n {ulimit} && exec "$@"', "sh", *command]
    with log.open("wb") as out:
        process = subprocess.Popen(command, stdout=out, stderr=out, env={**os.environ, "PYTHONPATH": str(REPOSITORY)})
    web = Web(f"http://127.0.0.1:{port}", port, session, tokens, client, engine, store_url, process, log)
    started.append(web)

    def ready() -> bool:
        assert process.poll() is None, log.read_text(errors="replace")
        return b"ready" in log.read_bytes()

    until(ready, "the web process serves")
    return web


def _end(started: list[Web]) -> None:
    for web in started:
        web.client.close()
        if web.process.poll() == -signal.SIGKILL:
            continue  # by the test
        web.process.terminate()
        try:
            assert web.process.wait(10) == 0, web.log.read_text(errors="replace")
        finally:
            web.process.kill()
            web.process.wait()


@pytest.fixture
def start_web(tmp_path: Path) -> Iterator[Callable[..., Web]]:
    """Starts a web process on a free port for a session it plans: `start_web(store, ledger, units=1000, items=2, later={…})`.

    With `ulimit=256` it may open no more files than that, and knows it; `open_files` only makes it believe so.
    """
    started: list[Web] = []

    def start(store: StoreServer, session: str, **options: Any) -> Web:
        return _start(started, tmp_path, store, session, **options)

    yield start
    _end(started)


@pytest.fixture
def start_second_web(tmp_path: Path) -> Iterator[Callable[[Web], Web]]:
    """Starts another web process for the same session, on its own port."""
    started: list[Web] = []
    folder = tmp_path / "second"
    folder.mkdir()

    def start(web: Web) -> Web:
        client = connect(web.store_url)
        engine = StockEngine(client, web.session)
        return _serve(started, folder, web.store_url, web.session, client, engine, web.tokens)

    yield start
    _end(started)


@contextmanager
def serving(store: StoreServer, folder: Path, session: str, **options: Any) -> Iterator[Web]:
    """A web process for a session that it plans, as `start_web` starts them."""
    started: list[Web] = []
    try:
        yield _start(started, folder, store, session, **options)
    finally:
        _end(started)


@pytest.fixture(scope="module")
def web(store: StoreServer, tmp_path_factory: pytest.TempPathFactory, request: pytest.FixtureRequest) -> Iterator[Web]:
    """One web process for the tests of a file; each adds orders of its own."""
    session = f"{request.module.__name__.rpartition('.')[2].replace('_', '-')}-{os.getpid()}-{os.urandom(2).hex()}"
    with serving(store, tmp_path_factory.mktemp("web"), session, units=1_000_000) as served:
        yield served


@pytest.fixture(scope="module")
def desks(chromium: Browser, room: Web) -> Iterator[Desks]:
    """Opens desks and overlays of the module's `room`; they stay open for its tests."""
    with Desks(chromium, room) as found:
        yield found


@pytest.fixture
def open_desk(chromium: Browser, room: Web) -> Iterator[Callable[..., Page]]:
    """Opens desks of the module's `room` for one test: `open_desk("viewer", view="rules", lang="zh-CN")`."""
    with Desks(chromium, room) as found:
        yield found.open


def say_outside(url: str, session: str, statuses: list[TargetStatus], *, dead: str | None = None) -> None:
    """What a gateway would say."""

    async def story() -> None:
        async with connect_async(url) as client:
            lease = Lease(client, lease_key(session, "gateway"), "first")
            outbox = Outbox(client, outbox_key(session), lease.fence_key)
            await outbox.say_targets({each.name: each for each in statuses})
            if dead is not None:
                event = WebhookEvent(type="rule.fired", timestamp="2026-11-11T12:00:00Z", data={})
                message = Message(id="w-1", firing=7, index=0, action="webhook", target="crm", body=event)
                assert await lease.take()
                await outbox.put(message)
                await outbox.start(message, lease.token)
                await outbox.finish(message, lease.token, dead=DeadLetter(message, 10, dead))

    in_a_thread(story)


def in_a_thread(story: Callable[[], Coroutine[Any, Any, None]]) -> None:
    """Runs it to its end: where Playwright is on, this thread has a loop already."""
    with ThreadPoolExecutor(1) as thread:
        thread.submit(asyncio.run, story()).result()
