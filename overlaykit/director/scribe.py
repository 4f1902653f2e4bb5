"""Records one session: the one reader of its ledger in this process, and the writing of what it read.

The reader follows the stream and survives the store's absence. Whenever it (re)connects it asks for the last entry it has
and compares the bytes. A store that came back with less is brought to where the recording ends (recovery.py), and the
recording goes on; where it holds another history, a new file begins. What is on disk is never written over.
"""

from __future__ import annotations

import asyncio
import contextlib
import logging
import time
from collections.abc import Awaitable, Callable, Sequence
from pathlib import Path

import redis.asyncio

from overlaykit.director.recovery import Recovery
from overlaykit.director.watch import StoreWatch
from overlaykit.errors import StateError, StoreAway
from overlaykit.recording import Recorder, SigningKey
from overlaykit.stock import Keeper, ledger_stream_key
from overlaykit.stock.strokes import epoch_begun_by
from overlaykit.store.tail import tail_read_async
from overlaykit.store.waiting import Backoff, pause

COUNT = 1000
"""Entries in one read."""
LOOK_EVERY = 0.05
"""Seconds between two reads. Recording is in no hurry, so it does not wake beside every order: that cost an order 0.8 ms."""
QUIET_AFTER, LOOK_EVERY_QUIET = 1.0, 0.2
"""Seconds without an entry after which it looks more rarely, and how rarely then."""
WAIT_MS = 200
"""Where rules wait for entries: how long a read waits for one. It comes as it is written."""
REST = 0.004
"""And seconds of rest after a read that brought some, so that more come together."""
WRITE_EVERY = 0.2
"""Seconds between two writes to disk."""
REGISTER_EVERY = 1.0
"""Seconds between two words to the store about how far the disk has its ledger."""
HEARD_EVERY = 10.0
"""The same while nothing new is on disk."""
MOST_UNWRITTEN = 50_000
"""Entries read and not on disk, above which the reader waits."""
LOOK_AFTER = 2.0
"""Seconds of silence after which the reader looks whether the ledger is still the one it knows."""
DISK_PAUSE = 1.0
DRAIN_SECONDS = 2.0


def recorder_field(session: str, name: str) -> str:
    """A recorder's name in the ledger's register: sessions that share a ledger have a recording each."""
    return f"{session}/{name}"


class Scribe:
    """The recorder `name` of one session. `folder` is STATE/recordings/SESSION/NAME; `taken` is given the lines read; `eager` says
    whether somebody waits for them."""

    def __init__(
        self,
        *,
        session: str,
        ledger: str,
        name: str,
        folder: Path,
        key: SigningKey,
        client: redis.asyncio.Redis,
        keeper: Keeper,
        recovery: Recovery,
        watch: StoreWatch,
        taken: Callable[[Sequence[bytes]], Awaitable[None]],
        eager: Callable[[], bool],
        log: logging.Logger,
    ) -> None:
        self._session, self._name, self._folder, self._key = session, name, folder, key
        self._client, self._keeper, self._watch, self._log = client, keeper, watch, log
        self._recovery, self._taken, self._eager = recovery, taken, eager
        self._seq = 0
        self._line: bytes | None = None
        self._epoch = ""
        self._unwritten: list[bytes] = []
        self._writing = asyncio.Lock()
        self._registered, self._register_at, self._heard_at = -1, 0.0, 0.0
        self._disk_refuses = self._gone = self._doubted = False
        self._stream = ledger_stream_key(ledger)
        self._field = recorder_field(session, name)
        self.known = asyncio.Event()
        """Set once it is known what the ledger should hold, or that no recording says so."""
        self.busy_at = time.monotonic()
        """When the last entry came, on the monotonic clock."""

    async def run(self, stop: asyncio.Event) -> None:
        """Records until `stop`, then what is still in the ledger, and signs the head."""
        recorder = await self._open(stop)
        if recorder is None:
            return
        if recorder.notice:
            self._alarm(recorder.notice)
        self._recorder, self._seq, self._line = recorder, recorder.seq, recorder.last_line
        self._keeper.note_read(self._epoch, self._seq)
        self.known.set()
        read_all = asyncio.Event()
        try:
            async with asyncio.TaskGroup() as tasks:
                tasks.create_task(self._write(read_all))
                try:
                    await self._follow(stop)
                finally:
                    read_all.set()  # ends the writer, even where its cancellation would be lost
        finally:
            await asyncio.to_thread(self._close)

    def doubt(self) -> None:
        """The store may hold less than somebody was told: look at it again."""
        self._doubted = True

    async def _open(self, stop: asyncio.Event) -> Recorder | None:
        said = ""
        while not stop.is_set():
            try:
                return await asyncio.to_thread(Recorder, self._folder, self._key)
            except StateError as error:
                if str(error) != said:
                    self._alarm(f"not recorded: {error}")
                    said = str(error)
                self.known.set()  # holds have to end all the same
            await pause(stop, DISK_PAUSE)
        return None

    # ------------------------------------------------------------------------------------------------------- reading

    async def _follow(self, stop: asyncio.Event) -> None:
        backoff = Backoff()
        attached = away = False
        quiet_since = time.monotonic()
        while not stop.is_set():
            try:
                generation = self._watch.generation
                attached = await self._attach(stop)
                if away:
                    self._log.info("%s: the store is back, recording goes on after entry %d", self._session, self._seq)
                away = False
                backoff.reset()
                if not attached:
                    await pause(stop, LOOK_AFTER)
                look_at = time.monotonic() + LOOK_AFTER
                self._doubted = False
                while attached and not self._doubted and generation == self._watch.generation and not stop.is_set():
                    eager = self._eager()
                    read = await self._read(WAIT_MS if eager else 0)
                    now = time.monotonic()
                    if read:
                        quiet_since, look_at = now, now + LOOK_AFTER
                    elif now > look_at:
                        break
                    if eager:
                        await asyncio.sleep(REST if read else 0)
                    elif read < COUNT:
                        quiet = now - quiet_since > QUIET_AFTER
                        await pause(stop, LOOK_EVERY_QUIET if quiet else LOOK_EVERY)
                    while len(self._unwritten) > MOST_UNWRITTEN and not stop.is_set():
                        await pause(stop, WRITE_EVERY)
            except StoreAway as error:
                attached = False
                if not away:
                    self._log.warning("%s: %s", self._session, error.message)
                away = True
                await pause(stop, backoff.next())
            except StateError:  # the writer says it, and tries again
                attached = False
                await pause(stop, DISK_PAUSE)
        if attached:
            with contextlib.suppress(StoreAway, TimeoutError):
                async with asyncio.timeout(DRAIN_SECONDS):
                    while await self._read():
                        pass

    async def _attach(self, stop: asyncio.Event) -> bool:
        """Makes sure that the ledger goes on from what was read. False when there is no ledger (yet, or any more)."""
        facts = await self._keeper.facts()
        if facts is None and self._seq:
            await self._flush()
            if not self._gone and not await self._recovery.begin_again(self._recorder.path):
                self._alarm("the store does not know this session any more; what was recorded of it is kept")
                self._gone = True
            facts = await self._keeper.facts()
        if facts is None:
            return False
        self._gone = False
        if facts.seq >= self._seq and facts.first_seq > self._seq + 1:
            await self._start_anew(
                f"entries {self._seq + 1} to {facts.first_seq - 1} are gone from the store", facts.first_seq
            )
            return True
        sound = facts.seq >= self._seq and (
            self._line is None or facts.first_seq > self._seq or await self._keeper.line(self._seq) == self._line
        )
        if sound and not facts.gate and not facts.claimed:
            self._epoch = facts.epoch
            self._keeper.note_read(self._epoch, self._seq)
            await self._keeper.keep_in_mind()
            return True
        await self._flush()
        anew = await self._recovery.mend(self._recorder.path, self._seq, stop)
        if anew is not None:
            await self._start_anew(anew.reason, anew.first)
        return not stop.is_set()

    async def _read(self, wait_ms: int = 0) -> int:
        """Takes the next entries, COUNT at most, and gives how many there were; waits so long for the first."""
        entries = await tail_read_async(self._client, self._stream, self._seq, wait_ms, count=COUNT)
        if not entries:
            return 0
        first = entries[0][0]
        if first != self._seq + 1:
            await self._start_anew(f"entries {self._seq + 1} to {first - 1} are gone from the store", first)
        lines = [line for _, line in entries]
        self._unwritten += lines
        self._seq, self._line = entries[-1]
        for line in lines:
            self._epoch = epoch_begun_by(line) or self._epoch
        self._keeper.note_read(self._epoch, self._seq)
        await self._taken(lines)
        self.busy_at = time.monotonic()
        return len(entries)

    # ------------------------------------------------------------------------------------------------------- writing

    async def _write(self, read_all: asyncio.Event) -> None:
        last_try = False
        while not last_try:
            last_try = read_all.is_set()
            try:
                await self._flush()
                if self._recorder.head_due:
                    async with self._writing:
                        await asyncio.to_thread(self._recorder.sign)
                self._disk_refuses = False
            except StateError as error:
                if not self._disk_refuses:
                    self._alarm(f"not recorded for now: {error}")
                self._disk_refuses = True
            if last_try or time.monotonic() >= self._register_at:
                await self._register()
            await pause(read_all, DISK_PAUSE if self._disk_refuses else WRITE_EVERY)

    async def _flush(self) -> None:
        """Everything read so far to disk."""
        async with self._writing:
            lines, self._unwritten = self._unwritten, []
            if not lines:
                return
            try:
                await asyncio.to_thread(self._recorder.write, lines)
            except BaseException:
                self._unwritten = lines + self._unwritten
                raise

    async def _register(self) -> None:
        """Tells the store how far the disk has its ledger, and that somebody records it."""
        if self._registered == self._recorder.seq and time.monotonic() < self._heard_at:
            return
        self._register_at = time.monotonic() + REGISTER_EVERY
        with contextlib.suppress(StoreAway):
            await self._keeper.register(self._field, self._recorder.seq)
            self._registered = self._recorder.seq
            self._heard_at = time.monotonic() + HEARD_EVERY

    async def _start_anew(self, reason: str, first: int) -> None:
        """Goes on with the store's entry `first`, in a new file unless nothing was recorded yet."""
        await self._flush()
        if self._recorder.seq:
            old = self._recorder.path
            async with self._writing:
                new = await asyncio.to_thread(self._recorder.start_anew)
            self._alarm(f"{reason}. {old} is kept as it is; recording goes on in {new.name}")
        else:
            self._log.warning("%s: %s; the recording begins with entry %d", self._session, reason, first)
        self._seq, self._line, self._epoch = first - 1, None, ""
        self._keeper.seen.forget()

    def _close(self) -> None:
        try:
            self._recorder.close()
        except StateError as error:
            self._alarm(f"the recording could not be signed at its end: {error}")

    def _alarm(self, text: str) -> None:
        self._log.error("ALARM: %s: %s", self._session, text)
