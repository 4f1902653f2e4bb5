"""Sixty-four clients fall upon ten thousand units: all are sold, none twice."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from typing import TYPE_CHECKING

import pytest

from tests.conftest import Room
from tests.faults.conftest import check_books, ledger_of, start_rush

if TYPE_CHECKING:
    from playwright.sync_api import Browser

UNITS = 10_000
PLAN = f"""
id = "rush"
title = "一万件抢购"
item = [{{ link = 1, sku = "A", title = "羊绒大衣", price = "899.00", opening = {UNITS} }}]
"""


@pytest.fixture
def rush_plan(tmp_path: Path) -> Path:
    path = tmp_path / "rush" / "session.toml"
    path.parent.mkdir()
    path.write_text(PLAN, encoding="utf-8")
    return path


@pytest.mark.faults
@pytest.mark.browser
def test_all_units_are_sold_and_none_twice(room: Callable[..., Room], rush_plan: Path, chromium: Browser) -> None:
    running = room(rush_plan)
    page = chromium.new_page(viewport={"width": 1080, "height": 1920})
    page.goto(f"{running.url}/overlay/number?token={running.tokens['overlay']}&session=rush&sku=A")
    page.wait_for_function("document.body.innerText.includes('10,000')")

    rush = start_rush(running, "rush", clients=64, orders=313)
    rush.wait()

    entries = ledger_of(running, "rush")
    assert len(rush.told) == 64 * 313
    assert check_books(rush, entries, UNITS) == UNITS
    board = running.board("rush")
    item = board["items"]["A"]  # type: ignore[index]
    assert (item["available"], item["held"], item["state"]) == (0, UNITS, "sold_out")
    assert board["seq"] == len(entries)
    page.wait_for_function("document.body.innerText.includes('已售罄')")
    status, body = running.post(
        "/api/v1/sessions/rush/commands", {"type": "stock.adjust", "sku": "A", "delta": 1234, "reason": "补货"}
    )
    assert status == 200, body
    page.wait_for_function("document.body.innerText.includes('1,234')")
    page.close()
