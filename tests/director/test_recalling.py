"""What rules remember is told by the director that leads, and by no other."""

from __future__ import annotations

import asyncio
import json
from contextlib import closing

import pytest

from overlaykit.director.recalling import tell_what_rules_remember
from overlaykit.rules import Slot
from overlaykit.stock import recall_key
from overlaykit.store import connect, connect_async
from overlaykit.store.recall import ask_recall, read_recall
from tests.conftest import StoreServer

pytestmark = pytest.mark.store


async def told(store: StoreServer, key: str, *, leads: list[bool], until: str) -> None:
    """Tells what its rules remember, that each fired once, until the store has no question, or the answer to `until`. `leads`: what
    it hears when it looks whether it leads, the last from then on."""
    stop = asyncio.Event()

    def still() -> bool:
        return leads.pop(0) if len(leads) > 1 else leads[0]

    async with connect_async(store.url) as client:
        telling = asyncio.create_task(
            tell_what_rules_remember(client, key, lambda rule, sku: Slot(times=1), stop, still)
        )
        while await client.exists(f"{key}:asked") or (leads[0] and not await client.exists(f"{key}:{until}")):
            await asyncio.sleep(0.01)
        stop.set()
        if leads[0]:  # it waits in the store for the next
            telling.cancel()
        await asyncio.wait([telling])


def test_who_leads_answers_and_who_led_until_a_moment_ago_does_not(store: StoreServer, ledger: str) -> None:
    key = recall_key(ledger)
    with closing(connect(store.url)) as client:
        asked = ask_recall(client, key, "last-50", "A")
        asyncio.run(told(store, key, leads=[True], until=asked))
        assert json.loads(read_recall(client, key, asked) or b"")["times"] == 1
        asked = ask_recall(client, key, "last-50", "A")
        asyncio.run(told(store, key, leads=[True, False], until=asked))
        assert read_recall(client, key, asked) is None
