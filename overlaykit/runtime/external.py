"""A Redis or Valkey that somebody else runs: is it fit, and what does it promise?"""

from __future__ import annotations

from typing import Any, cast

import redis

from overlaykit.errors import StateError, StoreAway
from overlaykit.store import answers, connect, whole_url
from overlaykit.store.client import masked

OLDEST = (6, 2)


def check_external(url: str) -> tuple[str, list[str]]:
    """The URL to use from now on, which names every node where it is a cluster, and what somebody should know about it.

    StateError when it does not answer or is too old.
    """
    try:
        url = whole_url(url)
        with connect(url) as client, answers():
            servers = [(node, cast(dict[str, Any], node.info("server"))) for node in client.nodes()]
            settings = [_settings(node, "appendonly", "appendfsync", "maxmemory-policy") for node, _ in servers]
            cluster = client.topology.cluster
    except StoreAway as error:
        raise StateError(
            f"{masked(url)}: {error.message}",
            remedy="Is it running, and is the URL right, with its password? redis://:PASSWORD@HOST:6379/0",
        ) from None
    except redis.ResponseError as error:
        raise StateError(
            f"{masked(url)}: {error}", remedy="A cluster has database 0 alone: end the URL with /0, or with no number."
        ) from None
    for _, info in servers:
        version = str(info.get("redis_version", "0"))
        if tuple(int(part) for part in version.split(".")[:2]) < OLDEST:
            raise StateError(
                f"{masked(url)} is Redis {version}, which is too old",
                remedy="overlaykit needs Redis 6.2 or newer, or any Valkey.",
            )
    notices = [notice for each in settings for notice in (*_durability(each), *_eviction(each))]
    if cluster:
        notices.append(
            "数据库是集群：主节点出故障时，接替它的副本可能缺最后确认的几单；会发现、会说明，并列出这些订单 / "
            "this store is a cluster: when a master fails, the replica that takes over may lack the last orders that were "
            "acknowledged; that is noticed and said, and those are reported"
        )
    return url, list(dict.fromkeys(notices))


def _settings(client: redis.Redis, *names: str) -> dict[str, str]:
    """Hosted stores often forbid CONFIG; then nothing is known."""
    found: dict[str, str] = {}
    for name in names:
        try:
            found |= cast(dict[str, str], client.config_get(name))
        except redis.ResponseError:
            return {}
    return found


def _durability(settings: dict[str, str]) -> list[str]:
    if not settings:
        return [
            "数据库不说明怎样写盘：请让管理它的人设 `appendfsync always` / "
            "this store does not tell how it writes to disk: ask its owner for `appendfsync always`"
        ]
    if settings.get("appendonly") != "yes":
        return [
            "数据库不把每次修改写盘（appendonly no）：崩溃会丢订单 / "
            "this store does not write every change to disk (appendonly no): a crash loses orders"
        ]
    if settings.get("appendfsync") != "always":
        return [
            "数据库用的是 `appendfsync everysec`：断电可能丢最后两秒确认的订单 / "
            "this store runs `appendfsync everysec`: a power cut may lose up to two seconds of acknowledged orders"
        ]
    return []


def _eviction(settings: dict[str, str]) -> list[str]:
    policy = settings.get("maxmemory-policy", "noeviction")
    if policy == "noeviction":
        return []
    return [
        f"数据库满了会丢数据（{policy}）：请用 noeviction / "
        f"this store may throw keys away when it is full ({policy}): use noeviction"
    ]
