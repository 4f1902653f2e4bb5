"""Reading a ledger's stream from a seq on.

Entry n stands in the stream under the id `n-0`, with the exact bytes of its JSON line in the one field `e`. So a reader
asks by explicit ids, and a restarted reader goes on where its fold stands without keeping anything else.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from typing import Any, cast

import redis
import redis.asyncio

from overlaykit.store.client import answers, read_timeout
from overlaykit.store.routing import StoreClient

Records = Sequence[tuple[bytes, dict[bytes, bytes]]]


def tail_read(
    client: redis.Redis, stream_key: str, after_seq: int, block_ms: int = 0, count: int = 1000
) -> list[tuple[int, bytes]]:
    """Up to `count` entries after `after_seq` as (seq, line); waits `block_ms` for the first when there is none yet.

    The wait is at most half of the client's timeout, so that a silent ledger never looks like a lost store. [] when
    nothing came. The first seq is above `after_seq` + 1 when the entries between were trimmed. Raises StoreAway.
    """
    with answers():
        if block_ms <= 0:
            return _lines(cast(Any, client.xrange(stream_key, f"{after_seq + 1}-0", "+", count)))
        found = cast(Any, client.xread({stream_key: f"{after_seq}-0"}, count, _wait(client, block_ms)))
        return _lines(found[0][1]) if found else []


def tail_read_back(client: redis.Redis, stream_key: str, before_seq: int, count: int = 1000) -> list[tuple[int, bytes]]:
    """Up to `count` entries before `before_seq` as (seq, line), the newest first. [] when none is held. Raises StoreAway."""
    with answers():
        return _lines(cast(Any, client.xrevrange(stream_key, f"{before_seq - 1}-0", "-", count)))


def tail_pick(client: StoreClient, stream_key: str, seqs: Iterable[int]) -> dict[int, bytes]:
    """The lines of these entries, by seq, in one trip to the store; those that are trimmed or not there yet are left out.
    Raises StoreAway."""
    wanted = sorted(set(seqs))
    if not wanted:
        return {}
    with answers():
        pipe = client.node_for(stream_key).pipeline(transaction=False)
        for seq in wanted:
            pipe.xrange(stream_key, f"{seq}-0", f"{seq}-0")
        return dict(line for found in pipe.execute() for line in _lines(found))


async def tail_read_async(
    client: redis.asyncio.Redis, stream_key: str, after_seq: int, block_ms: int = 0, count: int = 1000
) -> list[tuple[int, bytes]]:
    """`tail_read` for asyncio."""
    with answers():
        if block_ms <= 0:
            return _lines(cast(Any, await client.xrange(stream_key, f"{after_seq + 1}-0", "+", count)))
        found = cast(Any, await client.xread({stream_key: f"{after_seq}-0"}, count, _wait(client, block_ms)))
        return _lines(found[0][1]) if found else []


def _wait(client: redis.Redis | redis.asyncio.Redis, block_ms: int) -> int:
    return max(1, min(block_ms, int(read_timeout(client) * 500)))


def _lines(records: Records) -> list[tuple[int, bytes]]:
    return [(int(id.partition(b"-")[0]), fields[b"e"]) for id, fields in records]
