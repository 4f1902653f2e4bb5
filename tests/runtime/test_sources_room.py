"""A warehouse that writes a table, and a spare one: what the room shows while they change, jump, fall silent and come back."""

from __future__ import annotations

import time
from collections.abc import Callable
from pathlib import Path
from typing import TYPE_CHECKING, Any

import pytest

from tests.conftest import PLAN, until

if TYPE_CHECKING:
    from tests.conftest import Room

pytestmark = pytest.mark.store

SOURCES = """
[location.hz]
source = "erp"
backup = "sheet"
stale_after = "2s"
[source.erp]
plugin = "generic_poll"
every = 0.2
settings = {{ csv = {{ file = "{folder}/stock.csv" }} }}
[source.sheet]
plugin = "simulated_warehouse"
every = 0.2
settings = {{ counts = "{folder}/counts.json" }}
"""


def sold_as(running: Room) -> tuple[int, int]:
    items: Any = running.board()["items"]
    return items["A"]["available"], items["B"]["available"]


def test_a_warehouse_changes_jumps_falls_silent_and_comes_back(room: Callable[..., Room], plan_folder: Path) -> None:
    (plan_folder / "session.toml").write_text(PLAN + SOURCES.format(folder=plan_folder), encoding="utf-8")
    table = plan_folder / "stock.csv"

    def write(a: int, b: int) -> None:
        new = table.with_suffix(".new")
        new.write_text(f"sku,quantity\nA,{a}\nB,{b}\nelsewhere,7\n", encoding="utf-8-sig")
        new.replace(table)

    write(90, 45)
    (plan_folder / "counts.json").write_text('{"A": 70, "B": 44}', encoding="utf-8")
    running = room()

    def shows(a: int, b: int) -> None:
        def there() -> bool:
            items: Any = running.board()["items"]
            return [(items[sku]["available"], items[sku]["stale"]) for sku in "AB"] == [(a, False), (b, False)]

        until(there, f"A {a}, B {b}")

    shows(90, 45)
    write(90, 40)
    shows(90, 40)

    write(10, 39)
    shows(90, 39)

    def asked() -> list[dict[str, Any]]:
        direction: Any = running.board()["direction"]
        return [each for each in direction["tasks"] if each["sku"] == "A"]

    (task,) = until(asked, "somebody is asked about the other")  # after both are counted
    assert (task["kind"], task["params"]["units"]) == ("reading", 10)
    write(88, 39)
    shows(88, 39)

    table.unlink()
    shows(70, 44)
    write(86, 38)

    def written_again() -> bool:
        if time.time() - table.stat().st_mtime > 2:  # one that is older than the other's count is stale
            write(86, 38)
        return sold_as(running) == (86, 38)

    until(written_again, "the first counts again")
    (plan_folder / "counts.json").write_text('{"A": 71, "B": 43}', encoding="utf-8")
    write(85, 37)
    shows(85, 37)
    assert running.stop() == 0
