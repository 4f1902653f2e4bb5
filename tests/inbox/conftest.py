"""Rooms of a store, with apps of the tests' own shop, and what each of them has in its inbox."""

from __future__ import annotations

import asyncio
from collections.abc import Callable, Iterator, Mapping
from typing import Any

import pytest

from overlaykit.inbox import Addresses, Answer, StoreKeeping, receive
from overlaykit.model.commands import SessionClose, SessionOpen, Submission
from overlaykit.model.connectors import Connector
from overlaykit.model.sessions import Channel, Item, Location, SessionPlan, Threshold
from overlaykit.model.settings import Secret
from overlaykit.model.wire import Headers, Request
from overlaykit.stock import SessionDirectory, StockEngine, inbox_key
from overlaykit.store import Inbox, InboxNow, Received, StoreClient, connect, connect_async, read_inbox
from tests.conftest import StoreServer
from tests.inbox.shop import SECRET, Shop, message

DOUYIN = Channel(name="douyin", title="抖音", connector="shop")


class Directory(SessionDirectory):
    """The sessions of one test, in a store that other tests use, too."""

    def __init__(self, client: StoreClient, own: set[str]) -> None:
        super().__init__(client)
        self._own = own

    def list(self) -> Any:
        return [each for each in super().list() if each.id in self._own]


class Rooms:
    """`open` plans and opens a room; `tell` sends a message to an app and gives the answer."""

    def __init__(self, url: str, name: str) -> None:
        self._url, self._name = url, name
        self.client = connect(url)
        self.secrets = {"channel.douyin.secret": SECRET}
        self.connectors: dict[str, type[Connector[Any]]] = {"shop": Shop}
        self.directory = Directory(self.client, set())
        self.keeping = StoreKeeping(self.client)
        self.addresses = Addresses(self.directory, self._plan_of, self.connectors, self)

    def find(self, section: str, name: str, field: str) -> Secret | None:
        text = self.secrets.get(f"{section}.{name}.{field}")
        return Secret(text) if text else None

    def open(
        self,
        *channels: Channel,
        suffix: str = "",
        settings: Mapping[str, Any] | None = None,
        opened: bool = True,
    ) -> str:
        """The id of a session with these channels, which is its ledger's name, too."""
        session = f"{self._name}{suffix}"
        channels = channels or (DOUYIN,)
        plan = SessionPlan(
            id=session,
            ledger=session,
            title="测试场",
            items=(
                Item(sku="A", title="大衣", opening={"hz": 100}, low=Threshold(units=5), critical=Threshold(units=1)),
            ),
            locations=(Location(name="hz", title="杭州仓"),),
            channels=channels,
            later={"channel": {each.name: {"settings": dict(settings or {})} for each in channels}},
        )
        engine = StockEngine(self.client, session)
        engine.plan(plan)
        if opened:
            engine.submit([Submission("open", SessionOpen(id="open"), "api:test")])
        self.directory.add(session, session)
        self.directory._own.add(session)
        return session

    def close(self, session: str) -> None:
        """The evening is over."""
        StockEngine(self.client, session).submit([Submission("close", SessionClose(id="close"), "api:test")])

    def tell(
        self,
        *told: dict[str, Any],
        app: str = "douyin",
        body: bytes | None = None,
        headers: Mapping[str, str] | None = None,
        method: str = "POST",
        query: Mapping[str, str] | None = None,
    ) -> Answer:
        """A message to the app, signed where nothing else is said. Raises Refusal, NotFound, StoreAway."""
        signed_body, signed_headers = message(*told)
        request = Request(
            method=method,
            query=query or {},
            headers=Headers(signed_headers if headers is None else headers),
            body=signed_body if body is None else body,
            received_ms=1_762_862_400_000,
        )
        return receive(self.keeping, self.addresses.find(app), request)

    def look(self, session: str, *apps: str) -> InboxNow:
        self.keeping.flush()
        return read_inbox(self.client, inbox_key(session), apps or ("douyin",))

    def waiting(self, session: str, app: str = "douyin") -> list[Received]:
        """The deliveries that the gateway would find."""

        async def asked() -> list[Received]:
            async with connect_async(self._url) as client:
                return [each for _, each in (await Inbox(client, inbox_key(session)).take(app)).taken]

        return asyncio.run(asked())

    def orders(self, session: str, app: str = "douyin") -> list[str]:
        """The orders of all deliveries that wait."""
        return [
            each.order
            for delivery in self.waiting(session, app)
            for each in delivery.arrivals
            if hasattr(each, "order")
        ]

    def _plan_of(self, record: Any) -> SessionPlan:
        return StockEngine(self.client, record.ledger).state().plan


@pytest.fixture
def make_rooms(store: StoreServer, ledger: str) -> Iterator[Callable[[], Rooms]]:
    """Rooms of a store of all tests."""
    made: list[Rooms] = []

    def make() -> Rooms:
        made.append(Rooms(store.url, ledger))
        return made[-1]

    yield make
    for each in made:
        each.client.close()


@pytest.fixture
def rooms(make_rooms: Callable[[], Rooms]) -> Rooms:
    return make_rooms()
