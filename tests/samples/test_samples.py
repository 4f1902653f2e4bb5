"""The bundled sessions: plan and recording belong together, are whole, and say that they are synthetic."""

from __future__ import annotations

import json
from collections import Counter
from pathlib import Path
from typing import Any
from xml.etree import ElementTree

import msgspec
import pytest

from overlaykit.config import bundled_folder
from overlaykit.model.sessions import SessionPlan
from overlaykit.plan import load_plan
from overlaykit.recording import replay, verify
from overlaykit.stock import StockEngine
from overlaykit.store import connect
from tests.conftest import StoreServer

SAMPLES = ("brand_room", "cross_border", "flash_sale", "three_platforms")
MOST_BYTES = 7_000_000
MOST_PICTURE_BYTES = 4_000
SVG = "{http://www.w3.org/2000/svg}"
SHAPES = {
    *("svg", "defs", "g", "use", "clipPath", "linearGradient", "radialGradient", "stop"),
    *("path", "rect", "circle", "ellipse"),
}


@pytest.fixture(params=SAMPLES)
def sample(request: pytest.FixtureRequest) -> Path:
    return folder_of(request.param)


def folder_of(name: str) -> Path:
    return bundled_folder() / "sample_sessions" / name


def entries_of(sample: Path) -> list[dict[str, Any]]:
    return [json.loads(line) for line in (sample / "recording.jsonl").read_text(encoding="utf-8").splitlines()]


def test_the_samples_are_these() -> None:
    found = {path.parent.name for path in (bundled_folder() / "sample_sessions").glob("*/session.toml")}
    assert found == set(SAMPLES)


def test_the_recording_is_of_this_plan_and_its_chain_is_whole(sample: Path) -> None:
    first = entries_of(sample)[0]
    assert msgspec.convert(first["data"], SessionPlan) == load_plan(sample).session, "make the recording again"
    verdict = verify(sample)
    assert verdict.broken is None
    assert verdict.signed_seq == verdict.last_seq
    assert (sample / "recording.jsonl").stat().st_size < MOST_BYTES


def test_every_item_has_a_picture_of_the_samples_own(sample: Path) -> None:
    named = {item.image for item in load_plan(sample).session.items}
    assert named == {f"img/{path.name}" for path in (sample / "img").iterdir()}
    for path in (sample / "img").iterdir():
        size = path.stat().st_size
        assert size < MOST_PICTURE_BYTES, f"{path.name}: {size} bytes"
        picture = ElementTree.fromstring(path.read_text(encoding="utf-8"))
        width, height = picture.attrib["viewBox"].split()[2:]
        assert width == height, f"{path.name} is not square"
        for part in picture.iter():
            kind = part.tag.removeprefix(SVG)
            assert kind in SHAPES, f"{path.name}: a picture has no <{kind}>"
            assert part.attrib.get("href", "#").startswith("#"), f"{path.name} asks for something outside"


def test_plan_recording_and_guide_say_that_it_is_synthetic(sample: Path) -> None:
    entries = entries_of(sample)
    assert "synthetic" in (sample / "session.toml").read_text(encoding="utf-8").splitlines()[0]
    assert "Synthetic" in (sample / "README.md").read_text(encoding="utf-8")
    assert "演示" in entries[0]["data"]["title"]
    assert any(entry["type"] == "announce.show" and "synthetic" in entry["data"]["text"] for entry in entries)
    [close] = [entry for entry in entries if entry["type"] == "session.close"]
    assert "synthetic" in close["data"]["reason"]
    assert {entry["type"] for entry in entries[close["seq"] :]} <= {"forecast.updated"}, "a closed session has no pace"


@pytest.mark.store
def test_a_fresh_engine_decides_the_brand_room_the_same(store: StoreServer, ledger: str) -> None:
    with connect(store.url) as client:
        replayed = replay(folder_of("brand_room"), apply=StockEngine(client, ledger).reapply)
    assert replayed.difference is None


RULES = {
    "brand_room": {"last-chance", "sold-out", "next-item", "drop-opens", "last-seconds"},
    "cross_border": {"last-chance", "next-up", "milestone"},
    "flash_sale": {"last-chance", "next-up", "sold-out", "move-on", "one-minute"},
    "three_platforms": {"one-minute"},
}
"""Those that fire without an OBS."""


def test_its_rules_fired_and_each_firing_has_its_cause_and_its_actions(sample: Path) -> None:
    entries = entries_of(sample)
    fired = {entry["seq"]: entry for entry in entries if entry["type"] == "rule.fired"}
    assert {entry["data"]["rule"] for entry in fired.values()} == RULES[sample.name]
    assert not any(entry["type"] == "rule.skipped" for entry in entries)
    for entry in fired.values():
        assert entry.get("cause", 0) < entry["seq"]
    done = [entry["data"] for entry in entries if entry["type"] == "action.done"]
    assert {each["firing"] for each in done} == set(fired)
    assert {each["status"] for each in done} <= {"done", "task"}


def test_what_moved_of_the_pace_is_said_once_a_second_at_most(sample: Path) -> None:
    entries = entries_of(sample)
    said = [entry for entry in entries if entry["type"] == "forecast.updated"]
    assert said
    seconds = Counter(entry["at"][:19] for entry in said)
    assert max(seconds.values()) <= 2, (
        "a second of the clock may see the end of one interval and the beginning of the next"
    )


def test_the_flash_sale_sells_out_and_the_next_goes_on_air() -> None:
    entries = entries_of(folder_of("flash_sale"))
    kinds = Counter(entry["type"] for entry in entries)
    assert 8000 < kinds["order.reserve"] < 9500, "9,500 requests, and those of buyers who try too often take no entry"
    assert kinds["hold.expired"] > 100
    assert entries[0]["data"]["attempt_rate"]
    refused = Counter(entry["outcome"].get("reason") for entry in entries)
    assert refused["buyer_limit"] > 20
    assert any(entry["data"].get("personal") for entry in entries if entry["type"] == "order.reserve")
    gone = next(
        e["seq"] for e in entries if e["outcome"].get("stock", {}).get("tissue", {}).get("default", [1, 1])[1] == 0
    )
    on_air = {entry["data"].get("sku"): entry["seq"] for entry in entries if entry["type"] == "item.feature"}
    assert on_air["tissue"] < gone < on_air["laundry"] < on_air["cup"]


def test_one_warehouse_runs_out_first_and_its_region_alone() -> None:
    entries = entries_of(folder_of("cross_border"))
    first_gone: dict[str, int] = {}
    for entry in entries:
        for location, row in entry["outcome"].get("stock", {}).get("earbuds", {}).items():
            if row[1] == 0:
                first_gone.setdefault(location, entry["seq"])
    assert min(first_gone, key=lambda location: first_gone[location]) == "la"
    after = entries[first_gone["la"] :]
    refused = [entry for entry in after if entry["outcome"].get("reason") == "no_stock_in_region"]
    assert {line["region"] for entry in refused[:50] for line in entry["data"]["lines"]} == {"US"}
    lorries = [entry for entry in entries if entry["type"] == "stock.transfer" and entry["data"]["to"] == "location:la"]
    assert [entry["data"]["sku"] for entry in lorries] == ["earbuds", "projector", "tea"]
    assert [entry["outcome"]["status"] for entry in lorries[:2]] == ["accepted", "accepted"]
    assert lorries[2]["outcome"]["reason"] == "insufficient", "by then the other warehouse has none either"


def test_the_brand_room_sells_variants_over_three_channels() -> None:
    entries = entries_of(folder_of("brand_room"))
    assert len(entries[0]["data"]["items"]) == 9
    assert sum(item["product"] is not None for item in entries[0]["data"]["items"]) >= 5
    assert {entry["data"]["channel"] for entry in entries if entry["type"] == "order.reserve"} == {
        "mini",
        "web",
        "community",
    }


def test_the_brand_room_has_allotments_batches_a_bundle_and_a_presale() -> None:
    entries = entries_of(folder_of("brand_room"))
    accepted = [entry for entry in entries if entry["outcome"]["status"] == "accepted"]
    kinds = Counter(entry["type"] for entry in accepted)
    assert {"allotment.set", "drop.opened", "drop.release", "drop.closed", "item.mode", "stock.transfer"} <= set(kinds)
    reasons = Counter(entry["outcome"].get("reason") for entry in entries)
    assert reasons["allotment_exhausted"] > 0
    assert reasons["drop_closed"] > 0
    asked = [line for entry in accepted if entry["type"] == "order.reserve" for line in entry["data"]["lines"]]
    assert {"eight", "encore"} == {line["drop"] for line in asked if "drop" in line}
    assert any(line["sku"] == "gift" for line in asked)
    opened = next(entry for entry in accepted if entry["type"] == "drop.opened")
    bought = [entry for entry in accepted if any("drop" in line for line in entry["data"].get("lines", ()))]
    assert all(entry["seq"] > opened["seq"] for entry in bought)
