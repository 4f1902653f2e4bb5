"""A real cluster of Valkey servers on this machine, and ledgers that lie where a test wants them."""

from __future__ import annotations

import secrets
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from functools import partial
from pathlib import Path
from typing import Any

import pytest

from overlaykit.store.topology import SLOTS, slot_of
from tests.conftest import StoreServer, free_tcp_port, until

NODE_TIMEOUT_MS = 1500
"""After so long without a word a master counts as failed."""


@dataclass
class Cluster:
    """Its nodes: `masters` in the order of their slots, `replicas[i]` follows `masters[i]`."""

    masters: list[StoreServer]
    replicas: list[StoreServer]

    @property
    def url(self) -> str:
        """One node of it."""
        return self.masters[0].url

    def share(self, master: StoreServer) -> range:
        """The slots that were given to a master in the beginning."""
        at, count = self.masters.index(master), len(self.masters)
        return range(SLOTS * at // count, SLOTS * (at + 1) // count)

    def ledger_on(self, master: StoreServer, name: str = "room") -> str:
        """A new ledger name that lies on this master."""
        while True:
            ledger = f"{name}-{secrets.token_hex(4)}"
            if slot_of(f"{{{ledger}}}") in self.share(master):
                return ledger

    def wait_until_sound(self, nodes: list[StoreServer] | None = None) -> None:
        """Until every one of `nodes` (default all) says that all slots are served."""
        for node in nodes or [*self.masters, *self.replicas]:
            until(partial(_is_sound, node), f"the node {node.port} finds the cluster sound")

    def stop(self) -> None:
        for node in (*self.replicas, *self.masters):
            node.stop()


def ask(node: StoreServer, *command: Any) -> Any:
    """What a node itself answers; no client of ours in between."""
    with node.client() as client:
        return client.execute_command(*command)


def _is_sound(node: StoreServer) -> bool:
    return bool(ask(node, "CLUSTER INFO")["cluster_state"] == "ok")


def _knows(node: StoreServer, other: str) -> bool:
    return other in str(ask(node, "CLUSTER NODES"))


def _has_its_masters_data(replica: StoreServer) -> bool:
    return bool(ask(replica, "INFO")["master_link_status"] == "up")


def node_id(node: StoreServer) -> str:
    """By which the cluster knows it."""
    found: bytes = ask(node, "CLUSTER MYID")
    return found.decode()


def build_cluster(folder: Path, *, replicas: bool = False) -> Cluster:
    """Three masters that share all slots, and a replica of each if wanted. To be stopped."""
    password = secrets.token_hex(8)

    def node(name: str) -> StoreServer:
        server = StoreServer("valkey9", folder / name, password=password)
        bus = free_tcp_port()
        server.options = (
            "appendonly yes",
            "appendfsync always",
            f"masterauth {password}",
            "cluster-enabled yes",
            f"cluster-port {bus}",
            "cluster-announce-ip 127.0.0.1",
            f"cluster-announce-port {server.port}",
            f"cluster-announce-bus-port {bus}",
            f"cluster-node-timeout {NODE_TIMEOUT_MS}",
            "cluster-replica-validity-factor 0",
            "cluster-require-full-coverage no",
            "repl-diskless-sync-delay 0",
        )
        return server.start()

    cluster = Cluster([], [])
    try:
        cluster.masters += [node(f"master {number}") for number in range(3)]
        for number, master in enumerate(cluster.masters, 1):
            share = cluster.share(master)
            ask(master, "CLUSTER", "SET-CONFIG-EPOCH", number)
            ask(master, "CLUSTER", "ADDSLOTSRANGE", share.start, share.stop - 1)
        if replicas:
            cluster.replicas += [node(f"replica {number}") for number in range(3)]
        first, *others = [*cluster.masters, *cluster.replicas]
        for other in others:
            bus = next(each.split()[1] for each in other.options if each.startswith("cluster-port"))
            ask(first, "CLUSTER", "MEET", "127.0.0.1", other.port, bus)
        cluster.wait_until_sound(cluster.masters)
        for master, replica in zip(cluster.masters, cluster.replicas, strict=bool(replicas)):
            known = node_id(master)
            until(partial(_knows, replica, known), "the replica knows its master")
            ask(replica, "CLUSTER", "REPLICATE", known)
        cluster.wait_until_sound()
        for replica in cluster.replicas:
            until(partial(_has_its_masters_data, replica), "the replica has its master's data")
    except BaseException:
        cluster.stop()
        raise
    return cluster


@pytest.fixture(scope="session")
def cluster(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Cluster]:
    """Three masters. Do not kill them: take a `new_cluster`."""
    built = build_cluster(tmp_path_factory.mktemp("cluster"))
    yield built
    built.stop()


@pytest.fixture
def new_cluster(tmp_path: Path) -> Iterator[Callable[[], Cluster]]:
    """Makes clusters of three masters with a replica each, to kill as the test likes."""
    built: list[Cluster] = []

    def make() -> Cluster:
        built.append(build_cluster(tmp_path / f"cluster-{len(built)}", replicas=True))
        return built[-1]

    yield make
    for each in built:
        each.stop()
