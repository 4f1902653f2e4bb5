"""A short evening through a real room: its recording is whole, closed, and says that it is synthetic."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

from overlaykit.api import UserError
from plugins.simulator.drive import record

PLAN = """
id = "short"
title = "短场"
hold = "2s"
item = [
  { sku = "A", title = "大衣", opening = 12 },
]
"""


@pytest.mark.store
def test_an_evening_leaves_a_closed_recording_without_open_holds(tmp_path: Path) -> None:
    plan = tmp_path / "session.toml"
    plan.write_text(PLAN, encoding="utf-8")
    shown: list[float] = []
    files = record(
        str(plan),
        tmp_path / "made",
        seed=1,
        seconds=16,
        requests=30,
        report=lambda play: shown.append(play.seconds),
    )
    assert [file.name for file in files] == ["recording.jsonl", "recording.heads.jsonl", "session.toml"]
    assert files[0].parent == tmp_path / "made"
    entries = [json.loads(line) for line in files[0].read_text(encoding="utf-8").splitlines()]
    assert [entry["seq"] for entry in entries] == list(range(1, len(entries) + 1))
    assert entries[0]["type"] == "session.planned"
    [close] = [entry for entry in entries if entry["type"] == "session.close"]
    assert "synthetic" in close["data"]["reason"]
    assert {entry["type"] for entry in entries[close["seq"] :]} <= {"forecast.updated"}
    assert any(entry["type"] == "announce.show" and "synthetic" in entry["data"]["text"] for entry in entries)
    requests = [entry for entry in entries if entry["type"] == "order.reserve"]
    assert len(requests) == 30
    assert {entry["outcome"]["status"] for entry in requests} == {"accepted", "refused"}
    stock: dict[str, dict[str, list[int]]] = {}
    for entry in entries:
        stock |= entry["outcome"].get("stock", {})
    on_hand, available, held, committed = stock["A"]["default"][:4]
    assert held == 0
    assert available + committed == on_hand
    assert shown
    assert shown == sorted(shown)


def test_a_room_that_does_not_start_says_why(tmp_path: Path) -> None:
    (tmp_path / "session.toml").write_text("id = 7\n", encoding="utf-8")
    with pytest.raises(UserError, match=r"did not start:[\s\S]*session\.toml"):
        record(str(tmp_path), tmp_path / "made", seed=1, seconds=16, requests=1, report=lambda play: None)
    assert not (tmp_path / "made").exists()
