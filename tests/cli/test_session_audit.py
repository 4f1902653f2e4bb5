"""`overlaykit session audit`: exit status 0 and figures, or 1 and what is wrong."""

import json
import subprocess
from collections.abc import Callable
from pathlib import Path
from typing import Any

import msgspec
import pytest

from overlaykit.cli.program import main
from overlaykit.model.parsing import parse
from overlaykit.model.sessions import Channel, Item, Location, SessionPlan, Threshold
from overlaykit.stock import SessionDirectory, StockEngine
from overlaykit.store import connect

pytestmark = pytest.mark.store
Audit = Callable[..., subprocess.CompletedProcess[str]]


@pytest.fixture
def audit(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> Audit:
    def run(*arguments: str) -> subprocess.CompletedProcess[str]:
        words = ["session", "audit", *arguments, "--state", str(tmp_path / "state")]
        with pytest.raises(SystemExit) as ended:
            main(words)
        return subprocess.CompletedProcess(words, int(ended.value.code or 0), *capsys.readouterr())

    return run


@pytest.fixture
def engine(store: Any, ledger: str) -> StockEngine:
    client = connect(store.url)
    found = StockEngine(client, ledger)
    low = Threshold(share=0.2)
    found.plan(
        SessionPlan(
            id=ledger,
            ledger=ledger,
            title="双十一",
            items=(Item(sku="A", title="大衣", opening={"hz": 100}, low=low, critical=low),),
            locations=(Location(name="hz", title="杭州"),),
            channels=(Channel(name="mini", title="小程序"),),
        )
    )
    SessionDirectory(client).add(ledger, ledger)
    send(found, "open", type="session.open")
    for number in range(5):
        lines = [{"sku": "A", "quantity": 2}]
        send(found, f"c-{number}", type="order.reserve", order=f"o-{number}", channel="mini", lines=lines)
    return found


def send(engine: StockEngine, id: str, **fields: object) -> None:
    engine.submit([parse(json.dumps({"id": id, **fields}).encode(), "api:test")])


def test_a_sound_session_is_said_to_be_sound(audit: Audit, store: Any, engine: StockEngine) -> None:
    done = audit(engine.ledger, "--redis", store.url)
    assert done.returncode == 0, done.stderr
    assert "✓ orders, numbers and entries agree" in done.stdout
    assert "5 orders and 7 entries" in done.stdout
    assert "bytes an order" in done.stdout
    assert "hours at this pace" in done.stdout


def test_a_program_reads_the_same_as_json(audit: Audit, store: Any, engine: StockEngine) -> None:
    done = audit(engine.ledger, "--json", "--redis", store.url)
    assert done.returncode == 0, done.stderr
    found = json.loads(done.stdout)
    assert (found["ok"], found["seq"], found["orders"], found["entries_folded"]) == (True, 7, 5, 6)
    assert (found["violations"], found["not_checked"]) == ([], [])
    assert found["bytes_per_order"] > 0


def test_what_is_wrong_is_said_with_the_entry_that_changed_it_last(
    audit: Audit, store: Any, engine: StockEngine
) -> None:
    with connect(store.url) as client:
        key = f"overlaykit:{{{engine.ledger}}}:items"
        packed = msgspec.msgpack.decode(client.hget(key, "A"))
        packed[2]["hz"][2] += 1
        client.hset(key, "A", msgspec.msgpack.encode(packed))

    done = audit(engine.ledger, "--redis", store.url)

    assert done.returncode == 1
    assert "✗ A at hz: held is 11, must be 10, what orders have of it" in done.stdout
    assert "changed last by entry 7 (order.reserve, id c-4)" in done.stdout
    assert json.loads(audit(engine.ledger, "--json", "--redis", store.url).stdout)["ok"] is False


def test_an_entry_that_is_no_longer_in_the_store_is_found_in_the_recording(
    audit: Audit, store: Any, engine: StockEngine, tmp_path: Path
) -> None:
    folder = tmp_path / "state" / "recordings" / engine.ledger / "room-1"
    folder.mkdir(parents=True)
    lines = [line for _, line in engine.read(0)]
    (folder / "recording.jsonl").write_bytes(b"".join(line + b"\n" for line in lines))
    send(engine, "later", type="item.feature", sku="A")
    with connect(store.url) as client:
        client.execute_command("XTRIM", f"overlaykit:{{{engine.ledger}}}:ledger", "MINID", "8-0")
        key = f"overlaykit:{{{engine.ledger}}}:items"
        packed = msgspec.msgpack.decode(client.hget(key, "A"))
        packed[2]["hz"][2] += 1
        client.hset(key, "A", msgspec.msgpack.encode(packed))

    done = audit(engine.ledger, "--redis", store.url)

    assert done.returncode == 1
    assert "changed last by entry 7 (order.reserve, id c-4)" in done.stdout


def test_a_session_that_nobody_knows_is_a_mistake_of_the_user(audit: Audit, store: Any, engine: StockEngine) -> None:
    done = audit("nobody", "--redis", store.url)
    assert done.returncode == 2
    assert "there is no session 'nobody'" in done.stderr
    assert engine.ledger in done.stderr
    assert "Traceback" not in done.stderr
