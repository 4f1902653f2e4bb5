"""Performs what firings ask for: each action at its time, one after the other on each target, none waiting for another's
failure. What becomes of each is a note.

An action is `{ action = "…", …arguments, after, confirm, otherwise }`. `after`, and every `wait` before it in the list, count
from the firing. With `confirm` it waits for a person, by a task. It is late when its time has passed by its rule's
`late`: then it is skipped. With `otherwise = "task"` what cannot be done becomes a person's.
"""

from __future__ import annotations

import asyncio
import contextlib
import logging
import time
from collections.abc import Callable, Mapping, Sequence
from functools import partial
from hashlib import blake2b
from typing import Any, Literal, Protocol

import msgspec

from overlaykit.director.actions.outward import TARGET as GATEWAY
from overlaykit.director.actions.session import AskSomebody, Wait
from overlaykit.director.obs.said import said_by
from overlaykit.director.runs import Result, Run, confirmation, result_id
from overlaykit.errors import ObsAway, ObsError, ObsSkipped, OverlaykitError, UserError
from overlaykit.model.misfits import misfit
from overlaykit.model.notes import ActionDone, ActionStatus, AlertRaised, ObsActed, TaskOpened
from overlaykit.model.performing import Effect, Occasion, Performing
from overlaykit.model.plugins import Action
from overlaykit.plan.extensions import COMMON_KEYS
from overlaykit.plan.values import seconds_of
from overlaykit.words import Words, words_in

HANDING_SECONDS = 5.0
LOOK_EVERY = 0.05
"""Seconds between two looks whether we lead again."""
GRACE = 0.5
"""Seconds in which an action that keeps to its deadline may say so, before it is cut short."""
OBS = "obs "
"""How the target of an action on an OBS begins."""


_OBS_STATUS: Mapping[type[ObsError], ActionStatus] = {ObsSkipped: "skipped", ObsAway: "uncertain"}
"""What became of an action that OBS, or a person at it, did not let happen; other errors: it failed."""

_DECLINED = Words("somebody at the desk did not agree", "控制台上有人没有同意")

Trouble = Literal["failed", "uncertain"]


class Uncertain(UserError):
    """It was begun, and nobody knows how far it came."""


class Stand(Performing, Protocol):
    """What a runner needs to know of a performance beside what the action sees.

    handed_over   whether the gateway says what becomes of it
    """

    @property
    def handed_over(self) -> bool: ...


class Backstage(Protocol):
    """What a runner works with. `index` is an action's place in its list."""

    def actions_of(self, rule: str) -> Sequence[Mapping[str, Any]]:
        """The `do` list of a rule. Raises UserError for a rule that is not in the plan any more."""

    def late(self, rule: str) -> float:
        """Seconds after which actions of this rule are too late."""

    def fill_in(self, value: Any, occasion: Occasion) -> Any:
        """Every text of the value with its templates filled in. Raises UserError."""

    def stand(self, occasion: Occasion, index: int, action: str, deadline_ms: int) -> Stand:
        """What an action is given to work with."""

    def leads(self) -> bool:
        """Whether this process is surely the one that performs, at this moment."""

    def now_ms(self) -> int:
        """The store's time."""

    def note(self, id: str, note: ActionDone | AlertRaised | ObsActed | TaskOpened, rule: str, cause: int) -> None:
        """Has it written, now or when the store is back."""


class Runner:
    """Performs runs while its process leads. `actions` are the classes by name."""

    def __init__(self, backstage: Backstage, actions: Mapping[str, type[Action[Any]]], log: logging.Logger) -> None:
        self._backstage, self._actions, self._log = backstage, actions, log
        self._queues: dict[str, asyncio.Lock] = {}
        self._going: dict[tuple[int, int], asyncio.Task[None]] = {}
        self._begun: set[tuple[int, int]] = set()
        self._asked: set[tuple[int, int]] = set()

    def begin(self, run: Run, *, resumed: bool = False) -> None:
        """Performs what of this run is not done yet; once, however often it is called. `resumed`: another one led when it was
        begun, and may have got some way."""
        waited = 0.0
        for index, entry in enumerate(self._entries_of(run)):
            if entry.get("action") == Wait.name:
                waited += _seconds(entry.get("seconds"))
            if index in run.ended or (run.seq, index) in self._begun or (resumed and index in run.heard):
                continue
            part = self._part(run, index, entry, waited, resumed)
            if part.waits and index not in run.confirmed:
                if part.key not in self._asked:
                    part.ask()
                self._asked.add(part.key)
                continue
            self._begun.add(part.key)
            task = asyncio.create_task(part.perform(self._queue))
            self._going[part.key] = task
            task.add_done_callback(partial(self._over, part.key))

    def hear(self, run: Run, result: Result) -> None:
        """The gateway said what became of an action: what it could not do becomes a person's, where the plan says so. Or a person
        did not agree to it."""
        entries = self._entries_of(run)
        entry = entries[result.index] if result.index < len(entries) else {}
        part = self._part(run, result.index, entry, 0.0, False)
        en, zh = words_in(result.detail or result.status)
        why = Words(f"{result.target}: {en}", f"{result.target}: {zh}").both()
        match result.status:
            case "declined":
                part.decline()
            case "failed" | "skipped" if entry.get("otherwise") == "task":
                part.hand_to_person(why, result.target)
            case "failed" | "uncertain":
                part.report(result.status, why, result.target)

    async def rest(self) -> None:
        """Another one leads now, or all ends: nothing more is begun, what goes on is cut short."""
        going = list(self._going.values())
        for task in going:
            task.cancel()
        await asyncio.gather(*going, return_exceptions=True)

    async def settle(self) -> None:
        """Waits until all that was begun is over, for tests."""
        while self._going:
            await asyncio.gather(*self._going.values(), return_exceptions=True)

    def _entries_of(self, run: Run) -> Sequence[Mapping[str, Any]]:
        try:
            return run.do if run.do is not None else self._backstage.actions_of(run.occasion.rule)
        except UserError as error:
            self._log.warning("%s: entry %d: %s", run.occasion.rule, run.seq, error)
            return ()

    def _part(self, run: Run, index: int, entry: Mapping[str, Any], waited: float, resumed: bool) -> _Part:
        return _Part(self._backstage, self._actions, self._log, run, index, entry, waited, resumed)

    def _over(self, key: tuple[int, int], task: asyncio.Task[None]) -> None:
        self._going.pop(key, None)
        if task.cancelled():
            self._begun.discard(key)

    def _queue(self, target: str) -> asyncio.Lock:
        """The one that is served first came first."""
        return self._queues.setdefault(target, asyncio.Lock())


class _Part:
    """One action of a run."""

    def __init__(
        self,
        backstage: Backstage,
        actions: Mapping[str, type[Action[Any]]],
        log: logging.Logger,
        run: Run,
        index: int,
        entry: Mapping[str, Any],
        waited: float,
        resumed: bool,
    ) -> None:
        self._backstage, self._actions, self._log = backstage, actions, log
        self._run, self._index, self._entry, self._resumed = run, index, entry, resumed
        self.name = str(entry.get("action"))
        self.key = (run.seq, index)
        self.waits = entry.get("confirm") == "desk"
        # When the store's clock has jumped, what begins here and now is neither late nor far ahead.
        began_ms = run.confirmed.get(index, run.occasion.at_ms) if resumed else backstage.now_ms()
        delay = waited + _seconds(entry.get("after")) if not self.waits else 0.0
        self._due_ms = began_ms + round(delay * 1000)
        self._late_ms = self._due_ms + round(backstage.late(run.occasion.rule) * 1000)

    def ask(self) -> None:
        """Opens the task by which a person agrees."""
        occasion = self._run.occasion
        given = _arguments(self._entry, None)
        task = TaskOpened(
            task=confirmation(self._run.seq, self._index),
            text=f"{self.name} {_shown(given)}".strip()[:1000],
            why=occasion.why[:1000],
            level="warning",
            confirm=True,
            sku=occasion.sku,
        )
        self._backstage.note(task.task, task, occasion.rule, self._run.seq)

    def decline(self) -> None:
        """Somebody did not agree."""
        self._end("skipped", "", _DECLINED.both(), time.monotonic())

    async def perform(self, queue: Callable[[str], asyncio.Lock]) -> None:
        """At its time, in its target's turn."""
        backstage, began = self._backstage, time.monotonic()
        target = ""
        try:
            kind = self._actions.get(self.name)
            if kind is None:
                raise UserError(
                    f"没有名为 {self.name} 的动作 / no action is called {self.name}",
                    remedy="它的插件启用了吗？见 `overlaykit plugin list`。 / "
                    "Is its plugin active? `overlaykit plugin list`",
                )
            if self._resumed and kind.effect is Effect.MOMENT and self._due_ms <= backstage.now_ms():
                raise Uncertain("进程切换时正在执行 / another director had begun with it")
            await asyncio.sleep(max(0.0, (self._due_ms - backstage.now_ms()) / 1000))
            stand = backstage.stand(self._run.occasion, self._index, self.name, self._late_ms)
            action = kind(self._filled_in(kind))
            target = action.target(stand)
            async with queue(target):
                began = time.monotonic()
                detail = await self._in_time(action, stand)
            if stand.handed_over:
                return
            status: ActionStatus = "task" if isinstance(action, AskSomebody) else "done"
            self._end(status, target, detail or "", began)
        except asyncio.CancelledError:
            raise
        except _TooLate as error:
            self._fail("skipped", target, str(error), began)
        except Uncertain as error:
            self._fail("uncertain", target, str(error), began)
        except ObsError as error:
            self._fail(_OBS_STATUS.get(type(error), "failed"), target, said_by(error).both(), began)
        except OverlaykitError as error:
            self._fail("failed", target, error.words.both(), began)
        except Exception as error:  # a plugin's own mistake ends nothing but itself
            self._log.exception("%s: the action %s failed", self._run.occasion.rule, self.name)
            self._fail("failed", target, f"{type(error).__name__}: {error}", began)

    def _filled_in(self, kind: type[Action[Any]]) -> Any:
        """Its arguments, as its type has them."""
        given = self._backstage.fill_in(_arguments(self._entry, kind), self._run.occasion)
        try:
            return msgspec.convert(given, kind.arguments_type)
        except msgspec.ValidationError as error:
            _, said = misfit(error)
            raise UserError(f"{self.name}：{said.zh} / {self.name}: {error}") from None

    async def _in_time(self, action: Action[Any], stand: Stand) -> str | None:
        # A lease that ran out may come back at once. When another one leads, `rest` ends this.
        while not self._backstage.leads():  # noqa: ASYNC110 - held or not is a matter of the clock
            await asyncio.sleep(LOOK_EVERY)
        seconds = (self._late_ms - self._backstage.now_ms()) / 1000
        if self._resumed and action.target(stand) == GATEWAY:
            seconds = max(seconds, HANDING_SECONDS)  # it may have been handed over: what is late the gateway says
        if seconds <= 0:
            raise _TooLate(
                f"迟了 {-seconds:.1f} 秒，在等 {action.target(stand)} / "
                f"too late by {-seconds:.1f} s: it waited for {action.target(stand)}"
            )
        try:
            async with asyncio.timeout(seconds + GRACE):
                return await action.do(stand)
        except TimeoutError:
            if action.effect is Effect.MOMENT:
                raise Uncertain(f"{seconds:.0f} 秒内没有答复 / no answer within {seconds:.0f} s") from None
            raise UserError(f"{seconds:.0f} 秒内没有答复 / no answer within {seconds:.0f} s") from None

    def _fail(self, status: ActionStatus, target: str, why: str, began: float) -> None:
        if self._entry.get("otherwise") == "task":
            self.hand_to_person(why)
            status = "uncertain" if status == "uncertain" else "task"
        elif status in ("failed", "uncertain"):
            self.report(status, why, target.removeprefix(OBS))
        self._end(status, target, why, began)

    def report(self, trouble: Trouble, why: str, target: str) -> None:
        """Puts it before a person until they have noted it: one task for each action of a rule, whichever firing was the last."""
        occasion = self._run.occasion
        about = f"{occasion.rule}\0{self._index}\0{self.name}\0{target}"
        task = TaskOpened(
            task="trouble-" + blake2b(about.encode(), digest_size=12).hexdigest(),
            text=f"{self.name} {_shown(_arguments(self._entry, None))}".strip()[:1000],
            why=why[:1000],
            level="urgent" if trouble == "failed" else "warning",
            trouble=trouble,
            sku=occasion.sku,
        )
        self._backstage.note(
            f"trouble-{self._run.seq}-{self._index}-{target}"[:128], task, occasion.rule, self._run.seq
        )

    def hand_to_person(self, why: str, target: str = "") -> None:
        """Asks somebody to do it instead."""
        occasion = self._run.occasion
        task = TaskOpened(
            task=f"instead-{self._run.seq}-{self._index}" + (f"-{target}" if target else ""),
            kind="instead",
            params={"action": self.name[:200]},
            text=self._text()[:1000],
            why=why[:1000],
            level="warning",
            copy=True,
            sku=occasion.sku,
        )
        self._backstage.note(task.task, task, occasion.rule, self._run.seq)

    def _text(self) -> str:
        """What a person needs who does it instead: the text that would have been sent, or all arguments."""
        given = _arguments(self._entry, None)
        with contextlib.suppress(UserError):  # the template itself is better than nothing
            given = self._backstage.fill_in(given, self._run.occasion)
        found = given.get("text") or given.get("coupon")
        return str(found) if found else f"{self.name} {_shown(given)}".strip()

    def _end(self, status: ActionStatus, target: str, detail: str, began: float) -> None:
        occasion = self._run.occasion
        on_obs = target.startswith(OBS) or self.name.startswith("obs.")
        kind = ObsActed if on_obs else ActionDone
        note = kind(
            firing=self._run.seq,
            index=self._index,
            action=self.name,
            target=target.removeprefix(OBS)[:64],
            status=status,
            detail=detail[:1000],
            ms=round((time.monotonic() - began) * 1000, 1),
        )
        self._backstage.note(result_id(self._run.seq, self._index), note, occasion.rule, self._run.seq)


class _TooLate(Exception):
    """Its time is over."""


def _arguments(entry: Mapping[str, Any], kind: type[Action[Any]] | None) -> dict[str, Any]:
    """An entry of `do` without what every entry may have."""
    fields = msgspec.structs.fields(kind.arguments_type) if kind is not None else ()
    own = {field.encode_name for field in fields}
    return {key: value for key, value in entry.items() if key in own or key not in COMMON_KEYS | {"action"}}


def _shown(given: Mapping[str, Any]) -> str:
    return ", ".join(f"{key} = {msgspec.json.encode(value).decode()}" for key, value in given.items())


def _seconds(value: Any) -> float:
    return seconds_of(value) if value is not None else 0.0
