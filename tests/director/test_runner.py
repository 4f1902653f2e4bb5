"""Actions of a firing are performed: each at its time, in its target's turn, and none suffers from another."""

from __future__ import annotations

import asyncio
import logging
from collections.abc import Awaitable, Callable, Mapping, Sequence
from typing import Any

import pytest

from overlaykit.director.actions.builtin import ACTIONS
from overlaykit.director.runner import Runner
from overlaykit.director.runs import Result, Run, confirmation
from overlaykit.errors import UserError
from overlaykit.model.notes import ActionDone, AlertRaised, ObsActed, TaskOpened
from overlaykit.model.performing import Effect, Occasion, Performing
from overlaykit.model.plugins import Action
from overlaykit.model.settings import Settings
from overlaykit.words import words_in

NOW = 1_000_000


class Where(Settings):
    name: str
    seconds: float = 0.0


class Lamp(Action[Where]):
    """Flashes, takes its time, and remembers when."""

    name = "lamp"
    flashed: list[str]

    def target(self, stage: Performing) -> str:
        return f"lamp {self.arguments.name[0]}"

    async def do(self, stage: Performing) -> str:
        self.flashed.append(f"{self.arguments.name} on")
        await asyncio.sleep(self.arguments.seconds)
        self.flashed.append(f"{self.arguments.name} off")
        return f"{self.arguments.name} flashed"


class Broken(Action[Settings]):
    name = "broken"

    async def do(self, stage: Performing) -> str:
        raise ZeroDivisionError("a plugin's mistake")


class Refused(Action[Settings]):
    name = "refused"
    effect = Effect.STATE

    async def do(self, stage: Performing) -> str:
        raise UserError("the lamp is broken", remedy="Buy another.")


class Saying(Settings):
    text: str


class Told(Action[Saying]):
    """Leaves it to the gateway."""

    name = "told"

    async def do(self, stage: Performing) -> None:
        stage.handed_over = True  # type: ignore[attr-defined]


class Backstage:
    """A director's backstage on a clock of its own, which keeps what it is told."""

    def __init__(self, do: Sequence[Mapping[str, Any]]) -> None:
        self.do, self.now, self.leading, self.patience = do, NOW, True, 10.0
        self.said: dict[str, ActionDone | AlertRaised | ObsActed | TaskOpened] = {}

    def actions_of(self, rule: str) -> Sequence[Mapping[str, Any]]:
        return self.do

    def late(self, rule: str) -> float:
        return self.patience

    def fill_in(self, value: Any, occasion: Occasion) -> Any:
        if isinstance(value, dict):
            return {key: self.fill_in(each, occasion) for key, each in value.items()}
        return value.replace("{{ sku }}", str(occasion.sku)) if isinstance(value, str) else value

    def stand(self, occasion: Occasion, index: int, action: str, deadline_ms: int) -> Any:
        class Stand:
            handed_over = False

        stand = Stand()
        stand.occasion = occasion  # type: ignore[attr-defined]
        return stand

    def leads(self) -> bool:
        return self.leading

    def now_ms(self) -> int:
        return self.now

    def note(self, id: str, note: ActionDone | AlertRaised | ObsActed | TaskOpened, rule: str, cause: int) -> None:
        self.said.setdefault(id, note)

    @property
    def results(self) -> list[tuple[str, str, str]]:
        """(action, status, detail), as noted, in the order of the list."""
        found = [note for note in self.said.values() if isinstance(note, ActionDone | ObsActed)]
        return [(note.action, note.status, note.detail) for note in sorted(found, key=lambda note: note.index)]

    @property
    def tasks(self) -> dict[str, TaskOpened]:
        return {id: note for id, note in self.said.items() if isinstance(note, TaskOpened)}


def fired(**more: Any) -> Run:
    return Run(occasion=Occasion(seq=7, rule="last-50", sku="coat", why="available 49 < 50", at_ms=NOW), **more)


@pytest.fixture
def perform() -> Callable[..., Backstage]:
    """Performs a `do` list: `perform([{…}])`, and gives the backstage as it is then. `then` is awaited with the runner."""

    def run(
        do: Sequence[Mapping[str, Any]],
        *,
        of: Run | None = None,
        resumed: bool = False,
        backstage: Backstage | None = None,
        then: Callable[[Runner, Backstage], Awaitable[None]] | None = None,
    ) -> Backstage:
        backstage = backstage or Backstage(do)
        backstage.do = do
        Lamp.flashed = []
        own: tuple[type[Action[Any]], ...] = (Lamp, Broken, Refused, Told)
        actions = {each.name: each for each in (*ACTIONS, *own)}

        async def go() -> None:
            runner = Runner(backstage, actions, logging.getLogger("test"))
            runner.begin(of or fired(), resumed=resumed)
            if then is not None:
                await then(runner, backstage)
            await runner.settle()

        asyncio.run(go())
        return backstage

    return run


def test_an_action_gets_its_arguments_filled_in_and_says_what_it_did(perform: Callable[..., Backstage]) -> None:
    stage = perform([{"action": "lamp", "name": "{{ sku }}"}])
    assert stage.results == [("lamp", "done", "coat flashed")]


def test_one_that_fails_is_seen_and_the_others_are_done(perform: Callable[..., Backstage]) -> None:
    stage = perform(
        [
            {"action": "broken"},
            {"action": "refused"},
            {"action": "nowhere"},
            {"action": "lamp", "nmae": "x"},
            {"action": "lamp", "name": "left"},
        ]
    )
    assert [(action, status) for action, status, _ in stage.results] == [
        *(("broken", "failed"), ("refused", "failed"), ("nowhere", "failed"), ("lamp", "failed"), ("lamp", "done")),
    ]
    details = [detail for *_, detail in stage.results]
    assert details[0] == "ZeroDivisionError: a plugin's mistake"
    assert details[1] == "the lamp is broken\nBuy another."
    assert words_in(details[2]).en.startswith("no action is called nowhere")
    assert "nmae" in details[3]


def test_on_one_target_in_turn_and_on_others_at_the_same_time(perform: Callable[..., Backstage]) -> None:
    perform(
        [
            {"action": "lamp", "name": "a1", "seconds": 0.05},
            {"action": "lamp", "name": "a2"},
            {"action": "lamp", "name": "b1"},
        ]
    )
    assert Lamp.flashed == ["a1 on", "b1 on", "b1 off", "a1 off", "a2 on", "a2 off"]


def test_after_and_wait_count_from_the_firing(perform: Callable[..., Backstage]) -> None:
    stage = perform(
        [
            {"action": "lamp", "name": "z", "after": "0.15s"},
            {"action": "lamp", "name": "a"},
            {"action": "wait", "seconds": "0.05s"},
            {"action": "lamp", "name": "b"},
            {"action": "wait", "seconds": "0.05s"},
            {"action": "lamp", "name": "c"},
        ]
    )
    assert [word for word in Lamp.flashed if word.endswith("on")] == ["a on", "b on", "c on", "z on"]
    assert {status for _, status, _ in stage.results} == {"done"}


def test_what_comes_too_late_is_skipped_and_said(perform: Callable[..., Backstage]) -> None:
    stage = Backstage([])
    stage.now = NOW + 10_400
    perform([{"action": "refused"}], backstage=stage, resumed=True)
    assert stage.results == [
        ("refused", "skipped", "迟了 0.4 秒，在等 refused / too late by 0.4 s: it waited for refused")
    ]


def test_one_that_waits_too_long_for_its_turn_is_skipped(perform: Callable[..., Backstage]) -> None:
    stage = Backstage([])

    async def then(runner: Runner, stage: Backstage) -> None:
        while not Lamp.flashed:
            await asyncio.sleep(0)
        stage.now += 10_400

    perform(
        [{"action": "lamp", "name": "a1", "seconds": 0.02}, {"action": "lamp", "name": "a2"}],
        backstage=stage,
        then=then,
    )
    assert [(status, detail) for _, status, detail in stage.results] == [
        ("done", "a1 flashed"),
        ("skipped", "迟了 0.4 秒，在等 lamp a / too late by 0.4 s: it waited for lamp a"),
    ]
    assert Lamp.flashed == ["a1 on", "a1 off"]


def test_what_cannot_be_done_becomes_a_task_with_the_text(perform: Callable[..., Backstage]) -> None:
    stage = perform([{"action": "refused", "text": "仅剩 {{ sku }}", "otherwise": "task"}])
    (task,) = stage.tasks.values()
    assert (task.text, task.copy, task.sku) == ("仅剩 coat", True, "coat")
    assert "unknown field" in task.why  # the action has no `text`
    assert stage.results[0][1] == "task"


def test_what_the_gateway_could_not_do_becomes_a_task_too(perform: Callable[..., Backstage]) -> None:
    async def then(runner: Runner, stage: Backstage) -> None:
        for status in ("done", "failed"):
            runner.hear(fired(), Result(0, status, "douyin", "links are not allowed"))

    stage = perform([{"action": "told", "text": "来了", "otherwise": "task"}], then=then)
    (task,) = stage.tasks.values()
    assert (task.text, task.task, task.params) == ("来了", "instead-7-0-douyin", {"action": "told"})
    assert task.why == "douyin: links are not allowed"
    assert stage.results == [], "what became of it the gateway says"


def test_an_action_that_waits_for_the_desk_is_done_when_somebody_agrees(perform: Callable[..., Backstage]) -> None:
    do = [{"action": "lamp", "name": "a", "confirm": "desk"}]
    run = fired()

    async def then(runner: Runner, stage: Backstage) -> None:
        assert Lamp.flashed == []
        stage.now += 600_000  # somebody took their time
        run.confirmed[0] = stage.now
        runner.begin(run)

    stage = perform(do, of=run, then=then)
    (task,) = stage.tasks.values()
    assert (task.task, task.confirm, task.text) == (confirmation(7, 0), True, 'lamp name = "a"')
    assert stage.results == [("lamp", "done", "a flashed")]


def test_what_somebody_does_not_agree_to_is_not_done(perform: Callable[..., Backstage]) -> None:
    do = [{"action": "lamp", "name": "a", "confirm": "desk"}, {"action": "lamp", "name": "b"}]
    run = fired()

    async def then(runner: Runner, stage: Backstage) -> None:
        run.ended[0] = "declined"
        runner.hear(run, Result(0, "declined", ""))
        runner.begin(run)

    stage = perform(do, of=run, then=then)
    assert stage.results == [
        ("lamp", "skipped", "控制台上有人没有同意 / somebody at the desk did not agree"),
        ("lamp", "done", "b flashed"),
    ]
    assert Lamp.flashed == ["b on", "b off"]


def test_what_failed_or_is_uncertain_stays_before_a_person(perform: Callable[..., Backstage]) -> None:
    async def then(runner: Runner, stage: Backstage) -> None:
        await runner.settle()
        runner.hear(fired(), Result(1, "uncertain", "douyin"))
        later = Run(occasion=Occasion(seq=9, rule="last-50", why="available 49 < 50", at_ms=NOW))
        runner.begin(later)

    stage = perform([{"action": "refused"}, {"action": "told", "text": "来了"}], then=then)
    tasks = list(stage.tasks.values())
    assert [(task.trouble, task.text, task.why) for task in tasks] == [
        ("failed", "refused", "the lamp is broken\nBuy another."),
        ("uncertain", 'told text = "来了"', "douyin: uncertain"),
        ("failed", "refused", "the lamp is broken\nBuy another."),
    ]
    assert tasks[0].task == tasks[2].task != tasks[1].task, "a rule that fails each time has one task"


def test_beginning_twice_does_nothing_twice(perform: Callable[..., Backstage]) -> None:
    async def then(runner: Runner, stage: Backstage) -> None:
        runner.begin(fired())
        await runner.settle()
        runner.begin(fired())

    perform([{"action": "lamp", "name": "a"}], then=then)
    assert Lamp.flashed == ["a on", "a off"]


def test_after_a_takeover_states_are_done_again_and_moments_are_uncertain(perform: Callable[..., Backstage]) -> None:
    stage = Backstage([])
    stage.now = NOW + 2_000
    stage = perform(
        [
            {"action": "lamp", "name": "a"},
            {"action": "refused"},
            {"action": "lamp", "name": "b", "after": "2.05s"},
            {"action": "lamp", "name": "c"},
        ],
        of=fired(ended={3: "done"}),
        resumed=True,
        backstage=stage,
    )
    assert [(action, status) for action, status, _ in stage.results] == [
        ("lamp", "uncertain"),
        ("refused", "failed"),
        ("lamp", "done"),
    ]
    assert Lamp.flashed == ["b on", "b off"]


def test_one_that_leads_no_more_begins_nothing(perform: Callable[..., Backstage]) -> None:
    stage = Backstage([])
    stage.leading = False
    perform([{"action": "lamp", "name": "a"}], backstage=stage, then=lambda runner, _: runner.rest())
    assert Lamp.flashed == []
    assert stage.said == {}


def test_what_waited_for_the_lease_is_done_once_it_is_back(perform: Callable[..., Backstage]) -> None:
    stage = Backstage([])
    stage.leading = False

    async def lead_again(_: Runner, backstage: Backstage) -> None:
        await asyncio.sleep(0)
        backstage.leading = True

    perform([{"action": "lamp", "name": "a"}], backstage=stage, then=lead_again)
    assert Lamp.flashed == ["a on", "a off"]


def test_what_was_cut_short_is_begun_again_by_the_same_one(perform: Callable[..., Backstage]) -> None:
    async def rest_and_begin(runner: Runner, _: Backstage) -> None:
        while not Lamp.flashed:
            await asyncio.sleep(0)
        await runner.rest()
        runner.begin(fired(), resumed=True)

    stage = perform([{"action": "lamp", "name": "a", "seconds": 60.0}], then=rest_and_begin)
    assert Lamp.flashed == ["a on"]
    assert [status for _, status, _ in stage.results] == ["uncertain"]


def test_what_takes_too_long_is_cut_short(perform: Callable[..., Backstage]) -> None:
    stage = Backstage([])
    stage.patience = 0.05
    perform([{"action": "lamp", "name": "a", "seconds": 60.0}], backstage=stage)
    assert Lamp.flashed == ["a on"]
    assert [status for _, status, _ in stage.results] == ["uncertain"]
