"""The gateway: which sessions there are, and a SessionGateway for each whose plan has somebody outside the room."""

from __future__ import annotations

import asyncio
import logging
import os
import secrets as random
from collections.abc import Callable, Mapping
from functools import partial
from typing import Any

import httpx

from overlaykit.errors import NotFound, StoreAway, StoreError
from overlaykit.gateway.attempts import WEBHOOK, Patience
from overlaykit.gateway.counting import Identify
from overlaykit.gateway.relaying import RelayedInbox
from overlaykit.gateway.session import SessionGateway
from overlaykit.inbox import Addresses
from overlaykit.model.connectors import Connector
from overlaykit.model.sessions import SessionPlan
from overlaykit.pluginhost.targets import Secrets
from overlaykit.stock import Keeper, Seen, SessionDirectory, SessionRecord, StockEngine, inbox_key, outbox_key
from overlaykit.store import AsyncStoreClient, Inbox, Outbox, StoreClient, connect, connect_async
from overlaykit.store.grants import Grants
from overlaykit.store.waiting import Backoff, keep_calling, pause

BEAT_EVERY = 0.25
LOOK_EVERY = 1.0
"""Seconds between two looks for new sessions."""
REST_AFTER = 30.0
"""Seconds for which nothing waited, after which a closed session is left alone."""
FAILED_PAUSE = 5.0


async def run_gateway(
    *,
    redis_url: str,
    connectors: Mapping[str, type[Connector[Any]]],
    secrets: Secrets,
    stop: asyncio.Event,
    identify: Identify = lambda channel, buyer: buyer,
    beat: Callable[[], None] = lambda: None,
    webhook_patience: Patience = WEBHOOK,
    log: logging.Logger | None = None,
) -> None:
    """Works for every session of the store that needs it until `stop` is set; then what was on its way has ended.

    connectors        by the name that plans call them
    identify          who a buyer of a channel is, from both their ids
    beat              called every quarter of a second while the loop is not blocked
    webhook_patience  how often a webhook is tried
    log               INFO for what happens, ERROR beginning with "ALARM: " for what somebody must see

    The store may be away at the start or at any time: it is waited for.
    """
    client, blocking, aside = connect_async(redis_url), connect(redis_url), connect(redis_url)
    log = log or logging.getLogger("overlaykit.gateway")
    done = asyncio.Event()
    try:
        async with httpx.AsyncClient(follow_redirects=False, trust_env=False, timeout=None) as http:
            relayed = RelayedInbox(
                aside, Addresses(SessionDirectory(aside), partial(_plan_of, aside), connectors, secrets)
            )

            def make(record: SessionRecord, holder: str) -> SessionGateway:
                return SessionGateway(
                    record,
                    holder=holder,
                    client=client,
                    grants=Grants(aside),
                    relayed=relayed,
                    connectors=connectors,
                    secrets=secrets,
                    identify=identify,
                    http=http,
                    webhook_patience=webhook_patience,
                    log=log,
                )

            roster = _Roster(client, blocking, make, log)
            async with asyncio.TaskGroup() as tasks:
                tasks.create_task(keep_calling(beat, BEAT_EVERY, done))
                try:
                    await roster.run(stop)
                finally:
                    done.set()
    finally:
        await client.aclose()
        blocking.close()
        aside.close()


def _plan_of(client: StoreClient, record: SessionRecord) -> SessionPlan:
    return StockEngine(client, record.ledger).state().plan


class _Roster:
    """Takes up sessions as they appear, and lets closed ones rest."""

    def __init__(
        self,
        client: AsyncStoreClient,
        blocking: StoreClient,
        make: Callable[[SessionRecord, str], SessionGateway],
        log: logging.Logger,
    ) -> None:
        self._client, self._make, self._log = client, make, log
        self._directory = SessionDirectory(blocking)
        self._holder = f"gateway/{os.getpid()}/{random.token_hex(4)}"
        self._running: dict[str, tuple[SessionGateway, asyncio.Task[None]]] = {}
        self._needs: dict[str, bool] = {}
        self._apps: dict[str, list[str]] = {}
        self._not_before: dict[str, float] = {}

    async def run(self, stop: asyncio.Event) -> None:
        """Until `stop`, and all sessions have ended in order."""
        backoff = Backoff()
        async with asyncio.TaskGroup() as tasks:
            while not stop.is_set():
                wait = LOOK_EVERY
                try:
                    for record in await asyncio.to_thread(self._directory.list):
                        await self._look_at(record, tasks)
                    backoff.reset()
                except StoreAway:
                    wait = backoff.next()
                await pause(stop, wait)
            for session, _ in self._running.values():
                session.stop()

    async def _look_at(self, record: SessionRecord, tasks: asyncio.TaskGroup) -> None:
        found = self._running.get(record.id)
        if found is not None:
            session, task = found
            if task.done():
                del self._running[record.id]
            elif record.status == "closed" and session.idle > REST_AFTER:
                session.stop()
            return
        if asyncio.get_running_loop().time() < self._not_before.get(record.id, 0.0):
            return
        try:
            if not await self._wanted(record):
                return
        except StoreAway:
            raise
        except (StoreError, NotFound):
            return
        except Exception:  # what cannot be read of one session must not end the others
            self._failed(record.id)
            return
        session = self._make(record, self._holder)
        self._running[record.id] = session, tasks.create_task(self._run(record.id, session))

    async def _wanted(self, record: SessionRecord) -> bool:
        if record.id not in self._needs:
            state = await Keeper(self._client, record.ledger, Seen()).state()
            self._needs[record.id], self._apps[record.id] = state.plan.reaches_out, list(state.plan.apps)
        if record.status != "closed" or not self._needs[record.id]:
            return self._needs[record.id]
        if await Outbox(self._client, outbox_key(record.ledger)).waits():
            return True
        return await Inbox(self._client, inbox_key(record.ledger)).waits(self._apps[record.id])

    async def _run(self, name: str, session: SessionGateway) -> None:
        try:
            await session.run()
        except Exception:  # what breaks in one session must not end the others
            self._failed(name)

    def _failed(self, name: str) -> None:
        self._log.exception("ALARM: %s: its gateway failed; it is tried again in %.0f s", name, FAILED_PAUSE)
        self._not_before[name] = asyncio.get_running_loop().time() + FAILED_PAUSE
