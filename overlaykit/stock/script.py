"""The script: the files of lua/ joined in their order, one text for commands and one for the state.

Lua allows a script 200 local names, and reads each through a step of its own. So constants (`local NAME, … = 1, …` at the
beginning of a line, in capitals, whole numbers) are put in where they are used.

What a reserve does not need is put in as two functions, which prelude.lua runs when something of them is asked for. And
all but prelude.lua is a function of its own: a local that a closure uses is looked for along a list when it belongs to the
same function, and found in one step when it belongs to the one around it. (Such a function may use 60 names from outside.)
"""

from __future__ import annotations

import re
from collections.abc import Sequence
from functools import cache
from importlib.resources import files

from overlaykit.store import Script, make_script

_GROUND = ("prelude.lua",)
_BEGINNING = (
    "items.lua",
    "buyers.lua",
    "quotas.lua",
    "orders.lua",
    "taking.lua",
    "entries.lua",
    "ops/order_reserve.lua",
)
_AFTER_A_RESERVE = (
    "alerts.lua",
    "waiting.lua",
    "returning.lua",
    "facts.lua",
    "due.lua",
    "ops/order_commit.lua",
    "ops/order_release.lua",
    "ops/order_ship.lua",
    "ops/order_refund.lua",
    "ops/order_record.lua",
    "ops/clock.lua",
)
_THE_EVENING = (
    "ops/stock_count.lua",
    "ops/stock_move.lua",
    "ops/quotas.lua",
    "ops/items.lua",
    "ops/catalogue.lua",
    "ops/screen.lua",
    "ops/session.lua",
    "ops/keeping.lua",
    "ops/direction.lua",
    "ops/connectors.lua",
    "ops/recovery.lua",
)
_END = ("gate.lua", "dispatch.lua")

_CONSTANTS = re.compile(r"^local ([A-Z_]+(?:, [A-Z_]+)*) = ([0-9]+(?:, [0-9]+)*) *(?:--.*)?$", re.MULTILINE)


@cache
def command_script() -> Script:
    """Decides commands; prelude.lua describes its KEYS, ARGV and answer."""
    folder = files("overlaykit.stock") / "lua"

    def read(names: Sequence[str]) -> str:
        return "\n".join((folder / name).read_text(encoding="utf-8") for name in names)

    makers = ",\n".join(f"function()\n{read(names)}\nend" for names in (_AFTER_A_RESERVE, _THE_EVENING))
    rest = f"{read(_BEGINNING)}\nmakers = {{ {makers} }}\n{read(_END)}"
    return make_script(_with_constants(f"{read(_GROUND)}\nreturn (function()\n{rest}\nend)()"))


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
    return make_script((files("overlaykit.stock") / "lua" / "state.lua").read_text(encoding="utf-8"))
