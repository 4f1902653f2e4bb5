"""The kinds of measurement: what each stands on, how many rounds it needs, and how its rounds become medians."""

from __future__ import annotations

from collections.abc import Callable
from contextlib import ExitStack, closing
from pathlib import Path
from typing import NamedTuple

from overlaykit.cli.bench import (
    engine,
    fanout,
    hooks,
    http_load,
    idle,
    live,
    memory,
    obs,
    overlay,
    readers,
    shares,
    storm,
)
from overlaykit.cli.bench.cost import Cost
from overlaykit.cli.bench.edge import Edge
from overlaykit.cli.bench.figures import Figure, Summary, summarise
from overlaykit.cli.bench.recorder import Recording
from overlaykit.cli.bench.rooms import Target, our_room, peer_server
from overlaykit.cli.bench.stores import BenchStore, bench_store
from overlaykit.cli.bench.watchers import Watchers, watched_room
from overlaykit.director.obs import Address

SOCKETS = 800

Round = Callable[[], list[Figure]]


class _OnStore(NamedTuple):
    """Measured on a store of its own. `prepare` does what all rounds share, and gives what measures one."""

    prepare: Callable[[BenchStore, float], Round]
    rounds: int


class _OnRoom(NamedTuple):
    """Measured on a room that runs, and on a peer beside it where there is one."""

    measure: Callable[[Target], list[Figure]]
    measure_peer: Callable[[Target], list[Figure]]
    rounds: int


def _ingest(target: Target) -> list[Figure]:
    return [http_load.single_posts(target), http_load.bulk(target)]


def _peer_ingest(target: Target) -> list[Figure]:
    """A peer has no bulk form: its single posts are what it has, so bulk is compared with them."""
    single = http_load.single_posts(target)
    return [single, Figure("bulk", single.value, single.unit)]


_ON_STORE = {
    "engine": _OnStore(lambda store, scale: lambda: engine.measure(store, scale), 7),
    "cost": _OnStore(lambda store, scale: Cost(store, scale).measure, 9),
    "recorder": _OnStore(lambda store, scale: Recording(store, scale).measure, 5),
    "readers": _OnStore(lambda store, scale: lambda: readers.measure(store, scale), 5),
    "memory": _OnStore(lambda store, scale: lambda: memory.measure(store, scale), 1),
    "storm": _OnStore(lambda store, scale: lambda: storm.measure(store, scale), 1),
}
_ON_ROOM = {
    "ingest": _OnRoom(_ingest, _peer_ingest, 3),
    "fanout": _OnRoom(
        lambda target: fanout.to_sockets(target, SOCKETS), lambda target: fanout.peer_to_sockets(target, SOCKETS), 3
    ),
    "overlay": _OnRoom(overlay.order_to_dom_on_disk, overlay.order_to_dom, 3),
}
_EDGE_ROUNDS = 5
_LIVE_ROUNDS = 1
_OBS_ROUNDS = 1
_SHARES_ROUNDS = 11
_HOOKS_ROUNDS = 3
_WATCHERS_ROUNDS = 3
_IDLE_ROUNDS = 1

PEER_KINDS = tuple(_ON_ROOM)
"""Those where a peer does the same job."""
KINDS = (*_ON_STORE, "edge", "live", "obs", "shares", "hooks", "watchers", "idle", *_ON_ROOM)


def run_kind(
    kind: str,
    *,
    rounds: int | None,
    scale: float,
    peer: Path | None,
    state: Path | None,
    obs_at: Address | None = None,
) -> list[Summary]:
    """The medians of a kind. `rounds` None: as many as it needs; `state`: the folder under which our own files are kept;
    `obs_at`: the OBS that the kind obs measures. Raises NotFound, StateError and ObsError where something that it needs is
    missing."""
    if kind == "edge":
        return _edge(rounds or _EDGE_ROUNDS, scale, state)
    if kind == "live":
        return summarise([live.measure(state) for _ in range(rounds or _LIVE_ROUNDS)], [])
    if kind == "obs":
        return summarise([obs.measure(obs_at, scale, state) for _ in range(rounds or _OBS_ROUNDS)], [])
    if kind == "shares":
        return summarise([shares.measure(seed, scale) for seed in range(rounds or _SHARES_ROUNDS)], [])
    if kind == "hooks":
        return summarise([hooks.measure(scale, state) for _ in range(rounds or _HOOKS_ROUNDS)], [])
    if kind == "watchers":
        return _watchers(rounds or _WATCHERS_ROUNDS, scale, state)
    if kind == "idle":
        return summarise([idle.measure(scale, state) for _ in range(rounds or _IDLE_ROUNDS)], [])
    if kind in _ON_STORE:
        on_store = _ON_STORE[kind]
        with bench_store(state) as store:
            measure = on_store.prepare(store, scale)
            return summarise([measure() for _ in range(rounds or on_store.rounds)], [])
    on_room = _ON_ROOM[kind]
    return _servers(on_room, rounds or on_room.rounds, peer, state)


def _edge(rounds: int, scale: float, state: Path | None) -> list[Summary]:
    with our_room(state) as room, closing(Edge(room, scale)) as edge:
        return summarise([edge.measure() for _ in range(rounds)], [])


def _watchers(rounds: int, scale: float, state: Path | None) -> list[Summary]:
    with watched_room(state) as room:
        watchers = Watchers(room, scale)
        return summarise([watchers.measure() for _ in range(rounds)], [])


def _servers(kind: _OnRoom, rounds: int, peer: Path | None, state: Path | None) -> list[Summary]:
    """Both servers run all the while; only one is under load at a time."""
    ours: list[list[Figure]] = []
    theirs: list[list[Figure]] = []
    with ExitStack() as running:
        room = running.enter_context(our_room(state))
        other = running.enter_context(peer_server(peer)) if peer else None
        for _ in range(rounds):
            ours.append(kind.measure(room))
            if other is not None:
                theirs.append(kind.measure_peer(other))
    return summarise(ours, theirs)
