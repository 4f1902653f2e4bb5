"""A client never repeats a command by itself, and says in our words when the store is away."""

from __future__ import annotations

import asyncio
import signal
import threading
import time
from collections.abc import Callable
from typing import TYPE_CHECKING

import pytest
import redis

from overlaykit.errors import StoreAway, UserError
from overlaykit.store import answers, connect, connect_async
from overlaykit.store.client import masked
from tests.conftest import until

if TYPE_CHECKING:
    from tests.conftest import StoreServer

pytestmark = pytest.mark.store


def test_a_command_across_a_pause_runs_once(new_store: Callable[..., StoreServer]) -> None:
    server = new_store()
    with connect(server.url, timeout=1.0) as client, server.client() as witness:
        client.ping()
        assert server.process is not None
        server.process.send_signal(signal.SIGSTOP)
        try:
            with pytest.raises(StoreAway, match="may have run"), answers():
                client.incr("orders")
        finally:
            server.process.send_signal(signal.SIGCONT)
        until(lambda: witness.get("orders") == b"1", "the held-up command runs")
        # Whatever else was sent during the pause would have been worked off by the time this answers.
        assert client.incr("orders") == 2


def test_the_asynchronous_client_does_not_repeat_either(new_store: Callable[..., StoreServer]) -> None:
    server = new_store()

    async def story() -> None:
        async with connect_async(server.url, timeout=1.0) as client:
            await client.ping()
            assert server.process is not None
            server.process.send_signal(signal.SIGSTOP)
            try:
                with pytest.raises(StoreAway), answers():
                    await client.incr("orders")
            finally:
                server.process.send_signal(signal.SIGCONT)
            with server.client() as witness:
                until(lambda: witness.get("orders") == b"1", "the held-up command runs")
            assert await client.incr("orders") == 2

    asyncio.run(story())


def test_a_client_comes_back_by_itself_after_the_store_did(new_store: Callable[..., StoreServer]) -> None:
    server = new_store("valkey9", "appendfsync always")
    with connect(server.url, timeout=1.0) as client:
        client.set("a", 1)
        server.kill()
        with pytest.raises(StoreAway), answers():
            client.get("a")
        server.start()
        assert client.get("a") == b"1"


def test_a_wrong_password_is_said_to_be_one(any_store: StoreServer) -> None:
    wrong = any_store.url.replace(any_store.password, "nonsense")
    with connect(wrong) as client, pytest.raises(StoreAway, match=r"refuses us[\s\S]*password"), answers():
        client.ping()


def test_errors_of_the_call_itself_pass_through(any_store: StoreServer, ledger: str) -> None:
    with connect(any_store.url) as client:
        client.set(ledger, "text")
        with pytest.raises(redis.ResponseError, match="WRONGTYPE"), answers():
            client.xrange(ledger)


def test_many_threads_may_share_a_client(any_store: StoreServer, ledger: str) -> None:
    with connect(any_store.url) as client:
        threads = [threading.Thread(target=lambda: [client.incr(ledger) for _ in range(100)]) for _ in range(4)]
        for thread in threads:
            thread.start()
        for thread in threads:
            thread.join()
        assert client.get(ledger) == b"400"


@pytest.mark.parametrize(
    ("url", "says"),
    [
        ("http://127.0.0.1:6379", "not the URL of a Redis"),
        ("redis://127.0.0.1:port/0", "Port could not be cast"),
        ("redis://:hush@127.0.0.1/0?decode_responses=True", "sets decode_responses"),
        ("127.0.0.1:6379", "not the URL of a Redis"),
    ],
)
def test_a_url_that_is_none_is_refused_with_an_example(url: str, says: str) -> None:
    for build in (connect, connect_async):
        with pytest.raises(UserError, match=says) as caught:
            build(url)
        assert caught.value.remedy
        assert "hush" not in str(caught.value)


def test_a_url_is_shown_without_its_password() -> None:
    assert masked("redis://me:hush@host:1/0") == "redis://me:***@host:1/0"
    assert masked("redis://host:1/0") == "redis://host:1/0"


def test_an_answer_that_takes_too_long_ends_within_the_timeout(new_store: Callable[..., StoreServer]) -> None:
    server = new_store()
    with connect(server.url, timeout=0.3) as client:
        began = time.monotonic()
        with pytest.raises(StoreAway), answers():
            client.blpop(["nothing"], timeout=5)
        assert time.monotonic() - began < 2
