"""What a start may write into a store before a director has looked at it."""

from __future__ import annotations

from pathlib import Path

import pytest

from overlaykit.model.sessions import Channel, Item, Location, SessionPlan, Threshold
from overlaykit.runtime.sessions import open_plan, recorded_until
from overlaykit.store import connect
from tests.conftest import StoreServer

pytestmark = pytest.mark.store

PLAN = SessionPlan(
    id="evening",
    ledger="evening",
    title="Evening",
    items=(Item(sku="A", title="A", opening={"default": 5}, low=Threshold(share=0.2), critical=Threshold(share=0.05)),),
    locations=(Location(name="default", title="default"),),
    channels=(Channel(name="default", title="default"),),
)


def test_a_store_with_less_than_was_recorded_is_not_written_to(store: StoreServer, tmp_path: Path) -> None:
    folder = tmp_path / "evening" / "local"
    folder.mkdir(parents=True)
    lines = [f'{{"seq":{seq},"at":"2026-11-11T12:00:00.000Z","chain":"sha256:{seq:064x}"}}\n' for seq in range(1, 8)]
    (folder / "recording.jsonl").write_text("".join(lines), encoding="utf-8")
    assert recorded_until(tmp_path, "evening") == 7
    assert recorded_until(tmp_path, "another") == 0

    with connect(store.url) as client:
        client.flushall()
        waiting = open_plan(client, PLAN, recorded=7)
        assert waiting.record.status == "planned"
        whole = open_plan(client, PLAN, recorded=1)
        assert whole.record.status == "live"
