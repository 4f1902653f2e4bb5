"""A recording of a real engine, replayed: by folding it, and by letting a fresh engine decide again."""

import json
import secrets
import sys
from collections.abc import Callable, Iterator, Sequence
from pathlib import Path
from typing import Any

import pytest
import redis

from overlaykit.board import BoardView, Fold
from overlaykit.errors import RecordingError
from overlaykit.model.notes import AnyNote, Noted, RuleFired, TaskOpened
from overlaykit.model.parsing import parse
from overlaykit.model.sessions import Channel, Countdown, Item, Location, SessionPlan, Threshold
from overlaykit.recording import Difference, replay, verify
from overlaykit.stock import StockEngine
from overlaykit.stock.notes import encode_note
from overlaykit.store import connect

pytestmark = pytest.mark.store
Recorded = Callable[[list[bytes]], Path]
MORNING = 1_800_000_000_000


@pytest.fixture
def client(store: Any) -> Iterator[redis.Redis]:
    with connect(store.url) as client:
        yield client


def item(sku: str, opening: dict[str, int]) -> Item:
    return Item(sku=sku, title=sku, opening=opening, low=Threshold(share=0.2), critical=Threshold(share=0.05))


PLAN = SessionPlan(
    id="evening",
    ledger="evening",
    title="晚场",
    hold_seconds=60,
    items=(item("A", {"hz": 5, "gz": 3}), item("B", {"hz": 20})),
    locations=(Location(name="hz", title="杭州仓"), Location(name="gz", title="广州仓")),
    channels=(Channel(name="mini", title="小程序"), Channel(name="douyin", title="抖音", sells="by_itself")),
    countdowns=(Countdown(name="coupon", seconds=30),),
)


class Evening:
    """Drives an engine through an evening, at times of its own."""

    def __init__(self, engine: StockEngine) -> None:
        self.engine, self.now, self.count = engine, MORNING, 0

    def send(self, type: str, **fields: object) -> None:
        self.count += 1
        self.now += 1_500
        text = json.dumps({"type": type, "id": f"c-{self.count}", **fields}).encode()
        self.engine.submit([parse(text, "api:shop")], now_ms=self.now)

    def note(self, *notes: AnyNote, cause: int) -> None:
        self.now += 1_500
        first, self.count = self.count, self.count + len(notes)
        noted = [Noted(f"n-{first + number}", note, "rule:last", cause) for number, note in enumerate(notes)]
        self.engine.decide([encode_note(each, 1) for each in noted], now_ms=self.now)

    def order(self, name: str, quantity: int, sku: str = "A", **fields: object) -> None:
        lines = [{"sku": sku, "quantity": quantity}]
        self.send("order.reserve", order=name, buyer=f"buyer {name}", lines=lines, channel="mini", **fields)


@pytest.fixture
def ledger_lines(client: redis.Redis, ledger: str) -> list[bytes]:
    """An evening with everything that makes a replay hard: expiries, a fact beyond the stock, debts covered, refusals, notes
    with a cause, which are no outputs, and one output of a note."""
    engine = StockEngine(client, ledger)
    engine.plan(PLAN)
    evening = Evening(engine)
    evening.send("session.open")
    evening.send("item.feature", sku="A")
    evening.order("o-1", 2)
    evening.order("o-2", 3, hold_seconds=4)
    evening.send("order.commit", order="o-1")
    evening.now += 60_000
    engine.sweep(now_ms=evening.now)
    evening.order("o-3", 9)
    record = {"channel": "douyin", "lines": [{"sku": "A", "quantity": 8}], "paid": True}
    evening.send("order.record", order="d-1", buyer="深夜买家", **record)
    evening.send("stock.adjust", sku="A", location="gz", delta=5, reason="found")
    evening.send("announce.show", text="返场 5 件", seconds=5)
    evening.order("o-4", 1, sku="B", hold_seconds=1)
    evening.now += 9_000
    engine.sweep(now_ms=evening.now)
    evening.note(TaskOpened(task="券", text="发券"), cause=12)
    evening.note(*(TaskOpened(task=str(number), text="做") for number in range(200)), cause=13)
    evening.note(RuleFired(rule="last", key="A 3"), cause=13)
    evening.send("rule.set", name="last", enabled=False)
    evening.send("session.close")
    return [line for _, line in engine.read(0)]


@pytest.fixture
def fresh(client: redis.Redis) -> Callable[[Sequence[bytes]], list[bytes]]:
    """An engine on a ledger that nobody has used."""
    return StockEngine(client, f"replay-{secrets.token_hex(4)}").reapply


def test_the_evening_has_all_that_it_should_test(ledger_lines: list[bytes]) -> None:
    types = {json.loads(line)["type"] for line in ledger_lines}

    assert {"hold.expired", "countdown.due", "announce.expired", "oversold.covered", "task.dropped"} <= types


def test_folding_a_recording_gives_the_board_of_that_evening(
    recorded: Recorded, ledger_lines: list[bytes], client: redis.Redis, ledger: str
) -> None:
    told = replay(recorded(ledger_lines))

    assert told.board == BoardView(Fold.from_state(StockEngine(client, ledger).state())).board()
    assert (told.lines, told.last_seq) == (len(ledger_lines), len(ledger_lines))
    assert (told.began, told.ended) == (json.loads(ledger_lines[0])["at"], json.loads(ledger_lines[-1])["at"])
    assert told.types["hold.expired"] == 2
    assert told.refused["sold_out"] == 1


def test_a_fresh_engine_writes_the_same_lines_byte_by_byte(
    recorded: Recorded, ledger_lines: list[bytes], fresh: Callable[[Sequence[bytes]], list[bytes]]
) -> None:
    path = recorded(ledger_lines)

    told = replay(path, apply=fresh)

    assert verify(path).ok
    assert told.difference is None, str(told.difference)
    assert told.lines == len(ledger_lines)


@pytest.mark.parametrize("last", [1, 4, 8, 12])
def test_until_stops_there(
    recorded: Recorded, ledger_lines: list[bytes], fresh: Callable[[Sequence[bytes]], list[bytes]], last: int
) -> None:
    path = recorded(ledger_lines)

    folded = replay(path, until=last)
    assert (folded.last_seq, folded.board and folded.board.seq) == (last, last)
    assert replay(path, until=last, apply=fresh).difference is None


def test_an_outcome_that_the_engine_does_not_give_is_named(
    recorded: Recorded, ledger_lines: list[bytes], fresh: Callable[[Sequence[bytes]], list[bytes]]
) -> None:
    at = next(n for n, line in enumerate(ledger_lines) if b"sold_out" in line)
    ledger_lines[at] = ledger_lines[at].replace(b"sold_out", b"not_on_sale")
    path = recorded(ledger_lines)

    difference = replay(path, apply=fresh).difference

    assert difference is not None
    assert (difference.line, difference.seq, difference.field) == (at + 1, at + 1, "outcome.reason")
    assert (difference.expected, difference.got) == ('"not_on_sale"', '"sold_out"')
    assert f"line {at + 1}" in str(difference)


def test_a_changed_number_is_named_with_its_item_and_location(
    recorded: Recorded, ledger_lines: list[bytes], fresh: Callable[[Sequence[bytes]], list[bytes]]
) -> None:
    at = next(n for n, line in enumerate(ledger_lines) if b'"order.reserve"' in line)
    entry = json.loads(ledger_lines[at])
    entry["outcome"]["stock"]["A"]["hz"][1] += 1
    ledger_lines[at] = json.dumps(entry, ensure_ascii=False, separators=(",", ":")).encode()

    difference = replay(recorded(ledger_lines), apply=fresh).difference

    assert difference is not None
    assert (difference.line, difference.field) == (at + 1, "outcome.stock.A.hz")


def test_an_entry_that_the_engine_would_have_written_and_is_missing_is_named(
    recorded: Recorded, ledger_lines: list[bytes], fresh: Callable[[Sequence[bytes]], list[bytes]]
) -> None:
    at = next(n for n, line in enumerate(ledger_lines) if b"oversold.covered" in line)
    cut = ledger_lines[:at]

    difference = replay(recorded(cut), apply=fresh).difference

    assert difference is not None
    assert (difference.seq, difference.field, difference.expected) == (at + 1, "line", None)
    assert difference.got is not None
    assert "oversold.covered" in difference.got


def test_a_batch_ends_between_notes_of_one_cause_and_never_before_an_output(
    recorded: Recorded,
    ledger_lines: list[bytes],
    fresh: Callable[[Sequence[bytes]], list[bytes]],
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setattr(sys.modules[Difference.__module__], "BATCH", 1)

    assert replay(recorded(ledger_lines), apply=fresh).difference is None


def test_what_the_engine_writes_because_of_a_note_is_compared(
    recorded: Recorded, ledger_lines: list[bytes], fresh: Callable[[Sequence[bytes]], list[bytes]]
) -> None:
    at = next(number for number, line in enumerate(ledger_lines) if b"task.dropped" in line)
    ledger_lines[at] = ledger_lines[at].replace("券".encode(), b"0")

    difference = replay(recorded(ledger_lines), apply=fresh).difference

    assert difference is not None
    assert (difference.seq, difference.field, difference.got) == (at + 1, "data.task", '"券"')


def test_an_input_that_no_engine_can_take_is_named(
    recorded: Recorded, ledger_lines: list[bytes], fresh: Callable[[Sequence[bytes]], list[bytes]]
) -> None:
    at = next(n for n, line in enumerate(ledger_lines) if b'"order.reserve"' in line)
    ledger_lines[at] = ledger_lines[at].replace(b'"quantity":2', b'"quantity":"two"')

    with pytest.raises(RecordingError, match=f"line {at + 1} is no ledger entry"):
        replay(recorded(ledger_lines), apply=fresh)


def test_what_is_no_recording_is_said_to_be_none(
    tmp_path: Path, recorded: Recorded, lines: Callable[..., list[bytes]]
) -> None:
    path = tmp_path / "recording.jsonl"
    path.write_bytes(b"")
    with pytest.raises(RecordingError, match="empty"):
        replay(path)
    path.write_bytes(b"{}\n")
    with pytest.raises(RecordingError, match="line 1 is no ledger entry"):
        replay(path)
    with pytest.raises(RecordingError, match="begins with entry 5, 1 is expected"):
        replay(recorded(lines(5, 9)))
