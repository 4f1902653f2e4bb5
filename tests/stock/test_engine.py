"""The two callers on a real store: outcomes, repeats, two plans, a store that lost something."""

from __future__ import annotations

import asyncio
import json
from collections.abc import Callable

import msgspec
import pytest

from overlaykit.errors import InvalidCommand, NotFound, StoreAway, StoreBehind
from overlaykit.model.commands import OrderRecord, Submission
from overlaykit.model.fields import Line
from overlaykit.model.outcomes import Outcome
from overlaykit.model.parsing import parse
from overlaykit.stock import AsyncStockEngine, SessionDirectory, StockEngine
from overlaykit.stock.keys import ledger_stream_key, script_keys
from overlaykit.store import connect, connect_async
from tests.conftest import StoreServer
from tests.engine.evening import START_MS, make_plan

pytestmark = pytest.mark.store


def submission(**fields: object) -> Submission:
    return parse(json.dumps(fields).encode(), "api:shop")


def reserve(id: str, quantity: int = 1, **line: object) -> Submission:
    return submission(type="order.reserve", id=id, order=f"o-{id}", lines=[{"sku": "A", "quantity": quantity, **line}])


def outcomes(texts: list[bytes]) -> list[Outcome]:
    return [msgspec.json.decode(text, type=Outcome) for text in texts]


@pytest.fixture
def engine(store: StoreServer, ledger: str) -> StockEngine:
    engine = StockEngine(connect(store.url), ledger)
    engine.plan(make_plan(ledger))
    engine.submit([submission(type="session.open", id="open")])
    return engine


def test_one_call_decides_mixed_commands_in_order(engine: StockEngine) -> None:
    found = outcomes(
        engine.submit(
            [
                reserve("1", 20),
                reserve("2", 11),
                submission(type="order.release", id="3", order="o-1"),
                reserve("4", 20),
            ]
        )
    )
    assert [(each.status, each.reason, each.seq) for each in found] == [
        ("accepted", None, 3),
        ("refused", "sold_out", 4),
        ("accepted", None, 5),
        ("accepted", None, 6),
    ]
    assert found[3].items["A"].available == 10


def test_one_id_twice_in_one_call_counts_once(engine: StockEngine) -> None:
    first, again, other = outcomes(engine.submit([reserve("1", 2), reserve("1", 2), reserve("1", 3)]))
    assert first.status == "accepted"
    assert (again.status, again.first, again.seq) == ("duplicate", first, None)
    assert other.status == "conflict"


def test_the_lines_of_one_order_are_summed(engine: StockEngine) -> None:
    lines = [{"sku": "A", "quantity": 15, "location": "hz"}, {"sku": "A", "quantity": 6, "location": "hz"}]
    refused, fits = outcomes(
        engine.submit(
            [
                submission(type="order.reserve", id="1", order="1", lines=lines),
                submission(type="order.reserve", id="2", order="2", lines=[lines[0], {**lines[1], "quantity": 5}]),
            ]
        )
    )
    assert refused.reason == "sold_out"
    assert fits.items["A"].available == 10


def test_a_region_draws_only_from_the_locations_that_serve_it(engine: StockEngine) -> None:
    south, none_left, nowhere = outcomes(
        engine.submit(
            [reserve("1", 10, region="south"), reserve("2", 1, region="south"), reserve("3", 1, region="mars")]
        )
    )
    assert south.status == "accepted"
    assert none_left.reason == nowhere.reason == "no_stock_in_region"
    assert engine.state().items["A"].units.rows["hz"][1] == 20


def test_what_a_platform_sold_counts_even_when_there_is_nothing(engine: StockEngine) -> None:
    sold = submission(
        type="order.record", id="1", order="f", channel="mini", paid=True, lines=[{"sku": "A", "quantity": 33}]
    )
    came = submission(type="stock.adjust", id="2", sku="A", location="gz", delta=5, reason="补货")
    first, second = outcomes(engine.submit([sold, came]))
    assert first.oversold == {"A": 3}
    assert (second.items["A"].available, second.items["A"].committed) == (2, 33)
    covered = [line for _, line in engine.read(0) if b"oversold.covered" in line]
    assert json.loads(covered[0])["data"] == {"sku": "A", "location": "gz", "order": "f", "quantity": 3}


def test_a_name_of_any_bytes_harms_nobody(engine: StockEngine) -> None:
    """The door refuses control characters; a recording from elsewhere may hold them all the same."""
    sold = {"type": "order.record", "channel": "mini", "paid": True, "lines": [{"sku": "A", "quantity": 33}]}
    with pytest.raises(InvalidCommand, match="control characters"):
        submission(**sold, id="1", order="o\u0000x")
    hostile = Submission("1", OrderRecord(order="o\0x", channel="mini", paid=True, lines=(Line("A", 33),)), "api:x")
    came = submission(type="stock.adjust", id="2", sku="A", location="gz", delta=5, reason="补货")
    assert outcomes(engine.submit([hostile, came]))[1].items["A"].committed == 33
    assert engine.sweep() == 0


def test_a_fact_of_an_unserved_region_draws_from_wherever_there_is_some(engine: StockEngine) -> None:
    lines = [{"sku": "A", "quantity": 25, "region": "mars"}]
    sold = submission(type="order.record", id="1", order="f", channel="mini", paid=True, lines=lines)
    assert outcomes(engine.submit([sold]))[0].oversold == {}


def test_a_hold_goes_back_by_itself(engine: StockEngine) -> None:
    held = submission(type="order.reserve", id="1", order="o", hold_seconds=10, lines=[{"sku": "A", "quantity": 20}])
    engine.submit([held], now_ms=START_MS)
    assert engine.sweep(now_ms=START_MS + 9_999) == 0
    assert engine.sweep(now_ms=START_MS + 10_000) == 1
    assert outcomes(engine.submit([submission(type="order.commit", id="2", order="o")]))[0].status == "accepted"


def test_a_short_reserve_takes_back_what_is_due(engine: StockEngine) -> None:
    held = submission(type="order.reserve", id="1", order="o", hold_seconds=10, lines=[{"sku": "A", "quantity": 20}])
    engine.submit([held], now_ms=START_MS)
    late = outcomes(engine.submit([reserve("2", 20)], now_ms=START_MS + 10_000))[0]
    assert (late.status, late.seq) == ("accepted", 5)
    assert b'"type":"hold.expired"' in engine.read(3)[0][1]


def test_a_ledger_has_one_plan(engine: StockEngine, ledger: str) -> None:
    again, other = outcomes([engine.plan(make_plan(ledger)), engine.plan(make_plan(ledger, opening=40))])
    assert again.status == "duplicate"
    assert other.status == "conflict"


def test_an_engine_without_a_ledger_says_so(store: StoreServer, ledger: str) -> None:
    engine = StockEngine(connect(store.url), ledger)
    with pytest.raises(NotFound, match=ledger):
        engine.submit([reserve("1")])
    with pytest.raises(NotFound, match=ledger):
        engine.state()
    assert engine.resolve_head() is None


def test_a_store_that_came_back_older_gets_nothing_written(engine: StockEngine, store: StoreServer) -> None:
    engine.submit([reserve("1")])
    with store.client() as client:
        client.hset(script_keys(engine.ledger)[0], "seq", 2)
        with pytest.raises(StoreBehind, match="entry 2"):
            engine.submit([reserve("2")])
        assert client.xlen(ledger_stream_key(engine.ledger)) == 3


def test_scripts_forgotten_by_the_store_are_loaded_again(engine: StockEngine, store: StoreServer) -> None:
    with store.client() as client:
        client.script_flush()
    assert outcomes(engine.submit([reserve("1")]))[0].status == "accepted"


def test_calls_sent_ahead_are_decided_in_order(engine: StockEngine, store: StoreServer) -> None:
    pipeline = engine.pipeline()
    for number in range(5):
        pipeline.send([engine.encode(reserve(f"{number}-{line}", 3)) for line in range(3)])
    assert pipeline.waiting == 5
    found = [outcomes(pipeline.receive()) for _ in range(5)]
    pipeline.close()
    assert [each.seq for batch in found for each in batch] == list(range(3, 18))
    assert [each.status for each in found[-1]] == ["refused"] * 3


def test_calls_left_unanswered_never_reach_the_next_user_of_a_connection(engine: StockEngine) -> None:
    for number in range(20):
        pipeline = engine.pipeline()
        pipeline.send([engine.encode(reserve(f"left-{number}"))])
        pipeline.close()
        assert outcomes(engine.submit([reserve(f"own-{number}")]))[0].id == f"own-{number}"


def test_scripts_forgotten_in_between_are_an_error_that_says_to_repeat(engine: StockEngine, store: StoreServer) -> None:
    pipeline = engine.pipeline()
    with store.client() as client:
        client.script_flush()
    pipeline.send([engine.encode(reserve("1"))])
    with pytest.raises(StoreAway, match="forgotten"):
        pipeline.receive()
    pipeline.close()
    assert outcomes(engine.submit([reserve("1")]))[0].status == "accepted"


def test_a_store_that_is_away_is_an_error_of_ours(new_store: Callable[..., StoreServer], ledger: str) -> None:
    server = new_store()
    engine = StockEngine(connect(server.url), ledger)
    engine.plan(make_plan(ledger))
    server.kill()
    with pytest.raises(StoreAway):
        engine.submit([reserve("1")])


def test_the_asynchronous_caller_says_the_same(engine: StockEngine, store: StoreServer) -> None:
    async def go() -> tuple[list[Outcome], int, int]:
        client = connect_async(store.url)
        other = AsyncStockEngine(client, engine.ledger)
        found = outcomes(await other.submit([reserve("1"), reserve("1")]))
        swept = await other.sweep()
        state = await other.state()
        await client.aclose()
        return found, swept, state.seq

    found, swept, seq = asyncio.run(go())
    assert [each.status for each in found] == ["accepted", "duplicate"]
    assert (swept, seq) == (0, 3)
    head = engine.resolve_head()
    assert head is not None
    assert (head.seq, head.first_seq, head.status) == (3, 1, "live")


def test_current_is_the_session_opened_last_that_is_not_closed(new_store: Callable[..., StoreServer]) -> None:
    client = connect(new_store().url)
    directory = SessionDirectory(client)
    with pytest.raises(NotFound, match="none yet"):
        directory.get("current")
    engines = {}
    for day, name in enumerate(("monday", "tuesday", "wednesday")):
        engines[name] = StockEngine(client, name)
        engines[name].plan(make_plan(name))
        client.hset(script_keys(name)[0], "planned_at", START_MS + day)
        directory.add(name, name)
    for day, name in enumerate(("monday", "tuesday"), 10):
        engines[name].submit([submission(type="session.open")], now_ms=START_MS + day)
    assert directory.get("current").id == "tuesday"
    engines["tuesday"].submit([submission(type="session.close")])
    assert directory.get("current").id == "monday"
    engines["monday"].submit([submission(type="session.close")])
    assert directory.get("current").id == "wednesday"
    with pytest.raises(NotFound, match="monday"):
        directory.get("sunday")


def test_who_repeats_a_personal_reserve_after_a_loss_gets_the_same_token(
    engine: StockEngine, store: StoreServer
) -> None:
    mine = submission(
        type="order.reserve", id="mine", order="o-mine", buyer="li", lines=[{"sku": "A", "quantity": 1}], personal=True
    )
    (first,) = outcomes(engine.submit([mine]))
    lines = [line for _, line in engine.read(0)]
    with connect(store.url) as client:
        client.delete(*script_keys(engine.ledger))
        again = StockEngine(client, engine.ledger)
        assert again.reapply(lines) == lines
        (repeated,) = outcomes(again.submit([mine]))

    assert repeated.status == "duplicate"
    assert repeated.first == first
    assert first.hold_token
