"""Reading a ledger's stream: by seq, in pieces, waiting, and across a trimmed beginning."""

from __future__ import annotations

import asyncio
import threading
import time
from typing import TYPE_CHECKING

import pytest
import redis

from overlaykit.errors import StoreAway
from overlaykit.store import connect, connect_async, tail_pick, tail_read, tail_read_async

if TYPE_CHECKING:
    from tests.conftest import StoreServer

pytestmark = pytest.mark.store


@pytest.fixture
def stream(client: redis.Redis, ledger: str) -> str:
    """A stream with the entries 1 … 5."""
    key = f"{{{ledger}}}:ledger"
    for seq in range(1, 6):
        append(client, key, seq)
    return key


def append(client: redis.Redis, key: str, seq: int) -> None:
    client.xadd(key, {"e": f'{{"seq":{seq}}}'}, id=f"{seq}-0")


def test_reads_on_from_where_a_reader_stands(client: redis.Redis, stream: str) -> None:
    assert tail_read(client, stream, 3) == [(4, b'{"seq":4}'), (5, b'{"seq":5}')]
    assert tail_read(client, stream, 3, block_ms=50) == [(4, b'{"seq":4}'), (5, b'{"seq":5}')]
    assert [seq for seq, _ in tail_read(client, stream, 0, count=2)] == [1, 2]
    assert tail_read(client, stream, 5) == []


def test_picks_single_entries_in_one_trip(client: redis.Redis, stream: str, any_store: StoreServer) -> None:
    client.xdel(stream, "2-0")
    with connect(any_store.url) as asking:
        assert tail_pick(asking, stream, [5, 1, 2, 9, 1]) == {1: b'{"seq":1}', 5: b'{"seq":5}'}
        assert tail_pick(asking, stream, []) == {}
        assert tail_pick(asking, f"{stream}:none", [1]) == {}


def test_waits_for_the_next_entry_and_no_longer(client: redis.Redis, stream: str) -> None:
    writer = threading.Timer(0.1, append, (client, stream, 6))
    writer.start()
    began = time.monotonic()
    assert tail_read(client, stream, 5, block_ms=2000) == [(6, b'{"seq":6}')]
    assert time.monotonic() - began < 1.5
    writer.join()


def test_waits_half_of_the_timeout_at_the_most(any_store: StoreServer, stream: str) -> None:
    with connect(any_store.url, timeout=1.2) as impatient:
        began = time.monotonic()
        assert tail_read(impatient, stream, 5, block_ms=60_000) == []
        assert 0.3 < time.monotonic() - began < 1.2


def test_a_trimmed_beginning_shows_as_a_jump(client: redis.Redis, stream: str) -> None:
    client.xtrim(stream, minid="4-0", approximate=False)
    assert [seq for seq, _ in tail_read(client, stream, 1)] == [4, 5]


def test_the_asynchronous_twin_reads_the_same(any_store: StoreServer, stream: str) -> None:
    async def read() -> None:
        async with connect_async(any_store.url) as client:
            assert await tail_read_async(client, stream, 3) == [(4, b'{"seq":4}'), (5, b'{"seq":5}')]
            assert await tail_read_async(client, stream, 4, block_ms=50) == [(5, b'{"seq":5}')]
            assert await tail_read_async(client, stream, 5, block_ms=20) == []

    asyncio.run(read())


def test_a_store_that_is_away_is_named_so(free_port: int) -> None:
    with connect(f"redis://127.0.0.1:{free_port}/0", timeout=0.5) as client, pytest.raises(StoreAway):
        tail_read(client, "{x}:ledger", 0)
