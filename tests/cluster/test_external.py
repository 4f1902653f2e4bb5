"""What a room is told of a cluster before it starts."""

from __future__ import annotations

import pytest

from overlaykit.errors import StateError
from overlaykit.runtime.external import check_external
from overlaykit.store import connect
from tests.cluster.conftest import Cluster, ask
from tests.conftest import StoreServer

pytestmark = pytest.mark.store


def test_every_node_is_asked_and_named(cluster: Cluster) -> None:
    url, notices = check_external(cluster.masters[1].url)
    with connect(url) as client:
        assert {seed.port for seed in client.topology.seeds} == {master.port for master in cluster.masters}
        assert client.topology.seeds[0].port in {master.port for master in cluster.masters}
    assert len(notices) == 1
    assert "may lack the last orders" in notices[0]
    ask(cluster.masters[2], "CONFIG", "SET", "appendfsync", "everysec")
    try:
        assert any("everysec" in notice for notice in check_external(cluster.url)[1]), (
            "one careless node is one too many"
        )
    finally:
        ask(cluster.masters[2], "CONFIG", "SET", "appendfsync", "always")


def test_a_single_server_stays_what_it_is(store: StoreServer) -> None:
    url, notices = check_external(store.url)
    assert url == store.url
    assert not any("cluster" in notice for notice in notices)


def test_a_cluster_has_one_database(cluster: Cluster) -> None:
    with pytest.raises(StateError, match=r"database 0 alone") as caught:
        check_external(cluster.url.removesuffix("/0") + "/3")
    assert cluster.masters[0].password not in str(caught.value)


def test_a_wrong_password_is_said_to_be_one(cluster: Cluster) -> None:
    with pytest.raises(StateError, match="refuses us"):
        check_external(cluster.url.replace(cluster.masters[0].password, "nonsense"))
