"""Where messages are kept once they are verified: the inbox of each room, or, in a relay, until a room fetches them."""

from __future__ import annotations

from contextlib import suppress
from typing import Protocol

import redis

from overlaykit.errors import StoreAway
from overlaykit.inbox.addresses import Recipient
from overlaykit.inbox.sorting import Sorted
from overlaykit.model.wire import Request
from overlaykit.stock import inbox_key
from overlaykit.store import AppTrouble, OddMessage, count_message, note_trouble, put_received


class Keeping(Protocol):
    """Keeps what was received, for good."""

    def keep(self, room: Recipient, told: Sorted, request: Request, excerpt: str) -> bool:
        """What one message told, for a room. False: too much waits, and nothing is kept. Raises StoreAway."""

    def count(self, room: Recipient, *, odd: OddMessage | None = None, **more: int) -> None:
        """Counts of the room's app, such as refused=1, and a message that could not be read. Raises nothing."""

    def note(self, room: Recipient, trouble: AppTrouble) -> None:
        """What is wrong with the app's connector. Raises nothing."""


class StoreKeeping:
    """In the inboxes of the rooms of one store."""

    def __init__(self, client: redis.Redis) -> None:
        self._client = client

    def keep(self, room: Recipient, told: Sorted, request: Request, excerpt: str) -> bool:
        key, app = inbox_key(room.ledger), room.app.name
        if told.deliveries and put_received(self._client, key, app, told.deliveries, excerpt=excerpt).full:
            return False
        if told.strangers:
            count_message(self._client, key, app, strangers=told.strangers)
        return True

    def count(self, room: Recipient, *, odd: OddMessage | None = None, **more: int) -> None:
        with suppress(StoreAway):  # nothing was to be kept but a number
            count_message(self._client, inbox_key(room.ledger), room.app.name, odd=odd, **more)

    def note(self, room: Recipient, trouble: AppTrouble) -> None:
        with suppress(StoreAway):  # the answer is the same without it
            note_trouble(self._client, inbox_key(room.ledger), room.app.name, trouble)
