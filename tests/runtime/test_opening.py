"""What a start may write into a store before a director has looked at it."""

from __future__ import annotations

import contextlib
import json
from pathlib import Path

import pytest
from msgspec.structs import replace

from overlaykit.errors import UserError
from overlaykit.model.parsing import parse
from overlaykit.model.sessions import Channel, Item, Location, SessionPlan, Threshold
from overlaykit.recording import Recorder, SigningKey
from overlaykit.runtime.sessions import give_back, open_plan, recorded_until
from overlaykit.stock import StockEngine
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


def test_a_store_that_lost_everything_gets_the_recording_back(store: StoreServer, tmp_path: Path) -> None:
    with connect(store.url) as client:
        client.flushall()
        open_plan(client, PLAN)
        engine = StockEngine(client, PLAN.ledger)
        reserve = {"type": "order.reserve", "id": "c-1", "order": "o-1", "lines": [{"sku": "A", "quantity": 2}]}
        engine.submit([parse(json.dumps(reserve).encode(), "api:shop")])
        lines = [line for _, line in engine.read(0)]
        with contextlib.closing(Recorder(tmp_path / "evening" / "local", SigningKey(bytes(32)))) as recorder:
            recorder.write(lines)
        assert give_back(client, PLAN.ledger, tmp_path, PLAN.id) == 0, "the store has it"

        client.flushall()
        assert give_back(client, PLAN.ledger, tmp_path, PLAN.id) == len(lines)
        assert [line for _, line in engine.read(0)] == lines
        opened = open_plan(client, PLAN, recorded=len(lines))
        assert opened.record.status == "live"
        assert not opened.new


def test_a_file_that_says_what_the_evening_made_of_the_plan_is_the_plan(store: StoreServer) -> None:
    changed = replace(PLAN, items=(replace(PLAN.items[0], title="A, again"),))
    with connect(store.url) as client:
        client.flushall()
        open_plan(client, PLAN)
        with pytest.raises(UserError, match="another plan"):
            open_plan(client, changed)
        update = {"type": "item.update", "id": "u-1", "sku": "A", "title": "A, again"}
        StockEngine(client, PLAN.ledger).submit([parse(json.dumps(update).encode(), "desk:li")])
        assert open_plan(client, changed).record.status == "live"
