"""Clients of a history: each with its own connection, sending command after command until it has an answer to each."""

from __future__ import annotations

import random
import threading
import time
from dataclasses import dataclass

import msgspec

from overlaykit.errors import StoreAway
from overlaykit.model import commands as c
from overlaykit.model.commands import Submission
from overlaykit.model.outcomes import Outcome
from overlaykit.stock import StockEngine
from overlaykit.store import connect
from tests.engine.history.dealer import Dealer

PATIENCE_SECONDS = 60.0
TIMEOUT_SECONDS = 1.0


@dataclass
class Operation:
    """One command as its client saw it. Times on the monotonic clock: `sent` the first time, `answered` in the end.

    outcome   what was decided; of a duplicate, what it says that was
    call      number of the call of this client that carried it, and its place in there
    """

    submission: Submission
    sent: float
    call: tuple[int, int]
    answered: float = 0.0
    outcome: Outcome | None = None


@dataclass
class Tally:
    """What happened on the way."""

    calls: int = 0
    unknown: int = 0
    repeats: int = 0
    conflicts: int = 0


class Client(threading.Thread):
    """Sends about `count` commands in calls of one to eight. `failure` is what ended it before its time."""

    def __init__(self, name: str, url: str, ledger: str, dealer: Dealer, count: int) -> None:
        super().__init__(daemon=True, name=name)
        self._url, self._ledger, self._dealer, self._count = url, ledger, dealer, count
        self.operations: list[Operation] = []
        self.tally = Tally()
        self.failure: BaseException | None = None

    def run(self) -> None:
        dice = random.Random(self.name)
        try:
            with connect(self._url, timeout=TIMEOUT_SECONDS) as client:
                engine = StockEngine(client, self._ledger)
                while len(self.operations) < self._count:
                    self._new_call(engine, dice.randint(1, 8))
                    if dice.random() < 0.1:
                        self._repeat(engine, dice.choice(self.operations))
                    if dice.random() < 0.03:
                        self._contradict(engine, dice.choice(self.operations))
        except BaseException as error:
            self.failure = error

    def _new_call(self, engine: StockEngine, size: int) -> None:
        now, at = time.monotonic(), len(self.operations)
        fresh = [
            Operation(Submission(f"{self.name}-{at + number}", self._dealer.deal(), "api:test"), now, (at, number))
            for number in range(size)
        ]
        for operation, outcome in zip(fresh, self._ask(engine, [each.submission for each in fresh]), strict=True):
            operation.answered = time.monotonic()
            operation.outcome = outcome.first or outcome
            assert outcome.status in ("accepted", "refused", "duplicate"), outcome
            self._dealer.note(operation.submission.command, operation.outcome)
        self.operations += fresh

    def _repeat(self, engine: StockEngine, operation: Operation) -> None:
        self.tally.repeats += 1
        (outcome,) = self._ask(engine, [operation.submission])
        assert outcome.status == "duplicate", outcome
        assert outcome.first == operation.outcome

    def _contradict(self, engine: StockEngine, operation: Operation) -> None:
        self.tally.conflicts += 1
        other = c.AnnounceShow(text="另一条")
        (outcome,) = self._ask(engine, [operation.submission._replace(command=other)])
        assert outcome.status == "conflict", outcome

    def _ask(self, engine: StockEngine, submissions: list[Submission]) -> list[Outcome]:
        """Sends them until they are answered, always with the same ids."""
        deadline = time.monotonic() + PATIENCE_SECONDS
        while True:
            self.tally.calls += 1
            try:
                return [msgspec.json.decode(each, type=Outcome) for each in engine.submit(submissions)]
            except StoreAway:
                self.tally.unknown += 1
                assert time.monotonic() < deadline, "the store stays away"
                time.sleep(0.01)


class Sweeper(threading.Thread):
    """Ends holds in time, as a director does, until `stop` is set."""

    def __init__(self, url: str, ledger: str) -> None:
        super().__init__(daemon=True)
        self._url, self._ledger = url, ledger
        self.stop = threading.Event()
        self.failure: BaseException | None = None

    def run(self) -> None:
        try:
            with connect(self._url, timeout=TIMEOUT_SECONDS) as client:
                engine = StockEngine(client, self._ledger)
                while not self.stop.wait(0.1):
                    try:
                        engine.sweep()
                    except StoreAway:
                        continue
        except BaseException as error:
            self.failure = error
