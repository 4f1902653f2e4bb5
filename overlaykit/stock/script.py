"""The script: the files of lua/ joined in their order, one text for commands and one for the state.

Lua allows a script 200 local names, and reads each through a step of its own. So constants (`local NAME, … = 1, …` at the
beginning of a line, in capitals, whole numbers) are put in where they are used.
"""

from __future__ import annotations

import hashlib
import re
from functools import cache
from importlib.resources import files
from typing import NamedTuple

_PARTS = (
    "prelude.lua",
    "items.lua",
    "buyers.lua",
    "quotas.lua",
    "orders.lua",
    "taking.lua",
    "waiting.lua",
    "returning.lua",
    "facts.lua",
    "entries.lua",
    "due.lua",
    "ops/order_reserve.lua",
    "ops/order_commit.lua",
    "ops/order_release.lua",
    "ops/order_ship.lua",
    "ops/order_refund.lua",
    "ops/order_record.lua",
    "ops/stock_count.lua",
    "ops/stock_move.lua",
    "ops/quotas.lua",
    "ops/items.lua",
    "ops/catalogue.lua",
    "ops/screen.lua",
    "ops/session.lua",
    "ops/clock.lua",
    "ops/keeping.lua",
    "ops/recovery.lua",
    "gate.lua",
    "dispatch.lua",
)


_CONSTANTS = re.compile(r"^local ([A-Z_]+(?:, [A-Z_]+)*) = ([0-9]+(?:, [0-9]+)*) *(?:--.*)?$", re.MULTILINE)


class Script(NamedTuple):
    """A script's text and the SHA-1 by which the store knows it once loaded."""

    text: bytes
    sha: str


def _script(text: str) -> Script:
    return Script(text.encode(), hashlib.sha1(text.encode(), usedforsecurity=False).hexdigest())


@cache
def command_script() -> Script:
    """Decides commands; prelude.lua describes its KEYS, ARGV and answer."""
    folder = files("overlaykit.stock") / "lua"
    return _script(_with_constants("\n".join((folder / part).read_text(encoding="utf-8") for part in _PARTS)))


def _with_constants(text: str) -> str:
    """The text without its constants' names."""
    values: dict[str, str] = {}
    for names, numbers in _CONSTANTS.findall(text):
        values.update(zip(names.split(", "), numbers.split(", "), strict=True))
    name = re.compile(rf"(?<![\w.'\"])({'|'.join(values)})(?![\w'\"])")
    return name.sub(lambda found: values[found[1]], _CONSTANTS.sub("", text))


@cache
def state_script() -> Script:
    """Gives the full state; state.lua describes it."""
    return _script((files("overlaykit.stock") / "lua" / "state.lua").read_text(encoding="utf-8"))
