"""The player sends what is due in order, and does what follows from the answers. The clock is the test's."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from typing import Any

import msgspec
import pytest

from overlaykit.api import Outcome
from plugins.simulator.behaviour import REACTION
from plugins.simulator.playing import TICK, Play
from plugins.simulator.steps import Act, Evening, Step


class FakeRoom:
    """A room with `units` of one sku; remembers what it was sent and when."""

    def __init__(self, units: int) -> None:
        self.units = units
        self.now = 0.0
        self.sent: list[tuple[float, str]] = []

    @property
    def ids(self) -> list[str]:
        return [id for _, id in self.sent]

    def time_of(self, wanted: str) -> float:
        return next(at for at, id in self.sent if id == wanted)

    def send_all(self, commands: Iterable[Mapping[str, Any]]) -> Iterator[Outcome]:
        for command in commands:
            self.sent.append((self.now, command["id"]))
            if command["type"] == "order.reserve":
                quantity = command["lines"][0]["quantity"]
                if quantity > self.units:
                    yield Outcome(command["id"], "refused", reason="sold_out")
                    continue
                self.units -= quantity
            answer = {"id": command["id"], "status": "accepted", "items": {"A": self._numbers()}}
            yield msgspec.convert(answer, Outcome)

    def _numbers(self) -> dict[str, int]:
        return {"available": self.units, "held": 0, "committed": 0}


def reserve(at: float, id: str, quantity: int = 1, then: tuple[Step, ...] = ()) -> Step:
    return Step(at, {"type": "order.reserve", "id": id, "lines": [{"sku": "A", "quantity": quantity}]}, then)


def say(at: float, id: str, **more: Any) -> Step:
    return Step(at, {"type": "announce.show", "id": id}, **more)


def play(evening: Evening, units: int = 10) -> tuple[FakeRoom, Play]:
    room = FakeRoom(units)

    def sleep(seconds: float) -> None:
        room.now += seconds

    played = Play(room, evening, clock=lambda: room.now, sleep=sleep)
    played.run()
    return room, played


def one_act(*steps: Step) -> Evening:
    return Evening((Act(0.0, (), steps),), 100.0)


def test_steps_go_out_when_they_are_due() -> None:
    room, played = play(one_act(reserve(1.0, "r1"), reserve(3.0, "r2"), say(3.0, "hello")))
    assert room.ids == ["r1", "r2", "hello"]
    assert room.time_of("r1") == pytest.approx(1, abs=2 * TICK)
    assert room.time_of("r2") == room.time_of("hello") == pytest.approx(3, abs=2 * TICK)
    assert (played.sent, played.accepted, played.refused) == (3, 3, 0)


def test_what_follows_comes_after_acceptance_and_never_after_a_refusal() -> None:
    room, played = play(
        one_act(
            reserve(1.0, "r1", 10, (say(5.0, "p1", then=(say(1.0, "after-p1"),)),)),
            reserve(2.0, "r2", 1, (say(5.0, "p2"),)),
        )
    )
    assert room.ids == ["r1", "r2", "p1", "after-p1"]
    assert room.time_of("p1") == pytest.approx(room.time_of("r1") + 5, abs=2 * TICK)
    assert room.time_of("after-p1") == pytest.approx(room.time_of("p1") + 1, abs=2 * TICK)
    assert played.refused == 1


def test_a_wave_takes_only_what_was_accepted() -> None:
    room, _ = play(
        one_act(reserve(1.0, "r1", 10), reserve(1.5, "r2"), say(2.0, "w1", follows="r1"), say(2.0, "w2", follows="r2"))
    )
    assert room.ids == ["r1", "r2", "w1"]


def test_a_platform_stops_selling_at_zero() -> None:
    room, _ = play(one_act(say(1.0, "f1", while_left="A"), reserve(2.0, "r1", 10), say(3.0, "f2", while_left="A")))
    assert room.ids == ["f1", "r1"]


def test_the_next_act_begins_after_selling_out_and_takes_the_time_it_gained() -> None:
    second = Act(50.0, ("A",), (say(0.0, "air"), say(25.0, "late")), if_cued=(say(0.0, "gone"),))
    evening = Evening((Act(0.0, (), (reserve(4.0, "r1", 10),)), second), selling=100.0)
    room, _ = play(evening)
    assert room.ids == ["r1", "gone", "air", "late"]
    began = room.time_of("gone")
    assert began == room.time_of("air") == pytest.approx(room.time_of("r1") + REACTION, abs=2 * TICK)
    assert room.time_of("late") == pytest.approx(began + 25 * (100 - began) / 50, abs=2 * TICK)


def test_the_next_act_begins_at_its_time_when_units_are_left() -> None:
    second = Act(50.0, ("A",), (say(0.0, "air"),), if_cued=(say(0.0, "gone"),))
    room, _ = play(Evening((Act(0.0, (), (reserve(4.0, "r1", 9),)), second), selling=100.0))
    assert room.ids == ["r1", "air"]
    assert room.time_of("air") == pytest.approx(50, abs=2 * TICK)
