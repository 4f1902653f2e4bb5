"""Keeps verified messages in the relay's file; those that come at the same time are written at once."""

from __future__ import annotations

import logging
from collections import Counter
from collections.abc import Callable
from functools import partial
from typing import Any, TypeVar

import gevent
from gevent.event import AsyncResult, Event
from gevent.threadpool import ThreadPool

from overlaykit.errors import OverlaykitError
from overlaykit.inbox import Recipient
from overlaykit.inbox.sorting import Sorted
from overlaykit.model.relaying import Relayed
from overlaykit.model.wire import Request
from overlaykit.store import AppTrouble, OddMessage
from overlaykit.web.relay.messages import MessageFile

T = TypeVar("T")

log = logging.getLogger(__name__)


class RelayKeeping:
    """In `messages`, whose calls are made in a thread of their own: the disk must not stop the server.

    arrived   set when something was kept
    """

    def __init__(self, messages: MessageFile) -> None:
        self._messages = messages
        self._pool = ThreadPool(1)
        self._pending: list[tuple[str, Request, Any]] = []
        self._writing = False
        self._told: set[str] = set()
        self.counts: Counter[str] = Counter()
        self.arrived = Event()

    @property
    def waiting(self) -> int:
        return self._messages.waiting

    def keep(self, room: Recipient, told: Sorted, request: Request, excerpt: str) -> bool:
        """The message as it came, when it tells anything. The room reads it once more, by its own plan."""
        if not told.deliveries and not told.strangers:
            return True
        kept: Any = AsyncResult()
        self._pending.append((room.app.name, request, kept))
        if not self._writing:
            self._writing = True
            gevent.spawn(self._write)
        return bool(kept.get())

    def count(self, room: Recipient, *, odd: OddMessage | None = None, **more: int) -> None:
        self.counts.update(more)
        if odd is not None:
            log.warning("%s: a message cannot be read: %s", room.app.name, odd.why)

    def note(self, room: Recipient, trouble: AppTrouble) -> None:
        if trouble.reason not in self._told:
            self._told.add(trouble.reason)
            log.error("%s: %s %s", room.app.name, trouble.reason, trouble.remedy)

    def take(self, most: int, after: int) -> list[Relayed]:
        """The oldest messages. Raises StoreAway."""
        return self._ask(lambda: self._messages.take(most, after))

    def done(self, seqs: tuple[int, ...]) -> None:
        """They are in the room. Raises StoreAway."""
        self._ask(lambda: self._messages.done(seqs))

    def close(self) -> None:
        """Gives the file back."""
        self._ask(self._messages.close)
        self._pool.kill()

    def _write(self) -> None:
        while self._pending:
            batch, self._pending = self._pending, []
            try:
                kept = self._ask(partial(self._messages.put, [(app, request) for app, request, _ in batch]))
            except OverlaykitError as error:
                log.error("ALARM: %s", error)
                for _, _, waiter in batch:
                    waiter.set_exception(error)
            else:
                for (_, _, waiter), fits in zip(batch, kept, strict=True):
                    waiter.set(fits)
                self.arrived.set()
        self._writing = False

    def _ask(self, work: Callable[[], T]) -> T:
        found: T = self._pool.spawn(work).get()
        return found
