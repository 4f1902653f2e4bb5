"""What connectors remember from one call to the next, such as how far they have read: kept with the ledger, and as durable.

KEY  hash: SECTION and NAME, with a space between them → the text
"""

from __future__ import annotations

import redis.asyncio

from overlaykit.errors import UserError
from overlaykit.store.client import answers

LONGEST = 65_536
"""Bytes of one text."""
MANY = 1_000
"""Texts of one ledger."""


class Cursors:
    """Those of the inbox under `key`. Used on the event loop of its client. Every call raises StoreAway."""

    def __init__(self, client: redis.asyncio.Redis, key: str) -> None:
        self._client, self._key = client, f"{key}:cursors"

    async def read(self, section: str, name: str) -> str | None:
        with answers():
            found = await self._client.hget(self._key, f"{section} {name}")
        return None if found is None else bytes(found).decode()  # type: ignore[arg-type]

    async def write(self, section: str, name: str, text: str) -> None:
        """Raises UserError for what is too much to remember."""
        if len(text.encode("utf-8", "surrogatepass")) > LONGEST:
            raise UserError(
                f"[{section}] 要记住的 {name!r} 有 {len(text):,} 个字，最多 {LONGEST:,} 字节 / "
                f"[{section}] wants to remember {len(text):,} characters as {name!r}; {LONGEST:,} bytes is the most",
                remedy="游标应是短文本，例如时间或页码：请看插件。 / "
                "A cursor is a short text, such as a time or a page: see the plugin.",
            )
        with answers():
            field = f"{section} {name}"
            if await self._client.hlen(self._key) >= MANY and not await self._client.hexists(self._key, field):
                raise UserError(
                    f"[{section}] 要记住的超过 {MANY:,} 项 / [{section}] wants to remember more than {MANY:,} things",
                    remedy="ctx.remember 少用几个名称。 / Use fewer names in ctx.remember.",
                )
            await self._client.hset(self._key, field, text)
