"""The director: which sessions there are, and one DirectedSession for each that may still change."""

from __future__ import annotations

import asyncio
import contextlib
import logging
import os
import re
import secrets
from collections.abc import Callable
from pathlib import Path

from overlaykit.director.equipment import Equipment
from overlaykit.director.session import DirectedSession
from overlaykit.director.watch import StoreWatch
from overlaykit.errors import NotFound, StateError, StoreAway, StoreBehind
from overlaykit.recording import SigningKey, first_seq, last_seq, line_at, recordings_in
from overlaykit.stock import Keeper, Seen, SessionDirectory, SessionRecord
from overlaykit.store import AsyncStoreClient, TokenCopy, Tokens, connect, connect_async
from overlaykit.store.routing import StoreClient
from overlaykit.store.waiting import Backoff, keep_calling, pause

BEAT_EVERY = 0.25
LOOK_EVERY = 1.0
"""Seconds between two looks for new sessions."""
REST_AFTER = 30.0
"""Seconds of silence after which a closed session is left alone."""
RESTED_EVERY = 10.0
"""Seconds between two looks at closed sessions: facts may still come in, and holds may still expire."""
FAILED_PAUSE = 5.0
_NAME = re.compile(r"[A-Za-z0-9][A-Za-z0-9._-]{0,63}")


async def run_director(
    *,
    redis_url: str,
    recordings: Path,
    key: SigningKey,
    recorder: str,
    stop: asyncio.Event,
    beat: Callable[[], None] = lambda: None,
    equipment: Equipment | None = None,
    log: logging.Logger | None = None,
) -> None:
    """Directs every session of the store until `stop` is set; then each ledger is on disk and its head is signed.

    recordings   STATE/recordings; each session gets recordings/SESSION/`recorder`/recording.jsonl
    recorder     this director's name as a recorder: letters, digits, `.`, `_`, `-`; two that run on one store differ in it
    beat         called every quarter of a second while the loop is not blocked
    equipment    what rules may do; overlaykit's own actions without it
    log          INFO for what happens, ERROR beginning with "ALARM: " for what somebody must see

    The store may be away at the start or at any time: it is waited for. Raises StateError for a name that is none.
    """
    if _NAME.fullmatch(recorder) is None:
        raise StateError(
            f"{recorder!r} cannot be a recorder's name: it names a folder",
            remedy="Use up to 64 letters, digits, dots, dashes and underscores, such as room-2.",
        )
    client, reading = connect_async(redis_url), connect_async(redis_url)
    blocking = connect(redis_url)
    log = log or logging.getLogger("overlaykit.director")
    roster = _Roster(blocking, client, reading, recordings, key, recorder, equipment or Equipment(), log)
    try:
        async with asyncio.TaskGroup() as tasks:
            tasks.create_task(keep_calling(beat, BEAT_EVERY, roster.done))
            tasks.create_task(roster.run(stop))
    finally:
        await client.aclose()
        await reading.aclose()
        blocking.close()


class _Roster:
    """Takes up sessions as they appear, and lets closed ones rest."""

    def __init__(
        self,
        blocking: StoreClient,
        client: AsyncStoreClient,
        reading: AsyncStoreClient,
        recordings: Path,
        key: SigningKey,
        recorder: str,
        equipment: Equipment,
        log: logging.Logger,
    ) -> None:
        self._equipment = equipment
        self._blocking, self._client, self._reading = blocking, client, reading
        self._recordings, self._key = recordings, key
        self._directory = SessionDirectory(blocking)
        self._tokens = Tokens(blocking)
        self._kept_tokens = TokenCopy((), frozenset())
        self._known: dict[str, SessionRecord] = {}
        self._seen: dict[str, Seen] = {}
        self._watches: dict[str, StoreWatch] = {}
        self._recorder, self._log = recorder, log
        self._holder = f"{recorder}/{os.getpid()}/{secrets.token_hex(4)}"
        self._directed: dict[str, tuple[DirectedSession, asyncio.Task[None]]] = {}
        self._not_before: dict[str, float] = {}
        self._let_go_at: dict[str, int] = {}
        self.done = asyncio.Event()

    async def run(self, stop: asyncio.Event) -> None:
        """Until `stop`, and all sessions have ended in order."""
        backoff = Backoff()
        async with asyncio.TaskGroup() as tasks:
            while not stop.is_set():
                wait = LOOK_EVERY
                try:
                    await asyncio.to_thread(self._keep_tokens)
                    # What the store does not list any more it has lost: sessions are never taken away.
                    self._known.update((each.id, each) for each in await asyncio.to_thread(self._directory.list))
                    for record in list(self._known.values()):
                        await self._try_to_look_at(record, tasks)
                    backoff.reset()
                except StoreAway:
                    wait = backoff.next()
                await pause(stop, wait)
            for session, _ in self._directed.values():
                session.stop()
        self.done.set()

    async def _try_to_look_at(self, record: SessionRecord, tasks: asyncio.TaskGroup) -> None:
        # What breaks in one session must not end the others.
        try:
            await self._look_at(record, tasks)
        except StoreAway:
            raise
        except Exception:
            self._failed(record.id)

    async def _look_at(self, record: SessionRecord, tasks: asyncio.TaskGroup) -> None:
        directed = self._directed.get(record.id)
        if directed is not None:
            session, task = directed
            if task.done():
                del self._directed[record.id]
            elif (
                record.status == "closed"
                and session.quiet > REST_AFTER
                and not self._watch_of(record).suspended  # an operator has to be asked
            ):
                session.stop()
            return
        if asyncio.get_running_loop().time() < self._not_before.get(record.id, 0.0):
            return
        if record.status == "closed" and await self._may_rest(record):
            return
        session = DirectedSession(
            record,
            holder=self._holder,
            recorder=self._recorder,
            recordings=self._recordings,
            key=self._key,
            client=self._client,
            blocking=self._blocking,
            reading=self._reading,
            seen=await self._seen_of(record),
            watch=self._watch_of(record),
            equipment=self._equipment,
            log=self._log,
        )
        self._directed[record.id] = session, tasks.create_task(self._direct(record.id, session))

    def _watch_of(self, record: SessionRecord) -> StoreWatch:
        found = self._watches.get(record.id)
        if found is None:
            found = self._watches[record.id] = StoreWatch(self._client, record.ledger, record.id, self._log)
        return found

    async def _seen_of(self, record: SessionRecord) -> Seen:
        """What this process has been told of the ledger; at first, what its recording holds."""
        found = self._seen.get(record.ledger)
        if found is None:
            found = self._seen[record.ledger] = Seen()
            folder = self._recordings / record.id / self._recorder
            with contextlib.suppress(OSError):
                recorded = await asyncio.to_thread(recordings_in, folder)
                found.seq = await asyncio.to_thread(last_seq, recorded[-1]) if recorded else 0
        return found

    async def _direct(self, name: str, session: DirectedSession) -> None:
        try:
            await session.run()
        except Exception:
            self._failed(name)

    def _failed(self, name: str) -> None:
        self._log.exception("ALARM: %s: directing it failed; it is tried again in %.0f s", name, FAILED_PAUSE)
        self._not_before[name] = asyncio.get_running_loop().time() + FAILED_PAUSE

    async def _may_rest(self, record: SessionRecord) -> bool:
        """Whether nothing is due in a closed session, no OBS is to be let go and this recorder has all of it. What the store holds
        is compared with the recording before anything ends by it."""
        self._not_before[record.id] = asyncio.get_running_loop().time() + RESTED_EVERY
        keeper = Keeper(self._client, record.ledger, await self._seen_of(record))
        head = await keeper.resolve_head()
        if head is None:
            return not await self._can_give_back(record)
        if not await self._is_recorded(record, keeper, head.seq):
            return False
        if self._let_go_at.get(record.id) != head.seq:
            wanted = await keeper.wanted_obs()
            self._let_go_at[record.id] = head.seq  # directing it once does it, or never will
            if wanted:
                return False
        watch = self._watch_of(record)
        await watch.look_at_clock()
        if watch.suspended:
            return False
        try:
            return not await keeper.sweep()
        except NotFound:
            return True
        except StoreBehind:
            return False

    def _keep_tokens(self) -> None:
        """Remembers the tokens; a store that came back without any gets them back."""
        found = self._tokens.copy()
        if found.records or found.revoked:
            self._kept_tokens = found
        elif (self._kept_tokens.records or self._kept_tokens.revoked) and self._tokens.give_back(self._kept_tokens):
            self._log.warning("the store knew no tokens any more; they are given back")

    async def _can_give_back(self, record: SessionRecord) -> bool:
        recorded = await asyncio.to_thread(recordings_in, self._recordings / record.id / self._recorder)
        return bool(recorded) and await asyncio.to_thread(first_seq, recorded[-1]) == 1

    async def _is_recorded(self, record: SessionRecord, keeper: Keeper, seq: int) -> bool:
        """Whether this recorder's recording ends with the ledger's last entry, `seq`, byte for byte."""
        recorded = await asyncio.to_thread(recordings_in, self._recordings / record.id / self._recorder)
        if not recorded or await asyncio.to_thread(last_seq, recorded[-1]) != seq:
            return False
        return await asyncio.to_thread(line_at, recorded[-1], seq) == await keeper.line(seq)
