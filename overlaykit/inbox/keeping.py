"""Where messages are kept once they are verified: the inbox of each room, or, in a relay, until a room fetches them."""

from __future__ import annotations

from collections import Counter
from contextlib import suppress
from time import monotonic
from typing import Protocol

import redis

from overlaykit.errors import StoreAway
from overlaykit.inbox.addresses import Recipient
from overlaykit.inbox.sorting import Sorted
from overlaykit.model.wire import Request
from overlaykit.stock import inbox_key
from overlaykit.store import AppTrouble, OddMessage, count_message, note_trouble, put_received

WRITTEN_EVERY = 1.0
"""Seconds between two times at which numbers are written."""


class Keeping(Protocol):
    """Keeps what was received, for good."""

    def keep(self, room: Recipient, told: Sorted, request: Request, excerpt: str) -> bool:
        """What one message told, for a room. False: too much waits, and nothing is kept. Raises StoreAway."""

    def count(self, room: Recipient, *, odd: OddMessage | None = None, **more: int) -> None:
        """Counts of the room's app, such as refused=1, and a message that could not be read. Raises nothing."""

    def note(self, room: Recipient, trouble: AppTrouble) -> None:
        """What is wrong with the app's connector. Raises nothing."""


class StoreKeeping:
    """In the inboxes of the rooms of one store.

    Numbers alone are written once a second: whoever sends thousands of forged messages does not make the store write as often.
    What is not written yet is with the next one, or by `flush`.
    """

    def __init__(self, client: redis.Redis) -> None:
        self._client = client
        self._counted: Counter[tuple[str, str, str]] = Counter()
        self._written = float("-inf")

    def keep(self, room: Recipient, told: Sorted, request: Request, excerpt: str) -> bool:
        key, app = inbox_key(room.ledger), room.app.name
        if told.deliveries and put_received(self._client, key, app, told.deliveries, excerpt=excerpt).full:
            return False
        if told.strangers:
            count_message(self._client, key, app, {"strangers": told.strangers})
        return True

    def count(self, room: Recipient, *, odd: OddMessage | None = None, **more: int) -> None:
        key, app = inbox_key(room.ledger), room.app.name
        if odd is not None:
            with suppress(StoreAway):  # the answer is the same without it
                count_message(self._client, key, app, more, odd=odd)
            return
        for counter, by in more.items():
            self._counted[key, app, counter] += by
        if monotonic() - self._written >= WRITTEN_EVERY:
            self.flush()

    def flush(self) -> None:
        """Writes what was counted; where the store does not answer it is forgotten. Raises nothing."""
        counted, self._counted = self._counted, Counter()
        self._written = monotonic()
        for (key, app, counter), by in counted.items():
            with suppress(StoreAway):
                count_message(self._client, key, app, {counter: by})

    def note(self, room: Recipient, trouble: AppTrouble) -> None:
        with suppress(StoreAway):  # the answer is the same without it
            note_trouble(self._client, inbox_key(room.ledger), room.app.name, trouble)
