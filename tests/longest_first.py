"""The order of tests that several workers share: each begins with its part of the long ones.

A worker gets a piece of the list, and who has done its own takes tests from the end of another's. So what is long must stand
at the beginning of the pieces; else one worker is still at it at the end while the others have nothing left.
"""

from __future__ import annotations

from collections.abc import Sequence
from itertools import islice
from typing import TypeVar

import pytest

Test = TypeVar("Test")

LONGEST = (
    "tests/browser/test_gallery.py",
    "tests/faults/test_kills.py",
    "tests/runtime/test_hostile_plugins.py",
    "tests/faults/test_platform_storm.py",
    "tests/packaging/test_wheel.py",
    "tests/browser/test_theme_check.py",
    "tests/browser/test_only_newer.py",
    "tests/engine/test_model.py",
    "tests/engine/history/test_history.py",
    "plugins/simulator/tests/test_drive.py",
    "tests/runtime/test_relay.py",
    "tests/cli/plugin/test_new.py",
    "tests/director/test_recovery_room.py",
    "tests/browser/test_countdowns.py",
    "tests/faults/test_rush.py",
)
"""Files of stories that take long at a stretch, the longest first."""


@pytest.hookimpl(trylast=True)
def pytest_collection_modifyitems(config: pytest.Config, items: list[pytest.Item]) -> None:
    """Deals the long files out to the pieces; all else stays as it is. Does nothing where one process runs everything.

    Last of all, when it is known which tests run, and those that share a store stand together.
    """
    workers: int = getattr(config, "workerinput", {}).get("workercount", 1)
    if workers > 1:
        items[:] = dealt(items, workers, [item.nodeid.partition("::")[0] for item in items])


def dealt(tests: Sequence[Test], pieces: int, files: Sequence[str]) -> list[Test]:
    """The tests in their new order. `files[i]`: whose file `tests[i]` is from."""
    hands: list[list[Test]] = [[] for _ in range(pieces)]
    for place, long in enumerate(file for file in LONGEST if file in files):
        hands[place % pieces] += [test for test, file in zip(tests, files, strict=True) if file == long]
    others = iter([test for test, file in zip(tests, files, strict=True) if file not in LONGEST])
    ends = [len(tests) * (piece + 1) // pieces for piece in range(pieces)]
    found: list[Test] = []
    for hand, end in zip(hands, ends, strict=True):
        found += hand
        found += islice(others, max(0, end - len(found)))
    return [*found, *others]
