"""What the gateway has to say to the ledger, said until it is there: notes with ids, so that none is there twice."""

from __future__ import annotations

import asyncio
import logging
from collections.abc import Sequence
from hashlib import blake2b

from overlaykit.errors import NotFound, StoreAway, StoreError
from overlaykit.model.notes import NoteAnswer, Noted
from overlaykit.stock import Keeper
from overlaykit.store.waiting import Backoff, pause

REFUSED_PAUSE = 1.0


class Speaker:
    """Writes notes of one ledger."""

    def __init__(self, keeper: Keeper, session: str, log: logging.Logger) -> None:
        self._keeper, self._session, self._log = keeper, session, log
        self._said = ""

    async def say(self, notes: Sequence[Noted], stop: asyncio.Event) -> list[NoteAnswer] | None:
        """Writes them, waiting for a store that is away or shut. None when `stop` came first: then nobody knows whether they
        are there, and to write them again, with the same ids, is right."""
        backoff = Backoff()
        while True:
            try:
                answers = await self._keeper.note(notes, None)
            except StoreAway as error:
                self._tell(error.message)
                if await pause(stop, backoff.next()):
                    return None
            except (StoreError, NotFound) as error:
                self._tell(error.message)
                if await pause(stop, REFUSED_PAUSE):
                    return None
            else:
                self._said = ""
                for noted, answer in zip(notes, answers, strict=True):
                    if answer.status == "conflict":
                        self._log.error("ALARM: %s: a command has the id %s of a note", self._session, noted.id)
                return answers

    def _tell(self, text: str) -> None:
        if text != self._said:
            self._log.warning("%s: the ledger is not told for now: %s", self._session, text)
        self._said = text


def note_id(kind: str, *parts: object) -> str:
    """An id that is the same for the same parts, short whatever they are."""
    text = "\0".join(map(str, parts))
    return f"{kind}-{blake2b(text.encode('utf-8', 'surrogatepass'), digest_size=16).hexdigest()}"
