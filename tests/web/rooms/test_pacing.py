"""What people watch is made at its pace; where it is dear and others want the processor, more rarely."""

from __future__ import annotations

import pytest

from overlaykit.web.rooms.pacing import Pacing


class Process:
    """A process with a clock, and the processor that it has used."""

    def __init__(self) -> None:
        self.now = self.used = 0.0
        self.pacing = Pacing(0.1, clock=lambda: self.now, used=lambda: self.used)

    def work(self, seconds: float) -> None:
        self.now += seconds
        self.used += seconds

    def make(self, seconds: float) -> float:
        """A picture that takes so long; how long the next one has to wait."""
        with self.pacing.making():
            self.work(seconds)
        return self.pacing.wait


@pytest.fixture
def process() -> Process:
    return Process()


def test_the_first_goes_at_once_and_cheap_ones_at_their_pace(process: Process) -> None:
    assert process.pacing.wait == 0
    process.work(5)
    assert process.make(0.001) == pytest.approx(0.099)
    process.now += 0.05
    assert process.pacing.wait == pytest.approx(0.049)
    process.now += 1
    assert process.pacing.wait == 0


def test_in_a_busy_process_pictures_take_a_tenth_of_the_processor(process: Process) -> None:
    process.work(1)
    took = 0.0
    for _ in range(20):
        process.work(process.make(0.03))
        took += 0.03
    assert 0.08 < took / (process.now - 1) < 0.1


def test_where_nobody_else_wants_the_processor_a_dear_one_does_not_keep_the_next_one_long(process: Process) -> None:
    process.now += 5
    assert process.make(0.2) == pytest.approx(0.2)
    process.now += 0.2
    process.work(0.001)
    assert process.make(0.2) < 0.22


def test_what_others_do_while_it_is_made_is_not_its_own(process: Process) -> None:
    process.work(5)
    with process.pacing.making() as turns:
        process.work(0.03)
        process.work(0.15)
        turns.others += 0.15
    assert process.pacing.wait == pytest.approx(0.03 * 11 - 0.18), "it has rested all the while"


def test_one_that_fails_keeps_the_pace_too(process: Process) -> None:
    process.now += 5
    with pytest.raises(KeyError), process.pacing.making():
        raise KeyError
    assert process.pacing.wait == pytest.approx(0.1)
