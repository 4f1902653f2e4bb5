"""One session as this director sees it: lead it if nobody else does, keep its clock, record it."""

from __future__ import annotations

import asyncio
import logging
import time
from collections.abc import Coroutine
from pathlib import Path
from typing import Any

import redis.asyncio

from overlaykit.director.clock import Clock, keep_lease
from overlaykit.director.scribe import Scribe
from overlaykit.director.watch import StoreWatch
from overlaykit.recording import SigningKey
from overlaykit.stock import AsyncStockEngine, SessionRecord, lease_key
from overlaykit.store import Lease

JOB = "director"


class DirectedSession:
    """Runs from `run` to `stop`. `holder` is unique per process; `recorder` the name of this machine's recordings."""

    def __init__(
        self,
        record: SessionRecord,
        *,
        holder: str,
        recorder: str,
        recordings: Path,
        key: SigningKey,
        client: redis.asyncio.Redis,
        watch: StoreWatch,
        log: logging.Logger,
    ) -> None:
        self._record, self._log = record, log
        self._stop = asyncio.Event()
        engine = AsyncStockEngine(client, record.ledger)
        self._lease = Lease(client, lease_key(record.ledger, JOB), f"{holder}/{record.id}")
        self._clock = Clock(engine, self._lease, watch, record.id, log)
        self._scribe = Scribe(
            session=record.id,
            ledger=record.ledger,
            name=recorder,
            folder=recordings / record.id / recorder,
            key=key,
            client=client,
            engine=engine,
            watch=watch,
            log=log,
        )

    @property
    def quiet(self) -> float:
        """Seconds since the last entry came."""
        return time.monotonic() - self._scribe.busy_at

    def stop(self) -> None:
        """Asks it to end in order."""
        self._stop.set()

    async def run(self) -> None:
        """Until `stop`; then all that the ledger holds is on disk and signed."""
        async with asyncio.TaskGroup() as tasks:
            tasks.create_task(self._part(keep_lease(self._lease, self._record.id, self._log, self._stop)))
            tasks.create_task(self._part(self._clock.run(self._stop)))
            tasks.create_task(self._part(self._scribe.run(self._stop)))

    async def _part(self, running: Coroutine[Any, Any, None]) -> None:
        """One part fails, all end: by `stop`, since a cancellation can be lost in a write to the store (Python 3.11)."""
        try:
            await running
        except BaseException:
            self._stop.set()
            raise
