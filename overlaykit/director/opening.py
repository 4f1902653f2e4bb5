"""How a stage begins: from its checkpoint, from the ledger's first entry, or from what the store says now."""

from __future__ import annotations

import asyncio
import logging
import time
from functools import partial
from typing import NamedTuple

from overlaykit.board import Fold
from overlaykit.director.checkpoint import digest, read_checkpoint, rules_digest
from overlaykit.director.equipment import Equipment
from overlaykit.director.runs import Runs
from overlaykit.director.stage import NAME, Stage
from overlaykit.director.watch import StoreWatch
from overlaykit.errors import NotFound
from overlaykit.model.entries import time_of
from overlaykit.model.state import State
from overlaykit.rules import Memory
from overlaykit.stock import Auditor, Keeper, SessionDirectory, fold_key
from overlaykit.stock.directory import CURRENT
from overlaykit.store import AsyncStoreClient, Lease
from overlaykit.store.routing import StoreClient

READ_WHOLE = 50_000
"""Entries up to which a ledger without a checkpoint is read from its beginning, so that nothing in it was missed."""


class _Start(NamedTuple):
    fold: Fold
    memory: Memory | None
    runs: Runs
    line: bytes
    at_ms: int


async def open_stage(
    *,
    session: str,
    keeper: Keeper,
    client: AsyncStoreClient,
    blocking: StoreClient,
    lease: Lease,
    watch: StoreWatch,
    equipment: Equipment,
    log: logging.Logger,
) -> Stage:
    """The stage of a session, up to where its ledger stands. Raises StoreAway, AnotherHistory, and NotFound without a ledger."""
    state = await asyncio.to_thread(Auditor(blocking, keeper.ledger).state)
    plan = rules_digest(state.plan)
    start = await _from_checkpoint(keeper, client, state, plan) or await _from_beginning(keeper, state)
    if start is None:
        start = await _from_state(keeper, state)
        if state.plan.acts:
            log.info("%s: rules look from entry %d on: what was crossed before, they do not know", session, state.seq)
    stage = Stage(
        session=session,
        keeper=keeper,
        client=client,
        lease=lease,
        watch=watch,
        equipment=equipment,
        fold=start.fold,
        memory=start.memory,
        runs=start.runs,
        line=start.line,
        at_ms=start.at_ms,
        plan=plan,
        is_current=partial(asyncio.to_thread, _is_current, blocking, session),
        log=log,
    )
    await stage.catch_up()
    return stage


def _is_current(client: StoreClient, session: str) -> bool:
    return SessionDirectory(client).get(CURRENT).id == session


async def _from_checkpoint(keeper: Keeper, client: AsyncStoreClient, state: State, plan: bytes) -> _Start | None:
    """None where there is none, or it is of another plan or history."""
    kept = await read_checkpoint(client, fold_key(keeper.ledger, NAME))
    if kept is None or kept.plan != plan or kept.state.seq > state.seq:
        return None
    line = await keeper.line(kept.state.seq)
    if line is None or digest(line) != kept.line:
        return None
    return _Start(Fold.from_state(kept.state), kept.memory, Runs(kept.runs), line, time_of(line))


async def _from_beginning(keeper: Keeper, state: State) -> _Start | None:
    line = await keeper.line(1) if state.seq <= READ_WHOLE else None
    return None if line is None else _Start(Fold.from_first_entry(line), None, Runs(), line, time_of(line))


async def _from_state(keeper: Keeper, state: State) -> _Start:
    line = await keeper.line(state.seq)
    if line is None:
        raise NotFound("the ledger's last entry is gone")
    return _Start(Fold.from_state(state), None, Runs(), line, round(time.time() * 1000))
