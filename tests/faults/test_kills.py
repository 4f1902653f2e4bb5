"""kill -9 in the middle of a rush: what was acknowledged stays, nothing happens twice, the pictures come back by themselves."""

from __future__ import annotations

import os
import signal
import time
from collections.abc import Callable
from functools import partial
from pathlib import Path
from typing import TYPE_CHECKING

import pytest

from tests.conftest import Room, owns, seconds_to_begin, until
from tests.faults.conftest import Rush, check_books, ledger_of, start_rush

if TYPE_CHECKING:
    from playwright.sync_api import Browser, Page

UNITS = 1_000_000
BACK_WITHIN_SECONDS = 3.0
"""Where a process begins within a second; as much more as it takes longer, since other tests run beside."""
PLAN = f"""
id = "night"
title = "大促之夜"
item = [{{ link = 1, sku = "A", title = "羊绒大衣", price = "899.00", opening = {UNITS} }}]
"""


@pytest.fixture
def night(tmp_path: Path) -> Path:
    path = tmp_path / "night" / "session.toml"
    path.parent.mkdir()
    path.write_text(PLAN, encoding="utf-8")
    return path


def open_overlay(browser: Browser, room: Room) -> Page:
    page = browser.new_page(viewport={"width": 1080, "height": 1920})
    page.goto(f"{room.url}/overlay/number?token={room.tokens['overlay']}&session=night&sku=A")
    page.wait_for_function("document.body.innerText.includes('1,000,000')")
    return page


def seq_shown(page: Page) -> int:
    return int(page.evaluate("document.documentElement.dataset.seq") or 0)


def seconds_until_newer(page: Page, than: int) -> float:
    started = time.monotonic()
    until(lambda: seq_shown(page) > than or None, "the overlay shows something newer", 30)
    return time.monotonic() - started


def _further(rush: Rush, than: int) -> bool:
    return rush.acknowledged > than


def _gone(pid: int, state: Path) -> bool:
    return not owns(pid, state)


@pytest.mark.faults
@pytest.mark.browser
@pytest.mark.parametrize("fsync_seconds", [0.0, 1.0], ids=["fsync as it is", "fsync takes a second"])
def test_each_process_killed_in_turn(
    room: Callable[..., Room],
    night: Path,
    chromium: Browser,
    slow_fsync: Callable[[float], dict[str, str]],
    fsync_seconds: float,
) -> None:
    environment = slow_fsync(fsync_seconds) if fsync_seconds else {}
    running = room(night, environment=environment)
    page = open_overlay(chromium, running)
    rush = start_rush(running, "night", clients=16 if fsync_seconds else 64)
    away: dict[str, float] = {}
    for name in ("web", "director", "store"):
        before = rush.acknowledged
        until(partial(_further, rush, before + 20), "the rush goes on", 60)
        running.kill(name)
        away[name] = seconds_until_newer(page, seq_shown(page))
    rush.stop()

    check_books(rush, ledger_of(running, "night"), UNITS)
    taken = sum(rush.units(id) for id in rush.accepted)
    until(
        lambda: running.board("night")["items"]["A"]["available"] == UNITS - taken,  # type: ignore[index]
        "the board has read on since the store is back",
        BACK_WITHIN_SECONDS,
    )
    until(lambda: f"{UNITS - taken:,}" in page.inner_text("body") or None, "the overlay shows the last number")
    if not fsync_seconds:  # else each round trip to the store takes a second or two, and coming back takes several
        allowed = BACK_WITHIN_SECONDS * max(1.0, seconds_to_begin())
        assert all(seconds <= allowed for seconds in away.values()), (away, allowed)
    page.close()


@pytest.mark.faults
def test_the_supervisor_killed_takes_its_children_along_and_the_store_is_never_doubled(
    room: Callable[..., Room], night: Path, tmp_path: Path
) -> None:
    state = tmp_path / "state of the night"
    running = room(night, state=state)
    for number in range(20):
        status, body = running.post(
            "/api/v1/sessions/night/commands",
            {
                "type": "order.reserve",
                "id": f"c{number}",
                "order": f"o{number}",
                "lines": [{"sku": "A", "quantity": 1}],
            },
        )
        assert status == 200, body
    pids = running.pids
    os.kill(running.process.pid, signal.SIGKILL)
    running.process.wait()
    for name in ("web", "director"):
        until(partial(_gone, pids[name], state), f"{name} has left", 10)

    again = room(night, state=state, port=running.port)

    assert again.board("night")["items"]["A"]["held"] == 20  # type: ignore[index]
    stores = [
        pid
        for pid in map(int, filter(str.isdecimal, os.listdir("/proc")))
        if owns(pid, state / "store") or pid == again.pids["store"]
    ]
    assert stores == [again.pids["store"]]
