"""`overlaykit bench` measures what it says: run through at a hundredth of its size and less, without a word about time."""

from __future__ import annotations

import json
import socket
import urllib.request
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from threading import Event
from typing import Any

import pytest
from click.testing import CliRunner

from overlaykit.cli.bench import bench, idle, obs, readers, storm
from overlaykit.cli.bench.blast import blast, encode_wire
from overlaykit.cli.bench.cost import Cost
from overlaykit.cli.bench.figures import Figure, summarise
from overlaykit.cli.bench.kinds import run_kind
from overlaykit.cli.bench.orders import BUYER_LIMIT, FULL, PLAIN, BenchRoom, command, fill, through_engine
from overlaykit.cli.bench.pages import open_pages
from overlaykit.cli.bench.rooms import Target
from overlaykit.cli.bench.stores import BenchStore, bench_store
from overlaykit.cli.bench.watchers import DESK, WAYS, Watchers, token_of, watched_room
from overlaykit.director.obs import Address
from overlaykit.errors import NotFound, StateError
from overlaykit.model.commands import OrderReserve, Submission
from overlaykit.model.entries import STOCK_COLUMNS
from overlaykit.stock import Encoded
from tests.conftest import server_binary, until
from tests.obs.fake import FakeObs

HELD = STOCK_COLUMNS.index("held")

pytestmark = pytest.mark.store


@pytest.fixture(scope="module")
def bench_room_store() -> Iterator[BenchStore]:
    server_binary("valkey9")
    with bench_store() as store:
        yield store


def figures_of(kind: str, scale: float = 0.001) -> dict[str, float]:
    server_binary("valkey9")
    found = run_kind(kind, rounds=1, scale=scale, peer=None, state=None)
    return {row.name: row.ours for row in found}


# ------------------------------------------------------------------------------------------- the ground it stands on


def test_it_measures_a_store_that_syncs_every_write(bench_room_store: BenchStore) -> None:
    settings = bench_room_store.client.config_get("append*")
    assert settings["appendonly"] == "yes"
    assert settings["appendfsync"] == "always"


def said(order: Submission) -> OrderReserve:
    assert isinstance(order.command, OrderReserve)
    return order.command


def test_no_order_comes_twice(bench_room_store: BenchStore) -> None:
    room = BenchRoom(bench_room_store.client, items=3)
    orders = [*room.orders(4), *room.orders(4, PLAIN), *BenchRoom(bench_room_store.client).orders(4)]
    assert len({each.id for each in orders}) == len({said(each).order for each in orders}) == 12


def test_a_full_order_has_a_buyer_whose_units_are_limited(bench_room_store: BenchStore) -> None:
    room = BenchRoom(bench_room_store.client)
    full, plain = said(room.orders(1, FULL)[0]), said(room.orders(1, PLAIN)[0])
    assert full.buyer
    assert full.channel
    assert full.hold_seconds
    assert [plain.buyer, plain.channel, plain.hold_seconds] == [None, None, None]
    greedy = {"sku": room.skus[0], "quantity": BUYER_LIMIT + 1}
    order = command({"type": "order.reserve", "id": "much", "order": "much", "buyer": full.buyer, "lines": [greedy]})
    assert b"buyer_limit" in room.engine.submit([order])[0]


def test_the_bare_socket_sends_the_very_calls_of_the_engine(bench_room_store: BenchStore) -> None:
    """Byte for byte: else η would compare two things."""
    room = BenchRoom(bench_room_store.client)
    orders = room.orders(3)
    calls = encode_wire(room.engine, orders, 2)
    assert len(calls) == 2
    encoded: list[Encoded] = [room.engine.encode(each) for each in orders[:2]]
    connection = bench_room_store.client.connection_pool.get_connection()
    try:
        assert calls[0] == b"".join(connection.pack_command(*room.engine.packed_call(encoded)))
    finally:
        bench_room_store.client.connection_pool.release(connection)


def test_engine_and_bare_socket_leave_the_same_behind(bench_room_store: BenchStore) -> None:
    rooms = [BenchRoom(bench_room_store.client) for _ in range(2)]
    through_engine(rooms[0].engine, rooms[0].orders(70), 20)
    rooms[1].engine.pipeline().close()  # loads the script
    blast(bench_room_store.url, encode_wire(rooms[1].engine, rooms[1].orders(70), 20), 20, 70)
    heads = [room.engine.resolve_head() for room in rooms]
    assert heads[0] is not None
    assert heads[1] is not None
    assert heads[0].seq == heads[1].seq == 72


def test_a_rate_of_refusals_is_no_rate(bench_room_store: BenchStore) -> None:
    room = BenchRoom(bench_room_store.client, opening=5)
    with pytest.raises(StateError, match="3 of 8 orders"):
        through_engine(room.engine, room.orders(8), 4)
    with pytest.raises(StateError, match="did not accept"):
        blast(bench_room_store.url, encode_wire(room.engine, room.orders(8), 4), 4, 8)


def test_a_forgotten_room_leaves_nothing_of_its_orders(bench_room_store: BenchStore) -> None:
    room = BenchRoom(bench_room_store.client)
    fill(room, 10)
    bench_room_store.forget(room.keys)
    assert bench_room_store.client.exists(*room.keys) == 0


def test_medians_of_rounds_are_medians() -> None:
    rounds = [[Figure("η", value, "×")] for value in (0.5, 0.9, 0.8)]
    found = summarise(rounds, [])
    assert [(row.name, row.ours, row.ratio) for row in found] == [("η", 0.8, None)]


# ----------------------------------------------------------------------------------------------------- kind by kind


def test_engine_gives_eta_rates_and_cpu_at_both_batches() -> None:
    found = figures_of("engine")
    for batch in (50, 200):
        rate, bare = found[f"full orders, batches of {batch}"], found[f"the same calls over a bare socket, {batch}"]
        assert found[f"η, batches of {batch}"] == pytest.approx(rate / bare)
        assert found[f"full ÷ minimal, batches of {batch}"] > 0
        assert found[f"plain orders, batches of {batch}"] > 0


def test_cost_spreads_its_orders_over_all_items(bench_room_store: BenchStore) -> None:
    cost = Cost(bench_room_store, 0.002)
    names = [figure.name for figure in cost.measure()]
    assert "server CPU, 20 items ÷ one item" in names
    assert "server CPU, 2,000 entries ÷ small" in names
    state = cost.rooms["items"].engine.state()
    sold = [sku for sku, item in state.items.items() if item.units.rows["default"][HELD] > 0]
    assert len(sold) == 16, "sixteen orders, each of another item"
    head = cost.rooms["long"].engine.resolve_head()
    assert head is not None
    assert head.seq == 2 + 2000 + 16


def test_recorder_records_every_line() -> None:
    found = figures_of("recorder")
    assert set(found) == {"recorded, 1,000 lines a write", "recorded, 10,000 lines a write"}


def test_readers_have_read_every_entry(bench_room_store: BenchStore) -> None:
    names = [figure.name for figure in readers.measure(bench_room_store, 0.005)]
    assert "one by one, lost to the readers" in names
    assert "batches of 200, lost to the readers" in names


def test_a_reader_that_ends_is_said(bench_room_store: BenchStore) -> None:
    with (
        pytest.raises(StateError, match="a reader of the benchmark ended"),
        readers.readers(bench_room_store, "no-such-ledger", 1),
    ):
        pass


def test_memory_falls_when_the_ledger_is_trimmed() -> None:
    found = figures_of("memory", scale=0.01)
    for shape in ("full", "plain"):
        assert 0 < found[f"{shape} order, ledger trimmed"] < found[f"{shape} order, with its entry"]
    assert found["plain order, ledger trimmed"] < found["full order, ledger trimmed"]


def test_a_storm_writes_no_more_than_the_limit_lets_through() -> None:
    found = figures_of("storm", scale=0.02)
    assert found["tries"] == 20_000
    assert found["refused sold_out"] + found["refused too_many_attempts"] == 20_000
    assert found["entries written"] == found["refused sold_out"]
    windows = 1 + found["tries"] / found["refused"] / storm.ATTEMPTS.per
    assert found["entries written"] <= storm.BUYERS * storm.ATTEMPTS.count * (1 + int(windows))


def test_edge_puts_both_into_one_room() -> None:
    found = figures_of("edge", scale=0.01)
    rates = found["HTTP bulk"], found["the engine, same room"]
    assert found["HTTP bulk ÷ the engine"] == pytest.approx(rates[0] / rates[1])


def test_watchers_and_idle_measure_a_room_that_runs() -> None:
    server_binary("valkey9")
    with watched_room(None) as room:
        found = {figure.name: figure.value for figure in Watchers(room, 0.001).measure()}
        for way in WAYS:
            assert found[f"{way.name}: orders"] > 0
            assert found[f"{way.name}: web CPU"] >= 0
        taken = {figure.name: figure.value for figure in idle.taken_by(room, 0.1)}
        for name in ("supervisor", "store", "web", "director"):
            assert taken[f"{name}: memory"] > 1
            assert f"{name}: CPU" in taken
        with open_pages(room, [f"{DESK}&token={token_of(room)}"] * 2) as sent:
            before = sent()
            order = {"type": "order.reserve", "order": "one", "lines": [{"sku": "s1", "quantity": 1}]}
            request = urllib.request.Request(room.post, json.dumps(order).encode(), dict(room.headers))
            urllib.request.urlopen(request, timeout=10).close()
            until(lambda: sent() - before > 1000, "both desks have been sent the item")


def test_pages_that_the_room_has_closed_are_no_measurement() -> None:
    with socket.create_server(("127.0.0.1", 0)) as server, ThreadPoolExecutor() as other:
        room = Target("a room", f"http://127.0.0.1:{server.getsockname()[1]}", "", "", {}, "", "", Path())
        closes = Event()

        def serve() -> None:
            connection, _ = server.accept()
            with connection:
                connection.recv(1024)
                connection.sendall(b"HTTP/1.1 101 Switching Protocols\r\n\r\n")
                closes.wait(30)

        def measure() -> None:
            with open_pages(room, ["/ws"]):
                closes.set()
                served.result()

        served = other.submit(serve)
        with pytest.raises(StateError, match="has closed a page"):
            measure()


# -------------------------------------------------------------------------------------------------- the command line


def test_without_a_kind_the_engine_is_measured_and_json_says_what(tmp_path: Path) -> None:
    server_binary("valkey9")
    done = CliRunner().invoke(bench, ["--rounds", "1", "--scale", "0.001", "--json", "--state", str(tmp_path)])
    assert done.exit_code == 0, done.output
    found: dict[str, list[dict[str, Any]]] = json.loads(done.stdout)
    assert list(found) == ["engine"]
    assert {row["unit"] for row in found["engine"]} == {"orders/s", "µs/order", "×"}
    assert list(tmp_path.iterdir()) == [], "the store's folder is gone"


def test_shares_oversell_nothing_where_a_shared_pool_does() -> None:
    found = figures_of("shares", scale=0.2)
    assert found["50/s: oversold"] == 0
    assert found["50/s: oversold from a shared pool"] > 50


def test_hooks_acknowledges_every_message_that_it_keeps() -> None:
    found = figures_of("hooks", scale=0.01)
    assert found["messages kept"] >= 150
    assert 0 < found["500/s, acknowledged, p50"] <= found["500/s, acknowledged, p99"]


def test_figures_are_printed_as_a_table() -> None:
    server_binary("valkey9")
    done = CliRunner().invoke(bench, ["recorder", "--rounds", "1", "--scale", "0.001"])
    assert done.exit_code == 0, done.output
    assert "entries/s" in done.stdout


def test_an_unknown_kind_is_told_which_there_are() -> None:
    done = CliRunner().invoke(bench, ["speed"])
    assert done.exit_code == 2
    assert "engine" in done.output
    assert "storm" in done.output


def test_a_peer_is_for_what_a_peer_can_do(tmp_path: Path) -> None:
    done = CliRunner().invoke(bench, ["engine", "--peer", str(tmp_path)])
    assert done.exit_code == 2
    assert "ingest, fanout, overlay" in done.output


def test_obs_gives_texts_and_scenes_and_leaves_nothing_behind(
    fake_obs: FakeObs, monkeypatch: pytest.MonkeyPatch
) -> None:
    server_binary("valkey9")
    monkeypatch.setenv(obs.PASSWORD, fake_obs.password)
    address = Address(port=fake_obs.port)
    rows = run_kind("obs", rounds=1, scale=0.01, peer=None, state=None, obs_at=address)
    found = {row.name: row.ours for row in rows}
    assert found["order sent → text confirmed p50"] > 0
    assert found["order sent → scene request sent p50"] > 0
    assert found["order sent → text confirmed, polled every 300 ms p50"] > 0
    assert (list(fake_obs.studio.now.scenes), fake_obs.studio.now.inputs) == (["Scene"], {})


def test_obs_asks_for_an_address() -> None:
    with pytest.raises(NotFound, match="no OBS is named") as caught:
        run_kind("obs", rounds=1, scale=0.01, peer=None, state=None)
    assert obs.PASSWORD in str(caught.value)
