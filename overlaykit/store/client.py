"""Clients of Redis and Valkey, built here alone.

redis-py's own defaults send a command again, up to ten times, after a timeout. A command that was slow rather than lost
then runs twice, unseen. So these clients never repeat anything: a call ends with its answer, or with StoreAway within
its timeout, and whoever called decides, since every command has its id before it is sent.

A URL may name a node of a cluster, or several: redis://:PASSWORD@A:6379,B:6379,C:6379/0. With one, the client learns of the
cluster when a server first points to another; with several it finds its way also while one of them is away.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from typing import Any, NamedTuple, cast
from urllib.parse import SplitResult, parse_qs, urlsplit

import redis
import redis.asyncio
from redis.asyncio.retry import Retry as AsyncRetry
from redis.backoff import NoBackoff
from redis.exceptions import (
    AskError,
    AuthenticationError,
    AuthorizationError,
    BusyLoadingError,
    ClusterDownError,
    MasterDownError,
    NoPermissionError,
    OutOfMemoryError,
    ReadOnlyError,
    ResponseError,
    TryAgainError,
)
from redis.retry import Retry

from overlaykit.errors import StoreAway, UserError
from overlaykit.store.routing import AsyncStoreClient, StoreClient
from overlaykit.store.topology import Address, Topology

SCHEMES = ("redis", "rediss", "unix")
_NOT_NOW = re.compile(
    r"(?:^|: -)(OOM|NOAUTH|WRONGPASS|BUSY|MISCONF|NOREPLICAS|UNBLOCKED|READONLY|MASTERDOWN|CLUSTERDOWN|TRYAGAIN) "
)
"""Answers that say something about the store, and not about the call."""
CONNECTIONS = 2000
"""Of one client, at most; it opens them as they are needed."""
URL_OPTIONS = frozenset({"db", "ssl_ca_certs", "ssl_certfile", "ssl_keyfile", "ssl_cert_reqs", "ssl_check_hostname"})
"""What a URL may set after `?`. The rest of redis-py's options would overrule the settings below."""


def connect(url: str, *, timeout: float = 5.0, lone: bool = False) -> StoreClient:
    """A client for threads and greenlets. Connects on first use; `timeout` is seconds, for connecting and each answer.

    `lone`: one connection to each server, for one caller at a time. A pool would replace a connection that broke between
    two commands without a word, and asks the kernel before each command whether it did; here each break is an error, so
    that a reader knows when the server behind it may be another.
    Answers are bytes. Raises UserError for a URL that is none.
    """
    place = _parsed(url)

    def node(address: Address) -> redis.Redis:
        return redis.Redis.from_url(
            place.url_of(address), retry=Retry(NoBackoff(), 0), single_connection_client=lone, **_settings(timeout)
        )

    client = cast(
        StoreClient,
        StoreClient.from_url(place.url_of(place.hosts[0]), retry=Retry(NoBackoff(), 0), **_settings(timeout)),
    )
    client.begin(Topology(place.hosts), node, lone=lone)
    return client


def connect_async(url: str, *, timeout: float = 5.0) -> AsyncStoreClient:
    """The same for asyncio."""
    place = _parsed(url)

    def node(address: Address) -> redis.asyncio.Redis:
        return redis.asyncio.Redis.from_url(
            place.url_of(address), retry=AsyncRetry(NoBackoff(), 0), **_settings(timeout)
        )

    client = cast(
        AsyncStoreClient,
        AsyncStoreClient.from_url(place.url_of(place.hosts[0]), retry=AsyncRetry(NoBackoff(), 0), **_settings(timeout)),
    )
    client.begin(Topology(place.hosts), node)
    return client


def whole_url(url: str, *, timeout: float = 5.0) -> str:
    """`url` with every node that the cluster behind it has now, its own first; the same where there is no cluster.

    With it a process finds the cluster also while one node is away. Raises StoreAway.
    """
    with connect(url, timeout=timeout) as client, answers():
        if not client.topology.cluster and not cast(dict[str, Any], client.info("cluster")).get("cluster_enabled"):
            return url
        client.look_around()
        return _parsed(url).joined(client.topology.known)


def read_timeout(client: redis.Redis | redis.asyncio.Redis) -> float:
    """Seconds that `client` waits for an answer."""
    return float(client.connection_pool.connection_kwargs["socket_timeout"])


@contextmanager
def answers() -> Iterator[None]:
    """Whatever keeps the store from answering, inside this block, becomes StoreAway with what to do about it.

    Errors that say something about the call itself (a wrong type, a script's own error) pass through.
    """
    try:
        yield
    except BusyLoadingError as error:
        raise StoreAway(
            "数据库正在加载数据 / the store is still loading its data",
            remedy="请过几秒再试。 / Try again in some seconds.",
        ) from error
    except (AuthenticationError, AuthorizationError, NoPermissionError) as error:
        raise StoreAway(
            f"数据库拒绝登录：{error} / the store refuses us: {error}",
            remedy="请检查数据库网址里的用户名和密码：redis://用户名:密码@主机:端口/0 / "
            "Check the user and the password in the store's URL: redis://USER:PASSWORD@HOST:PORT/0",
        ) from error
    except OutOfMemoryError as error:
        raise _full(error) from error
    except AskError as error:
        raise StoreAway(
            f"这些键现在由集群的另一个节点管（{error}），没有执行 / "
            f"another node of the cluster has these keys now ({error}); nothing has run",
            remedy="请再试。 / Try again.",
        ) from error
    except (ReadOnlyError, MasterDownError, ClusterDownError, TryAgainError) as error:
        raise StoreAway(
            f"数据库现在不能写入：{error} / the store cannot write now: {error}",
            remedy="是不是正在切换主节点？请再试。 / Is a failover under way? Try again.",
        ) from error
    except (redis.ConnectionError, redis.TimeoutError, OSError) as error:
        raise StoreAway(
            f"数据库没有答复：{error} / the store did not answer: {error}",
            remedy="发出的可能已执行。请用相同的 id 再发一次，并检查数据库是否在运行。 / "
            "What was sent may have run. Send it again with the same ids; check that the store runs.",
        ) from error
    except ResponseError as error:
        # From inside a script, a server of 6.2 wraps them in words of its own.
        found = _NOT_NOW.search(str(error))
        if found is None:
            raise
        if found[1] == "OOM":
            raise _full(error) from error
        raise StoreAway(
            f"数据库现在不接受命令：{error} / the store does not take commands now: {error}",
            remedy="请看数据库的日志。 / See the store's log.",
        ) from error


def _full(error: Exception) -> StoreAway:
    return StoreAway(
        f"数据库内存已满，没有写入（{error}） / the store has no memory left; nothing was written ({error})",
        remedy="请调大 `maxmemory`，策略用 noeviction。 / Raise its `maxmemory`, with policy noeviction.",
    )


def _settings(timeout: float) -> dict[str, Any]:
    return {
        "socket_timeout": timeout,
        "socket_connect_timeout": timeout,
        "socket_keepalive": True,
        "health_check_interval": 0,
        "max_connections": CONNECTIONS,
        "decode_responses": False,
        # RESP2 everywhere: one answer shape on 6.2, 7 and 9, and no maintenance notifications that stretch timeouts.
        "protocol": 2,
        "driver_info": None,
    }


class _Place(NamedTuple):
    """A store's URL, taken apart: the servers it names, and all the rest."""

    parts: SplitResult
    login: str
    hosts: tuple[Address, ...]

    def url_of(self, address: Address) -> str:
        """The URL of one server."""
        return self.parts.geturl() if self.parts.scheme == "unix" else self.joined((address,))

    def joined(self, addresses: Sequence[Address]) -> str:
        """The URL of several."""
        return self.parts._replace(netloc=self.login + ",".join(map(str, addresses))).geturl()


def _parsed(url: str) -> _Place:
    remedy = (
        "写法如 redis://:密码@主机:6379/0，用 TLS 写 rediss://；集群写一个节点，或用逗号隔开几个："
        "redis://:密码@A:6379,B:6379,C:6379 / "
        "It looks like redis://:PASSWORD@HOST:6379/0, or rediss:// for TLS; of a cluster one node, or several with commas "
        "between them: redis://:PASSWORD@A:6379,B:6379,C:6379"
    )
    parts = urlsplit(url)
    if parts.scheme not in SCHEMES:
        raise UserError(
            f"{masked(url)!r} 不是 Redis 或 Valkey 的网址 / {masked(url)!r} is not the URL of a Redis or Valkey",
            remedy=remedy,
        )
    login, at, hosts = parts.netloc.rpartition("@")
    try:
        found = tuple(_address(host) for host in hosts.split(","))
    except ValueError as error:
        raise UserError(
            f"数据库网址 {masked(url)!r}：{error} / the store's URL {masked(url)!r}: {error}", remedy=remedy
        ) from None
    unknown = set(parse_qs(parts.query, keep_blank_values=True)) - URL_OPTIONS
    if unknown:
        raise UserError(
            f"数据库网址里设了 {', '.join(sorted(unknown))}，这些不能改 / "
            f"the store's URL sets {', '.join(sorted(unknown))}, which is not ours to change",
            remedy=f"? 后面可以设：{', '.join(sorted(URL_OPTIONS))}。 / "
            f"After ? it may set: {', '.join(sorted(URL_OPTIONS))}.",
        )
    return _Place(parts, login + at, found)


def _address(text: str) -> Address:
    """`HOST:PORT`; both have defaults. Raises ValueError when the port is no number."""
    one = urlsplit(f"//{text}")
    return Address(one.hostname or "localhost", one.port or 6379)


def masked(url: str) -> str:
    """`url` as it may be shown: without its password."""
    parts = urlsplit(url)
    head, at, host = parts.netloc.rpartition("@")
    user = head.partition(":")[0]
    return parts._replace(netloc=f"{user}:***@{host}" if at else host).geturl()
