"""The running audit: every few seconds the leading director compares what the store says with what its entries say, and looks
whether the numbers agree with each other. A number that cannot be right must not be shown as if it were: the session is
frozen, and an alarm names the entry that changed it last.

All orders are never read here; `overlaykit session audit` does that.
"""

from __future__ import annotations

import asyncio
import logging
import time
from collections import deque
from collections.abc import Sequence
from itertools import chain
from typing import NamedTuple

from overlaykit.board import Fold
from overlaykit.errors import NotFound, StoreError
from overlaykit.model.commands import SessionFreeze, Submission
from overlaykit.model.state import ShownUnits, State
from overlaykit.recording import disagreements, seq_of
from overlaykit.stock import Auditor, Keeper, check_items, last_touch
from overlaykit.store import Lease
from overlaykit.store.routing import StoreClient
from overlaykit.store.waiting import pause

EVERY = 5.0
"""Seconds between two looks, at the least."""
SHARE = 0.05
"""Of the time, that looks may take: with ten thousand items they are rarer."""
QUIET_SHARE = 0.005
"""The same while no entry comes: what agreed after the last one can be wrong now only if somebody changed the store by hand."""
MOST_WAITING = 25_000
"""Entries read since the last look, above which the comparison begins anew: in a rush the recorder needs the time."""
PAUSE_AFTER_FAILURE = 60.0
CATCH_UP = 3.0
"""Seconds that the reader of the ledger has to come to where the store stood."""
SOURCE = "rule:audit"


class Finding(NamedTuple):
    """Something wrong: the sku ("" for the session) and place it is about, and what, in words."""

    sku: str
    place: str
    text: str


class RunningAudit:
    """For one session, while the lease is held. `take` is given every line that is read of the ledger."""

    def __init__(self, keeper: Keeper, blocking: StoreClient, lease: Lease, session: str, log: logging.Logger) -> None:
        self._keeper, self._lease, self._session, self._log = keeper, lease, session, log
        self._auditor = Auditor(blocking, keeper.ledger)
        self._fold: Fold | None = None
        self._read: deque[tuple[int, bytes]] = deque()
        self._next = 0
        self._touched: list[bytes] = []
        self._breaks = 0  # how often what is read ceased to follow on what was read before
        self._said: set[Finding] = set()

    def take(self, lines: Sequence[bytes]) -> None:
        """The next lines of the ledger."""
        first = seq_of(lines[0])
        if first != self._next:
            self._fold = None  # another history, or some were passed over
            self._breaks += 1
        self._next = first + len(lines)
        if self._lease.held and len(self._read) + len(lines) <= MOST_WAITING:
            self._read.extend(enumerate(lines, first))
        else:
            self._read.clear()
            self._next = 0
            self._breaks += 1

    async def run(self, stop: asyncio.Event) -> None:
        """Looks every few seconds until `stop`."""
        ended, took, stood = 0.0, 0.0, (-1, -1)
        while not await pause(stop, EVERY):
            quiet = stood == (self._next, self._breaks)
            began = time.monotonic()
            if not self._lease.held or began < ended + took / (QUIET_SHARE if quiet else SHARE):
                continue
            stood = (self._next, self._breaks)
            try:
                await self.look()
            except (StoreError, NotFound):
                pass  # the clock says so
            except Exception:  # selling goes on without an audit
                self._log.exception("ALARM: %s: the audit failed", self._session)
                began -= PAUSE_AFTER_FAILURE * SHARE
                stood = (-1, -1)
            ended = time.monotonic()
            took = ended - began

    async def look(self) -> list[Finding]:
        """One look; gives what is wrong. Raises StoreError, NotFound."""
        state = await asyncio.to_thread(self._auditor.state)
        patience = asyncio.get_running_loop().time() + CATCH_UP
        stop = asyncio.Event()
        while self._lags(state.seq) and asyncio.get_running_loop().time() < patience:
            await pause(stop, 0.05)
        fold, self._fold, breaks = self._fold, None, self._breaks
        lines: list[bytes] = []
        while self._read and self._read[0][0] <= state.seq:
            seq, line = self._read.popleft()
            if fold is not None and seq > fold.seq + len(lines) + 1:
                fold, lines = None, []
            elif fold is not None and seq == fold.seq + len(lines) + 1:
                lines.append(line)
        found, fold = await asyncio.to_thread(_compare, fold, lines, state)
        self._fold = fold if breaks == self._breaks else None  # else what comes next does not follow on it
        self._touched = lines
        fresh = [finding for finding in found if finding not in self._said]
        if fresh:
            await self._alarm(state, fresh)
        self._said = set(found)
        return found

    def _lags(self, seq: int) -> bool:
        """Whether there are entries up to `seq` that have to be read before anything can be compared."""
        return self._fold is not None and self._fold.seq < seq and self._next <= seq

    async def _alarm(self, state: State, found: list[Finding]) -> None:
        words = "; ".join(finding.text for finding in found[:5])
        more = f" (and {len(found) - 5} more)" if len(found) > 5 else ""
        touches = await asyncio.to_thread(self._last_touches, state, found[:5])
        self._log.error(
            "ALARM: %s: at entry %d numbers disagree: %s%s. Changed last by %s. The numbers shown are frozen; "
            "`overlaykit session audit %s` says more, session.thaw shows them again",
            *(self._session, state.seq, words, more, touches, self._session),
        )
        if state.status == "live":
            freeze = SessionFreeze(reason=f"audit: {words}"[:500])
            await self._keeper.submit([Submission(f"audit-{state.seq}", freeze, SOURCE)])

    def _last_touches(self, state: State, found: list[Finding]) -> str:
        named: dict[str, None] = {}
        for finding in found:
            if finding.sku:
                lines = chain(reversed(self._touched), self._auditor.lines_back(state.seq))
                named[str(last_touch(lines, finding.sku, finding.place) or "an entry that the store holds no more")] = (
                    None
                )
        return ", ".join(named) or f"entry {state.seq} or one before"


def _compare(fold: Fold | None, lines: Sequence[bytes], state: State) -> tuple[list[Finding], Fold]:
    """What is wrong with a state, and the fold to go on with: `fold` and `lines`, which follow on it, if they agree with it."""
    found = [Finding(each.sku, each.place, str(each)) for each in check_items(units_of(state))]
    if fold is not None:
        for line in lines:
            try:
                fold.apply(line)
            except Exception as error:  # whatever it is, the pages that fold the same entry stand still now
                found.append(Finding("", "", f"entry {seq_of(line)} cannot be folded ({error!r})"))
                return found, Fold.from_state(state)
        if fold.seq < state.seq:
            return found, fold  # the reader has not come so far yet
        if fold.seq == state.seq:
            differ = disagreements(fold, state)
            found += [Finding(sku, "", f"{sku or 'the session'}: {what}") for sku, what in differ]
            if not differ:
                return found, fold
    return found, Fold.from_state(state)  # what differed is said once; from here on they have to agree again


def units_of(state: State) -> dict[str, ShownUnits]:
    """The units of each item."""
    return {sku: item.units for sku, item in state.items.items()}
