"""Sessions with somebody outside the room: a store, an outbox that the test fills, gateways that run in threads of the test."""

from __future__ import annotations

import asyncio
import json
import logging
import threading
from collections.abc import Callable, Iterator, Mapping
from contextlib import suppress
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import pytest

from overlaykit.gateway import run_gateway
from overlaykit.gateway.attempts import Patience
from overlaykit.model.connectors import Connector
from overlaykit.model.messages import Body, Message
from overlaykit.model.parsing import parse
from overlaykit.model.sessions import Channel, Item, Location, SessionPlan, Threshold
from overlaykit.model.settings import Secret
from overlaykit.stock import SessionDirectory, StockEngine, outbox_key
from overlaykit.store import (
    DeadLetter,
    Outbox,
    StoreClient,
    TargetStatus,
    connect,
    connect_async,
    read_outbox,
)
from tests.conftest import StoreServer, until


class Given:
    """Secrets by `section.name.field`."""

    def __init__(self, texts: Mapping[str, str]) -> None:
        self._texts = texts

    def find(self, section: str, name: str, field: str) -> Secret | None:
        text = self._texts.get(f"{section}.{name}.{field}")
        return Secret(text) if text else None


@dataclass
class Post:
    """A gateway that runs in a thread."""

    messages: list[str] = field(default_factory=list)
    failure: BaseException | None = None
    _stop: Callable[[], object] = lambda: None
    _thread: threading.Thread | None = None

    def start(self, redis_url: str, connectors: Mapping[str, type[Connector[Any]]], **more: Any) -> None:
        log = logging.Logger("gateway", logging.INFO)
        handler = logging.Handler()
        handler.emit = lambda record: self.messages.append(record.getMessage())  # type: ignore[method-assign]
        log.addHandler(handler)
        started = threading.Event()

        async def work() -> None:
            stop, loop = asyncio.Event(), asyncio.get_running_loop()
            self._stop = lambda: loop.call_soon_threadsafe(stop.set)
            started.set()
            await run_gateway(redis_url=redis_url, connectors=connectors, stop=stop, log=log, **more)

        def run() -> None:
            try:
                asyncio.run(work())
            except BaseException as error:
                self.failure = error

        self._thread = threading.Thread(target=run)
        self._thread.start()
        started.wait(10)

    def stop(self) -> None:
        """Ends it in order. Raises what it failed with."""
        if self._thread is None:
            return
        with suppress(RuntimeError):  # its loop is closed: it has just ended by itself
            self._stop()
        self._thread.join(20)
        assert not self._thread.is_alive(), "the gateway does not stop"
        self._thread = None
        if self.failure is not None:
            raise self.failure


class Evening:
    """A session that is open, and its outbox. `firing` is the seq of an entry that messages may follow from."""

    def __init__(self, client: StoreClient, url: str, session: str, plan: Mapping[str, Any]) -> None:
        self.session, self.client, self._url = session, client, url
        self.engine = StockEngine(client, session)
        self._count = 0
        low, critical = Threshold(share=0.2), Threshold(share=0.05)
        fields: dict[str, Any] = {
            "items": tuple(
                Item(sku=sku, title=sku, opening={"default": 100}, low=low, critical=critical) for sku in "AB"
            ),
            "locations": (Location(name="default", title="default"),),
            "channels": (Channel(name="default", title="default"),),
        }
        self.engine.plan(SessionPlan(id=session, ledger=session, title=session, **{**fields, **plan}))
        SessionDirectory(client).add(session, session)
        self.send("session.open")
        self.firing = self.engine.state().seq

    def send(self, type: str, **fields: object) -> dict[str, Any]:
        self._count += 1
        text = json.dumps({"type": type, "id": f"{type}-{self._count}", **fields}).encode()
        outcome: dict[str, Any] = json.loads(self.engine.submit([parse(text, "api:test")])[0])
        return outcome

    def put(self, id: str, target: str, body: Body, *, expires_at: int | None = None, index: int = 0) -> str:
        """Into the outbox, as the director does."""
        message = Message(
            id=id, firing=self.firing, index=index, action="test", target=target, body=body, expires_at=expires_at
        )

        async def put() -> str:
            async with connect_async(self._url) as client:
                return await Outbox(client, outbox_key(self.session)).put(message)

        return asyncio.run(put())

    def entries(self, type: str) -> list[dict[str, Any]]:
        found = (json.loads(line) for _, line in self.engine.read(0, count=1_000_000))
        return [entry for entry in found if entry["type"] == type]

    def results(self) -> list[tuple[str, str, str]]:
        """(target, status, detail) of what was performed."""
        return [
            (each["data"].get("target", ""), each["data"]["status"], each["data"].get("detail", ""))
            for each in self.entries("action.done")
        ]

    def wait_results(self, count: int) -> list[tuple[str, str, str]]:
        until(lambda: len(self.results()) >= count, f"{count} results")
        assert len(self.results()) == count
        return self.results()

    def target(self, name: str) -> TargetStatus | None:
        found = {each.name: each for each in read_outbox(self.client, outbox_key(self.session)).targets}
        return found.get(name)

    def wait_target(self, name: str, state: str) -> TargetStatus:
        def there() -> TargetStatus | None:
            found = self.target(name)
            return found if found and found.state == state else None

        return until(there, f"{name} is {state}")

    def dead(self) -> list[DeadLetter]:
        return read_outbox(self.client, outbox_key(self.session)).dead


@pytest.fixture(scope="module")
def store(tmp_path_factory: pytest.TempPathFactory) -> Iterator[StoreServer]:
    """A store that only these tests have: a gateway looks after every session of a store."""
    server = StoreServer("valkey9", tmp_path_factory.mktemp("store")).start()
    yield server
    server.stop()


@pytest.fixture
def evening(store: StoreServer, ledger: str) -> Iterator[Callable[..., Evening]]:
    """Opens the session: `evening(channels=(…), later={…})`. Closed at the end, so that no later gateway takes it up."""
    clients: list[StoreClient] = []
    opened: list[Evening] = []

    def start(session: str = ledger, **plan: Any) -> Evening:
        clients.append(connect(store.url))
        opened.append(Evening(clients[-1], store.url, session, plan))
        return opened[-1]

    yield start
    for each in opened:
        each.send("session.close")
        each.client.delete(f"{outbox_key(each.session)}:messages")
    for client in clients:
        client.close()


@pytest.fixture
def gateway(store: StoreServer) -> Iterator[Callable[..., Post]]:
    """Starts gateways: `gateway(Connector, …, secrets={…})`."""
    posts: list[Post] = []

    def start(*connectors: type[Connector[Any]], secrets: Mapping[str, str] | None = None, **more: Any) -> Post:
        posts.append(Post())
        by_name = {each.name: each for each in connectors}
        posts[-1].start(store.url, by_name, secrets=Given(secrets or {}), **more)
        return posts[-1]

    yield start
    for post in posts:
        post.stop()


@pytest.fixture
def quick() -> Patience:
    """Three attempts at a webhook, within a second or so."""
    return Patience(attempts=3, first=0.05, most=0.2)


@pytest.fixture
def notebook(tmp_path: Path) -> Path:
    """A file for what connectors of a test write down."""
    return tmp_path / "notebook.txt"
