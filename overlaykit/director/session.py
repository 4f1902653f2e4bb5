"""One session as this director sees it: lead it if nobody else does, keep its clock, record it, give memory back, audit it, and let
its rules act.
"""

from __future__ import annotations

import asyncio
import logging
import time
from collections.abc import Coroutine, Sequence
from functools import partial
from pathlib import Path
from typing import Any

from overlaykit.director.audit import RunningAudit
from overlaykit.director.clock import Clock, keep_lease
from overlaykit.director.equipment import Equipment
from overlaykit.director.opening import open_stage
from overlaykit.director.recovery import Recovery
from overlaykit.director.retention import Retention
from overlaykit.director.scribe import Scribe, recorder_field
from overlaykit.director.stage import AnotherHistory, Stage
from overlaykit.director.watch import StoreWatch
from overlaykit.errors import NotFound, StoreAway, StoreBehind, UserError
from overlaykit.model.entries import has_type
from overlaykit.recording import SigningKey
from overlaykit.stock import DIRECTOR, Keeper, Seen, SessionRecord, lease_key
from overlaykit.store import AsyncStoreClient, Lease, StoreClient
from overlaykit.store.waiting import Backoff, pause

LOOK = 0.05
STAGE_PAUSE = 5.0
"""Seconds after which rules that broke are tried again."""


class DirectedSession:
    """Runs from `run` to `stop`.

    holder     unique per process
    recorder   the name of this machine's recordings
    blocking   a synchronous client, used in threads
    reading    a client of the scribe's own: what it finds out about the store must not be found out by others before it
    seen       what this process has been told of the ledger
    """

    def __init__(
        self,
        record: SessionRecord,
        *,
        holder: str,
        recorder: str,
        recordings: Path,
        key: SigningKey,
        client: AsyncStoreClient,
        blocking: StoreClient,
        reading: AsyncStoreClient,
        seen: Seen,
        watch: StoreWatch,
        equipment: Equipment,
        log: logging.Logger,
    ) -> None:
        self._record, self._log, self._watch = record, log, watch
        self._stage: Stage | None = None
        self._stop = asyncio.Event()
        self._rested = asyncio.Event()
        keeper = Keeper(client, record.ledger, seen)
        self._lease = Lease(client, lease_key(record.ledger, DIRECTOR), f"{holder}/{record.id}")
        self._clock = Clock(keeper, self._lease, watch, record.id, log)
        self._retention = Retention(keeper, self._lease, record.id, log, doubt=lambda: self._scribe.doubt())
        self._audit = RunningAudit(keeper, blocking, self._lease, record.id, log)
        recovery = Recovery(
            session=record.id,
            recorder=recorder_field(record.id, recorder),
            keeper=keeper,
            blocking=blocking,
            lease=self._lease,
            log=log,
        )
        self._scribe = Scribe(
            session=record.id,
            ledger=record.ledger,
            name=recorder,
            folder=recordings / record.id / recorder,
            key=key,
            client=reading,
            keeper=keeper,
            recovery=recovery,
            watch=watch,
            taken=self._take,
            eager=lambda: self._stage is not None and self._stage.waits,
            log=log,
        )
        self._open_stage = partial(
            open_stage,
            session=record.id,
            keeper=keeper,
            client=client,
            blocking=blocking,
            lease=self._lease,
            watch=watch,
            equipment=equipment,
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
            tasks.create_task(self._part(self._watch.run(self._stop)))
            tasks.create_task(self._part(keep_lease(self._lease, self._record.id, self._log, self._rested)))
            tasks.create_task(self._part(self._clock.run(self._stop, self._scribe.known)))
            tasks.create_task(self._part(self._scribe.run(self._stop)))
            tasks.create_task(self._part(self._retention.run(self._stop)))
            tasks.create_task(self._part(self._audit.run(self._stop)))
            tasks.create_task(self._part(self._keep_stage()))

    async def _keep_stage(self) -> None:
        """Lets rules act, once it is known what the ledger should hold. What breaks in them ends nothing else, and they begin
        again from where they stood."""
        backoff = Backoff(first=0.2, most=STAGE_PAUSE)
        try:
            while not self._stop.is_set():
                wait = LOOK
                if self._scribe.known.is_set():
                    try:
                        self._stage = await self._open_stage()
                        backoff.reset()
                        await self._stage.run(self._stop)
                    except (StoreAway, StoreBehind, NotFound, AnotherHistory) as error:
                        self._log.info("%s: rules begin anew: %s", self._record.id, error)
                        wait = backoff.next()
                    except UserError as error:  # a plan of another version, whose rules this one cannot read
                        wait = STAGE_PAUSE
                        self._log.error("ALARM: %s: rules rest: %s", self._record.id, error)
                    except Exception:
                        wait = STAGE_PAUSE
                        self._log.exception(
                            "ALARM: %s: rules rest, and are tried again in %.0f s", self._record.id, wait
                        )
                    finally:
                        self._stage = None
                await pause(self._stop, wait)
        finally:
            self._rested.set()

    async def _take(self, lines: Sequence[bytes]) -> None:
        """What was just read of the ledger."""
        self._audit.take(lines)
        if self._stage is not None:
            await self._stage.take(lines)
        if any(has_type(line, "clock.accept") and _ACCEPTED in line for line in lines):
            self._watch.accept()

    async def _part(self, running: Coroutine[Any, Any, None]) -> None:
        """One part fails, all end: by `stop`, since a cancellation can be lost in a write to the store (Python 3.11)."""
        try:
            await running
        except BaseException:
            self._stop.set()
            raise


_ACCEPTED = b'"outcome":{"status":"accepted"'
