"""This folder's own Lua files, sent by hash, loaded again when the store has forgotten them."""

from __future__ import annotations

from importlib.resources import files
from typing import Any, cast

import redis
import redis.asyncio


def script_text(name: str) -> str:
    """The text of `lua/NAME.lua`."""
    return (files("overlaykit.store") / "lua" / f"{name}.lua").read_text(encoding="utf-8")


def run(client: redis.Redis, text: str, keys: list[str], arguments: list[str | bytes | int]) -> Any:
    """Runs the script, gives its answer. After NOSCRIPT nothing has run, so to load it and run it then is no repeat."""
    return client.register_script(text)(keys, cast(Any, arguments))


async def run_async(client: redis.asyncio.Redis, text: str, keys: list[str], arguments: list[str | bytes | int]) -> Any:
    """`run` for asyncio."""
    return await client.register_script(text)(keys, cast(Any, arguments))
