"""The embedded store: started, found again, never doubled, and what it acknowledged is still there."""

from __future__ import annotations

import json
import os
import signal
import socket
import stat
from collections.abc import Callable, Iterator
from contextlib import closing
from pathlib import Path

import pytest

from overlaykit.errors import StateError
from overlaykit.runtime.embedded import EmbeddedStore, quoted, running_store
from overlaykit.runtime.state import command_of, prepare_state
from overlaykit.store import connect
from tests.conftest import free_tcp_port, owns, until

pytestmark = pytest.mark.store


@pytest.fixture(params=["state", "直播间 一号 \"a' \\b"])
def state(request: pytest.FixtureRequest, tmp_path: Path) -> Path:
    """A state folder; once with everything in its name that a configuration file could stumble over."""
    return prepare_state(tmp_path / request.param)


@pytest.fixture
def embedded(state: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[Callable[[], EmbeddedStore]]:
    """Makes EmbeddedStores of `state`, as each start of a room does; whatever server runs at the end is ended. Nobody gets its port
    while it is down."""
    monkeypatch.setattr("overlaykit.runtime.embedded.free_port", free_tcp_port)
    made: list[EmbeddedStore] = []

    def make() -> EmbeddedStore:
        made.append(EmbeddedStore(state))
        return made[-1]

    yield make
    for store in made:
        if store.pid and owns(store.pid, state):
            os.kill(store.pid, signal.SIGKILL)
        until(lambda store=store: not store.running, "no server is left")  # type: ignore[misc]


def test_starts_on_its_folder_for_us_alone(state: Path, embedded: Callable[[], EmbeddedStore]) -> None:
    store = embedded()
    store.start()
    with connect(store.url) as client:
        for name, value in [("appendfsync", "always"), ("save", ""), ("bind", "127.0.0.1"), ("dir", state / "store")]:
            assert client.config_get(name) == {name: str(value)}
    for private in ("store.conf", "record.json"):
        assert stat.S_IMODE((state / "store" / private).stat().st_mode) == 0o600
    assert stat.S_IMODE(state.stat().st_mode) == 0o700
    assert running_store(state) == store.url


def test_an_orderly_stop_keeps_the_data(state: Path, embedded: Callable[[], EmbeddedStore]) -> None:
    first = embedded()
    first.start()
    with connect(first.url) as client:
        client.set("orders", 7)
    first.stop()
    assert not first.running
    assert running_store(state) is None
    second = embedded()
    second.start()
    assert second.url == first.url, "port and password stay"
    assert not second.adopted
    with connect(second.url) as client:
        assert client.get("orders") == b"7"


def test_kill_minus_nine_loses_nothing(embedded: Callable[[], EmbeddedStore]) -> None:
    store = embedded()
    store.start()
    with connect(store.url) as client:
        for _ in range(50):
            client.incr("orders")
        os.kill(store.pid, signal.SIGKILL)
        until(lambda: not store.running, "the server is gone")
        store.start()
        assert client.get("orders") == b"50", "the same client finds it again"


def test_a_server_that_still_runs_is_adopted(embedded: Callable[[], EmbeddedStore]) -> None:
    first = embedded()
    first.start()
    second = embedded()
    second.start()
    assert second.adopted
    assert second.pid == first.pid
    second.stop()
    until(lambda: not first.running, "the adopted server stops like one's own")


def test_it_is_adopted_even_when_its_pid_was_never_written_down(
    state: Path, embedded: Callable[[], EmbeddedStore]
) -> None:
    first = embedded()
    first.start()
    record = state / "store" / "record.json"
    record.write_text(json.dumps({**json.loads(record.read_text()), "pid": 0}))
    second = embedded()
    second.start()
    assert (second.adopted, second.pid) == (True, first.pid)


def test_a_server_that_hangs_is_replaced_never_doubled(embedded: Callable[[], EmbeddedStore]) -> None:
    first = embedded()
    first.start()
    with connect(first.url) as client:
        client.set("orders", 7)
    os.kill(first.pid, signal.SIGSTOP)
    second = embedded()
    second.start()
    assert not second.adopted
    assert command_of(first.pid) is None or second.pid == first.pid
    with connect(second.url) as client:
        assert client.get("orders") == b"7"


def test_without_its_record_a_running_server_is_left_alone(
    state: Path, embedded: Callable[[], EmbeddedStore], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("overlaykit.runtime.embedded.LOCK_SECONDS", 0.5)
    first = embedded()
    first.start()
    (state / "store" / "record.json").unlink()
    with pytest.raises(StateError, match="still runs on") as caught:
        embedded().start()
    assert "fuser" in str(caught.value)
    assert first.running
    first.stop()


def test_a_stranger_with_the_recorded_pid_is_no_store(state: Path, embedded: Callable[[], EmbeddedStore]) -> None:
    first = embedded()
    first.start()
    first.stop()
    record = state / "store" / "record.json"
    record.write_text(json.dumps({**json.loads(record.read_text()), "pid": os.getpid()}))
    assert running_store(state) is None
    second = embedded()
    second.start()
    assert not second.adopted


def test_a_port_taken_meanwhile_is_given_up(embedded: Callable[[], EmbeddedStore]) -> None:
    first = embedded()
    first.start()
    first.stop()
    port = int(first.url.rpartition(":")[2].partition("/")[0])
    with closing(socket.socket()) as squatter:
        squatter.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        squatter.bind(("127.0.0.1", port))
        squatter.listen()
        second = embedded()
        second.start()
        assert second.url != first.url
        with connect(second.url) as client:
            assert client.ping()


def test_a_server_that_cannot_read_its_data_says_why_and_touches_nothing(
    state: Path, embedded: Callable[[], EmbeddedStore]
) -> None:
    first = embedded()
    first.start()
    with connect(first.url) as client:
        client.set("orders", 7)
        client.set("orders", 8)
    first.stop()
    log = next((state / "store").glob("appendonlydir/*.incr.aof"))
    damaged = b"nonsense" + log.read_bytes()
    log.write_bytes(damaged)
    with pytest.raises(StateError, match="does not start"):
        embedded().start()
    assert log.read_bytes() == damaged


@pytest.mark.parametrize(
    ("value", "written"),
    [
        ("a b", b'"a b"'),
        ('say "hi"', b'"say \\"hi\\""'),
        ("c:\\d", b'"c:\\\\d"'),
        ("羊", b'"\xe7\xbe\x8a"'),
        ("", b'""'),
    ],
)
def test_values_are_quoted_as_the_server_reads_them(value: str, written: bytes) -> None:
    assert quoted(value) == written
