"""Rooms without a web: a store, an engine that sends, and directors that run in threads of the test."""

from __future__ import annotations

import asyncio
import json
import logging
import os
import signal
import subprocess
import sys
import threading
from collections.abc import Callable, Iterator
from contextlib import suppress
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import msgspec
import pytest
import redis

from overlaykit.director.equipment import Equipment
from overlaykit.director.run import run_director
from overlaykit.errors import OverlaykitError
from overlaykit.model.notes import AnyNote, Noted
from overlaykit.model.parsing import parse
from overlaykit.model.sessions import Channel, Item, Location, SessionPlan, Threshold
from overlaykit.recording import SigningKey
from overlaykit.recording.chain import strip
from overlaykit.runtime.orders import ChildOrder
from overlaykit.stock import SessionDirectory, StockEngine
from overlaykit.stock.notes import encode_note
from overlaykit.store import connect
from tests.conftest import REPOSITORY, StoreServer


@dataclass
class Seat:
    """A director that runs in a thread."""

    name: str
    recordings: Path
    messages: list[str] = field(default_factory=list)
    beats: int = 0
    failure: BaseException | None = None
    _stop: Callable[[], object] = lambda: None
    _thread: threading.Thread | None = None

    def start(self, redis_url: str, key: SigningKey, equipment: Equipment | None = None) -> None:
        log = logging.Logger(f"director {self.name}", logging.INFO)
        handler = logging.Handler()
        handler.emit = lambda record: self.messages.append(record.getMessage())  # type: ignore[method-assign]
        log.addHandler(handler)
        started = threading.Event()

        def beat() -> None:
            self.beats += 1

        async def direct() -> None:
            stop, loop = asyncio.Event(), asyncio.get_running_loop()
            self._stop = lambda: loop.call_soon_threadsafe(stop.set)
            started.set()
            await run_director(
                redis_url=redis_url,
                recordings=self.recordings,
                key=key,
                recorder=self.name,
                stop=stop,
                beat=beat,
                equipment=equipment,
                log=log,
            )

        def run() -> None:
            try:
                asyncio.run(direct())
            except BaseException as error:
                self.failure = error

        self._thread = threading.Thread(target=run)
        self._thread.start()
        started.wait(10)

    def stop(self) -> None:
        """Ends it in order. Raises what it failed with."""
        if self._thread is None:
            return
        with suppress(RuntimeError):  # its loop is closed: it has just ended by itself
            self._stop()
        self._thread.join(15)
        assert not self._thread.is_alive(), "the director does not stop"
        self._thread = None
        if self.failure is not None:
            raise self.failure

    @property
    def alarms(self) -> list[str]:
        return [message for message in self.messages if message.startswith("ALARM: ")]

    def recording(self, session: str, name: str = "recording.jsonl") -> Path:
        return self.recordings / session / self.name / name

    def recorded(self, session: str, name: str = "recording.jsonl") -> list[bytes]:
        """The ledger lines that are on disk."""
        path = self.recording(session, name)
        return [strip(line) for line in path.read_bytes().split(b"\n")[:-1]] if path.exists() else []


@pytest.fixture
def no_pace(monkeypatch: pytest.MonkeyPatch) -> None:
    """For tests that count entries: on a slow machine the ten seconds pass after which a director says how fast items sell."""
    monkeypatch.setattr("overlaykit.forecast.pace.ENOUGH_SECONDS", 3600.0)


@pytest.fixture
def key(tmp_path: Path) -> SigningKey:
    return SigningKey.of_state_folder(tmp_path)


@pytest.fixture
def director(tmp_path: Path, key: SigningKey) -> Iterator[Callable[..., Seat]]:
    """Starts directors: `director(url)`, `director(url, "second")`."""
    seats: list[Seat] = []

    def start(url: str, name: str = "first", equipment: Equipment | None = None) -> Seat:
        seats.append(Seat(name, tmp_path / "recordings"))
        seats[-1].start(url, key, equipment)
        return seats[-1]

    yield start
    for seat in seats:
        seat.stop()


class Evening:
    """A session with an engine of the test's own, that is open."""

    def __init__(
        self, client: redis.Redis, session: str, opening: int = 1000, later: dict[str, Any] | None = None
    ) -> None:
        self.session, self.client = session, client
        self.engine = StockEngine(client, session)
        self._count = 0
        low, critical = Threshold(share=0.2), Threshold(share=0.05)
        self.engine.plan(
            SessionPlan(
                id=session,
                ledger=session,
                title=session,
                items=(Item(sku="A", title="大衣", opening={"default": opening}, low=low, critical=critical),),
                locations=(Location(name="default", title="default"),),
                channels=(Channel(name="default", title="default"),),
                later=later or {},
            )
        )
        SessionDirectory(client).add(session, session)
        self.send("session.open")

    def send(self, type: str, **fields: object) -> dict[str, object]:
        self._count += 1
        text = json.dumps({"type": type, "id": f"{type}-{self._count}", **fields}).encode()
        outcome: dict[str, object] = json.loads(self.engine.submit([parse(text, "api:test")])[0])
        return outcome

    def order(self, **fields: object) -> dict[str, object]:
        name = f"o-{self._count}"
        return self.send("order.reserve", order=name, lines=[{"sku": "A", "quantity": 1}], **fields)

    def note(self, *notes: AnyNote, cause: int | None = None) -> None:
        """What a process without a lease says."""
        for note in notes:
            self._count += 1
            self.engine.decide([encode_note(Noted(f"note-{self._count}", note, "rule:last", cause), None)])

    def sell(self, units: int) -> None:
        """One order of so many units of A."""
        self.send("order.reserve", order=f"o-{self._count}", lines=[{"sku": "A", "quantity": units}])

    def ledger(self) -> list[bytes]:
        return [line for _, line in self.engine.read(0, count=1_000_000)]

    def entries(self, *types: str) -> list[dict[str, Any]]:
        """The entries of these types, or all."""
        found = [json.loads(line) for line in self.ledger()]
        return [entry for entry in found if not types or entry["type"] in types]


@pytest.fixture
def evening() -> Iterator[Callable[..., Evening]]:
    """Opens sessions: `evening(url, session)`; with `later` the plan has rules. They are over with the test: the directors of
    the next one look after every session of the store, and would bring the OBS of this one into theirs."""
    opened: list[Evening] = []

    def start(url: str, session: str, later: dict[str, Any] | None = None, opening: int = 1000) -> Evening:
        opened.append(Evening(connect(url), session, opening, later))
        return opened[-1]

    yield start
    for each in opened:
        with suppress(OverlaykitError):  # its store has gone, or knows it no more
            each.send("session.close")
        each.client.close()


@pytest.fixture(scope="module")
def store(tmp_path_factory: pytest.TempPathFactory) -> Iterator[StoreServer]:
    """A store that only these tests have: a director looks after every session of a store."""
    server = StoreServer("valkey9", tmp_path_factory.mktemp("store")).start()
    yield server
    server.stop()


class DirectorProcess:
    """A director as a process of its own, without a supervisor that would start it again."""

    def __init__(self, folder: Path, redis_url: str, name: str, obs_passwords: dict[str, str]) -> None:
        self._folder, self._printed = folder, folder / f"{name}.txt"
        order = ChildOrder(
            state=str(folder / name),
            host="127.0.0.1",
            port=0,
            redis_url=redis_url,
            themes=(),
            plugins=(),
            session_folder=None,
            recorder=name,
            obs_passwords=obs_passwords,
        )
        self.state, self._name = folder / name, name
        self.state.mkdir(mode=0o700, exist_ok=True)
        command = [sys.executable, "-m", "overlaykit.runtime.child", "director", "--state", str(self.state)]
        environment = {**os.environ, "PYTHONPATH": str(REPOSITORY)}
        with self._printed.open("ab") as out:
            self._process = subprocess.Popen(command, stdin=subprocess.PIPE, stdout=out, stderr=out, env=environment)
        assert self._process.stdin is not None
        self._process.stdin.write(msgspec.json.encode(order) + b"\n")
        self._process.stdin.flush()

    @property
    def log(self) -> str:
        """What it has said so far."""
        return self._printed.read_text(encoding="utf-8", errors="replace")

    def records(self, session: str) -> bool:
        """Whether it reads this session's ledger."""
        return self.recording(session).exists()

    def recording(self, session: str) -> Path:
        return self.state / "recordings" / session / self._name / "recording.jsonl"

    def kill(self) -> None:
        """kill -9."""
        self._process.kill()
        self._process.wait()

    def hold_up(self) -> None:
        """Nothing of it moves until `let_go`."""
        self._process.send_signal(signal.SIGSTOP)

    def let_go(self) -> None:
        self._process.send_signal(signal.SIGCONT)

    def stop(self) -> None:
        """Ends it in order, if it is still there."""
        if self._process.poll() is None:
            self._process.send_signal(signal.SIGCONT)
            self._process.send_signal(signal.SIGTERM)
            self._process.wait(20)
        if self._process.stdin is not None:
            self._process.stdin.close()


@pytest.fixture
def process(tmp_path: Path) -> Iterator[Callable[..., DirectorProcess]]:
    """Starts director processes: `process(url, "first", MAIN="password of the OBS main")`. The same name again goes on in the same
    state folder."""
    started: list[DirectorProcess] = []

    def start(url: str, name: str, **obs_passwords: str) -> DirectorProcess:
        started.append(DirectorProcess(tmp_path, url, name, obs_passwords))
        return started[-1]

    yield start
    for each in started:
        each.stop()
