"""What a director does to a ledger: what may go, goes; what may not, stays; and a replay does it all again."""

import asyncio
import json
import secrets
from collections.abc import Callable, Coroutine, Iterator
from typing import Any

import pytest

from overlaykit.model.parsing import parse
from overlaykit.model.sessions import Channel, Item, Location, SessionPlan, Threshold
from overlaykit.stock import Keeper, StockEngine
from overlaykit.store import connect, connect_async

pytestmark = pytest.mark.store
MORNING = 1_800_000_000_000
HOUR = 3_600_000
DAY = 24 * HOUR


class Shop:
    """A session of the morning, with an engine at times of the test's own, and a keeper."""

    def __init__(self, url: str, ledger: str) -> None:
        self.url, self.ledger, self.now, self._count = url, ledger, MORNING, 0
        self.client: Any = connect(url)
        self.engine = StockEngine(self.client, ledger)
        low = Threshold(share=0.2)
        self.engine.plan(
            SessionPlan(
                id=ledger,
                ledger=ledger,
                title="晨场",
                items=(Item(sku="A", title="大衣", opening={"hz": 100}, low=low, critical=low),),
                locations=(Location(name="hz", title="杭州"),),
                channels=(Channel(name="mini", title="小程序"),),
            )
        )
        self.client.hset(f"overlaykit:{{{ledger}}}:head", mapping={"planned_at": MORNING, "rotated_at": MORNING})
        self.send("session.open")

    def send(self, type: str, **fields: object) -> dict[str, Any]:
        self._count += 1
        text = json.dumps({"type": type, "id": f"c-{self._count}", **fields}).encode()
        found: dict[str, Any] = json.loads(self.engine.submit([parse(text, "api:shop")], now_ms=self.now)[0])
        return found

    def order(self, name: str, quantity: int = 1) -> None:
        lines = [{"sku": "A", "quantity": quantity}]
        assert self.send("order.record", order=name, channel="mini", paid=True, lines=lines)["status"] == "accepted"

    def keep(self, do: Callable[[Keeper], Coroutine[Any, Any, Any]]) -> Any:
        async def run() -> Any:
            async with connect_async(self.url) as client:
                return await do(Keeper(client, self.ledger))

        return asyncio.run(run())

    def entries(self) -> list[dict[str, Any]]:
        return [json.loads(line) for _, line in self.engine.read(0, count=100_000)]

    def orders(self) -> set[str]:
        return {name.decode() for name in self.client.hkeys(f"overlaykit:{{{self.ledger}}}:orders")}


@pytest.fixture
def shop(any_store: Any, ledger: str) -> Iterator[Shop]:
    found = Shop(any_store.url, ledger)
    yield found
    found.client.close()


def test_ids_rotate_after_a_day_and_an_id_is_known_until_the_second_time(shop: Shop) -> None:
    first = {"type": "stock.adjust", "id": "once", "sku": "A", "delta": 1, "reason": "found"}

    def again() -> str:
        text = json.dumps(first).encode()
        return str(json.loads(shop.engine.submit([parse(text, "api:shop")], now_ms=shop.now)[0])["status"])

    assert again() == "accepted"
    assert not shop.keep(lambda keeper: keeper.rotate_ids(1, now_ms=MORNING + DAY - 1))
    shop.now += DAY
    assert shop.keep(lambda keeper: keeper.rotate_ids(1, now_ms=shop.now))
    assert again() == "duplicate"
    assert not shop.keep(lambda keeper: keeper.rotate_ids(1, now_ms=shop.now + DAY - 1))
    shop.now += DAY
    assert shop.keep(lambda keeper: keeper.rotate_ids(1, now_ms=shop.now))
    assert again() == "accepted"
    assert [entry["data"] for entry in shop.entries() if entry["type"] == "ids.rotated"] == [
        {"generation": "b"},
        {"generation": "a"},
    ]


def test_only_finished_orders_leave_a_day_after_their_last_change(shop: Shop) -> None:
    for name in ("shipped", "part", "released", "paid", "late"):
        shop.order(name, 2)
    shop.send("order.reserve", order="held", channel="mini", lines=[{"sku": "A", "quantity": 1}])
    shop.order("owed", 200)
    shop.send("order.ship", order="shipped")
    shop.send("order.ship", order="part", lines=[{"sku": "A", "quantity": 1}])
    shop.send("order.release", order="released")
    shop.now += HOUR
    shop.send("order.ship", order="late")
    names = [*sorted(shop.orders()), "unheard of"]

    def retire(at: int, before: int = MORNING + DAY) -> bool:
        return bool(shop.keep(lambda keeper: keeper.retire(1, names, before, now_ms=at)))

    assert not retire(MORNING + DAY)
    assert retire(MORNING + DAY + 1000)
    assert shop.entries()[-1]["data"] == {"orders": ["released", "shipped"]}
    assert shop.orders() == {"part", "paid", "late", "held", "owed"}
    assert not retire(MORNING + 3 * DAY, before=MORNING + HOUR)  # that change may be on no disk yet
    assert retire(MORNING + 3 * DAY)
    assert shop.orders() == {"part", "paid", "held", "owed"}


def test_a_scan_finds_what_may_leave(shop: Shop) -> None:
    for number in range(20):
        shop.order(f"o-{number}")
        shop.send("order.ship", order=f"o-{number}")
    shop.order("open")

    _, found = shop.keep(lambda keeper: keeper.finished_orders(0, 1000, MORNING + DAY))
    assert set(found) == {f"o-{number}" for number in range(20)}
    assert shop.keep(lambda keeper: keeper.finished_orders(0, 1000, MORNING))[1] == []


def test_a_director_that_was_held_up_changes_nothing_any_more(shop: Shop) -> None:
    assert shop.keep(lambda keeper: keeper.suspend(7, 3_600_000))
    assert not shop.keep(lambda keeper: keeper.resume_time(6))
    assert shop.keep(lambda keeper: keeper.resume_time(7))
    assert not shop.keep(lambda keeper: keeper.rotate_ids(6, now_ms=MORNING + 3 * DAY))


def test_facts_say_where_a_ledger_stands(shop: Shop) -> None:
    facts = shop.keep(lambda keeper: keeper.facts())
    assert (facts.seq, facts.first_seq, facts.status, facts.newest_ids) == (2, 1, "live", 2)
    assert (facts.suspended, facts.gate, facts.intact, facts.claimed) == (False, False, {}, 0)


def test_a_replay_does_it_all_again_byte_by_byte(shop: Shop) -> None:
    shop.order("gone", 2)
    shop.send("order.ship", order="gone")
    shop.order("owed", 150)
    shop.keep(lambda keeper: keeper.suspend(1, -60_000))
    shop.send("clock.accept", reason="NTP")
    shop.keep(lambda keeper: keeper.suspend(1, 60_000))
    shop.keep(lambda keeper: keeper.resume_time(1))
    shop.now += 2 * DAY
    assert shop.keep(lambda keeper: keeper.rotate_ids(1, now_ms=shop.now))
    assert shop.keep(lambda keeper: keeper.retire(1, ["gone"], shop.now, now_ms=shop.now))
    shop.keep(lambda keeper: keeper.shut_gate())
    seq = shop.entries()[-1]["seq"]
    assert shop.keep(lambda keeper: keeper.resume(seq, "e" * 16, seq, {"given_back": None, "lost": None}))
    shop.send("stock.adjust", sku="A", delta=60, reason="补货")
    lines = [line for _, line in shop.engine.read(0, count=1000)]
    assert len(lines) == 14

    fresh = StockEngine(shop.client, f"replay-{secrets.token_hex(4)}")

    assert fresh.reapply(lines) == lines
    assert fresh.state().epoch == "e" * 16
    assert fresh.state().items == shop.engine.state().items
