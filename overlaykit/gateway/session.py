"""One session as this gateway sees it: lead it if nobody else does, and then work for each of its targets."""

from __future__ import annotations

import asyncio
import contextlib
import logging
import time
from collections.abc import Mapping
from typing import Any

import httpx

from overlaykit.errors import NotFound, StoreAway, StoreError
from overlaykit.gateway.attempts import WEBHOOK, Patience
from overlaykit.gateway.counting import Identify
from overlaykit.gateway.following import Follower
from overlaykit.gateway.granting import Granting
from overlaykit.gateway.relaying import RelayedInbox
from overlaykit.gateway.shift import Shift
from overlaykit.gateway.standing import StoreClock
from overlaykit.model.connectors import Connector
from overlaykit.model.state import State
from overlaykit.pluginhost.targets import Secrets
from overlaykit.stock import Keeper, Seen, SessionRecord, inbox_key, lease_key, outbox_key
from overlaykit.store import AsyncStoreClient, Inbox, Lease, Outbox
from overlaykit.store.cursors import Cursors
from overlaykit.store.grants import Grants
from overlaykit.store.waiting import Backoff, pause

JOB = "gateway"
RENEW_EVERY = 1.0
"""Seconds between two renewals of the lease, which lasts three."""


class SessionGateway:
    """Runs from `run` to `stop`. `holder` is unique per process."""

    def __init__(
        self,
        record: SessionRecord,
        *,
        holder: str,
        client: AsyncStoreClient,
        grants: Grants,
        relayed: RelayedInbox,
        connectors: Mapping[str, type[Connector[Any]]],
        secrets: Secrets,
        identify: Identify,
        http: httpx.AsyncClient,
        webhook_patience: Patience = WEBHOOK,
        log: logging.Logger,
    ) -> None:
        self._record, self._holder, self._log = record, f"{holder}/{record.id}", log
        self._client, self._grants, self._relayed = client, grants, relayed
        self._connectors, self._secrets, self._http, self._patience = connectors, secrets, http, webhook_patience
        self._identify = identify
        self._keeper = Keeper(client, record.ledger, Seen())
        self._lease = Lease(client, lease_key(record.ledger, JOB), self._holder)
        self._outbox = Outbox(client, outbox_key(record.ledger), self._lease.fence_key)
        self._inbox = Inbox(client, inbox_key(record.ledger))
        self._apps: list[str] = []
        self._stop = asyncio.Event()
        self._idle_since = time.monotonic()

    @property
    def idle(self) -> float:
        """Seconds for which nothing has waited to go out or to be counted, as far as this process leads."""
        return time.monotonic() - self._idle_since

    def stop(self) -> None:
        """Asks it to end in order."""
        self._stop.set()

    async def run(self) -> None:
        """Until `stop`; then what was on its way has ended, and the lease is given back."""
        working: asyncio.Task[None] | None = None
        over = asyncio.Event()
        try:
            while not self._stop.is_set():
                leads = await self._take_lease()
                if leads and working is None:
                    self._log.info("%s: this gateway leads now", self._record.id)
                    over = asyncio.Event()
                    working = asyncio.create_task(self._work(over))
                elif not leads and working is not None:
                    self._log.warning(
                        "%s: this gateway stands by: another leads, or the store is away", self._record.id
                    )
                    over.set()
                    await working
                    working = None
                elif working is not None and working.done():
                    working.result()
                    working = None
                if await self._busy():
                    self._idle_since = time.monotonic()
                await pause(self._stop, RENEW_EVERY)
        finally:
            over.set()
            if working is not None:
                await working
            if self._lease.held:
                with contextlib.suppress(StoreAway):  # it runs out by itself
                    await self._lease.leave()

    async def _take_lease(self) -> bool:
        try:
            return await self._lease.take()
        except StoreAway:
            return self._lease.held

    async def _busy(self) -> bool:
        try:
            return await self._outbox.waits() or await self._inbox.waits(self._apps)
        except StoreAway:
            return True

    async def _work(self, over: asyncio.Event) -> None:
        state = await self._state(over)
        if state is None:
            return
        self._apps = list(state.plan.apps)
        clock = StoreClock()
        shift = Shift(
            state.plan,
            clock=clock,
            follower=Follower(self._keeper, self._client, state, self._lease, clock),
            client=self._client,
            keeper=self._keeper,
            outbox=self._outbox,
            cursors=Cursors(self._client, inbox_key(self._record.ledger)),
            granting=Granting(self._grants, self._client, holder=self._holder, session=self._record.id, log=self._log),
            relayed=self._relayed,
            lease=self._lease,
            connectors=self._connectors,
            secrets=self._secrets,
            identify=self._identify,
            http=self._http,
            webhook_patience=self._patience,
            log=self._log,
        )
        await shift.run(over)

    async def _state(self, over: asyncio.Event) -> State | None:
        backoff = Backoff()
        while not over.is_set():
            try:
                return await self._keeper.state()
            except (StoreError, NotFound):
                await pause(over, backoff.next())
        return None
