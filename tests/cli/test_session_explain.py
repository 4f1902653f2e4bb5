"""`overlaykit session explain`: of a recording, and of a session that goes on."""

from __future__ import annotations

import json
import subprocess
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from overlaykit.cli.program import main
from overlaykit.model.parsing import parse
from overlaykit.plan import load_plan
from overlaykit.recording import Recorder, SigningKey
from overlaykit.stock import SessionDirectory, StockEngine, ledger_stream_key
from overlaykit.store import connect, tail_read

pytestmark = pytest.mark.store
Explain = Callable[..., subprocess.CompletedProcess[str]]

PLAN = """\
id = "{id}"
title = "夜场"
locale = "{locale}"
item = [{{ sku = "scarf", title = "围巾", opening = 100 }}]
[[rule]]
name = "last"
when = "available < 50"
if = "item.on_air"
do = [{{ action = "announce", text = "{{{{ item.available }}}}" }}]
[[rule]]
name = "gone"
when = "sold_out"
do = [{{ action = "next_item" }}]
"""


@pytest.fixture
def explain(tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]) -> Explain:
    monkeypatch.setenv("COLUMNS", "200")

    def run(*arguments: object) -> subprocess.CompletedProcess[str]:
        words = ["session", "explain", *map(str, arguments), "--state", str(tmp_path / "state")]
        with pytest.raises(SystemExit) as ended:
            main(words)
        return subprocess.CompletedProcess(words, int(ended.value.code or 0), *capsys.readouterr())

    return run


@pytest.fixture
def evening(store: Any, ledger: str, tmp_path: Path) -> StockEngine:
    """60 of 100 sold in one order while the item is not on air, and as many again once it is."""
    folder = tmp_path / "plan"
    folder.mkdir()
    (folder / "session.toml").write_text(PLAN.format(id=ledger, locale="zh-CN"), encoding="utf-8")
    client = connect(store.url)
    engine = StockEngine(client, ledger)
    engine.plan(load_plan(folder).session)
    SessionDirectory(client).add(ledger, ledger)
    order: dict[str, Any] = {"type": "order.reserve", "channel": "default", "lines": [{"sku": "scarf", "quantity": 60}]}
    commands: list[dict[str, Any]] = [
        {"type": "session.open"},
        {**order, "order": "o-1"},
        {"type": "order.release", "order": "o-1"},
        {"type": "item.feature", "sku": "scarf"},
        {**order, "order": "o-2"},
    ]
    for number, command in enumerate(commands):
        engine.submit([parse(json.dumps({"id": f"c-{number}", **command}).encode(), "api:test")])
    return engine


def record(engine: StockEngine, store: Any, folder: Path) -> Path:
    """The session's ledger as a recording."""
    recorder = Recorder(folder, SigningKey(b"k" * 32))
    recorder.write([line for _, line in tail_read(connect(store.url), ledger_stream_key(engine.ledger), 0, count=100)])
    recorder.close()
    return recorder.path


def test_a_session_that_goes_on(explain: Explain, store: Any, evening: StockEngine) -> None:
    said = explain(evening.ledger, "--redis", store.url)
    assert said.returncode == 0, said.stderr
    assert "last  available < 50  if item.on_air" in said.stdout
    assert "条件  scarf: 条件不成立" in said.stdout
    assert "应触发  scarf: 可售 40（之前 100）；可售低于 50" in said.stdout
    assert "gone  sold_out" in said.stdout
    assert "没有发生过" in said.stdout


def test_a_recording_as_json_and_one_rule(explain: Explain, store: Any, evening: StockEngine, tmp_path: Path) -> None:
    path = record(evening, store, tmp_path / "recorded")
    said = explain(path, "--rule", "last", "--json")
    assert said.returncode == 0, said.stderr
    (rule,) = json.loads(said.stdout)["rules"]
    assert [(event["what"], event["held"]) for event in rule["events"]] == [("held", "if"), ("due", None)]
    refused = explain(path, "--rule", "lst")
    assert refused.returncode == 2
    assert "Did you mean 'last'?" in refused.stderr


def test_the_rules_of_another_plan(explain: Explain, store: Any, evening: StockEngine, tmp_path: Path) -> None:
    path = record(evening, store, tmp_path / "recorded")
    other = tmp_path / "other.toml"
    text = PLAN.format(id="other", locale="en").replace("available < 50", "available < 41")
    other.write_text(text, encoding="utf-8")
    said = explain(path, "--plan", other)
    assert "available < 41" in said.stdout, said.stderr
    assert "应触发" in said.stdout
    other.write_text(text.replace("item.on_air", "item.onair"), encoding="utf-8")
    refused = explain(path, "--plan", other)
    assert refused.returncode == 2
    assert "did you mean `on_air`?" in refused.stderr


def test_a_session_whose_beginning_is_trimmed_is_read_from_its_recording(
    explain: Explain, store: Any, evening: StockEngine, tmp_path: Path
) -> None:
    path = record(evening, store, tmp_path / "state" / "recordings" / evening.ledger / "here")
    connect(store.url).xtrim(ledger_stream_key(evening.ledger), minid="5", approximate=False)
    said = explain(evening.ledger, "--redis", store.url)
    assert "应触发" in said.stdout, said.stderr
    path.unlink()
    refused = explain(evening.ledger, "--redis", store.url)
    assert refused.returncode == 2
    assert "no recording of them" in refused.stderr


def test_a_session_may_be_named_by_the_folder_of_its_plan(
    explain: Explain, store: Any, evening: StockEngine, tmp_path: Path
) -> None:
    for name in (tmp_path / "plan", tmp_path / "plan" / "session.toml"):
        said = explain(name, "--redis", store.url)
        assert f"{evening.ledger}, entry 6" in said.stdout, said.stderr
    refused = explain(tmp_path / "nowhere", "--redis", store.url)
    assert refused.returncode == 2


def test_a_bundled_sample_without_rules(explain: Explain) -> None:
    said = explain("flash_sale")
    assert said.returncode == 0, said.stderr
    assert "flash-sale" in said.stdout
