"""A room for the local network: the addresses that it prints and shows on the desk are those that phones reach."""

from __future__ import annotations

import json
import re
import urllib.request
from collections.abc import Callable
from typing import TYPE_CHECKING

import pytest

from tests.conftest import until

if TYPE_CHECKING:
    from tests.conftest import Room

pytestmark = pytest.mark.store

CODES = 3
"""QR codes on the terminal: desk, presenter, the first overlay."""


def opens(url: str) -> bool:
    with urllib.request.urlopen(url, timeout=10) as answer:
        return bool(answer.status == 200)


def test_each_page_is_reached_at_the_address_that_is_printed_and_shown(room: Callable[..., Room]) -> None:
    running = room(None, "--lan", environment={"OVERLAYKIT_TOKEN_OPERATOR": "operator-of-the-environment"})
    until(lambda: running.output.count("\n▀") == CODES, "the codes are printed")
    printed = running.output
    for title in ("控制台", "主播提词", "库存数字"):
        [url] = re.findall(rf"^{title}  (http://\S+)$\n█", printed, re.MULTILINE)
        assert opens(url), title

    status, body = running.get("/desk/addresses.json?token=operator-of-the-environment", scope=None)
    found = json.loads(body)
    assert status == 200
    assert [each["here"] for each in found["addresses"]].count(True) == 1
    pages = found["addresses"][0]["pages"]
    assert [page["layout"] or page["page"] for page in pages][:4] == ["desk", "desk", "presenter", "number"]
    assert all(opens(page["url"]) for page in pages)
    assert pages[0]["url"].endswith("?token=operator-of-the-environment"), "it reaches the web process, too"
    assert pages[0]["url"] in printed
