"""Rules at work in one session: entries become firings, firings become notes, notes become actions.

Every director folds and watches; the one that leads notes and performs. What fires follows from the ledger, and a firing is the
entry `rule.fired`, which there is once: whoever takes over finds in the ledger what was begun, and what was not.
"""

from __future__ import annotations

import asyncio
import contextlib
import logging
import time
from collections.abc import Awaitable, Callable, Mapping, Sequence
from functools import partial
from typing import Any

from overlaykit.board import Fold
from overlaykit.director.checkpoint import VERSION, Checkpoint, digest, write_checkpoint
from overlaykit.director.decisions import Decisions
from overlaykit.director.equipment import Equipment
from overlaykit.director.glances import Glances
from overlaykit.director.instances import Instances
from overlaykit.director.notebook import Notebook
from overlaykit.director.overlays import OverlayWatch
from overlaykit.director.pace import PaceKeeper
from overlaykit.director.performance import Performance, Surroundings
from overlaykit.director.recalling import tell_what_rules_remember
from overlaykit.director.runner import Runner
from overlaykit.director.runs import DESK, Runs
from overlaykit.director.watch import StoreWatch
from overlaykit.errors import NotFound, StoreAway, UserError
from overlaykit.model.entries import time_of
from overlaykit.model.notes import (
    ActionDone,
    AlertRaised,
    AnyNote,
    NoteAnswer,
    Noted,
    ObsActed,
    RuleFired,
    RuleSkipped,
    TaskOpened,
)
from overlaykit.model.performing import ObsHandle, Occasion
from overlaykit.recording import seq_of
from overlaykit.rules import STORM_FIRINGS, STORM_MS, Decision, Firing, Memory, RuleBook, Watcher
from overlaykit.rules.book import LATE_MS
from overlaykit.rules.expressions import fill_in
from overlaykit.stock import (
    Keeper,
    decisions_key,
    fold_key,
    glances_key,
    ledger_stream_key,
    outbox_key,
    overlays_key,
    recall_key,
)
from overlaykit.store import AsyncStoreClient, Lease, Outbox, list_overlays_async
from overlaykit.store.tail import tail_read_async
from overlaykit.store.waiting import pause
from overlaykit.words import Words, words_in

TICK = 0.1
"""Seconds between two looks at the time."""
LOOK_EVERY = 0.1
"""Seconds between two looks whether we lead."""
LET_GO_AFTER = 15.0
"""Seconds after the end of a session in which it still has its OBS."""
SLICE = 0.002
"""Seconds of folding after which others have their turn."""
CHECKPOINT_EVERY = 10.0
CHECKPOINT_SHARE = 0.01
"""Of the time, that making checkpoints may take."""
COUNT = 1000
OFFERED = 500
"""Firings that wait for the ledger at a time; the next ones wait for these."""
NAME = "rules"


class AnotherHistory(Exception):
    """The ledger goes on otherwise than it was read: begin anew."""


class Stage:
    """One session's rules. Made by `opening.open_stage`; `take` is given every line that the reader of the ledger reads.

    fold, memory, runs   how things stood after the entry whose line is `line`, `at_ms`
    plan                 digest of what the plan says of rules
    is_current           asks whether this session is the current one
    """

    def __init__(
        self,
        *,
        session: str,
        keeper: Keeper,
        client: AsyncStoreClient,
        lease: Lease,
        watch: StoreWatch,
        equipment: Equipment,
        fold: Fold,
        memory: Memory | None,
        runs: Runs,
        line: bytes,
        at_ms: int,
        plan: bytes,
        is_current: Callable[[], Awaitable[bool]],
        log: logging.Logger,
    ) -> None:
        self._session, self._keeper, self._client, self._lease, self._watch = session, keeper, client, lease, watch
        self._log, self._line, self._plan = log, line, plan
        self.fold = fold
        self._book = RuleBook(fold.plan)
        self._decisions = Decisions(client, decisions_key(keeper.ledger))
        self._watcher = Watcher(self._book, fold, memory, told=self._hear)
        self._pace = PaceKeeper(fold, at_ms)
        self._runs = runs
        self._expected: int | None = None
        self._failure: Exception | None = None
        self._reading = asyncio.Lock()
        self._performing = False
        self._led_from = 0
        self._over_at: float | None = None
        self._obs_is_let_go = False
        self._put: set[str] = set()
        self._notebook = Notebook(keeper, lease, session, log, told=self._told)
        self._instances = Instances(fold.plan, equipment, self._render_text, self._say, log)
        self._overlays = OverlayWatch(
            session,
            pages=partial(list_overlays_async, client, overlays_key(keeper.ledger)),
            obs=self._instances.controllers,
            is_current=is_current,
            note=self._notebook.put,
            log=log,
        )
        self._glances = Glances(client, glances_key(keeper.ledger), self._instances.controllers, self.now_ms)
        self._surroundings = Surroundings(
            plan=lambda: fold.plan,
            keeper=keeper,
            outbox=Outbox(client, outbox_key(keeper.ledger)),
            connectors=equipment.connectors,
            obs=self._obs,
            render=self._render,
            note=self.note,
            now_ms=self.now_ms,
        )
        self._runner = Runner(self, equipment.actions, log)
        self._stream = ledger_stream_key(keeper.ledger)

    @property
    def waits(self) -> bool:
        """Whether entries should come as they are written: there is something to do with them."""
        return self._failure is None and self.fold.plan.acts

    # ------------------------------------------------------------------------------------------------------- following

    async def catch_up(self) -> None:
        """Reads what the ledger holds beyond. Raises StoreAway, AnotherHistory."""
        while await self._read_on(None):
            pass

    async def take(self, lines: Sequence[bytes]) -> None:
        """The next lines of the ledger, as its reader reads them. What goes wrong ends `run`, and not the reader."""
        if self._failure is None:
            try:
                async with self._reading:
                    await self._take(lines)
            except Exception as error:
                self._failure = error

    async def _take(self, lines: Sequence[bytes]) -> None:
        first = seq_of(lines[0])
        if self._expected is not None and first != self._expected:
            raise AnotherHistory(f"entry {first} was read after entry {self._expected - 1}")
        self._expected = first + len(lines)
        await self._read_up_to(first - 1)
        await self._fold_in(lines[max(0, self.fold.seq + 1 - first) :])

    async def _read_up_to(self, seq: int) -> None:
        while self.fold.seq < seq:
            if not await self._read_on(seq):
                raise AnotherHistory(f"entries after {self.fold.seq} are gone from the store")

    async def _read_on(self, until: int | None) -> int:
        count = COUNT if until is None else min(COUNT, until - self.fold.seq)
        found = await tail_read_async(self._client, self._stream, self.fold.seq, count=count)
        if found and found[0][0] != self.fold.seq + 1:
            raise AnotherHistory(f"entries after {self.fold.seq} are gone from the store")
        await self._fold_in([line for _, line in found])
        return len(found)

    async def _fold_in(self, lines: Sequence[bytes]) -> None:
        began = time.perf_counter()
        for line in lines:
            fired = self._watcher.apply(line)
            self._pace.entry(time_of(line))
            step = self._runs.take(line)
            self._line = line
            if self._performing and step is not None:
                if step.result is not None:
                    self._runner.hear(step.run, step.result)
                else:
                    self._runner.begin(step.run)
            if self._performing:
                self._overlays.take(line)
            if fired:
                self._offer()
            if time.perf_counter() - began > SLICE:
                await asyncio.sleep(0)
                began = time.perf_counter()
        if lines:
            self._instances.board_changed()

    # ------------------------------------------------------------------------------------------------------------ leading

    async def run(self, stop: asyncio.Event) -> None:
        """Until `stop`. Raises what goes wrong in it."""
        ended = asyncio.Event()
        telling: asyncio.Task[None] | None = None
        try:
            async with asyncio.TaskGroup() as tasks:
                tasks.create_task(self._notebook.run(ended))
                tasks.create_task(self._instances.run(ended))
                tasks.create_task(self._overlays.run(ended, self.leads))
                tasks.create_task(self._glances.run(ended, self.leads))
                tasks.create_task(self._keep_checkpoints(ended))
                tasks.create_task(self._decisions.run(ended, self.leads))
                if self._book.per_item or self._book.of_room:
                    recall, key = self._watcher.recall, recall_key(self._keeper.ledger)
                    telling = tasks.create_task(tell_what_rules_remember(self._client, key, recall, ended, self.leads))
                tasks.create_task(self._tick(ended))
                try:
                    await self._lead(stop)
                finally:
                    ended.set()
                    if telling is not None:
                        telling.cancel()
        except ExceptionGroup as group:
            raise group.exceptions[0] from None

    async def _lead(self, stop: asyncio.Event) -> None:
        try:
            while not await pause(stop, LOOK_EVERY):
                if self._failure is not None:
                    raise self._failure
                if self._lease.held and not self._performing:
                    with contextlib.suppress(StoreAway, NotFound):  # it is tried again
                        await self._begin_to_lead(stop)
                elif self._performing and not self._lease.held:
                    await self._stand_by()
                elif self._performing and self.fold.status == "closed":
                    await self._let_go()
        finally:
            await self._stand_by()

    async def _begin_to_lead(self, stop: asyncio.Event) -> None:
        head = await self._keeper.resolve_head()
        if head is None:
            return
        async with self._reading:  # an entry that was read before this stage was there is given to nobody
            await self._read_up_to(head.seq)
        if not self._lease.held or self._failure is not None or stop.is_set():
            return
        self._notebook.lead()
        self._led_from, self._performing = self.fold.seq, True
        self._put.clear()
        self._obs_is_let_go = False
        if self.fold.status != "closed":
            self._instances.start(self.fold.direction.obs)
        for run in self._runs:
            self._runner.begin(run, resumed=run.seq <= self._led_from)
        self._offer()

    async def _stand_by(self) -> None:
        self._performing = False
        await self._runner.rest()
        await self._instances.rest()

    async def _let_go(self) -> None:
        """The session is over: once what its end set off is done, OBS belongs to whoever comes next."""
        if self._over_at is None:
            self._over_at = time.monotonic()
        waits = self._instances.controllers and time.monotonic() - self._over_at <= LET_GO_AFTER
        if not waits and not self._obs_is_let_go:
            self._obs_is_let_go = True
            await self._instances.let_go(self.fold.direction.obs)

    async def _tick(self, stop: asyncio.Event) -> None:
        while not await pause(stop, TICK):
            now = self._watch.now_ms
            if now is None or self.fold.suspended:
                continue
            self._watcher.tick(now)
            self._offer()
            if self._performing and (said := self._pace.due(now)) is not None:
                self._notebook.put([said])

    # ------------------------------------------------------------------------------------------------------------- firing

    def _offer(self) -> None:
        """Has the firings noted of which the ledger says nothing yet: one that is too late as skipped."""
        if not self._performing:
            return
        now, notes = self.now_ms(), []
        pending = self._watcher.pending(OFFERED)
        for firing in pending:
            if firing.id not in self._put:
                if firing.late(now):
                    self._decisions.too_late(firing)
                notes.append(Noted(firing.id, _note_of(firing, now), f"rule:{firing.rule}", firing.cause))
        self._put = {firing.id for firing in pending}
        self._notebook.put(notes)

    def _hear(self, decision: Decision) -> None:
        """Shows it; a rule that goes round in a circle is put before a person."""
        self._decisions.hear(decision)
        if decision.held == "storm" and self._performing:
            rule, window = decision.rule, decision.at_ms // STORM_MS
            task = TaskOpened(
                task=f"storm-{rule}",
                kind="storm",
                params={"rule": rule, "times": STORM_FIRINGS, "seconds": STORM_MS // 1000},
                level="urgent",
                sku=decision.sku,
            )
            self._notebook.put([Noted(f"storm-{rule}-{window}", task, f"rule:{rule}", decision.seq)])

    def _told(self, noted: Noted, answer: NoteAnswer) -> None:
        """A firing that stands in the ledger is performed at once; it will be read again, and then has been begun."""
        note = noted.note
        if answer.status == "fenced":
            self._put.discard(noted.id)
        if isinstance(note, RuleFired) and answer.status == "accepted" and answer.seq is not None and self._performing:
            self._runner.begin(self._runs.expect(answer.seq, note, self.now_ms()))

    # ----------------------------------------------------------------------------------------------- what a runner needs

    def actions_of(self, rule: str) -> Sequence[Mapping[str, Any]]:
        found = self._book.rules.get(rule)
        if found is None:
            raise UserError(f"方案里没有规则 {rule} / the plan has no rule {rule}")
        return found.do

    def late(self, rule: str) -> float:
        found = self._book.rules.get(rule)
        return (found.late if found is not None else LATE_MS) / 1000

    def fill_in(self, value: Any, occasion: Occasion) -> Any:
        return fill_in(value, lambda text: self._render(text, occasion))

    def stand(self, occasion: Occasion, index: int, action: str, deadline_ms: int) -> Performance:
        return Performance(self._surroundings, occasion, index, action, deadline_ms)

    def leads(self) -> bool:
        return self._performing and self._lease.held

    def now_ms(self) -> int:
        now = self._watch.now_ms
        return now if now is not None else round(time.time() * 1000)

    def note(self, id: str, note: ActionDone | AlertRaised | ObsActed | TaskOpened, rule: str, cause: int) -> None:
        self._notebook.put([Noted(id, note, f"rule:{rule}", cause)])

    def _say(self, id: str, note: AnyNote, source: str) -> None:
        if self._performing:
            self._notebook.put([Noted(id, note, source)])

    def _obs(self, name: str, occasion: Occasion, deadline_ms: int) -> ObsHandle:
        # Automation leaves a scene to the person who took it; a button or an emergency plan is what a person wants now.
        by_hand = occasion.rule == DESK or "by" in occasion.values
        return self._instances.handle(name, deadline_ms, self.now_ms(), insist=by_hand)

    def _render(self, text: str, occasion: Occasion) -> str:
        return self._filled(text, occasion.sku)

    def _render_text(self, text: str) -> str:
        return self._filled(text, None)

    def _filled(self, text: str, sku: str | None) -> str:
        return self._watcher.render(text, sku=sku, now_ms=self.now_ms())

    # -------------------------------------------------------------------------------------------------------- checkpoints

    async def _keep_checkpoints(self, stop: asyncio.Event) -> None:
        wait, kept = CHECKPOINT_EVERY, self.fold.seq
        while not await pause(stop, wait):
            if not self._performing or self.fold.seq == kept:
                continue
            began = time.monotonic()
            with contextlib.suppress(StoreAway):  # the ledger is there as long as the store is
                kept = await self.keep_checkpoint()
            wait = max(CHECKPOINT_EVERY, (time.monotonic() - began) / CHECKPOINT_SHARE)

    async def keep_checkpoint(self) -> int:
        """Writes where things stand; the seq. Raises StoreAway."""
        checkpoint = Checkpoint(
            version=VERSION,
            plan=self._plan,
            line=digest(self._line),
            state=self.fold.to_state(),
            memory=self._watcher.memory(),
            runs=list(self._runs),
        )
        await write_checkpoint(self._client, fold_key(self._keeper.ledger, NAME), checkpoint.encoded())
        return checkpoint.state.seq


def _note_of(firing: Firing, now_ms: int) -> RuleFired | RuleSkipped:
    if firing.late(now_ms):
        late = (now_ms - firing.deadline) / 1000
        en, zh = words_in(firing.why)
        why = Words(f"{en}; too late by {late:.1f} s", f"{zh}；迟了 {late:.1f} 秒")
        return RuleSkipped(rule=firing.rule, sku=firing.sku, key=firing.key, why=why.both())
    return RuleFired(rule=firing.rule, sku=firing.sku, key=firing.key, why=firing.why, values=firing.values)
