"""Rooms: the sessions that somebody watches, folded once per process.

A room has one reader. It starts from the engine's full state, then follows the ledger's stream; whoever watches is
called after each batch and reads the fold through a `BoardView`. A room nobody has watched for a while is let go.

The store may go away, be restarted, or come back with less than it had. The reader then marks the room stale, comes back
by itself, compares the last entry it applied with what the ledger says now, and loads the state anew when they differ.
"""

from __future__ import annotations

import logging
import secrets
from collections import Counter
from collections.abc import Callable
from time import monotonic

import gevent
import msgspec
import redis
from gevent.event import Event
from msgspec import Struct

from overlaykit.board import BoardView, Fold
from overlaykit.errors import StoreAway, StoreError
from overlaykit.model.entries import has_type
from overlaykit.stock import SessionRecord, ledger_stream_key
from overlaykit.store import tail_read
from overlaykit.web.rooms.trail import EVERY, Trail
from overlaykit.web.services import Services, close_lone_client
from overlaykit.web.sharing import SharedAnswers
from overlaykit.web.turns import STINT, in_turns

log = logging.getLogger(__name__)

REST = 0.004
"""Seconds the reader rests after a batch: readers that wake at every order take half of the store's throughput."""
BATCH = 1000
BLOCK_MS = 2000
LINGER = 15.0
"""Seconds a room is still followed after its last watcher left."""
FIRST_RETRY, LAST_RETRY = 0.05, 0.5
CURRENT_FOR = 0.25
"""Seconds for which an answer to `current` is kept."""


class _Acted(Struct):
    status: str
    action: str


class _ActedEntry(Struct):
    data: _Acted


_acted = msgspec.json.Decoder(_ActedEntry)


class Room:
    """One followed session. `fold` and `seq` are those of the last batch; everything here runs in one thread.

    stale       the store does not answer: what is shown may be old
    generation  grows whenever the fold was loaded anew, so that a seq of before means nothing any more
    actions     how many actions of rules ended so since the room is followed, by (status, action)
    trail       how the available units of its items went while it is followed
    """

    def __init__(self, record: SessionRecord, services: Services) -> None:
        self.session = record.id
        self.ledger = record.ledger
        self.stale = False
        self.generation = 0
        self.entries_read = 0
        self.actions: Counter[tuple[str, str]] = Counter()
        self.trail = Trail()
        self._services = services
        self._stream = ledger_stream_key(record.ledger)
        self._fold: Fold | None = None
        self._last_line: bytes | None = None
        self._epoch = ""
        self._cut = ""
        self._views: dict[tuple[str | None, str | None], BoardView] = {}
        self._watchers: dict[object, Callable[[], None]] = {}
        self._left_at = monotonic()
        self._reader: gevent.Greenlet | None = None
        self._sampler: gevent.Greenlet | None = None
        self._advanced = Event()

    @property
    def fold(self) -> Fold:
        assert self._fold is not None, "a room is handed out only once it is loaded"
        return self._fold

    @property
    def seq(self) -> int:
        return self.fold.seq

    @property
    def line(self) -> str:
        """Names the line of seqs shown: the session and the ledger's epoch. Within one line a greater seq is newer."""
        return f"{self.session}/{self._epoch}{self._cut}"

    @property
    def watched(self) -> int:
        return len(self._watchers)

    def view(self, channel: str | None = None, region: str | None = None) -> BoardView:
        """The view for a channel or region, the same object until `generation` changes. Raises NotFound."""
        key = (channel, region)
        found = self._views.get(key)
        if found is None:
            found = self._views[key] = BoardView(self.fold, channel=channel, region=region)
        return found

    def subscribe(self, callback: Callable[[], None]) -> Callable[[], None]:
        """`callback` runs in the reader after each batch, and when `stale` or `generation` changes. It must not block.

        Returns the function that ends it.
        """
        key = object()
        self._watchers[key] = callback

        def unsubscribe() -> None:
            if self._watchers.pop(key, None) is not None:
                self._left_at = monotonic()

        return unsubscribe

    def wait_for(self, seq: int, timeout: float = 2.0) -> bool:
        """Waits until the fold has reached `seq`. Returns whether it did."""
        deadline = monotonic() + timeout
        while self.fold.seq < seq:
            self._advanced.clear()
            left = deadline - monotonic()
            if left <= 0 or not self._advanced.wait(left):
                return False
        return True

    def catch_up(self) -> None:
        """Waits until it knows every command that was answered before; while it is stale it cannot. Raises StoreAway."""
        if self.stale:
            return
        head = self._services.engine(self.ledger).resolve_head()
        if head is not None:
            self.wait_for(head.seq)

    def start(self) -> None:
        """Loads the state and starts the reader. Raises StoreAway."""
        self._load()
        self._left_at = monotonic()
        self._reader = gevent.spawn(self._follow)
        self._sampler = gevent.spawn(self._sample)

    def stop(self) -> None:
        gevent.killall([each for each in (self._reader, self._sampler) if each is not None], block=False)

    @property
    def running(self) -> bool:
        return self._reader is not None and not self._reader.dead

    def touch(self) -> None:
        """Somebody looked: the time to linger begins again."""
        self._left_at = monotonic()

    # The reader.

    def _follow(self) -> None:
        client: redis.Redis | None = None
        retry = FIRST_RETRY
        try:
            while self._watchers or monotonic() - self._left_at < LINGER:
                try:
                    client = client or self._services.lone_client()
                    if self.stale:
                        self._resume(client)
                    lines = tail_read(client, self._stream, self.fold.seq, BLOCK_MS, BATCH)
                    if lines:
                        began = monotonic()
                        self._take(lines)
                        gevent.sleep(max(0.0, REST - (monotonic() - began)))
                    retry = FIRST_RETRY
                except Exception as error:
                    if not isinstance(error, StoreError):
                        # A ledger line we cannot fold, say. Nobody may be left watching a reader that died.
                        log.exception("session %s: the reader failed", self.session)
                        self._last_line = None
                    if not self.stale:
                        log.warning("session %s is stale: %s", self.session, error)
                        self.stale = True
                        self._tell()
                    gevent.sleep(retry)
                    retry = min(LAST_RETRY, retry * 2)
        finally:
            if client is not None:
                close_lone_client(client)

    def _sample(self) -> None:
        while self.running:
            try:
                view = self.view()
                items = (view.item(sku) for sku in in_turns(list(self.fold.items)))
                self.trail.take((item.sku, item.available) for item in items if item is not None)
            except Exception:  # the next sample comes all the same
                log.exception("session %s: no sample for the trails", self.session)
            gevent.sleep(EVERY)

    def _take(self, lines: list[tuple[int, bytes]]) -> None:
        fold = self.fold
        stint_ends = monotonic() + STINT
        for seq, line in lines:
            if seq != fold.seq + 1:
                # Entries we have not read were trimmed: only the full state can tell what they did.
                self._load()
                self._tell()
                return
            fold.apply(line)
            self._last_line = line
            self.entries_read += 1
            if has_type(line, "action.done") or has_type(line, "obs.acted"):
                acted = _acted.decode(line).data
                self.actions[acted.status, acted.action] += 1
            if monotonic() >= stint_ends:
                self._tell()
                gevent.sleep(0)
                stint_ends = monotonic() + STINT
        self._tell()

    def _resume(self, client: redis.Redis) -> None:
        """After trouble: goes on only when the ledger still holds, byte for byte, what was applied last."""
        head = self._services.engine(self.ledger).resolve_head()
        if head is None:
            raise StoreAway("数据库里现在没有这一场的账本 / the store does not know this session's ledger now")
        same = False
        if head.epoch == self._epoch and head.seq >= self.fold.seq and self._last_line is not None:
            found = tail_read(client, self._stream, self.fold.seq - 1, 0, 1)
            same = found == [(self.fold.seq, self._last_line)]
        if not same:
            was = self.fold.seq
            self._load()
            if head.seq < was or self._last_line is None:
                # What was shown is no part of this ledger any more: a lesser seq is the newer one now.
                self._cut = f"/{secrets.token_hex(4)}"
        self.stale = False
        self._tell()

    def _load(self) -> None:
        state = self._services.engine(self.ledger).state()
        fold = Fold.from_state(state)
        found = tail_read(self._services.client, self._stream, fold.seq - 1, 0, 1)
        # All at once: others run while the store is asked.
        self._fold, self._epoch = fold, state.epoch
        self._last_line = found[0][1] if found and found[0][0] == fold.seq else None
        self._views.clear()
        self.generation += 1

    def _tell(self) -> None:
        self._services.engine(self.ledger).note_read(self.fold.epoch, self.fold.seq)
        self._advanced.set()
        for callback in list(self._watchers.values()):
            try:
                callback()
            except Exception:  # one watcher must not stop the room
                log.exception("session %s: a watcher failed", self.session)


class Rooms:
    """The rooms of this process, by session id."""

    def __init__(self, services: Services) -> None:
        self._services = services
        self._rooms: dict[str, Room] = {}
        self._starting: SharedAnswers[Room] = SharedAnswers()
        self._records: dict[str, SessionRecord] = {}
        self._current: tuple[float, SessionRecord] | None = None
        self._finding: SharedAnswers[SessionRecord] = SharedAnswers()

    def resolve(self, session: str) -> SessionRecord:
        """The session with this id, or the one that is `current` now. Raises NotFound (listing what exists), StoreAway."""
        if session == "current":
            return self._resolve_current()
        found = self._records.get(session)
        if found is None:
            # Kept for good: a session's id and ledger never change. Its title and status do, so these are read afresh.
            found = self._finding.ask(session, lambda: self._services.directory.get(session))
            self._records[session] = found
        return found

    def _resolve_current(self) -> SessionRecord:
        now = monotonic()
        if self._current is None or self._current[0] < now:
            found = self._finding.ask("current", lambda: self._services.directory.get("current"))
            self._current = (now + CURRENT_FOR, found)
        return self._current[1]

    def get(self, session: str) -> Room:
        """The loaded room of a session id (or `current`), started when need be. Raises NotFound, StoreAway."""
        record = self.resolve(session)
        room = self._rooms.get(record.id)
        if room is None or not room.running:
            room = self._starting.ask(record.id, lambda: self._start(record))
        room.touch()
        return room

    def _start(self, record: SessionRecord) -> Room:
        room = Room(record, self._services)
        room.start()
        self._rooms[record.id] = room
        return room

    def open(self) -> list[Room]:
        """The rooms that are followed now."""
        for id in [id for id, room in self._rooms.items() if not room.running]:
            del self._rooms[id]
        return list(self._rooms.values())

    def stop(self) -> None:
        for room in self._rooms.values():
            room.stop()
