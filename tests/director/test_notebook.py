"""Notes reach the ledger in order, and those that another director made needless do not."""

from __future__ import annotations

import asyncio
import logging
from collections.abc import Sequence
from typing import Any, cast

from overlaykit.director.notebook import Notebook
from overlaykit.model.notes import NoteAnswer, Noted, RuleFired
from overlaykit.stock.notes import encode_note
from overlaykit.store import LeaseLost


class Leads:
    """A lease that is held under `token`; 0: it is not."""

    def __init__(self) -> None:
        self.given = 1

    @property
    def token(self) -> int:
        if not self.given:
            raise LeaseLost("another leads")
        return self.given


class Ledger:
    """Takes notes down, by their ids."""

    def __init__(self) -> None:
        self.ids: list[str] = []

    async def note(self, notes: Sequence[Noted], token: int | None) -> list[NoteAnswer]:
        for each in notes:
            encode_note(each, token)
        self.ids += [each.id for each in notes]
        return [NoteAnswer("accepted", len(self.ids)) for _ in notes]


def note(id: str) -> Noted:
    return Noted(id, RuleFired(rule="last-50", key=id), "rule:last-50", 1)


def written(*tokens: int) -> list[str]:
    """What is written of a note that waits while the lease is away, and of one that is put when it is back under each token."""
    lease, ledger = Leads(), Ledger()

    async def go() -> None:
        book = Notebook(cast(Any, ledger), cast(Any, lease), "room", logging.getLogger("test"))
        stop = asyncio.Event()
        running = asyncio.create_task(book.run(stop))
        book.lead()
        book.put([note("first")])
        while ledger.ids != ["first"]:
            await asyncio.sleep(0)
        lease.given = 0
        book.put([note("waits")])
        for token in tokens:
            lease.given = token
            book.lead()
            book.put([note(f"under-{token}")])
        stop.set()
        await running

    asyncio.run(go())
    return ledger.ids


def test_what_waited_is_written_when_nobody_else_led() -> None:
    assert written(2) == ["first", "waits", "under-2"]


def test_what_waited_is_let_go_when_another_led_and_what_is_new_is_written() -> None:
    assert written(3) == ["first", "under-3"]


def test_a_note_that_can_never_be_written_is_left_out_and_said_and_the_others_are_written() -> None:
    ledger, said = Ledger(), []
    log = logging.Logger("notebook")
    handler = logging.Handler()
    handler.emit = lambda record: said.append(record.getMessage())  # type: ignore[method-assign]
    log.addHandler(handler)

    async def go() -> None:
        book = Notebook(cast(Any, ledger), cast(Any, Leads()), "room", log)
        stop = asyncio.Event()
        running = asyncio.create_task(book.run(stop))
        book.put([note("first"), Noted("bad", RuleFired(rule="x" * 500, key="k"), "rule:x"), note("last")])
        async with asyncio.timeout(10):
            while len(ledger.ids) < 2:
                await asyncio.sleep(0)
        stop.set()
        await running

    asyncio.run(go())
    assert ledger.ids == ["first", "last"]
    (alarm,) = said
    assert alarm.startswith("ALARM: room: bad of rule:x is left out")
