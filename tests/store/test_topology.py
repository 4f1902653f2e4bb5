"""Who serves what in a cluster, as a client learns it; and which node a command goes to."""

from __future__ import annotations

import pytest
import redis
from redis.exceptions import AskError, MovedError

from overlaykit.errors import StoreAway, UserError
from overlaykit.store import answers, connect
from overlaykit.store.client import masked
from overlaykit.store.topology import Address, Topology, may_follow, slot_of, slot_of_command

HERE = Address("127.0.0.1", 7000)
NODES = [
    [0, 8191, [b"127.0.0.1", 7000, b"id-0"], [b"127.0.0.1", 7003, b"id-3"]],
    [8192, 16383, [b"127.0.0.1", 7001, b"id-1"]],
]


def learnt() -> Topology:
    topology = Topology([HERE])
    topology.learn(NODES, HERE)
    return topology


def test_only_the_tag_of_a_key_counts() -> None:
    assert slot_of("123456789") == 0x31C3, "CRC16 as the cluster's specification has it"
    assert slot_of("overlaykit:{room}:head") == slot_of("overlaykit:{room}:ledger") == slot_of("room")
    assert slot_of("{}room") != slot_of("room"), "an empty tag is none"
    assert slot_of("overlaykit:{场}:head") == slot_of("场".encode())


@pytest.mark.parametrize(
    ("command", "key"),
    [
        (("GET", "{a}:x"), "a"),
        (("HSET", "{a}:x", "f", "v"), "a"),
        (("EVALSHA", "0" * 40, "2", "{a}:x", "{a}:y", "{b}:argument"), "a"),
        (("XREAD", b"COUNT", "10", b"BLOCK", "100", b"STREAMS", "{a}:x", "0-0"), "a"),
        (("XRANGE", "{a}:x", "-", "+"), "a"),
    ],
)
def test_a_command_goes_by_its_key(command: tuple[object, ...], key: str) -> None:
    assert slot_of_command(command) == slot_of(key)


@pytest.mark.parametrize("command", [("PING",), ("TIME",), ("INFO", "server"), ("ROLE",)])
def test_what_has_no_key_goes_to_any_node(command: tuple[object, ...]) -> None:
    assert slot_of_command(command) is None


@pytest.mark.parametrize(
    "command", [("KEYS", "*"), ("DBSIZE",), ("SCRIPT LOAD", "return 1"), ("SCAN", "0"), ("CONFIG GET", "x")]
)
def test_what_concerns_every_node_is_an_error(command: tuple[object, ...]) -> None:
    with pytest.raises(ValueError, match="every node"):
        slot_of_command(command)


def test_a_client_learns_who_serves_what() -> None:
    topology = Topology([HERE])
    assert not topology.cluster
    assert not topology.doubtful, "a single server is never asked about a cluster"
    topology.learn(NODES, HERE)
    assert topology.cluster
    assert not topology.doubtful
    assert [topology.owner(slot).port for slot in (0, 8191, 8192, 16383)] == [7000, 7000, 7001, 7001]
    assert [node.port for node in topology.known] == [7000, 7001, 7003]


def test_a_node_that_does_not_know_its_name_is_where_it_was_found() -> None:
    topology = Topology([Address("store.example", 7000)])
    topology.learn([[0, 16383, [b"", 7000, b"id"]]], Address("store.example", 7000))
    assert topology.owner(5) == Address("store.example", 7000)


def test_several_hosts_are_a_cluster_from_the_start() -> None:
    assert Topology([HERE, Address("127.0.0.1", 7001)]).doubtful


def test_moved_corrects_one_slot_and_makes_the_rest_doubtful() -> None:
    topology = learnt()
    assert topology.redirected(MovedError("9000 127.0.0.1:7009"), HERE).port == 7009
    assert topology.owner(9000).port == 7009
    assert topology.owner(9001).port == 7001
    assert topology.doubtful
    assert topology.redirected(MovedError("9000 :7009"), HERE) == Address("127.0.0.1", 7009)


def test_ask_changes_nothing_that_lasts() -> None:
    topology = learnt()
    assert topology.redirected(AskError("9000 127.0.0.1:7009"), HERE).port == 7009
    assert topology.owner(9000).port == 7001
    assert not topology.doubtful


def test_who_failed_is_asked_last() -> None:
    topology = learnt()
    topology.doubt(HERE)
    assert topology.doubtful
    assert [node.port for node in topology.candidates()] == [7001, 7003, 7000]
    assert [node.port for node in topology.in_turn] == [7001, 7000]


def test_a_slot_that_nobody_serves_is_said_so() -> None:
    topology = Topology([HERE])
    topology.learn(NODES[:1], HERE)
    with pytest.raises(redis.ConnectionError, match="no node of the cluster serves slot 9000"):
        topology.owner(9000)
    assert topology.doubtful


def test_scripts_follow_a_slot_and_readers_are_told() -> None:
    assert may_follow(("EVALSHA", "sha", "1", "key"))
    assert not may_follow(("XRANGE", "key", "-", "+"))
    assert not may_follow(("XREAD", b"STREAMS", "key", "0"))


def test_a_url_names_one_server_or_several() -> None:
    with connect("redis://me:hush@[::1]:7000,other:7001,third/0") as client:
        assert [str(seed) for seed in client.topology.seeds] == ["[::1]:7000", "other:7001", "third:6379"]
        assert client.connection_pool.connection_kwargs["host"] == "::1"
        assert client.connection_pool.connection_kwargs["password"] == "hush"
    assert masked("redis://me:hush@a:1,b:2/0") == "redis://me:***@a:1,b:2/0"
    with pytest.raises(UserError, match="Port could not be cast"):
        connect("redis://a:1,b:two/0")


def test_a_cluster_of_which_no_node_answers_is_away(free_port: int) -> None:
    url = f"redis://127.0.0.1:{free_port},127.0.0.1:1/0"
    with (
        connect(url, timeout=0.5) as client,
        pytest.raises(StoreAway, match="no node of the cluster answers"),
        answers(),
    ):
        client.get("x")
