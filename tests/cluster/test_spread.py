"""Sessions over the nodes of a cluster: whole ledgers on one node each, and nothing else different."""

from __future__ import annotations

import asyncio
import signal
import threading
import time
from collections.abc import Callable

import pytest

from overlaykit.errors import StoreAway
from overlaykit.model.events import OrderCancelled
from overlaykit.model.messages import ChatText, Message
from overlaykit.stock import (
    AsyncStockEngine,
    SessionDirectory,
    inbox_key,
    lease_key,
    ledger_stream_key,
    outbox_key,
    recall_key,
)
from overlaykit.stock.keys import script_keys
from overlaykit.store import (
    Inbox,
    Lease,
    Letter,
    Outbox,
    Received,
    Tokens,
    answers,
    connect,
    connect_async,
    put_received,
    tail_read,
    tail_read_async,
    whole_url,
)
from overlaykit.store.recall import answer_recall, ask_recall, read_recall, recall_questions
from overlaykit.store.topology import slot_of
from tests.cluster.conftest import Cluster, ask, node_id
from tests.conftest import StoreServer, until
from tests.faults.orders import order, started, statuses

pytestmark = pytest.mark.store


def test_sessions_lie_on_all_nodes_each_whole_on_one(cluster: Cluster) -> None:
    with connect(cluster.url) as client:
        ledgers = {cluster.ledger_on(master): master for master in cluster.masters for _ in range(2)}
        engines = {ledger: started(client, ledger) for ledger in ledgers}
        directory = SessionDirectory(client)
        for number in range(20):
            for engine in engines.values():
                assert statuses(engine.submit([order(number)])) == ["accepted"]
        for ledger, engine in engines.items():
            directory.add(ledger, ledger)
            assert engine.state().items["A"].units.rows["main"][2] == 20
            assert [seq for seq, _ in engine.read(0)] == list(range(1, 23))
        assert set(ledgers) <= {each.id for each in directory.list()}
    for ledger, home in ledgers.items():
        for node in cluster.masters:
            found = [key for key in ask(node, "KEYS", f"*{{{ledger}}}*")]
            assert bool(found) == (node is home), "all keys of a ledger are on one node"


def test_messages_wait_on_the_node_of_their_ledger_and_wake_who_waits_for_them(cluster: Cluster) -> None:
    async def story(ledger: str) -> None:
        message = Message(id="m", firing=1, index=0, action="chat", target="mini", body=ChatText("抢"))
        async with connect_async(cluster.url) as director, connect_async(cluster.url) as gateway:
            lease = Lease(gateway, lease_key(ledger, "gateway"), "first")
            assert await lease.take()
            outbox = Outbox(gateway, outbox_key(ledger), lease.fence_key)
            waiting = asyncio.create_task(outbox.wait(30))
            assert await Outbox(director, outbox_key(ledger)).put(message) == "queued"
            async with asyncio.timeout(5):
                assert await waiting
            assert (await outbox.take("channel.mini")).message == message
            assert (await outbox.start(message, lease.token)).status == "begin"
            assert await outbox.finish(message, lease.token)
            assert not await outbox.waits()

    for master in cluster.masters:
        asyncio.run(story(cluster.ledger_on(master)))


def test_what_platforms_tell_waits_on_the_node_of_its_ledger(cluster: Cluster) -> None:
    async def story(ledger: str) -> None:
        received = Received(id="a:1", app="shop", channel="a", at_ms=1, arrivals=(OrderCancelled(order="1"),))
        async with connect_async(cluster.url) as gateway:
            inbox = Inbox(gateway, inbox_key(ledger))
            waiting = asyncio.create_task(inbox.wait("shop", 30))
            with connect(cluster.url) as web:
                assert put_received(web, inbox_key(ledger), "shop", [received]).fresh == (True,)
            async with asyncio.timeout(5):
                assert await waiting
            assert [each for _, each in (await inbox.take("shop")).taken] == [received]
            assert await inbox.lay("dead", Letter(received=received, why="?"))
            assert await inbox.replay("dead", await inbox.letters("dead")) == 1
            assert await inbox.done("shop", ["a:1"]) == 1
            assert (await inbox.look(["shop"])).queues["shop"].waiting == 0

    for master in cluster.masters:
        asyncio.run(story(cluster.ledger_on(master)))


def test_what_rules_remember_is_asked_on_the_node_of_their_ledger(cluster: Cluster) -> None:
    async def lead(key: str) -> None:
        async with connect_async(cluster.url) as client:
            [question] = await recall_questions(client, key, 1.0)
            await answer_recall(client, key, {question.id: question.rule.encode()})

    with connect(cluster.url) as client:
        for master in cluster.masters:
            key = recall_key(cluster.ledger_on(master))
            id = ask_recall(client, key, "last-50", "A")
            asyncio.run(lead(key))
            assert read_recall(client, key, id) == b"last-50"


def test_asynchronous_callers_and_calls_sent_ahead_find_the_node_too(cluster: Cluster) -> None:
    async def ask_all(ledgers: list[str]) -> list[str]:
        async with connect_async(cluster.url) as client:
            engines = [AsyncStockEngine(client, ledger) for ledger in ledgers]
            answered = [await engine.submit([order(0)]) for engine in engines]
            assert [(await engine.state()).items["A"].units.rows["main"][2] for engine in engines] == [1, 1, 1]
            return [status for outcomes in answered for status in statuses(outcomes)]

    with connect(cluster.url) as client:
        engines = [started(client, cluster.ledger_on(master)) for master in cluster.masters]
        assert asyncio.run(ask_all([engine.ledger for engine in engines])) == ["accepted"] * 3
        for engine in engines:
            pipeline = engine.pipeline()
            for call in range(3):
                pipeline.send([engine.encode(order(number)) for number in range(call * 10, call * 10 + 10)])
            answered = [status for _ in range(3) for status in statuses(pipeline.receive())]
            pipeline.close()
            assert answered == ["duplicate"] + ["accepted"] * 29


def test_all_keys_of_a_ledger_share_a_slot() -> None:
    for ledger in ("room", "场-1", "a}b", "x{y"):
        assert len({slot_of(key) for key in script_keys(ledger)}) == 1


def test_a_reader_that_waits_is_woken(cluster: Cluster) -> None:
    async def read(ledger: str) -> list[tuple[int, bytes]]:
        async with connect_async(cluster.url) as client:
            return await tail_read_async(client, ledger_stream_key(ledger), 2, block_ms=2000)

    for master in cluster.masters:
        with connect(cluster.url) as client, connect(cluster.url, lone=True) as reader:
            engine = started(client, cluster.ledger_on(master))
            assert tail_read(reader, ledger_stream_key(engine.ledger), 0, block_ms=10)[-1][0] == 2
            writer = threading.Timer(0.1, engine.submit, ([order(1)],))
            writer.start()
            began = time.monotonic()
            assert [seq for seq, _ in tail_read(reader, ledger_stream_key(engine.ledger), 2, block_ms=2000)] == [3]
            assert time.monotonic() - began < 1.5
            writer.join()
            assert [seq for seq, _ in asyncio.run(read(engine.ledger))] == [3]


def test_leases_and_tokens_lie_where_they_belong(cluster: Cluster) -> None:
    async def story() -> None:
        async with connect_async(cluster.url) as client:
            for master in cluster.masters:
                key = f"overlaykit:{{{cluster.ledger_on(master)}}}:lease:director"
                first, second = Lease(client, key, "first"), Lease(client, key, "second")
                assert await first.take()
                assert not await second.take()
                await first.leave()
                assert await second.take()
                assert second.token == 2

    asyncio.run(story())
    with connect(cluster.url) as client:
        tokens = Tokens(client)
        text = tokens.create("operator", "shop")
        found = tokens.find(text)
        assert found is not None
        assert found.name == "shop"
        tokens.revoke("shop")
        assert tokens.find(text) is None


def test_one_node_tells_of_all_others(cluster: Cluster, store: StoreServer) -> None:
    whole = whole_url(cluster.url)
    assert all(f"127.0.0.1:{master.port}" in whole for master in cluster.masters)
    assert whole_url(store.url) == store.url, "a single server is not a cluster"
    with connect(whole) as client, answers():
        assert client.ping()
        assert len(client.nodes()) == 3
    with connect(store.url) as client:
        assert client.nodes() == [client]


def test_what_concerns_every_node_is_not_asked_of_one(cluster: Cluster) -> None:
    with connect(whole_url(cluster.url)) as client, pytest.raises(ValueError, match="every node"):
        client.dbsize()


def move_slot(cluster: Cluster, ledger: str, source: StoreServer, target: StoreServer, keys: int = 1000) -> None:
    """Moves a ledger's slot in the old way, key by key; with less than all `keys` it stays half moved."""
    slot = slot_of(f"{{{ledger}}}")
    ask(target, "CLUSTER", "SETSLOT", slot, "IMPORTING", node_id(source))
    ask(source, "CLUSTER", "SETSLOT", slot, "MIGRATING", node_id(target))
    found = sorted(ask(source, "CLUSTER", "GETKEYSINSLOT", slot, 1000))[:keys]
    ask(
        source, "MIGRATE", "127.0.0.1", target.port, "", 0, 5000, "AUTH", source.password, "KEYS", *found
    )  # AUTH before KEYS
    if keys >= 1000:
        for node in (target, source):
            ask(node, "CLUSTER", "SETSLOT", slot, "NODE", node_id(target))


def test_a_ledger_that_moves_is_followed_by_orders_and_said_to_readers(cluster: Cluster) -> None:
    source, target = cluster.masters[:2]
    ledger = cluster.ledger_on(source)
    with connect(whole_url(cluster.url)) as client, connect(whole_url(cluster.url), lone=True) as reader:
        engine = started(client, ledger)
        assert len(tail_read(reader, ledger_stream_key(ledger), 0)) == 2
        move_slot(cluster, ledger, source, target)
        assert statuses(engine.submit([order(1)])) == ["accepted"], "a redirection says that nothing has run"
        with pytest.raises(StoreAway, match="another node"):
            tail_read(reader, ledger_stream_key(ledger), 2)
        assert [seq for seq, _ in tail_read(reader, ledger_stream_key(ledger), 2)] == [3]
        engine.state()
        pipeline = engine.pipeline()
        move_slot(cluster, ledger, target, source)
        pipeline.send([engine.encode(order(2))])
        with pytest.raises(StoreAway, match="nothing has run"):
            pipeline.receive()
        pipeline.close()
        assert statuses(engine.submit([order(2), order(1)])) == ["accepted", "duplicate"]


def test_a_ledger_that_is_half_moved_takes_no_orders_and_loses_none(cluster: Cluster) -> None:
    source, target = cluster.masters[:2]
    ledger = cluster.ledger_on(source)
    with connect(whole_url(cluster.url)) as client:
        engine = started(client, ledger)
        move_slot(cluster, ledger, source, target, keys=1)
        moved = ask(target, "CLUSTER", "GETKEYSINSLOT", slot_of(f"{{{ledger}}}"), 10)
        assert len(moved) == 1
        with answers():
            assert client.exists(moved[0].decode()), "a single key is found where it is by now"
        with pytest.raises(StoreAway, match="cannot write now"):
            engine.submit([order(1)])
        ask(source, "CLUSTER", "SETSLOT", slot_of(f"{{{ledger}}}"), "STABLE")
        ask(target, "CLUSTER", "SETSLOT", slot_of(f"{{{ledger}}}"), "STABLE")
        move_slot(cluster, ledger, source, target)
        assert statuses(engine.submit([order(1)])) == ["accepted"]
        assert [seq for seq, _ in engine.read(0)] == [1, 2, 3]


def test_a_node_that_pauses_runs_a_command_once_and_others_are_not_held_up(new_cluster: Callable[[], Cluster]) -> None:
    cluster = new_cluster()
    paused, sound = cluster.masters[:2]
    for node in (*cluster.masters, *cluster.replicas):  # it comes back as what it was, however long it pauses
        ask(node, "CONFIG", "SET", "cluster-node-timeout", 60_000)
    with connect(whole_url(cluster.url), timeout=1.0) as client, paused.client() as witness:
        one = started(client, cluster.ledger_on(paused))
        other = started(client, cluster.ledger_on(sound))
        assert paused.process is not None
        paused.process.send_signal(signal.SIGSTOP)
        try:
            with pytest.raises(StoreAway, match="may have run"):
                one.submit([order(1)])
            assert statuses(other.submit([order(1)])) == ["accepted"]
        finally:
            paused.process.send_signal(signal.SIGCONT)
        until(lambda: witness.xlen(ledger_stream_key(one.ledger)) == 3 or None, "the held-up call runs")
        assert statuses(one.submit([order(1), order(2)])) == ["duplicate", "accepted"]
        assert [seq for seq, _ in one.read(0)] == [1, 2, 3, 4]


def test_a_node_that_is_gone_is_no_matter_of_the_others(new_cluster: Callable[[], Cluster]) -> None:
    cluster = new_cluster()
    gone, sound = cluster.masters[:2]

    async def story(ledger: str) -> None:
        async with connect_async(whole_url(sound.url), timeout=1.0) as client:
            await client.get(f"{{{ledger}}}")
            for node in (cluster.replicas[0], gone):
                node.kill()
            assert (await client.time())[0] > 0
            assert (await client.info("server"))["run_id"]
            assert statuses(await AsyncStockEngine(client, ledger).submit([order(1)])) == ["accepted"]

    with connect(whole_url(sound.url), timeout=1.0) as client:
        engine = started(client, cluster.ledger_on(sound))
        lost = started(client, cluster.ledger_on(gone))
        asyncio.run(story(engine.ledger))
        with pytest.raises(StoreAway):
            lost.submit([order(1)])
        with answers():
            assert client.ping()
        assert statuses(engine.submit([order(1), order(2)])) == ["duplicate", "accepted"]
