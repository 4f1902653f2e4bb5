"""Rules: when something happens, if a condition holds, they fire. Pure: no clock, no I/O.

`RuleBook` is a plan's rules, compiled; a `Watcher` reads a ledger and gives their `Firing`s; `check_expressions`
says what is wrong with conditions and texts of a plan.
"""

from overlaykit.rules.book import Rule, RuleBook
from overlaykit.rules.checking import check_expressions
from overlaykit.rules.deciding import STORM_FIRINGS, STORM_MS
from overlaykit.rules.memory import Decision, Firing, Held, Memory, Slot
from overlaykit.rules.trying import Trial, TriedAction, about, try_rule
from overlaykit.rules.watcher import Watcher

__all__ = [
    "STORM_FIRINGS",
    "STORM_MS",
    "Decision",
    "Firing",
    "Held",
    "Memory",
    "Rule",
    "RuleBook",
    "Slot",
    "Trial",
    "TriedAction",
    "Watcher",
    "about",
    "check_expressions",
    "try_rule",
]
