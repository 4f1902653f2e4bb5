"""What each OBS looks like just now: pictures of its program and preview, its scenes, its texts. They are taken only while somebody
looks, and are forgotten soon after.

KEY          hash: OBS → its Glance as JSON; OBS + ":program" and OBS + ":preview" → JPEG. Gone KEPT_MS after the last was written
KEY:wanted   a mark that somebody looks, gone WANTED_MS after the last look
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, Literal, cast

import msgspec
import redis
import redis.asyncio
from msgspec import Struct

from overlaykit.store.client import answers

KEPT_MS = 30_000
WANTED_MS = 8_000

Side = Literal["program", "preview"]
SIDES: tuple[Side, ...] = ("program", "preview")


class Glance(Struct, frozen=True, kw_only=True):
    """One OBS. `at_ms`: when, by the clock of the director that looked.

    scenes   of the scene collection, in its order
    texts    text source → what it is made to say
    program, preview   the scenes of the pictures; None where there is no picture
    """

    at_ms: int
    scenes: tuple[str, ...]
    texts: dict[str, str]
    program: str | None = None
    preview: str | None = None


_encode = msgspec.json.Encoder().encode
_decode = msgspec.json.Decoder(Glance).decode


async def glances_wanted(client: redis.asyncio.Redis, key: str) -> bool:
    """Whether somebody looks. Raises StoreAway."""
    with answers():
        return bool(await client.exists(f"{key}:wanted"))


async def write_glance(
    client: redis.asyncio.Redis, key: str, obs: str, glance: Glance, pictures: Mapping[Side, bytes]
) -> None:
    """Replaces that of this OBS. Raises StoreAway."""
    fields: dict[str, bytes] = {
        obs: _encode(glance),
        **{f"{obs}:{side}": picture for side, picture in pictures.items()},
    }
    gone = [f"{obs}:{side}" for side in SIDES if side not in pictures]
    with answers():
        await client.hset(key, mapping=cast(Any, fields))
        if gone:
            await client.hdel(key, *gone)
        await client.pexpire(key, KEPT_MS)


def read_glances(client: redis.Redis, key: str, obs: list[str]) -> dict[str, Glance]:
    """Those of these OBS that there are; somebody looks, from now on for WANTED_MS. Raises StoreAway."""
    if not obs:
        return {}
    with answers():
        client.set(f"{key}:wanted", b"1", px=WANTED_MS)
        found = cast("list[bytes | None]", client.hmget(key, obs))
    return {name: _decode(text) for name, text in zip(obs, found, strict=True) if text is not None}


def read_picture(client: redis.Redis, key: str, obs: str, side: Side) -> bytes | None:
    """A JPEG. Raises StoreAway."""
    with answers():
        return cast("bytes | None", client.hget(key, f"{obs}:{side}"))
