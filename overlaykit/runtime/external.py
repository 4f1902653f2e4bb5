"""A Redis or Valkey that somebody else runs: is it fit, and what does it promise?"""

from __future__ import annotations

from typing import Any, cast

import redis

from overlaykit.errors import StateError, StoreAway
from overlaykit.store import answers, connect
from overlaykit.store.client import masked

OLDEST = (6, 2)


def check_external(url: str) -> list[str]:
    """What somebody should know about it. StateError when it does not answer or is too old."""
    with connect(url, timeout=5.0) as client:
        try:
            with answers():
                info = cast(dict[str, Any], client.info("server"))
                settings = _settings(client, "appendonly", "appendfsync", "maxmemory-policy")
        except StoreAway as error:
            raise StateError(
                f"{masked(url)}: {error.message}",
                remedy="Is it running, and is the URL right, with its password? redis://:PASSWORD@HOST:6379/0",
            ) from None
    version = str(info.get("redis_version", "0"))
    if tuple(int(part) for part in version.split(".")[:2]) < OLDEST:
        raise StateError(
            f"{masked(url)} is Redis {version}, which is too old",
            remedy="overlaykit needs Redis 6.2 or newer, or any Valkey.",
        )
    return [*_durability(settings), *_eviction(settings)]


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
        return ["this store does not tell how it writes to disk: ask its owner for `appendfsync always`"]
    if settings.get("appendonly") != "yes":
        return ["this store does not write every change to disk (appendonly no): a crash loses orders"]
    if settings.get("appendfsync") != "always":
        return ["this store runs `appendfsync everysec`: a power cut may lose up to two seconds of acknowledged orders"]
    return []


def _eviction(settings: dict[str, str]) -> list[str]:
    policy = settings.get("maxmemory-policy", "noeviction")
    return (
        [] if policy == "noeviction" else [f"this store may throw keys away when it is full ({policy}): use noeviction"]
    )
