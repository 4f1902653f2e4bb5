"""A storm of orders from three platforms, each message delivered one to five times, out of order and under several ids, over HTTP
to a real room, while its processes are killed and one platform's API is away. In the end the stock is a pure model's, to the unit.

OVERLAYKIT_STORM_ORDERS says how many orders: 10,000 take some minutes, so a run of all tests has 450.
"""

from __future__ import annotations

import base64
import datetime as dt
import http.client
import itertools
import os
import random
import threading
import time
from collections import Counter
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any, NamedTuple

import msgspec
import pytest

from overlaykit.stock import StockEngine, inbox_key
from overlaykit.store import connect, read_inbox
from plugins.douyin import fake as douyin
from plugins.generic_webhook.fake import FakeShop
from plugins.shopify.fake import FakeShopify
from tests.conftest import Room, until

ORDERS = int(os.environ.get("OVERLAYKIT_STORM_ORDERS", "450"))

pytestmark = [pytest.mark.faults, pytest.mark.store, pytest.mark.timeout(180 + ORDERS // 4)]

UNITS = 10_000_000
SECRET = "whsec_" + base64.b64encode(b"a secret of the storm, 32 bytes!").decode()
SHOPIFY_SECRET = "shpss_storm"
BEGIN = dt.datetime.now(dt.UTC).replace(microsecond=0) - dt.timedelta(hours=2)
PACK = 6
CLIENTS = 6
PATIENCE_SECONDS = 120.0

PLAN = """
id = "storm"
title = "暴风之夜"
item = [
  {{ link = 1, sku = "A", title = "羊绒大衣", price = "899.00", opening = {units} }},
  {{ link = 2, sku = "B", title = "羊毛围巾", price = "99.00", opening = {units} }},
]

[channel.shop]
connector = "generic_webhook"
push = false
every = 600
skus = {{ "A-PACK" = {{ sku = "A", quantity = {pack} }} }}

[channel.shopify]
connector = "shopify"
push = false
every = 600
shop = "made-up.myshopify.com"
settings = {{ shop = "made-up.myshopify.com", client_id = "storm", api = "{shopify}" }}

[channel.douyin]
connector = "hurried_douyin"
push = false
every = 600
shop = "{douyin_shop}"
settings = {{ app_key = "{app_key}", base_url = "{douyin}" }}
"""
HURRIED = '''"""抖店 in a hurry: the same connector, allowed more calls a second than the platform bears."""
from overlaykit.api import hookimpl
from plugins.douyin import Douyin


class HurriedDouyin(Douyin):
    name = "hurried_douyin"
    rate = 300.0


@hookimpl
def register_connectors(register):
    register(HurriedDouyin)
'''


class Message(NamedTuple):
    """What a platform sends to /hooks/APP. It signs each time that it sends, as what was signed minutes ago is too old."""

    app: str
    body: bytes
    sign: Callable[[], dict[str, str]]


class Books:
    """What all orders come to, kept by adding up: units of each item that are held, paid for, sent."""

    def __init__(self) -> None:
        self.held: Counter[str] = Counter()
        self.committed: Counter[str] = Counter()
        self.shipped: Counter[str] = Counter()

    def add(
        self, lines: dict[str, int], *, paid: bool, cancelled: bool, refunded: dict[str, int], shipped: bool
    ) -> None:
        for name, units in lines.items():
            sku, each = {"A-PACK": ("A", PACK)}.get(name, (name, 1))
            left = 0 if cancelled or sku not in "AB" else (units - refunded.get(name, 0)) * each
            (self.shipped if shipped else self.committed if paid else self.held)[sku] += left

    def row(self, sku: str) -> tuple[int, int, int, int]:
        """Available, held, committed, shipped."""
        gone = self.held[sku] + self.committed[sku] + self.shipped[sku]
        return UNITS - gone, self.held[sku], self.committed[sku], self.shipped[sku]


class Evening:
    """Orders of all three platforms: what happens to each, the messages that say so, and what they come to."""

    def __init__(self, dice: random.Random, shop: FakeShop, shopify: FakeShopify, doudian: douyin.FakeDouyin) -> None:
        self._dice, self._shop, self._shopify, self._doudian = dice, shop, shopify, doudian
        self._ids = itertools.count(1)
        self.books, self.messages = Books(), list[Message]()
        for number in range(ORDERS):
            (self._of_shop, self._of_shopify, self._of_douyin)[number % 3](f"o-{number}")

    def _deliver(self, make: Callable[[str], Message]) -> None:
        """One to five times; now and then the platform gives the same happening another id."""
        id = f"d-{next(self._ids)}"
        message = make(id)
        for _ in range(self._dice.randint(1, 5)):
            again = self._dice.random() < 0.2
            self.messages.append(make(f"d-{next(self._ids)}") if again else message)

    def _lines(self, names: tuple[str, ...]) -> dict[str, int]:
        chosen = self._dice.sample(names, self._dice.randint(1, 2))
        return {name: self._dice.randint(1, 4) for name in chosen}

    def _chance(self, share: float) -> bool:
        return self._dice.random() < share

    def _of_shop(self, order: str) -> None:
        """Messages that say it all; orders grow, are paid, refunded in part, sent, cancelled."""
        lines = self._lines(("A", "B", "A-PACK", "OTHER"))

        def say(type: str, minute: int, **data: Any) -> None:
            at = (BEGIN + dt.timedelta(minutes=minute)).isoformat()
            body = msgspec.json.encode({"type": type, "timestamp": at, "data": {"order": order, **data}})
            self._deliver(lambda id: Message("shop", body, lambda: self._shop.headers(id, body)))

        def rows(units: dict[str, int]) -> list[dict[str, Any]]:
            return [
                {"sku": sku, "quantity": count, "unit_price": 9900, "currency": "CNY"} for sku, count in units.items()
            ]

        say("order.placed", 0, lines=rows(lines))
        grows, paid, cancelled = self._chance(0.2), self._chance(0.8), self._chance(0.15)
        if grows:
            lines = {name: units + 1 for name, units in lines.items()}
            say("order.placed", 1, lines=rows(lines))
        if paid:
            say("order.paid", 2, lines=rows(lines))
        refunded: dict[str, int] = {}
        if paid and not grows and self._chance(0.3):
            name = self._dice.choice(list(lines))
            refunded = {name: self._dice.randint(1, lines[name])}
            say("order.refunded", 3, lines=rows(refunded), transition="r-1", restock=True)
        shipped = paid and not grows and not refunded and not cancelled and self._chance(0.3)
        if shipped:
            say("order.shipped", 3)
        if cancelled:
            say("order.cancelled", 4)
        self.books.add(lines, paid=paid, cancelled=cancelled, refunded=refunded, shipped=shipped)

    def _of_shopify(self, order: str) -> None:
        """Messages that say it all, with ids that no float holds."""
        lines, paid, cancelled = self._lines(("A", "B")), self._chance(0.8), self._chance(0.15)
        id = str(2**53 + 1 + next(self._ids))

        def say(topic: str, minute: int, payload: Any) -> None:
            at = (BEGIN + dt.timedelta(minutes=minute)).isoformat()
            body = msgspec.json.encode(payload)
            self._deliver(
                lambda event: Message(
                    "shopify", body, lambda: self._shopify.headers(topic, body, event, **{"x-shopify-triggered-at": at})
                )
            )

        say("orders/create", 0, self._shopify.place(list(lines.items()), id=id))
        if paid:
            say("orders/paid", 1, self._shopify.pay(id))
        refunded: dict[str, int] = {}
        if paid and self._chance(0.3):
            sku = self._dice.choice(list(lines))
            refunded = {sku: self._dice.randint(1, lines[sku])}
            say("refunds/create", 2, self._shopify.refund(id, list(refunded.items())))
        if cancelled:
            say("orders/cancelled", 3, self._shopify.cancel(id))
        self.books.add(lines, paid=paid, cancelled=cancelled, refunded=refunded, shipped=False)

    def _of_douyin(self, order: str) -> None:
        """Thin messages: the room asks, and is told how the order is by then."""
        fake, lines = self._doudian, self._lines(("A", "B"))
        id = fake.place(lines)
        paid = self._chance(0.8)
        told = [("created", id)]
        if paid:
            fake.pay(id)
            told.append(("paid", id))
        refunded: dict[str, int] = {}
        cancelled = self._chance(0.15)
        if cancelled:
            fake.cancel(id)
            told.append(("cancelled", id))
        elif paid and self._chance(0.3):
            sku = self._dice.choice(list(lines))
            refunded = {sku: self._dice.randint(1, lines[sku])}
            told.append(("refunded", fake.refund(id, lines=refunded)))
        for what, name in told:

            def make(delivery: str, what: str = what, name: str = name) -> Message:
                body = msgspec.json.encode([fake.message(what, name, delivery=delivery)])
                return Message("douyin", body, lambda: douyin.signed(body))

            self._deliver(make)
        self.books.add(lines, paid=paid, cancelled=cancelled, refunded=refunded, shipped=False)


class Courier(threading.Thread):
    """Delivers messages until each is acknowledged, as platforms do."""

    def __init__(self, room: Room, messages: Iterator[Message], lock: threading.Lock) -> None:
        super().__init__(daemon=True)
        self._room, self._messages, self._lock = room, messages, lock
        self._connection: http.client.HTTPConnection | None = None
        self.delivered = 0
        self.failure: BaseException | None = None

    def run(self) -> None:
        try:
            while True:
                with self._lock:
                    message = next(self._messages, None)
                if message is None:
                    return
                self._deliver(message)
                self.delivered += 1
        except BaseException as error:
            self.failure = error
        finally:
            if self._connection is not None:
                self._connection.close()

    def _deliver(self, message: Message) -> None:
        deadline = time.monotonic() + PATIENCE_SECONDS
        while time.monotonic() < deadline:
            try:
                if self._connection is None:
                    self._connection = http.client.HTTPConnection("127.0.0.1", self._room.port, timeout=15)
                self._connection.request("POST", f"/hooks/{message.app}", message.body, message.sign())
                answer = self._connection.getresponse()
                said = answer.read()
            except (OSError, http.client.HTTPException):
                if self._connection is not None:
                    self._connection.close()
                self._connection = None
                time.sleep(0.05)
                continue
            if answer.status == 200:
                return
            assert answer.status == 503, (answer.status, said)
            time.sleep(0.05)
        raise AssertionError(f"{message.app} was not heard within {PATIENCE_SECONDS:.0f} s")


@pytest.fixture
def platforms() -> Iterator[tuple[FakeShop, FakeShopify, douyin.FakeDouyin]]:
    shop = FakeShop(secret=SECRET)
    shopify = FakeShopify(secret=SHOPIFY_SECRET, stock={"A": UNITS, "B": UNITS})
    doudian = douyin.FakeDouyin({"A": UNITS, "B": UNITS})
    yield shop, shopify, doudian
    for each in (shop, shopify, doudian):
        each.close()


def test_a_storm_from_three_platforms_leaves_exactly_what_a_model_says(
    room: Callable[..., Room], tmp_path: Path, platforms: tuple[FakeShop, FakeShopify, douyin.FakeDouyin]
) -> None:
    shop, shopify, doudian = platforms
    dice = random.Random(20261111)
    evening = Evening(dice, shop, shopify, doudian)
    dice.shuffle(evening.messages)
    folder = tmp_path / "storm"
    (folder / "plugins").mkdir(parents=True)
    (folder / "plugins" / "hurried.py").write_text(HURRIED, encoding="utf-8")
    addresses = {"shopify": shopify.url, "douyin": doudian.url}
    plan = PLAN.format(units=UNITS, pack=PACK, douyin_shop=douyin.SHOP, app_key=douyin.APP_KEY, **addresses)
    (folder / "session.toml").write_text(plan, encoding="utf-8")
    secrets = {
        "OVERLAYKIT_SECRET_CHANNEL_SHOP_SECRET": SECRET,
        "OVERLAYKIT_SECRET_CHANNEL_SHOPIFY_SECRET": SHOPIFY_SECRET,
        "OVERLAYKIT_SECRET_CHANNEL_DOUYIN_APP_SECRET": douyin.APP_SECRET,
    }
    running = room(folder, environment=secrets)
    lock, messages = threading.Lock(), iter(evening.messages)
    couriers = [Courier(running, messages, lock) for _ in range(CLIENTS)]
    for courier in couriers:
        courier.start()

    def after(share: float) -> None:
        """Waits until so much of the storm is delivered."""

        def far_enough() -> bool:
            failures = [courier.failure for courier in couriers if courier.failure]
            assert not failures, failures[0]
            return sum(courier.delivered for courier in couriers) >= share * len(evening.messages)

        until(far_enough, f"{share:.0%} is delivered", 600)

    for share, name in ((0.15, "web"), (0.3, "gateway"), (0.45, "director"), (0.6, "gateway"), (0.75, "web")):
        after(share)
        running.kill(name)
        if name == "director":
            doudian.down = True
    after(0.85)
    doudian.down = False
    after(1.0)
    for courier in couriers:
        courier.join()

    with connect(running.store_url) as client:
        key, apps = inbox_key("storm"), ["shop", "shopify", "douyin"]

        def settled() -> bool:
            return not any(queue.waiting for queue in read_inbox(client, key, apps).queues.values())

        until(settled, "all is counted", 300)
        inbox = read_inbox(client, key, apps)
        state = StockEngine(client, "storm").state()
    rows = {sku: state.items[sku].units.rows["default"] for sku in "AB"}
    found = {sku: (row[1], row[2], row[3], row[7]) for sku, row in rows.items()}
    assert found == {sku: evening.books.row(sku) for sku in "AB"}
    assert (inbox.dead.in_all, inbox.aside.in_all) == (0, 0)
    assert {name: counts.refused + counts.unreadable for name, counts in inbox.apps.items()} in (
        {},
        dict.fromkeys(apps, 0),
    )
