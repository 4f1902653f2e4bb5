"""A store that comes back with less than it had acknowledged: what is there is whole, and what is missing is noticed."""

from __future__ import annotations

import random
import shutil
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any, NamedTuple

import pytest

from overlaykit.board import BoardView, Fold
from overlaykit.errors import NotFound, StoreAway, StoreBehind
from overlaykit.model import commands as c
from overlaykit.model.commands import Submission
from overlaykit.stock import StockEngine
from overlaykit.stock.seen import Seen
from overlaykit.store import connect
from tests.conftest import StoreServer
from tests.faults.orders import check_ledger, order, started, statuses

pytestmark = [pytest.mark.faults, pytest.mark.store]

CALLS = 60


def log_of(server: StoreServer) -> Path:
    """The append-only file that grows."""
    (found,) = server.folder.glob("appendonlydir/*.incr.aof")
    return found


def cut_short(server: StoreServer, at: int) -> None:
    """Takes away all of the log from byte `at` on. The store has to be down."""
    with log_of(server).open("r+b") as log:
        log.truncate(at)


def seen_up_to(engine: StockEngine, seq: int) -> Seen:
    """What a process knows that has been told `seq` entries."""
    seen = Seen()
    seen.epoch, seen.seq = engine.seen.epoch, seq
    return seen


class Killed(NamedTuple):
    """A store that was killed after a while of orders, the engine that made them, the lines they left, and the board after
    each of them, by seq."""

    server: StoreServer
    engine: StockEngine
    lines: list[bytes]
    boards: dict[int, Any]


@pytest.fixture
def killed(new_store: Callable[..., StoreServer], ledger: str) -> Iterator[Killed]:
    server = new_store("valkey9", "appendfsync always")
    dice = random.Random(1)
    with connect(server.url) as client:
        engine = started(client, ledger)
        fold = Fold.from_state(engine.state())
        for call in range(CALLS):
            calls = [order(f"{call}-{number}") for number in range(dice.randint(1, 12))]
            if call % 5 == 4:
                paid = Submission(f"paid-{call}", c.OrderCommit(order=f"o{call - 1}-0"), "api:test")
                back = Submission(f"back-{call}", c.OrderRelease(order=f"o{call - 2}-0"), "api:test")
                calls += [paid, back]
            engine.submit(calls)
        lines = [line for _, line in engine.read(0, count=100_000)]
        boards = {2: BoardView(fold).board()}
        for line in lines[2:]:
            fold.apply(line)
            boards[fold.seq] = BoardView(fold).board()
        server.kill()
        yield Killed(server, engine, lines, boards)


@pytest.mark.parametrize("cuts", [40, pytest.param(1000, marks=[pytest.mark.soak, pytest.mark.timeout(3600)])])
def test_a_log_cut_anywhere_leaves_whole_calls_and_the_rest_is_noticed(
    killed: Killed, tmp_path: Path, cuts: int
) -> None:
    whole, before, lines, boards = killed
    size = log_of(whole).stat().st_size
    dice = random.Random(2)
    lengths = set()
    for number, at in enumerate(sorted(dice.randrange(size // 20, size) for _ in range(cuts))):
        shutil.copytree(whole.folder, tmp_path / f"cut-{number}")
        server = StoreServer("valkey9", tmp_path / f"cut-{number}", password=whole.password, options=whole.options)
        cut_short(server, at)
        server.start()
        try:
            with connect(server.url) as client:
                left = whole_part(StockEngine(client, before.ledger), lines, boards)
                lengths.add(left)
                knowing = StockEngine(client, before.ledger, seen_up_to(before, left + 1))
                with pytest.raises((StoreBehind, NotFound)):
                    knowing.submit([order("next")])
                if left:
                    content = StockEngine(client, before.ledger, seen_up_to(before, left))
                    assert statuses(content.submit([order("next")])) == ["accepted"]
        finally:
            server.stop()
            shutil.rmtree(server.folder)
    assert len(lengths) > 20, "the cuts were at different places"
    assert max(lengths) < len(lines)


def whole_part(engine: StockEngine, lines: list[bytes], boards: dict[int, Any]) -> int:
    """Checks that what is left is a clean beginning of `lines`, and that the state is the one after it. Gives its length."""
    left = [line for _, line in engine.read(0, count=100_000)]
    assert left == lines[: len(left)]
    if not left:
        with pytest.raises(NotFound):
            engine.state()
        return 0
    state = engine.state()
    assert state.seq == len(left)
    if len(left) > 1:
        assert BoardView(Fold.from_state(state)).board() == boards[len(left)]
    return len(left)


def test_a_store_that_came_back_older_and_was_written_on_is_not_trusted(
    killed: Killed,
) -> None:
    server, engine, lines, _ = killed
    cut_short(server, log_of(server).stat().st_size // 2)
    server.start()
    with connect(server.url) as other:
        stranger = StockEngine(other, engine.ledger)
        left = stranger.resolve_head()
        assert left is not None
        assert left.seq < len(lines)
        assert statuses(stranger.submit([order("stranger")])) == ["accepted"]
        refused_behind(engine)
        missing = len(lines) - left.seq
        for number in range(missing - 2):
            stranger.submit([order(f"stranger-{number}")])
            refused_behind(engine)
        found = [line for _, line in stranger.read(0, count=100_000)]
        assert found[: left.seq] == lines[: left.seq]
        assert len(check_ids(found)) == len(found)


def refused_behind(engine: StockEngine) -> None:
    """The store may be away once: the connection is the one from before the kill."""
    try:
        engine.submit([order("behind")])
    except StoreAway:
        with pytest.raises(StoreBehind):
            engine.submit([order("behind")])
    except StoreBehind:
        return
    else:
        raise AssertionError("a store that holds less took an order")


def check_ids(lines: list[bytes]) -> set[bytes]:
    return {line.partition(b'"id":')[2].partition(b",")[0] for line in lines}


@pytest.mark.parametrize("sync", ["always", "everysec"])
def test_what_a_kill_takes_with_it_while_the_disk_is_slow_is_noticed(
    new_store: Callable[..., StoreServer],
    slow_fsync: Callable[[float], dict[str, str]],
    monkeypatch: pytest.MonkeyPatch,
    ledger: str,
    sync: str,
) -> None:
    """With `always` nothing acknowledged is lost. With `everysec` it may be, and then whoever was told knows."""
    for name, value in slow_fsync(0.3).items():
        monkeypatch.setenv(name, value)
    server = new_store("valkey9", f"appendfsync {sync}")
    with connect(server.url) as client:
        engine = started(client, ledger)
        told = 0
        for call in range(8 if sync == "always" else 2000):
            engine.submit([order(f"{call}-{number}") for number in range(5)])
            told += 5
        server.kill()
        server.start()
        with connect(server.url) as fresh:
            there = len(check_ledger(StockEngine(fresh, ledger)))
        assert there == told or sync == "everysec"
        if there == told:
            check_again(engine)
        else:
            refused_behind(engine)


def check_again(engine: StockEngine) -> None:
    """Nothing is missing, so the engine goes on."""
    try:
        told = statuses(engine.submit([order("again")]))
    except StoreAway:
        told = statuses(engine.submit([order("again")]))
    assert told[0] in ("accepted", "duplicate")
