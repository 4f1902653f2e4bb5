"""Group commit: while one call of the engine is under way, the commands that arrive meanwhile form the next."""

from __future__ import annotations

from collections.abc import Sequence
from time import perf_counter

import gevent
from gevent.event import AsyncResult

from overlaykit.errors import OverlaykitError, StoreAway
from overlaykit.model.commands import Submission
from overlaykit.stock import CallPipeline, Encoded, StockEngine
from overlaykit.web.metrics import Metrics
from overlaykit.web.services import Services

MAX_BATCH = 256
"""Single commands in one call: enough to share its cost, few enough that nobody waits long behind them."""


class GroupCommit:
    """One ledger's way to its engine. Concurrent single commands share calls; a batch that is whole already goes by itself."""

    def __init__(self, services: Services, ledger: str, metrics: Metrics) -> None:
        self._services = services
        self._ledger = ledger
        self._metrics = metrics
        self._gathered: list[tuple[Submission, AsyncResult]] = []
        self._running = False
        self._lone: StockEngine | None = None

    def submit(self, submission: Submission) -> bytes:
        """The outcome of one command, as JSON. Raises StoreAway, StoreBehind."""
        answer = AsyncResult()
        self._gathered.append((submission, answer))
        if not self._running:
            # The first one makes its own call; those who come meanwhile are gathered, and another carries them on.
            self._running = True
            self._run_gathered()
        outcome: bytes = answer.get()
        return outcome

    def encode(self, submission: Submission) -> Encoded:
        """A command ready for `decide`, made while another call is under way. Raises StoreAway when it is the first."""
        return self._services.engine(self._ledger).encode(submission)

    def decide(self, encoded: Sequence[Encoded]) -> list[bytes]:
        """The outcomes of at most CALL_AT_MOST commands, in order. Raises StoreAway, StoreBehind."""
        return self._call(self._services.engine(self._ledger), encoded)

    def pipeline(self) -> CallPipeline:
        """For bulk: calls of at most CALL_AT_MOST commands, each sent before the last is answered. Raises StoreAway."""
        return self._services.engine(self._ledger).pipeline()

    def _call(self, engine: StockEngine, encoded: Sequence[Encoded]) -> list[bytes]:
        began = perf_counter()
        try:
            return engine.decide(encoded)
        except StoreAway:
            self._metrics.store_away.inc()
            raise
        finally:
            self._metrics.engine_seconds.observe(perf_counter() - began)
            self._metrics.engine_batch.observe(len(encoded))

    def _run_gathered(self) -> None:
        try:
            self._call_once()
        finally:
            if self._gathered:
                gevent.spawn(self._run_gathered)
            else:
                self._running = False

    def _call_once(self) -> None:
        batch, self._gathered = self._gathered[:MAX_BATCH], self._gathered[MAX_BATCH:]
        try:
            if self._lone is None:
                self._lone = self._services.lone_engine(self._ledger)
            outcomes: Sequence[bytes | Exception] = self._decided(self._lone, [submission for submission, _ in batch])
        except Exception as error:
            outcomes = [error] * len(batch)
        for (_, answer), outcome in zip(batch, outcomes, strict=True):
            if isinstance(outcome, Exception):
                answer.set_exception(outcome)
            else:
                answer.set(outcome)

    def _decided(self, engine: StockEngine, submissions: Sequence[Submission]) -> Sequence[bytes | Exception]:
        """Their outcomes. A call that the script breaks off has written nothing: then each is decided by itself, so that
        one does not take the others along."""
        try:
            return self._call(engine, [engine.encode(each) for each in submissions])
        except OverlaykitError:
            raise
        except Exception as error:
            if len(submissions) == 1:
                return [error]
            return [outcome for each in submissions for outcome in self._decided(engine, [each])]
