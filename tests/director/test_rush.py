"""The rush that the director is built for: 600,000 orders in a minute, fifty levels, and what falls in between."""

from __future__ import annotations

import json
import time
from functools import partial
from pathlib import Path
from typing import Any

import pytest

from overlaykit.model.commands import OrderReserve, Submission
from overlaykit.model.entries import has_type
from overlaykit.model.fields import Line
from tests.conftest import until
from tests.obs.conftest import any_obs as any_obs
from tests.obs.fake import FakeObs

pytestmark = [pytest.mark.store, pytest.mark.soak]

ORDERS = 600_000
BATCH = 500
MINUTE_MS = 60_000
LEVELS = range(12_000, ORDERS + 1, 12_000)
STOCK = {"source": "库存", "template": "{% if item %}仅剩 {{ item.available }} 件{% endif %}"}


def batch(first: int) -> list[Submission]:
    lines = (Line(sku="A", quantity=1),)
    return [
        Submission(f"q-{number}", OrderReserve(order=f"q-{number}", lines=lines, hold_seconds=86_400), "api:rush")
        for number in range(first, first + BATCH)
    ]


class Firings:
    """The rules that have fired, as far as a recording was read: the store keeps the last entries alone."""

    def __init__(self, recording: Path) -> None:
        self._recording, self._read = recording, 0
        self.rules: list[str] = []
        self.skipped = 0

    def read_on(self) -> int:
        """Reads what is new, and gives how many rules have fired so far."""
        with self._recording.open("rb") as file:
            file.seek(self._read)
            for line in file:
                if not line.endswith(b"\n"):
                    break
                self._read += len(line)
                if has_type(line, "rule.fired"):
                    self.rules.append(json.loads(line)["data"]["rule"])
                self.skipped += has_type(line, "rule.skipped")
        return len(self.rules)


@pytest.mark.timeout(1800)
def test_each_level_fires_once_though_director_and_obs_are_killed_in_between(
    store: Any, ledger: str, process: Any, evening: Any, any_obs: Any
) -> None:
    fake = any_obs if isinstance(any_obs, FakeObs) else None
    end_obs, start_obs = (fake.stop, fake.start) if fake else (any_obs.kill, partial(any_obs.start, wait=False))
    with any_obs.hand() as hand:
        hand.text_source("Scene", "库存", "?")
    if fake is None:
        any_obs.save()
    rules = [
        {
            "name": f"below-{level}",
            "when": f"available < {level}",
            "late": 1800.0,
            "do": [{"action": "task", "text": "…"}],
        }
        for level in LEVELS
    ]
    obs = {"main": {"host": "127.0.0.1", "port": any_obs.port, "text": [STOCK]}}
    room = evening(store.url, ledger, {"rule": rules, "obs": obs}, opening=ORDERS)
    room.send("item.feature", sku="A")
    leading = process(store.url, "first", MAIN=any_obs.password)
    until(lambda: "this director leads now" in leading.log, "one leads")
    second = process(store.url, "second", MAIN=any_obs.password)
    with any_obs.hand() as hand:
        until(lambda: hand.text("库存") == f"仅剩 {ORDERS} 件", "the text is there")
    began_ms, began = round(time.time() * 1000), time.monotonic()
    before = fake.count("SetInputSettings") if fake else 0

    for number in range(0, ORDERS, BATCH):
        room.engine.submit(batch(number), now_ms=began_ms + number * MINUTE_MS // ORDERS)
        if number == ORDERS // 3:
            leading.kill()
        if number == ORDERS // 2:
            end_obs()
        if number == ORDERS // 2 + 20 * BATCH:
            start_obs()
    sold = time.monotonic() - began

    firings = Firings(second.recording(ledger))
    until(lambda: firings.read_on() >= len(rules), "every level has fired", 600)
    assert firings.rules == [f"below-{level}" for level in reversed(LEVELS)]
    assert firings.skipped == 0
    with any_obs.hand() as hand:
        until(lambda: hand.text("库存") == "仅剩 0 件", "OBS ends right", 60)
    seconds = time.monotonic() - began
    print(f"{ORDERS:,} orders in {sold:.0f} s, all fired after {seconds:.0f} s")
    if fake:
        updates = fake.count("SetInputSettings") - before
        print(f"{updates} updates of the text")
        assert updates <= 4 * seconds + 10
