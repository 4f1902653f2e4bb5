"""What an entry costs does not depend on how many items there are, nor on rules about other items."""

from __future__ import annotations

import cProfile
import gc
import pstats

import msgspec

from overlaykit.board import Fold
from overlaykit.rules import RuleBook, Watcher
from tests.rules.conftest import PLAN, Ledger, item, plan_with

OF_ALL = ("available < 50", "remaining < 20%", "sold_out", "restocked", "sold every 100", "sells_out_in < 20m")


def calls_of_an_entry(items: int, of_one: int) -> int:
    """Calls of Python functions for one order, with rules about all items and `of_one` rules about other items."""
    named = tuple(item(f"sku-{number:05}", 1000) for number in range(items))
    base = msgspec.structs.replace(PLAN, items=named, drops=(), countdowns=())
    others = [{"when": f"available < {900 - number}", "sku": f"sku-{number + 1:05}"} for number in range(of_one)]
    ledger = Ledger(plan_with([*({"when": when} for when in OF_ALL), *others], base))
    watcher = Watcher(RuleBook(ledger.plan), Fold.from_first_entry(ledger.lines[0]))
    watcher.apply(ledger.open())
    for available in (990, 980):
        watcher.apply(ledger.stock("sku-00000", available))
    profile = cProfile.Profile()
    line = ledger.stock("sku-00000", 970)
    gc.collect()
    gc.disable()  # a collection, and what listens to it, would count
    profile.enable()
    watcher.apply(line)
    profile.disable()
    gc.enable()
    total: int = pstats.Stats(profile).total_calls  # type: ignore[attr-defined]
    return total


def test_an_entry_costs_the_rules_of_the_item_it_touched() -> None:
    few = calls_of_an_entry(items=51, of_one=0)
    assert calls_of_an_entry(items=51, of_one=50) == few
    assert calls_of_an_entry(items=3000, of_one=50) == few
