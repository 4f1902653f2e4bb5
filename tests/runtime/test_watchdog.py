"""A process that stands still ends itself and says where it stood."""

from __future__ import annotations

import subprocess
import sys
import time

from tests.conftest import REPOSITORY

STUCK = """
import time
from overlaykit.runtime import watchdog
watchdog.BLOCKED_SECONDS = 0.5
def stuck_in_a_plugin():
    time.sleep(60)
watchdog.beat()
watchdog.beat()
{after}
stuck_in_a_plugin()
"""


def run(after: str, seconds: float) -> subprocess.CompletedProcess[str]:
    return subprocess.run(
        [sys.executable, "-c", STUCK.format(after=after)],
        capture_output=True,
        text=True,
        timeout=seconds,
        cwd=REPOSITORY,
        check=False,
    )


def test_a_blocked_process_ends_with_its_stack() -> None:
    began = time.monotonic()
    ended = run("", 30)
    assert ended.returncode == 1
    assert "stuck_in_a_plugin" in ended.stderr
    assert time.monotonic() - began < 20


def test_a_resting_watchdog_lets_the_way_out_take_its_time() -> None:
    ended = run("watchdog.rest(); time.sleep(1); raise SystemExit(7)", 30)
    assert ended.returncode == 7
