"""The way back after a loss: a store that holds less than was recorded, or something else.

Where it was only cut back, the gate is shut, so that no order is decided on less than was promised; the recording's missing
entries are given back to it, byte for byte the same, each at its own seq and time; a new epoch opens the gate. Every
director fills in what it has; the leading one opens. Where the store was written to meanwhile, there are two histories:
the store's goes on, the recorded one is kept, and an alarm says which entries differ. Where it knows nothing of the session any
more, it gets entry 1 with the gate shut, and the rest as after any loss.
"""

from __future__ import annotations

import asyncio
import logging
import secrets
from collections.abc import Iterator
from pathlib import Path
from typing import Any, NamedTuple

from overlaykit.errors import StoreBehind
from overlaykit.recording import first_seq, line_at, lines_after
from overlaykit.stock import Facts, Keeper, SessionDirectory, reapply
from overlaykit.store import Lease
from overlaykit.store.routing import StoreClient
from overlaykit.store.waiting import pause

CHUNK = 5000
"""Entries that are given back between two looks at the stop."""
LOOK_EVERY = 0.5
PATIENCE = 5.0
"""Seconds that a director which does not lead leaves the first step to the one that does."""
SETTLE = 4.0
"""Seconds without a new entry after which the other directors have given back what they have."""
EPOCH_BYTES = 8


class Anew(NamedTuple):
    """The recording cannot go on: why, and the first entry of the new one."""

    reason: str
    first: int


class Recovery:
    """For one recorder of one session. `recorder` is its name among the recorders."""

    def __init__(
        self,
        *,
        session: str,
        recorder: str,
        keeper: Keeper,
        blocking: StoreClient,
        lease: Lease,
        log: logging.Logger,
    ) -> None:
        self._session, self._recorder, self._keeper = session, recorder, keeper
        self._blocking, self._lease, self._log = blocking, lease, log

    async def mend(self, path: Path, seq: int, stop: asyncio.Event) -> Anew | None:
        """Brings the store to where the recording at `path` ends, with entry `seq`, on disk and whole. None when it did, or
        there was nothing to do: the recording goes on. Raises StoreAway."""
        waited, began, said = 0.0, 0, False
        while not stop.is_set():
            facts = await self._keeper.facts()
            if facts is None:
                return None
            common = await self._common(path, seq, facts)
            sound = common >= seq
            if sound and not facts.gate and not facts.claimed:
                return None
            if not sound and common in facts.intact.values():
                return self._other_history(path, facts, common, seq)  # another director has seen to the store
            filling = not sound and common == facts.seq and facts.gate
            if not self._lease.held and not filling and waited < PATIENCE:
                waited += LOOK_EVERY
                await pause(stop, LOOK_EVERY)
                continue
            try:
                if not facts.gate:
                    if not said:
                        self._alarm(
                            f"the store came back with {facts.seq} entries; {seq} were recorded, and {facts.claimed or seq} "
                            "known. No order is decided until it is whole again"
                        )
                    said = True
                    await self._keeper.shut_gate()
                elif sound:
                    await self._open(facts, seq, began, stop)
                elif not _reaches(path, facts.seq):
                    if await self._resume(facts, facts.seq, {"lost": _range(facts.seq + 1, max(seq, facts.claimed))}):
                        return self._other_history(path, facts, common, seq)
                elif filling:
                    began = began or facts.seq + 1
                    await self._fill(path, facts.seq, seq, stop)
                else:
                    data = {"conflict": _range(common + 1, seq), "lost": _range(seq + 1, facts.claimed)}
                    if await self._resume(facts, common, data):
                        return self._other_history(path, facts, common, seq)
            except StoreBehind:
                await pause(stop, LOOK_EVERY)  # another director is at it; look again where the ledger stands
        return None

    async def begin_again(self, path: Path) -> bool:
        """The store knows nothing of this session: gives it the beginning of the recording at `path`, with the gate shut, for
        `mend` to go on. False when the recording does not reach back to entry 1. Raises StoreAway."""
        line = line_at(path, 1) if _reaches(path, 0) else None
        if line is None:
            return False
        self._alarm(
            f"the store knows nothing of this session any more. It is given back from {path}; until then no order "
            "is decided"
        )
        await self._keeper.begin_again(line)
        await asyncio.to_thread(SessionDirectory(self._blocking).add, self._session, self._keeper.ledger)
        return True

    # ------------------------------------------------------------------------------------------------------- comparing

    async def _common(self, path: Path, seq: int, facts: Facts) -> int:
        """The last entry that store and recording have in common, as far as both go."""
        if not seq or not _reaches(path, facts.seq):
            return min(seq, facts.seq)
        low, high = max(facts.first_seq, first_seq(path)), min(facts.seq, seq)
        if low > high:  # the store's are trimmed
            return high
        if await self._same(path, high):
            return high
        if not await self._same(path, low):
            return low - 1
        while high - low > 1:  # the same at `low`, different at `high`
            middle = (low + high) // 2
            low, high = (middle, high) if await self._same(path, middle) else (low, middle)
        return low

    async def _same(self, path: Path, seq: int) -> bool:
        return await self._keeper.line(seq) == line_at(path, seq)

    # --------------------------------------------------------------------------------------------------------- mending

    async def _fill(self, path: Path, after: int, seq: int, stop: asyncio.Event) -> None:
        """Gives the store the recorded entries after `after`. Stops where it makes something else of them."""
        for chunk in _chunks(lines_after(path, after)):
            written = await asyncio.to_thread(reapply, self._blocking, self._keeper.ledger, chunk, into_gap=True)
            if written[: len(chunk)] != chunk:
                self._alarm("an entry that was given back from the recording came out different")
                return
            if stop.is_set():
                return
        self._log.warning("%s: entries %d to %d are given back from %s", self._session, after + 1, seq, path)

    async def _open(self, facts: Facts, seq: int, began: int, stop: asyncio.Event) -> None:
        """Waits until no other director gives anything back, then opens the gate."""
        # When the others were heard last says nothing here: it is as old as the store's copy.
        if any(each.name != self._recorder for each in await self._keeper.recorders()):
            await pause(stop, SETTLE)
        # Between the loss and the shutting of the gate entries may have been written where the lost ones stood.
        sure = max(seq, facts.stood) if facts.claimed else facts.gate_at
        intact = facts.seq if sure >= facts.gate_at else sure
        lost = _range(intact + 1, facts.claimed)
        given_back = _range(began, seq) if began else None
        if await self._resume(facts, intact, {"given_back": given_back, "lost": lost}):
            if lost is not None:
                self._alarm(
                    f"entries {lost['from']} to {lost['to']} had been answered and are in no recording here: they are lost. "
                    "Whoever sent them has to send them again, with the same ids; ask the platforms again"
                )
            self._log.warning("%s: the store is whole again, and orders are decided", self._session)

    async def _resume(self, facts: Facts, intact: int, data: dict[str, Any]) -> bool:
        return await self._keeper.resume(facts.seq, secrets.token_hex(EPOCH_BYTES), intact, data)

    def _other_history(self, path: Path, facts: Facts, common: int, seq: int) -> Anew:
        if not _reaches(path, facts.seq):
            return Anew(f"the store came back with {facts.seq} entries; {seq} were recorded", facts.first_seq)
        return Anew(
            f"the store's history is another one from entry {common + 1} on: it was cut back, and written to afterwards. "
            f"Entries {common + 1} to {seq}, as recorded, are not in it",
            facts.first_seq,
        )

    def _alarm(self, text: str) -> None:
        self._log.error("ALARM: %s: %s", self._session, text)


def _reaches(path: Path, seq: int) -> bool:
    """Whether the recording holds what follows entry `seq`."""
    return 0 < first_seq(path) <= seq + 1


def _chunks(lines: Iterator[bytes]) -> Iterator[list[bytes]]:
    """CHUNK lines each, and the outputs that follow from the last of them: an output ends with its cause."""
    chunk: list[bytes] = []
    for line in lines:
        if len(chunk) >= CHUNK and line.endswith(b"}}"):
            yield chunk
            chunk = []
        chunk.append(line)
    if chunk:
        yield chunk


def _range(first: int, last: int) -> dict[str, int] | None:
    return {"from": first, "to": last} if first <= last else None
