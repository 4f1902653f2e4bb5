"""This folder's own Lua files, sent by hash, and whole when the store does not know them."""

from __future__ import annotations

import hashlib
from importlib.resources import files
from typing import Any

import redis
import redis.asyncio
from redis.exceptions import NoScriptError


def script_text(name: str) -> str:
    """The text of `lua/NAME.lua`."""
    return (files("overlaykit.store") / "lua" / f"{name}.lua").read_text(encoding="utf-8")


def run(client: redis.Redis, text: str, keys: list[str], arguments: list[str | bytes | int]) -> Any:
    """Runs the script, gives its answer. After NOSCRIPT nothing has run, so to send it whole then is no repeat."""
    asked: Any = client  # redis-py leaves it untyped
    command = _command(text, keys, arguments)
    try:
        return asked.execute_command("EVALSHA", *command)
    except NoScriptError:
        return asked.execute_command("EVAL", text, *command[1:])


async def run_async(client: redis.asyncio.Redis, text: str, keys: list[str], arguments: list[str | bytes | int]) -> Any:
    """`run` for asyncio."""
    asked: Any = client
    command = _command(text, keys, arguments)
    try:
        return await asked.execute_command("EVALSHA", *command)
    except NoScriptError:
        return await asked.execute_command("EVAL", text, *command[1:])


def _command(text: str, keys: list[str], arguments: list[str | bytes | int]) -> list[str | bytes | int]:
    sha = hashlib.sha1(text.encode(), usedforsecurity=False).hexdigest()
    return [sha, len(keys), *keys, *arguments]
