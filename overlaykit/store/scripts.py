"""Lua on the store: a script is sent by its hash, and whole when the store does not know it."""

from __future__ import annotations

import hashlib
from collections.abc import Sequence
from functools import cache
from importlib.resources import files
from typing import Any, NamedTuple

import redis
import redis.asyncio
from redis.exceptions import NoScriptError


class Script(NamedTuple):
    """A script's text and the SHA-1 by which the store knows it once loaded."""

    text: bytes
    sha: str


def make_script(text: str) -> Script:
    """The script with this text."""
    return Script(text.encode(), hashlib.sha1(text.encode(), usedforsecurity=False).hexdigest())


@cache
def own_script(name: str) -> Script:
    """`lua/NAME.lua` of this folder."""
    return make_script((files("overlaykit.store") / "lua" / f"{name}.lua").read_text(encoding="utf-8"))


def by_hash(script: Script, keys: Sequence[str], arguments: Sequence[str | bytes | int]) -> list[Any]:
    """The command that runs a script which the store knows."""
    return ["EVALSHA", script.sha, str(len(keys)), *keys, *arguments]


def run_script(client: redis.Redis, script: Script, keys: Sequence[str], arguments: Sequence[str | bytes | int]) -> Any:
    """Runs the script, gives its answer. After NOSCRIPT nothing has run, so to send it whole then is no repeat."""
    asked: Any = client  # redis-py leaves it untyped
    try:
        return asked.execute_command(*by_hash(script, keys, arguments))
    except NoScriptError:
        return asked.execute_command("EVAL", script.text, str(len(keys)), *keys, *arguments)


async def run_script_async(
    client: redis.asyncio.Redis, script: Script, keys: Sequence[str], arguments: Sequence[str | bytes | int]
) -> Any:
    """`run_script` for asyncio."""
    asked: Any = client
    try:
        return await asked.execute_command(*by_hash(script, keys, arguments))
    except NoScriptError:
        return await asked.execute_command("EVAL", script.text, str(len(keys)), *keys, *arguments)
