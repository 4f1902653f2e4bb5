"""An evening told entry by entry, and the rules that watch it."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import Any

import msgspec
import pytest

from overlaykit.board import Fold
from overlaykit.model.entries import ms_of, text_of
from overlaykit.model.sessions import Channel, Countdown, Drop, Item, Location, SessionPlan, Threshold
from overlaykit.rules import Decision, Firing, Memory, RuleBook, Watcher

START = ms_of("2026-11-11T11:00:00.000Z")
"""19:00 in Shanghai."""
DO = [{"action": "task", "text": "…"}]


def item(sku: str, opening: int = 100, **more: Any) -> Item:
    return Item(
        sku=sku,
        title=sku,
        opening={"hz": opening},
        low=Threshold(share=0.2),
        critical=Threshold(units=3),
        **more,
    )


PLAN = SessionPlan(
    id="room",
    ledger="room",
    title="测试场",
    locale="en",
    items=(
        item("coat-m", link=1, product="coat"),
        item("coat-l", link=1, product="coat"),
        item("scarf", 1000, link=2),
    ),
    locations=(Location(name="hz", title="杭州仓", source="erp"),),
    channels=(Channel(name="mini", title="小程序"),),
    countdowns=(Countdown(name="coupon", seconds=600),),
    drops=(Drop(name="eight", sku="coat-m", quantity=20),),
)


def plan_with(rules: Sequence[dict[str, Any]], base: SessionPlan = PLAN, **later: Any) -> SessionPlan:
    """The plan with these rules, `do` left out of them."""
    rows = [{"name": f"r{index}", "do": DO, **rule} for index, rule in enumerate(rules, 1)]
    sections = {"obs": {"main": {}}, "source": {"erp": {"plugin": "erp"}}}
    return msgspec.structs.replace(base, later={**sections, "rule": rows, **later})


class Ledger:
    """Lines of a ledger, each later than the one before by as much as the test says."""

    def __init__(self, plan: SessionPlan) -> None:
        self.plan = plan
        self.now = START
        self.lines: list[bytes] = []
        self._sold: dict[str, list[int]] = {each.sku: [sum(each.opening.values()), 0, 0] for each in plan.items}
        self.say("session.planned", msgspec.to_builtins(plan))

    @property
    def seq(self) -> int:
        return len(self.lines)

    def say(
        self, type: str, data: Any = None, *, after: float = 1.0, source: str = "api:shop", **outcome: Any
    ) -> bytes:
        """An entry, `after` so many seconds."""
        self.now += round(after * 1000)
        seq = self.seq + 1
        line = msgspec.json.encode(
            {
                "seq": seq,
                "at": text_of(self.now),
                "type": type,
                "id": f"c-{seq}",
                "source": source,
                "data": data or {},
                "outcome": {"status": "accepted", **outcome},
            }
        )
        self.lines.append(line)
        return line

    def open(self) -> bytes:
        return self.say("session.open")

    def stock(self, sku: str, available: int, *, sold: int | None = None, held: int = 0, after: float = 1.0) -> bytes:
        """The item's units after an order or a count."""
        opening, committed = sum(self._planned(sku).opening.values()), self._sold[sku][1]
        committed = max(0, opening - available - held) if sold is None else sold
        self._sold[sku] = [available, committed, held]
        row = [available + held + committed, available, held, committed, 0, 0, 0, 0, opening, 0, 0]
        return self.say("order.reserve", after=after, stock={sku: {"hz": row}})

    def feature(self, *skus: str, after: float = 1.0) -> bytes:
        return self.say("item.feature", after=after, on_air=list(skus))

    def countdown(self, name: str, seconds: float | None, *, sku: str | None = None, after: float = 1.0) -> bytes:
        """A countdown of so many seconds from then on; None takes it away."""
        if seconds is None:
            return self.say("countdown.set", {"name": name}, after=after, ended=[name])
        ends = text_of(self.now + round((after + seconds) * 1000))
        return self.say(
            "countdown.set", {"name": name}, after=after, countdowns=[{"name": name, "sku": sku, "ends_at": ends}]
        )

    def forecast(self, sku: str, seconds: float | None, *, pace: float = 10.0, after: float = 1.0) -> bytes:
        """That the item sells out in so many seconds from then on."""
        ends = None if seconds is None else text_of(self.now + round((after + seconds) * 1000))
        return self.say("forecast.updated", {"items": {sku: [pace, ends]}}, after=after)

    def obs(self, *, connected: bool = True, after: float = 1.0, **state: Any) -> bytes:
        return self.say("obs.changed", {"obs": "main", "state": {"connected": connected, **state}}, after=after)

    def health(self, *, after: float = 1.0, **values: Any) -> bytes:
        return self.say("obs.health", {"obs": "main", "values": values}, after=after)

    def fired(self, firing: Firing, *, type: str = "rule.fired", after: float = 0.005) -> bytes:
        """The note of a firing."""
        said: dict[str, Any] = {"rule": firing.rule, "sku": firing.sku, "key": firing.key, "why": firing.why}
        if type == "rule.fired":
            said["values"] = firing.values
        return self.say(type, said, after=after, source=f"rule:{firing.rule}")

    def _planned(self, sku: str) -> Item:
        return next(each for each in self.plan.items if each.sku == sku)


class Evening:
    """A ledger, and a watcher that reads each line as it is said, and leads: what fires is noted at once.

    restarts   whether another watcher takes over before each line and each look at the time, from what this one would keep
    """

    restarts = False

    def __init__(
        self, *rules: dict[str, Any], plan: SessionPlan | None = None, notes: bool = True, **later: Any
    ) -> None:
        self.plan = plan or plan_with(rules, **later)
        self.ledger = Ledger(self.plan)
        self.book = RuleBook(self.plan)
        self.notes = notes
        self.fired: list[Firing] = []
        self.decisions: list[Decision] = []
        self.fold = Fold.from_first_entry(self.ledger.lines[0])
        self.watcher = Watcher(self.book, self.fold, told=self.decisions.append)
        self.read = 1

    def __getattr__(self, name: str) -> Callable[..., list[Firing]]:
        """What the ledger can say: the watcher reads it, and gives what fires."""
        say = getattr(self.ledger, name)

        def work(*args: Any, **kwargs: Any) -> list[Firing]:
            say(*args, **kwargs)
            return self.catch_up()

        return work

    def catch_up(self) -> list[Firing]:
        """Reads what the ledger has more."""
        found: list[Firing] = []
        while self.read < self.ledger.seq:
            line = self.ledger.lines[self.read]
            self.read += 1
            self._restart()
            found += self._take(self.watcher.apply(line))
        return found

    def wait(self, seconds: float) -> list[Firing]:
        """Nothing is said for so long; the watcher looks every tenth of a second."""
        found: list[Firing] = []
        for _ in range(round(seconds * 10)):
            self.ledger.now += 100
            self._restart()
            found += self._take(self.watcher.tick(self.ledger.now))
            self.catch_up()
        return found

    def names(self) -> list[tuple[str, str | None]]:
        """Rule and item of everything that fired."""
        return [(firing.rule, firing.sku) for firing in self.fired]

    def held(self, rule: str = "r1") -> list[str | None]:
        """What held a rule back, decision by decision; None where it fired."""
        return [decision.held for decision in self.decisions if decision.rule == rule]

    def _restart(self) -> None:
        if self.restarts:
            self.watcher, self.fold = restart(self)

    def _take(self, fired: list[Firing]) -> list[Firing]:
        self.fired += fired
        if self.notes:
            for firing in fired:
                self.ledger.fired(firing)
        return fired


@pytest.fixture
def evening() -> type[Evening]:
    return Evening


@pytest.fixture(params=[False, True], ids=["one", "restarting"])
def restarts(request: pytest.FixtureRequest, monkeypatch: pytest.MonkeyPatch) -> None:
    """Every evening of the test is told twice: to one watcher, and to one that is another before each line."""
    monkeypatch.setattr(Evening, "restarts", request.param)


def restart(evening: Evening) -> tuple[Watcher, Fold]:
    """Another watcher with its fold, from what the first one would keep: state and memory, as bytes."""
    fold = Fold.from_state(evening.fold.to_state())
    memory = msgspec.json.decode(msgspec.json.encode(evening.watcher.memory()), type=Memory)
    return Watcher(evening.book, fold, memory, told=evening.decisions.append), fold
