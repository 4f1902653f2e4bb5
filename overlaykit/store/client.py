"""Clients of Redis and Valkey, built here alone.

redis-py's own defaults send a command again, up to ten times, after a timeout. A command that was slow rather than lost
then runs twice, unseen. So these clients never repeat anything: a call ends with its answer, or with StoreAway within
its timeout, and whoever called decides, since every command has its id before it is sent.
"""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any
from urllib.parse import parse_qs, urlsplit

import redis
import redis.asyncio
from redis.asyncio.retry import Retry as AsyncRetry
from redis.backoff import NoBackoff
from redis.exceptions import (
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

SCHEMES = ("redis", "rediss", "unix")
CONNECTIONS = 2000
"""Of one client, at most; it opens them as they are needed."""
URL_OPTIONS = frozenset({"db", "ssl_ca_certs", "ssl_certfile", "ssl_keyfile", "ssl_cert_reqs", "ssl_check_hostname"})
"""What a URL may set after `?`. The rest of redis-py's options would overrule the settings below."""


def connect(url: str, *, timeout: float = 5.0) -> redis.Redis:
    """A client for threads and greenlets. Connects on first use; `timeout` is seconds, for connecting and each answer.

    Answers are bytes. Raises UserError for a URL that is none.
    """
    return redis.Redis.from_url(_checked(url), retry=Retry(NoBackoff(), 0), **_settings(timeout))


def connect_async(url: str, *, timeout: float = 5.0) -> redis.asyncio.Redis:
    """The same for asyncio."""
    return redis.asyncio.Redis.from_url(_checked(url), retry=AsyncRetry(NoBackoff(), 0), **_settings(timeout))


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
        raise StoreAway("the store is still loading its data", remedy="Try again in some seconds.") from error
    except (AuthenticationError, AuthorizationError, NoPermissionError) as error:
        raise StoreAway(
            f"the store refuses us: {error}",
            remedy="Check the user and the password in the store's URL: redis://USER:PASSWORD@HOST:PORT/0",
        ) from error
    except OutOfMemoryError as error:
        raise StoreAway(
            f"the store has no memory left: {error}", remedy="Raise its `maxmemory`, with policy noeviction."
        ) from error
    except (ReadOnlyError, MasterDownError, ClusterDownError, TryAgainError) as error:
        raise StoreAway(f"the store cannot write now: {error}", remedy="Is a failover under way? Try again.") from error
    except (redis.ConnectionError, redis.TimeoutError, OSError) as error:
        raise StoreAway(
            f"the store did not answer: {error}",
            remedy="What was sent may have run. Send it again with the same ids; check that the store runs.",
        ) from error
    except ResponseError as error:
        if str(error).startswith(("NOAUTH", "WRONGPASS", "BUSY ", "MISCONF", "NOREPLICAS")):
            raise StoreAway(f"the store does not take commands now: {error}", remedy="See the store's log.") from error
        raise


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


def _checked(url: str) -> str:
    remedy = "It looks like redis://:PASSWORD@HOST:6379/0, or rediss:// for TLS."
    parts = urlsplit(url)
    if parts.scheme not in SCHEMES:
        raise UserError(f"{masked(url)!r} is not the URL of a Redis or Valkey", remedy=remedy)
    try:
        parts.port  # noqa: B018 - raises when the port is no number
    except ValueError as error:
        raise UserError(f"the store's URL {masked(url)!r}: {error}", remedy=remedy) from None
    unknown = set(parse_qs(parts.query, keep_blank_values=True)) - URL_OPTIONS
    if unknown:
        raise UserError(
            f"the store's URL sets {', '.join(sorted(unknown))}, which is not ours to change",
            remedy=f"After ? it may set: {', '.join(sorted(URL_OPTIONS))}.",
        )
    return url


def masked(url: str) -> str:
    """`url` as it may be shown: without its password."""
    parts = urlsplit(url)
    head, at, host = parts.netloc.rpartition("@")
    user = head.partition(":")[0]
    return parts._replace(netloc=f"{user}:***@{host}" if at else host).geturl()
