"""The trail of a room's items: half an hour, no more, and in no more memory than that takes."""

from __future__ import annotations

from collections.abc import Iterator

from overlaykit.web.rooms.trail import SAMPLES, Trail


def test_a_trail_begins_empty_and_grows_sample_by_sample() -> None:
    trail = Trail()
    assert trail.of("A") == []
    for units in (9, 7, 7):
        trail.take([("A", units)])
    assert trail.of("A") == [9, 7, 7]


def test_what_is_older_than_half_an_hour_is_gone() -> None:
    trail = Trail()
    for units in range(SAMPLES + 5):
        trail.take([("A", units)])
    assert trail.of("A") == list(range(5, SAMPLES + 5))


def test_an_item_that_came_later_has_nothing_before_and_one_that_left_is_forgotten() -> None:
    trail = Trail()
    trail.take([("A", 1)])
    trail.take([("A", 1), ("B", 5)])
    assert trail.of("B") == [None, 5]
    trail.take([("B", 4)])
    assert trail.of("A") == []
    assert trail.of("B") == [None, 5, 4]


def test_whoever_looks_while_a_sample_is_taken_sees_the_trail_of_before() -> None:
    trail = Trail()
    for _ in range(SAMPLES):
        trail.take([("A", 1), ("B", 1)])
    seen: list[list[int | None]] = []

    def items() -> Iterator[tuple[str, int]]:
        yield "A", 9
        seen.append(trail.of("A"))
        yield "B", 9

    trail.take(items())
    assert seen == [[1] * SAMPLES]
    assert trail.of("A") == [1] * (SAMPLES - 1) + [9]


def test_ten_thousand_items_take_less_than_twenty_megabytes() -> None:
    trail = Trail()
    for _ in range(2):
        trail.take((f"S{number}", 10**9) for number in range(10_000))
    assert trail.size < 20_000_000
    assert trail.of("S9999") == [10**9] * 2
