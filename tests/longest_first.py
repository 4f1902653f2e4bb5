"""The order of files that several workers share: those that take long come first, so that no worker is still at one in the end
while the others have nothing left.

A worker takes whole files, one after the other (`--dist loadfile`): the tests of a file may share a room, and tell one story
in their order. Given out one by one, some of them would find another worker's room, in which the story has not begun.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import TypeVar

import pytest

Test = TypeVar("Test")

LONGEST = (
    "tests/faults/test_kills.py",
    "tests/web/desk/test_accessibility.py",
    "tests/browser/test_gallery.py",
    "tests/runtime/test_room.py",
    "tests/runtime/test_sessions.py",
    "tests/runtime/test_hostile_plugins.py",
    "tests/browser/test_liveness.py",
    "tests/faults/test_platform_storm.py",
    "tests/engine/test_model.py",
    "tests/web/api/test_crowds.py",
    "tests/gateway/test_pushing.py",
    "tests/theming/test_gallery.py",
    "tests/web/controls/test_emergencies.py",
    "tests/cli/test_bench.py",
    "tests/cli/test_commands.py",
    "tests/director/test_run.py",
    "tests/browser/test_only_newer.py",
    "tests/browser/test_theme_check.py",
)
"""Files that take longer than half a minute, the longest first."""


@pytest.hookimpl(trylast=True)
def pytest_collection_modifyitems(config: pytest.Config, items: list[pytest.Item]) -> None:
    """Puts the long files first; all else stays as it is. Does nothing where one process runs everything."""
    workers: int = getattr(config, "workerinput", {}).get("workercount", 1)
    if workers > 1:
        items[:] = longest_first(items, [item.nodeid.partition("::")[0] for item in items])


def longest_first(tests: Sequence[Test], files: Sequence[str]) -> list[Test]:
    """The tests in their new order. `files[i]`: whose file `tests[i]` is from."""
    ranks = {file: rank for rank, file in enumerate(LONGEST)}
    order = sorted(range(len(tests)), key=lambda place: ranks.get(files[place], len(ranks)))
    return [tests[place] for place in order]
