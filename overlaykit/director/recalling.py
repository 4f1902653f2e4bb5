"""Tells the desk what rules remember: of its own watcher, while this director leads."""

from __future__ import annotations

import asyncio
from collections.abc import Callable

import msgspec

from overlaykit.errors import StoreAway
from overlaykit.rules import Slot
from overlaykit.store import AsyncStoreClient
from overlaykit.store.recall import answer_recall, recall_questions
from overlaykit.store.waiting import Backoff, pause

WAIT = 30.0
"""Seconds of waiting for a question, at most: the store says at once when there is one."""
LOOK_EVERY = 0.5
"""Seconds between two looks whether this director leads by now."""

_encode = msgspec.json.Encoder().encode


async def tell_what_rules_remember(
    client: AsyncStoreClient,
    key: str,
    recall: Callable[[str, str | None], Slot | None],
    stop: asyncio.Event,
    leads: Callable[[], bool],
) -> None:
    """Until `stop`, while `leads()`; to be cancelled then, since it waits in the store. `recall(rule, sku)`: what is remembered of
    it; None of a rule that there is not."""
    backoff = Backoff()
    while not stop.is_set():
        if not leads():
            await pause(stop, LOOK_EVERY)
            continue
        try:
            asked = await recall_questions(client, key, WAIT)
            # Who leads no more is silent: another knows better by now.
            known = {each.id: recall(each.rule, each.sku) for each in asked if leads()}
            await answer_recall(client, key, {id: _encode(slot) for id, slot in known.items() if slot is not None})
            backoff.reset()
        except StoreAway:  # whoever asks waits no longer than a moment
            await pause(stop, backoff.next())
